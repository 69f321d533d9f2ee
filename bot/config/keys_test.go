package config

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/rules"
	"vigie/rules/oncall"
	"vigie/rules/tomlfile"
)

// wrongType is what no key takes.
const wrongType = `[[1.5]]`

// apart are the keys that can't stand beside the others; fits is what changes about
// those where one key is changed.
var (
	apart = []string{"zendesk.token", "zendesk.email", "oncall.ical", "calls.steps.after"}
	fits  = map[string]map[string]string{
		"zendesk.token":     {"zendesk.client_id": "", "zendesk.client_secret": ""},
		"zendesk.email":     {"zendesk.client_id": "", "zendesk.client_secret": "", "zendesk.token": `"env:ZENDESK_TOKEN"`},
		"oncall.ical":       {"oncall.people": "", "oncall.turn": "", "oncall.since": ""},
		"calls.steps.after": {"calls.steps.at": ""},
		"jira.name":         {"zendesk.escalate_to": ""},
	}
)

// written is a file with every key once, as the reference's examples have it; a key
// given by its path has another value, and "" leaves one out.
func written(path, value string) string {
	return Keys(outside().Vendors).File(func(k tomlfile.Key) string {
		text := k.Example
		if slices.Contains(apart, k.Path()) {
			text = ""
		}
		if instead, given := fits[path][k.Path()]; given {
			text = instead
		}
		if k.Path() == path {
			text = value
		}
		if text == "" {
			return ""
		}
		return k.Name + " = " + text + "\n"
	})
}

func loadWritten(path, value string) (*Config, tomlfile.Problems) {
	return Load("/etc/vigie/config.toml", []byte(written(path, value)), anyEnv())
}

// The examples of the reference are one configuration together.
func TestTheReferencesExamplesLoad(t *testing.T) {
	if _, problems := loadWritten("", ""); len(problems) > 0 {
		t.Errorf("got\n%s\nof\n%s", problems, written("", ""))
	}
	for _, path := range apart {
		if _, problems := loadWritten(path, `"env:BOT@ACME"`); problems.Err() == nil {
			t.Errorf("%s isn't read", path)
		}
	}
}

// What the reference has a row for, Load reads: it notices a value of the wrong type
// there.
func TestEveryRowOfTheReferenceIsRead(t *testing.T) {
	for _, k := range Keys(outside().Vendors) {
		if k.Example == "" {
			continue
		}
		_, problems := loadWritten(k.Path(), wrongType)
		if !slices.ContainsFunc(problems, func(p tomlfile.Problem) bool { return !p.Warning && strings.Contains(p.Key, k.Name) }) {
			t.Errorf("%s = %s: got %v", k.Path(), wrongType, problems)
		}
	}
}

// Without a key it is as if its default were written; and only what is required must
// be there.
func TestTheReferencesDefaults(t *testing.T) {
	opaque := cmp.Options{
		cmp.Comparer(func(a, b Secret) bool { return a.Reveal() == b.Reveal() }),
		cmp.Comparer(func(a, b Cron) bool { return a.String() == b.String() }),
		cmp.Comparer(func(a, b *oncall.Rota) bool {
			from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
			to := from.AddDate(0, 3, 0)
			return cmp.Equal(slices.Collect(a.Stretches(from, to)), slices.Collect(b.Stretches(from, to)))
		}),
		cmp.Comparer(func(a, b *rules.Condition) bool { return a.String() == b.String() }),
		cmp.Comparer(func(a, b rules.Duration) bool { return a.String() == b.String() }),
		cmp.FilterPath(func(p cmp.Path) bool {
			last := p.Last().String()
			return last == ".secrets" || last == ".Vendor" || last == ".Policies" || last == ".Zone" || last == ".Proxies"
		}, cmp.Ignore()),
	}
	for _, k := range Keys(outside().Vendors) {
		if k.Example == "" {
			continue
		}
		without, problems := loadWritten(k.Path(), "")
		missing := slices.ContainsFunc(problems, func(p tomlfile.Problem) bool {
			return !p.Warning && strings.HasSuffix(p.Key, k.Name) && strings.HasPrefix(p.Text, "is missing")
		})
		switch {
		case k.Table == "zendesk" && strings.HasPrefix(k.Name, "client_"), k.Path() == "web.token", k.Path() == "jira.email", k.Path() == "web.proxies", k.Path() == "web.public_url",
			k.Path() == "oncall.people", k.Path() == "oncall.since", k.Path() == "calls.steps.at": // beside others
		case missing != k.Required:
			t.Errorf("%s: the reference says required %v, Load says %v", k.Path(), k.Required, problems)
		}
		if k.Default == "" || k.Default == "[]" {
			continue
		}
		with, problems := loadWritten(k.Path(), k.Default)
		if with == nil || without == nil {
			t.Errorf("%s = %s: %v", k.Path(), k.Default, problems)
			continue
		}
		if diff := cmp.Diff(without, with, opaque); diff != "" {
			t.Errorf("%s = %s isn't what holds without it:\n%s", k.Path(), k.Default, diff)
		}
		if other, _ := loadWritten(k.Path(), k.Example); cmp.Equal(without, other, opaque) {
			t.Errorf("%s = %s changes nothing", k.Path(), k.Example)
		}
	}
}
