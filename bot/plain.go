package main

import (
	"io"
	"strings"
	"unicode"
)

// tame is text for people in which words of others stand, such as a ticket's or a
// vendor's: whatever a terminal would obey, and what turns the direction of what
// follows, becomes a question mark.
func tame(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Bidi_Control) {
			return '\ufffd'
		}
		return r
	}, text)
}

// plain writes tame text.
func plain(out io.Writer) io.Writer { return plainWriter{out} }

type plainWriter struct{ out io.Writer }

// Write takes whole texts: a letter must not be cut in two.
func (w plainWriter) Write(text []byte) (int, error) {
	if _, err := io.WriteString(w.out, tame(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}
