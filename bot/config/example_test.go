package config

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"

	"vigie/connectors/hook"
	"vigie/rules"
)

func example(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../config.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// anyEnv has every variable.
func anyEnv() Lookup {
	l := outside()
	l.Env = func(name string) string {
		switch name {
		case "PAGER_URL":
			return "https://pager.acme.example/s3cret"
		case "PAGER_SECRET":
			return "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
		}
		return "s3cret-" + name
	}
	return l
}

func TestTheExampleLoads(t *testing.T) {
	c, problems := Load("config.example.toml", []byte(example(t)), anyEnv())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if len(c.Sources) != 2 || c.Slack == nil || len(c.Slack.Routes) != 1 {
		t.Errorf("got %+v", c)
	}
}

// The minimum in the example's first comment is a configuration too, without a
// warning, and no longer than it says.
func TestTheExamplesMinimumLoads(t *testing.T) {
	var minimum []string
	for line := range strings.Lines(example(t)) {
		if strings.HasPrefix(line, "# Try") {
			break
		}
		if text, ok := strings.CutPrefix(line, "#     "); ok {
			minimum = append(minimum, text)
		}
	}
	if _, problems := Load("config.toml", []byte(strings.Join(minimum, "")), anyEnv()); len(problems) > 0 {
		t.Error(problems)
	}
	if len(minimum) == 0 || len(minimum) > 10 {
		t.Errorf("got a minimum of %d lines", len(minimum))
	}
}

// Each table says by itself which keys it knows, when it meets one that it
// doesn't: so a new key can't be forgotten in the example, nor in this test.
func TestTheExampleHasEveryKey(t *testing.T) {
	_, problems := Load("config.toml", []byte(`
xxxxxxxxxxxxxxxx = 1
[store]
xxxxxxxxxxxxxxxx = 1
[web]
xxxxxxxxxxxxxxxx = 1
[[zendesk]]
xxxxxxxxxxxxxxxx = 1
[[jira]]
xxxxxxxxxxxxxxxx = 1
[[people]]
xxxxxxxxxxxxxxxx = 1
[[oncall]]
xxxxxxxxxxxxxxxx = 1
[[oncall.overrides]]
xxxxxxxxxxxxxxxx = 1
[[calls]]
xxxxxxxxxxxxxxxx = 1
[[calls.steps]]
xxxxxxxxxxxxxxxx = 1
[[hooks]]
xxxxxxxxxxxxxxxx = 1
[mail]
xxxxxxxxxxxxxxxx = 1
[slack]
xxxxxxxxxxxxxxxx = 1
[[slack.routes]]
xxxxxxxxxxxxxxxx = 1
[schedule]
xxxxxxxxxxxxxxxx = 1
`), outside())
	var written map[string]any
	if err := toml.Unmarshal([]byte(example(t)), &written); err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, p := range problems {
		known, ok := strings.CutPrefix(p.Text, "unknown key; known here: ")
		if !ok {
			continue
		}
		tables++
		path := strings.TrimSuffix(strings.TrimSuffix(p.Key, "xxxxxxxxxxxxxxxx"), ".")
		table := descend(written, path)
		if path == "calls.steps" || strings.HasPrefix(path, "calls[0].steps") { // a step has one of two keys, so the example has several steps
			table = union(written["calls"].([]any)[0].(map[string]any)["steps"].([]any))
		}
		for key := range strings.SplitSeq(known, ", ") {
			instead := regexp.MustCompile(`(?m)^# ` + key + ` = `) // of keys that it can't stand beside
			if _, ok := table[key]; !ok && !instead.MatchString(example(t)) {
				t.Errorf("config.example.toml has no %s in [%s]", key, path)
			}
		}
	}
	if want := 15; tables != want {
		t.Errorf("saw the keys of %d tables, want %d: %s", tables, want, problems)
	}
}

// union is the keys of several rows.
func union(rows []any) map[string]any {
	all := map[string]any{}
	for _, row := range rows {
		maps.Copy(all, row.(map[string]any))
	}
	return all
}

// descend finds "slack.routes[0]".
func descend(table map[string]any, path string) map[string]any {
	for step := range strings.SplitSeq(strings.ReplaceAll(path, "[0]", ""), ".") {
		switch v := table[step].(type) {
		case map[string]any:
			table = v
		case []any:
			table = v[0].(map[string]any)
		}
	}
	return table
}

// What the example calls a default is what one gets without the key.
func TestTheExamplesDefaults(t *testing.T) {
	keys := regexp.MustCompile(`(?m)^[a-z_]+ *= .*$`)
	var kept []string
	text := keys.ReplaceAllStringFunc(example(t), func(line string) string {
		key := strings.TrimSpace(line[:strings.Index(line, "=")])
		kept = append(kept, key)
		if slices.Contains([]string{"url", "email", "token", "client_id", "client_secret", "policies", "projects", "channel", "when", "slack", "zendesk", "zone", "people", "since", "at", "after", "call", "teams", "secret", "smtp", "from", "public_url", "issuer", "allow"}, key) && !strings.Contains(line, "vigie.db") || strings.HasSuffix(line, `"support"`) || strings.HasSuffix(line, `"pager"`) {
			return line
		}
		return ""
	})
	short, problems := Load("config.toml", []byte(text), anyEnv())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	full, _ := Load("config.toml", []byte(example(t)), anyEnv())
	same := func(what string, got, want any) {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s without the key (-example +got):\n%s", what, diff)
		}
	}
	same("store.url", short.Store.URL.Reveal(), full.Store.URL.Reveal())
	same("store.backfill", short.Store.Backfill, full.Store.Backfill)
	same("web.listen", short.Web.Listen, full.Web.Listen)
	same("zendesk.name", short.Sources[0].Name, full.Sources[0].Name)
	same("zendesk.poll", short.Sources[0].Poll.String(), full.Sources[0].Poll.String())
	same("zendesk.quota_share", short.Sources[0].QuotaShare, full.Sources[0].QuotaShare)
	same("jira.name", short.Sources[1].Name, full.Sources[1].Name)
	same("jira.due_fields", short.Sources[1].DueFields, []rules.DueField(nil))
	same("slack.api_url", short.Slack.APIURL, "https://slack.com/api/")
	same("slack.language", short.Slack.Language, "en")
	same("oncall.turn", short.OnCall[0].Turn, full.OnCall[0].Turn)
	same("oncall.hours", short.OnCall[0].Hours == nil, true)
	same("hooks.kind", short.Hooks[0].Kind, hook.Standard)
	same("mail.user", short.Mail.User, "")
	same("slack.fallback", len(short.Slack.Fallback), 0)
	same("schedule.digest", short.Schedule.Digest.String(), full.Schedule.Digest.String())
	same("schedule.reconcile", short.Schedule.Reconcile.String(), full.Schedule.Reconcile.String())
	if len(kept) < 40 {
		t.Errorf("saw %d keys", len(kept))
	}
}
