package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/bot/demo"
	"vigie/bot/engine"
	"vigie/bot/lines"
	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
	"vigie/rules"
	"vigie/rules/triage"
)

// A toldDemo is the demo's story, told to the program.
type toldDemo struct {
	*demo.Demo
	w     *wired
	store *store.Store
}

// toldStory is the whole story; its state is at file.
func toldStory(t *testing.T, file string) *toldDemo {
	t.Helper()
	return toldSoFar(t, file, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
}

// toldSoFar is the story up to an instant.
func toldSoFar(t *testing.T, file string, until time.Time) *toldDemo {
	t.Helper()
	st, err := store.Open(t.Context(), file)
	must(t, err)
	d, err := demo.New(st, file, io.Discard)
	must(t, err)
	d.Once = true
	d.Story = slices.DeleteFunc(d.Story, func(a demo.Act) bool { return !a.At.Before(until) })
	vendors := httptest.NewServer(d.Sandbox.Handler())
	t.Cleanup(vendors.Close)
	board, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	for _, name := range []string{"zendesk", "jira"} {
		d.Sandbox.SetWebhook(name, "http://"+board.Addr().String()+"/webhooks/"+name)
	}
	cfg, err := demo.Configuration(d.Sandbox.Tokens, vendors.URL, lookup())
	must(t, err)
	log := slog.New(slog.DiscardHandler)
	w := wire(cfg, st, d.Clock.Now, true, log)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- w.server(cfg, log).Run(ctx, board) }()
	w.online(ctx, func(string, error) {})
	must(t, d.Play(ctx, w.engine, ""))
	stop()
	must(t, <-served)
	return &toldDemo{d, w, st}
}

// The story's state, as the commands that read a state use it.
func TestExport(t *testing.T) {
	dir := t.TempDir()
	state := filepath.Join(dir, "live.db")
	d := toldStory(t, state)
	defer d.store.Close() // it is read beside a program that has it open
	t.Run("replay is what was decided live", func(t *testing.T) { replayIsWhatWasDecidedLive(t, d) })
	t.Run("stored and live", func(t *testing.T) { exportStoredAndLive(t, d, state) })
	t.Run("report", func(t *testing.T) { reportOnTheStory(t, d, state) })
}

// What was decided live is what replay says of the exported tickets, byte by
// byte. Compared is each entry of each ticket's log with the verdict of replay at
// its instant, put into a log of its own: that leaves out of both the seconds
// used so far of clocks that still ran, and the tags to be written, which the
// log doesn't keep. Nothing else is left out. The story loses webhooks and has
// outages, but none over a deadline: a verdict that was given before the program
// knew of a reply would differ, and rightly.
func replayIsWhatWasDecidedLive(t *testing.T, d *toldDemo) {
	scratch, err := store.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer scratch.Close()
	verdicts, tickets := 0, 0
	for _, s := range d.w.engine.Sources {
		var exported bytes.Buffer
		if err := lines.Tickets(t.Context(), d.store, s.Name, &exported, nil, func(t *rules.Ticket) *rules.Ticket { return t }); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(exported.String()) {
			id := idsOf(t, line)[0]
			tickets++
			log, err := d.store.Verdicts(t.Context(), s.Name, strings.TrimPrefix(id, s.Name+":"))
			if err != nil {
				t.Fatal(err)
			}
			for i, entry := range log {
				verdicts++
				want := logText(t, entry.Verdict)
				if got := replayed(t, scratch, s.Policies, line, entry.At, fmt.Sprint(id, "/", i)); got != want {
					t.Errorf("%s at %s: replay says\n%s\nlive it was\n%s", id, entry.At, got, want)
				}
			}
		}
	}
	if tickets < 15 || verdicts < 50 {
		t.Errorf("got %d tickets and %d verdicts: too few to prove anything", tickets, verdicts)
	}
}

func logText(t *testing.T, v rules.Verdict) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// replayed is the verdict of replay on a ticket's line at an instant, as the log
// would keep it.
func replayed(t *testing.T, scratch *store.Store, policies []*rules.Policy, line string, at time.Time, id string) string {
	t.Helper()
	input := strings.TrimSuffix(strings.TrimSpace(line), "}") + `,"now":"` + at.Format(time.RFC3339Nano) + `"}`
	var out bytes.Buffer
	if bad, err := replay(t.Context(), strings.NewReader(input), &out, policies, time.Time{}, nil); bad > 0 || err != nil {
		t.Fatalf("%s: %v", out.String(), err)
	}
	var v rules.Verdict
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	if err := scratch.Save(t.Context(), store.Row{Source: "scratch", ID: id, Verdict: &v}, nil, at); err != nil {
		t.Fatal(err)
	}
	log, err := scratch.Verdicts(t.Context(), "scratch", id)
	if err != nil || len(log) != 1 {
		t.Fatalf("got a log of %d, %v", len(log), err)
	}
	return logText(t, log[0].Verdict)
}

