package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigie/rules"
	"vigie/rules/policyfile"
)

func TestState(t *testing.T) {
	pausing := row("first_reply", "1 business hour", `pause = ["waiting_customer"]`)
	play(t, []scene{
		{
			name: "running", rows: pausing, now: "Mon 9:30",
			want: []string{"first_reply#1 running, due Mon 10:00, used 30m"},
		},
		{
			name: "paused", rows: pausing, events: []string{"Mon 9:30 status waiting_customer"}, now: "Tue 9:30",
			want: []string{"first_reply#1 paused, no due, used 30m"},
		},
		{
			name: "paused at creation", rows: pausing, ticket: "status=waiting_customer", now: "Tue 9:30",
			want: []string{"first_reply#1 paused, no due, used 0s"},
		},
		{
			name: "breached while it still runs", rows: pausing, now: "Mon 11:00",
			want: []string{"first_reply#1 breached, due Mon 10:00, used 2h"},
		},
		{
			name: "breached while it is paused", rows: pausing, events: []string{"Mon 11:00 status waiting_customer"}, now: "Mon 12:00",
			want: []string{"first_reply#1 breached and paused, due Mon 10:00, used 2h"},
		},
		{
			name: "one pause after another is one pause", rows: row("first_reply", "1 business hour", `pause = ["waiting_customer", "waiting_third_party"]`),
			events: []string{"Mon 9:30 status waiting_customer", "Mon 9:40 status waiting_third_party", "Mon 9:50 status open"}, now: "Mon 10:00",
			want: []string{"first_reply#1 running, due Mon 10:20, used 40m"},
		},
		{
			name: "a wait that the row doesn't name is none", rows: pausing, events: []string{"Mon 9:30 status waiting_third_party"}, now: "Mon 9:50",
			want: []string{"first_reply#1 running, due Mon 10:00, used 50m"},
		},
		{
			name: "solved without an answer: the update is void, the resolution met", rows: row("update", "1 business hour") + row("resolution", "1 business hour"),
			events: []string{"Mon 9:30 status solved"}, now: "Mon 12:00",
			want: []string{"update#1 void, due Mon 10:00, used 30m, stopped Mon 09:30", "resolution#1 met, due Mon 10:00, used 30m, stopped Mon 09:30"},
		},
	})
}

func TestWarning(t *testing.T) {
	two := row("resolution", "2 business hours", `pause = ["waiting_customer"]`, `warn = ["75%", "90 business minutes"]`)
	play(t, []scene{
		{
			name: "the first instant when the share is used, or the time is left; in order of time, past ones too", rows: two,
			ticket: "created=last Fri 16:45", now: "Mon 9:30",
			want: []string{"resolution#1 running, due Mon 10:45, used 45m, 90 business minutes at Mon 09:15, 75% at Mon 10:15"},
		},
		{
			name: "used up exactly at closing: at closing, not at the next opening", rows: row("resolution", "4 business hours", `warn = ["50%"]`),
			ticket: "created=Mon 15:00", now: "Mon 15:00",
			want: []string{"resolution#1 running, due Tue 11:00, used 0s, 50% at Mon 17:00", "wake Mon 17:00"},
		},
		{
			name: "of an elapsed target in elapsed time", rows: row("resolution", "4 hours", `warn = ["50%", "30 minutes"]`),
			ticket: "created=Mon 16:00", now: "Mon 16:00",
			want: []string{"resolution#1 running, due Mon 20:00, used 0s, 50% at Mon 18:00, 30 minutes at Mon 19:30"},
		},
		{
			name: "to the second: a third of ten seconds is used after four", rows: row("resolution", "10 seconds", `warn = ["33.3%"]`), now: "Mon 9:00",
			want: []string{"resolution#1 running, due Mon 09:00:10, used 0s, 33.3% at Mon 09:00:04"},
		},
		{
			name: "more time left than the whole target: from the start", rows: row("resolution", "1 business hour", `warn = ["2 business hours"]`), now: "Mon 9:00",
			want: []string{"resolution#1 running, due Mon 10:00, used 0s, 2 business hours at Mon 09:00", "tags +priority_normal +sla_resolution_at_risk"},
		},
		{
			name: "each priority its own", now: "Mon 9:00", ticket: "priority=low",
			rows: "[[targets]]\nmetric = \"resolution\"\nwithin = { urgent = \"1 hour\", low = \"2 hours\" }\nwarn = { urgent = [\"50%\"], low = [\"25%\"] }\n",
			want: []string{"resolution#1 running, due Mon 11:00, used 0s, 25% at Mon 09:30"},
		},
		{
			name: "none while paused", rows: two, events: []string{"Mon 10:45 status waiting_customer"}, now: "Mon 12:00",
			want: []string{"resolution#1 paused, no due, used 1h45m", "tags +priority_normal", "wake never"},
		},
		{
			name: "void when the clock stops", rows: two, events: []string{"Mon 10:45 status solved"}, now: "Mon 12:00",
			want: []string{"resolution#1 met, due Mon 11:00, used 1h45m, stopped Mon 10:45", "tags +priority_normal", "wake never"},
		},
		{
			name: "a pause moves those to come", rows: two, events: []string{"Mon 10:00 status waiting_customer", "Mon 12:00 status open"}, now: "Mon 12:00",
			want: []string{"resolution#1 running, due Mon 13:00, used 1h, 90 business minutes at Mon 09:30, 75% at Mon 12:30", "wake Mon 12:30"},
		},
	})
}

