package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/bot/store"
	"vigie/connectors/sandbox"
)

// A ticket is forgotten beside the program that serves, on either database: first it
// is said what would go, then it is gone from the state, its log and a copy made
// later; the program goes on.
func TestForgetBesideServe(t *testing.T) {
	for name, where := range states(t) {
		t.Run(name, func(t *testing.T) {
			s := sandbox.New()
			vendor := httptest.NewServer(s.Handler())
			defer vendor.Close()
			s.Zendesk().Create(sandbox.NewTicket{Subject: "Wolpertinger", Body: "Kaulquappe", RequesterEmail: "zoe.quast@acme.example"})
			config := configured(t, vendor.URL, where, "moveon", "")
			p := start(t, config)
			holds := func(word string) bool {
				t.Helper()
				copied := filepath.Join(t.TempDir(), "backup.db")
				must(t, store.Copy(t.Context(), where, copied))
				files := []string{copied}
				if !store.IsPostgres(where) {
					files = append(files, where, where+"-wal")
				}
				for _, file := range files {
					content, err := os.ReadFile(file)
					must(t, err)
					if bytes.Contains(content, []byte(word)) {
						return true
					}
				}
				return false
			}
			eventually(t, "the ticket to be read", func() bool { return holds("Kaulquappe") })
			forget := func(more ...string) string {
				t.Helper()
				var out, errs bytes.Buffer
				args := append([]string{"forget", "zendesk:1", "--config", config}, more...)
				if code := run(t.Context(), args, strings.NewReader(""), &out, &errs); code != 0 {
					t.Fatalf("exit %d: %s", code, errs.String())
				}
				return out.String()
			}
			said := forget()
			if !strings.Contains(said, "Nothing was changed") || strings.Contains(said, "Wolpertinger") || !holds("Kaulquappe") {
				t.Errorf("without --yes: %s", said)
			}
			if said := forget("--yes"); !strings.Contains(said, "Done.") {
				t.Errorf("with --yes: %s", said)
			}
			for _, word := range []string{"Wolpertinger", "wolpertinger", "Kaulquappe", "zoe.quast"} {
				eventually(t, word+" to go", func() bool { return !holds(word) }) // serve may just have been about to save it
			}
			if said := forget("--yes"); !strings.Contains(said, "no texts any more") {
				t.Errorf("the second time: %s", said)
			}
			must(t, p.Process.Signal(os.Interrupt))
			must(t, p.Wait())
		})
	}
	var out, errs bytes.Buffer
	config := configured(t, "http://127.0.0.1:1", filepath.Join(t.TempDir(), "none.db"), "moveon", "")
	for _, args := range [][]string{{"forget", "zendesk", "--config", config}, {"forget", "nobody:1", "--config", config}} {
		if code := run(t.Context(), args, strings.NewReader(""), &out, &errs); code == 0 {
			t.Errorf("%v was taken", args)
		}
	}
}
