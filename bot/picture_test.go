package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/bot/demo"
	"vigie/connectors/sandbox"
	"vigie/rules/calendar"
)

// The README's picture is what the program shows on the demo's Tuesday at noon: the
// board's first tickets, as its page has them, and a card, from the blocks that Slack
// has been given. It is an SVG that holds both as HTML, with the board's style sheet, so
// it needs no browser to be made, and is the same wherever it is.
func TestPicture(t *testing.T) {
	if testing.Short() {
		t.Skip("tells most of the demo's story")
	}
	d := toldSoFar(t, filepath.Join(t.TempDir(), "picture.db"), time.Date(2026, 12, 1, 10, 50, 0, 0, time.UTC))
	defer d.store.Close()
	cfg, err := demo.Configuration(d.Sandbox.Tokens, "http://vendors.example", lookup())
	must(t, err)
	server := d.w.server(cfg, slog.New(slog.DiscardHandler))
	server.Token = func() string { return "t0ken" }
	asked := httptest.NewRequest("GET", "/", nil)
	asked.Header.Set("Authorization", "Bearer t0ken")
	answer := httptest.NewRecorder()
	server.Handler().ServeHTTP(answer, asked)
	if answer.Code != 200 {
		t.Fatalf("the board answers %d", answer.Code)
	}
	picture := drawn(t, answer.Body.String(), d.Sandbox.Slack().Messages("#support-sla"))

	file := filepath.Join("docs", "picture.svg")
	if *update {
		must(t, os.WriteFile(file, []byte(picture), 0o644))
	}
	if want := mustRead(t, file); picture != want {
		t.Errorf("the picture differs from %s (-update draws it anew); got:\n%s", file, picture)
	}
	if len(picture) > 32<<10 {
		t.Errorf("the picture has %d bytes", len(picture))
	}
	if err := wellFormed(picture); err != nil {
		t.Error(err)
	}
	if strings.Contains(picture, "127.0.0.1") || strings.Contains(picture, "href") {
		t.Error("the picture has addresses")
	}
}

// drawn is the picture: the board, and over its lower edge a card in Slack.
func drawn(t *testing.T, board string, messages []sandbox.SlackMessage) string {
	t.Helper()
	style := mustRead(t, "web/static/vigie.css")
	style, _, _ = strings.Cut(style, "/* The manual")
	style = regexp.MustCompile(`(?s)@media[^{]*\{.*?\n\}\n`).ReplaceAllString(style, "") // it is as wide as it is, and light
	const pictureStyle = `
.bar, main { padding-inline: 2rem } main { padding-bottom: 0 }
.slack { font: 15px/1.47 Lato, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; color: #1d1c1d; background: #fff; border: 1px solid #bbb; border-radius: 12px; box-shadow: 0 6px 24px #0003; margin: 8px 24px 24px 8px; padding: 16px 20px }
.slack .channel { font-weight: 700; border-bottom: 1px solid #ddd; padding-bottom: 8px; margin-bottom: 12px }
.slack .who { font-weight: 700 } .slack .app { font-size: 11px; background: #ddd; border-radius: 3px; padding: 1px 4px; margin: 0 6px } .slack time { color: #616061; font-size: 12px }
.slack .header { font-size: 18px; font-weight: 700; margin: 6px 0 } .slack .section { margin: 4px 0 } .slack .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 4px 16px; margin: 8px 0 } .slack .context { color: #616061; font-size: 13px } .slack .actions { display: flex; gap: 8px; margin-top: 8px } .slack .actions > div { border: 1px solid #bbb; border-radius: 4px; padding: 2px 10px; font-size: 13px; font-weight: 700 }
`
	i := slices.IndexFunc(messages, func(m sandbox.SlackMessage) bool {
		return m.ThreadTS == "" && strings.Contains(string(m.Blocks), `"header"`) && strings.Contains(m.Text, demo.Nominations)
	})
	if i < 0 {
		t.Fatal("there is no card")
	}
	logo := regexp.MustCompile(`(?s)<img [^>]*>`)
	board = logo.ReplaceAllString(board, strings.Replace(mustRead(t, "web/static/vigie.svg"), "<svg ", `<svg width="28" height="28" `, 1))
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1240 800" width="1240" height="800" role="img" aria-label="Vigie's board, and a card in Slack">
<style>%s%s</style>
<foreignObject width="1240" height="800"><body xmlns="http://www.w3.org/1999/xhtml" style="height:800px;overflow:hidden">%s</body></foreignObject>
<foreignObject x="600" y="470" width="640" height="330"><div xmlns="http://www.w3.org/1999/xhtml" class="slack">%s</div></foreignObject>
</svg>
`, html.EscapeString(style), html.EscapeString(pictureStyle), asXHTML(t, board), asXHTML(t, card(t, messages[i])))
}

// card is a message as Slack shows it, in HTML.
func card(t *testing.T, m sandbox.SlackMessage) string {
	t.Helper()
	type text struct{ Type, Text string }
	var blocks []struct {
		Type     string
		Text     *text
		Fields   []text
		Elements []json.RawMessage // of what can be clicked, its text is an object; a menu has none
	}
	must(t, json.Unmarshal(m.Blocks, &blocks))
	shown := func(x text) string {
		s := html.EscapeString(html.UnescapeString(x.Text))
		if x.Type == "mrkdwn" { // links are shown by their texts
			s = regexp.MustCompile(`&lt;[^|&]*\|(.*?)&gt;`).ReplaceAllString(s, "<u>$1</u>")
			s = regexp.MustCompile(`\*([^*\n]+)\*`).ReplaceAllString(s, "<b>$1</b>")
		}
		return strings.ReplaceAll(s, "\n", "<br/>")
	}
	zone, err := calendar.LoadZone("Europe/Berlin")
	must(t, err)
	var b strings.Builder
	fmt.Fprintf(&b, `<div class="channel"># support-sla</div><span class="who">Vigie</span><span class="app">APP</span><time>%s</time>`, m.At.In(zone).Format("15:04"))
	for _, block := range blocks {
		if block.Text != nil {
			fmt.Fprintf(&b, `<div class="%s">%s</div>`, block.Type, shown(*block.Text))
		}
		var elements []text
		for _, e := range block.Elements {
			x, button := text{}, struct{ Text text }{text{Text: "⋯"}}
			if json.Unmarshal(e, &x) != nil || block.Type == "actions" {
				must(t, json.Unmarshal(e, &button))
				x = button.Text
			}
			elements = append(elements, x)
		}
		if list := slices.Concat(block.Fields, elements); len(list) > 0 {
			class := "fields"
			if block.Type != "section" {
				class = block.Type
			}
			fmt.Fprintf(&b, `<div class="%s">`, class)
			for _, x := range list {
				fmt.Fprintf(&b, `<div>%s</div>`, shown(x))
			}
			b.WriteString(`</div>`)
		}
	}
	return b.String()
}

