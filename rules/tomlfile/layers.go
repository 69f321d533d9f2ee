package tomlfile

import (
	"fmt"
	"strings"
)

// Over is the document laid over another one, with the values that come of that: each
// of their keys keeps the file and line that it has in the one or the other. base and
// own say which row of a table a row of the other, or of this one, has become; below 0
// it is left out. What was found in this document is kept.
func (d *Document) Over(other *Document, values map[string]any, base, own func(table string, row int) int) (*Document, *Table) {
	all := &Document{file: d.file, keys: d.keys, problems: d.problems, lines: map[string]int{}, order: map[string]int{}, files: map[string]string{}}
	all.adopt(other, base)
	all.adopt(d, own)
	return all, &Table{doc: all, values: values, used: map[string]bool{}}
}

// adopt takes the places of another document's keys over, its rows renumbered; a row
// with a number below 0 is left out.
func (d *Document) adopt(from *Document, number func(table string, row int) int) {
	for key := range from.lines {
		table, rest, _ := strings.Cut(key, "[")
		as := key
		if index, inner, ok := strings.Cut(rest, "]"); ok && !strings.Contains(table, ".") {
			var row int
			if _, err := fmt.Sscan(index, &row); err == nil {
				if row = number(table, row); row < 0 {
					continue
				}
				as = fmt.Sprintf("%s[%d]%s", table, row, inner)
			}
		}
		d.lines[as], d.files[as] = from.lines[key], from.FileOf(key)
	}
}
