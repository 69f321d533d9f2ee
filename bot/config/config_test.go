package config

import (
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/desk"
	"vigie/connectors/jira"
	"vigie/connectors/zendesk"
	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/tomlfile"
	"vigie/rules/words"
)

// Each is one line, so that what follows it in a test begins on line 2 or 3.
const (
	oneZendesk = `zendesk = [{ url = "https://acme.zendesk.com", token = "env:ZENDESK_TOKEN", policies = ["moveon"] }]` + "\n"
	oneSlack   = `slack = { token = "env:SLACK_BOT_TOKEN", channel = "#support-sla" }` + "\n"
)

// shifts is a file of two weeks, a series with an end.
const shifts = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:nadia@acme.example\nDTSTART;TZID=Europe/Paris:20261130T080000\nDTEND;TZID=Europe/Paris:20261207T080000\nRRULE:FREQ=WEEKLY;COUNT=2\nEND:VEVENT\nEND:VCALENDAR\n"

// outside is what the tests' files refer to.
func outside() Lookup {
	env := map[string]string{
		"ZENDESK_TOKEN": "s3cret-zendesk", "SLACK_BOT_TOKEN": "s3cret-slack", "JIRA_TOKEN": "s3cret-jira",
		"TWO_LINES": "s3cret\ntwo", "DATABASE": "postgres://vigie:s3cret@db/vigie", "VIGIE_TOKEN": "s3cret-of-the-web",
	}
	files := map[string]struct {
		text string
		mode fs.FileMode
	}{
		"/etc/vigie/token":          {"s3cret-of-the-file\n", 0o600},
		"/etc/vigie/token.dos":      {"s3cret-of-the-file\r\n", 0o640},
		"/etc/vigie/token.open":     {"s3cret-of-the-file", 0o644},
		"/etc/vigie/empty":          {"\n", 0o600},
		"/etc/vigie/token.writable": {"s3cret-of-the-file", 0o622},
	}
	return Lookup{
		Vendors: []*desk.Vendor{zendesk.Vendor, jira.Vendor},
		Env:     func(name string) string { return env[name] },
		File: func(path string) ([]byte, fs.FileMode, error) {
			f, ok := files[path]
			if !ok {
				return nil, 0, fmt.Errorf("open %s: %w", path, fs.ErrNotExist)
			}
			return []byte(f.text), f.mode, nil
		},
		ICal: func(path string) ([]byte, error) {
			switch path {
			case "/etc/vigie/oncall.ics", "oncall.ics":
				return []byte(shifts), nil
			case "/etc/vigie/lunch.ics", "lunch.ics":
				return []byte(strings.ReplaceAll(shifts, "SUMMARY:nadia@acme.example", "SUMMARY:Team lunch")), nil
			}
			return nil, fmt.Errorf("open %s: %w", path, fs.ErrNotExist)
		},
		Policy: func(name string) (*rules.Policy, tomlfile.Problems) {
			switch name {
			case "moveon", "meteorage", "/etc/vigie/policies/acme.toml":
				var targets []rules.Target
				for _, m := range rules.Metrics {
					targets = append(targets, rules.Target{Metric: m})
				}
				return &rules.Policy{Name: strings.TrimSuffix(filepath.Base(name), ".toml"), Targets: targets, Escalates: []rules.Escalate{{Project: "DEV"}}}, nil
			case "/etc/vigie/hasty.toml":
				return &rules.Policy{Name: "hasty", Targets: []rules.Target{{Metric: rules.FirstReply}}}, nil
			case "/etc/vigie/broken.toml":
				return nil, tomlfile.Problems{{File: name, Line: 3, Key: "calendar", Text: "is missing"}}
			}
			return nil, nil
		},
		Condition: func(text string) (*rules.Condition, error) {
			return rules.CompileCondition(text, struct {
				Policy   string `expr:"policy"`
				Priority string `expr:"priority"`
				OpenNow  bool   `expr:"open_now"`
				Alert    string `expr:"alert"`
			}{})
		},
	}
}

func load(t *testing.T, text string) *Config {
	t.Helper()
	c, problems := Load("/etc/vigie/config.toml", []byte(text), outside())
	if len(problems) > 0 {
		t.Fatalf("got problems:\n%s", problems)
	}
	return c
}

