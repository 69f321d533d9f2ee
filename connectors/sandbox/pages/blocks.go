package pages

import (
	"encoding/json"
	"html/template"
	"strings"
)

// A block is one of a message's blocks (docs.slack.dev/reference/block-kit/blocks), as
// far as a page without styles and scripts of Slack's shows it. Of a kind that isn't
// known here its texts are shown.
type block struct {
	Type     string
	Text     template.HTML
	Fields   []template.HTML
	Elements []element // of actions and context; a section's accessory; an input's one
	Label    string    // of an input, the caption of a table
	Must     bool      // an input that isn't optional
	Head     []cell
	Rows     [][]cell
}

type cell struct {
	Text    template.HTML
	Element *element
}

// An element is something in a block that people act on, or a text of a context block.
type element struct {
	Type    string
	Text    template.HTML
	Label   string // of a button or a menu
	Style   string // primary, danger, or none
	URL     string
	Pressed string // what its form sends
	Action  string
	Many    bool // a text of several lines
	Value   string
	Options []option
}

type option struct {
	Text, Value, Pressed, URL string
	Chosen                    bool
}

// These are read as the app sent them.
type (
	rawText struct {
		Type, Text string
	}
	rawOption struct {
		Text  rawText
		Value string
		URL   string
	}
	rawElement struct {
		Type        string
		Text        json.RawMessage
		ActionID    string `json:"action_id"`
		Value       string
		URL         string
		Style       string
		Placeholder rawText
		AltText     string `json:"alt_text"`
		Label       string `json:"accessibility_label"`
		Multiline   bool
		Options     []rawOption
		Groups      []struct{ Options []rawOption } `json:"option_groups"`
		Initial     *rawOption                      `json:"initial_option"`
		InitialText string                          `json:"initial_value"`
		Elements    json.RawMessage                 // of a rich text
	}
	rawBlock struct {
		Type      string
		Text      *rawText
		Fields    []rawText
		Elements  []rawElement
		Accessory *rawElement
		Element   json.RawMessage
		Label     rawText
		Optional  bool
		Caption   string
		AltText   string `json:"alt_text"`
		Rows      [][]json.RawMessage
	}
)

// blocks are a message's or a view's blocks; none if they can't be read.
func (p *slackPage) blocks(raw json.RawMessage) (list []block) {
	var all []json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return nil
	}
	for _, one := range all {
		var in rawBlock
		if json.Unmarshal(one, &in) != nil {
			continue
		}
		list = append(list, p.block(in, one))
	}
	return list
}

func (p *slackPage) block(in rawBlock, raw json.RawMessage) block {
	b := block{Type: in.Type, Label: unescape(in.Label.Text)}
	if in.Text != nil {
		b.Text = p.text(*in.Text)
	}
	for _, f := range in.Fields {
		b.Fields = append(b.Fields, p.text(f))
	}
	if in.Accessory != nil {
		b.Elements = append(b.Elements, p.element(*in.Accessory))
	}
	switch in.Type {
	case "header", "section", "divider":
	case "actions", "context":
		for _, e := range in.Elements {
			b.Elements = append(b.Elements, p.element(e))
		}
	case "input":
		var e rawElement
		if json.Unmarshal(in.Element, &e) == nil {
			b.Elements, b.Must = append(b.Elements, p.element(e)), !in.Optional
		}
	case "table", "data_table":
		b.Label = in.Caption
		for n, row := range in.Rows {
			var cells []cell
			for _, c := range row {
				cells = append(cells, p.cell(c))
			}
			if n == 0 {
				b.Head = cells
			} else {
				b.Rows = append(b.Rows, cells)
			}
		}
	default:
		b.Text = p.texts(raw)
	}
	return b
}

func (p *slackPage) cell(raw json.RawMessage) cell {
	var c struct {
		Type    string
		Text    string
		Value   json.Number
		Element *rawElement
	}
	_ = json.Unmarshal(raw, &c) // a rich text's cell has none of these
	switch c.Type {
	case "raw_text":
		return cell{Text: plain(c.Text)}
	case "raw_number":
		if c.Text != "" {
			return cell{Text: plain(c.Text)}
		}
		return cell{Text: plain(c.Value.String())}
	}
	if c.Element != nil {
		e := p.element(*c.Element)
		return cell{Element: &e}
	}
	return cell{Text: p.texts(raw)}
}

func (p *slackPage) element(in rawElement) element {
	e := element{Type: in.Type, Style: in.Style, Action: in.ActionID, Many: in.Multiline, Value: in.InitialText, URL: webURL(in.URL), Pressed: pack(in.ActionID, in.Value)}
	var text rawText
	var line string
	switch {
	case json.Unmarshal(in.Text, &line) == nil && line != "": // of a context block or a button, or a bare text
		text = rawText{in.Type, line}
	case json.Unmarshal(in.Text, &text) == nil:
	}
	e.Text = p.text(text)
	e.Label = firstOf(unescape(text.Text), unescape(in.Placeholder.Text), in.Label, in.AltText, in.ActionID)
	options := in.Options
	for _, g := range in.Groups {
		options = append(options, g.Options...)
	}
	for _, o := range options {
		chosen := in.Initial != nil && in.Initial.Value == o.Value
		e.Options = append(e.Options, option{unescape(o.Text.Text), o.Value, pack(in.ActionID, o.Value), webURL(o.URL), chosen})
	}
	return e
}

// text is a text object, plain or with Slack's markup.
func (p *slackPage) text(t rawText) template.HTML {
	if t.Type == "mrkdwn" {
		return p.markup(t.Text)
	}
	return plain(unescape(t.Text))
}

// texts are the texts within something, in the order in which they stand there.
func (p *slackPage) texts(raw json.RawMessage) template.HTML {
	var b strings.Builder
	var within func(any)
	within = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				within(e)
			}
		case map[string]any:
			link, isLink := v["url"].(string)
			if text, ok := v["text"].(string); ok {
				if isLink && webURL(link) != "" {
					b.WriteString(anchor(link, text))
				} else {
					b.WriteString(string(plain(unescape(text))))
				}
				return
			}
			if id, ok := v["user_id"].(string); ok {
				b.WriteString(p.mention(id))
			}
			for _, key := range []string{"title", "text", "alt_text", "fields", "elements"} {
				within(v[key])
			}
		}
	}
	var v any
	if json.Unmarshal(raw, &v) == nil {
		within(v)
	}
	return template.HTML(b.String())
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// Choose is what the form sends that has a menu's own choice taken.
func (e element) Choose() string { return pack(e.Action, "") }
