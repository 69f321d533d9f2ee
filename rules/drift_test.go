package rules_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/rules"
	"vigie/rules/words"
)

// A drifting scene is a ticket judged by our policy, and by the one that the vendor
// goes by, which says of its clock what it tells and nothing else.
type drifting struct {
	name         string
	top, rows    string // ours
	theirTop     string // theirs; ours if empty
	theirRows    string
	due          string // theirs, if it comes from nowhere
	tells        string // target, start, hours, pauses
	ticket       string
	theirTicket  string // as the vendor sees it; the same if empty
	theirEvents  []string
	doubt        bool
	events       []string
	now          string
	want, wantFR string
	why          []rules.Reason
	explained    bool
}

func (d *drifting) compare(t *testing.T) *rules.Explanation {
	t.Helper()
	s := scene{ticket: d.ticket, events: d.events}
	ticket, now := s.actors(t), when(t, d.now)
	x, err := rules.Explain([]*rules.Policy{officeFrom(t, d.top, d.rows)}, &ticket, now)
	if err != nil {
		t.Fatal(err)
	}
	if d.theirTicket != "" {
		ticket.CreatedAt = when(t, d.theirTicket)
	}
	if d.theirEvents != nil {
		ticket.Events = (&scene{events: d.theirEvents}).actors(t).Events
	}
	theirs, err := rules.Explain([]*rules.Policy{officeFrom(t, or(d.theirTop, d.top), or(d.theirRows, d.rows))}, &ticket, now)
	if err != nil {
		t.Fatal(err)
	}
	c := theirs.Verdict.Clocks[0]
	v := rules.VendorClock{Name: "requester wait time", Metric: c.Metric, State: c.State, Paused: c.Paused, Due: c.Due, StoppedAt: c.StoppedAt}
	if d.due != "" {
		at := when(t, d.due)
		v.Due = &at
	}
	for word := range strings.FieldsSeq(d.tells) {
		switch word {
		case "target":
			v.Target = c.Target
		case "start":
			v.StartedAt = &c.StartedAt
		case "hours":
			v.Business = &c.Business
		case "pauses":
			v.AllPauses = true
			for _, l := range theirs.Timelines[0].Lines {
				if l.Why == rules.IsPaused {
					v.Pauses = append(v.Pauses, rules.Pause{From: l.From, To: l.To})
				}
			}
		}
	}
	x.Compare(rules.VendorSLA{Vendor: "Zendesk", Clocks: []rules.VendorClock{v}})
	return &x
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func TestDrift(t *testing.T) {
	const all = "target start hours pauses"
	pausing := row("resolution", "8 business hours", `pause = ["waiting_customer"]`)
	asked := []string{"Mon 10:00 status waiting_customer", "Mon 14:00 status open"}
	cases := []drifting{
		{name: "the same", rows: row("resolution", "4 business hours"), tells: all, now: "Mon 10:00",
			want: "the same", wantFR: "la même échéance", explained: true},
		{name: "the same, of which nothing else is told", rows: pausing, events: asked, now: "Mon 15:00", want: "the same", wantFR: "la même échéance", explained: true},
		{name: "only rounded", rows: row("resolution", "4 business hours"), due: "Mon 13:00:59", tells: all, now: "Mon 10:00",
			want: "the same to the minute", wantFR: "la même échéance à la minute près", why: []rules.Reason{rules.OnlyRounded}, explained: true},
		{name: "another target", rows: row("first_reply", "1 business hour"), theirRows: row("first_reply", "8 business hours"), tells: all, now: "Mon 9:30",
			want: "7h00 later: its target is 8h00, ours 1h00", wantFR: "7h00 plus tard : son objectif est de 8h00, le nôtre de 1h00", why: []rules.Reason{rules.OtherTarget}, explained: true},
		{name: "another target, with pauses and a weekend between", rows: pausing, theirRows: row("resolution", "45 business hours", `pause = ["waiting_customer"]`), tells: "target start",
			events: asked, now: "Mon 15:00", want: "6 days 21h00 later: its target is 45h00, ours 8h00", wantFR: "6 jours 21h00 plus tard : son objectif est de 45h00, le nôtre de 8h00", why: []rules.Reason{rules.OtherTarget}, explained: true},
		{name: "two weeks apart", rows: row("resolution", "10 business hours"), theirRows: row("resolution", "90 business hours"), tells: "target start", now: "Mon 9:30",
			want: "14 days later: its target is 90h00, ours 10h00", wantFR: "14 jours plus tard : son objectif est de 90h00, le nôtre de 10h00", why: []rules.Reason{rules.OtherTarget}, explained: true},
		{name: "another start", rows: row("resolution", "4 business hours"), theirTicket: "Mon 11:00", tells: all, now: "Mon 12:00",
			want:      "2h00 later: it started Mon 2026-11-30 11:00 CET, ours Mon 2026-11-30 09:00 CET",
			wantFR:    "2h00 plus tard : il a démarré lun 2026-11-30 11:00 CET, le nôtre lun 2026-11-30 09:00 CET",
			why:       []rules.Reason{rules.OtherStart},
			explained: true},
		{name: "a start before opening makes nothing", rows: row("resolution", "4 business hours"), theirRows: row("resolution", "2 business hours"), theirTicket: "Mon 8:00", tells: all, now: "Mon 9:30",
			want: "2h00 earlier: its target is 2h00, ours 4h00", wantFR: "2h00 plus tôt : son objectif est de 2h00, le nôtre de 4h00", why: []rules.Reason{rules.OtherTarget}, explained: true},
		{name: "all hours, told", rows: row("resolution", "8 business hours"), theirRows: row("resolution", "8 hours"), tells: all, ticket: "created=Mon 16:00", now: "Mon 16:30",
			want: "16h00 earlier: it counts all hours, ours business hours", wantFR: "16h00 plus tôt : il compte toutes les heures, le nôtre les heures ouvrées", why: []rules.Reason{rules.OtherHours}, explained: true},
		{name: "business hours, told", rows: row("resolution", "8 hours"), theirRows: row("resolution", "8 business hours"), tells: all, ticket: "created=Mon 16:00", now: "Mon 16:30",
			want: "16h00 later: it counts business hours, ours all hours", wantFR: "16h00 plus tard : il compte les heures ouvrées, le nôtre toutes les heures", why: []rules.Reason{rules.OtherHours}, explained: true},
		{name: "all hours, not told, but the date fits", rows: row("resolution", "8 business hours"), theirRows: row("resolution", "8 hours"), tells: "target start", ticket: "created=Mon 16:00", now: "Mon 16:30",
			want: "16h00 earlier: up to its date all hours count, ours business hours", wantFR: "16h00 plus tôt : jusqu'à son échéance toutes les heures comptent, ici les heures ouvrées", why: []rules.Reason{rules.OtherHours}, explained: true},
		{name: "business hours, not told, but the date fits", rows: row("resolution", "8 hours"), theirRows: row("resolution", "8 business hours"), tells: "target start", ticket: "created=Mon 16:00", now: "Mon 16:30",
			want: "16h00 later: up to its date business hours count, ours all hours", wantFR: "16h00 plus tard : jusqu'à son échéance seules les heures ouvrées comptent, ici toutes les heures", why: []rules.Reason{rules.OtherHours}, explained: true},
		{name: "the date fits, but anything might: no target is told", rows: row("resolution", "8 business hours"), theirRows: row("resolution", "8 hours"), tells: "start", ticket: "created=Mon 16:00", now: "Mon 16:30",
			want: "16h00 earlier", wantFR: "16h00 plus tôt"},
		// Without the pause one hour is left on Tuesday at 9:00; with it and all hours, an hour and a half at 8:30.
		{name: "the date fits in two ways", rows: row("resolution", "2 business hours", `pause = ["waiting_customer"]`), due: "Tue 10:00", tells: "target start", ticket: "created=Mon 16:00",
			events: []string{"Mon 16:30 status waiting_customer", "Tue 8:30 status open"}, now: "Tue 9:00",
			want: "30 min earlier: its calendar or its pauses aren't ours", wantFR: "30 min plus tôt : son calendrier ou ses pauses ne sont pas les nôtres", why: []rules.Reason{rules.OtherTime}, explained: true},
		{name: "no pause there, told", rows: pausing, theirRows: row("resolution", "8 business hours"), events: asked, tells: all, now: "Mon 15:00",
			want: "20h00 earlier: it counts the time in which ours was paused", wantFR: "20h00 plus tôt : il compte les pauses du nôtre", why: []rules.Reason{rules.OtherPauses}, explained: true},
		{name: "no pause there, not told, but the date fits", rows: pausing, theirRows: row("resolution", "8 business hours"), events: asked, tells: "target start", now: "Mon 15:00",
			want: "20h00 earlier: it counts the time in which ours was paused", wantFR: "20h00 plus tôt : il compte les pauses du nôtre", why: []rules.Reason{rules.OtherPauses}, explained: true},
		{name: "a pause there only", rows: row("resolution", "8 business hours"), theirRows: pausing, events: asked, tells: all, now: "Mon 15:00",
			want: "20h00 later: it was paused at other times than ours", wantFR: "20h00 plus tard : il n'a pas été en pause aux mêmes moments que le nôtre", why: []rules.Reason{rules.OtherPauses}, explained: true},
		{name: "a pause there only, not told", rows: row("resolution", "8 business hours"), theirRows: pausing, events: asked, tells: "target start hours", now: "Mon 15:00",
			want: "20h00 later: its calendar or its pauses aren't ours", wantFR: "20h00 plus tard : son calendrier ou ses pauses ne sont pas les nôtres", why: []rules.Reason{rules.OtherTime}, explained: true},
		{name: "another target and no pauses", rows: pausing, theirRows: row("resolution", "4 business hours"), events: asked, tells: "target start", now: "Mon 15:00",
			want:   "24h00 earlier: its target is 4h00, ours 8h00; it counts the time in which ours was paused",
			wantFR: "24h00 plus tôt : son objectif est de 4h00, le nôtre de 8h00 ; il compte les pauses du nôtre", why: []rules.Reason{rules.OtherTarget, rules.OtherPauses}, explained: true},
		{name: "a holiday that only one has", top: "", rows: row("resolution", "8 business hours"), due: "Wed 17:00", tells: all, ticket: "created=Mon 17:00", now: "Mon 18:00",
			want: "24h00 later: its calendar isn't ours (hours or holidays)", wantFR: "24h00 plus tard : son calendrier n'est pas le nôtre (horaires ou jours fériés)", why: []rules.Reason{rules.OtherCalendar}, explained: true},
		{name: "another target and another calendar", rows: row("resolution", "8 business hours"), theirRows: row("resolution", "4 business hours"), due: "Wed 13:00", tells: all, ticket: "created=Mon 17:00", now: "Mon 18:00",
			want:   "20h00 later: its target is 4h00, ours 8h00; its calendar isn't ours (hours or holidays)",
			wantFR: "20h00 plus tard : son objectif est de 4h00, le nôtre de 8h00 ; son calendrier n'est pas le nôtre (horaires ou jours fériés)", why: []rules.Reason{rules.OtherTarget, rules.OtherCalendar}, explained: true},
		{name: "nothing told, nothing said", rows: row("resolution", "8 business hours"), due: "Wed 13:17", now: "Mon 10:00",
			want: "44h17 later", wantFR: "44h17 plus tard"},
		{name: "a target that isn't all", rows: row("resolution", "8 business hours"), theirRows: row("resolution", "4 business hours"), due: "Wed 13:17", tells: "target", now: "Mon 10:00",
			want: "44h17 later: its target is 4h00, ours 8h00; that isn't all of it", wantFR: "44h17 plus tard : son objectif est de 4h00, le nôtre de 8h00 ; cela n'explique pas tout", why: []rules.Reason{rules.OtherTarget}},
		{name: "all told, and yet", rows: row("resolution", "8 hours"), due: "Wed 13:17", tells: all, now: "Mon 10:00", want: "44h17 later", wantFR: "44h17 plus tard"},
		{name: "ours is paused", rows: pausing, theirRows: row("resolution", "8 business hours"), events: asked[:1], tells: all, now: "Mon 11:00",
			want: "ours has no due date: ours is paused, it isn't", wantFR: "ici pas d'échéance : le nôtre est en pause, pas lui", why: []rules.Reason{rules.PausedHere}, explained: true},
		{name: "theirs is paused", rows: row("resolution", "8 business hours"), theirRows: pausing, events: asked[:1], tells: all, now: "Mon 11:00",
			want: "no due date: it is paused, ours isn't", wantFR: "pas d'échéance : il est en pause, le nôtre en cours", why: []rules.Reason{rules.PausedThere}, explained: true},
		{name: "both are paused", rows: pausing, events: asked[:1], tells: all, now: "Mon 11:00",
			want: "no due date, like ours", wantFR: "pas d'échéance, comme ici", explained: true},
		{name: "a workaround ends ours only", rows: row("resolution", "8 business hours", `until = '"workaround" in tags'`), theirRows: row("resolution", "8 business hours"),
			events: []string{"Mon 10:00 tag +workaround"}, tells: all, now: "Mon 11:00", want: "the same: ours has ended, it hasn't", wantFR: "la même échéance : le nôtre est arrêté, pas lui", why: []rules.Reason{rules.StoppedHere}, explained: true},
		{name: "it has ended, ours hasn't", rows: row("resolution", "8 business hours"), theirRows: row("resolution", "8 business hours", `until = '"workaround" in tags'`),
			events: []string{"Mon 10:00 tag +workaround"}, tells: all, now: "Mon 11:00", want: "the same: it has ended, ours hasn't", wantFR: "la même échéance : il est arrêté, pas le nôtre", why: []rules.Reason{rules.StoppedThere}, explained: true},
		{name: "an answer there that is none here", rows: row("first_reply", "4 business hours"), events: []string{"Mon 10:00 customer"}, theirEvents: []string{"Mon 10:00 reply"}, tells: all, now: "Mon 11:00",
			want:   "the same: it has ended, ours hasn't. Doubt: is an answer taken for a customer's word here, or a customer's word for an answer?",
			wantFR: "la même échéance : il est arrêté, pas le nôtre. Doute : une réponse est-elle prise ici pour un message du client, ou l'inverse ?", why: []rules.Reason{rules.StoppedThere}, explained: true, doubt: true},
		{name: "an answer here that is none there", rows: row("first_reply", "4 business hours"), events: []string{"Mon 10:00 reply"}, theirEvents: []string{"Mon 10:00 customer"}, tells: all, now: "Mon 11:00",
			want:   "the same: ours has ended, it hasn't. Doubt: is an answer taken for a customer's word here, or a customer's word for an answer?",
			wantFR: "la même échéance : le nôtre est arrêté, pas lui. Doute : une réponse est-elle prise ici pour un message du client, ou l'inverse ?", why: []rules.Reason{rules.StoppedHere}, explained: true, doubt: true},
		{name: "late there, in time here", rows: row("first_reply", "1 business hour"), events: []string{"Mon 9:30 reply", "Mon 11:00 reply"}, theirEvents: []string{"Mon 9:30 customer", "Mon 11:00 reply"}, tells: all, now: "Mon 12:00",
			want:   "the same: it ended Mon 2026-11-30 11:00 CET, ours Mon 2026-11-30 09:30 CET. Doubt: is an answer taken for a customer's word here, or a customer's word for an answer?",
			wantFR: "la même échéance : il s'est arrêté lun 2026-11-30 11:00 CET, le nôtre lun 2026-11-30 09:30 CET. Doute : une réponse est-elle prise ici pour un message du client, ou l'inverse ?", why: []rules.Reason{rules.OtherStop}, explained: true, doubt: true},
		{name: "the same answer", rows: row("first_reply", "1 business hour"), events: []string{"Mon 9:30 reply"}, tells: all, now: "Mon 12:00", want: "the same", wantFR: "la même échéance", explained: true},
		{name: "a handover and a pause, all of them counted alike", rows: pausing, theirRows: row("resolution", "12 business hours", `pause = ["waiting_customer"]`), tells: "target start",
			events: append([]string{"Mon 15:00 group night"}, asked...), now: "Mon 18:00",
			want: "4h00 later: its target is 12h00, ours 8h00", wantFR: "4h00 plus tard : son objectif est de 12h00, le nôtre de 8h00", why: []rules.Reason{rules.OtherTarget}, explained: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			x := c.compare(t)
			r := x.Drift.Rows[0]
			if got := words.In("en").Difference(&r); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if got := words.In("fr").Difference(&r); got != c.wantFR {
				t.Errorf("got  %q\nwant %q", got, c.wantFR)
			}
			if !slices.Equal(r.Why, c.why) || r.Explained != c.explained || r.Doubt != c.doubt {
				t.Errorf("got %v, explained %v, doubt %v; want %v, %v, %v", r.Why, r.Explained, r.Doubt, c.why, c.explained, c.doubt)
			}
		})
	}
}

