package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// logKeys are where a log call's attributes begin.
var logKeys = map[string]int{
	"Debug": 1, "Info": 1, "Warn": 1, "Error": 1, "With": 0, "Log": 3,
	"DebugContext": 2, "InfoContext": 2, "WarnContext": 2, "ErrorContext": 2,
}

// What is searched for in a log has one name everywhere: the manual lists the
// names, and every attribute of every line that is logged is one of them.
func TestLogsSpeakOneVocabulary(t *testing.T) {
	_, part, found := strings.Cut(page(t, "monitoring"), "\n## Logs\n")
	if !found {
		t.Fatal("the manual has no part about logs")
	}
	part, _, _ = strings.Cut(part, "\n## ")
	known := map[string]bool{} // and whether it is used
	for _, m := range regexp.MustCompile("(?m)^\\| `.*$").FindAllString(part, -1) {
		names, _, _ := strings.Cut(m[1:], "|")
		for _, name := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(names, -1) {
			known[name[1]] = false
		}
	}
	for _, call := range logCalls(t) {
		for i, arg := range call.attributes {
			if i%2 > 0 {
				continue
			}
			literal, ok := arg.(*ast.BasicLit)
			if !ok {
				t.Errorf("%s: an attribute's name is no literal", call.at)
				continue
			}
			name, err := strconv.Unquote(literal.Value)
			if _, ok := known[name]; !ok || err != nil {
				t.Errorf("%s: attribute %s is not in the manual's list", call.at, literal.Value)
			}
			known[name] = true
		}
	}
	for name, used := range known {
		if !used {
			t.Errorf("nothing logs %q", name)
		}
	}
}

// A logCall is a line of the program that logs.
type logCall struct {
	at         token.Position
	attributes []ast.Expr
}

func logCalls(t *testing.T) (calls []logCall) {
	t.Helper()
	files := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !isLog(method.X) {
				return true
			}
			if first, ok := logKeys[method.Sel.Name]; ok {
				calls = append(calls, logCall{files.Position(call.Pos()), call.Args[min(first, len(call.Args)):]})
			}
			return true
		})
		return nil
	})
	must(t, err)
	if len(calls) < 25 {
		t.Fatalf("found %d calls only", len(calls))
	}
	return calls
}

// isLog says whether an expression is a logger, by its name.
func isLog(x ast.Expr) bool {
	name := ""
	switch x := x.(type) {
	case *ast.Ident:
		name = x.Name
	case *ast.SelectorExpr:
		name = x.Sel.Name
	case *ast.CallExpr:
		return isLog(x.Fun)
	}
	return slices.Contains([]string{"log", "logger", "slog"}, strings.ToLower(name))
}
