package sandbox_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Each vendor is simulated apart from the others and from every client, so that no
// two can share a misreading: it takes from this module the stage and the zones of
// the calendar, and the stage takes nothing. What their tests share takes the sandbox.
func TestVendorsAreApart(t *testing.T) {
	const here = "vigie/connectors/sandbox"
	vendors := []string{here + "/zendesk", here + "/jira", here + "/slack"}
	allowed := map[string][]string{here: append(vendors, here+"/stage"), here + "/stage": nil}
	// People read the pages, in their language, and they see what the sandbox shows.
	allowed[here+"/pages"] = []string{here, "vigie/rules/calendar", "vigie/rules/words", "golang.org/x/text/language"}
	allowed[here+"/receiver"] = nil // where hooks and mails arrive, in tests
	allowed[here+"/sandboxtest"] = []string{here, "github.com/google/go-cmp/cmp"}
	for _, v := range vendors {
		allowed[v] = []string{here + "/stage", "vigie/rules/calendar"}
	}
	allowed[here+"/slack"] = append(allowed[here+"/slack"], "github.com/gorilla/websocket") // a protocol, not a client
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, here+"/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		of := strings.Fields(line)
		may, ours := allowed[of[0]]
		if !ours {
			t.Errorf("what %s may import isn't said here", of[0])
			continue
		}
		seen++
		for _, path := range of[1:] {
			// What isn't the standard library's has a dot in its first part, or is ours.
			first, _, _ := strings.Cut(path, "/")
			if (strings.Contains(first, ".") || first == "vigie") && !slices.Contains(may, path) {
				t.Errorf("%s imports %s", of[0], path)
			}
		}
	}
	if seen != len(allowed) {
		t.Errorf("%d packages are there, want %d", seen, len(allowed))
	}
}
