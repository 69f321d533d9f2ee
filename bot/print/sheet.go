// Package print is what commands print: what a configuration and a policy mean (check),
// a report, the results of a policy's tests, how far long work has come. It is given
// what there is to say and finds the words and the columns; it asks nobody and decides
// nothing.
//
// Most of it is written on a Sheet: headings, items and tables in one language. What
// others have written, such as a ticket's subject, is tamed before a terminal sees it,
// and no secret passes a Veil.
package print

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"vigie/rules/words"
)

// A Sheet is text for people, in their language: headings, items under
// them, and tables, aligned.
type Sheet struct {
	out      *bufio.Writer
	language string // a tag of rules/words
	bold     bool   // headings stand out: the output is a terminal
	Begun    bool   // something is on it
}

const (
	labelWidth = 16
	lineWidth  = 110
)

func NewSheet(out io.Writer, language string) *Sheet {
	return &Sheet{out: bufio.NewWriter(out), language: language, bold: colours(out)}
}

// colours says whether somebody looks on who wants more than plain text
// (no-color.org).
func colours(out io.Writer) bool { return os.Getenv("NO_COLOR") == "" && Terminal(out) }

// Terminal says whether somebody looks on.
func Terminal(out io.Writer) bool {
	switch over := out.(type) {
	case *Screen:
		out = over.Out
	case *Veil:
		out = over.Out
	}
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (s *Sheet) Flush() error { return s.out.Flush() }

// in is the catalogue of its language.
func (s *Sheet) in() *words.Language { return words.In(s.language) }

// Say is a text of the catalogue, with its values.
func (s *Sheet) Say(id string, values ...any) string { return s.in().Say(id, values...) }

// colon is one with the space that French puts before it.
func (s *Sheet) colon() string { return s.Say("check.colon") }

// either is a choice between two texts that leaves a sentence readable.
func (s *Sheet) either(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// given is text after a lead, or nothing where there is none.
func (s *Sheet) given(text, lead string) string {
	if text == "" {
		return ""
	}
	return lead + text
}

func (s *Sheet) Heading(text string) {
	if s.Begun {
		s.out.WriteByte('\n')
	}
	s.Begun = true
	if s.bold {
		text = "\x1b[1m" + text + "\x1b[0m"
	}
	fmt.Fprintln(s.out, text)
}

// Item is a label and a text, which goes on under itself.
func (s *Sheet) Item(label, format string, args ...any) {
	s.Begun = true
	pad := max(labelWidth, utf8.RuneCountInString(label)+1)
	for _, line := range Wrap(Tame(fmt.Sprintf(format, args...)), lineWidth-pad-2) {
		fmt.Fprintln(s.out, strings.TrimRight("  "+label+strings.Repeat(" ", pad-utf8.RuneCountInString(label))+line, " "))
		label = ""
	}
}

// Verbatim is a line to be copied: never wrapped.
func (s *Sheet) Verbatim(line string) {
	s.Begun = true
	fmt.Fprintln(s.out, "  "+Tame(line))
}

// Numbered is one of several things to do.
func (s *Sheet) Numbered(n int, text string) {
	s.Begun = true
	lead := fmt.Sprintf("%2d. ", n)
	for _, line := range Wrap(Tame(text), lineWidth-len(lead)-2) {
		fmt.Fprintln(s.out, "  "+lead+line)
		lead = strings.Repeat(" ", len(lead))
	}
}

// list is an item of several values; nothing where there are none.
func (s *Sheet) list(label string, values []string) {
	if len(values) > 0 {
		s.Item(label, "%s", strings.Join(values, ", "))
	}
}

// note is a line that goes with a table.
func (s *Sheet) note(text string) {
	for _, line := range Wrap(text, lineWidth-4) {
		fmt.Fprintln(s.out, "    "+line)
	}
}

// Table aligns rows in columns, the first row being their heads. A column with
// nothing under its head is left out.
func (s *Sheet) Table(rows [][]string) {
	s.Begun = true
	width := make([]int, len(rows[0]))
	for _, row := range rows[1:] {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			if width[i] == 0 {
				continue
			}
			w := max(width[i], utf8.RuneCountInString(rows[0][i]))
			fmt.Fprintf(&b, "%s%s  ", cell, strings.Repeat(" ", w-utf8.RuneCountInString(cell)))
		}
		fmt.Fprintln(s.out, Tame(strings.TrimRight("    "+b.String(), " ")))
	}
}

// Wrap cuts a text into lines of at most so many letters, where it has blanks.
func Wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line = ""
		}
		line += strings.Repeat(" ", min(1, len(line))) + word
	}
	return append(lines, line)
}
