package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/bot/config"
	"vigie/bot/engine"
	"vigie/bot/print"
	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/connectors/findings"
	"vigie/connectors/rest"
	"vigie/rules"
	"vigie/rules/tomlfile"
)

// window is a vendor that nobody has heard of: a service window with tickets that are
// a line of text and some tags. This is all that it takes to add one.
var window = &desk.Vendor{
	Table: "window", Title: "Service Window", Address: "https://window.acme.example",
	DueForm: rules.TextForm, LongestWebhook: 1 << 10,
	Quota: func(share float64) *rest.Quota { return &rest.Quota{Share: share} },
	Calls: func(reads, writes int) int { return reads + writes },
	Keys: tomlfile.Keys{
		{Name: "token", Type: "env:NAME or file:PATH", Required: true, Example: `"env:WINDOW_TOKEN"`, Meaning: "What the porter asks for."},
		{Name: "floors", Type: "list of texts", Required: true, Example: `["ground"]`, Meaning: "Which windows are watched."},
	},
	Decode: func(k *desk.SourceTable) desk.Settings {
		k.Token = k.Secret("token", true)
		return windowKeys{Floors: desk.RequireStrings(k.Table, "floors", `["ground"]`)}
	},
}

type windowKeys struct{ Floors []string }

func (s windowKeys) Connect(c desk.Connection) desk.Desk {
	c.Transport.Authorize = func(r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+c.Token.Reveal())
		return nil
	}
	return &windowDesk{c, s.Floors, c.Transport.Client()}
}

func (s windowKeys) About(*desk.Source) desk.About {
	return desk.About{Account: rules.Words{FR: "le portier", EN: "the porter"}, Scope: []desk.Line{desk.Listed("étages", "floors", s.Floors)}}
}

type windowDesk struct {
	desk.Connection
	floors []string
	http   *http.Client
}

type windowTicket struct {
	ID, Text, Urgency string
	Created           time.Time
	Tags              []string
}

func (d *windowDesk) ask(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, d.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := d.http.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(out)
}

func (d *windowDesk) Changes(ctx context.Context, cursor string, _ time.Time) (page desk.Page, err error) {
	var all []windowTicket
	err = d.ask(ctx, "GET", "/tickets", nil, &all)
	for _, t := range all {
		page.Changes = append(page.Changes, desk.Change{ID: t.ID, Version: fmt.Sprint(t)})
	}
	page.Cursor = "all"
	return page, err
}

func (d *windowDesk) Unsolved(ctx context.Context, cursor string) (desk.Page, error) {
	return d.Changes(ctx, cursor, time.Time{})
}

func (d *windowDesk) Read(ctx context.Context, ids []string) (list []desk.Reading, err error) {
	priorities, _ := window.PriorityNames(d.Policies)
	for _, id := range ids {
		var t windowTicket
		if err := d.ask(ctx, "GET", "/tickets/"+id, nil, &t); err != nil {
			return list, err
		}
		list = append(list, desk.Reading{ID: id, Version: fmt.Sprint(t), Ticket: &rules.Ticket{
			Source: d.Name, ID: id, Kind: "question", Status: rules.New, Priority: priorities[strings.ToLower(t.Urgency)],
			Subject: t.Text, Text: t.Text, Tags: t.Tags, CreatedAt: t.Created, URL: d.URL + "/tickets/" + id,
		}})
	}
	return list, nil
}

func (d *windowDesk) Write(ctx context.Context, edits []desk.Edit) ([]error, error) {
	errs := make([]error, len(edits))
	for i, e := range edits {
		errs[i] = d.ask(ctx, "PUT", "/tickets/"+e.ID, e, &struct{}{})
	}
	return errs, nil
}

func (d *windowDesk) DueFields() []rules.DueField { return d.Connection.DueFields }

func (d *windowDesk) ParseWebhook(h http.Header, body []byte, _ time.Time) (desk.Delivery, error) {
	if !slices.Contains(desk.Reveal(d.WebhookSecrets), h.Get("X-Window-Secret")) {
		return desk.Delivery{}, desk.ErrForged
	}
	return desk.Delivery{ID: h.Get("X-Window-Delivery"), Tickets: []string{string(body)}}, nil
}

func (d *windowDesk) Check(ctx context.Context) error {
	var all []windowTicket
	return d.ask(ctx, "GET", "/tickets", nil, &all)
}

func (d *windowDesk) Inspect(ctx context.Context, webhook string) []findings.Finding {
	return append([]findings.Finding{{Text: "the window is open, and calls " + cmp.Or(webhook, "nobody")}}, findings.Of(d.Check(ctx))...)
}

