package rules_test

import (
	"testing"
)

// The sentences of the design's section 5, one scene each: what is seen, what
// is counted, when it is due, by which target. What each metric means is in
// semantics_metrics_test.go, everything else in semantics_verdict_test.go.

func TestWhatIsSeen(t *testing.T) {
	play(t, []scene{
		{
			name: "an event later than now is not seen", rows: row("first_reply", "1 hour"),
			events: []string{"Mon 9:30 reply"}, now: "Mon 9:29:59",
			want: []string{"first_reply#1 running, due Mon 10:00, used 29m59s"},
		},
		{
			name: "an event at now is", rows: row("first_reply", "1 hour"),
			events: []string{"Mon 9:30 reply"}, now: "Mon 9:30",
			want: []string{"first_reply#1 met, due Mon 10:00, used 30m, stopped Mon 09:30"},
		},
		{
			name: "nothing before creation, until then", rows: row("first_reply", "1 hour"),
			now: "Mon 8:59:59", want: []string{"covered no", "first_reply none", "wake Mon 09:00"},
		},
		{
			name: "at creation", rows: row("first_reply", "1 hour"),
			now: "Mon 9:00", want: []string{"covered yes", "first_reply#1 running, due Mon 10:00, used 0s"},
		},
		{
			name: "an event at creation applies before anything is decided", rows: row("update", "1 hour", `when = 'created_in_hours'`),
			ticket: "created=Mon 20:00", events: []string{"Mon 20:00 group night"}, now: "Mon 20:10",
			want: []string{"update#1 running, due Mon 21:00, used 10m"},
		},
		{
			name: "the order of the events doesn't matter, but within one instant the last value wins", rows: row("resolution", "1 hour"),
			events: []string{"Mon 9:20 status open", "Mon 9:10 status open", "Mon 9:10 status solved"}, now: "Mon 9:30",
			want: []string{"resolution#1 running, due Mon 10:10, used 20m"},
		},
		{
			name: "one instant is one step: solved and open again in it never was solved", rows: row("resolution", "1 hour"), top: `reopen = "restart"`,
			events: []string{"Mon 9:10 status solved", "Mon 9:10 status open"}, now: "Mon 9:30",
			want: []string{"resolution#1 running, due Mon 10:00, used 30m"},
		},
	})
}

// Importers keep the dates of comments, while the ticket's creation is the import's
// day: what is older was so when it began.
func TestAnEarlierEventIsTakenAtCreation(t *testing.T) {
	play(t, []scene{
		{
			name: "an answer", rows: row("first_reply", "1 business hour"),
			events: []string{"Mon 08:59:59 reply"}, now: "Mon 12:00",
			want: []string{"first_reply#1 met, due Mon 10:00, used 0s, stopped Mon 09:00"},
		},
		{
			name: "several, in the order of their dates", rows: row("resolution", "1 business hour"),
			events: []string{"Mon 08:30 status solved", "Mon 08:10 status waiting_customer", "Mon 09:00 status open"}, now: "Mon 09:30",
			want: []string{"resolution#1 running, due Mon 10:00, used 30m"},
		},
	})
}

func TestCounting(t *testing.T) {
	play(t, []scene{
		{
			name: "a business target counts open seconds", rows: row("resolution", "1 business hour"),
			ticket: "created=last Fri 16:30", now: "Mon 9:10",
			want: []string{"resolution#1 running, due Mon 09:30, used 40m"},
		},
		{
			name: "an elapsed target counts all seconds", rows: row("resolution", "1 hour"),
			ticket: "created=last Fri 16:30", now: "last Fri 17:20",
			want: []string{"resolution#1 running, due last Fri 17:30, used 50m"},
		},
		{
			name: "each stretch counts on the calendar of the team that held the ticket", rows: row("resolution", "10 business hours"),
			ticket: "created=Mon 15:00", events: []string{"Mon 18:00 group night"}, now: "Mon 20:00",
			want: []string{"resolution#1 running, due Tue 02:00, used 4h"}, // 15–17 by day, 18–20 by night, 20–2 to come
		},
		{
			name: "a pause is no longer than its open part", rows: row("resolution", "4 business hours", `pause = ["waiting_customer"]`),
			events: []string{"Mon 11:00 status waiting_customer", "Tue 8:00 status open"}, now: "Tue 9:30",
			want: []string{"resolution#1 running, due Tue 11:00, used 2h30m"},
		},
	})
}

