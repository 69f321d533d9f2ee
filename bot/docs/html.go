package docs

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extended "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// markdown reads what the pages are written in. Markup within a page isn't HTML: it
// would be left out.
var markdown = goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()))

// parse is the tree of a page's text, and the text that its nodes are of.
func (p Page) parse() (ast.Node, []byte) {
	source := []byte(p.text)
	return markdown.Parser().Parse(text.NewReader(source)), source
}

// HTML is the page as a part of an HTML page, its title being an h1. Link gives the
// address of another page by its name.
func (p Page) HTML(link func(name string) string) (template.HTML, error) {
	tree, source := p.parse()
	err := ast.Walk(tree, func(n ast.Node, enters bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Link:
			if name, part, ok := other(n); enters && ok {
				n.Destination = []byte(link(name) + part)
			}
		case *extended.TableCell:
			if _, head := n.Parent().(*extended.TableHeader); head {
				n.SetAttributeString("scope", []byte("col"))
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", fmt.Errorf("read the page %s: %w", p.Name, err)
	}
	var b bytes.Buffer
	if err := markdown.Renderer().Render(&b, source, tree); err != nil {
		return "", fmt.Errorf("render the page %s: %w", p.Name, err)
	}
	// What is wider than the screen is moved by the keyboard, too.
	html := strings.NewReplacer(
		"<pre>", `<pre tabindex="0">`,
		"<table>", `<div class="wide" tabindex="0" role="group" aria-label="Table"><table>`, "</table>", "</table></div>",
	).Replace(b.String())
	return template.HTML(html), nil
}

// other is the page that a link leads to, by its name, and the part of it ("#logs", or
// "" for the whole); false for a link that leads out of the manual.
func other(link *ast.Link) (name, part string, ok bool) {
	file, anchor, found := strings.Cut(string(link.Destination), "#")
	name, ok = strings.CutSuffix(file, ".md")
	if found {
		part = "#" + anchor
	}
	return name, part, ok
}
