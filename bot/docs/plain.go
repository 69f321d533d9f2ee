package docs

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	extended "github.com/yuin/goldmark/extension/ast"
)

// width is how long the lines of running text are, in characters. What is to be copied
// keeps its own lines.
const width = 96

// Plain is the page for a terminal: no marks, but lines under headings and backquotes
// around what is to be typed. Other pages are named by the command that prints them.
func (p Page) Plain() string {
	tree, source := p.parse()
	w := writer{source: source}
	w.blocks(tree, "")
	return strings.TrimLeft(w.out.String(), "\n")
}

// A writer turns a page's tree into text.
type writer struct {
	source []byte
	out    strings.Builder
}

// blocks writes what is in a block, each after an empty line, behind an indent.
func (w *writer) blocks(parent ast.Node, indent string) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			line := w.inline(n)
			under := map[int]string{1: "=", 2: "-"}[n.Level]
			fmt.Fprintf(&w.out, "\n%s\n%s\n", line, strings.Repeat(under, utf8.RuneCountInString(line)))
		case *ast.List:
			w.out.WriteByte('\n')
			w.list(n, indent)
		case *ast.FencedCodeBlock:
			w.out.WriteByte('\n')
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				w.line(indent+"    ", string(line.Value(w.source)))
			}
		case *extended.Table:
			w.out.WriteByte('\n')
			w.table(n, indent)
		default:
			w.out.WriteByte('\n')
			w.text(indent, indent, w.inline(n))
		}
	}
}

// list writes a list's items, each under its mark.
func (w *writer) list(list *ast.List, indent string) {
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if list.IsOrdered() {
			mark = fmt.Sprintf("%d. ", number)
			number++
		}
		under := indent + strings.Repeat(" ", len(mark))
		w.text(indent+mark, under, w.inline(item.FirstChild()))
	}
}

// table writes a table as a row of heads and rows of cells, each cell within its column.
func (w *writer) table(table *extended.Table, indent string) {
	var rows [][]string
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, w.inline(cell))
		}
		rows = append(rows, cells)
	}
	widths := columns(rows, width-len(indent))
	for i, row := range rows {
		w.row(indent, row, widths)
		if i == 0 {
			rule := make([]string, len(widths))
			for k, n := range widths {
				rule[k] = strings.Repeat("-", n)
			}
			w.row(indent, rule, widths)
		}
	}
}

// row writes one row of a table, on as many lines as its longest cell takes.
func (w *writer) row(indent string, row []string, widths []int) {
	cells, most := make([][]string, len(row)), 1
	for i, cell := range row {
		cells[i] = wrap(cell, widths[i])
		most = max(most, len(cells[i]))
	}
	for i := range most {
		line := ""
		for k, cell := range cells {
			text := ""
			if i < len(cell) {
				text = cell[i]
			}
			line += text + strings.Repeat(" ", max(0, widths[k]-utf8.RuneCountInString(text))+2)
		}
		w.line(indent, line)
	}
}

// columns are the widths of a table's columns: what the longest cell takes, and where
// that is too much in all, less for the widest.
func columns(rows [][]string, most int) []int {
	widths, total := make([]int, len(rows[0])), 0
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, n := range widths {
		total += n + 2
	}
	for ; total > most; total-- {
		widest := 0
		for i, n := range widths {
			if n > widths[widest] {
				widest = i
			}
		}
		widths[widest]--
	}
	return widths
}

// text writes a paragraph in lines: the first after one lead, the others after another.
func (w *writer) text(first, rest, text string) {
	for _, line := range wrap(text, width-len(rest)) {
		w.line(first, line)
		first = rest
	}
}

func (w *writer) line(indent, text string) {
	w.out.WriteString(strings.TrimRight(indent+text, " \n") + "\n")
}

// inline is the text within a block, as one line.
func (w *writer) inline(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(w.source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.CodeSpan:
			b.WriteString("`" + w.inline(n) + "`")
		case *ast.Link:
			b.WriteString(w.inline(n))
			if name, _, ok := other(n); ok {
				b.WriteString(" (vigie docs " + name + ")")
			} else {
				b.WriteString(" (" + string(n.Destination) + ")")
			}
		default:
			b.WriteString(w.inline(n))
		}
	}
	return b.String()
}

// wrap breaks a text between words into lines of at most so many characters; a longer
// word has a line of its own.
func wrap(text string, most int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > most:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
