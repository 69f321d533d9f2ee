package triage

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	tableBits = 17     // the table has 2^17 places; with some thousand examples few features share one
	beginning = 5      // letters of a word's beginning: "connexion" and "connecter" share one
	group     = 4      // letters of a group, a word's edges counted as letters
	longText  = 20_000 // bytes of a text that are looked at
)

// features are those of one text, each once: whole words and pairs of neighbours,
// and apart from them the parts of words. A feature is its place in the table.
type features struct {
	whole, parts     []uint32
	ofWhole, ofParts []int32  // by feature: the word that it comes from
	words            []string // as they are written

	seen []uint32 // by place: the number of the text that had it last
	text uint32   // the number of this text
	fold []rune   // scratch
}

// pool keeps the tables of texts that were read, which are large.
var pool = sync.Pool{New: func() any { return &features{seen: make([]uint32, 1<<tableBits)} }}

func (f *features) free() { pool.Put(f) }

func (f *features) count() int { return len(f.whole) + len(f.parts) }

// featuresOf are the features of a ticket's subject and text. Of a very long text
// the beginning counts.
func featuresOf(subject, text string) *features {
	f := pool.Get().(*features)
	f.whole, f.parts, f.ofWhole, f.ofParts, f.words = f.whole[:0], f.parts[:0], f.ofWhole[:0], f.ofParts[:0], f.words[:0]
	if f.text++; f.text == 0 { // the numbers have been used up
		clear(f.seen)
		f.text = 1
	}
	for _, part := range []string{subject, text} {
		before := uint64(0) // subject and text are no neighbours
		for word := range strings.FieldsFuncSeq(part[:min(len(part), longText)], between) {
			before = f.word(word, before)
		}
	}
	return f
}

// between says that a letter is none, and no accent of one.
func between(r rune) bool {
	if r < utf8.RuneSelf {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
}

// word adds the features of a word and returns its hash. before is that of the word
// before it, 0 for none. A number counts by its length alone.
func (f *features) word(written string, before uint64) uint64 {
	f.words = append(f.words, written)
	f.fold = appendFolded(append(f.fold[:0], '_'), written)
	if len(f.fold) > 1 && unicode.IsDigit(f.fold[1]) {
		f.fold = append(f.fold[:1], []rune("###")[:min(len(f.fold)-1, 3)]...)
	}
	f.fold = append(f.fold, '_')
	letters := f.fold[1 : len(f.fold)-1]
	word := hash('w', letters)
	f.addWhole(word)
	if before != 0 {
		f.addWhole(mix(before, word))
	}
	f.addPart(hash('b', letters[:min(len(letters), beginning)]))
	for i := 0; i+group <= len(f.fold); i++ {
		f.addPart(hash('g', f.fold[i:i+group]))
	}
	return word
}

// appendFolded appends a word's letters in lower case without accents.
func appendFolded(fold []rune, word string) []rune {
	for i, r := range word {
		switch {
		case 'A' <= r && r <= 'Z':
			fold = append(fold, r+'a'-'A')
		case r < utf8.RuneSelf:
			fold = append(fold, r)
		case unicode.Is(unicode.Mn, r):
		default:
			if d := norm.NFD.PropertiesString(word[i:]).Decomposition(); d != nil {
				r, _ = utf8.DecodeRune(d) // the letter; what follows are its accents
			}
			fold = append(fold, unicode.ToLower(r))
		}
	}
	return fold
}

// offset and prime are FNV-1a's, here over whole letters.
const (
	offset uint64 = 14695981039346656037
	prime  uint64 = 1099511628211
)

func mix(h, v uint64) uint64 { return (h ^ v) * prime }

func hash(kind byte, letters []rune) uint64 {
	h := mix(offset, uint64(kind))
	for _, r := range letters {
		h = mix(h, uint64(r))
	}
	return h
}

func (f *features) addWhole(h uint64) {
	if place, first := f.place(h); first {
		f.whole, f.ofWhole = append(f.whole, place), append(f.ofWhole, int32(len(f.words)-1))
	}
}

func (f *features) addPart(h uint64) {
	if place, first := f.place(h); first {
		f.parts, f.ofParts = append(f.parts, place), append(f.ofParts, int32(len(f.words)-1))
	}
}

// place is a feature's place in the table, and whether this text has it for the
// first time.
func (f *features) place(h uint64) (place uint32, first bool) {
	place = uint32((h ^ h>>29) & (1<<tableBits - 1))
	first = f.seen[place] != f.text
	f.seen[place] = f.text
	return place, first
}