func TestDue(t *testing.T) {
	pausing := row("resolution", "1 business hour", `pause = ["waiting_customer"]`)
	play(t, []scene{
		{
			name: "the first instant at which the target is used up: at closing, not at the next opening", rows: row("resolution", "8 business hours"),
			now: "Mon 17:00", want: []string{"resolution#1 running, due Mon 17:00, used 8h"},
		},
		{
			name: "from the history, once it is used up", rows: row("resolution", "1 business hour"),
			events: []string{"Mon 12:00 group night"}, now: "Mon 18:00",
			want: []string{"resolution#1 breached, due Mon 10:00, used 4h"},
		},
		{
			name: "projected on the team's calendar as it stands", rows: row("resolution", "2 business hours"),
			events: []string{"Mon 10:00 group night"}, now: "Mon 10:00",
			want: []string{"resolution#1 running, due Mon 18:00, used 1h"},
		},
		{
			name: "a stopped clock has one, projected from its stop", rows: row("resolution", "2 business hours"),
			events: []string{"Mon 9:30 status solved"}, now: "Wed 12:00",
			want: []string{"resolution#1 met, due Mon 11:00, used 30m, stopped Mon 09:30"},
		},
		{
			name: "also one that was paused when it stopped", rows: pausing,
			events: []string{"Mon 9:30 status waiting_customer", "Mon 15:00 status solved"}, now: "Wed 12:00",
			want: []string{"resolution#1 met, due Mon 15:30, used 30m, stopped Mon 15:00"},
		},
		{
			name: "a clock that is paused now has none", rows: pausing,
			events: []string{"Mon 9:30 status waiting_customer"}, now: "Mon 15:00",
			want: []string{"resolution#1 paused, no due, used 30m"},
		},
		{
			name: "unless it is used up", rows: pausing,
			events: []string{"Mon 10:30 status waiting_customer"}, now: "Mon 15:00",
			want: []string{"resolution#1 breached and paused, due Mon 10:00, used 1h30m"},
		},
		{
			name: "stopped at due is in time", rows: row("first_reply", "1 business hour"),
			events: []string{"Mon 10:00 reply"}, now: "Mon 12:00",
			want: []string{"first_reply#1 met, due Mon 10:00, used 1h, stopped Mon 10:00"},
		},
		{
			name: "stopped a second after due is late", rows: row("first_reply", "1 business hour"),
			events: []string{"Mon 10:00:01 reply"}, now: "Mon 12:00",
			want: []string{"first_reply#1 breached, due Mon 10:00, used 1h0m1s, stopped Mon 10:00:01"},
		},
		{
			name: "instants decide: due at closing and answered the next morning is late, though no open second was used", rows: row("first_reply", "8 business hours"),
			events: []string{"Tue 9:00 reply"}, now: "Tue 12:00",
			want: []string{"first_reply#1 breached, due Mon 17:00, used 8h, stopped Tue 09:00"},
		},
		{
			name: "at now = due it runs with nothing left", rows: row("first_reply", "1 business hour"),
			now: "Mon 10:00", want: []string{"first_reply#1 running, due Mon 10:00, used 1h", "wake Mon 10:00:01"},
		},
		{
			name: "a second later it is late", rows: row("first_reply", "1 business hour"),
			now: "Mon 10:00:01", want: []string{"first_reply#1 breached, due Mon 10:00, used 1h0m1s"},
		},
		{
			name: "a pause that begins at due saves nothing", rows: pausing,
			events: []string{"Mon 10:00 status waiting_customer"}, now: "Mon 10:00:01",
			want: []string{"resolution#1 breached and paused, due Mon 10:00, used 1h"},
		},
		{
			name: "at its own second it is not late yet, but will be", rows: pausing,
			events: []string{"Mon 10:00 status waiting_customer"}, now: "Mon 10:00",
			want: []string{"resolution#1 paused, due Mon 10:00, used 1h", "wake Mon 10:00:01"},
		},
		{
			name: "a pause that begins a second before due saves it", rows: pausing,
			events: []string{"Mon 9:59:59 status waiting_customer"}, now: "Mon 12:00",
			want: []string{"resolution#1 paused, no due, used 59m59s"},
		},
	})
}

