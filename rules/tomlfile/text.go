package tomlfile

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Text is the whole document whose root the table is, with all that it was laid over,
// as one file: the keys in the order of the reference, each table with the file and
// line where it stands, and a key of it that stands in another. What holds by default
// is left out.
func (t *Table) Text() string {
	w := &fileWriter{doc: t.doc}
	w.keys(t.values, "", "")
	w.tables(t.values, "", "")
	return w.out.String()
}

type fileWriter struct {
	doc *Document
	out strings.Builder
}

// keys writes what a table says that stands in no table of its own.
func (w *fileWriter) keys(values map[string]any, place, at string) {
	for _, k := range w.rows(values, place) {
		if !apart(k, values[k.Name]) {
			w.key(k.Name, values[k.Name], at)
		}
	}
}

func (w *fileWriter) key(name string, value any, at string) {
	from, key := "", child(at, name)
	if at == "" || w.doc.FileOf(key) != w.doc.FileOf(at) {
		from = " # " + w.origin(key)
	}
	fmt.Fprintf(&w.out, "%s = %s%s\n", bare(name), tomlText(value), from)
}

// apart says that a key is best a table of its own: one that has rows in the
// reference, or a list of names at the top of the file.
func apart(k Key, value any) bool {
	_, isTable := value.(map[string]any)
	return k.Example == "" || k.Table == "" && isTable
}

// tables writes those within a table.
func (w *fileWriter) tables(values map[string]any, place, at string) {
	for _, k := range w.rows(values, place) {
		if !apart(k, values[k.Name]) {
			continue
		}
		reference, _ := w.doc.keys.in(place).row(k.Name) // where k has a name of one's own, "NAME"
		inner, heading, key := child(place, reference.Name), child(at, bare(k.Name)), child(at, k.Name)
		switch v := values[k.Name].(type) {
		case map[string]any:
			w.table("["+heading+"]", key, inner, v)
		case []any:
			for i, row := range v {
				row, _ := row.(map[string]any)
				w.table("[["+heading+"]]", fmt.Sprintf("%s[%d]", key, i), inner, row)
			}
		}
	}
}

// table writes one under its heading, which goes without saying where all of it are
// tables.
func (w *fileWriter) table(heading, at, place string, values map[string]any) {
	rows := w.doc.keys.in(place)
	if len(rows) == 0 || slices.ContainsFunc(rows, func(k Key) bool { return k.Example != "" }) {
		fmt.Fprintf(&w.out, "\n%s # %s\n", heading, w.origin(at))
	}
	if len(rows) > 0 {
		w.keys(values, place, at)
		w.tables(values, place, at)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		w.key(name, values[name], at)
	}
}

// rows are those of the reference for what a table holds, by its own names.
func (w *fileWriter) rows(values map[string]any, place string) (rows Keys) {
	for _, k := range w.doc.keys.in(place) {
		if k.own() {
			for _, name := range slices.Sorted(maps.Keys(values)) {
				k.Name = name
				rows = append(rows, k)
			}
		} else if _, ok := values[k.Name]; ok {
			rows = append(rows, k)
		}
	}
	return rows
}

func (w *fileWriter) origin(key string) string {
	return fmt.Sprintf("%s:%d", path.Base(w.doc.FileOf(key)), w.doc.Line(key))
}

var bareKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// bare is a key as TOML has it.
func bare(key string) string {
	if bareKey.MatchString(key) {
		return key
	}
	return quoted(key)
}

// tomlText is a value as TOML has it.
func tomlText(v any) string {
	switch v := v.(type) {
	case string:
		return quoted(v)
	case []any:
		texts := make([]string, len(v))
		for i, e := range v {
			texts[i] = tomlText(e)
		}
		if line := "[" + strings.Join(texts, ", ") + "]"; len(line) < 120 {
			return line
		}
		return "[\n  " + strings.Join(texts, ",\n  ") + ",\n]"
	case map[string]any:
		var texts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			texts = append(texts, bare(key)+" = "+tomlText(v[key]))
		}
		return "{ " + strings.Join(texts, ", ") + " }"
	case toml.LocalDate:
		return v.String()
	}
	return fmt.Sprint(v)
}

// quoted is a text in the quotes in which it reads best.
func quoted(s string) string {
	switch {
	case strings.Contains(s, "\n") && !strings.Contains(s, "''") && !strings.HasSuffix(s, "'") && printable(s):
		return "'''\n" + s + "'''"
	case strings.ContainsAny(s, `"\`) && !strings.ContainsAny(s, "'\n") && printable(s):
		return "'" + s + "'"
	}
	var b strings.Builder
	e := json.NewEncoder(&b) // whose escapes are TOML's, too
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // of a text: never fails
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\x7f", `\u007F`)
}

// printable says that a text has no control characters but line breaks: they can't
// stand between apostrophes.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f })
}
