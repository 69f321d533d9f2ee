package words_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"

	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/policyfile"
	"vigie/rules/report"
	"vigie/rules/words"
)

// A third language is one more catalogue and nothing else: with an invented one, in
// which each text is its own name, all that is said of verdicts comes from there.
// What the scenes bring with them is Greek, so that every Latin letter is a text.
func TestAThirdLanguage(t *testing.T) {
	invent(t)
	third := words.In("eo-001")
	var said []string
	for _, x := range explanations(t) {
		letter := third.Letter(&x)
		said = append(said, third.Explanation(&x), letter.String(), letter.Since, letter.Language)
	}
	for _, r := range driftRows(t) {
		said = append(said, third.Difference(&r))
	}
	for _, d := range []rules.Drift{{Unknown: rules.NoRight}, {Unknown: rules.TooSlow}, {Unknown: rules.NoAnswer}, {}} {
		d.Vendor = "Πωλητής"
		said = append(said, third.Silence(&d))
	}
	for _, tally := range []report.Tally{{}, {Met: 1}, {Met: 2, Missed: 1}} {
		said = append(said, third.Share(tally))
	}
	for _, seconds := range []int64{0, 5, 60, 65, 3600, 3605, 3660, 3665, 8 * 24 * 3600} {
		said = append(said, third.Length(seconds), third.Span(seconds), third.Apart(seconds))
	}
	for _, unit := range []string{"second", "minute", "hour", "day"} {
		said = append(said, third.Target("1 "+unit), third.Target("2 business "+unit+"s"), third.Target("2 "+unit+"s"), third.Target("1 business "+unit))
	}
	for _, from := range []rules.PriorityFrom{rules.FromPerson, rules.FromRule, rules.FromExamples, rules.FromDefault} {
		said = append(said, third.Origin(from))
	}

	heard := map[string]bool{}
	for _, text := range said {
		for _, m := range entry.FindAllStringSubmatch(text, -1) {
			heard[m[1]] = true
		}
		rest := regexp.MustCompile(`CET|UTC|Berlin|^eo$`).ReplaceAllString(entry.ReplaceAllString(text, ""), "")
		if odd := regexp.MustCompile(`\p{Latin}+`).FindAllString(rest, -1); len(odd) > 0 {
			t.Errorf("%q is from no catalogue, in\n%s", odd, text)
		}
	}
	for _, id := range third.IDs() {
		section, _, _ := strings.Cut(id, ".")
		if slices.Contains([]string{"metric", "state", "origin", "join", "explain", "kept", "drift", "letter", "length", "span", "duration"}, section) && !heard[id] {
			t.Errorf("no scene says %s: %q", id, words.In("en").Say(id))
		}
	}
}

// entry is a text of the invented language.
var entry = regexp.MustCompile(`⟦([a-z_.]+)(?:\.[0-9])?⟧`)

// invent reads a catalogue in which each text of the English one is its id in
// brackets with the same places after it.
func invent(t *testing.T) {
	t.Helper()
	english, err := os.ReadFile("en.toml")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue map[string]any
	if err := toml.Unmarshal(english, &catalogue); err != nil {
		t.Fatal(err)
	}
	text, err := toml.Marshal(invented("", catalogue))
	if err == nil {
		_, err = words.Read("eo.toml", text)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { words.Forget("eo") })
}

func invented(id string, of any) any {
	if table, ok := of.(map[string]any); ok {
		for key, value := range table {
			name := strings.TrimPrefix(id+"."+key, ".")
			if key == "one" || key == "other" {
				name = id
			}
			table[key] = invented(name, value)
		}
		return table
	}
	if list := strings.Fields(of.(string)); slices.Contains([]string{"time.weekdays", "time.wds", "time.months", "time.mons"}, id) {
		for i := range list {
			list[i] = fmt.Sprintf("⟦%s.%d⟧", id, i%10)
		}
		return strings.Join(list, " ")
	}
	return strings.Join(append([]string{"⟦" + id + "⟧"}, places.FindAllString(of.(string), -1)...), " ")
}

const greek = `
name             = "office"
titles           = { en = "Πολιτική" }
effective_from   = 2026-01-01
calendar         = "office"
default_priority = "normal"
[calendars.office]
zone  = "Europe/Berlin"
hours = { mon-fri = ["09:00-17:00"] }
[[priorities]]
name = "normal"
[[targets]]
metric = "resolution"
within = { normal = "8 business hours" }
clause = "§1"
[clauses]
"§1" = { en = "Ρήτρα" }
`

