package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/bot/config"
	"vigie/bot/store"
	"vigie/connectors/sandbox"
)

// The webhooks that vendors were recorded to send go the whole way: over HTTP, past
// their signatures, onto disk, and into a verdict on the ticket that they are about.
func TestRecordedWebhooks(t *testing.T) {
	jiraFiles, _ := filepath.Glob("../../shared/fixtures/jira/webhooks/*.json")
	zendeskFiles, _ := filepath.Glob("../../shared/fixtures/zendesk/webhook/trigger*.json")
	if len(jiraFiles) == 0 || len(zendeskFiles) == 0 {
		t.Skip("the recorded payloads aren't here")
	}
	began := time.Date(2019, 2, 1, 9, 0, 0, 0, time.UTC)
	now := began
	s := sandbox.New()
	s.Now = func() time.Time { return now }
	vendors := httptest.NewServer(s.Handler())
	defer vendors.Close()
	for _, key := range []string{"TES", "KT", "TEST", "PRJX", "PRJA", "HEY"} {
		s.Jira().AddProject(key, key)
	}
	for range 45 { // whatever they were, those of this project are there
		s.Jira().Create(sandbox.NewIssue{Project: "TES", Reporter: "sam@acme.example"})
	}
	t.Setenv("HOOK", "s3cret")
	for name, token := range map[string]string{"ZENDESK": s.Tokens.Zendesk.Token, "JIRA": s.Tokens.Jira.Token} {
		t.Setenv(name, token)
	}
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "plain.toml"), []byte(strings.Replace(plainPolicy, "2020-01-01", "2019-01-01", 1)), 0o600))
	cfg, problems := config.Load(filepath.Join(dir, "config.toml"), fmt.Appendf(nil, `
zendesk = [{ url = %q, email = "bot@acme.example", token = "env:ZENDESK", webhook_secret = "env:HOOK", policies = ["plain.toml"] }]
jira = [{ url = %[1]q, email = "bot@acme.example", token = "env:JIRA", webhook_secret = "env:HOOK", projects = ["TES", "KT", "TEST", "PRJX", "PRJA", "HEY"], policies = ["plain.toml"] }]
`, vendors.URL), lookup())
	if cfg == nil {
		t.Fatal(problems)
	}
	st, err := store.Open(t.Context(), filepath.Join(dir, "vigie.db"))
	must(t, err)
	defer st.Close()
	w := wire(cfg, st, func() time.Time { return now }, true, slog.New(slog.DiscardHandler))
	server := w.server(cfg, slog.New(slog.DiscardHandler))
	server.Clock = func() time.Time { return now }
	site := httptest.NewServer(server.Handler())
	defer site.Close()

	told := map[string]bool{} // the tickets that they name
	for source, files := range map[string][]string{"jira": jiraFiles, "zendesk": zendeskFiles} {
		for _, file := range files {
			body, err := os.ReadFile(file)
			must(t, err)
			var sent struct {
				Timestamp int64
				Issue     *struct{ Key string }
				TicketID  string
			}
			must(t, json.Unmarshal(body, &sent))
			if sent.Timestamp > 0 {
				now = time.UnixMilli(sent.Timestamp).Add(time.Second)
			}
			for range 2 { // a vendor may send it again
				if got := deliver(t, site.URL, source, "s3cret", now, string(body)); got != 200 {
					t.Errorf("%s: answered %d", filepath.Base(file), got)
				}
			}
			if got := deliver(t, site.URL, source, "another", now, string(body)); got != 401 {
				t.Errorf("%s, signed with another secret: answered %d", filepath.Base(file), got)
			}
			switch {
			case sent.TicketID != "":
				told[source+":"+sent.TicketID] = true
			case sent.Issue != nil:
				told[source+":"+sent.Issue.Key] = true
			}
		}
	}
	now = time.Date(2024, 8, 21, 9, 0, 0, 0, time.UTC)
	_, err = w.engine.RunUntilIdle(t.Context())
	must(t, err)
	judged := 0
	for ref := range told {
		source, id, _ := strings.Cut(ref, ":")
		row, err := st.Ticket(t.Context(), source, id)
		must(t, err)
		switch {
		case row == nil:
			t.Errorf("%s: nothing is known of it", ref)
		case row.Problem != "" || row.Marks != row.Handled:
			t.Errorf("%s: %q, %d of %d marks are answered", ref, row.Problem, row.Handled, row.Marks)
		case strings.HasPrefix(id, "TES-"):
			if row.Verdict == nil || row.Verdict.Policy == nil || len(row.Verdict.Clocks) == 0 {
				t.Errorf("%s: the verdict %+v", ref, row.Verdict)
			}
			judged++
		}
	}
	if judged < 4 {
		t.Errorf("only %d of %q are judged", judged, slices.Sorted(maps.Keys(told)))
	}
}
