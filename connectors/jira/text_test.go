package jira

import (
	"encoding/json"
	"testing"
)

func TestTame(t *testing.T) {
	for plain, want := range map[string]string{
		"Nobody gets in!":            "Nobody gets in!",
		"[~admin] and [text|url]":    "[ ~admin] and [text|url]",
		`\[~admin]`:                  `\[ ~admin]`,
		"!https://x.example/a.png!":  "! https://x.example/a.png!",
		"{html}x{html} { } {1}":      "{ html}x{ html} { } { 1}",
		"https://acme.example/a_b-c": "https://acme.example/a_b-c",
	} {
		if got := withoutActiveMarkup(plain); got != want {
			t.Errorf("%q: got %q, want %q", plain, got, want)
		}
	}
}

func TestPlainText(t *testing.T) {
	for name, tt := range map[string]struct{ raw, want string }{
		"nothing":          {`null`, ""},
		"plain":            {`"The portal is down."`, "The portal is down."},
		"headings":         {`"h2. Steps\r\n# Log in\r\n# Click *Save*"`, "Steps\nLog in\nClick Save"},
		"emphasis":         {`"a *bold* *move*, _really_ snake_case_name C++"`, "a bold move, really snake_case_name C++"},
		"new emphasis":     {`"{*}bold{*}"`, "bold"},
		"links":            {`"see [the page|https://acme.example/x] or [https://acme.example]"`, "see the page or https://acme.example"},
		"mention, image":   {`"[~accountid:5b10] look: !shot.png|thumbnail!"`, "look:"},
		"a quotation":      {`"new\n{quote}old words\nand more{quote}\nbq. older"`, "new\n\n> old words\n> and more\n\n> older"},
		"half a quotation": {`"new {quote}old"`, "new old"},
		"code":             {`"{code:java}\nint i;\n{code}"`, "int i;"},
		"colour":           {`"{color:#ff0000}system down{color}"`, "system down"},
		"exclamation":      {`"Urgent! Nothing works!"`, "Urgent! Nothing works!"},
		"a table":          {`"||a||b||\n|1|2|"`, "a b \n 1 2"},
		"a document": {`{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"Main order flow "},
			{"type":"text","text":"broken","marks":[{"type":"strong"}]},{"type":"hardBreak"},{"type":"mention","attrs":{"text":"@Nadia"}}]},
			{"type":"blockquote","content":[{"type":"paragraph","content":[{"type":"text","text":"old"}]}]},
			{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"one"}]}]}]}]}`,
			"Main order flow broken\n@Nadia\n> old\none"},
		"an odd document": {`{"type":"doc","content":"?"}`, ""},
		"a number":        {`12`, "12"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := plainText(json.RawMessage(tt.raw)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
