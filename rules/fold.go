package rules

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A pause is what stands between two words, in rising strength.
type pause uint8

const (
	noPause       pause = iota // spaces, hyphens, apostrophes, quotes
	aside                      // brackets, a dash between spaces, a new line that begins with a capital
	colon                      // :
	comma                      // ,
	endOfSentence              // . ; ! ? and an empty line
)

// A word is one word of a text, folded, and what precedes it.
type word struct {
	from, to   uint32 // in Text.folded
	denial     uint32 // the denial that reaches it: its place in Text.denials plus one; 0 none
	pause      pause
	apostrophe bool // nothing but an apostrophe precedes it: the t of isn't
	asked      bool // : ? or = precedes it: the non of "Bloquant : non"
	line       bool // a new line precedes it
	star       bool // * follows it, which means something in a phrase only
	dots       bool // … or ... precedes it, which means something in a phrase only
	or         bool // | precedes it, likewise
}

// cut folds a text to lower case without accents and cuts it into words of
// letters and digits. Contractions of "not" are written out, so that can't,
// cannot and can not are the same.
func cut(s string) (string, []word) {
	var c cutter
	c.read(s)
	return c.finish()
}

// read cuts what comes next of a text.
func (c *cutter) read(s string) {
	c.folded, c.words = slices.Grow(c.folded, len(s)+len(s)/16+8), slices.Grow(c.words, len(s)/5+4)
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			c.begin(false)
			c.folded = append(c.folded, s[i])
		case 'A' <= r && r <= 'Z':
			c.begin(true)
			c.folded = append(c.folded, s[i]+'a'-'A')
		case r < utf8.RuneSelf:
			c.mark(r, s[i+1:])
		default:
			r, size = utf8.DecodeRuneInString(s[i:])
			switch {
			case unicode.IsLetter(r) || unicode.IsDigit(r):
				c.begin(unicode.IsUpper(r))
				c.folded = appendFolded(c.folded, s[i:i+size], r)
			case unicode.Is(unicode.Mn, r) || r == '\u00ad' || '\u200b' <= r && r <= '\u200d' || r == '\ufeff':
				// accents of their own and invisible marks don't end a word
			default:
				c.mark(r, s[i+size:])
			}
		}
		i += size
	}
}

func (c *cutter) finish() (string, []word) {
	c.end()
	if c.next.dots || c.dots >= 3 {
		at := uint32(len(c.folded))
		c.words = append(c.words, word{from: at, to: at, dots: true})
	}
	return string(c.folded), c.words
}

// A cutter is a text while it is cut.
type cutter struct {
	folded   []byte
	words    []word
	inside   bool // a word
	next     word // collects what precedes the next word
	spaced   bool // white space since the last mark or word
	dash     bool // a dash after a space
	newlines int
	dots     int // in a row
}

// begin begins a word, unless it has begun already.
func (c *cutter) begin(upper bool) {
	if c.inside {
		return
	}
	c.inside = true
	if c.dash && c.spaced || c.newlines == 1 && upper {
		c.next.pause = max(c.next.pause, aside)
	}
	if c.newlines > 1 {
		c.next.pause = endOfSentence
	}
	c.next.line = c.newlines > 0
	c.next.dots = c.next.dots || c.dots >= 3
	c.next.from = uint32(len(c.folded))
	c.words = append(c.words, c.next)
	c.next, c.spaced, c.dash, c.newlines, c.dots = word{}, false, false, 0, 0
}

// end ends a word, if one has begun.
func (c *cutter) end() {
	if c.inside {
		c.inside = false
		c.words[len(c.words)-1].to = uint32(len(c.folded))
		c.writeOut()
		c.folded = append(c.folded, ' ')
	}
}