// explanations are of verdicts in which all occurs that an explanation or a letter
// has a text for.
func explanations(t *testing.T) (list []rules.Explanation) {
	t.Helper()
	p, problems := policyfile.Load("office.toml", []byte(greek), nil)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 30, 9, 0, 0, 0, p.Calendar.Zone())
	now := start.Add(100 * time.Hour)
	name := "Πολιτική"
	of := func(change func(*rules.Explanation)) {
		x := rules.Explanation{Policy: p.Titles, By: p, At: now, Ticket: &rules.Ticket{Source: "α", ID: "1", Subject: "Θέμα"},
			Verdict: rules.Verdict{Source: "α", ID: "1", Policy: &name, Priority: "β", PriorityFrom: rules.FromDefault}}
		change(&x)
		list = append(list, x)
	}
	with := func(clock rules.Clock, target string, lines ...rules.Line) {
		of(func(x *rules.Explanation) {
			clock.StartedAt, clock.Calendar, clock.Cycle = start, "ημερολόγιο", 4
			x.Verdict.Clocks = []rules.Clock{clock}
			x.Timelines = []rules.Timeline{{Clock: clock, Metric: clock.Metric, Cycle: 4, Clause: "§1", TargetAs: target, Lines: lines, PausedNow: clock.Paused}}
		})
	}
	due, stop := start.Add(8*time.Hour), start.Add(9*time.Hour)
	line := func(why rules.Why) rules.Line {
		return rules.Line{From: start, To: start.Add(time.Hour), Why: why, Calendar: "ημερολόγιο"}
	}

	// What there is to say of a ticket.
	of(func(x *rules.Explanation) { x.Verdict.Error = "σφάλμα" })
	of(func(x *rules.Explanation) {
		x.Verdict.Policy, x.By, x.Drift = nil, nil, &rules.Drift{Vendor: "Πωλητής"}
	})
	of(func(x *rules.Explanation) { x.Verdict.Excluded = &rules.Exclusion{Clause: "§1"} })
	of(func(x *rules.Explanation) {
		x.Verdict.Unknown, x.Verdict.FromFirst, x.Verdict.Triage = "γ", true, &rules.TriageDue{At: start}
		x.Rubric, x.Text = rules.Words{EN: "Ρουμπρίκα"}, "πηγή"
		x.Suggested = &rules.Suggested{Priority: "δ", Probability: 0.4, Words: []string{"πύλη"}}
		x.Verdict.Marks = []rules.MarkNote{{Tag: "ετικέτα", Note: rules.Words{EN: "Σημείωση"}, Proposed: "Κείμενο", Clause: "§2"}}
		x.Kept = []rules.Kept{{Tag: "ετικέτα", At: start}, {Tag: "ετικέτα", Removed: true, Program: true, At: start}, {Field: "360001", Metric: rules.Update, Is: "ναι", At: start}}
	})
	of(func(x *rules.Explanation) { proposed := "δ"; x.Verdict.Proposed = &proposed })
	for _, e := range []rules.Escalation{{Issue: &rules.Issue{Key: "ΑΒ-1", Status: "ανοιχτό"}}, {LinkBy: &due}, {Project: "ΑΒ"}} {
		e.Since = start
		of(func(x *rules.Explanation) { x.Verdict.Escalation = &e })
	}

	// Where a clock stands.
	for _, m := range rules.Metrics {
		for _, c := range []rules.Clock{
			{State: rules.StateRunning, Due: &due}, {State: rules.StateMet, Due: &stop, StoppedAt: &due}, {State: rules.StateVoid, Due: &stop, StoppedAt: &due},
			{State: rules.StateBreached, Due: &due, StoppedAt: &stop}, {State: rules.StateBreached, Due: &due}, {State: rules.StateBreached, Due: &due, Paused: true},
			{State: rules.StatePaused, Paused: true}, {State: rules.StatePaused, Paused: true, Elapsed: 3600},
		} {
			c.Metric, c.Target, c.Business = m, 8*3600, true
			with(c, "1 business day")
		}
	}
	for _, what := range []string{"priority", "kind", "group", "status", "organization", "channel", "tags or fields", "else"} {
		with(rules.Clock{Metric: rules.Update, State: rules.StateBreached, Due: &due, Target: 60, ByChange: &rules.BreachCause{What: what, At: start}}, "1 minute")
	}
	missed := rules.Clock{Metric: rules.Update, State: rules.StateBreached, Due: &due, StoppedAt: &stop}
	with(rules.Clock{Metric: rules.Update, State: rules.StateRunning, Due: &due, Past: []rules.Clock{{State: rules.StateMet}, missed, missed, missed, missed}}, "8 hours")
	of(func(x *rules.Explanation) { x.Ticket.Events = []rules.Event{{At: start, By: "Νάντια"}} })
	last := &list[len(list)-1] // somebody has it in hand
	last.Verdict.Clocks = []rules.Clock{{Metric: rules.Resolution, State: rules.StateBreached, Due: &due}}
	last.Timelines = []rules.Timeline{{Clock: last.Verdict.Clocks[0], Metric: rules.Resolution, TargetAs: "90 seconds"}}
	for _, target := range []string{"1 second", "1 day", "2 days"} {
		with(rules.Clock{Metric: rules.Resolution, State: rules.StateRunning, Due: &due, Target: 90}, target)
	}

	// What time was.
	future, business := line(rules.Counts), line(rules.Counts)
	future.Future, future.Team, business.Counted = true, "Ομάδα", 3600
	with(rules.Clock{Metric: rules.Resolution, State: rules.StateRunning, Due: &due}, "8 hours", future, business)
	lines := []rules.Line{future, business, line(rules.IsSolved), line(rules.Fulfilled), line(rules.WasDeleted)}
	for _, status := range []rules.Status{rules.WaitingCustomer, rules.WaitingThirdParty, rules.New} {
		paused := line(rules.IsPaused)
		paused.Status = status
		lines = append(lines, paused)
		present := paused
		present.To = now
		with(rules.Clock{Metric: rules.Resolution, State: rules.StatePaused, Paused: true}, "8 hours", present)
	}
	holiday := calendar.Name{FR: "Noël", EN: "Christmas Day", Local: "Χριστούγεννα"}
	for _, closed := range []calendar.Why{calendar.Holiday, calendar.Weekend, calendar.OutsideHours, calendar.Special} {
		l := line(rules.Counts)
		l.Closed = closed
		if closed == calendar.Holiday {
			l.Holiday = &holiday
			with(rules.Clock{Metric: rules.Resolution, Business: true}, "1 business hour", line(rules.IsSolved), l)
			l.Holiday = &calendar.ClosingDay
		}
		lines = append(lines, l, line(rules.IsSolved))
		l.From, l.To = start.AddDate(0, 0, 5), start.AddDate(0, 0, 6)
		lines = append(lines, l)
	}
	for i := range lines {
		with(rules.Clock{Metric: rules.Resolution, State: rules.StateRunning, Due: &due, Business: true}, "2 business hours", lines[i])
	}
	var long []rules.Line // hour by hour for two days: so many that they are told by day
	for hour := range 48 {
		l := line(rules.IsPaused)
		l.From, l.To = start.Add(time.Duration(hour-9)*time.Hour), start.Add(time.Duration(hour-8)*time.Hour)
		if hour%3 != 1 && hour != 0 && hour != 23 {
			l.Why, l.Counted = rules.Counts, 3600
		}
		long = append(long, l)
	}
	with(rules.Clock{Metric: rules.Resolution, State: rules.StateRunning, Due: &due}, "8 hours", long...)
	with(rules.Clock{Metric: rules.Resolution, State: rules.StateRunning, Due: &due}, "8 hours")
	list[len(list)-1].Drift = &rules.Drift{Vendor: "Πωλητής", Rows: driftRows(t)}
	return list
}

