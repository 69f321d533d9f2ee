package rest

import (
	"bytes"
	"encoding/base64"
	"slices"
	"unicode/utf8"
)

// Mark is what stands where a secret was.
const Mark = "[secret]"

// Secrets are texts that nobody is shown, each of them also in base64. A vendor, or a
// proxy before it, may repeat in an answer what it was sent, and an answer's words
// get into logs, pages and the state. How they are written there is the answerer's
// choice, so a text is looked at as it stands and as it reads once it is unescaped
// (spell.go), up to three times, in every order.
type Secrets struct {
	forms [][]byte
	cut   bool // their beginnings as well: an echo may be cut off
}

const (
	shortSecret = 6       // letters; a shorter text may be part of any word
	longSecret  = 16      // bytes; so many are part of no word, and give a secret away
	longText    = 4 << 10 // bytes; in a longer text only those are looked for of which some letters stand there
	maxEscapes  = 3       // how often a text may be escaped: JSON within JSON within a log's quotes
)

// NewSecrets are the secrets among texts: those of six letters and more.
func NewSecrets(texts ...string) (s Secrets) {
	for _, text := range texts {
		if utf8.RuneCountInString(text) >= shortSecret {
			s.forms = append(append(s.forms, []byte(text)), in64(text)...)
		}
	}
	return s
}

// in64 is what base64 makes of a text, wherever it stands in what is encoded: the
// letters that depend on nothing else, in both alphabets.
func in64(text string) (all [][]byte) {
	for before, dependent := range []int{0, 2, 3} {
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			b := e.EncodeToString(append(make([]byte, before), text...))[dependent:]
			if (before+len(text))%3 != 0 {
				b = b[:len(b)-1]
			}
			all = append(all, []byte(b))
		}
	}
	return all
}

// Clean is a text with the mark in each secret's place.
func (s Secrets) Clean(text string) string { return string(s.Bytes([]byte(text))) }

// Bytes is Clean for what isn't a string.
func (s Secrets) Bytes(text []byte) []byte {
	if len(text) > longText {
		s.forms = near(s.forms, text)
	}
	if len(s.forms) == 0 {
		return text
	}
	hidden := s.spans(reading{text: text}, maxEscapes, nil)
	if len(hidden) == 0 {
		return text
	}
	slices.SortFunc(hidden, func(a, b span) int { return a.from - b.from })
	var out []byte
	end := 0
	for _, h := range hidden {
		if h.from >= end {
			out = append(append(out, text[end:h.from]...), Mark...)
		}
		end = max(end, h.to)
	}
	return append(out, text[end:]...)
}

// near are the forms that may stand in a text: their longest run of letters and
// digits does, which nothing escapes.
func near(forms [][]byte, text []byte) (some [][]byte) {
	for _, form := range forms {
		runs := bytes.FieldsFunc(head(form), func(r rune) bool { return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9') })
		longest := slices.MaxFunc(append(runs, nil), func(a, b []byte) int { return len(a) - len(b) })
		if bytes.Contains(text, longest) {
			some = append(some, form)
		}
	}
	return some
}

func head(form []byte) []byte { return form[:min(len(form), longSecret)] }

// A span is a part of a text.
type span struct{ from, to int }

// spans adds where secrets stand in a reading of a text, and in what it reads once it
// is unescaped again.
func (s Secrets) spans(r reading, deeper int, found []span) []span {
	for _, secret := range s.forms {
		sought := secret
		if s.cut {
			sought = head(secret)
		}
		for from := 0; ; {
			i := bytes.Index(r.text[from:], sought)
			if i < 0 {
				break
			}
			i += from
			from = i + len(sought)
			for from < len(r.text) && from-i < len(secret) && r.text[from] == secret[from-i] {
				from++
			}
			found = append(found, span{r.origin(i), r.origin(from)})
		}
	}
	if deeper == 0 {
		return found
	}
	for _, e := range escapes {
		if again, changed := e.read(r); changed {
			found = s.spans(again, deeper-1, found)
		}
	}
	return found
}
