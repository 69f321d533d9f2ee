package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/rules"
	"vigie/rules/policyfile"
)

// The twenty cases at which other engines went wrong, as verdicts. Where the
// design decides otherwise than was recommended, the design wins, and the test
// says so. What a calendar alone decides is also in the calendar's own tests.

// A promise is a ticket that nothing happens to, and when it is due.
type promise struct {
	name     string
	calendar string // a calendar's keys
	created  string // RFC 3339
	within   string
	due      string // local time of the calendar with its offset; or the error
}

func (p *promise) hold(t *testing.T) {
	text := strings.Replace(fmt.Sprintf(officePolicy, "", row("resolution", p.within)), "2026-01-01", "2000-01-01", 1)
	before, after, _ := strings.Cut(text, "[calendars.office]\n")
	_, after, _ = strings.Cut(after, "[calendars.night]")
	policy, problems := policyfile.Load("hard.toml", []byte(before+"[calendars.office]\n"+p.calendar+"\n[calendars.night]"+after), nil)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	created, err := time.Parse(time.RFC3339, p.created)
	if err != nil {
		t.Fatal(err)
	}
	v, err := rules.Evaluate([]*rules.Policy{policy}, &rules.Ticket{Source: "x", ID: "1", Kind: "bug", CreatedAt: created}, created)
	if err != nil {
		t.Fatal(err)
	}
	got := v.Error
	if got == "" {
		got = v.Clock(rules.Resolution).Due.Format(time.RFC3339)
	}
	if got != p.due {
		t.Errorf("got %s, want %s", got, p.due)
	}
}

func hold(t *testing.T, promises []promise) {
	for _, p := range promises {
		t.Run(p.name, p.hold)
	}
}

// always is open in a zone at every instant, every day between some hours.
func always(zone, hours string, more ...string) string {
	return fmt.Sprintf("zone = %q\nhours = { mon-sun = [%q] }\n%s", zone, hours, strings.Join(more, "\n"))
}

func TestCase01ClockChangeInsideAnInterval(t *testing.T) {
	hold(t, []promise{
		{"a day of 23 hours", always("Europe/Paris", "00:00-24:00"), "2026-03-28T23:00:00Z", "24 business hours", "2026-03-30T01:00:00+02:00"},
		{"a day of 25 hours", always("Europe/Paris", "00:00-24:00"), "2026-10-24T22:00:00Z", "24 business hours", "2026-10-25T23:00:00+01:00"},
		{"an office day stays one of 8 hours", always("Europe/Paris", "09:00-17:00"), "2026-03-28T08:00:00Z", "16 business hours", "2026-03-29T17:00:00+02:00"},
		{"elapsed time doesn't see it", always("Europe/Paris", "09:00-17:00"), "2026-03-28T11:00:00Z", "24 hours", "2026-03-29T13:00:00+02:00"},
	})
}

func TestCase02IntervalEndsInsideAGapOrOverlap(t *testing.T) {
	hold(t, []promise{
		{"in a gap: 01:00 to 02:15 is an hour", always("Europe/Paris", "01:00-02:15"), "2026-03-28T23:00:00Z", "61 business minutes", "2026-03-30T01:01:00+02:00"},
		{"in an overlap: 01:00 to 01:30 comes twice", always("America/New_York", "01:00-01:30"), "2026-11-01T04:00:00Z", "31 business minutes", "2026-11-01T01:01:00-05:00"},
		{"an overlap of half an hour: 01:00 to 02:00 is 90 minutes", always("Australia/Lord_Howe", "01:00-02:00"), "2026-04-04T13:00:00Z", "90 business minutes", "2026-04-05T02:00:00+10:30"},
		{"a gap at midnight: 00:00 to 02:00 is an hour", always("Africa/Cairo", "00:00-02:00"), "2026-04-23T12:00:00Z", "61 business minutes", "2026-04-25T00:01:00+03:00"},
	})
}

