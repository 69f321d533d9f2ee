package main

import (
	"io"
	"strings"
	"sync"
	"unicode"

	"vigie/connectors/rest"
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

// A veil takes secrets out of what is written through it: the last net under the log
// and what a command fails with. What a vendor repeats of a secret is taken from its
// answer before (rest.Secrets).
type veil struct {
	out io.Writer

	mu     sync.Mutex
	reveal func() []string // the secrets of now; nil: none are known yet
}

// over has the veil take out these secrets from now on.
func (v *veil) over(reveal func() []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.reveal = reveal
}

// Write takes whole texts, as plainWriter does. Secrets may have changed since the
// last one.
func (v *veil) Write(text []byte) (int, error) {
	v.mu.Lock()
	reveal := v.reveal
	v.mu.Unlock()
	clean := text
	if reveal != nil {
		clean = rest.NewSecrets(reveal()...).Bytes(text)
	}
	if _, err := v.out.Write(clean); err != nil {
		return 0, err
	}
	return len(text), nil
}