// mark reads what is no part of a word; rest is the text after it.
func (c *cutter) mark(r rune, rest string) {
	afterWord := c.inside
	c.end()
	if r == ' ' {
		c.spaced, c.next.apostrophe = true, false
		return
	}
	c.next.apostrophe = false
	switch r {
	case '\'', '’', 'ʼ', '‘', '`', '´':
		c.next.apostrophe = afterWord
	case '*':
		if afterWord {
			c.words[len(c.words)-1].star = true
		}
	case '|':
		c.next.or = true
	case '\n', '\u2028', '\u2029':
		c.newlines++
		c.spaced = true
	case '-', '–', '—':
		c.dash = c.dash || c.spaced || afterWord && r == '—'
		c.spaced = false
	case '(', ')', '[', ']', '{', '}':
		c.next.pause = max(c.next.pause, aside)
	case '…':
		c.next.dots = true
		c.next.pause = endOfSentence
	case '.', ';', '!', '?', ',', ':', '=':
		if c.dots++; r != '.' {
			c.dots = 0
		}
		c.next.asked = c.next.asked || r == ':' || r == '?' || r == '='
		if endsHere(rest) {
			c.next.pause = max(c.next.pause, pauseOf(r))
		}
	default:
		c.spaced = c.spaced || unicode.IsSpace(r)
	}
}

func pauseOf(mark rune) pause {
	switch mark {
	case '=':
		return noPause
	case ':':
		return colon
	case ',':
		return comma
	}
	return endOfSentence
}

// endsHere says whether a mark before rest ends something: the dots of
// "9.30" and "acme.example" and the colon of "https://" don't.
func endsHere(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return rest == "" || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '/'
}

// appendFolded appends a letter or digit beyond ASCII in lower case, without
// accents, ligatures taken apart.
func appendFolded(b []byte, s string, r rune) []byte {
	switch unicode.ToLower(r) {
	case 'œ':
		return append(b, "oe"...)
	case 'æ':
		return append(b, "ae"...)
	case 'ß':
		return append(b, "ss"...)
	case 'ø':
		return append(b, 'o')
	case 'ł':
		return append(b, 'l')
	case 'đ':
		return append(b, 'd')
	}
	d := norm.NFKD.PropertiesString(s).Decomposition()
	if d == nil {
		return utf8.AppendRune(b, unicode.ToLower(r))
	}
	before := len(b)
	for len(d) > 0 {
		part, size := utf8.DecodeRune(d)
		if d = d[size:]; !unicode.Is(unicode.Mn, part) && !unicode.IsSpace(part) {
			b = utf8.AppendRune(b, unicode.ToLower(part))
		}
	}
	if len(b) == before { // an accent that stands alone, which Unicode takes apart into a space and the accent
		return utf8.AppendRune(b, unicode.ToLower(r))
	}
	return b
}

// writeOut replaces a contraction of "not" that has just ended by its words.
func (c *cutter) writeOut() {
	last := &c.words[len(c.words)-1]
	if c.folded[len(c.folded)-1] != 't' {
		return
	}
	text := string(c.folded[last.from:last.to])
	if text == "t" && last.apostrophe && len(c.words) > 1 { // isn't: two words so far
		before := &c.words[len(c.words)-2]
		verb := verbOf(string(c.folded[before.from:before.to]))
		if verb == "" {
			return
		}
		c.folded = append(c.folded[:before.from], verb...)
		before.to = uint32(len(c.folded))
		last.apostrophe = false
	} else {
		verb := "can"
		if text != "cannot" {
			stem, ok := strings.CutSuffix(text, "t")
			if verb = verbOf(stem); !ok || verb == "" || text == "wont" { // a wont is a habit
				return
			}
		}
		c.folded = append(c.folded[:last.from], verb...)
		last.to = uint32(len(c.folded))
		c.words = append(c.words, word{star: last.star})
		c.words[len(c.words)-2].star = false
		last = &c.words[len(c.words)-1]
	}
	c.folded = append(c.folded, ' ')
	last.from = uint32(len(c.folded))
	c.folded = append(c.folded, "not"...)
	last.to = uint32(len(c.folded))
}

// verbOf is the verb before n't: isn, can, won; empty if there is none such.
func verbOf(s string) string {
	switch s {
	case "can":
		return "can"
	case "won":
		return "will"
	case "isn", "aren", "wasn", "weren", "don", "doesn", "didn", "hasn", "haven", "hadn", "couldn", "wouldn", "shouldn", "needn", "mustn":
		return s[:len(s)-1]
	}
	return ""
}