func TestCase03OddChanges(t *testing.T) {
	hold(t, []promise{
		{"an overlap between two standard times", always("Europe/Moscow", "01:00-02:00"), "2014-10-25T12:00:00Z", "2 business hours", "2014-10-26T02:00:00+03:00"},
		{"summer time that is less than standard time: Dublin", always("Europe/Dublin", "00:00-24:00"), "2026-10-24T12:00:00Z", "24 business hours", "2026-10-25T12:00:00Z"},
		{"as in London", always("Europe/London", "00:00-24:00"), "2026-10-24T12:00:00Z", "24 business hours", "2026-10-25T12:00:00Z"},
		{"a date that never was", always("Pacific/Apia", "09:00-17:00"), "2011-12-29T19:00:00Z", "16 business hours", "2011-12-31T17:00:00+14:00"},
	})
}

func TestCase04DaysAreDates(t *testing.T) {
	hold(t, []promise{
		{"late on the eve of the short day", always("Europe/Paris", "09:00-17:00"), "2026-03-28T22:30:00Z", "16 business hours", "2026-03-30T17:00:00+02:00"},
		{"early on the long day", always("Europe/Paris", "09:00-17:00"), "2026-10-24T22:15:00Z", "16 business hours", "2026-10-26T17:00:00+01:00"},
	})
}

func TestCase05AroundTheClock(t *testing.T) {
	hold(t, []promise{
		{"no closed minute at midnight", always("Europe/Berlin", "00:00-24:00"), "2026-11-30T22:59:59Z", "2 business seconds", "2026-12-01T00:00:01+01:00"},
		{"24:00 is the end of the day", always("Europe/Berlin", "14:00-24:00"), "2026-11-30T22:00:00Z", "1 business hour", "2026-12-01T00:00:00+01:00"},
		{"and the next second counts from the next opening", always("Europe/Berlin", "14:00-24:00"), "2026-11-30T22:00:00Z", "3601 business seconds", "2026-12-01T14:00:01+01:00"},
	})
}

func TestCase06NightShift(t *testing.T) {
	night := "zone = \"Europe/Berlin\"\nhours = { mon-fri = [\"22:00-06:00\"] }\n"
	hold(t, []promise{
		{"Friday's goes on to Saturday", night, "2026-11-27T22:00:00Z", "8 business hours", "2026-11-30T23:00:00+01:00"},
		// The tail after midnight is the date's own: a holiday closes it, that of the evening before doesn't.
		{"a holiday closes its own morning and evening", night + `holidays = ["2026-12-02"]`, "2026-12-01T21:00:00Z", "3 business hours", "2026-12-03T01:00:00+01:00"},
		{"and leaves the next morning", night + `holidays = ["2026-12-04"]`, "2026-12-04T21:00:00Z", "1 business hour", "2026-12-05T01:00:00+01:00"},
	})
}

func TestCase07IntervalsThatAreNone(t *testing.T) {
	for _, c := range []struct{ hours, want string }{
		{`{ mon = ["09:00-09:00"] }`, "09:00-09:00"},
		{`{ mon = ["09:00-13:00", "12:00-17:00"] }`, "overlap"},
		{`{ mon = [] }`, "no open hours"},
		{`{ }`, "no open hours"},
	} {
		text := strings.Replace(fmt.Sprintf(officePolicy, "", row("resolution", "1 hour")), `{ mon-fri = ["09:00-17:00"] }`, c.hours, 1)
		_, problems := policyfile.Load("hard.toml", []byte(text), nil)
		if err := problems.Err(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error about %q", c.hours, err, c.want)
		}
	}
	hold(t, []promise{
		{"touching ones are one", "zone = \"Europe/Berlin\"\nhours = { mon-fri = [\"09:00-13:00\", \"13:00-17:00\"] }", "2026-11-30T11:59:00Z", "2 business minutes", "2026-11-30T13:01:00+01:00"},
	})
}

