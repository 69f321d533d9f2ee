// Package tomlfile reads the TOML files that people write: policies, their tests and the
// program's configuration.
//
// A file is a Document, read key by key through its Tables; what is wrong is noted with
// its line and what to write instead, and reading goes on, so that one mistake hides no
// other. The rows of a file's Keys are its reference: a key without one is unknown. A
// document may be laid over another (Over), and each key still knows where it stands.
package tomlfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// A Problem is one mistake in a file that people write, where it is and what to
// write instead.
type Problem struct {
	File    string
	Line    int    // from 1; 0 when it is about the whole file
	Key     string // "targets[1].within.urgent"
	Text    string // what is wrong; what to write
	Warning bool   // worth a look, but the file can be used
}

func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	if p.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Under says whether the problem is at a key or under it.
func (p Problem) Under(key string) bool {
	rest, ok := strings.CutPrefix(p.Key, key)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// Problems are all that was found in one reading, in the order of the lines.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Err is the problems that forbid using the file, or nil.
func (ps Problems) Err() error {
	var errs Problems
	for _, p := range ps {
		if !p.Warning {
			errs = append(errs, p)
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return errs
}

// What a file that people write may weigh: a hostile one must not cost more than its
// refusal.
const (
	// MaxSize is the largest file that is read, in bytes.
	MaxSize = 1 << 20

	maxProblems = 200
	maxDepth    = 16 // parts of a key, tables and lists within one another
)

// A Document is a TOML file read key by key. go-toml's own decoding stops at
// the first wrong type; reading by key finds every mistake of a file at once,
// and knows the line of each.
type Document struct {
	file     string
	keys     Keys              // that the file may have; none: those that its loader reads
	lines    map[string]int    // key path -> line
	order    map[string]int    // key path -> its place among all keys
	files    map[string]string // key path -> the file it stands in, where there are several
	problems Problems
}

// Read parses a TOML text. The table is its root; what is read through it
// and is wrong is collected in the document. A text that isn't TOML at all
// gives an empty root and one problem. The keys are the file's reference, see
// Table.Close; nil where it has none.
func Read(file string, text []byte, keys Keys) (*Document, *Table) {
	d := &Document{file: file, keys: keys, lines: map[string]int{}, order: map[string]int{}}
	root := &Table{doc: d, used: map[string]bool{}}
	if len(text) > MaxSize {
		d.Add("", "the file is larger than %d KiB; split it", MaxSize>>10)
		return d, root
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // some editors put it there
	if d.locate(text); len(d.problems) > 0 {
		return d, root
	}
	if err := toml.Unmarshal(text, &root.values); err != nil {
		p := Problem{File: file, Text: fmt.Sprintf(`this isn't TOML: %s; a line reads like key = "text" (toml.io)`, strings.TrimPrefix(err.Error(), "toml: "))}
		var at *toml.DecodeError
		if errors.As(err, &at) {
			p.Line, _ = at.Position()
			p.Key = strings.Join(at.Key(), ".")
		}
		d.problems = append(d.problems, p)
	}
	return d, root
}

// Add notes a problem at a key.
func (d *Document) Add(key, format string, args ...any) { d.add(false, key, format, args...) }

// Warn notes something worth a look at a key.
func (d *Document) Warn(key, format string, args ...any) { d.add(true, key, format, args...) }

// add notes a problem once, however often the key is read.
func (d *Document) add(warning bool, key, format string, args ...any) {
	p := Problem{File: d.FileOf(key), Line: d.Line(key), Key: key, Text: fmt.Sprintf(format, args...), Warning: warning}
	switch {
	case len(d.problems) > maxProblems, slices.Contains(d.problems, p):
		return
	case len(d.problems) == maxProblems:
		p = Problem{File: d.file, Text: fmt.Sprintf("more than %d problems; mend these, and look again", maxProblems)}
	}
	d.problems = append(d.problems, p)
}

// Note takes over what was found in another file.
func (d *Document) Note(found Problems) { d.problems = append(d.problems, found...) }

// File is what messages call the file.
func (d *Document) File() string { return d.file }

// noted says whether there is a problem at a key.
func (d *Document) noted(key string) bool {
	return slices.ContainsFunc(d.problems, func(p Problem) bool { return p.Key == key })
}

// Problems lists what was found so far, by line; those of a file that this one
// extends last.
func (d *Document) Problems() Problems {
	elsewhere := func(p Problem) int {
		if p.File == d.file {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(d.problems, func(a, b Problem) int {
		return cmp.Or(elsewhere(a)-elsewhere(b), cmp.Compare(a.Line, b.Line))
	})
	return d.problems
}

// Line is where a key stands, from 1; for a key that isn't there, where its
// nearest parent stands; 0 where there is none.
func (d *Document) Line(key string) int { return d.lines[d.standing(key)] }

// FileOf is the file in which a key stands, or its nearest parent: another one where
// that extends it.
func (d *Document) FileOf(key string) string { return cmp.Or(d.files[d.standing(key)], d.file) }

// standing is the key itself, or the nearest parent that stands in the file; "" where
// there is none.
func (d *Document) standing(key string) string {
	for key != "" {
		if _, ok := d.lines[key]; ok {
			return key
		}
		key = key[:max(0, strings.LastIndexAny(key, ".["))]
	}
	return ""
}

// locate fills the indexes of the keys. It is the only user of go-toml's parser
// interface, which its authors call unstable.
func (d *Document) locate(text []byte) {
	p := &unstable.Parser{}
	p.Reset(text)
	line, upTo := 1, 0 // nodes come in the order of the text
	lineOf := func(n *unstable.Node) int {
		if at := int(n.Raw.Offset); at >= upTo && at <= len(text) {
			line += bytes.Count(text[upTo:at], []byte{'\n'})
			upTo = at
		}
		return line
	}
	var keyLine int
	refuse := func(line int, what string) {
		d.problems = []Problem{{File: d.file, Line: line, Text: fmt.Sprintf("%s; no key here needs that", what)}}
	}
	path := func(prefix string, it unstable.Iterator) string {
		for part := 0; it.Next(); part++ {
			if part == 0 {
				keyLine = lineOf(it.Node())
			}
			if part == maxDepth {
				refuse(keyLine, fmt.Sprintf("this key has more than %d parts", maxDepth))
				return prefix
			}
			prefix = child(prefix, string(it.Node().Data))
			if _, ok := d.lines[prefix]; !ok {
				d.lines[prefix] = keyLine
				d.order[prefix] = len(d.order)
			}
		}
		return prefix
	}
	var value func(at string, n *unstable.Node, depth int)
	value = func(at string, n *unstable.Node, depth int) {
		if depth > maxDepth {
			refuse(keyLine, fmt.Sprintf("more than %d tables or lists lie within one another", maxDepth))
			return
		}
		switch n.Kind {
		case unstable.InlineTable:
			for it := n.Children(); it.Next(); {
				if e := it.Node(); e.Kind == unstable.KeyValue {
					value(path(at, e.Key()), e.Value(), depth+1)
				}
			}
		case unstable.Array:
			i := 0
			for it := n.Children(); it.Next(); {
				e := it.Node()
				if e.Kind == unstable.Comment {
					continue
				}
				elem := fmt.Sprintf("%s[%d]", at, i)
				if first := placed(e); first != nil {
					d.lines[elem] = lineOf(first)
				}
				value(elem, e, depth+1)
				i++
			}
		}
	}
	table, count := "", map[string]int{}
	for len(d.problems) == 0 && p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table:
			table = d.indexed(path("", e.Key()), count)
			d.lines[table] = keyLine
		case unstable.ArrayTable:
			name := path("", e.Key())
			table = fmt.Sprintf("%s[%d]", name, count[name])
			count[name]++
			d.lines[table] = keyLine
		case unstable.KeyValue:
			value(path(table, e.Key()), e.Value(), 0)
		}
	}
}

// placed is the node itself if the parser knows where it stands, or else, of a
// list, its first value; nil if there is none.
func placed(n *unstable.Node) *unstable.Node {
	if n.Raw.Length > 0 {
		return n
	}
	if it := n.Children(); n.Kind == unstable.Array && it.Next() {
		return placed(it.Node())
	}
	return nil
}

// indexed gives a table's path the index of the array tables it lies in:
// [priorities.rubric] belongs to the last [[priorities]].
func (d *Document) indexed(path string, count map[string]int) string {
	for _, name := range slices.SortedFunc(maps.Keys(count), func(a, b string) int { return len(b) - len(a) }) {
		if rest, ok := strings.CutPrefix(path, name+"."); ok {
			return fmt.Sprintf("%s[%d].%s", name, count[name]-1, rest)
		}
	}
	return path
}

// child is the path of a key within a table.
func child(table, key string) string {
	if table == "" {
		return key
	}
	return table + "." + key
}