func TestWarningKeys(t *testing.T) {
	p := officeFrom(t, "", "[[targets]]\nmetric = \"update\"\nwithin = { urgent = \"1 business hour\", normal = \"4 business hours\" }\nwarn = [\"50%\", \"75%\"]\n")
	alert := func(now string, events ...string) rules.Alert {
		ticket := (&scene{events: events}).actors(t)
		v, err := rules.Evaluate([]*rules.Policy{p}, &ticket, when(t, now))
		if err != nil {
			t.Fatal(err)
		}
		return v.Alerts(&ticket, when(t, now))[0]
	}
	say := func(a rules.Alert) string {
		return strings.TrimSpace(fmt.Sprintf("%s %s %v", a.Kind, a.Key, a.Earlier))
	}
	for _, c := range []struct {
		name, now string
		events    []string
		want      string
	}{
		{"before the first threshold nobody is called", "Mon 10:59:59", nil, "eased  []"},
		{"ticket, metric, cycle, threshold", "Mon 11:00", nil, "warning warn/zendesk:42/update/1/50% []"},
		{"the next one names those before", "Mon 12:00", nil, "warning warn/zendesk:42/update/1/75% [warn/zendesk:42/update/1/50%]"},
		{"several passed at once by a change are one", "Mon 9:50", []string{"Mon 9:50 priority urgent by Nadia"}, "warning warn/zendesk:42/update/1/75% [warn/zendesk:42/update/1/50%]"},
		{"a breach has a key of its own, and names them too", "Mon 13:00:01", nil, "breached breach/zendesk:42/update/1 [warn/zendesk:42/update/1/50% warn/zendesk:42/update/1/75%]"},
		{"each cycle has its own", "Mon 12:00", []string{"Mon 9:30 reply"}, "warning warn/zendesk:42/update/2/50% []"},
	} {
		if got := say(alert(c.now, c.events...)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	// A deadline that moves is the same alarm, with another message.
	here, there := alert("Mon 11:30"), alert("Mon 11:30", "Mon 11:10 group night")
	if here.Key != there.Key || here.Digest() == there.Digest() {
		t.Errorf("moved: keys %s and %s, digests %s and %s", here.Key, there.Key, here.Digest(), there.Digest())
	}
}

func TestBreachByChange(t *testing.T) {
	rows := "[[targets]]\nmetric = \"resolution\"\nwhen = 'kind == \"bug\"'\nwithin = { urgent = \"1 business hour\", normal = \"4 business hours\" }\n" +
		row("resolution", "30 business minutes", `when = 'kind == "task"'`)
	play(t, []scene{
		{
			name: "late at once by a change of priority", rows: rows, events: []string{"Mon 11:00 priority urgent by Nadia"}, now: "Mon 11:00",
			want: []string{"resolution#1 breached, due Mon 10:00, used 2h, by priority at Mon 11:00"},
		},
		{
			name: "late at once by a change of kind", rows: rows, events: []string{"Mon 11:00 kind task"}, now: "Mon 12:00",
			want: []string{"resolution#1 breached, due Mon 09:30, used 3h, by kind at Mon 11:00"},
		},
		{
			name:   "what no target depends on is not to blame, though it changed in the same second",
			rows:   row("resolution", "30 business minutes", `when = 'status == "open"'`) + row("resolution", "4 business hours"),
			events: []string{"Mon 11:00 group desk", "Mon 11:00 status open"}, now: "Mon 11:00",
			want: []string{"resolution#1 breached, due Mon 09:30, used 2h, by status at Mon 11:00"},
		},
		{
			name: "a change that left time is to blame for nothing", rows: rows, events: []string{"Mon 9:30 priority urgent by Nadia"}, now: "Mon 10:30",
			want: []string{"resolution#1 breached, due Mon 10:00, used 1h30m"},
		},
		{
			name: "what was late before isn't late by the change", rows: rows, events: []string{"Mon 13:30 priority urgent by Nadia"}, now: "Mon 13:30",
			want: []string{"resolution#1 breached, due Mon 10:00, used 4h30m"},
		},
		{
			name: "becoming covered late is such a change", rows: rows, top: `covers = 'kind != "task" and "vip" in tags'`, ticket: "priority=urgent",
			events: []string{"Mon 11:00 tag +vip"}, now: "Mon 11:00",
			want: []string{"resolution#1 breached, due Mon 10:00, used 2h, by tags or fields at Mon 11:00"},
		},
	})
}

func TestPriority(t *testing.T) {
	rows := row("resolution", "1 business hour")
	down := "text=everything is down"
	play(t, []scene{
		{
			name: "the last one that a person set", rows: rows, ticket: "priority=low; " + down,
			events: []string{"Mon 9:10 priority urgent by Nadia", "Mon 9:20 priority normal by agent"}, now: "Mon 9:30",
			want: []string{"priority normal (person), proposed urgent"},
		},
		{
			name: "vigie and automations are no persons", rows: rows,
			events: []string{"Mon 9:10 priority low by Nadia", "Mon 9:20 priority urgent by vigie", "Mon 9:30 priority urgent by automation"}, now: "Mon 9:40",
			want: []string{"priority low (person), proposed normal"},
		},
		{name: "else the first rule that holds, the most urgent first", rows: rows, ticket: down, now: "Mon 9:30", want: []string{"priority urgent (rule), proposed urgent"}},
		{
			name: "on the attributes at now", rows: rows, events: []string{"Mon 9:10 kind task"}, now: "Mon 9:30",
			want: []string{"priority normal (default)"},
		},
		{
			name: "and, for a clock that has stopped, at its stop", ticket: down, now: "Mon 12:00",
			rows:   "[[targets]]\nmetric = \"update\"\nwithin = { urgent = \"1 hour\", normal = \"2 hours\" }\n",
			events: []string{"Mon 9:10 priority normal by Nadia", "Mon 9:30 reply", "Mon 9:40 priority urgent by Nadia"},
			want:   []string{"update#1 met, due Mon 11:00, used 30m, stopped Mon 09:30", "update#2 breached, due Mon 10:30, used 2h30m"},
		},
		{name: "else the default", rows: rows, ticket: "kind=task", now: "Mon 9:30", want: []string{"priority normal (default)"}},
		{
			name: "cleared is none", rows: rows, ticket: "priority=low", events: []string{"Mon 9:10 priority by Nadia"}, now: "Mon 9:30",
			want: []string{"priority normal (rule), proposed normal"},
		},
		{name: "a name that the policy doesn't know is a person's choice, by the default's targets", rows: rows, ticket: "priority=blocker", now: "Mon 9:30", want: []string{"priority normal (person), unknown blocker, proposed normal"}},
		{
			name: "propose: the rules only propose", rows: rows, top: `priority_rules = "propose"`, ticket: down, now: "Mon 9:30",
			want: []string{"priority normal (default), proposed urgent"},
		},
	})
}

func TestTriage(t *testing.T) {
	rows, half := row("resolution", "4 business hours"), `triage = "30 business minutes"`
	play(t, []scene{
		{name: "no person's priority by then", rows: rows, top: half, ticket: "created=last Fri 16:50", now: "Mon 9:19:59", want: []string{"triage Mon 09:20", "wake Mon 09:20"}},
		{name: "late from then on", rows: rows, top: half, now: "Mon 9:30", want: []string{"triage Mon 09:30 late"}},
		{name: "a person's ends it", rows: rows, top: half, events: []string{"Mon 9:40 priority low by agent"}, now: "Mon 9:45", want: []string{"triage none"}},
		{name: "being solved does", rows: rows, top: half, events: []string{"Mon 9:40 status solved"}, now: "Mon 9:45", want: []string{"triage none"}},
		{name: "by the calendars of the teams that held it", rows: rows, top: half, ticket: "created=Mon 16:50", events: []string{"Mon 17:00 group night"}, now: "Mon 17:00", want: []string{"triage Mon 17:20"}},
	})
}

func TestScope(t *testing.T) {
	rows := row("first_reply", "1 business hour") + row("resolution", "2 business hours") +
		"[[exclude]]\nwhen = 'kind == \"feature\"'\ntag = \"sla_exempt\"\nclause = \"X\"\n"
	covers := `covers = 'kind != "spam"'`
	play(t, []scene{
		{name: "covered", rows: rows, top: covers, now: "Mon 9:30", want: []string{"covered yes", "excluded no"}},
		{
			name: "not covered: no policy, no clocks, no tags", rows: rows, top: covers, ticket: "kind=spam", now: "Mon 9:30",
			want: []string{"covered no", "first_reply none", "resolution none", "tags"},
		},
		{
			name: "not covered yet: reopened, and while it counts as solved still judged by that stop", rows: rows, top: "covers = 'status != \"solved\"'\nreopen_grace = \"30 business minutes\"",
			events: []string{"Mon 10:00 status solved", "Mon 11:00 status open"}, now: "Mon 11:10",
			want: []string{"covered no", "wake Mon 11:30"},
		},
		{
			name: "excluded: its tag, no clocks, no priority's tag", rows: rows, ticket: "kind=feature", now: "Mon 9:30",
			want: []string{"covered yes", "excluded sla_exempt [X]", "first_reply none", "resolution none", "tags +sla_exempt"},
		},
		{
			name: "by the state at now", rows: rows, ticket: "kind=feature", events: []string{"Mon 9:20 kind bug"}, now: "Mon 9:30",
			want: []string{"excluded no", "first_reply#1 running, due Mon 10:00, used 30m"},
		},
		{
			name: "once solved, by the state at that stop", rows: rows, top: covers, events: []string{"Mon 9:30 status solved", "Mon 10:00 kind feature"}, now: "Mon 12:00",
			want: []string{"excluded no", "resolution#1 met, due Mon 11:00, used 30m, stopped Mon 09:30"},
		},
		{
			name: "a clock that stopped while the ticket was excluded is none", rows: rows, ticket: "kind=feature", events: []string{"Mon 9:20 reply", "Mon 9:30 kind bug"}, now: "Mon 10:00",
			want: []string{"first_reply none", "resolution#1 running, due Mon 11:00, used 1h"},
		},
		{
			name: "a mark is a tag, and clocks go on", now: "Mon 9:30",
			rows: rows + "[[mark]]\nwhen = 'kind == \"bug\"'\ntag = \"known_bug\"\n",
			want: []string{"first_reply#1 running, due Mon 10:00, used 30m", "tags +priority_normal +known_bug"},
		},
	})
}

func TestTags(t *testing.T) {
	rows := row("resolution", "2 business hours", `warn = ["50%"]`)
	play(t, []scene{
		{name: "nothing for running", rows: rows, now: "Mon 9:30", want: []string{"tags +priority_normal"}},
		{name: "past the first threshold", rows: rows, now: "Mon 10:00", want: []string{"tags +priority_normal +sla_resolution_at_risk"}},
		{name: "breached", rows: rows, ticket: "tags=sla_resolution_at_risk", now: "Mon 12:00", want: []string{"tags +priority_normal +sla_resolution_breached -sla_resolution_at_risk"}},
		{name: "nothing for met", rows: rows, ticket: "tags=sla_resolution_at_risk,vip", events: []string{"Mon 10:30 status solved"}, now: "Mon 12:00", want: []string{"tags +priority_normal -sla_resolution_at_risk"}},
		{name: "one that a person set stays", rows: rows, events: []string{"Mon 9:10 tag +priority_low by Nadia"}, now: "Mon 9:30", want: []string{"tags +priority_normal"}},
		{name: "one that a person took off stays off", rows: rows, ticket: "tags=priority_normal", events: []string{"Mon 9:10 tag -priority_normal by Nadia"}, now: "Mon 9:30", want: []string{"tags"}},
		{name: "one that vigie set goes when it is void", rows: rows, events: []string{"Mon 9:10 tag +priority_low by vigie"}, now: "Mon 9:30", want: []string{"tags +priority_normal -priority_low"}},
		{name: "nothing to change", rows: rows, ticket: "tags=priority_normal,priority_support", now: "Mon 9:30", want: []string{"tags"}},
	})
}

// The first policy that covers a ticket has it, in the version in force at its
// creation; older than every version is not covered.
func TestPoliciesAndVersions(t *testing.T) {
	load := func(name, from, covers, within string) *rules.Policy {
		text := strings.NewReplacer("= \"office\"\neffective", fmt.Sprintf("= %q\neffective", name), "2026-01-01", from).Replace(officePolicy)
		p, problems := policyfile.Load(name, fmt.Appendf(nil, text, "covers = '"+covers+"'", row("resolution", within)), nil)
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		return p
	}
	policies := []*rules.Policy{
		load("tasks", "2026-11-01", `kind == "task"`, "1 hour"),
		load("all", "2026-11-30", "true", "3 hours"),
		load("all", "2026-11-24", "true", "2 hours"),
		load("all", "2027-01-01", "true", "4 hours"),
	}
	for _, c := range []struct{ name, ticket, want string }{
		{"the first that covers it", "kind=task", "tasks resolution#1 running, due Mon 10:00, used 0s"},
		{"else the next, in the version of its creation", "kind=bug", "all resolution#1 running, due Mon 12:00, used 0s"},
		{"an earlier version for an older ticket", "created=last Fri 9:00", "all resolution#1 breached, due last Fri 11:00, used 72h"},
		{"from 00:00 of the first day", "created=last Tue 0:00", "all resolution#1 breached, due last Tue 02:00, used 153h"},
		{"older than every version", "created=last Mon 23:59:59", "none"},
	} {
		ticket := (&scene{ticket: c.ticket}).actors(t)
		v, err := rules.Evaluate(policies, &ticket, when(t, "Mon 9:00"))
		if err != nil {
			t.Fatal(err)
		}
		got := "none"
		if v.Policy != nil {
			got = *v.Policy + " " + clockLine(v.Clock(rules.Resolution))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
