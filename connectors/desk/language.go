package desk

import (
	"iter"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Language is a ticket's language: that of the requester's locale, where the tool
// tells one, else that of the text, else the source's own. All three may be empty.
func Language(locale, text, source string) string {
	if l := LocaleLanguage(locale); l != "" {
		return l
	}
	if l := TextLanguage(text); l != "" {
		return l
	}
	return LocaleLanguage(source)
}

// LocaleLanguage is the language of a locale as ticketing tools write them: "fr" of
// "FR", "fr_FR", "fr-CA" and "fr_FR.UTF-8". Empty for what names none.
func LocaleLanguage(locale string) string {
	m := localeForm.FindStringSubmatch(strings.ToLower(strings.TrimSpace(locale)))
	if m == nil || m[1] == "und" || m[1] == "mul" || m[1] == "zxx" {
		return ""
	}
	return m[1]
}

var localeForm = regexp.MustCompile(`^([a-z]{2,3})(?:[-_.@].*)?$`)

// TextLanguage is the language that a text is written in, as "fr"; empty where the
// text doesn't tell: too few words, or two languages that are near to each other or
// both there. A wrong language is worse than none, since letters go out in it. Lines
// of a log, code and addresses aren't read.
func TextLanguage(text string) string {
	if l := scriptLanguage(text); l != "" {
		return l
	}
	words := lexicon()
	score := make([]float64, len(words.languages))
	counted, read := map[string]int{}, 0
	for line := range strings.Lines(text) {
		if read += len(line); read > mostRead {
			break
		}
		if logLine.MatchString(line) {
			continue
		}
		shouted := strings.ToUpper(line) == line
		for w := range prose(line) {
			if !shouted && acronym(w) {
				continue
			}
			w = foldWord(w)
			if counted[w]++; counted[w] <= 2 { // a word repeated says little more
				words.vote(w, score)
			}
		}
	}
	best, second := 0, 0.0
	for l, votes := range score {
		if votes > score[best] {
			best = l
		}
	}
	for l, votes := range score {
		if l != best {
			second = max(second, votes)
		}
	}
	if score[best] < enough || score[best] < clearLead*second {
		return ""
	}
	return words.languages[best]
}

const (
	mostRead  = 4 << 10 // bytes: more tell no more
	enough    = 1.5     // votes: a word that only one language has is one
	clearLead = 2       // times the second's votes
)

// logLine is a line that a program wrote: a stack trace, an exception, a time stamp
// first.
var logLine = regexp.MustCompile(`^\s*(?:at [\w.$]+\(|caused by:|traceback|\[?\d{4}-\d\d-\d\d[t ]\d\d:\d\d|[{<]|\$ |(?:ERROR|WARN|WARNING|INFO|DEBUG|FATAL|SEVERE)\b[^a-z]*\d|[\w.$]+(?:Exception|Error)\b|(?:SELECT|INSERT|UPDATE|DELETE) )`)

// prose goes through the words of a line that its writer wrote: not through
// addresses, names of code, and what he quotes off a screen.
func prose(line string) iter.Seq[string] {
	return func(yield func(string) bool) {
		quoted := false
		for chunk := range strings.FieldsSeq(line) {
			wasQuoted := quoted
			if strings.Count(chunk, `"`)%2 == 1 {
				quoted = !quoted && strings.Count(line, `"`)%2 == 0
			}
			if wasQuoted || quoted || codeLike(chunk) {
				continue
			}
			for word := range strings.FieldsFuncSeq(chunk, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) }) {
				if !yield(word) {
					return
				}
			}
		}
	}
}

// codeLike says whether what stands between two spaces is an address, a path, a
// number or a name of code: export.csv, user_id, getName.
func codeLike(chunk string) bool {
	if strings.ContainsAny(chunk, "0123456789@_=<>{}|\\/#") {
		return true
	}
	var first, second rune // the two before
	for _, r := range chunk {
		if unicode.IsLetter(first) && second == '.' && unicode.IsLetter(r) || unicode.IsLower(second) && unicode.IsUpper(r) {
			return true
		}
		first, second = second, r
	}
	return false
}

// acronym says whether a word is one such as IT or SSO.
func acronym(w string) bool { return len(w) > 1 && len(w) <= 5 && strings.ToUpper(w) == w }

// foldWord is a word in lower case without accents.
func foldWord(word string) string {
	word = strings.ToLower(word)
	if strings.IndexFunc(word, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return word
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(special.Replace(word)))
}

var special = strings.NewReplacer("ß", "ss", "œ", "oe", "æ", "ae", "ø", "o", "ł", "l", "đ", "d", "ı", "i")

// scriptLanguage is the language of a text mostly in letters of its own: Greek,
// Korean, Hebrew, Thai, Japanese; of the Cyrillic ones Ukrainian and Russian, by
// letters that the others lack.
func scriptLanguage(text string) string {
	letters, own := 0, map[string]int{}
	for i, r := range text {
		if i > mostRead {
			break
		}
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		for _, s := range scripts {
			if unicode.Is(s.table, r) {
				own[s.language]++
			}
		}
	}
	cyrillic := own["cyrillic"]
	delete(own, "cyrillic")
	if cyrillic > letters/2 {
		switch {
		case strings.ContainsAny(text, "їєґЇЄҐ"):
			return "uk"
		case strings.ContainsAny(text, "ыэЫЭ") && !strings.ContainsAny(text, "іўІЎ"):
			return "ru"
		}
		return ""
	}
	for l, n := range own {
		if n > letters/2 || l == "ja" && n > letters/4 {
			return l
		}
	}
	return ""
}

var scripts = []struct {
	language string
	table    *unicode.RangeTable
}{
	{"el", unicode.Greek}, {"ko", unicode.Hangul}, {"he", unicode.Hebrew}, {"th", unicode.Thai},
	{"ja", unicode.Hiragana}, {"ja", unicode.Katakana}, {"cyrillic", unicode.Cyrillic},
}
