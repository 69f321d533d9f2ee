package rules

import (
	"fmt"
	"strings"
)

// A Phrase is what a condition searches for, parsed once: one or several words
// that must follow one another, without regard to case, accents, hyphens,
// apostrophes and what white space separates them. A * at a word's end stands
// for any ending ("inaccessib*"), | between two words for either of them
// ("portail|site inaccessible"), … or ... for up to five other words, none of
// them after a comma ("portail … inaccessible").
type Phrase struct {
	words []phraseWord
}

// A phraseWord is what may stand in one place of a phrase.
type phraseWord struct {
	either []spelling
	gap    bool // up to maxGap other words may come before it
}

type spelling struct {
	text   string // folded
	head   uint32 // of text
	mask   uint32 // which part of another word's head must be the same
	prefix bool   // any ending will do
}

const (
	maxGap    = 5
	maxPhrase = 12 // words
)

// ParsePhrase reads a phrase. It is an error if there is no word in it, or more
// than can be meant.
func ParsePhrase(s string) (Phrase, error) {
	if strings.ContainsAny(s, "{}") {
		return Phrase{}, fmt.Errorf("the phrase %q names a list in { }, and there are none any more; write its words out", s)
	}
	folded, words := cut(s)
	var p Phrase
	for i, w := range words {
		text := folded[w.from:w.to]
		if w.dots && (i == 0 || text == "") {
			return Phrase{}, fmt.Errorf("the phrase %q has dots at an end; put them between words", s)
		}
		if !w.or || i == 0 {
			p.words = append(p.words, phraseWord{gap: w.dots})
		}
		last := &p.words[len(p.words)-1]
		sp := spelling{text: text, head: head(text), mask: ^uint32(0), prefix: w.star}
		if short := 4 - len(text); w.star && short > 0 {
			sp.mask <<= 8 * short
		}
		last.either = append(last.either, sp)
	}
	switch {
	case len(p.words) == 0:
		return Phrase{}, fmt.Errorf("the phrase %q has no word in it; write at least one", s)
	case len(p.words) > maxPhrase:
		return Phrase{}, fmt.Errorf("the phrase %q has more than %d words; shorten it", s, maxPhrase)
	}
	return p, nil
}

// Phrases is a list of which one is enough.
type Phrases []Phrase

// ParsePhrases reads a list of phrases, and tells of the first that is none.
func ParsePhrases(list ...string) (Phrases, error) {
	phrases := make(Phrases, len(list))
	for i, s := range list {
		var err error
		if phrases[i], err = ParsePhrase(s); err != nil {
			return nil, err
		}
	}
	return phrases, nil
}

// In says whether a text has one of the phrases.
func (ps Phrases) In(t *Text) bool { return ps.find(t, false) }

// AffirmedIn says whether a text has one of the phrases in a place where it is
// not denied.
func (ps Phrases) AffirmedIn(t *Text) bool { return ps.find(t, true) }

func (ps Phrases) find(t *Text, affirmed bool) bool {
	found := false
	ps.places(t, affirmed, func([]int) bool { found = true; return false })
	return found
}

// places yields where the phrases stand in a text, as the places of their words.
func (ps Phrases) places(t *Text, affirmed bool, yield func(at []int) bool) {
	for i := range ps {
		if !ps[i].places(t, func(at []int) bool { return affirmed && t.denied(at) || yield(at) }) {
			return
		}
	}
}

// places yields one place for each word at which the phrase begins; false if it
// was told to stop. The slice holds until the next.
func (p *Phrase) places(t *Text, yield func(at []int) bool) bool {
	if len(p.words) == 0 {
		return true
	}
	var room []int // for the places, once there are any
	for k := range p.words[0].either {
		sp := &p.words[0].either[k]
		if !t.maybe(sp) {
			continue
		}
		for i, h := range t.heads {
			if h&sp.mask != sp.head || !sp.is(t.word(i)) {
				continue
			}
			if room == nil {
				room = make([]int, 0, maxPhrase)
			}
			if at := p.goesOn(t, 1, append(room[:0], i)); at != nil && !yield(at) {
				return false
			}
		}
	}
	return true
}

// goesOn is where the phrase stands whose words before the k-th stand at these
// places, nil if its other words don't follow.
func (p *Phrase) goesOn(t *Text, k int, at []int) []int {
	if k == len(p.words) {
		return at
	}
	w, next := &p.words[k], at[len(at)-1]+1
	end, farthest := colon, next // a phrase goes on over brackets, …
	if w.gap {
		end, farthest = comma, next+maxGap // … a gap over a colon, too
	}
	for j := next; j <= farthest && j < len(t.words) && t.words[j].pause < end; j++ {
		if w.is(t, j) {
			if whole := p.goesOn(t, k+1, append(at, j)); whole != nil {
				return whole
			}
		}
	}
	return nil
}

// is says whether the text's word i may stand in this place.
func (w *phraseWord) is(t *Text, i int) bool {
	for k := range w.either {
		if sp := &w.either[k]; t.heads[i]&sp.mask == sp.head && sp.is(t.word(i)) {
			return true
		}
	}
	return false
}

func (sp *spelling) is(text string) bool {
	if sp.prefix {
		return strings.HasPrefix(text, sp.text)
	}
	return sp.text == text
}

// head packs the first four bytes of a word, for a quick comparison.
func head(s string) uint32 {
	var h uint32
	for i := range 4 {
		h <<= 8
		if i < len(s) {
			h |= uint32(s[i])
		}
	}
	return h
}
