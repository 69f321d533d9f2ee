package tomlfile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// A Table is one table of a Document. Each method reads a key: what is absent
// is the zero value, what has the wrong type is the zero value and a problem.
// A nil Table reads as an empty one.
type Table struct {
	doc    *Document
	path   string
	place  string // that its keys have in the reference: "targets", whichever row it is
	values map[string]any
	used   map[string]bool
}

// Path is the table's place in the file: "calendars.berlin", "targets[1]".
func (t *Table) Path() string { return t.path }

// Tree is all that the table holds, as TOML gives it.
func (t *Table) Tree() map[string]any { return t.values }

// Add notes a problem at one of the table's keys; an empty key is the table.
func (t *Table) Add(key, format string, args ...any) { t.doc.Add(t.At(key), format, args...) }

// Warn notes something worth a look.
func (t *Table) Warn(key, format string, args ...any) { t.doc.Warn(t.At(key), format, args...) }

// At is the path of one of the table's keys in the file; the table's own for "".
func (t *Table) At(key string) string {
	if key == "" {
		return t.path
	}
	return child(t.path, key)
}

// Problems are what was found so far at the table or under it.
func (t *Table) Problems() (found Problems) {
	for _, p := range t.doc.problems {
		if p.Under(t.path) {
			found = append(found, p)
		}
	}
	return found
}

// Has says whether the key is there.
func (t *Table) Has(key string) bool { return t != nil && t.values[key] != nil }

// Line is where the key stands in the file, see Document.Line.
func (t *Table) Line(key string) int { return t.doc.Line(t.At(key)) }

// Keys lists the table's keys in the order of their names, and counts them all
// as known.
func (t *Table) Keys() []string {
	if t == nil {
		return nil
	}
	keys := slices.Sorted(maps.Keys(t.values))
	for _, k := range keys {
		t.used[k] = true
	}
	return keys
}

// KeysInOrder lists the table's keys in the order in which the file has them,
// for tables in which the first match counts; otherwise as Keys.
func (t *Table) KeysInOrder() []string {
	keys := t.Keys()
	slices.SortStableFunc(keys, func(a, b string) int {
		return cmp.Compare(t.doc.order[t.At(a)], t.doc.order[t.At(b)])
	})
	return keys
}

// read is the key's value as a V, and false with a problem if it is another.
func read[V any](t *Table, key, want string) (V, bool) {
	var none V
	if t == nil {
		return none, false
	}
	t.used[key] = true
	raw, ok := t.values[key]
	if !ok {
		return none, false
	}
	v, ok := raw.(V)
	if !ok {
		t.Add(key, "want %s, got %s", want, kind(raw))
	}
	return v, ok
}

// String is a text; Require it where it can't be absent.
func (t *Table) String(key string) string {
	s, _ := read[string](t, key, `a text in quotes`)
	return s
}

// Require is a text that must be there.
func (t *Table) Require(key, example string) string {
	s := t.String(key)
	if s == "" && (!t.Has(key) || t.values[key] == "") {
		t.Add(key, "is missing; write %s = %s", key, example)
	}
	return s
}

// Bool is true or false.
func (t *Table) Bool(key string) bool {
	b, _ := read[bool](t, key, "true or false")
	return b
}

// Number is a number, with or without a fraction.
func (t *Table) Number(key string) (float64, bool) {
	if t != nil {
		if n, ok := t.values[key].(int64); ok {
			t.used[key] = true
			return float64(n), true
		}
	}
	return read[float64](t, key, "a number")
}

// Date is a local date such as 2026-11-27, written with or without quotes.
func (t *Table) Date(key string) (year int, month time.Month, day int, ok bool) {
	if t == nil {
		return
	}
	if s, isText := t.values[key].(string); isText {
		t.used[key] = true
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Add(key, "want a date such as 2026-11-27, got %q", s)
			return
		}
		return d.Year(), d.Month(), d.Day(), true
	}
	d, ok := read[toml.LocalDate](t, key, "a date such as 2026-11-27")
	return d.Year, time.Month(d.Month), d.Day, ok
}

// Strings is a list of texts.
func (t *Table) Strings(key string) []string {
	list, ok := read[[]any](t, key, `a list of texts such as ["a", "b"]`)
	if !ok {
		return nil
	}
	texts := make([]string, 0, len(list))
	for i, e := range list {
		s, ok := e.(string)
		if !ok {
			t.Add(fmt.Sprintf("%s[%d]", key, i), "want a text in quotes, got %s", kind(e))
			continue
		}
		texts = append(texts, s)
	}
	return texts
}

// Any is the key's value as TOML gives it: string, int64, float64, bool,
// []any, map[string]any, a date or a time; nil when absent.
func (t *Table) Any(key string) any {
	if t == nil {
		return nil
	}
	t.used[key] = true
	return t.values[key]
}

