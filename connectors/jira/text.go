package jira

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"vigie/rules"
)

// plainText is the text of a description without its markup: wiki text as
// version 2 of the API has it, or an Atlassian document.
func plainText(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) > 0 && raw[0] == '{' {
		var doc node
		if json.Unmarshal(raw, &doc) != nil {
			return ""
		}
		var b strings.Builder
		doc.write(&b, 0)
		return strings.TrimSpace(b.String())
	}
	s, _ := rules.FieldText(raw)
	return unmark(s)
}

// A node is a part of an Atlassian document (developer.atlassian.com,
// "Atlassian Document Format").
type node struct {
	Type    string `json:"type"`
	Text    string `json:"text"`
	Content []node `json:"content"`
	Attrs   struct {
		Text string `json:"text"`
		URL  string `json:"url"`
	} `json:"attrs"`
}

// write flattens a document. Quotations become lines with ">" before them, as in a
// mail: whose words they are is for the reader of mails to say.
func (n *node) write(b *strings.Builder, depth int) {
	if depth > 100 {
		return
	}
	switch n.Type {
	case "blockquote":
		var quoted strings.Builder
		for i := range n.Content {
			n.Content[i].write(&quoted, depth+1)
		}
		b.WriteString(cite(quoted.String()) + "\n")
		return
	case "text":
		b.WriteString(n.Text)
	case "hardBreak":
		b.WriteByte('\n')
	case "mention", "emoji", "status", "date":
		b.WriteString(n.Attrs.Text)
	case "inlineCard", "blockCard":
		b.WriteString(n.Attrs.URL)
	}
	for i := range n.Content {
		n.Content[i].write(b, depth+1)
	}
	switch n.Type {
	case "paragraph", "heading", "codeBlock", "rule":
		b.WriteByte('\n')
	case "tableCell", "tableHeader":
		b.WriteByte(' ')
	}
}

// emphasis is *bold*, _italic_ and their like around whole words.
var emphasis = regexp.MustCompile(`(^|[\s(])[*_+^~-]([^\s*_+^~-][^\n*_+^~]*?)[*_+^~-]([\s).,;:!?]|$)`)

// wiki lists what wiki markup looks like and what is left of it, in the order in
// which it is taken off (Jira's "Text Formatting Notation Help").
var wiki = []struct {
	markup *regexp.Regexp
	text   string
}{
	{regexp.MustCompile(`(?m)^bq\. `), "> "},
	{regexp.MustCompile(`\{(?:code|noformat|panel|color|anchor|adf|quote)(?::[^}\n]*)?\}`), ""},
	{regexp.MustCompile(`![^\s!|]+\.\w{2,5}(?:\|[^!\n]*)?!`), ""},     // !shot.png|thumbnail!
	{regexp.MustCompile(`\[~[^\]\n]*\]`), ""},                         // a mention
	{regexp.MustCompile(`\[([^|\]\n]+)\|[^\]\n]*\]`), "$1"},           // [text|address]
	{regexp.MustCompile(`\[((?:https?://|mailto:)[^\]\n]+)\]`), "$1"}, // [address]
	{regexp.MustCompile(`(?m)^[ \t]*h[1-6]\.[ \t]+`), ""},             // headings
	{regexp.MustCompile(`(?m)^[ \t]*(?:[*#]+|-)[ \t]+`), ""},          // lists
	{regexp.MustCompile(`(?m)^----+$`), ""},                           // rules
	{regexp.MustCompile(`\|\|?`), " "},                                // tables
	{regexp.MustCompile(`\{[*_+^~-]\}`), ""},
	{emphasis, "$1$2$3"},
	{emphasis, "$1$2$3"}, // again: two neighbours share the space between them
	{regexp.MustCompile(`\{\{([^}\n]*)\}\}`), "$1"},
	{regexp.MustCompile(`\\([{}\[\]*_|!#-])`), "$1"},
}

var quotation = regexp.MustCompile(`(?s)\{quote\}(.*?)\{quote\}`)

// cite marks each line of a text as quoted.
func cite(s string) string {
	return "> " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n> ")
}

// unmark takes wiki markup off a text; quotations become lines with ">" before
// them.
func unmark(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = quotation.ReplaceAllStringFunc(s, func(q string) string {
		return "\n" + cite(quotation.FindStringSubmatch(q)[1]) + "\n"
	})
	for _, w := range wiki {
		s = w.markup.ReplaceAllString(s, w.text)
	}
	return strings.TrimSpace(s)
}

// acting is the wiki markup that does more than change how text looks: [~mention], {macro}
// and !picture!. A backslash can't disable it safely: two of them end a line.
var acting = regexp.MustCompile(`\[~|\{\w|![^\s!]`)

// withoutActiveMarkup makes wiki text of a plain one in which nothing acts: such markup is
// broken by a space.
func withoutActiveMarkup(s string) string {
	return acting.ReplaceAllStringFunc(s, func(m string) string { return m[:1] + " " + m[1:] })
}
