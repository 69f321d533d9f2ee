package rules_test

import "testing"

func TestFirstReply(t *testing.T) {
	hour := row("first_reply", "1 business hour")
	play(t, []scene{
		{
			name: "stops at the first public agent reply, for good", rows: hour,
			events: []string{"Mon 9:20 reply", "Mon 9:40 customer", "Mon 9:50 reply"}, now: "Mon 12:00",
			want: []string{"first_reply#1 met, due Mon 10:00, used 20m, stopped Mon 09:20"},
		},
		{
			name: "a note is no reply, nor is the customer's or an automation's", rows: hour,
			events: []string{"Mon 9:20 note", "Mon 9:30 customer", "Mon 9:40 robot"}, now: "Mon 9:50",
			want: []string{"first_reply#1 running, due Mon 10:00, used 50m"},
		},
		{
			name: "solved in time without an answer is void", rows: hour,
			events: []string{"Mon 9:20 status solved"}, now: "Mon 12:00",
			want: []string{"first_reply#1 void, due Mon 10:00, used 20m, stopped Mon 09:20"},
		},
		{
			name: "solved late without an answer is late", rows: hour,
			events: []string{"Mon 10:20 status solved"}, now: "Mon 12:00",
			want: []string{"first_reply#1 breached, due Mon 10:00, used 1h20m, stopped Mon 10:20"},
		},
		{
			name: "solved with an answer in the same instant is met", rows: hour,
			events: []string{"Mon 9:20 status solved", "Mon 9:20 reply"}, now: "Mon 12:00",
			want: []string{"first_reply#1 met, due Mon 10:00, used 20m, stopped Mon 09:20"},
		},
		{
			name: "closed is solved", rows: hour,
			events: []string{"Mon 9:20 status closed"}, now: "Mon 12:00",
			want: []string{"first_reply#1 void, due Mon 10:00, used 20m, stopped Mon 09:20"},
		},
		{
			name: "a reopening starts no other one", rows: hour,
			events: []string{"Mon 9:20 status solved", "Mon 11:00 status open"}, now: "Mon 12:00",
			want: []string{"first_reply#1 void, due Mon 10:00, used 20m, stopped Mon 09:20"},
		},
	})
}

func TestUpdate(t *testing.T) {
	hour := row("update", "1 business hour")
	play(t, []scene{
		{
			name: "each public agent reply ends a cycle and starts the next", rows: hour,
			events: []string{"Mon 9:20 reply", "Mon 10:10 reply"}, now: "Mon 11:00",
			want: []string{
				"update#1 met, due Mon 10:00, used 20m, stopped Mon 09:20",
				"update#2 met, due Mon 10:20, used 50m, stopped Mon 10:10",
				"update#3 running, due Mon 11:10, used 50m",
			},
		},
		{
			name: "being solved ends it, and nothing starts one while solved", rows: hour,
			events: []string{"Mon 9:20 status solved", "Mon 9:30 reply", "Mon 9:40 customer"}, now: "Mon 11:00",
			want: []string{"update#1 void, due Mon 10:00, used 20m, stopped Mon 09:20"},
		},
		{
			name: "a reopening starts one", rows: hour,
			events: []string{"Mon 9:20 status solved", "Mon 10:30 status open"}, now: "Mon 11:00",
			want: []string{"update#1 void, due Mon 10:00, used 20m, stopped Mon 09:20", "update#2 running, due Mon 11:30, used 30m"},
		},
		{
			name: "a reopening and replies in one instant start one", rows: hour,
			events: []string{"Mon 9:20 status solved", "Mon 10:30 customer", "Mon 10:30 status open", "Mon 10:30 reply"}, now: "Mon 11:00",
			want: []string{"update#1 void, due Mon 10:00, used 20m, stopped Mon 09:20", "update#2 running, due Mon 11:30, used 30m"},
		},
		{
			name: "a reply and being solved in one instant start none", rows: hour,
			events: []string{"Mon 9:20 reply", "Mon 9:20 status solved"}, now: "Mon 11:00",
			want: []string{"update#1 met, due Mon 10:00, used 20m, stopped Mon 09:20"},
		},
		{
			name: "a late cycle stays late behind the next", rows: hour,
			events: []string{"Mon 10:30 reply"}, now: "Mon 11:00",
			want: []string{"update#1 breached, due Mon 10:00, used 1h30m, stopped Mon 10:30", "update#2 running, due Mon 11:30, used 30m"},
		},
		{
			name: "pause_after_reply: waiting pauses only once an agent has answered in public", rows: row("update", "1 business hour", `pause = ["waiting_customer"]`, "pause_after_reply = true"),
			events: []string{"Mon 9:10 status waiting_customer", "Mon 9:20 note"}, now: "Mon 9:40",
			want: []string{"update#1 running, due Mon 10:00, used 40m"},
		},
		{
			name: "pause_after_reply: from the answer on", rows: row("update", "1 business hour", `pause = ["waiting_customer"]`, "pause_after_reply = true"),
			events: []string{"Mon 9:10 status waiting_customer", "Mon 9:20 reply"}, now: "Mon 9:40",
			want: []string{"update#1 met, due Mon 10:00, used 20m, stopped Mon 09:20", "update#2 paused, no due, used 0s"},
		},
	})
}

