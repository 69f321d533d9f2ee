package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"vigie/rules"
	"vigie/rules/words"
)

// A sheet is text for people, in French or English: headings, items under
// them, and tables, aligned.
type sheet struct {
	out  *bufio.Writer
	fr   bool
	bold bool // headings stand out: the output is a terminal
	any  bool // something is on it
}

const (
	labelWidth = 16
	lineWidth  = 110
)

func newSheet(out io.Writer, language string) *sheet {
	return &sheet{out: bufio.NewWriter(out), fr: language == "fr", bold: colours(out)}
}

// colours says whether somebody looks on who wants more than plain text
// (no-color.org).
func colours(out io.Writer) bool { return os.Getenv("NO_COLOR") == "" && terminal(out) }

// terminal says whether somebody looks on.
func terminal(out io.Writer) bool {
	switch over := out.(type) {
	case *screen:
		out = over.out
	case *veil:
		out = over.out
	}
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (s *sheet) flush() error { return s.out.Flush() }

func (s *sheet) pick(fr, en string) string {
	if s.fr {
		return fr
	}
	return en
}

// in is the catalogue of its language.
func (s *sheet) in() *words.Language { return words.In(s.pick("fr", "en")) }

// counted is a sentence with counts, each with its words in the number that fits.
func (s *sheet) counted(fr, en string, args ...any) string {
	return rules.Counted(s.pick("fr", "en"), s.pick(fr, en), args...)
}

// colon is one with the space that French puts before it.
func (s *sheet) colon() string { return s.pick(" : ", ": ") }

// either is a choice between two texts that leaves a sentence readable.
func (s *sheet) either(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// given is text after a lead, or nothing where there is none.
func (s *sheet) given(text, lead string) string {
	if text == "" {
		return ""
	}
	return lead + text
}

func (s *sheet) heading(text string) {
	if s.any {
		s.out.WriteByte('\n')
	}
	s.any = true
	if s.bold {
		text = "\x1b[1m" + text + "\x1b[0m"
	}
	fmt.Fprintln(s.out, text)
}

// item is a label and a text, which goes on under itself.
func (s *sheet) item(label, format string, args ...any) {
	s.any = true
	pad := max(labelWidth, utf8.RuneCountInString(label)+1)
	for _, line := range wrap(tame(fmt.Sprintf(format, args...)), lineWidth-pad-2) {
		fmt.Fprintln(s.out, strings.TrimRight("  "+label+strings.Repeat(" ", pad-utf8.RuneCountInString(label))+line, " "))
		label = ""
	}
}

// verbatim is a line to be copied: never wrapped.
func (s *sheet) verbatim(line string) {
	s.any = true
	fmt.Fprintln(s.out, "  "+tame(line))
}

// numbered is one of several things to do.
func (s *sheet) numbered(n int, text string) {
	s.any = true
	lead := fmt.Sprintf("%2d. ", n)
	for _, line := range wrap(tame(text), lineWidth-len(lead)-2) {
		fmt.Fprintln(s.out, "  "+lead+line)
		lead = strings.Repeat(" ", len(lead))
	}
}

// list is an item of several values; nothing where there are none.
func (s *sheet) list(label string, values []string) {
	if len(values) > 0 {
		s.item(label, "%s", strings.Join(values, ", "))
	}
}

// note is a line that goes with a table.
func (s *sheet) note(text string) {
	for _, line := range wrap(text, lineWidth-4) {
		fmt.Fprintln(s.out, "    "+line)
	}
}

// table aligns rows in columns, the first row being their heads. A column with
// nothing under its head is left out.
func (s *sheet) table(rows [][]string) {
	s.any = true
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
		fmt.Fprintln(s.out, tame(strings.TrimRight("    "+b.String(), " ")))
	}
}

// wrap cuts a text into lines of at most so many letters, where it has blanks.
func wrap(text string, width int) []string {
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