// Table is a table within, nil when absent.
func (t *Table) Table(key string) *Table {
	m, ok := read[map[string]any](t, key, "a table")
	if !ok {
		return nil
	}
	return t.inner(key, t.At(key), m)
}

// inner is a table at one of the keys.
func (t *Table) inner(key, path string, values map[string]any) *Table {
	if row, ok := t.doc.keys.in(t.place).row(key); ok {
		key = row.Name
	}
	return &Table{doc: t.doc, path: path, place: child(t.place, key), values: values, used: map[string]bool{}}
}

// maxTables bounds an array of tables: each may cost the checking of conditions.
const maxTables = 2000

// Tables is an array of tables, [[key]] in the file.
func (t *Table) Tables(key string) []*Table {
	list, ok := read[[]any](t, key, "tables headed [["+key+"]]")
	if !ok {
		return nil
	}
	if len(list) > maxTables {
		t.Add(key, "has %d tables, more than %d; split the file", len(list), maxTables)
		return nil
	}
	tables := make([]*Table, 0, len(list))
	for i, e := range list {
		path := fmt.Sprintf("%s[%d]", t.At(key), i)
		m, ok := e.(map[string]any)
		if !ok {
			t.doc.Add(path, "want a table, got %s", kind(e))
			continue
		}
		tables = append(tables, t.inner(key, path, m))
	}
	return tables
}

// Rows is a list of lists as tables: each list is a row, its values stand under
// the names in columns; an empty text is an absent value. A row that is longer or shorter than columns, or no
// list, is a problem and left out; so is a column that is named twice.
func (t *Table) Rows(columns, rows string) []*Table {
	names := t.Strings(columns)
	list, _ := read[[]any](t, rows, `a list of rows such as [["a", "b"], ["c", "d"]]`)
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			t.Add(fmt.Sprintf("%s[%d]", columns, i), "%q is named twice; name each column once", name)
			return nil
		}
	}
	var tables []*Table
	for i, e := range list {
		path := fmt.Sprintf("%s[%d]", t.At(rows), i)
		cells, ok := e.([]any)
		switch {
		case !ok:
			t.doc.Add(path, "want a list in brackets, got %s", kind(e))
			continue
		case len(cells) != len(names):
			t.doc.Add(path, "has %d values for %d columns; write one for each, an empty text where there is nothing to say", len(cells), len(names))
			continue
		}
		row := t.inner(rows, path, map[string]any{})
		for k, name := range names {
			if cells[k] != "" {
				row.values[name] = cells[k]
			}
		}
		tables = append(tables, row)
	}
	return tables
}

// Close notes every key that isn't known, with the nearest name that is. The rows
// of the file's reference say which are; where it has none of the table, those that
// somebody has read are. What has a problem already needs no second word.
func (t *Table) Close() {
	if t == nil {
		return
	}
	known := slices.Collect(maps.Keys(t.used))
	rows := t.doc.keys.in(t.place)
	if len(rows) > 0 {
		known = rows.names()
	}
	slices.Sort(known)
	for _, key := range slices.Sorted(maps.Keys(t.values)) {
		if _, ok := rows.row(key); ok || len(rows) == 0 && t.used[key] || t.doc.noted(t.At(key)) {
			continue
		}
		hint := "remove it"
		if near := Nearest(key, known); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		} else if len(known) > 0 {
			hint = "known here: " + strings.Join(known, ", ")
		}
		t.Add(key, "unknown key; %s", hint)
	}
}

// kind names what TOML value somebody wrote.
func kind(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("the text %q", Short(v))
	case int64, float64:
		return fmt.Sprintf("the number %v", v)
	case bool:
		return fmt.Sprint(v)
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	case time.Time:
		return "the date and time " + v.Format(time.RFC3339)
	case toml.LocalDateTime:
		return fmt.Sprintf("the date and time %v", v)
	case toml.LocalTime:
		return fmt.Sprintf("the time %v", v)
	case toml.LocalDate:
		return fmt.Sprintf("the date %v", v)
	}
	return fmt.Sprintf("%T", v)
}

// OneOf tells what to write where a name is unknown: the known one that is most
// like it, or any of them.
func OneOf(known []string, name string) string {
	if near := Nearest(name, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "write one of " + strings.Join(known, ", ")
}

// Short keeps a quoted value readable in a message.
func Short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

// Nearest is the candidate most like a misspelt name, or "" when none is near.
func Nearest(name string, candidates []string) string {
	best, bestDistance := "", min(3, len(name)/2+1)
	for _, c := range candidates {
		if d := distance(strings.ToLower(name), strings.ToLower(c)); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance is Levenshtein's: how many letters differ.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