func TestNextReply(t *testing.T) {
	hour := row("next_reply", "1 business hour")
	play(t, []scene{
		{
			name: "none yet, no clock", rows: hour,
			events: []string{"Mon 9:20 reply"}, now: "Mon 11:00", want: []string{"next_reply none"},
		},
		{
			name: "nothing before first_reply has stopped", rows: hour,
			events: []string{"Mon 9:10 customer", "Mon 9:20 reply"}, now: "Mon 11:00", want: []string{"next_reply none"},
		},
		{
			name: "from the oldest unanswered reply of the customer", rows: hour,
			events: []string{"Mon 9:20 reply", "Mon 9:30 customer", "Mon 9:50 customer"}, now: "Mon 10:00",
			want: []string{"next_reply#1 running, due Mon 10:30, used 30m"},
		},
		{
			name: "to a public agent reply", rows: hour,
			events: []string{"Mon 9:20 reply", "Mon 9:30 customer", "Mon 9:40 note", "Mon 9:45 robot", "Mon 9:50 reply", "Mon 9:55 reply"}, now: "Mon 12:00",
			want: []string{"next_reply#1 met, due Mon 10:30, used 20m, stopped Mon 09:50"},
		},
		{
			name: "to being solved, which answers nothing", rows: hour,
			events: []string{"Mon 9:20 reply", "Mon 9:30 customer", "Mon 9:50 status solved"}, now: "Mon 12:00",
			want: []string{"next_reply#1 void, due Mon 10:30, used 20m, stopped Mon 09:50"},
		},
		{
			name: "being solved late is late", rows: hour,
			events: []string{"Mon 9:20 reply", "Mon 9:30 customer", "Mon 10:50 status solved"}, now: "Mon 12:00",
			want: []string{"next_reply#1 breached, due Mon 10:30, used 1h20m, stopped Mon 10:50"},
		},
		{
			name: "a reply while solved starts at the reopening", rows: hour,
			events: []string{"Mon 9:20 reply", "Mon 9:25 status solved", "Mon 9:30 customer", "Mon 9:40 status open"}, now: "Mon 10:00",
			want: []string{"next_reply#1 running, due Mon 10:40, used 20m"},
		},
		{
			name: "and nothing while it is still solved", rows: hour,
			events: []string{"Mon 9:20 reply", "Mon 9:25 status solved", "Mon 9:30 customer"}, now: "Mon 10:00",
			want: []string{"next_reply none"},
		},
		{
			name: "a reply with the reopening starts at it", rows: hour,
			events: []string{"Mon 9:20 reply", "Mon 9:25 status solved", "Mon 9:40 customer", "Mon 9:40 status open"}, now: "Mon 10:00",
			want: []string{"next_reply#1 running, due Mon 10:40, used 20m"},
		},
		{
			name: "an agent's reply while solved answers what was asked while solved", rows: hour,
			events: []string{"Mon 9:20 reply", "Mon 9:25 status solved", "Mon 9:30 customer", "Mon 9:35 reply", "Mon 9:40 status open"}, now: "Mon 10:00",
			want: []string{"next_reply none"},
		},
		{
			name: "in one instant the agent's reply answers what was, the customer's starts a new one", rows: hour,
			events: []string{"Mon 9:20 reply", "Mon 9:30 customer", "Mon 9:50 customer", "Mon 9:50 reply"}, now: "Mon 10:00",
			want: []string{"next_reply#1 met, due Mon 10:30, used 20m, stopped Mon 09:50", "next_reply#2 running, due Mon 10:50, used 10m"},
		},
		{
			name: "also with the first reply of all", rows: hour,
			events: []string{"Mon 9:20 customer", "Mon 9:20 reply"}, now: "Mon 9:30",
			want: []string{"next_reply#1 running, due Mon 10:20, used 10m"},
		},
		{
			name: "after a first_reply that being solved stopped", rows: hour,
			events: []string{"Mon 9:20 status solved", "Mon 10:00 customer", "Mon 10:00 status open"}, now: "Mon 10:30",
			want: []string{"next_reply#1 running, due Mon 11:00, used 30m"},
		},
	})
}

