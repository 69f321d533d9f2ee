package calendar

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The same question must always get the same answer: no IO, and no clock but
// the instants that come in.
func TestPure(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range file.Imports {
			path, _ := strconv.Unquote(imported.Path.Value)
			root, _, _ := strings.Cut(path, "/")
			if strings.Contains(root, ".") || root == "os" || root == "net" || root == "log" || path == "database/sql" {
				t.Errorf("%s imports %s: this package does no IO and needs nothing but the standard library", name, path)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if !ok || pkg.Name != "time" {
				return true
			}
			switch sel.Sel.Name {
			case "Now", "Since", "Until", "After", "Tick", "Sleep":
				t.Errorf("%s: time.%s reads the clock; take the instant as a parameter", files.Position(n.Pos()), sel.Sel.Name)
			case "Date":
				// Into a local zone it would place opening times by guesswork (golang/go#24551).
				if name != "date.go" {
					t.Errorf("%s: time.Date is for date.go alone", files.Position(n.Pos()))
				}
			}
			return true
		})
	}
}