// driftRows are all differences between a vendor's clock and ours.
func driftRows(t *testing.T) (rows []rules.DriftRow) {
	t.Helper()
	at, later := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC), time.Date(2026, 11, 30, 19, 0, 0, 0, time.UTC)
	add := func(change func(*rules.DriftRow)) {
		c := &rules.Clock{Metric: rules.Resolution, Target: 60, StartedAt: at, StoppedAt: &at, Business: true, Cycle: 4}
		r := rules.DriftRow{Name: "ρολόι", Metric: rules.Resolution, State: rules.StateMet, Explained: true, Ours: c, Theirs: &rules.VendorClock{Target: 90, StartedAt: &later, StoppedAt: &later}}
		change(&r)
		rows = append(rows, r)
	}
	for _, by := range []int64{-7200, 0, 30, 7200} {
		add(func(r *rules.DriftRow) { r.Due, r.OurDue, r.By, r.Agrees = &later, &at, &by, by >= 0 && by < 60 })
	}
	for _, why := range []rules.Reason{rules.OtherTarget, rules.OtherStart, rules.OtherHours, rules.OtherPauses, rules.OtherCalendar, rules.OtherTime,
		rules.OnlyRounded, rules.PausedThere, rules.PausedHere, rules.StoppedThere, rules.StoppedHere, rules.OtherStop} {
		add(func(r *rules.DriftRow) { r.Due, r.Why = &later, []rules.Reason{why} })
	}
	for _, told := range []*bool{nil, new(true)} {
		for _, ours := range []bool{true, false} {
			add(func(r *rules.DriftRow) {
				r.OurDue, r.Why, r.Ours.Business, r.Theirs.Business = &at, []rules.Reason{rules.OtherHours, rules.PausedHere}, ours, told
				r.Theirs.AllPauses, r.Explained, r.Doubt = true, false, true
			})
		}
	}
	add(func(r *rules.DriftRow) {
		r.Why, r.Theirs.AllPauses, r.Theirs.Pauses = []rules.Reason{rules.OtherPauses}, true, []rules.Pause{{From: at, To: later}}
	})
	add(func(r *rules.DriftRow) { r.Ours = nil })
	add(func(r *rules.DriftRow) { r.Theirs = nil })
	return rows
}
