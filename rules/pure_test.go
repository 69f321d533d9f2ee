package rules_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// impure are the packages with which a program reaches out of itself, each with those
// of its names that do so: files, the network, other programs, the machine's clock and
// zone, chance that nobody chose. Without names it is all of the package.
var impure = map[string][]string{
	"time":         {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "LoadLocation", "Local"},
	"fmt":          {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
	"context":      {"WithTimeout", "WithTimeoutCause", "WithDeadline", "WithDeadlineCause"},
	"math/rand/v2": {"N", "Int", "IntN", "Int32", "Int32N", "Int64", "Int64N", "Uint32", "Uint32N", "Uint64", "Uint64N", "UintN", "Uint", "Float32", "Float64", "NormFloat64", "ExpFloat64", "Perm", "Shuffle"},
	"os":           nil, "os/exec": nil, "os/signal": nil, "os/user": nil, "io/ioutil": nil, "syscall": nil, "unsafe": nil, "plugin": nil,
	"net": nil, "net/http": nil, "net/rpc": nil, "net/smtp": nil, "database/sql": nil, "log": nil, "log/slog": nil, "log/syslog": nil,
	"math/rand": nil, "crypto/rand": nil, "testing": nil, "flag": nil,
}

// reachesOut lists where a file does what a pure package doesn't: "os", "time.Now".
func reachesOut(f *ast.File) (found []string) {
	names := map[string]string{} // of a file's imports -> their paths
	for _, imported := range f.Imports {
		from, _ := strconv.Unquote(imported.Path.Value)
		name := path.Base(strings.TrimSuffix(from, "/v2"))
		if imported.Name != nil {
			name = imported.Name.Name
		}
		names[name] = from
		uses, known := impure[from]
		if known && uses == nil || known && name == "." || strings.HasPrefix(from, "vigie/") && from != "vigie/rules" && !strings.HasPrefix(from, "vigie/rules/") {
			found = append(found, from)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && slices.Contains(impure[names[x.Name]], s.Sel.Name) {
				found = append(found, x.Name+"."+s.Sel.Name)
			}
		}
		return true
	})
	return found
}

// No package under rules does IO or reads the clock: the same ticket, policy and instant
// have the same verdict whenever and wherever it is asked for.
func TestRulesArePure(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files++
		for _, what := range reachesOut(f) {
			t.Errorf("%s reaches out by %s: let whoever calls give what comes from there", name, what)
		}
		return nil
	})
	if err != nil || files < 50 {
		t.Errorf("looked at %d files: %v", files, err)
	}
}

// The test above would notice what it is there for.
func TestReachesOut(t *testing.T) {
	for source, want := range map[string]string{
		"import \"time\"\nvar at = time.Now()":                         "time.Now",
		"import clock \"time\"\nvar at = clock.Now":                    "clock.Now",
		"import . \"time\"\nvar at = Now()":                            "time",
		"import \"os\"\nvar home = os.Getenv(\"HOME\")":                "os",
		"import \"vigie/bot/store\"\nvar _ store.Store":                "vigie/bot/store",
		"import \"math/rand/v2\"\nvar n = rand.IntN(6)":                "rand.IntN",
		"import \"math/rand/v2\"\nvar r = rand.New(rand.NewPCG(1, 2))": "",
		"import \"time\"\nvar zone = time.UTC":                         "",
		"import _ \"embed\"\n":                                         "",
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(reachesOut(f), " "); got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
}