// exportConfig is the configuration of the sandbox's vendors, with a state.
func exportConfig(t *testing.T, s *sandbox.Sandbox, url, state string) string {
	t.Helper()
	tokens := map[string]string{"ZENDESK_CLIENT_SECRET": s.Tokens.ZendeskClient.Secret, "ZENDESK_WEBHOOK_SECRET": s.Tokens.ZendeskWebhook,
		"JIRA_TOKEN": s.Tokens.Jira.Token, "JIRA_WEBHOOK_SECRET": s.Tokens.JiraWebhook, "SLACK_BOT_TOKEN": s.Tokens.Slack, "SLACK_SIGNING_SECRET": s.Tokens.SlackSigning}
	for name, value := range tokens {
		t.Setenv(name, value)
	}
	text := strings.NewReplacer("VENDORS", url, `"demo.db"`, fmt.Sprintf("%q", state), `quota_share = 1.0`, "").Replace(demo.ConfigText)
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// The command on the story's state, and live on its vendors: the same tickets,
// in the order of their ids, twice the same bytes, and no secret among them.
// exportedExamples compares examples with the tickets that they come from: each whose
// priority a person chose is one, with a text of its own.
func exportedExamples(t *testing.T, source, tickets, examples string) {
	list, err := triage.Read([]byte(examples))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{} // of those with a priority, which it is
	for line := range strings.Lines(tickets) {
		var ticket rules.Ticket
		must(t, json.Unmarshal([]byte(line), &ticket))
		if e, ok := ticket.Example(time.Now()); ok {
			texts[e.Subject+"\n"+e.Text] = e.Priority
		}
	}
	if len(texts) == 0 || len(list) != len(texts) {
		t.Errorf("%s: %d examples of %d texts with a priority", source, len(list), len(texts))
	}
	for _, e := range list {
		if texts[e.Subject+"\n"+e.Text] != e.Priority {
			t.Errorf("%s: no ticket is like %+v", source, e)
		}
	}
	if strings.Contains(examples, "@") || strings.Contains(examples, "created_at") {
		t.Errorf("%s: the examples tell more than texts:\n%s", source, examples)
	}
}

func exportStoredAndLive(t *testing.T, d *toldDemo, state string) {
	later := d.End().Add(time.Hour) // Zendesk's export withholds the last minute
	d.Sandbox.Now = func() time.Time { return later }
	vendors := httptest.NewServer(d.Sandbox.Handler())
	defer vendors.Close()
	cfg := exportConfig(t, d.Sandbox, vendors.URL, state)
	for _, source := range []string{"zendesk", "jira"} {
		stored := done(t, bot(t, "", "export", "--config", cfg, "--source", source))
		if again := done(t, bot(t, "", "export", "--config", cfg, "--source", source)); again != stored {
			t.Errorf("%s: exported twice, it differs", source)
		}
		live := done(t, bot(t, "", "export", "--config", cfg, "--source", source, "--live"))
		a, b := idsOf(t, stored), idsOf(t, live)
		kept := "" // by the vendor, too
		for line := range strings.Lines(stored) {
			if !strings.Contains(line, `"to":"deleted"`) {
				kept += line
			}
		}
		if len(a) < 5 || !slices.Equal(idsOf(t, kept), b) {
			t.Errorf("%s: the state has %v, the vendor %v", source, a, b)
		}
		for _, secret := range []string{d.Sandbox.Tokens.ZendeskClient.Secret, d.Sandbox.Tokens.Jira.Token, d.Sandbox.Tokens.Slack, d.Sandbox.Tokens.ZendeskWebhook} {
			if strings.Contains(stored+live, secret) {
				t.Errorf("%s: a secret is in it", source)
			}
		}
		named := done(t, bot(t, "", "export", "--config", cfg, "--source", source, "--anonymous"))
		for _, name := range []string{"@", "://", demo.PortalDown, demo.NoAlerts, "Université", "subject", "text"} {
			if strings.Contains(named, name) {
				t.Errorf("%s: anonymous, it still holds %q", source, name)
			}
		}
		if !slices.Equal(idsOf(t, named), a) || !strings.Contains(named, `"events"`) {
			t.Errorf("%s: anonymous, it lacks tickets or events", source)
		}
		exportedExamples(t, source, stored, done(t, bot(t, "", "export", "--config", cfg, "--source", source, "--examples")))
		saturday := done(t, bot(t, "", "export", "--config", cfg, "--source", source, "--from", "2026-11-28", "--to", "2026-11-29"))
		for line := range strings.Lines(stored) {
			weekend := strings.Contains(line, `"created_at":"2026-11-28`) || strings.Contains(line, `"created_at":"2026-11-29`)
			if weekend != strings.Contains(saturday, line) {
				t.Errorf("%s: of the weekend only: got\n%.100s: %v", source, line, !weekend)
			}
		}
	}
	for _, c := range []struct {
		args string
		want string
	}{
		{"--source atlantis", `names no source "atlantis"`},
		{"--source zendesk --from soon", `--from, --to: "soon" is no date`},
		{"--source zendesk --from 2026-12-01 --to 2026-11-30", "--from, --to: 2026-11-30 is before 2026-12-01"},
	} {
		r := bot(t, "", append([]string{"export", "--config", cfg}, strings.Fields(c.args)...)...)
		if r.code != 2 || !strings.Contains(r.stderr, c.want) {
			t.Errorf("%s: got exit %d, %s", c.args, r.code, r.stderr)
		}
	}
	if r := bot(t, "", "export", "--config", exportConfig(t, d.Sandbox, vendors.URL, filepath.Join(t.TempDir(), "none.db")), "--source", "zendesk"); r.code != 1 || !strings.Contains(r.stderr, "vigie serve makes it") {
		t.Errorf("without a state: got exit %d, %s", r.code, r.stderr)
	}
}

func idsOf(t *testing.T, lines string) []string {
	t.Helper()
	var ids []string
	for line := range strings.Lines(lines) {
		var ticket rules.Ticket
		if err := json.Unmarshal([]byte(line), &ticket); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, ticket.Ref())
	}
	return ids
}

