package rules_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/rules"
	"vigie/rules/report"
	"vigie/rules/words"
)

// What a report of this week, from Monday to Friday's end, says of one ticket. The
// office promises an answer within 2 business hours and a solution within 8.
func TestReport(t *testing.T) {
	promises := row("first_reply", "2 business hours") + row("resolution", "8 business hours", `pause = ["waiting_customer"]`)
	exempt := "[[exclude]]\nwhen = '\"exempt\" in tags'\ntag = \"sla_exempt\"\nreason = { en = \"Not ours\" }\nclause = \"T-9\"\n"
	for _, c := range []struct {
		name      string
		top, rows string
		ticket    string
		events    []string
		now       string
		want      []string // outcomes: metric#cycle state, decided, late
		open      int
	}{
		{name: "met counts when it stops", events: []string{"Mon 10:00 reply", "Mon 15:00 status solved"},
			want: []string{"first_reply#1 met Mon 10:00", "resolution#1 met Mon 15:00"}},
		{name: "missed counts when its due instant passes, however late it stops", events: []string{"Tue 10:00 reply", "next Mon 10:00 status solved"}, now: "next Wed 12:00",
			want: []string{"first_reply#1 breached Mon 11:00 25200", "resolution#1 breached Mon 17:00 115200"}},
		{name: "missed and still open counts too, as late as it is by now", events: []string{"Mon 10:00 reply"}, now: "Tue 10:00",
			want: []string{"first_reply#1 met Mon 10:00", "resolution#1 breached Mon 17:00 3600"}},
		{name: "what runs or is paused at the end is open", ticket: "created=Fri 16:00", events: []string{"Fri 16:30 status waiting_customer"}, open: 2},
		{name: "what was missed the week before counts there", ticket: "created=last Thu 9:00", events: []string{"Mon 10:00 reply", "Tue 10:00 status solved"}},
		{name: "what began the week before and was met in this one counts here", ticket: "created=last Fri 16:00", events: []string{"Mon 9:30 reply", "Mon 12:00 status solved"},
			want: []string{"first_reply#1 met Mon 09:30", "resolution#1 met Mon 12:00"}},
		{name: "what is yet to come at the end isn't seen", ticket: "created=Fri 15:30", events: []string{"Sat 10:00 reply", "next Mon 9:00 status solved"}, now: "next Wed 12:00", open: 2},
		{name: "void is counted apart", events: []string{"Mon 10:00 status solved"},
			want: []string{"first_reply#1 void Mon 10:00", "resolution#1 met Mon 10:00"}},
		{name: "past cycles count, each in its week", ticket: "created=last Thu 9:00", top: `reopen = "restart"`,
			events: []string{"last Thu 9:30 reply", "last Thu 10:00 status solved", "Mon 9:00 status open", "Mon 10:00 status solved", "Tue 9:00 status open", "Tue 12:00 status solved"},
			want:   []string{"resolution#2 met Mon 10:00", "resolution#3 met Tue 12:00"}},
		{name: "missed at once by a change counts when it was changed", rows: "[[targets]]\nmetric = \"resolution\"\nwithin = { urgent = \"2 business hours\", normal = \"40 business hours\", low = \"40 business hours\" }\nclause = \"T\"\n",
			ticket: "created=last Fri 9:00", events: []string{"Tue 10:00 priority urgent by agent"}, want: []string{"resolution#1 breached Tue 10:00 165600 at once"}},
		{name: "outside the SLA since then: what was decided before stays", rows: exempt + promises, events: []string{"Tue 9:00 tag +exempt"},
			want: []string{"first_reply#1 breached Mon 11:00 21600", "resolution#1 breached Mon 17:00 0", "outside sla_exempt Mon 09:00"}},
		{name: "outside the SLA before anything was decided", rows: exempt + promises, events: []string{"Mon 9:30 tag +exempt"}, want: []string{"outside sla_exempt Mon 09:00"}},
		{name: "outside the SLA, and of the week before: it is counted there", rows: exempt + promises, ticket: "created=last Fri 9:00; tags=exempt"},
		{name: "outside the SLA and back: as if it had never been", rows: exempt + promises, events: []string{"Mon 9:30 tag +exempt", "Mon 10:00 tag -exempt", "Mon 10:30 reply"}, now: "Mon 12:00",
			want: []string{"first_reply#1 met Mon 10:30"}, open: 1},
		{name: "no longer covered: the same", top: `covers = 'kind == "bug"'`, events: []string{"Mon 10:00 reply", "Tue 9:00 kind spam"},
			want: []string{"first_reply#1 met Mon 10:00", "resolution#1 breached Mon 17:00 0"}},
		{name: "deleted doesn't count", events: []string{"Mon 10:00 reply", "Tue 9:00 status deleted"}},
		{name: "created later", ticket: "created=next Mon 9:00", now: "next Tue 9:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scene{ticket: c.ticket, events: c.events}
			ticket := s.actors(t)
			r := report.New(when(t, "Mon 0:00"), when(t, "Sat 0:00"), when(t, or(c.now, "next Mon 9:00")))
			list := r.Add([]*rules.Policy{officeFrom(t, c.top, or(c.rows, promises))}, &ticket)
			r.Sum()
			var got []string
			var tally report.Tally
			for _, o := range list {
				if o.Outside != nil {
					got = append(got, fmt.Sprintf("outside %s %s", o.Outside.Tag, said(o.DecidedAt)))
					continue
				}
				line := fmt.Sprintf("%s#%d %s %s", o.Metric, o.Cycle, o.State, said(o.DecidedAt))
				switch o.State {
				case rules.StateMet:
					tally.Met++
				case rules.StateVoid:
					tally.Void++
				case rules.StateBreached:
					tally.Missed++
					line += fmt.Sprint(" ", o.Late())
				}
				if o.ByChange != nil {
					tally.AtOnce++
					line += " at once"
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if r.Tally != tally || len(r.Breaches) != tally.Missed || r.Open != c.open || r.Tickets != min(1, tally.Met+tally.Missed+tally.Void) || len(r.Unjudged) > 0 {
				t.Errorf("got %+v of %d tickets, %d breaches, %d open, unjudged %v; want %+v, %d open", r.Tally, r.Tickets, len(r.Breaches), r.Open, r.Unjudged, tally, c.open)
			}
		})
	}
}

// What is outside the SLA is counted apart, with why (QS-18), and so are marked tickets
// and those that a told mark flags.
func TestReportApart(t *testing.T) {
	policies := []*rules.Policy{officeFrom(t, "", row("resolution", "8 business hours")+`
[[exclude]]
when   = '"phone" in tags'
tag    = "sla_best_effort"
reason = { fr = "Au mieux", en = "As well as we can" }
clause = "T-7"
[[exclude]]
when   = 'kind == "wish"'
tag    = "sla_exempt"
reason = { fr = "Un souhait", en = "A wish" }
clause = "T-8"
[[mark]]
when   = 'kind == "task"'
tag    = "service_request"
note   = { en = "A service" }
clause = "T-9"
[[mark]]
when   = 'status in ["solved", "closed"] and awaiting_reply'
tag    = "solved_unanswered"
note   = { en = "Please answer" }
tell   = true
clause = "T-10"
`)}
	r := report.New(when(t, "Mon 0:00"), when(t, "Sat 0:00"), when(t, "next Mon 9:00"))
	for i, s := range []scene{
		{ticket: "kind=wish"}, {ticket: "kind=wish; created=Tue 9:00"}, {ticket: "tags=phone"}, {ticket: "kind=task"}, {ticket: "kind=bug"},
		{ticket: "kind=wish; created=last Fri 9:00"}, // counted the week before
		{ticket: "kind=wish", events: []string{"Tue 9:00 kind bug"}},
		{ticket: "kind=wish", events: []string{"Tue 9:00 status deleted"}},
		{ticket: "kind=wish; created=next Mon 8:00"},
		{ticket: "kind=wish", events: []string{"Tue 10:00 status solved by agent"}},                 // is answered, too
		{ticket: "created=last Fri 9:00", events: []string{"Mon 9:30 status solved by agent"}},      // its flag is of this week
		{ticket: "created=last Thu 9:00", events: []string{"last Fri 9:30 status solved by agent"}}, // of the week before
		{ticket: "kind=bug", events: []string{"Mon 9:30 status solved by agent", "Wed 9:00 reply"}}, // answered since
		{ticket: "kind=bug", events: []string{"Mon 9:30 reply", "Mon 9:40 status solved by agent"}}, // answered
		{ticket: "kind=bug", events: []string{"next Mon 8:00 status solved by agent"}},              // after the end
	} {
		ticket := s.actors(t)
		ticket.ID = fmt.Sprint(i)
		r.Add(policies, &ticket)
	}
	r.Sum()
	want := []report.ApartRow{
		{Policy: "office", Clause: "T-8", Tag: "sla_exempt", Why: rules.Words{FR: "Un souhait", EN: "A wish"}, Tickets: 3},
		{Policy: "office", Clause: "T-7", Tag: "sla_best_effort", Why: rules.Words{FR: "Au mieux", EN: "As well as we can"}, Tickets: 1},
	}
	if diff := cmp.Diff(want, r.Outside); diff != "" || r.LeftOut() != 4 || r.Came != 10 {
		t.Errorf("outside, of %d that came (-want +got):\n%s", r.Came, diff)
	}
	want = []report.ApartRow{
		{Policy: "office", Clause: "T-10", Tag: "solved_unanswered", Why: rules.Words{EN: "Please answer"}, Tickets: 1},
		{Policy: "office", Clause: "T-9", Tag: "service_request", Why: rules.Words{EN: "A service"}, Tickets: 1},
	}
	if diff := cmp.Diff(want, r.Marked); diff != "" {
		t.Errorf("marked (-want +got):\n%s", diff)
	}
	var flagged []string
	for _, f := range r.Flagged {
		flagged = append(flagged, fmt.Sprintf("%s %s [%s] %s: %s", f.Ref(), f.Tag, f.Clause, said(f.Since), f.Note.EN))
	}
	if diff := cmp.Diff([]string{"zendesk:10 solved_unanswered [T-10] Mon 09:30: Please answer", "zendesk:9 solved_unanswered [T-10] Tue 10:00: Please answer"}, flagged); diff != "" {
		t.Errorf("flagged (-want +got):\n%s", diff)
	}
}

// Beside a missed target stands what may explain it: what its ticket lacks (QS-27), and
// how long it waited for a third party (MT-19).
func TestReportExcuses(t *testing.T) {
	mark := "[[mark]]\nwhen = '\"vague\" in tags'\ntag = \"intake_missing_steps\"\nnote = { en = \"What did you do?\" }\nclause = \"T-7\"\n"
	s := scene{ticket: "tags=vague; status=waiting_third_party", events: []string{
		"Mon 10:00 status open", "Mon 12:00 status waiting_third_party", "Mon 12:30 priority low by agent", "Mon 15:00 status open", "Tue 10:00 status waiting_third_party", "Tue 11:00 status solved", "Tue 14:00 status waiting_third_party"}}
	ticket := s.actors(t)
	r := report.New(when(t, "Mon 0:00"), when(t, "Sat 0:00"), when(t, "Tue 18:00"))
	list := r.Add([]*rules.Policy{officeFrom(t, `reopen = "restart"`, row("resolution", "4 business hours")+mark)}, &ticket)
	if len(list) != 1 || list[0].Cycle != 1 || list[0].ThirdParty != 5*3600 || !slices.Equal(list[0].Marks, []string{"intake_missing_steps"}) {
		t.Errorf("got %+v", list)
	}
}

// A target that a workaround met is told from one that a solution met (QS-25).
func TestReportWorkaround(t *testing.T) {
	for life, want := range map[string]bool{"Mon 10:00 tag +workaround": true, "Mon 10:00 status solved": false, "Mon 10:00 tag +workaround, Mon 10:00 status solved": false} {
		s := scene{events: strings.Split(life, ", ")}
		ticket := s.actors(t)
		r := report.New(when(t, "Mon 0:00"), when(t, "Sat 0:00"), when(t, "Tue 18:00"))
		list := r.Add([]*rules.Policy{officeFrom(t, "", row("resolution", "4 business hours", `until = '"workaround" in tags'`))}, &ticket)
		if len(list) != 1 || list[0].State != rules.StateMet || list[0].Workaround != want || r.Workaround > 0 != want {
			t.Errorf("%s: got %+v, %+v", life, list, r.Tally)
		}
	}
}

// Beside a missed target stands the vendor's date, and why it is another; not beside
// an earlier cycle, of which the vendor doesn't tell.
func TestReportDrift(t *testing.T) {
	d := drifting{top: `reopen = "restart"`, rows: row("resolution", "2 business hours"), theirRows: row("resolution", "8 business hours"), tells: "target start hours pauses",
		events: []string{"Mon 12:00 status solved", "Tue 9:00 status open"}, now: "Tue 15:00"}
	x := d.compare(t)
	r := report.New(when(t, "Mon 0:00"), when(t, "Sat 0:00"), x.At)
	list := r.Add([]*rules.Policy{officeFrom(t, d.top, d.rows)}, x.Ticket)
	for i := range list {
		list[i].Compare(x)
	}
	if len(list) != 2 || list[0].Drift != nil || list[1].Drift == nil || len(list[1].Drift.Rows) != 1 {
		t.Fatalf("got %+v", list)
	}
	theirs := list[1].Drift.Rows[0]
	if said(*theirs.Due) != "Tue 17:00" || said(*list[1].Due) != "Tue 11:00" || !strings.Contains(words.In("en").Difference(&theirs), "6h00 later: its target is 8h00, ours 2h00") {
		t.Errorf("theirs %v, ours %v, %s", theirs.Due, list[1].Due, words.In("en").Difference(&theirs))
	}
}

// Rows stand as the policy has them, organizations by what they missed; and each way
// to split the targets adds up to all of them.
func TestReportRows(t *testing.T) {
	p := officeFrom(t, "", row("first_reply", "2 business hours")+row("resolution", "8 business hours"))
	p.Targets[0].Clause, p.Targets[1].Clause = "Z-1", "A-2"
	r := report.New(when(t, "Mon 0:00"), when(t, "Sat 0:00"), when(t, "Fri 12:00"))
	for i, life := range [][]string{{}, {"Mon 10:00 reply", "Mon 11:00 status solved"}, {"Mon 10:00 reply"}} {
		s := scene{events: life, ticket: "priority=" + []string{"low", "urgent", "normal"}[i]}
		ticket := s.actors(t)
		ticket.ID, ticket.Organization = fmt.Sprint(i), []string{"Acme", "", "Zenith"}[i]
		r.Add([]*rules.Policy{p}, &ticket)
	}
	broken := rules.Ticket{Source: "zendesk", ID: "9"}
	r.Add([]*rules.Policy{p}, &broken)
	r.Sum()
	names := func(rows []report.TallyRow) (list []string) {
		var sum report.Tally
		for _, row := range rows {
			list = append(list, fmt.Sprintf("%s/%s %d:%d", row.Policy, row.Name, row.Met, row.Missed))
			sum.Met, sum.Missed, sum.Void, sum.AtOnce = sum.Met+row.Met, sum.Missed+row.Missed, sum.Void+row.Void, sum.AtOnce+row.AtOnce
		}
		if sum != r.Tally {
			t.Errorf("%v add up to %+v, want %+v", list, sum, r.Tally)
		}
		return list
	}
	want := [][]string{{"office/ 3:3"}, {"office/Z-1 2:1", "office/A-2 1:2"}, {"office/urgent 2:0", "office/normal 1:1", "office/low 0:2"}, {"/Acme 0:2", "/Zenith 1:1", "/ 2:0"}}
	got := [][]string{names(r.ByPolicy), names(r.ByClause), names(r.ByPriority), names(r.ByOrganization)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.Tickets != 3 || len(r.Unjudged) != 1 || r.Unjudged[0].Ticket != "zendesk:9" {
		t.Errorf("got %d tickets, unjudged %v", r.Tickets, r.Unjudged)
	}
}

// However a time is cut into periods, each decided target is in one of them, as long
// as nothing is undone later; and a report of the past never changes.
func TestReportsOfPeriodsAddUp(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	p := officeFrom(t, `reopen = "restart"`, row("first_reply", "2 business hours")+row("update", "3 business hours")+row("resolution", "8 business hours", `pause = ["waiting_customer"]`))
	begin := when(t, "last Mon 0:00")
	end := begin.AddDate(0, 0, 21)
	for range 300 {
		ticket := rules.Ticket{Source: "zendesk", ID: "1", Kind: "bug", CreatedAt: begin.Add(time.Duration(random.IntN(14*24*60)) * time.Minute)}
		at := ticket.CreatedAt
		for range random.IntN(12) {
			at = at.Add(time.Duration(random.IntN(20*60)) * time.Minute)
			e := rules.Event{At: at, Type: rules.ReplyEvent, By: rules.ByAgent, Public: true}
			if random.IntN(2) == 0 {
				e = rules.Event{At: at, Type: rules.StatusEvent, To: string([]rules.Status{rules.Open, rules.WaitingCustomer, rules.Solved}[random.IntN(3)])}
			}
			ticket.Events = append(ticket.Events, e)
		}
		whole := report.New(begin, end, end.AddDate(0, 1, 0))
		want := whole.Add([]*rules.Policy{p}, &ticket)
		var parts []report.Outcome
		for from := begin; from.Before(end); from = from.AddDate(0, 0, 3) {
			list := report.New(from, from.AddDate(0, 0, 3), end.AddDate(0, 1, 0)).Add([]*rules.Policy{p}, &ticket)
			parts = append(parts, list...)
			seen := slices.Clone(ticket.Events)
			ticket.Events = slices.DeleteFunc(slices.Clone(seen), func(e rules.Event) bool { return e.At.After(from.AddDate(0, 0, 3)) })
			then := report.New(from, from.AddDate(0, 0, 3), from.AddDate(0, 0, 3)).Add([]*rules.Policy{p}, &ticket)
			ticket.Events = seen
			if diff := cmp.Diff(keys(then), keys(list)); diff != "" {
				t.Fatalf("a report of the past has changed (-then +now):\n%s", diff)
			}
		}
		if a, b := keys(want), keys(parts); !cmp.Equal(a, b) {
			t.Fatalf("whole %v, in parts %v\n%+v", a, b, ticket)
		}
	}
}

// keys are what outcomes say but for how late they were by then, sorted.
func keys(list []report.Outcome) (keys []string) {
	for _, o := range list {
		keys = append(keys, fmt.Sprintf("%s#%d %s %s", o.Metric, o.Cycle, o.State, o.DecidedAt.Format(time.RFC3339)))
	}
	slices.Sort(keys)
	return keys
}