func TestResolution(t *testing.T) {
	two := row("resolution", "2 business hours")
	workaround := row("resolution", "2 business hours", `until = '"workaround" in tags'`)
	play(t, []scene{
		{
			name: "resume: it goes on where it stopped, the time while solved doesn't count", rows: two,
			events: []string{"Mon 10:00 status solved", "Mon 12:00 status open"}, now: "Mon 12:30",
			want: []string{"resolution#1 running, due Mon 13:00, used 1h30m"},
		},
		{
			name: "restart: a reopening begins anew", rows: two, top: `reopen = "restart"`,
			events: []string{"Mon 10:00 status solved", "Mon 12:00 status open"}, now: "Mon 12:30",
			want: []string{"resolution#1 met, due Mon 11:00, used 1h, stopped Mon 10:00", "resolution#2 running, due Mon 14:00, used 30m"},
		},
		{
			name: "solved to closed is no reopening", rows: two, top: `reopen = "restart"`,
			events: []string{"Mon 10:00 status solved", "Mon 12:00 status closed"}, now: "Mon 12:30",
			want: []string{"resolution#1 met, due Mon 11:00, used 1h, stopped Mon 10:00"},
		},
		{
			name: "closed to open is one", rows: two, top: `reopen = "restart"`,
			events: []string{"Mon 10:00 status closed", "Mon 12:00 status waiting_customer"}, now: "Mon 12:30",
			want: []string{"resolution#1 met, due Mon 11:00, used 1h, stopped Mon 10:00", "resolution#2 running, due Mon 14:00, used 30m"},
		},
		{
			name: "a workaround fulfils it while the ticket is open", rows: workaround,
			events: []string{"Mon 10:00 tag +workaround"}, now: "Mon 16:00",
			want: []string{"resolution#1 met, due Mon 11:00, used 1h, stopped Mon 10:00"},
		},
		{
			name: "it runs on when that ends, also under restart", rows: workaround, top: `reopen = "restart"`,
			events: []string{"Mon 10:00 tag +workaround", "Mon 12:00 tag -workaround"}, now: "Mon 12:30",
			want: []string{"resolution#1 running, due Mon 13:00, used 1h30m"},
		},
		{
			name: "solved after a workaround: it stopped at the workaround", rows: workaround,
			events: []string{"Mon 10:00 tag +workaround", "Mon 15:00 status solved"}, now: "Mon 16:00",
			want: []string{"resolution#1 met, due Mon 11:00, used 1h, stopped Mon 10:00"},
		},
		{
			name: "reopened with the workaround still there: fulfilled", rows: workaround,
			events: []string{"Mon 10:00 tag +workaround", "Mon 11:00 status solved", "Mon 12:00 status open"}, now: "Mon 16:00",
			want: []string{"resolution#1 met, due Mon 11:00, used 1h, stopped Mon 10:00"},
		},
		{
			name: "solved at creation", rows: two, ticket: "status=solved", now: "Mon 12:00",
			want: []string{"resolution#1 met, due Mon 11:00, used 0s, stopped Mon 09:00"},
		},
		{
			name: "deleted: no clocks", rows: two,
			events: []string{"Mon 10:00 status deleted"}, now: "Mon 12:00",
			want: []string{"resolution none", "tags"},
		},
		{
			name: "restored: the time while deleted doesn't count", rows: two,
			events: []string{"Mon 10:00 status deleted", "Mon 12:00 status open"}, now: "Mon 12:30",
			want: []string{"resolution#1 running, due Mon 13:00, used 1h30m"},
		},
		{
			name: "deleted while solved and restored so: that is no reopening", rows: two + row("update", "2 business hours"), top: `reopen = "restart"`,
			events: []string{"Mon 10:00 status solved", "Mon 11:00 status deleted", "Mon 12:00 status solved"}, now: "Mon 12:30",
			want: []string{
				"update#1 void, due Mon 11:00, used 1h, stopped Mon 10:00",
				"resolution#1 met, due Mon 11:00, used 1h, stopped Mon 10:00",
			},
		},
		{
			name: "deleted while solved and restored open: reopened when it was restored", rows: two + row("update", "2 business hours"), top: `reopen = "restart"`,
			events: []string{"Mon 10:00 status solved", "Mon 11:00 status deleted", "Mon 12:00 status open"}, now: "Mon 12:30",
			want: []string{
				"update#1 void, due Mon 11:00, used 1h, stopped Mon 10:00", "update#2 running, due Mon 14:00, used 30m",
				"resolution#1 met, due Mon 11:00, used 1h, stopped Mon 10:00", "resolution#2 running, due Mon 14:00, used 30m",
			},
		},
	})
}

