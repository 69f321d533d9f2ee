package rules

import (
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
	b := make([]byte, 0, len(s)+len(s)/16+8)
	words := make([]word, 0, len(s)/5+4)
	var (
		next     word // collects what precedes the next word
		inside   bool
		spaced   bool // white space since the last mark or word
		dash     bool // a dash between spaces, so far
		newlines int
		dots     int
	)
	end := func() {
		if inside {
			inside = false
			words[len(words)-1].to = uint32(len(b))
			b, words = writeOut(b, words)
			b = append(b, ' ')
			next, spaced, dash, newlines, dots = word{}, false, false, 0, 0
		}
	}
	begin := func(upper bool) {
		if inside {
			return
		}
		inside = true
		if dash && spaced || newlines == 1 && upper {
			next.pause = max(next.pause, aside)
		}
		if newlines > 1 {
			next.pause = endOfSentence
		}
		next.line = newlines > 0
		next.dots = next.dots || dots >= 3
		next.from = uint32(len(b))
		words = append(words, next)
	}
	for i := 0; i < len(s); {
		c := s[i]
		size := 1
		r := rune(c)
		if c >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		switch {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			begin(false)
			b = append(b, c)
		case 'A' <= c && c <= 'Z':
			begin(true)
			b = append(b, c+'a'-'A')
		case c >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			begin(unicode.IsUpper(r))
			b = appendFolded(b, s[i:i+size], r)
		case unicode.Is(unicode.Mn, r) || r == '\u00ad' || '\u200b' <= r && r <= '\u200d' || r == '\ufeff':
			// accents of their own and invisible marks are no part of a word and don't end it
		default:
			first := inside
			end()
			next.apostrophe = false
			switch r {
			case '\'', '’', 'ʼ', '‘', '`', '´':
				next.apostrophe = first
			case '*':
				if first {
					words[len(words)-1].star = true
				}
			case '|':
				next.or = true
			case '\n', '\u2028', '\u2029':
				newlines++
				spaced = true
			case '-', '–', '—':
				dash = dash || spaced || first && r == '—'
				spaced = false
			case '(', ')', '[', ']', '{', '}':
				next.pause = max(next.pause, aside)
			case '…':
				next.dots = true
				next.pause = endOfSentence
			case '.', ';', '!', '?', ',', ':', '=':
				if dots++; r != '.' {
					dots = 0
				}
				next.asked = next.asked || r == ':' || r == '?' || r == '='
				if endsHere(s[i+size:]) {
					next.pause = max(next.pause, pauseOf(r))
				}
			default:
				if unicode.IsSpace(r) {
					spaced = true
				}
			}
		}
		i += size
	}
	end()
	if next.dots || dots >= 3 {
		words = append(words, word{from: uint32(len(b)), to: uint32(len(b)), dots: true})
	}
	return string(b), words
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
	for len(d) > 0 {
		r, size := utf8.DecodeRune(d)
		if d = d[size:]; !unicode.Is(unicode.Mn, r) {
			b = utf8.AppendRune(b, unicode.ToLower(r))
		}
	}
	return b
}

// writeOut replaces a contraction of "not" that has just ended by its words.
func writeOut(b []byte, words []word) ([]byte, []word) {
	last := &words[len(words)-1]
	text := string(b[last.from:last.to])
	var verb string
	switch {
	case text == "t" && last.apostrophe && len(words) > 1:
		before := &words[len(words)-2]
		if verb = verbOf(string(b[before.from:before.to])); verb == "" {
			return b, words
		}
		b = append(b[:before.from], verb...)
		before.to = uint32(len(b))
		b = append(b, ' ')
		last.apostrophe = false
	case text == "cannot":
		verb = "can"
	default:
		var ok bool
		if verb, ok = strings.CutSuffix(text, "nt"); !ok {
			return b, words
		}
		if verb = verbOf(verb + "n"); verb == "" || text == "wont" {
			return b, words
		}
	}
	if text != "t" {
		b = append(b[:last.from], verb...)
		last.to = uint32(len(b))
		b = append(b, ' ')
		words = append(words, word{star: last.star})
		words[len(words)-2].star = false
		last = &words[len(words)-1]
	}
	last.from = uint32(len(b))
	b = append(b, "not"...)
	last.to = uint32(len(b))
	return b, words
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
