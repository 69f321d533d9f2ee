package policyfile

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/rules/tomlfile"
)

// base is a policy to be extended; the line of each key is in the tests below.
const base = `name = "base"
effective_from = 2026-01-01
calendar = "paris"
default_priority = "normal"
[calendars.paris]
zone = "Europe/Paris"
hours = { mon-fri = ["09:00-17:00"] }
holidays = ["FR", "closing.ics"]
[[priorities]]
name = "urgent"
zendesk = ["urgent"]
clause = "B-1"
[[priorities]]
name = "normal"
clause = "B-2"
[[targets]]
metric = "resolution"
within = { urgent = "2 hours", normal = "8 hours" }
clause = "B-3"
[[mark]]
when = 'kind == "task"'
tag = "service"
clause = "B-4"
[[mark]]
when = 'kind == "wish"'
tag = "wish"
clause = "B-5"
[clauses]
"B-1" = { en = "Urgent" }
"B-2" = { en = "Normal" }
"B-3" = { en = "Resolution" }
`

const closing = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Acme//EN\r\nBEGIN:VEVENT\r\nUID:1@acme.example\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20261230\r\nSUMMARY:Closed\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

// files are what a policy names.
func files(all map[string]string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		text, ok := all[name]
		if !ok {
			return nil, errors.New("open " + name + ": there is no such file")
		}
		return []byte(text), nil
	}
}

func TestExtend(t *testing.T) {
	const acme = `name = "acme"
extends = "shared/base.toml"
without = ["B-4"]
effective_from = 2026-03-01
[calendars.paris]
special = { "2026-12-24" = ["09:00-12:00"] }
[[priorities]]
name = "normal"
zendesk = ["low", "normal"]
[[priorities]]
name = "critical"
[[targets]]
metric = "resolution"
within = { critical = "1 hour", normal = "4 hours" }
`
	p, problems := Load("acme.toml", []byte(acme), files(map[string]string{"shared/base.toml": base, "shared/closing.ics": closing}))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if p.Name != "acme" || p.File != "acme.toml" || p.EffectiveFrom.Format("2006-01-02") != "2026-03-01" {
		t.Errorf("got %s of %s from %s", p.Name, p.File, p.EffectiveFrom)
	}
	var got []string
	for _, pr := range p.Priorities {
		got = append(got, pr.Name+" "+strings.Join(pr.Vendors["zendesk"], "+")+" "+pr.Clause)
	}
	for _, row := range p.Targets {
		for _, pr := range p.Priorities {
			got = append(got, pr.Name+" within "+row.Within[pr.Name].String())
		}
	}
	for _, m := range p.Marks {
		got = append(got, m.Tag)
	}
	want := []string{"critical  ", "urgent urgent B-1", "normal low+normal B-2",
		"critical within 1 hour", "urgent within ", "normal within 4 hours", "critical within ", "urgent within 2 hours", "normal within 8 hours", "wish"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for day, hours := range map[string]int64{"2026-12-24": 3, "2026-12-29": 8, "2026-12-30": 0} { // special, an ordinary day, the file's
		from, _ := time.ParseInLocation(time.DateOnly, day, p.Calendar.Zone())
		if open, err := p.Calendar.Between(from, from.AddDate(0, 0, 1)); err != nil || open != hours*3600 {
			t.Errorf("%s: open for %d s, %v; want %d h", day, open, err, hours)
		}
	}
}

// A mistake is told in the file and at the line where it stands, whichever rows lie
// over it.
func TestExtendTellsWhereMistakesAre(t *testing.T) {
	const acme = "name = \"acme\"\nextends = \"base.toml\"\n"
	for _, c := range []struct{ name, own, base, want string }{
		{"one's own row", "[[targets]]\nmetric = \"update\"\nwithin = { normal = \"soon\" }\n", base,
			`acme.toml:5: targets[0].within.normal: "soon" is no duration`},
		{"a row below", "[[targets]]\nmetric = \"update\"\nwithin = { normal = \"1 hour\" }\n", strings.Replace(base, `"8 hours"`, `"soon"`, 1),
			`base.toml:18: targets[1].within.normal: "soon" is no duration`},
		{"a row after one that is left out", "without = [\"B-4\"]\n", strings.Replace(base, `tag = "wish"`, `tag = "Wish!"`, 1),
			`base.toml:26: mark[0].tag: "Wish!" is no tag`},
		{"a priority that is changed", "[[priorities]]\nname = \"normal\"\nwhen = 'kind'\n", base,
			`acme.toml:5: priorities[1].when: expected bool`},
		{"a misspelt key below", "", strings.Replace(base, "zone =", "zoen =", 1),
			`base.toml:6: calendars.paris.zoen: unknown key; did you mean "zone"?`},
		{"an unknown clause", "without = [\"B-6\"]\n", base,
			`acme.toml:3: without[0]: no row of base.toml cites clause "B-6"; did you mean "B-1"?`},
		{"no such policy", "", "", `acme.toml:2: extends: open base.toml: there is no such file; write a built-in policy's name`},
		{"no TOML", "", "name", `base.toml:1: this isn't TOML`},
		{"itself", "", acme, `base.toml:2: extends: is the 9th policy over another, or leads back to this one`},
	} {
		all := map[string]string{"closing.ics": closing}
		if c.base != "" {
			all["base.toml"] = c.base
		}
		p, problems := Load("acme.toml", []byte(acme+c.own), files(all))
		if p != nil || !slices.ContainsFunc(problems, func(p tomlfile.Problem) bool { return strings.HasPrefix(p.Error(), c.want) }) {
			t.Errorf("%s: got\n%v\nwant %s", c.name, problems, c.want)
		}
	}
	if _, problems := Load("acme.toml", []byte("without = [\"B-1\"]\n"+base), files(map[string]string{"closing.ics": closing})); !strings.Contains(problems.Error(), "acme.toml:1: without: leaves out rows of the policy that this one extends, and it extends none") {
		t.Errorf("without alone: got %v", problems)
	}
}

// What the extended policy says is a part of what the policy says: its digest, too.
func TestExtendedDigest(t *testing.T) {
	load := func(base string) string {
		p, problems := Load("acme.toml", []byte(`extends = "base.toml"`), files(map[string]string{"base.toml": base, "closing.ics": closing}))
		if problems.Err() != nil {
			t.Fatal(problems)
		}
		return p.Digest
	}
	if load(base) == load(strings.Replace(base, `"8 hours"`, `"7 hours"`, 1)) {
		t.Error("the digest is the same though what is extended changed")
	}
}
