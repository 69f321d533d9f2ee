package print

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"vigie/connectors/rest"
)

// Tame is text for people in which words of others stand, such as a ticket's or a
// vendor's: whatever a terminal would obey, and what turns the direction of what
// follows, becomes a question mark.
func Tame(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Bidi_Control) {
			return '\ufffd'
		}
		return r
	}, text)
}

// Plain writes tame text.
func Plain(out io.Writer) io.Writer { return plainWriter{out} }

type plainWriter struct{ out io.Writer }

// Write takes whole texts: a letter must not be cut in two.
func (w plainWriter) Write(text []byte) (int, error) {
	if _, err := io.WriteString(w.out, Tame(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// A Screen is a terminal that obeys none of what commands print, whatever of it others
// have written: but for the marks by which we ourselves make a word stand out. A file
// or a pipe is given everything as it is.
type Screen struct {
	Out  io.Writer
	kept []byte // the beginning of a letter or a mark whose end is yet to come
}

var ownMark = regexp.MustCompile("\x1b\\[(?:1|31|0)m")

func (s *Screen) Write(text []byte) (int, error) {
	all := append(s.kept, text...)
	whole := len(all) - unfinished(all)
	shown := strings.ReplaceAll(string(all[:whole]), "\r\n", "\n") // a CSV's lines
	var out strings.Builder
	at := 0
	for _, mark := range ownMark.FindAllStringIndex(shown, -1) {
		out.WriteString(Tame(shown[at:mark[0]]) + shown[mark[0]:mark[1]])
		at = mark[1]
	}
	out.WriteString(Tame(shown[at:]))
	s.kept = append([]byte(nil), all[whole:]...)
	if _, err := io.WriteString(s.Out, out.String()); err != nil {
		return 0, err
	}
	return len(text), nil
}

// unfinished is how many bytes at a text's end need what comes next to be understood:
// of a letter, a mark of ours or the end of a line.
func unfinished(text []byte) int {
	for n := min(len(text), 4); n > 0; n-- {
		tail := text[len(text)-n:]
		begun := slices.ContainsFunc([]string{"\x1b[1m", "\x1b[31m", "\x1b[0m", "\r\n"}, func(mark string) bool {
			return len(tail) < len(mark) && strings.HasPrefix(mark, string(tail))
		})
		if begun || utf8.RuneStart(tail[0]) && !utf8.FullRune(tail) {
			return n
		}
	}
	return 0
}

// A Veil is the program's stderr, which the log and what commands say beside it share:
// it takes one text at a time, and secrets out of it, as the last net. What a vendor
// repeats of a secret is taken from its answer before (rest.Secrets).
type Veil struct {
	mu     sync.Mutex
	Out    io.Writer
	reveal func() []string // the secrets of now; nil: none are known yet
}

// Over has the veil take out these secrets from now on.
func (v *Veil) Over(reveal func() []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.reveal = reveal
}

// Write takes whole texts, as plainWriter does. Secrets may have changed since the
// last one.
func (v *Veil) Write(text []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	clean := text
	if v.reveal != nil {
		clean = rest.NewSecrets(v.reveal()...).Bytes(text)
	}
	if _, err := v.Out.Write(clean); err != nil {
		return 0, err
	}
	return len(text), nil
}