func TestReopenGrace(t *testing.T) {
	grace := `reopen_grace = "30 business minutes"`
	rows := row("update", "1 business hour") + row("resolution", "2 business hours")
	thanks := []string{"Mon 10:00 status solved", "Mon 11:00 customer", "Mon 11:00 status open"}
	then := func(events ...string) []string { return append(append([]string{}, thanks...), events...) }
	solved := []string{
		"update#1 void, due Mon 10:00, used 1h, stopped Mon 10:00",
		"resolution#1 met, due Mon 11:00, used 1h, stopped Mon 10:00",
	}
	play(t, []scene{
		{
			name: "while it is open whether it counts, the ticket still counts as solved", rows: rows, top: grace,
			events: thanks, now: "Mon 11:29:59", want: append(append([]string{}, solved...), "wake Mon 11:30"),
		},
		{
			name: "solved again within it, it never was", rows: rows, top: grace,
			events: then("Mon 11:20 status solved"), now: "Mon 12:00", want: solved,
		},
		{
			name: "solved again at its very end", rows: rows, top: grace,
			events: then("Mon 11:30 status solved"), now: "Mon 12:00", want: solved,
		},
		{
			name: "not solved again by then, it counts from its own instant", rows: rows, top: grace,
			events: thanks, now: "Mon 11:30",
			want: []string{solved[0], "update#2 running, due Mon 12:00, used 30m", "resolution#1 running, due Mon 12:00, used 1h30m"},
		},
		{
			name: "solved again too late", rows: rows, top: grace,
			events: then("Mon 11:30:01 status solved"), now: "Mon 12:00",
			want: []string{solved[0], "update#2 void, due Mon 12:00, used 30m1s, stopped Mon 11:30:01", "resolution#1 met, due Mon 12:00, used 1h30m1s, stopped Mon 11:30:01"},
		},
		{
			name: "an agent acts on it: it counts at once", rows: rows, top: grace,
			events: then("Mon 11:10 assignee nadia@acme.example by agent"), now: "Mon 11:10",
			want: []string{solved[0], "update#2 running, due Mon 12:00, used 10m", "resolution#1 running, due Mon 12:00, used 1h10m"},
		},
		{
			name: "an agent acts and it is solved within it: it counted", rows: rows, top: grace,
			events: then("Mon 11:10 reply", "Mon 11:20 status solved"), now: "Mon 12:00",
			want: []string{
				solved[0], "update#2 met, due Mon 12:00, used 10m, stopped Mon 11:10", "update#3 void, due Mon 12:10, used 10m, stopped Mon 11:20",
				"resolution#1 met, due Mon 12:00, used 1h20m, stopped Mon 11:20",
			},
		},
		{
			name: "the agent's solving it again is the forgiveness, not an act on it", rows: rows, top: grace,
			events: then("Mon 11:20 status solved by agent"), now: "Mon 12:00", want: solved,
		},
		{
			name: "grace counts on the team's calendar", rows: rows, top: grace,
			events: []string{"Mon 10:00 status solved", "Mon 16:50 status open", "Tue 9:20 status solved"}, now: "Tue 12:00", want: solved,
		},
		{
			name: "grace counts on the calendars of the teams that hold the ticket meanwhile", rows: rows, top: grace,
			events: []string{"Mon 10:00 status solved", "Mon 16:50 status open", "Mon 17:10 group night by automation"}, now: "Mon 17:29",
			want: append(append([]string{}, solved...), "wake Mon 17:30"),
		},
		{
			name: "and by then the reopening counts", rows: rows, top: grace,
			events: []string{"Mon 10:00 status solved", "Mon 16:50 status open", "Mon 17:10 group night by automation"}, now: "Mon 17:30",
			want: []string{solved[0], "update#2 running, due Mon 18:00, used 30m", "resolution#1 running, due Mon 18:00, used 1h30m"},
		},
		{
			name: "the agent's own reopening counts at once", rows: rows, top: grace,
			events: []string{"Mon 10:00 status solved", "Mon 11:00 status open by agent"}, now: "Mon 11:10",
			want: []string{solved[0], "update#2 running, due Mon 12:00, used 10m", "resolution#1 running, due Mon 12:00, used 1h10m"},
		},
		{
			name: "each reopening has its own", rows: rows, top: grace,
			events: then("Mon 11:10 status solved", "Mon 14:00 status open"), now: "Mon 14:10", want: solved,
		},
		{
			name: "without one a reopening counts at once", rows: rows,
			events: thanks, now: "Mon 11:10",
			want: []string{solved[0], "update#2 running, due Mon 12:00, used 10m", "resolution#1 running, due Mon 12:00, used 1h10m"},
		},
	})
}