func TestDefaults(t *testing.T) {
	c := load(t, oneZendesk+oneSlack)
	if got := c.Store.URL.Reveal(); got != "/etc/vigie/vigie.db" {
		t.Errorf("got the store at %q", got)
	}
	if got, want := c.Store.Backfill, 90*24*time.Hour; got != want {
		t.Errorf("got a backfill of %s, want %s", got, want)
	}
	if c.Web.Listen != "127.0.0.1:8080" || c.Web.PublicURL != "" || c.Web.Token.Reveal() != "" ||
		c.Web.Connections != 1000 || c.Web.WebhooksPerSecond != 2000 {
		t.Errorf("got %+v", c.Web)
	}
	z := c.Sources[0]
	if z.Name != "zendesk" || z.Poll.String() != "@every 1m" || z.QuotaShare != 0.5 || z.WritePriority || z.RequesterPriority {
		t.Errorf("got %+v", z)
	}
	if c.Slack.APIURL != "https://slack.com/api/" || c.Slack.Language != "en" {
		t.Errorf("got %+v", c.Slack)
	}
	if s := c.Schedule; s.Zone != nil || s.Digest.String() != "0 8 * * mon-fri" || s.Reconcile.String() != "@daily" {
		t.Errorf("got %+v", s)
	}
}

func TestEveryKeyIsTaken(t *testing.T) {
	c := load(t, `
[store]
url = "env:DATABASE"
backfill = "36 hours"
[web]
listen = ":80"
connections = 20
webhooks_per_second = 300
public_url = "https://vigie.example/"
token = "file:token"
[[zendesk]]
name = "desk-2"
url = "http://127.0.0.1:8090/proxy/"
token = "env:ZENDESK_TOKEN"
webhook_secret = "file:/etc/vigie/token.dos"
poll = "*/30 * * * * *"
silent_after = "2 hours"
quota_share = 1
policies = ["moveon", "policies/acme.toml"]
due_fields = { resolution = [360002, "due_at"], update = 360001 }
write_priority = true
unset_priorities = ["normal"]
language = "fr_FR"
requester_priority = true
escalate_to = "jira"
automations = ["bot@acme.example", "360001", "557058:f58131cb-b67d"]
status = { "On-hold" = "waiting_third_party" }
kinds = { zebra = "task", "feature_request" = "feature", apple = "incident" }
[[jira]]
url = "https://jira.acme.example"
token = "env:JIRA_TOKEN"
policies = ["meteorage"]
projects = ["SUP", "OPS_2"]
group = "component"
channels = { portal = "web" }
slas = { "Délai de résolution" = "resolution" }
due_fields = { first_reply = "customfield_10050" }
[jira.kinds]
"Question" = "question"
"Assistance technique" = "assistance"
[slack]
token = "env:SLACK_BOT_TOKEN"
api_url = "http://127.0.0.1:8090/api"
channel = "C024BE91L"
language = "fr"
[[slack.routes]]
when = 'policy == "meteorage" and not open_now'
channel = "#astreinte"
[[slack.routes]]
when = 'priority == "urgent"'
channel = "#urgent"
language = "en"
[schedule]
zone = "Europe/Paris"
digest = ""
reconcile = "30 3 * * *"
`)
	z, j := c.Sources[0], c.Sources[1]
	own := j.Settings.(*jira.Settings)
	paris, _ := calendar.LoadZone("Europe/Paris")
	monday := time.Date(2026, 11, 30, 12, 0, 0, 0, paris)
	for _, check := range []struct {
		what      string
		got, want any
	}{
		{"store", c.Store.URL.Reveal(), "postgres://vigie:s3cret@db/vigie"},
		{"backfill", c.Store.Backfill, 36 * time.Hour},
		{"listen", c.Web.Listen, ":80"},
		{"public_url", c.Web.PublicURL, "https://vigie.example"},
		{"connections", c.Web.Connections, 20},
		{"webhooks_per_second", c.Web.WebhooksPerSecond, 300},
		{"web token", c.Web.Token.Reveal(), "s3cret-of-the-file"},
		{"name", z.Name, "desk-2"},
		{"url", z.URL, "http://127.0.0.1:8090/proxy"},
		{"token", z.Token.Reveal(), "s3cret-zendesk"},
		{"webhook_secret", strings.Join(desk.Reveal(z.WebhookSecrets), " "), "s3cret-of-the-file"},
		{"poll", z.Poll.Next(monday), monday.Add(30 * time.Second)},
		{"silent_after", z.SilentAfter, 2 * time.Hour},
		{"quota_share", z.QuotaShare, 1.0},
		{"policies", []string{z.Policies[0].Name, z.Policies[1].Name}, []string{"moveon", "acme"}},
		{"due_fields", z.DueFields, []rules.DueField{
			{Metric: rules.Update, ID: "360001"}, {Metric: rules.Resolution, ID: "360002"}, {Metric: rules.Resolution, ID: "due_at"}}},
		{"write_priority", z.WritePriority && z.RequesterPriority, true},
		{"escalate_to", z.EscalateTo, "jira"},
		{"language", z.Language, "fr"},
		{"unset_priorities", z.UnsetPriorities, []string{"normal"}},
		{"automations", len(z.Automations), 3},
		{"status", z.Status, map[string]rules.Status{"On-hold": rules.WaitingThirdParty}},
		{"kinds in order", z.Kinds, []desk.Kind{{From: "zebra", To: "task"}, {From: "feature_request", To: "feature"}, {From: "apple", To: "incident"}}},
		{"jira", j.Name + j.Email, "jira"},
		{"projects", own.Projects, []string{"SUP", "OPS_2"}},
		{"group", own.Group, "component"},
		{"channels", own.Channels, map[string]string{"portal": "web"}},
		{"slas", own.SLAs, map[string]rules.Metric{"Délai de résolution": rules.Resolution}},
		{"kinds of a table", j.Kinds, []desk.Kind{{From: "Question", To: "question"}, {From: "Assistance technique", To: "assistance"}}},
		{"api_url", c.Slack.APIURL, "http://127.0.0.1:8090/api/"},
		{"channel", c.Slack.Channel, "C024BE91L"},
		{"route", []string{c.Slack.Routes[0].When.String(), c.Slack.Routes[0].Language}, []string{`policy == "meteorage" and not open_now`, "fr"}},
		{"second route", []string{c.Slack.Routes[1].Channel, c.Slack.Routes[1].Language}, []string{"#urgent", "en"}},
		{"zone", c.Schedule.Zone.String(), "Europe/Paris"},
		{"no digest", c.Schedule.Digest.Next(monday), time.Time{}},
		{"reconcile", c.Schedule.Reconcile.Next(monday), time.Date(2026, 12, 1, 3, 30, 0, 0, paris)},
	} {
		if diff := cmp.Diff(check.want, check.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", check.what, diff)
		}
	}
}

