package words_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vigie/rules/calendar"
	"vigie/rules/words"
)

func TestSay(t *testing.T) {
	if _, err := words.Read("sv.toml", []byte(`
[a]
plain = "hej"
who = "{who} och {other}"
[a.tickets]
one = "{n} ärende"
other = "{n} ärenden"
`)); err != nil {
		t.Fatal(err)
	}
	defer words.Forget("sv")
	for _, c := range []struct {
		tag, id string
		values  []any
		want    string
	}{
		{"sv", "a.plain", nil, "hej"},
		{"SV-fi", "a.plain", nil, "hej"},
		{"sv", "a.who", []any{"who", "{other}", "other", "Nadia"}, "{other} och Nadia"},
		{"sv", "a.tickets", []any{"n", 1}, "1 ärende"},
		{"sv", "a.tickets", []any{"n", 0}, "0 ärenden"},
		{"sv", "time.first", nil, "1"}, // from the fallback
		{"xx", "time.first", nil, "1"}, // no such language
		{"fr", "time.first", nil, "1er"},
		{"fr", "a.nothing", nil, "a.nothing"},
	} {
		if got := words.In(c.tag).Say(c.id, c.values...); got != c.want {
			t.Errorf("%s %s %v: %q, want %q", c.tag, c.id, c.values, got, c.want)
		}
	}
}

func TestTime(t *testing.T) {
	paris, err := calendar.LoadZone("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 27, 16, 30, 5, 0, paris)
	for tag, want := range map[string]string{"fr": "ven 2026-11-27 16:30:05 CET", "en": "Fri 2026-11-27 16:30:05 CET"} {
		if got := words.In(tag).Moment(at); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

var places = regexp.MustCompile(`\{[a-z]+\}`)

// Each catalogue has the texts that the others have, with the same places.
func TestCataloguesAreComplete(t *testing.T) {
	en := words.In("en")
	for _, l := range words.All() {
		for _, id := range en.IDs() {
			if !l.Has(id) {
				t.Errorf("%s.toml lacks %s: %q", l.Tag, id, en.Say(id))
				continue
			}
			if strings.HasPrefix(id, "time.") || strings.HasPrefix(id, "span.") {
				continue // a language has its own order and choice of the parts of a time
			}
			if a, b := placesOf(en, id), placesOf(l, id); !slices.Equal(a, b) {
				t.Errorf("%s.toml: %s has the places %v, English has %v", l.Tag, id, b, a)
			}
		}
		for _, id := range l.IDs() {
			if !en.Has(id) {
				t.Errorf("en.toml lacks %s, which %s.toml has: %q", id, l.Tag, l.Say(id))
			}
		}
	}
}

// placesOf is the places of a text with several (its other form): one ticket may be
// said without the number.
func placesOf(l *words.Language, id string) []string {
	list := places.FindAllString(strings.ReplaceAll(l.Say(id, "n", 5), "5", "{n}"), -1)
	slices.Sort(list)
	return slices.Compact(list)
}

var inTemplate = regexp.MustCompile(`(?:say|Say|Time) \(?(?:printf )?"([a-z_.%0-9]+)`)

// What the code says stands in the catalogues, and what stands there is said. An id
// that is put together ("status."+name) vouches for all that begin so.
func TestEveryTextIsSaid(t *testing.T) {
	said, begun := map[string]string{}, map[string]string{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2:
			return orSkip(err)
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			return saidIn(path, said, begun)
		case strings.HasSuffix(path, ".html") || strings.HasSuffix(path, ".tmpl"):
			text, err := os.ReadFile(path)
			for _, m := range inTemplate.FindAllStringSubmatch(string(text), -1) {
				if id, whole := strings.CutSuffix(m[1], "."); whole || strings.Contains(id, "%") {
					begun[strings.TrimSuffix(strings.Split(id, "%")[0], ".")+"."] = path
				} else {
					said[id] = path
				}
			}
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	en := words.In("en")
	for id, where := range said {
		if !en.Has(id) {
			t.Errorf("%s says %q, which en.toml lacks", where, id)
		}
	}
	for _, id := range en.IDs() {
		if _, found := said[id]; found {
			continue
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(begun)), func(prefix string) bool { return strings.HasPrefix(id, prefix) }) {
			t.Errorf("nobody says %s", id)
		}
	}
}

func orSkip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}

var anID = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)+$`)
var aPrefix = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)*\.$`)

// saidIn finds the strings of a file that are handed to Say or Time, and those that
// are put before something else and look like the beginning of an id.
func saidIn(path string, said, begun map[string]string) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, 0)
	if err != nil {
		return err
	}
	known := words.In("en")
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			sel, _ := n.Fun.(*ast.SelectorExpr)
			if sel == nil || sel.Sel.Name != "Say" && sel.Sel.Name != "Time" || len(n.Args) == 0 {
				return true
			}
			if id := literal(n.Args[0]); anID.MatchString(id) {
				said[id] = fset.Position(n.Pos()).String()
			}
		case *ast.BinaryExpr:
			if id := literal(n.X); aPrefix.MatchString(id) {
				begun[id] = fset.Position(n.Pos()).String()
			}
		case *ast.BasicLit: // an id, or the beginning of one, that is chosen first and said later
			switch id := literal(n); {
			case anID.MatchString(id) && known.Has(id):
				said[id] = fset.Position(n.Pos()).String()
			case aPrefix.MatchString(id):
				begun[id] = fset.Position(n.Pos()).String()
			}
		}
		return true
	})
	return nil
}

func literal(x ast.Expr) string {
	lit, _ := x.(*ast.BasicLit)
	if lit == nil || lit.Kind != token.STRING {
		return ""
	}
	text, _ := strconv.Unquote(lit.Value)
	return text
}

// BenchmarkSay is a text without a place, one with places, and one with forms.
func BenchmarkSay(b *testing.B) {
	fr := words.In("fr")
	for name, say := range map[string]func() string{
		"plain":  func() string { return fr.Say("state.met") },
		"places": func() string { return fr.Say("span.h_min", "h", 3, "mm", "20") },
		"forms":  func() string { return fr.Say("duration.hour", "n", 3) },
		"date":   func() string { return fr.Moment(time.Date(2026, 11, 27, 16, 30, 0, 0, time.UTC)) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				say()
			}
		})
	}
}