// A clock that only one of the two has is said to be, and no SLA at all, or one
// that isn't known, is one line.
func TestDriftAlone(t *testing.T) {
	ticket := (&scene{}).actors(t)
	due := when(t, "Tue 12:00").UTC()
	explain := func(s rules.VendorSLA, kind string) *rules.Explanation {
		ticket.Kind = kind
		p := officeFrom(t, "covers = 'kind == \"bug\"'", row("first_reply", "1 business hour"))
		x, err := rules.Explain([]*rules.Policy{p}, &ticket, when(t, "Mon 9:30"))
		if err != nil {
			t.Fatal(err)
		}
		s.Vendor = "Jira"
		x.Compare(s)
		return &x
	}
	own := []rules.VendorClock{{Name: "Time to close", State: rules.StateRunning, Due: &due}, {Name: "Time to resolution", Metric: rules.Resolution, State: rules.StatePaused, Paused: true}}
	cases := []struct {
		sla  rules.VendorSLA
		kind string
		says []string
	}{
		{rules.VendorSLA{Clocks: own}, "bug", []string{"\n  Jira has no clock for this\n",
			"\nJira (Time to close): running, due Tue 2026-12-01 12:00 CET, the policy has no clock to match\nJira (Time to resolution): paused, the policy has no clock to match\n"}},
		{rules.VendorSLA{Clocks: own[:1]}, "wish", []string{"No policy covers this ticket.\n\nJira (Time to close): running, due"}},
		{rules.VendorSLA{}, "bug", []string{"\n\nJira has no SLA of its own on this ticket.\n"}},
		{rules.VendorSLA{Unknown: rules.NoRight}, "bug", []string{"\n\nJira doesn't show its own SLA to this account.\n"}},
		{rules.VendorSLA{Unknown: rules.TooSlow}, "bug", []string{"\n\nJira didn't tell its own SLA in time.\n"}},
		{rules.VendorSLA{Unknown: rules.NoAnswer}, "bug", []string{"\n\nJira couldn't tell its own SLA.\n"}},
	}
	for _, c := range cases {
		text := words.In("en").Explanation(explain(c.sla, c.kind))
		for _, want := range c.says {
			if !strings.Contains(text, want) {
				t.Errorf("want %q in\n%s", want, text)
			}
		}
	}
	if x := explain(rules.VendorSLA{Unknown: rules.NoRight}, "bug"); strings.Contains(words.In("fr").Explanation(x), "has no clock") || strings.Contains(words.In("fr").Explanation(x), "ne mesure pas") {
		t.Error("of what isn't known it is said that it has no clock")
	}
}