func TestWarningsLeaveTheConfigUsable(t *testing.T) {
	text := oneZendesk + `
[web]
token = "file:token.open"
webhooks_per_second = 166
[[jira]]
url = "http://jira.acme.example"
token = "env:JIRA_TOKEN"
projects = ["SUP"]
policies = ["hasty.toml"]
due_fields = { first_reply = "customfield_1", resolution = "customfield_2" }
`
	c, problems := Load("/etc/vigie/config.toml", []byte(text), outside())
	want := `/etc/vigie/config.toml: warning: there is no [slack]: due dates and tags are written, but nobody is told of a warning; add a [slack] table
/etc/vigie/config.toml:4: web.token: warning: everybody on this machine can read /etc/vigie/token.open; chmod 600 it
/etc/vigie/config.toml:5: web.webhooks_per_second: warning: 166 is less than a busy vendor sends; what is refused comes again later, or is found by a poll; write at least 167, unless yours are quiet
/etc/vigie/config.toml:7: jira[0].url: warning: jira.acme.example is not encrypted: tokens and tickets can be read on the way; write https://
/etc/vigie/config.toml:11: jira[0].due_fields.resolution: warning: no policy of this source has a target for it: field customfield_2 stays empty`
	if diff := cmp.Diff(want, problems.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if c == nil {
		t.Error("got no config, want one in spite of warnings")
	}
}

// Who lets vendors in lets others in, too, and a short token is no lock.
func TestPagesThatMayBeOpen(t *testing.T) {
	hooked := strings.Replace(oneZendesk, "token =", `webhook_secret = "env:ZENDESK_TOKEN", token =`, 1)
	const open = `:1: zendesk[0].webhook_secret: warning: lets acme.zendesk.com in through a proxy, and one that says nothing of itself would show the pages to everybody; write token = "env:VIGIE_TOKEN" under [web]`
	for name, c := range map[string]struct{ text, want string }{
		"webhooks, no token":          {hooked, open},
		"webhooks, no token, a proxy": {hooked + `web = { proxies = ["10.0.0.5"] }`, open},
		"webhooks, a token":           {hooked + `web = { token = "env:VIGIE_TOKEN" }`, ""},
		"webhooks, a proxy signs in":  {hooked + `web = { proxy_header = "X-User", proxies = ["10.0.0.5"] }`, ""},
		"webhooks of a sandbox":       {strings.Replace(hooked, "https://acme.zendesk.com", "http://127.0.0.1:8090", 1), ""},
		"no webhooks":                 {oneZendesk, ""},
		"a short token": {oneZendesk + `web = { token = "env:SLACK_BOT_TOKEN" }`,
			":2: web.token: warning: has 12 characters and can be guessed; put a long random text there, such as what openssl rand -hex 32 says"},
	} {
		cfg, problems := Load("config.toml", []byte(c.text+"\n"+oneSlack), outside())
		if got := strings.TrimPrefix(problems.Error(), "config.toml"); cfg == nil || got != c.want {
			t.Errorf("%s: got %v and\n%s\nwant\n%s", name, cfg != nil, got, c.want)
		}
	}
}

func TestPoliciesAreLoadedOnce(t *testing.T) {
	calls := map[string]int{}
	lookup := outside()
	policy := lookup.Policy
	lookup.Policy = func(name string) (*rules.Policy, tomlfile.Problems) {
		calls[name]++
		return policy(name)
	}
	text := oneZendesk + oneSlack + `
[[jira]]
url = "https://jira.acme.example"
token = "env:JIRA_TOKEN"
projects = ["SUP"]
policies = ["moveon", "broken.toml", "broken.toml"]
`
	c, problems := Load("/etc/vigie/config.toml", []byte(text), lookup)
	if want := "/etc/vigie/broken.toml:3: calendar: is missing"; c != nil || problems.Error() != want {
		t.Errorf("got %v and\n%s\nwant no config and\n%s", c, problems, want)
	}
	if want := map[string]int{"moveon": 1, "/etc/vigie/broken.toml": 1}; !maps.Equal(calls, want) {
		t.Errorf("got calls %v, want %v", calls, want)
	}
}

// A proxy that signs people in makes a token unnecessary, wherever Vigie listens.
func TestProxies(t *testing.T) {
	c := load(t, oneZendesk+oneSlack+`web = { listen = ":8080", public_url = "https://vigie.example", proxy_header = "X-Forwarded-User", proxies = ["10.1.2.3/8", "2001:db8::5"] }`)
	if got, want := fmt.Sprint(c.Web.ProxyHeader, c.Web.Proxies), "X-Forwarded-User[10.0.0.0/8 2001:db8::5/128]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// By whichever of their addresses one asks, people are known by another elsewhere.
func TestAddressesOfPeople(t *testing.T) {
	c, problems := Load("config.toml", []byte(oneZendesk+oneSlack+`[[people]]
slack   = "nadia@acme.example"
zendesk = "nadia.k@acme.example"
`), outside())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, x := range []struct{ who, place, want string }{
		{"nadia@acme.example", "zendesk", "nadia.k@acme.example"},
		{"Nadia.K@acme.example", "slack", "nadia@acme.example"},
		{"nadia@acme.example", "slack", "nadia@acme.example"},
		{"nadia@acme.example", "jira", "nadia@acme.example"},
		{"omar@acme.example", "zendesk", "omar@acme.example"},
	} {
		if got := c.Address(x.who, x.place); got != x.want {
			t.Errorf("%s in %s: got %s, want %s", x.who, x.place, got, x.want)
		}
	}
}

// A rota of files has the shifts that they hold, by paths that start at the folder of
// the configuration.
func TestShiftsFromFiles(t *testing.T) {
	c, problems := Load("/etc/vigie/config.toml", []byte(oneZendesk+oneSlack+"[[oncall]]\nname = \"support\"\nzone = \"Europe/Paris\"\nical = [\"oncall.ics\"]\n"), outside())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	r := c.OnCall[0]
	from := time.Date(2026, 11, 30, 7, 0, 0, 0, time.UTC)
	if s := r.At(from); s.Who != "nadia@acme.example" || words.In("en").Moment(s.To) != "Mon 2026-12-14 08:00 CET" {
		t.Errorf("got %v", s)
	}
	if gaps := r.Gaps(from, from.AddDate(0, 0, 21)); len(gaps) != 1 || words.In("en").Moment(gaps[0].From) != "Mon 2026-12-14 08:00 CET" {
		t.Errorf("got the gaps %v", gaps)
	}
}
