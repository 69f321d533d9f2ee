package oncall

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The same question must always get the same answer: no IO, and no clock but the
// instants that come in.
func TestPure(t *testing.T) {
	allowed := map[string]bool{"iter": true, "slices": true, "sort": true, "time": true, "vigie/rules/calendar": true}
	reads := regexp.MustCompile(`\btime\.(Now|Since|Until|After|Tick|Sleep|Local)\b`)
	names, err := filepath.Glob("*.go")
	if err != nil || len(names) < 2 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range file.Imports {
			if path, _ := strconv.Unquote(imported.Path.Value); !allowed[path] {
				t.Errorf("%s imports %s", name, path)
			}
		}
		if found := reads.FindString(string(text)); found != "" {
			t.Errorf("%s says %s: take the instant as a parameter", name, found)
		}
	}
}
