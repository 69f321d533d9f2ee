package policyfile

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"vigie/rules/tomlfile"
)

// A policy may extend another: `extends` names it, and the file holds what differs.
// Tables are laid over one another key by key; a [[priorities]] row with a name that
// the other policy knows changes that priority; any other row goes before the other
// policy's, so that it is the first that is asked; and `without` leaves out the rows
// of clauses. What comes of it is a policy like any other, which says of each key in
// which file it stands.

// maxExtends bounds how many policies lie over one another.
const maxExtends = 8

// Read reads a policy file, laid over the one that it extends, if it does; see
// Load for readFile. Mistakes are noted in the document.
func Read(file string, text []byte, readFile func(name string) ([]byte, error)) (*tomlfile.Document, *tomlfile.Table) {
	return read(file, text, readFile, 0)
}

func read(file string, text []byte, readFile func(name string) ([]byte, error), depth int) (*tomlfile.Document, *tomlfile.Table) {
	d, root := tomlfile.Read(file, text, keys)
	name, without := root.String("extends"), root.Strings("without")
	switch {
	case root.Has("without") && !root.Has("extends"):
		root.Add("without", "leaves out rows of the policy that this one extends, and it extends none; remove it, or write extends = \"moveon\"")
	case !root.Has("extends"):
	case name == "":
		root.Add("extends", `names no policy; write a built-in one's name, such as "moveon", or a policy file's path, relative to this file`)
	case depth == maxExtends:
		root.Add("extends", "is the %dth policy over another, or leads back to this one; write a policy that extends fewer", maxExtends+1)
	case readFile == nil:
		root.Add("extends", "other policies can't be read here; write the policy whole")
	}
	if name == "" || len(d.Problems()) > 0 {
		return d, root
	}
	content, err := readFile(name)
	if err != nil {
		root.Add("extends", `%v; write a built-in policy's name, such as "moveon", or a policy file's path, relative to this file`, err)
		return d, root
	}
	below, base := read(fileOf(besides(file, name)), content, func(other string) ([]byte, error) { return readFile(besides(name, other)) }, depth+1)
	if problems := below.Problems(); len(problems) > 0 {
		d.Note(problems)
		return d, root
	}
	moveFiles(base.Tree(), name)
	return layOver(d, root, below, base, without)
}

// besides is the path of a file that another one names: as it stands where it is
// absolute or a built-in policy's.
func besides(file, name string) string {
	if !strings.ContainsAny(name, `/\.`) || path.IsAbs(name) {
		return name
	}
	return path.Join(path.Dir(file), name)
}

// fileOf is how messages call a policy that is named: the file that a built-in one was.
func fileOf(name string) string {
	if strings.ContainsAny(name, `/\.`) {
		return name
	}
	return name + ".toml"
}

// moveFiles makes the paths of iCal files relative to the file that extends, which
// names the policy in which they stand.
func moveFiles(v any, name string) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			list, _ := value.([]any)
			for i := range list {
				if entry, ok := list[i].(string); ok && key == "holidays" && strings.HasSuffix(entry, ".ics") {
					list[i] = besides(name, entry)
				}
			}
			moveFiles(value, name)
		}
	case []any:
		for _, e := range v {
			moveFiles(e, name)
		}
	}
}

// layOver is a document laid over the one below it.
func layOver(d *tomlfile.Document, root *tomlfile.Table, below *tomlfile.Document, base *tomlfile.Table, without []string) (*tomlfile.Document, *tomlfile.Table) {
	own := maps.Clone(root.Tree())
	delete(own, "extends")
	delete(own, "without")
	left := leaveOut(base.Tree(), without, func(i int, known []string) {
		root.Add(fmt.Sprintf("without[%d]", i), "no row of %s cites clause %q; %s", below.File(), tomlfile.Short(without[i]), tomlfile.OneOf(known, without[i]))
	})
	values, places := overlay(left.values, own)
	return d.Over(below, values, func(table string, i int) int {
		if i = left.place(table, i); i < 0 {
			return i
		}
		return places[table].base(i)
	}, func(table string, i int) int { return places[table].own(i) })
}