// A ticket that can't be read is told and left out; the others are there.
func TestExportLiveGoesOn(t *testing.T) {
	desk := &oddDesk{}
	st, err := store.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	var failed []string
	unread, err := lines.ReadAll(t.Context(), &engine.Source{Name: "zendesk", Desk: desk}, st, time.Unix(0, 0), nil, func(id string, err error) { failed = append(failed, id+" "+err.Error()) })
	if err != nil || unread != 1 || fmt.Sprint(failed) != "[3 no history]" {
		t.Errorf("got %d unread, %v, %v", unread, failed, err)
	}
	var out bytes.Buffer
	if err := lines.Tickets(t.Context(), st, "zendesk", &out, nil, func(t *rules.Ticket) *rules.Ticket { return t }); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(idsOf(t, out.String())), "[zendesk:1 zendesk:9 zendesk:20]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if desk.most > lines.ReadAtOnce {
		t.Errorf("%d tickets were asked for at a time", desk.most)
	}
}

// oddDesk has two pages: a ticket that comes on both, one that is gone, one that
// can't be read, one that has another name by now.
type oddDesk struct {
	engine.Desk
	most int
}

func (d *oddDesk) Changes(_ context.Context, cursor string, _ time.Time) (desk.Page, error) {
	if cursor == "" {
		return desk.Page{Changes: []desk.Change{{ID: "20"}, {ID: "2"}, {ID: "3"}}, Cursor: "next", More: true}, nil
	}
	return desk.Page{Changes: []desk.Change{{ID: "20"}, {ID: "9"}, {ID: "old"}}, Cursor: "end"}, nil
}

func (d *oddDesk) Read(_ context.Context, ids []string) ([]desk.Reading, error) {
	d.most = max(d.most, len(ids))
	var list []desk.Reading
	for _, id := range ids {
		r := desk.Reading{ID: id}
		switch id {
		case "2":
			r.Gone = true
		case "3":
			r.Err = errors.New("no history")
		case "old":
			r.Ticket = &rules.Ticket{ID: "1", CreatedAt: time.Unix(1e9, 0)}
		default:
			r.Ticket = &rules.Ticket{ID: id, CreatedAt: time.Unix(1e9, 0)}
		}
		list = append(list, r)
	}
	return list, nil
}
