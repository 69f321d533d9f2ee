package rules

import "slices"

// A Text is a ticket's text prepared once for searching: folded to lower case
// without accents, cut into words, with its denials found.
type Text struct {
	folded  string
	words   []word
	heads   []uint32   // head of each word
	seen    [64]uint64 // which heads there are, as a Bloom filter
	denials []denial
	overs   []int // where it says that what was is over

	room []byte // that folded was put together in
}

// Prepare reads a text.
func Prepare(s string) *Text {
	t := &Text{}
	t.read(s)
	t.findDenials()
	t.findOvers()
	return t
}

// read reads a text without its denials, in the room that another one had.
func (t *Text) read(s string) {
	c := cutter{folded: t.room[:0], words: t.words[:0]}
	c.read(s)
	t.folded, t.words = c.finish()
	t.room = c.folded
	t.heads, t.seen = slices.Grow(t.heads[:0], len(t.words)), [64]uint64{}
	for i := range t.words {
		h := head(t.word(i))
		t.heads = append(t.heads, h)
		bit := bloomBit(h)
		t.seen[bit/64] |= 1 << (bit % 64)
	}
	t.denials, t.overs = t.denials[:0], t.overs[:0]
}

// word is the i-th word, folded.
func (t *Text) word(i int) string { return t.folded[t.words[i].from:t.words[i].to] }

// maybe is false if no word begins like this.
func (t *Text) maybe(sp *spelling) bool {
	if sp.mask != ^uint32(0) {
		return true
	}
	bit := bloomBit(sp.head)
	return t.seen[bit/64]&(1<<(bit%64)) != 0
}

func bloomBit(head uint32) uint32 { return head * 2654435761 >> 20 }

// Has says whether one of the phrases stands in the text: see Phrase for how
// they are written. Phrases that don't parse are nowhere. Where the same
// phrases are searched for in many texts, parse them once by ParsePhrases.
func (t *Text) Has(phrases ...string) bool { return t.search(phrases, false) }

// Affirms is like Has, but leaves out the places where a phrase is denied: "is
// no longer down", "n'est plus indisponible", "pas urgent", "aucun blocage". A
// denial within the phrase is the phrase's own: "ne fonctionne plus" affirms
// "ne fonctionne plus".
func (t *Text) Affirms(phrases ...string) bool { return t.search(phrases, true) }

func (t *Text) search(phrases []string, affirmed bool) bool {
	for _, s := range phrases {
		if p, err := ParsePhrase(s); err == nil && (Phrases{p}).find(t, affirmed) {
			return true
		}
	}
	return false
}