// Overlay is a policy's tree with what another one says laid over it, as if that
// extended it. Neither is changed.
func Overlay(base, own map[string]any) map[string]any {
	values, _ := overlay(base, own)
	return values
}

// rowPlaces says where the rows of a table have gone.
type rowPlaces struct{ bases, owns []int }

func (p rowPlaces) base(i int) int { return numbered(p.bases, i) }
func (p rowPlaces) own(i int) int  { return numbered(p.owns, i) }

// numbered is a row's new number, the old one where nothing has moved.
func numbered(moved []int, i int) int {
	if i < len(moved) {
		return moved[i]
	}
	return i
}

func overlay(base, own map[string]any) (map[string]any, map[string]rowPlaces) {
	merged, places := maps.Clone(base), map[string]rowPlaces{}
	for key, v := range own {
		have, more := tableRows(merged[key]), tableRows(v)
		if have == nil || more == nil {
			merged[key] = laid(merged[key], v)
			continue
		}
		merged[key], places[key] = rowsOver(key, have, more)
	}
	return merged, places
}

// laid is a value over another: tables are merged, anything else replaces.
func laid(below, v any) any {
	have, isTable := below.(map[string]any)
	more, areTables := v.(map[string]any)
	if !isTable || !areTables {
		return v
	}
	merged := maps.Clone(have)
	for key, value := range more {
		merged[key] = laid(merged[key], value)
	}
	return merged
}

// rowsOver are the rows of a table over those below: first the new ones, then those
// below, changed where they are one's own.
func rowsOver(table string, below, own []any) (rows []any, places rowPlaces) {
	same := func(a, b any) bool {
		name, known := a.(map[string]any)["name"]
		return table == "priorities" && known && b.(map[string]any)["name"] == name
	}
	changed := make([]int, len(own)) // the row below, or -1
	for i, row := range own {
		if changed[i] = slices.IndexFunc(below, func(b any) bool { return same(row, b) }); changed[i] < 0 {
			places.owns = append(places.owns, len(rows))
			rows = append(rows, row)
		} else {
			places.owns = append(places.owns, 0)
		}
	}
	first := len(rows)
	rows = append(rows, below...)
	for i := range below {
		places.bases = append(places.bases, first+i)
	}
	for i, b := range changed {
		if b >= 0 {
			places.owns[i] = first + b
			rows[first+b] = laid(rows[first+b], own[i])
		}
	}
	return rows, places
}

// tableRows is a list of tables, [[targets]]; nil if it is anything else.
func tableRows(v any) []any {
	list, _ := v.([]any)
	for _, e := range list {
		if _, ok := e.(map[string]any); !ok {
			return nil
		}
	}
	return list
}

// A remainder is a tree with rows left out, and where those that are left have gone.
type remainder struct {
	values map[string]any
	moved  map[string][]int // of a table with rows left out, each row's new number or -1
}

func (r remainder) place(table string, i int) int { return numbered(r.moved[table], i) }

// leaveOut leaves out the rows that cite one of the clauses; unknown is told of a
// clause that none does, with those that some do.
func leaveOut(values map[string]any, clauses []string, unknown func(i int, known []string)) remainder {
	left := remainder{maps.Clone(values), map[string][]int{}}
	cited := map[string]bool{}
	for table, v := range values {
		var rows []any
		var moved []int
		for _, row := range tableRows(v) {
			clause, _ := row.(map[string]any)["clause"].(string)
			if cited[clause] = true; slices.Contains(clauses, clause) && clause != "" {
				moved = append(moved, -1)
				continue
			}
			moved = append(moved, len(rows))
			rows = append(rows, row)
		}
		if slices.Contains(moved, -1) {
			left.values[table], left.moved[table] = rows, moved
		}
	}
	delete(cited, "")
	// The titles of clauses that are gone would name what no row cites.
	if titles, ok := values["clauses"].(map[string]any); ok {
		titles = maps.Clone(titles)
		maps.DeleteFunc(titles, func(clause string, _ any) bool { return slices.Contains(clauses, clause) })
		left.values["clauses"] = titles
	}
	for i, clause := range clauses {
		if !cited[clause] {
			unknown(i, slices.Sorted(maps.Keys(cited)))
		}
	}
	return left
}
