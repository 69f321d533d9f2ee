package rest

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A reading is a text unescaped. It remembers where each of its bytes stands in the
// text that was there first.
type reading struct {
	text []byte
	at   []int // of each byte, and of the end; nil: they are the same
}

func (r reading) origin(i int) int {
	if r.at == nil {
		return i
	}
	return r.at[i]
}

// An escape is a way to write a letter as something else: it begins with a byte, and
// one tells what stands there and how long that is, 0 if nothing does.
type escape struct {
	begins byte
	one    func(text []byte) (means []byte, length int)
}

var escapes = []escape{{'\\', backslash}, {'%', percent}, {'&', entity}}

// read unescapes a reading, and says whether that changed anything.
func (e escape) read(r reading) (out reading, changed bool) {
	if bytes.IndexByte(r.text, e.begins) < 0 {
		return r, false
	}
	out.text, out.at = make([]byte, 0, len(r.text)), make([]int, 0, len(r.text)+1)
	for i := 0; i < len(r.text); {
		means, n := r.text[i:i+1], 1
		if r.text[i] == e.begins {
			if m, length := e.one(r.text[i:]); length > 0 {
				means, n, changed = m, length, true
			}
		}
		for range means {
			out.at = append(out.at, r.origin(i))
		}
		out.text = append(out.text, means...)
		i += n
	}
	out.at = append(out.at, r.origin(len(r.text)))
	return out, changed
}

// backslash reads \u00e9, also of a letter in two halves, \U0001f600, \xe9 and \",
// as JSON, JavaScript and Go write them.
func backslash(text []byte) ([]byte, int) {
	if len(text) < 2 {
		return nil, 0
	}
	switch text[1] {
	case 'u':
		r, ok := number(text, 2, 4, 16)
		if low, half := number(text, 8, 4, 16); ok && half && 0xd800 <= r && r < 0xdc00 && text[6] == '\\' {
			return utf8.AppendRune(nil, (r-0xd800)<<10+(low-0xdc00)+0x10000), 12
		}
		if ok {
			return utf8.AppendRune(nil, r), 6
		}
	case 'U':
		if r, ok := number(text, 2, 8, 16); ok {
			return utf8.AppendRune(nil, r), 10
		}
	case 'x':
		if b, ok := number(text, 2, 2, 16); ok {
			return []byte{byte(b)}, 4
		}
	}
	return text[1:2], 2
}

// percent reads %C3, as addresses and forms write a byte.
func percent(text []byte) ([]byte, int) {
	if b, ok := number(text, 1, 2, 16); ok {
		return []byte{byte(b)}, 3
	}
	return nil, 0
}

var entities = map[string]string{"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'"}

// entity reads &amp;, &#38; and &#x26;, as HTML and XML write a letter.
func entity(text []byte) ([]byte, int) {
	name, _, ok := bytes.Cut(text[1:min(len(text), 12)], []byte(";"))
	if !ok {
		return nil, 0
	}
	length := len(name) + 2
	if means := entities[string(name)]; means != "" {
		return []byte(means), length
	}
	digits, base := strings.TrimPrefix(string(name), "#"), 10
	if h := strings.TrimLeft(digits, "xX"); h != digits {
		digits, base = h, 16
	}
	r, err := strconv.ParseInt(digits, base, 32)
	if err != nil || len(name) == 0 || name[0] != '#' {
		return nil, 0
	}
	return utf8.AppendRune(nil, rune(r)), length
}

// number reads so many digits at a place.
func number(text []byte, at, digits, base int) (rune, bool) {
	if at+digits > len(text) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[at:at+digits]), base, 32)
	return rune(n), err == nil
}