func TestCase08LongClosure(t *testing.T) {
	office := "zone = \"Europe/Berlin\"\nhours = { mon-fri = [\"09:00-17:00\"] }\n"
	var closed []string
	for d := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC); d.Month() != 1 || d.Day() < 11; d = d.AddDate(0, 0, 1) {
		closed = append(closed, fmt.Sprintf("%q", d.Format(time.DateOnly)))
	}
	hold(t, []promise{
		{"41 closed days", office + "holidays = [" + strings.Join(closed, ",") + "]", "2026-11-30T15:00:00Z", "2 business hours", "2027-01-11T10:00:00+01:00"},
		{"five years", always("UTC", "09:00-17:00"), "2026-11-30T09:00:00Z", "1826 business days", "2031-11-29T17:00:00Z"},
		{
			"beyond what is known: an error for this verdict, no date", "zone = \"UTC\"\nhours = { mon = [\"09:00-10:00\"] }", "2026-11-30T09:00:00Z", "10000 business hours",
			`calendar "office" can't say what is open in 2200: calendars reach from 1970 to 2199`,
		},
	})
}

func TestCase09HolidayIsALocalDate(t *testing.T) {
	hold(t, []promise{
		{"of 23 hours", always("Europe/Paris", "00:00-24:00", `holidays = ["2026-03-29"]`), "2026-03-28T22:00:00Z", "2 business hours", "2026-03-30T01:00:00+02:00"},
		{"in the calendar's zone, not in UTC", always("Asia/Kolkata", "00:00-24:00", `holidays = ["2026-12-01"]`), "2026-11-30T18:00:00Z", "1 business hour", "2026-12-02T00:30:00+05:30"},
		{"half a day", always("Europe/Berlin", "09:00-17:00", `special = { "2026-12-24" = ["09:00-12:00"] }`), "2026-12-24T08:00:00Z", "4 business hours", "2026-12-25T10:00:00+01:00"},
		{"a special day opens a holiday", always("Europe/Berlin", "09:00-17:00", `holidays = ["2026-12-24"]`, `special = { "2026-12-24" = ["09:00-12:00"] }`), "2026-12-24T08:00:00Z", "1 business hour", "2026-12-24T10:00:00+01:00"},
		{"on a Sunday, substituted on the Monday", always("Europe/London", "09:00-17:00", `holidays = ["GB"]`), "2027-12-25T09:00:00Z", "1 business hour", "2027-12-29T10:00:00Z"},
	})
}