func (d *windowDesk) Plan(_ context.Context, needs desk.Needs) ([]desk.Step, error) {
	return []desk.Step{{What: "the bell rings at " + needs.Webhook, Webhook: true, Hand: []string{"have the porter ring at " + needs.Webhook}}}, nil
}

func (d *windowDesk) SLA(context.Context, string) ([]rules.VendorClock, error) { return nil, nil }

// A windowSite is the service window itself.
type windowSite struct {
	sync.Mutex
	tickets []*windowTicket
}

func (s *windowSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Lock()
	defer s.Unlock()
	if r.Header.Get("Authorization") != "Bearer window-token" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.URL.Path == "/tickets" {
		json.NewEncoder(w).Encode(s.tickets)
		return
	}
	i := slices.IndexFunc(s.tickets, func(t *windowTicket) bool { return r.URL.Path == "/tickets/"+t.ID })
	if i < 0 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if r.Method == "PUT" {
		var e desk.Edit
		json.NewDecoder(r.Body).Decode(&e)
		s.tickets[i].Tags = append(slices.DeleteFunc(s.tickets[i].Tags, func(tag string) bool { return slices.Contains(e.RemoveTags, tag) }), e.AddTags...)
	}
	json.NewEncoder(w).Encode(s.tickets[i])
}

// tags are a ticket's, as the window has them.
func (s *windowSite) tags(id string) string {
	s.Lock()
	defer s.Unlock()
	for _, t := range s.tickets {
		if t.ID == id {
			slices.Sort(t.Tags)
			return strings.Join(t.Tags, " ")
		}
	}
	return "no such ticket"
}

