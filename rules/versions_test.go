package rules_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"vigie/rules"
	"vigie/rules/policyfile"
)

// version is a policy of a name, in force from a date, that promises a
// resolution within so much.
func version(t testing.TB, name, from, within string, more ...string) *rules.Policy {
	t.Helper()
	text := fmt.Sprintf(officePolicy, strings.Join(more, "\n"), row("resolution", within))
	text = strings.NewReplacer(`"office"`+"\neffective", `"`+name+`"`+"\neffective", "2026-01-01", from).Replace(text)
	p, problems := policyfile.Load(name+"-"+from+".toml", []byte(text), nil)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

// A ticket is judged by the version in force when it was created, from 00:00 of
// its first day on in the policy calendar's zone, however late it is judged and
// in whichever order the versions are named (QS-32).
func TestATicketKeepsItsVersion(t *testing.T) {
	first, second, third := version(t, "acme", "2026-01-01", "1 hour"), version(t, "acme", "2026-07-01", "2 hours"), version(t, "acme", "2027-01-01", "3 hours")
	other := version(t, "other", "2020-01-01", "9 hours")
	now := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		created string
		hours   int64 // 0: not covered
	}{
		{"2025-12-31T23:59:59+01:00", 0},
		{"2026-01-01T00:00:00+01:00", 1},
		{"2026-06-30T21:59:59Z", 1}, // 23:59:59 in Berlin
		{"2026-06-30T22:00:00Z", 2},
		{"2026-12-31T23:59:59+01:00", 2},
		{"2027-01-01T00:00:00+01:00", 3},
	} {
		created, err := time.Parse(time.RFC3339, c.created)
		if err != nil {
			t.Fatal(err)
		}
		ticket := &rules.Ticket{Source: "zendesk", ID: "1", Kind: "bug", CreatedAt: created}
		for _, order := range [][]*rules.Policy{{first, second, third}, {third, first, second}, {second, third, first}} {
			v, err := rules.Evaluate(order, ticket, now)
			if err != nil {
				t.Fatal(err)
			}
			var hours int64
			if c := v.Clock(rules.Resolution); c != nil {
				hours = c.Target / 3600
			}
			if hours != c.hours || v.Covered() != (c.hours > 0) {
				t.Errorf("created %s: got a target of %d h, want %d", c.created, hours, c.hours)
			}
			// Older than every version, it is the next policy's.
			v, err = rules.Evaluate(append(order[:3:3], other), ticket, now)
			if err != nil || *v.Policy != map[bool]string{true: "acme", false: "other"}[c.hours > 0] {
				t.Errorf("created %s: got policy %q, %v", c.created, *v.Policy, err)
			}
		}
	}
}

// What one version doesn't cover is the next policy's, not another version's.
func TestAnotherVersionIsNoSecondChance(t *testing.T) {
	old := version(t, "acme", "2026-01-01", "1 hour")
	narrow := version(t, "acme", "2026-07-01", "2 hours", `covers = 'kind == "bug"'`)
	ticket := &rules.Ticket{Source: "zendesk", ID: "1", Kind: "task", CreatedAt: time.Date(2026, 8, 3, 9, 0, 0, 0, time.UTC)}
	for _, order := range [][]*rules.Policy{{old, narrow}, {narrow, old}} {
		if v, err := rules.Evaluate(order, ticket, ticket.CreatedAt); err != nil || v.Covered() {
			t.Errorf("got %+v, %v; want it not covered", v, err)
		}
	}
}

func TestVersionsStandTogether(t *testing.T) {
	a1, a2, b := version(t, "acme", "2026-01-01", "1 hour"), version(t, "acme", "2026-07-01", "1 hour"), version(t, "beta", "2026-03-01", "1 hour")
	names := func(list []*rules.Policy) (text string) {
		for _, p := range list {
			text += " " + p.File
		}
		return strings.TrimSpace(text)
	}
	for _, list := range [][]*rules.Policy{{a1, b, a2}, {a2, b, a1}} {
		got, problems := policyfile.Versions(list)
		if want := "acme-2026-07-01.toml acme-2026-01-01.toml beta-2026-03-01.toml"; names(got) != want || len(problems) > 0 {
			t.Errorf("got %s, %v; want %s", names(got), problems, want)
		}
	}
	twin := version(t, "acme", "2026-07-01", "2 hours")
	twin.File = "copy.toml"
	_, problems := policyfile.Versions([]*rules.Policy{a1, a2, twin})
	if want := "copy.toml:3: effective_from: acme begins on the same day as acme in acme-2026-07-01.toml; name one of the two, or give this one the first day on which it holds instead"; problems.Error() != want {
		t.Errorf("got  %s\nwant %s", problems, want)
	}
	if got, problems := policyfile.Versions(nil); len(got) > 0 || len(problems) > 0 {
		t.Errorf("of none: got %v, %v", got, problems)
	}

	// What isn't in force yet at an instant, and what it would be like if it were.
	may := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	january := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := names(rules.Before([]*rules.Policy{a2, a1, b}, may)); got != "" {
		t.Errorf("in May all have begun: got %s", got)
	}
	if got := names(rules.Before([]*rules.Policy{a2, a1, b}, january)); got != "acme-2026-01-01.toml beta-2026-03-01.toml" {
		t.Errorf("in January 2025 none has begun: got %s", got)
	}
	early := rules.Since([]*rules.Policy{a2, a1}, january)
	if !rules.Begin(early).Equal(january) || early[0] != a2 || !a1.EffectiveFrom.After(january) {
		t.Errorf("since 2025: got %v, the policies themselves must stay", early)
	}
}

