package rules_test

import (
	"strings"
	"testing"
	"time"

	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/policies"
	"vigie/rules/policyfile"
)

func policy(t testing.TB, name string) *rules.Policy {
	t.Helper()
	text, ok := policies.Read(name)
	if !ok {
		t.Fatalf("policy %s is not embedded", name)
	}
	p, problems := policyfile.Load(name+".toml", text, policies.ReadFile)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

var zones = map[string]string{"moveon": "Europe/Berlin", "meteorage": "Europe/Paris"}

// at reads a local time such as "2026-11-27 16:30", with seconds if need be, or
// an instant with its offset.
func at(t testing.TB, zone, text string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02 15:04-07", "2006-01-02 15:04"} {
		loc, err := calendar.LoadZone(zone)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := time.ParseInLocation(layout, text, loc); err == nil {
			return v
		}
	}
	loc, _ := calendar.LoadZone(zone)
	v, err := time.ParseInLocation(time.DateTime, text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func judge(t testing.TB, p *rules.Policy, ticket rules.Ticket, now time.Time) *rules.Verdict {
	t.Helper()
	v, err := rules.Evaluate([]*rules.Policy{p}, &ticket, now)
	if err != nil {
		t.Fatal(err)
	}
	if v.Error != "" {
		t.Fatal(v.Error)
	}
	return &v
}

func due(t testing.TB, v *rules.Verdict, m rules.Metric) time.Time {
	t.Helper()
	c := v.Clock(m)
	if c == nil || c.Due == nil {
		t.Fatalf("%s has no due instant: %+v", m, c)
	}
	return *c.Due
}

// POLICIES.md, golden examples 1 to 6, 8, 9, 11 and 12: what a ticket that was
// just created is promised.
func TestGoldenAtCreation(t *testing.T) {
	for _, c := range []struct {
		name, policy, priority, created string
		due                             map[rules.Metric]string
	}{
		{"1 Friday afternoon", "moveon", "urgent", "2026-11-27 16:30", map[rules.Metric]string{rules.Update: "2026-11-30 09:30", rules.Resolution: "2026-12-01 16:30"}},
		{"2 Friday at closing", "moveon", "urgent", "2026-11-27 17:00", map[rules.Metric]string{rules.Update: "2026-11-30 10:00", rules.Resolution: "2026-12-01 17:00"}},
		{"2 Saturday", "moveon", "urgent", "2026-11-28 11:00", map[rules.Metric]string{rules.Update: "2026-11-30 10:00", rules.Resolution: "2026-12-01 17:00"}},
		{"2 Monday before opening", "moveon", "urgent", "2026-11-30 08:15", map[rules.Metric]string{rules.Update: "2026-11-30 10:00", rules.Resolution: "2026-12-01 17:00"}},
		{"3 Christmas Eve", "moveon", "high", "2026-12-24 10:00", map[rules.Metric]string{rules.Update: "2026-12-28 10:00", rules.Resolution: "2027-01-11 10:00"}},
		{"4 summer time ends inside", "moveon", "normal", "2026-10-23 12:00+02", map[rules.Metric]string{rules.Update: "2026-11-06 12:00+01", rules.Resolution: "2026-12-04 12:00+01"}},
		{"5 low", "moveon", "low", "2026-10-23 12:00+02", map[rules.Metric]string{rules.Update: "2026-11-13 12:00+01", rules.Resolution: "2026-12-04 12:00+01"}},
		{"6 Easter inside", "moveon", "high", "2026-04-02 16:00", map[rules.Metric]string{rules.Update: "2026-04-07 16:00", rules.Resolution: "2026-04-20 16:00"}},
		{"8 in hours", "meteorage", "haute", "2026-11-24 10:00", map[rules.Metric]string{rules.FirstReply: "2026-11-24 11:00"}},
		{"8 Friday 16:30", "meteorage", "haute", "2026-11-27 16:30", map[rules.Metric]string{rules.FirstReply: "2026-11-27 17:30"}},
		{"8 the last second in hours", "meteorage", "haute", "2026-11-27 16:59:59", map[rules.Metric]string{rules.FirstReply: "2026-11-27 17:59:59"}},
		{"9 the first second outside", "meteorage", "haute", "2026-11-27 17:00", map[rules.Metric]string{rules.FirstReply: "2026-11-28 05:00"}},
		{"9 the last second outside", "meteorage", "haute", "2026-11-30 07:59:59", map[rules.Metric]string{rules.FirstReply: "2026-11-30 19:59:59"}},
		{"9 at opening", "meteorage", "haute", "2026-11-30 08:00", map[rules.Metric]string{rules.FirstReply: "2026-11-30 09:00"}},
		{"9 Armistice Day", "meteorage", "haute", "2026-11-11 10:00", map[rules.Metric]string{rules.FirstReply: "2026-11-11 22:00"}},
		{"11 summer time begins", "meteorage", "moyenne", "2026-03-28 12:00+01", map[rules.Metric]string{rules.FirstReply: "2026-03-29 13:00+02"}},
		{"11 summer time ends", "meteorage", "moyenne", "2026-10-24 12:00+02", map[rules.Metric]string{rules.FirstReply: "2026-10-25 11:00+01"}},
		{"12 Ascension", "meteorage", "faible", "2026-05-14 10:00", map[rules.Metric]string{rules.FirstReply: "2026-05-15 10:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			zone := zones[c.policy]
			created := at(t, zone, c.created)
			kind := map[string]string{"moveon": "problem", "meteorage": "assistance"}[c.policy]
			v := judge(t, policy(t, c.policy), rules.Ticket{Source: "x", ID: "1", Kind: kind, Priority: c.priority, CreatedAt: created}, created)
			for m, want := range c.due {
				if got, want := due(t, v, m), at(t, zone, want); !got.Equal(want) {
					t.Errorf("%s: got %s, want %s", m, got, want)
				}
			}
		})
	}
}

const berlin = "Europe/Berlin"

// moveonTicket is an urgent problem of Monday 2026-11-30 09:00 in Berlin.
func moveonTicket(t testing.TB, events ...rules.Event) rules.Ticket {
	return rules.Ticket{Source: "zendesk", ID: "42", Kind: "problem", Status: rules.Open, Priority: "urgent",
		CreatedAt: at(t, berlin, "2026-11-30 09:00"), Events: events}
}

func reply(t testing.TB, when string) rules.Event {
	return rules.Event{At: at(t, berlin, when), Type: rules.ReplyEvent, By: rules.ByAgent, Public: true}
}

func status(t testing.TB, when string, to rules.Status) rules.Event {
	return rules.Event{At: at(t, berlin, when), Type: rules.StatusEvent, To: string(to)}
}

func TestGolden7WaitingForTheCustomer(t *testing.T) {
	v := judge(t, policy(t, "moveon"), moveonTicket(t,
		reply(t, "2026-11-30 11:00"), status(t, "2026-11-30 11:00", rules.WaitingCustomer),
		status(t, "2026-12-01 15:00", rules.Open)), at(t, berlin, "2026-12-01 15:00"))
	if got, want := due(t, v, rules.Resolution), at(t, berlin, "2026-12-03 13:00"); !got.Equal(want) {
		t.Errorf("resolution: got %s, want %s", got, want)
	}
}

// withPune is MoveON's policy with a team in India.
func withPune(t testing.TB) *rules.Policy {
	text, _ := policies.Read("moveon")
	pune := strings.Replace(string(text), "[teams]\n", "[teams]\n\"Support Pune\" = \"kolkata\"\n", 1) +
		"\n[calendars.kolkata]\nzone = \"Asia/Kolkata\"\nhours = { mon-fri = [\"09:00-17:00\"] }\n"
	p, problems := policyfile.Load("moveon.toml", []byte(pune), policies.ReadFile)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

func TestGolden10HandoverToKolkata(t *testing.T) {
	p := withPune(t)
	ticket := moveonTicket(t, rules.Event{At: at(t, berlin, "2026-12-01 10:00"), Type: rules.GroupEvent, To: "Support Pune"})
	ticket.CreatedAt = at(t, berlin, "2026-11-30 15:00")
	v := judge(t, p, ticket, at(t, berlin, "2026-12-01 10:00"))
	if got, want := due(t, v, rules.Resolution).Format(time.RFC3339), "2026-12-03T11:30:00+05:30"; got != want {
		t.Errorf("resolution: got %s, want %s", got, want)
	}
}

func TestGolden13UpdateCycles(t *testing.T) {
	v := judge(t, policy(t, "moveon"), moveonTicket(t, reply(t, "2026-11-30 09:40"), reply(t, "2026-11-30 16:30")), at(t, berlin, "2026-11-30 16:45"))
	c := v.Clock(rules.Update)
	if want := at(t, berlin, "2026-12-01 09:30"); c.Cycle != 3 || !c.Due.Equal(want) {
		t.Errorf("got cycle %d due %s, want cycle 3 due %s", c.Cycle, c.Due, want)
	}
}

func TestGolden14WorkaroundWithdrawn(t *testing.T) {
	ticket := moveonTicket(t,
		rules.Event{At: at(t, berlin, "2026-11-30 16:00"), Type: rules.TagEvent, Add: []string{"workaround"}},
		rules.Event{At: at(t, berlin, "2026-12-01 10:00"), Type: rules.TagEvent, Remove: []string{"workaround"}})
	p := policy(t, "moveon")
	met := judge(t, p, ticket, at(t, berlin, "2026-11-30 16:00")).Clock(rules.Resolution)
	if want := at(t, berlin, "2026-12-01 17:00"); met.State != rules.StateMet || !met.Due.Equal(want) {
		t.Errorf("with the workaround: got %s due %s, want met, due %s", met.State, met.Due, want)
	}
	again := judge(t, p, ticket, at(t, berlin, "2026-12-01 10:00")).Clock(rules.Resolution)
	if want := at(t, berlin, "2026-12-02 11:00"); again.State != rules.StateRunning || again.Elapsed != 7*3600 || !again.Due.Equal(want) {
		t.Errorf("withdrawn: got %s, %d s used, due %s; want running, 25200 s used, due %s", again.State, again.Elapsed, again.Due, want)
	}
}

func TestGolden15BreachByChange(t *testing.T) {
	ticket := moveonTicket(t, rules.Event{At: at(t, berlin, "2026-11-30 10:00"), Type: rules.PriorityEvent, To: "urgent", By: rules.ByAgent})
	ticket.CreatedAt, ticket.Priority = at(t, berlin, "2026-11-27 16:30"), "normal"
	v := judge(t, policy(t, "moveon"), ticket, at(t, berlin, "2026-11-30 10:00"))
	if got, want := due(t, v, rules.Resolution), at(t, berlin, "2026-12-01 16:30"); !got.Equal(want) {
		t.Errorf("resolution: got %s, want %s", got, want)
	}
	c := v.Clock(rules.Update)
	if want := at(t, berlin, "2026-11-30 09:30"); c.State != rules.StateBreached || !c.Due.Equal(want) {
		t.Errorf("update: got %s due %s, want breached, due %s", c.State, c.Due, want)
	}
	if c.ByChange == nil || c.ByChange.What != "priority" || !c.ByChange.At.Equal(at(t, berlin, "2026-11-30 10:00")) {
		t.Errorf("update: got cause %+v, want the priority change of Monday 10:00", c.ByChange)
	}
}

func TestGolden16Reopened(t *testing.T) {
	ticket := moveonTicket(t, status(t, "2026-11-30 12:00", rules.Solved),
		rules.Event{At: at(t, berlin, "2026-12-01 10:00"), Type: rules.ReplyEvent, By: rules.ByCustomer, Public: true},
		status(t, "2026-12-01 10:00", rules.Open))
	c := judge(t, policy(t, "moveon"), ticket, at(t, berlin, "2026-12-01 11:00")).Clock(rules.Resolution)
	if want := at(t, berlin, "2026-12-02 15:00"); c.State != rules.StateRunning || c.Elapsed != 4*3600 || !c.Due.Equal(want) {
		t.Errorf("got %s, %d s used, due %s; want running, 14400 s used, due %s", c.State, c.Elapsed, c.Due, want)
	}
}