func TestCase10UsedUpAtClosing(t *testing.T) {
	day := row("first_reply", "8 business hours")
	play(t, []scene{
		{name: "is due at closing", rows: day, now: "Mon 17:00", want: []string{"first_reply#1 running, due Mon 17:00, used 8h"}},
		{name: "a reply at that second is in time", rows: day, events: []string{"Mon 17:00 reply"}, now: "Tue 9:00", want: []string{"first_reply#1 met, due Mon 17:00, used 8h, stopped Mon 17:00"}},
		{
			// Recommended: breached only when more than the target is used. The design: instants decide.
			name: "a reply at the next opening is late, where the design differs", rows: day, events: []string{"Tue 9:00 reply"}, now: "Tue 9:00",
			want: []string{"first_reply#1 breached, due Mon 17:00, used 8h, stopped Tue 09:00"},
		},
		{name: "begun at closing, it counts from the next opening", rows: day, ticket: "created=Mon 17:00", now: "Mon 17:00", want: []string{"first_reply#1 running, due Tue 17:00, used 0s"}},
	})
	// A target of nothing, which would mean the next opening elsewhere, is refused when the file is loaded.
	_, problems := policyfile.Load("hard.toml", fmt.Appendf(nil, officePolicy, "", row("resolution", "0 business minutes")), nil)
	if err := problems.Err(); err == nil || !strings.Contains(err.Error(), "is not above zero") {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestCase11Pauses(t *testing.T) {
	rows := row("resolution", "4 business hours", `pause = ["waiting_customer", "waiting_third_party"]`, `warn = ["50%"]`)
	play(t, []scene{
		{name: "over a weekend it credits nothing", rows: rows, ticket: "created=last Fri 16:00", events: []string{"last Fri 17:00 status waiting_customer", "Mon 9:00 status open"}, now: "Mon 9:00", want: []string{"resolution#1 running, due Mon 12:00, used 1h, 50% at Mon 10:00"}},
		{name: "of less than a minute counts its seconds", rows: rows, events: []string{"Mon 9:30:10 status waiting_customer", "Mon 9:30:47 status open"}, now: "Mon 10:00", want: []string{"resolution#1 running, due Mon 13:00:37, used 59m23s, 50% at Mon 11:00:37"}},
		{name: "after another is one pause", rows: rows, events: []string{"Mon 10:00 status waiting_customer", "Mon 11:00 status waiting_third_party", "Mon 12:00 status open"}, now: "Mon 12:00", want: []string{"resolution#1 running, due Mon 15:00, used 1h, 50% at Mon 13:00"}},
		{name: "from creation on", rows: rows, ticket: "status=waiting_customer", events: []string{"Tue 9:00 status open"}, now: "Tue 9:00", want: []string{"resolution#1 running, due Tue 13:00, used 0s, 50% at Tue 11:00"}},
		{name: "no deadline, no warning, and what is left stands still", rows: rows, events: []string{"Mon 10:00 status waiting_customer"}, now: "Fri 9:00", want: []string{"resolution#1 paused, no due, used 1h", "wake never"}},
		{name: "going straight to solved keeps what was held", rows: rows, events: []string{"Mon 10:00 status waiting_customer", "Fri 9:00 status solved"}, now: "Fri 12:00", want: []string{"resolution#1 met, due Fri 12:00, used 1h, stopped Fri 09:00"}},
	})
}

func TestCase12WhichMetricAPauseStops(t *testing.T) {
	play(t, []scene{{
		name:   "each row says so: the customer's wait pauses the resolution, the third party's nothing",
		rows:   row("first_reply", "4 business hours") + row("resolution", "4 business hours", `pause = ["waiting_customer"]`),
		events: []string{"Mon 10:00 status waiting_customer", "Mon 11:00 status waiting_third_party"}, now: "Mon 12:00",
		want: []string{"first_reply#1 running, due Mon 13:00, used 3h", "resolution#1 running, due Mon 14:00, used 2h"},
	}})
}

func TestCase13PriorityChangesMidway(t *testing.T) {
	rows := "[[targets]]\nmetric = \"resolution\"\nwithin = { urgent = \"2 business hours\", normal = \"6 business hours\" }\npause = [\"waiting_customer\"]\n"
	play(t, []scene{
		{
			name: "the target of now, from the original start, its pauses kept", rows: rows,
			events: []string{"Mon 9:30 status waiting_customer", "Mon 10:30 status open", "Mon 11:00 priority urgent by Nadia"}, now: "Mon 11:00",
			want: []string{"resolution#1 running, due Mon 12:00, used 1h"},
		},
		{
			name: "what was met stays met", rows: rows, events: []string{"Mon 12:00 status solved", "Mon 13:00 priority urgent by Nadia"}, now: "Mon 14:00",
			want: []string{"resolution#1 met, due Mon 15:00, used 3h, stopped Mon 12:00"},
		},
		{
			name: "a lower priority takes a breach back", rows: rows, ticket: "priority=urgent", events: []string{"Mon 12:00 priority normal by Nadia"}, now: "Mon 12:00",
			want: []string{"resolution#1 running, due Mon 15:00, used 3h"},
		},
		{
			name: "a priority without a target has no clock", rows: rows, ticket: "priority=urgent", events: []string{"Mon 12:00 priority low by Nadia"}, now: "Mon 12:00",
			want: []string{"resolution none"},
		},
	})
}

func TestCase14Reopened(t *testing.T) {
	rows := row("first_reply", "1 business hour") + row("next_reply", "1 business hour") + row("resolution", "4 business hours", `pause = ["waiting_customer"]`)
	play(t, []scene{
		{
			name: "the resolution resumes, the first reply stays met, the next reply is owed from the customer's message", rows: rows,
			events: []string{"Mon 9:30 reply", "Mon 10:00 status solved", "Mon 15:00 customer", "Mon 15:00 status open"}, now: "Mon 15:30",
			want: []string{
				"first_reply#1 met, due Mon 10:00, used 30m, stopped Mon 09:30", "next_reply#1 running, due Mon 16:00, used 30m",
				"resolution#1 running, due Tue 10:00, used 1h30m",
			},
		},
		{
			name: "the last time it was solved is the stop", rows: rows, events: []string{"Mon 10:00 status solved", "Mon 11:00 status open", "Mon 12:00 status solved"}, now: "Tue 9:00",
			want: []string{"resolution#1 met, due Mon 14:00, used 2h, stopped Mon 12:00"},
		},
		{
			name: "what was late stays late", rows: rows, events: []string{"Mon 14:00 status solved", "Mon 15:00 status open"}, now: "Mon 15:00",
			want: []string{"resolution#1 breached, due Mon 13:00, used 5h"},
		},
	})
}

func TestCase15WhatIsAReply(t *testing.T) {
	rows := row("first_reply", "4 business hours") + row("next_reply", "1 business hour")
	play(t, []scene{
		{
			name: "no internal note, no automation's text, not the description, not the customer's", rows: rows,
			events: []string{"Mon 9:00 note", "Mon 9:10 robot", "Mon 9:20 customer"}, now: "Mon 10:00",
			want: []string{"first_reply#1 running, due Mon 13:00, used 1h", "next_reply none"},
		},
		{
			name: "the customer's public word after that is owed an answer", rows: rows,
			events: []string{"Mon 9:20 reply", "Mon 9:30 customer"}, now: "Mon 10:00",
			want: []string{"first_reply#1 met, due Mon 13:00, used 20m, stopped Mon 09:20", "next_reply#1 running, due Mon 10:30, used 30m"},
		},
	})
}

func TestCase16Anchors(t *testing.T) {
	rows := row("next_reply", "1 business hour") + row("update", "2 business hours")
	play(t, []scene{
		{
			name: "the oldest unanswered message; a second one doesn't restart it", rows: rows, events: []string{"Mon 9:10 reply", "Mon 9:30 customer", "Mon 10:00 customer"}, now: "Mon 10:10",
			want: []string{"next_reply#1 running, due Mon 10:30, used 40m"},
		},
		{
			name: "an agent's double reply starts none", rows: rows, events: []string{"Mon 9:10 reply", "Mon 9:30 customer", "Mon 10:00 reply", "Mon 10:10 reply"}, now: "Mon 11:00",
			want: []string{"next_reply#1 met, due Mon 10:30, used 30m, stopped Mon 10:00"},
		},
		{
			name: "no update is owed while solved, whoever writes", rows: rows, events: []string{"Mon 9:10 reply", "Mon 9:30 status solved", "Mon 9:40 reply", "Mon 9:50 customer"}, now: "Mon 16:00",
			want: []string{
				"update#1 met, due Mon 11:00, used 10m, stopped Mon 09:10", "update#2 void, due Mon 11:10, used 20m, stopped Mon 09:30",
			},
		},
	})
}

func TestCase17TeamChanges(t *testing.T) {
	rows := row("resolution", "10 business hours")
	play(t, []scene{
		{
			name: "each stretch by the calendar of its team", rows: rows, events: []string{"Mon 12:00 group night", "Mon 20:00 group office"}, now: "Tue 9:00",
			want: []string{"resolution#1 running, due Tue 13:00, used 6h"},
		},
		{
			name: "a pause over it too", rows: row("resolution", "10 business hours", `pause = ["waiting_customer"]`),
			events: []string{"Mon 12:00 status waiting_customer", "Mon 18:00 group night", "Mon 20:00 status open"}, now: "Mon 20:00",
			want: []string{"resolution#1 running, due Tue 03:00, used 3h"},
		},
	})
	hold(t, []promise{{
		"a calendar that changes on a date", "zone = \"Europe/Berlin\"\nhours = { mon-fri = [\"09:00-17:00\"] }\n[[calendars.office.versions]]\nfrom = 2026-12-01\nhours = { mon-fri = [\"08:00-10:00\"] }",
		"2026-11-30T15:00:00Z", "2 business hours", "2026-12-01T09:00:00+01:00",
	}})
}

func TestCase18CreatedInOrOutOfHours(t *testing.T) {
	rows := row("first_reply", "1 business hour", "when = 'created_in_hours'") + row("first_reply", "12 hours", "when = 'not created_in_hours'")
	play(t, []scene{
		{name: "the last second inside", rows: rows, ticket: "created=Mon 16:59:59", now: "Mon 16:59:59", want: []string{"first_reply#1 running, due Tue 09:59:59, used 0s"}},
		{name: "closing is outside, and elapsed time there", rows: rows, ticket: "created=Mon 17:00", now: "Mon 17:00", want: []string{"first_reply#1 running, due Tue 05:00, used 0s"}},
		{name: "it never flips: not by a handover, not by opening", rows: rows, ticket: "created=Mon 17:00", events: []string{"Mon 18:00 group night"}, now: "Tue 4:00", want: []string{"first_reply#1 running, due Tue 05:00, used 11h"}},
		{name: "by the team at creation", rows: rows, ticket: "created=Mon 17:00; group=night", now: "Mon 17:00", want: []string{"first_reply#1 running, due Mon 18:00, used 0s"}},
	})
}

func TestCase19Warnings(t *testing.T) {
	rows := row("resolution", "4 business hours", `pause = ["waiting_customer"]`, `warn = ["50%", "30 business minutes"]`)
	play(t, []scene{
		{name: "counted in business time, in order", rows: rows, ticket: "created=last Fri 15:00", now: "last Fri 15:00", want: []string{"resolution#1 running, due Mon 11:00, used 0s, 50% at last Fri 17:00, 30 business minutes at Mon 10:30", "wake last Fri 17:00"}},
		{name: "the next wake-up is the next threshold", rows: rows, now: "Mon 11:00", want: []string{"wake Mon 12:30"}},
		{name: "then the breach", rows: rows, now: "Mon 12:30", want: []string{"wake Mon 13:00:01"}},
		{name: "then nothing", rows: rows, now: "Mon 13:00:01", want: []string{"wake never"}},
		{name: "silent while paused", rows: rows, events: []string{"Mon 10:59 status waiting_customer"}, now: "Tue 9:00", want: []string{"tags +priority_normal", "wake never"}},
		{name: "silent when deleted", rows: rows, events: []string{"Mon 10:59 status deleted"}, now: "Mon 11:00", want: []string{"resolution none", "wake never"}},
	})
}

func TestCase20OneSecondIsOneStep(t *testing.T) {
	rows := row("first_reply", "1 business hour") + row("resolution", "2 business hours", `pause = ["waiting_customer"]`)
	one := []string{"Mon 9:30 status waiting_customer", "Mon 9:30 reply", "Mon 9:30 priority urgent by Nadia", "Mon 9:30 group night"}
	backwards := slices.Clone(one)
	slices.Reverse(backwards)
	want := []string{
		"priority urgent (person), proposed normal",
		"first_reply#1 met, due Mon 17:30, used 30m, stopped Mon 09:30", "resolution#1 paused, no due, used 30m",
	}
	play(t, []scene{
		{name: "status, reply, priority and team", rows: rows, events: one, now: "Mon 18:00", want: want},
		{name: "in whatever order", rows: rows, events: backwards, now: "Mon 18:00", want: want},
		{name: "or delivered twice", rows: rows, events: slices.Concat(one, one), now: "Mon 18:00", want: want},
		{name: "a stop wins over a pause", rows: rows, events: []string{"Mon 9:30 status waiting_customer", "Mon 9:30 status solved"}, now: "Mon 12:00", want: []string{"resolution#1 met, due Mon 11:00, used 30m, stopped Mon 09:30"}},
		{name: "seconds, not minutes", rows: rows, ticket: "created=Mon 9:00:59", events: []string{"Mon 10:00:59 reply"}, now: "Mon 12:00", want: []string{"first_reply#1 met, due Mon 10:00:59, used 1h, stopped Mon 10:00:59"}},
	})
}