// The clock unchanged has the due instant that the verdict gives it, so that what
// changes the date is the change: whatever the target, the vendor's date with
// another one is explained by the target alone.
func TestDriftCounts(t *testing.T) {
	lives := [][]string{nil, {"Mon 10:00 status waiting_customer", "Wed 14:00 status open", "Wed 15:00 group night", "Thu 9:00 status solved", "Fri 9:00 status open"},
		{"Mon 10:00 group night", "Mon 18:30:07 status waiting_customer", "Tue 3:00 status open"}}
	for _, unit := range []string{"business hours", "hours"} {
		for i, events := range lives {
			for _, now := range []string{"Mon 9:30", "Wed 16:00", "next Mon 9:00"} {
				for _, n := range []string{"1", "3", "10", "100"} {
					d := drifting{rows: row("resolution", "7 "+unit, `pause = ["waiting_customer"]`), theirRows: row("resolution", n+" "+unit, `pause = ["waiting_customer"]`),
						events: events, tells: "target start hours", now: now}
					r := d.compare(t).Drift.Rows[0]
					if r.By != nil && !r.Agrees && (!slices.Equal(r.Why, []rules.Reason{rules.OtherTarget}) || !r.Explained) {
						t.Errorf("life %d at %s, %s %s: got %v, %v (%s)", i, now, n, unit, r.Why, r.Explained, words.In("en").Difference(&r))
					}
				}
			}
		}
	}
}

