package tomlfile

import (
	"slices"
	"strings"
)

// A Key is one thing that a file may say: where it stands, what is written and
// what it means. The rows of a file's keys are both what its loader goes by (a key
// without a row is unknown to Table.Close, whoever reads it) and the reference that
// people read, so that the one can't rot away from the other.
type Key struct {
	Table    string // "" the top of the file, "targets" a [[targets]] row, "calendars.NAME" each of the calendars
	Name     string // "within"; in capitals where any name of one's own may stand: "NAME"
	Type     string // what is written: "text", "duration"; of a table with how it begins: "rows [[targets]]"
	Unit     string // what an amount is counted in, "" where nothing is
	Required bool
	Default  string // as it would be written; "" where without the key there is nothing
	Example  string // as it is written; "" of tables whose keys have rows of their own
	Meaning  string
}

// Keys are the rows of one file, in the order in which it is best read.
type Keys []Key

// in are the rows of a table; none for one that its own row describes whole.
func (ks Keys) in(table string) (rows Keys) {
	for _, k := range ks {
		if k.Table == table {
			rows = append(rows, k)
		}
	}
	return rows
}

// row is the one of a name, and whether there is one.
func (ks Keys) row(name string) (Key, bool) {
	for _, k := range ks {
		if k.Name == name || k.own() {
			return k, true
		}
	}
	return Key{}, false
}

// names are the rows' names.
func (ks Keys) names() []string {
	names := make([]string, len(ks))
	for i, k := range ks {
		names[i] = k.Name
	}
	return names
}

// own says that the key's name is one of one's own.
func (k Key) own() bool { return k.Name == strings.ToUpper(k.Name) }

// Only are the rows whose paths are wanted, with the tables that they stand in.
func (ks Keys) Only(wanted func(path string) bool) (some Keys) {
	for _, k := range ks {
		if wanted(k.Path()) || slices.ContainsFunc(ks, func(other Key) bool {
			return strings.HasPrefix(other.Table+".", k.Path()+".") && wanted(other.Path())
		}) {
			some = append(some, k)
		}
	}
	return some
}

// File is a text with the keys, those of each table together after those that belong
// to none. block is what it says of a key, or before a table; nothing for "".
func (ks Keys) File(block func(Key) string) string {
	var b strings.Builder
	ks.write(&b, "", block)
	return b.String()
}

func (ks Keys) write(b *strings.Builder, table string, block func(Key) string) {
	for _, k := range ks.in(table) {
		if k.Example != "" {
			b.WriteString(block(k))
		}
	}
	for _, k := range ks.in(table) {
		if k.Example != "" {
			continue
		}
		b.WriteString(block(k))
		if i := strings.Index(k.Type, "["); i >= 0 {
			b.WriteString(k.Type[i:] + "\n")
		}
		ks.write(b, k.Path(), block)
	}
}

// Path is where the key stands, as the reference names it: "targets.within".
func (k Key) Path() string { return child(k.Table, k.Name) }