// What the registry's readers rely on holds for each vendor.
func TestRegistry(t *testing.T) {
	for _, v := range registry {
		if v.Table == "" || v.Title == "" || v.Address == "" || v.DueForm == "" || v.LongestWebhook == 0 || v.Quota == nil || v.Calls == nil || v.Decode == nil {
			t.Errorf("%s isn't whole: %+v", v.Table, v)
		}
		text := fmt.Sprintf("[[%s]]\nurl = %q\nname = \"one\"\n", v.Table, v.Address)
		var source *desk.Source
		watched := *v
		watched.Decode = func(k *desk.SourceTable) desk.Settings {
			source = k.Source
			return v.Decode(k)
		}
		look := lookup()
		look.Vendors = []*desk.Vendor{&watched}
		config.Load("config.toml", []byte(text), look) // that keys are missing is no matter
		d := source.Settings.Connect(desk.Connection{Source: source, Transport: &rest.Transport{}, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		if _, tracks := d.(desk.Tracking); tracks != v.Tracks {
			t.Errorf("%s says that it tracks: %v; its desk does: %v", v.Table, v.Tracks, tracks)
		}
		if _, notes := d.(engine.Noter); v.Escalates && !notes {
			t.Errorf("%s escalates, but its desk takes no notes", v.Table)
		}
	}
}

// Product code imports a vendor in the registry alone; and connectors know nothing of
// the program.
func TestOnlyTheRegistryNamesVendors(t *testing.T) {
	vendors, seen := []string{"vigie/connectors/zendesk", "vigie/connectors/jira"}, 0
	err := filepath.WalkDir("..", func(path string, entry os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		path = strings.TrimPrefix(filepath.ToSlash(path), "../")
		file, err := parser.ParseFile(token.NewFileSet(), "../"+path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			imported, _ := strconv.Unquote(i.Path.Value)
			if slices.Contains(vendors, imported) {
				if seen++; path != "bot/registry.go" {
					t.Errorf("%s imports %s; ask the registry", path, imported)
				}
			}
			if strings.HasPrefix(path, "connectors/") && strings.HasPrefix(imported, "vigie/bot") {
				t.Errorf("%s imports %s: a connector knows nothing of the program", path, imported)
			}
		}
		return nil
	})
	if err != nil || seen != len(vendors) {
		t.Errorf("the vendors are imported %d times: %v", seen, err)
	}
}

// A third vendor is one line of the registry: the configuration reads its table, check
// and setup tell of it, the engine polls it, takes its webhooks and writes into it, and
// report and explain know it, none of which has heard of it.
func TestAThirdVendor(t *testing.T) {
	two := registry
	registry = append(slices.Clone(two), window)
	t.Cleanup(func() { registry = two })

	now := time.Date(2026, 1, 12, 10, 0, 0, 0, time.UTC) // a Monday, long enough ago for targets to be missed
	there := &windowSite{tickets: []*windowTicket{{ID: "1", Text: "Where is the lift?", Urgency: "High", Created: now.Add(-time.Hour), Tags: []string{"vip"}}}}
	vendor := httptest.NewServer(there)
	defer vendor.Close()
	t.Setenv("WINDOW_TOKEN", "window-token")
	t.Setenv("WINDOW_WEBHOOK_SECRET", "window-secret")
	t.Setenv("SLACK_BOT_TOKEN", "xoxb-1")
	t.Setenv("VIGIE_TOKEN", "a-long-token-of-the-board")
	file := filepath.Join(t.TempDir(), "config.toml")
	text := fmt.Sprintf(`
web = { public_url = "https://vigie.example", token = "env:VIGIE_TOKEN" }
[[window]]
url = %q
token = "env:WINDOW_TOKEN"
webhook_secret = "env:WINDOW_WEBHOOK_SECRET"
policies = ["moveon"]
floors = ["ground", "first"]
`, vendor.URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	t.Run("mistakes", func(t *testing.T) {
		_, problems := config.Load("config.toml", []byte("slack = { token = \"env:SLACK_BOT_TOKEN\", channel = \"#a\" }\n[[window]]\nurl = \"https://window.acme.example\"\npolicies = [\"moveon\"]\nflors = [\"first\"]\n"), lookup())
		want := `config.toml:2: window[0].token: is missing; write token = "env:WINDOW_TOKEN" and put the secret into that environment variable
config.toml:2: window[0].floors: is missing; write floors = ["ground"]
config.toml:5: window[0].flors: unknown key; did you mean "floors"?`
		if got := problems.Error(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
	commands := func(t *testing.T, want []string, args ...string) {
		t.Helper()
		got := bot(t, "", args...)
		if got.code != 0 {
			t.Errorf("%v: exit code %d: %s", args, got.code, got.stderr)
		}
		for _, line := range want {
			if !strings.Contains(got.stdout, line) {
				t.Errorf("%v: no %q in\n%s%s", args, line, got.stdout, got.stderr)
			}
		}
	}
	t.Run("check", func(t *testing.T) {
		commands(t, []string{"Source window: Service Window, " + vendor.URL, "the porter", "ground, first", "received at https://vigie.example/webhooks/window", "the window is open, and calls https://vigie.example/webhooks/window"},
			"check", "--config", file, "--online")
		commands(t, []string{"Source window : Service Window, " + vendor.URL, "le portier", "étages"}, "check", "--config", file, "--lang", "fr")
	})
	t.Run("setup", func(t *testing.T) {
		commands(t, []string{"Source window: " + vendor.URL, "window: have the porter ring at https://vigie.example/webhooks/window"}, "setup", "--config", file, "--dry-run", "--fields", "none")
	})
	t.Run("the engine", func(t *testing.T) { windowIsWatched(t, file, there, now) })
	t.Run("explain", func(t *testing.T) {
		commands(t, []string{"window:1", "Where is the lift?"}, "explain", "window:1", "--config", file)
	})
	t.Run("report", func(t *testing.T) {
		commands(t, []string{"window:2", "The lift is stuck"}, "report", "--config", file, "--from", "2026-01-01", "--to", "2026-01-31", "--format", "html")
	})
}

// windowIsWatched has a poll find a ticket, and a webhook tell of another.
func windowIsWatched(t *testing.T, file string, there *windowSite, now time.Time) {
	cfg, err := loadConfig(&program{ctx: t.Context(), stderr: &print.Veil{Out: io.Discard}}, file)
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), cfg.Store.URL.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	w := wire(cfg, st, func() time.Time { return now }, true, log)
	settle := func() {
		t.Helper()
		if _, err := w.engine.RunUntilIdle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	settle()
	if got, want := there.tags("1"), "priority_high vip"; got != want {
		t.Errorf("after a poll ticket 1 has %q, want %q", got, want)
	}

	site := httptest.NewServer(w.server(cfg, log).Handler())
	defer site.Close()
	there.Lock()
	there.tickets = append(there.tickets, &windowTicket{ID: "2", Text: "The lift is stuck", Urgency: "Urgent", Created: now})
	there.Unlock()
	call := func(secret string) int {
		r, err := http.NewRequestWithContext(t.Context(), "POST", site.URL+"/webhooks/window", strings.NewReader("2"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Window-Secret", secret)
		r.Header.Set("X-Window-Delivery", "delivery-1")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	if forged, signed := call("guessed"), call("window-secret"); forged != http.StatusUnauthorized || signed != http.StatusOK {
		t.Errorf("a forged webhook got %d, a signed one %d", forged, signed)
	}
	settle()
	if got, want := there.tags("2"), "priority_urgent"; got != want {
		t.Errorf("after a webhook ticket 2 has %q, want %q", got, want)
	}
}