// Whatever a vendor tells, it is compared.
func TestDriftHostile(t *testing.T) {
	ends := []time.Time{time.Unix(0, 0), {}, when(t, "Mon 10:00"), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)}
	ticket := (&scene{events: []string{"Mon 10:00 status waiting_customer", "Mon 11:00 status open"}}).actors(t)
	for _, unit := range []string{"hours", "business hours"} {
		p := officeFrom(t, "", row("resolution", "8 "+unit, `pause = ["waiting_customer"]`))
		x, err := rules.Explain([]*rules.Policy{p}, &ticket, when(t, "Mon 12:00"))
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range []int64{math.MinInt64, -1, 1, 1 << 32, math.MaxInt64} {
			for _, due := range ends {
				for _, start := range ends {
					for _, business := range []*bool{nil, new(true), new(false)} {
						x.Compare(rules.VendorSLA{Vendor: "Jira", Clocks: []rules.VendorClock{{Name: "x", Metric: rules.Resolution, State: "odd", Due: &due, StartedAt: &start,
							Target: target, Business: business, AllPauses: due == start, Pauses: []rules.Pause{{From: due, To: start}, {From: start, To: due}}}}})
						if r := x.Drift.Rows[0]; words.In("fr").Difference(&r) == "" || r.Target < 0 {
							t.Errorf("%d, %s, %s: got %+v", target, due, start, r)
						}
					}
				}
			}
		}
	}
}