func TestTarget(t *testing.T) {
	byPriority := "[[targets]]\nmetric = \"resolution\"\nwithin = { urgent = \"2 business hours\", normal = \"6 business hours\" }\n"
	byKind := row("resolution", "2 business hours", `when = 'kind == "bug"'`, `pause = ["waiting_customer"]`, `until = '"workaround" in tags'`) +
		row("resolution", "4 business hours", `when = 'kind == "task"'`)
	window := row("first_reply", "1 hour", "when = 'created_in_hours'") + row("first_reply", "12 hours")
	play(t, []scene{
		{
			name: "a change of priority keeps the time used", rows: byPriority,
			events: []string{"Mon 10:00 priority urgent by Nadia"}, now: "Mon 10:00",
			want: []string{"resolution#1 running, due Mon 11:00, used 1h"},
		},
		{
			name: "the priority at the stop holds, whatever comes later", rows: byPriority,
			events: []string{"Mon 12:00 status solved", "Mon 13:00 priority urgent by Nadia"}, now: "Mon 14:00",
			want: []string{"resolution#1 met, due Mon 15:00, used 3h, stopped Mon 12:00"},
		},
		{
			name: "the first row that holds and names the priority", rows: "[[targets]]\nmetric = \"resolution\"\nwithin = { urgent = \"1 hour\" }\n" + byKind,
			now: "Mon 9:00", want: []string{"resolution#1 running, due Mon 11:00, used 0s"},
		},
		{
			name: "the row that holds now measures the whole history, its pauses too", rows: byKind,
			events: []string{"Mon 9:30 status waiting_customer", "Mon 11:30 kind task", "Mon 12:00 status open"}, now: "Mon 12:00",
			want: []string{"resolution#1 running, due Mon 13:00, used 3h"}, // the task's row doesn't pause
		},
		{
			name: "until is looked at in each instant with the row that holds then", rows: byKind,
			events: []string{"Mon 9:30 tag +workaround", "Mon 11:30 kind task"}, now: "Mon 12:00",
			want: []string{"resolution#1 running, due Mon 15:00, used 1h"}, // 9:30–11:30 it was fulfilled
		},
		{
			name: "created_in_hours: the first open second", rows: window,
			now: "Mon 9:00", want: []string{"first_reply#1 running, due Mon 10:00, used 0s"},
		},
		{
			name: "created_in_hours: closing is outside", rows: window,
			ticket: "created=Mon 17:00", now: "Mon 17:00", want: []string{"first_reply#1 running, due Tue 05:00, used 0s"},
		},
		{
			name: "created_in_hours is decided once, by the team at creation", rows: window,
			events: []string{"Mon 9:30 group night"}, now: "Mon 9:30",
			want: []string{"first_reply#1 running, due Mon 10:00, used 30m"},
		},
		{
			name: "created_in_hours by that team's calendar", rows: window,
			ticket: "group=night", events: []string{"Mon 9:30 group office"}, now: "Mon 9:30",
			want: []string{"first_reply#1 running, due Mon 21:00, used 30m"},
		},
		{
			name: "no row, no clock", rows: byPriority,
			events: []string{"Mon 10:00 priority low by Nadia"}, now: "Mon 10:00",
			want: []string{"first_reply none", "resolution none"},
		},
	})
}
