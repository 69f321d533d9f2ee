package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/connectors/sandbox"
)

// A program whose state is deleted under it isn't ready and takes no webhook, whose
// vendor sends it again, until it is put back and the program started again.
func TestStateDeletedUnderTheProgram(t *testing.T) {
	vendor := httptest.NewServer(sandbox.New().Handler())
	defer vendor.Close()
	where := filepath.Join(t.TempDir(), "vigie.db")
	p := start(t, configured(t, vendor.URL, where, "moveon", ""))
	c := newCaller(p.url)
	expect := func(when string, webhook, ready int) {
		t.Helper()
		if got, err := c.send("delivery of "+when, "7"); err != nil || got != webhook {
			t.Errorf("%s, a webhook: got %d, %v, want %d", when, got, err, webhook)
		}
		eventually(t, fmt.Sprintf("/readyz to answer %d, %s", ready, when), func() bool { // a round may be writing
			resp, err := http.Get(p.url + "/readyz")
			must(t, err)
			resp.Body.Close()
			return resp.StatusCode == ready
		})
	}
	expect("begun", 200, 200)
	must(t, os.Rename(where, where+".away"))
	expect("deleted", 503, 503)
	must(t, os.WriteFile(where, nil, 0o600))
	expect("replaced", 503, 503)
	// As it says: the right file is put there, and Vigie is started again.
	must(t, p.Process.Kill())
	p.Wait()
	must(t, os.Rename(where+".away", where))
	p = start(t, configured(t, vendor.URL, where, "moveon", ""))
	c = newCaller(p.url)
	expect("put back", 200, 200)
}

// Two programs on one file: the second doesn't start, whatever it calls it.
func TestTwoNamesOfOneState(t *testing.T) {
	vendor := httptest.NewServer(sandbox.New().Handler())
	defer vendor.Close()
	where := filepath.Join(t.TempDir(), "vigie.db")
	start(t, configured(t, vendor.URL, where, "moveon", ""))
	for name, link := range map[string]func(string, string) error{"symlink": os.Symlink, "hard link": os.Link} {
		other := filepath.Join(t.TempDir(), "other.db")
		must(t, link(where, other))
		r := bot(t, "", "serve", "--config", configured(t, vendor.URL, other, "moveon", ""))
		if r.code != 1 || !strings.Contains(r.stderr, "another Vigie works on it") {
			t.Errorf("%s: got exit %d, %s", name, r.code, r.stderr)
		}
	}
}
