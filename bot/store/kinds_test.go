package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"vigie/bot/store"
	"vigie/rules"
)

// Every kind that the program names has an entry in the table, which leaves nothing
// open, and every kind of the table has a name.
func TestKindsHaveEntries(t *testing.T) {
	named := map[store.Kind]bool{}
	file := got[*ast.File](t)(parser.ParseFile(token.NewFileSet(), "kinds.go", nil, 0))
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			if v := spec.(*ast.ValueSpec); v.Type.(*ast.Ident).Name == "Kind" {
				named[store.Kind(got[string](t)(strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)))] = true
			}
		}
	}
	if len(named) == 0 {
		t.Fatal("no kinds are named")
	}
	for kind := range named {
		if r := kind.Traits(); r.Does == "" || r.By == "" || r.Concerns == "" || r.Body == "" {
			t.Errorf("%s has no whole entry in the table: %+v", kind, r)
		}
	}
	for _, r := range store.Kinds() {
		if !named[r.Kind] {
			t.Errorf("%s is in the table, and has no name or two entries", r.Kind)
		}
		delete(named, r.Kind)
		if r.Alarm() && (r.Standing || !r.Calls || r.Concerns != store.OneTicket || r.Body != store.TopicBody) {
			t.Errorf("%s is an alarm, which happens once, about one ticket, and calls people: %+v", r.Kind, r)
		}
	}
}

// Every alert that calls people has a kind of action that says it.
func TestAlarmsHaveKinds(t *testing.T) {
	alerts := 0
	file := got[*ast.File](t)(parser.ParseFile(token.NewFileSet(), "../../rules/alert.go", nil, 0))
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := v.Type.(*ast.Ident); !ok || of.Name != "AlertKind" || len(v.Values) == 0 {
			return true
		}
		alert := rules.AlertKind(strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`))
		if alerts++; alert.Alarm() != (store.AlarmOf(alert) != "") {
			t.Errorf("%s calls people: %v; the kind of action that says it is %q", alert, alert.Alarm(), store.AlarmOf(alert))
		}
		return true
	})
	if alerts == 0 {
		t.Fatal("no alerts are named")
	}
}