// asXHTML is what is seen of an HTML page, as XML: its body without what can be
// clicked, and of its table the first tickets.
func asXHTML(t *testing.T, page string) string {
	t.Helper()
	const tickets = 6
	if _, body, ok := strings.Cut(page, "<body>"); ok {
		page, _, _ = strings.Cut(body, "</body>")
	}
	in := xml.NewDecoder(strings.NewReader("<all>" + page + "</all>"))
	in.Strict, in.AutoClose, in.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var out strings.Builder
	leave, seen := 0, 0 // how deep in what is left out, and how many tickets
	for {
		token, err := in.RawToken()
		if errors.Is(err, io.EOF) {
			return out.String()
		}
		must(t, err)
		switch x := token.(type) {
		case xml.StartElement:
			name := x.Name.Local
			if name == "tbody" {
				seen++
			}
			void := slices.Contains(xml.HTMLAutoClose, name)
			if leave > 0 || name == "form" || seen > tickets {
				if !void {
					leave++
				}
				continue
			}
			if name == "all" || name == "a" && hasClass(x, "vendor") {
				if name == "a" {
					leave++
				}
				continue
			}
			out.WriteString("<" + name)
			for _, a := range x.Attr {
				if a.Name.Space == "" && slices.Contains([]string{"class", "rowspan", "colspan", "width", "height", "viewBox", "d", "fill", "cx", "cy", "r", "stroke", "stroke-width", "stroke-linecap", "xmlns"}, a.Name.Local) {
					fmt.Fprintf(&out, ` %s="%s"`, a.Name.Local, html.EscapeString(a.Value))
				}
			}
			out.WriteString(">")
			if void {
				out.WriteString("</" + name + ">")
			}
		case xml.EndElement:
			switch void := slices.Contains(xml.HTMLAutoClose, x.Name.Local); {
			case void || leave == 0 && x.Name.Local == "all":
			case leave > 0:
				leave--
			default:
				out.WriteString("</" + x.Name.Local + ">")
			}
		case xml.CharData:
			if leave == 0 {
				out.WriteString(html.EscapeString(string(x)))
			}
		}
	}
}

func hasClass(x xml.StartElement, class string) bool {
	return slices.ContainsFunc(x.Attr, func(a xml.Attr) bool { return a.Name.Local == "class" && a.Value == class })
}

func wellFormed(text string) error {
	in := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := in.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