// A version of a calendar moves nothing before its first date: a ticket's
// stretch over that date counts by the one before until midnight, and by the new
// one after.
func TestACalendarVersionMovesNoPast(t *testing.T) {
	const longer = "[[calendars.office.versions]]\nfrom = 2026-12-03\nhours = { mon-fri = [\"07:00-19:00\"] }\nholidays = [\"2026-12-04\"]\nspecial = { \"2026-12-02\" = [], \"2026-12-07\" = [\"10:00-12:00\"] }\n"
	scenes := []scene{
		{name: "due before the new version: as if there were none", rows: row("resolution", "20 business hours"), now: "Wed 13:00", want: []string{"resolution 1 running due Wed 13:00"}},
		{name: "due after it: the old hours until Wednesday, then the new ones", rows: row("resolution", "30 business hours"), now: "Wed 13:00", want: []string{"resolution 1 running due Thu 13:00"}},
		{name: "over a holiday and special hours that only the new version has", rows: row("resolution", "37 business hours"), now: "Wed 13:00", want: []string{"resolution 1 running due next Mon 11:00"}},
	}
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			p := officeFrom(t, "", longer+s.rows)
			ticket := s.actors(t)
			now := when(t, s.now)
			v, err := rules.Evaluate([]*rules.Policy{p}, &ticket, now)
			if err != nil {
				t.Fatal(err)
			}
			c := v.Clock(rules.Resolution)
			if got := fmt.Sprintf("resolution %d %s due %s", c.Cycle, c.State, said(*c.Due)); got != s.want[0] {
				t.Errorf("got %s, want %s", got, s.want[0])
			}
			if want := int64(20 * 3600); c.Elapsed != want {
				t.Errorf("by Wednesday 13:00 %d s are used, want %d: the past moved", c.Elapsed, want)
			}
		})
	}
	// Whatever a version says, every past verdict stays as it was.
	plain, changed := officeFrom(t, "", row("resolution", "20 business hours")), officeFrom(t, "", longer+row("resolution", "20 business hours"))
	s := scene{}
	ticket := s.actors(t)
	for at := when(t, "Mon 9:00"); at.Before(when(t, "Thu 0:00")); at = at.Add(17 * time.Minute) {
		a, errA := rules.Evaluate([]*rules.Policy{plain}, &ticket, at)
		b, errB := rules.Evaluate([]*rules.Policy{changed}, &ticket, at)
		if errA != nil || errB != nil || a.Clocks[0].Elapsed != b.Clocks[0].Elapsed || !a.Clocks[0].Due.Equal(*b.Clocks[0].Due) || a.Clocks[0].State != b.Clocks[0].State {
			t.Fatalf("at %s: got %+v, want %+v (%v, %v)", said(at), b.Clocks[0], a.Clocks[0], errA, errB)
		}
	}
}

// A verdict is the same whatever is judged after it.
func TestAVerdictStays(t *testing.T) {
	p := officeFrom(t, "", row("resolution", "20 business hours", `pause = ["waiting_customer"]`)+row("update", "2 business hours"))
	first := scene{events: []string{"Mon 10:00 reply", "Mon 11:00 tag +a"}}
	later := scene{events: []string{"Mon 9:40 reply", "Mon 9:50 status solved"}} // as many states, in the same room
	a, b := first.actors(t), later.actors(t)
	a.Kind, a.Text, a.Priority, b.Kind = "bug", "The portal is down", "low", "task"
	now := when(t, "Tue 10:00")
	text := func(v rules.Verdict) string {
		kind, group, assignee, organization, tags, fields := v.Now()
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(string(b), kind, group, assignee, organization, tags, fields)
	}
	v, err := rules.Evaluate([]*rules.Policy{p}, &a, now)
	if err != nil {
		t.Fatal(err)
	}
	before := text(v)
	for range 50 {
		if _, err := rules.Evaluate([]*rules.Policy{p}, &b, now); err != nil {
			t.Fatal(err)
		}
	}
	if after := text(v); after != before || v.Proposed == nil {
		t.Errorf("got\n%s\nwas\n%s", after, before)
	}
}

// Nor does a verdict hear of what was judged before it: a grace that runs for
// one ticket wakes no other.
func TestAVerdictIsItsOwn(t *testing.T) {
	graceful := officeFrom(t, `reopen_grace = "30 business minutes"`, row("resolution", "20 business hours"))
	thanks := scene{events: []string{"Mon 10:00 status solved", "Mon 11:00 status open"}}
	a := thanks.actors(t)
	before, after := rules.Ticket{ID: "1", CreatedAt: when(t, "Mon 9:00")}, when(t, "Mon 11:10")
	before.CreatedAt = graceful.EffectiveFrom.AddDate(0, 0, -1) // older than the policy: nobody's
	for range 50 {
		if v, err := rules.Evaluate([]*rules.Policy{graceful}, &a, after); err != nil || !v.Wake.Equal(when(t, "Mon 11:30")) {
			t.Fatalf("wake %s, %v", v.Wake, err)
		}
		if v, err := rules.Evaluate([]*rules.Policy{graceful}, &before, after); err != nil || !v.Wake.IsZero() {
			t.Fatalf("a ticket that no policy covers wakes at %s, %v", v.Wake, err)
		}
	}
}
