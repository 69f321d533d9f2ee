package web

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver named "pgx"
	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"

	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/bot/worldtest"
	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/policyfile"
)

// A policy with all that a verdict can wait for: warnings, due instants, triage,
// grace; promises in business time on two calendars, and in plain time.
const watchedPolicy = `
name             = "watched"
title            = "Watched"
effective_from   = 2026-01-01
covers           = 'kind != "spam"'
calendar         = "berlin"
default_priority = "normal"
triage           = "%s"
reopen_grace     = "1 business hour"

[calendars.berlin]
zone  = "Europe/Berlin"
hours = { mon-fri = ["09:00-17:00"] }
[calendars.pune]
zone  = "Asia/Kolkata"
hours = { mon-sat = ["10:00-13:00", "14:00-19:00"] }
[teams]
"Pune" = "pune"

[[priorities]]
name = "urgent"
when = 'has(text, "outage")'
[[priorities]]
name = "normal"

[[targets]]
metric = "first_reply"
within = { urgent = "1 hour", normal = "1 business day" }
warn   = ["50%%"]
clause = "W-1"
[[targets]]
metric = "next_reply"
within = { urgent = "2 business hours", normal = "2 business days" }
clause = "W-2"
pause  = ["waiting_third_party"]
[[targets]]
metric = "resolution"
within = { urgent = "8 business hours", normal = "2 business days" }
pause  = ["waiting_customer"]
warn   = ["50%%", "1 business hour"]

[[exclude]]
when   = 'kind == "feature"'
tag    = "sla_exempt"
reason = { fr = "à part", en = "apart" }
`

func watched(t fataler, triage string) []*rules.Policy {
	p, problems := policyfile.Load("watched.toml", fmt.Appendf(nil, watchedPolicy, triage), nil)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return []*rules.Policy{p}
}

// fataler is a test or one of its checks.
type fataler interface{ Fatal(...any) }

func must[T any](t fataler) func(T, error) T {
	return func(v T, err error) T {
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// A shop is a vendor whose tickets are as they are put there.
type shop struct {
	tickets map[string]*rules.Ticket
	broken  map[string]bool
}

func (s *shop) Unsolved(context.Context, string) (desk.Page, error) { return desk.Page{}, nil }
func (s *shop) Changes(context.Context, string, time.Time) (desk.Page, error) {
	return desk.Page{Cursor: "end"}, nil
}
func (s *shop) Read(_ context.Context, ids []string) (list []desk.Reading, err error) {
	for _, id := range ids {
		r := desk.Reading{ID: id, Ticket: s.tickets[id], Gone: s.tickets[id] == nil}
		if s.broken[id] {
			r = desk.Reading{ID: id, Err: errors.New("its event 2 is older than the ticket")}
		}
		list = append(list, r)
	}
	return list, nil
}
func (s *shop) Write(_ context.Context, edits []desk.Edit) ([]error, error) {
	return make([]error, len(edits)), nil
}
func (s *shop) DueFields() []rules.DueField { return nil }

// A scene is a server and the engine beside it, each with its version, on one state.
type scene struct {
	*Server
	engine *engine.Engine
	shops  map[string]*shop
	now    time.Time
	given  int // deliveries
}

var sceneSources = []string{"zendesk", "jira"}

func newScene(t fataler, st *store.Store) *scene {
	s := &scene{now: time.Date(2026, 11, 26, 14, 0, 0, 0, time.UTC), shops: map[string]*shop{}}
	log := slog.New(slog.DiscardHandler)
	s.engine = &engine.Engine{Store: st, Now: func() time.Time { return s.now }, Log: log, Version: "1", Route: func(rules.Alert) engine.Routing { return engine.Routing{} }}
	s.Server = &Server{Store: st, Policies: map[string][]*rules.Policy{}, Version: "1", Now: s.engine.Now, Log: log}
	for _, name := range sceneSources {
		s.shops[name] = &shop{map[string]*rules.Ticket{}, map[string]bool{}}
		s.Policies[name] = watched(t, "30 business minutes")
		s.engine.Sources = append(s.engine.Sources, &engine.Source{Name: name, Desk: s.shops[name], Policies: s.Policies[name], Poll: cron.Every(time.Hour)})
	}
	return s
}

// read has the engine read a ticket again, and do what else is to be done.
func (s *scene) read(t fataler, source, id string) {
	s.given++
	must[bool](t)(s.engine.Receive(context.Background(), source, desk.Delivery{ID: fmt.Sprint(s.given), Tickets: []string{id}}))
	s.settle(t)
}

func (s *scene) settle(t fataler) { must[time.Time](t)(s.engine.RunUntilIdle(context.Background())) }

// anyTicket is one of some hours or days, whose last events may be yet to come.
func anyTicket(t *rapid.T, id string, now time.Time) *rules.Ticket {
	ago := func(label string, from int) time.Time {
		return now.Add(-time.Duration(rapid.IntRange(from, 60).Draw(t, label)) * time.Hour) // so that some fall due at one instant
	}
	of := func(label string, values ...string) string { return rapid.SampledFrom(values).Draw(t, label) }
	one := &rules.Ticket{ID: id, Kind: of("kind", "incident", "incident", "incident", "feature", "spam"), Status: rules.Open, Group: of("group", "Berlin", "Pune"),
		Priority: of("priority", "", "urgent", "normal"), Subject: of("subject", "Portal", "ÉCRAN noir", "a\x00b"), Organization: of("organization", "Acme", "Northwind"),
		Assignee: of("assignee", "", "omar@acme.example"), Text: of("text", "outage", "question"), CreatedAt: ago("created", 0)}
	if rapid.Bool().Draw(t, "taken") {
		who := rules.Person{ID: of("who", "U1", "U2")}
		who.Email = map[string]string{"U1": "", "U2": "nadia@acme.example"}[who.ID]
		one.Handling = &rules.Handling{Taken: &rules.Taken{By: who, At: one.CreatedAt, Released: rapid.Bool().Draw(t, "released")}}
	}
	for range rapid.IntRange(0, 4).Draw(t, "events") {
		e := rules.Event{At: ago("at", -2), Type: rules.EventType(of("type", "status", "status", "reply", "reply", "group", "priority", "organization", "assignee", "assignee"))}
		if e.At.Before(one.CreatedAt) {
			e.At = one.CreatedAt
		}
		switch e.Type {
		case rules.StatusEvent:
			e.To = of("to", "open", "waiting_customer", "waiting_third_party", "solved")
		case rules.ReplyEvent:
			e.By, e.Public = of("by", "agent", "customer"), true
		case rules.GroupEvent:
			e.To = of("to", "Berlin", "Pune")
		case rules.PriorityEvent:
			e.To = of("to", "urgent", "normal")
		case rules.AssigneeEvent:
			e.To = of("to", "omar@acme.example", "nadia@acme.example", "")
		default:
			e.To = of("to", "Acme", "Umbrella")
		}
		one.Events = append(one.Events, e)
	}
	return one
}

// everything is a survey that judges every ticket, which is what any survey must
// say.
func (s *scene) everything(t fataler, v *survey) {
	v.now = s.Now().In(s.home())
	if err := s.Store.EachOpen(context.Background(), func(row *store.Row) error {
		v.add(v.view(nil), judge(row, s.Policies, v.now, in("en")))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	v.settle()
}

// said is all that a survey says, to be compared.
func (v *survey) said() any {
	type ticket struct {
		Ref, Problem string
		rules.Stand
	}
	type board struct {
		Open, More, MoreParked int
		Counts                 map[standing]int
		Clocks                 map[string]int
		Tickets, Parked, Quiet []ticket
	}
	list := func(s shelf) (list []ticket) {
		for _, e := range s.entries {
			list = append(list, ticket{e.source + ":" + e.id, e.problem, e.Stand})
		}
		return list
	}
	b := board{Open: v.open, More: v.tickets.more(), MoreParked: v.parked.more(), Counts: maps.Clone(v.counts), Clocks: map[string]int{}, Tickets: list(v.tickets), Parked: list(v.parked), Quiet: list(v.quiet)}
	for of, n := range v.clocks {
		b.Clocks[string(of.metric)+" "+string(of.standing)] = n
	}
	return b
}

// The board believes what was judged before wherever judging all of it now says the
// same, and nowhere else: whatever happened, whoever judged, whenever it is looked at.
func TestBoardIsWhatJudgingEverythingSays(t *testing.T) {
	for name, states := range freshStates {
		t.Run(name, func(t *testing.T) {
			fresh := states(t)
			rapid.Check(t, func(t *rapid.T) {
				s := newScene(t, fresh(t))
				anywhere := func() (source, id string) {
					return rapid.SampledFrom(sceneSources).Draw(t, "source"), rapid.SampledFrom([]string{"1", "2", "9", "10", "A-1"}).Draw(t, "id")
				}
				for range rapid.IntRange(0, 8).Draw(t, "tickets") {
					source, id := anywhere()
					s.shops[source].tickets[id] = anyTicket(t, id, s.now)
					s.read(t, source, id)
				}
				for range rapid.IntRange(1, 12).Draw(t, "acts") {
					source, id := anywhere()
					switch rapid.SampledFrom([]string{"ticket", "ticket", "broken", "broken", "gone", "time", "time", "late", "back", "policy", "other", "removed"}).Draw(t, "act") {
					case "ticket":
						s.shops[source].tickets[id] = anyTicket(t, id, s.now)
						s.shops[source].broken[id] = false
						s.read(t, source, id)
					case "broken":
						s.shops[source].broken[id] = true
						s.read(t, source, id)
					case "gone":
						delete(s.shops[source].tickets, id)
						s.read(t, source, id)
					case "time": // the engine has kept up
						s.now = s.now.Add(time.Duration(rapid.IntRange(0, 24*3600).Draw(t, "seconds")) * time.Second)
						s.settle(t)
					case "late": // it hasn't
						s.now = s.now.Add(time.Duration(rapid.IntRange(0, 72*3600*1000).Draw(t, "milliseconds")) * time.Millisecond)
					case "back": // the clock of this machine was ahead
						s.now = s.now.Add(-time.Duration(rapid.IntRange(0, 3600).Draw(t, "seconds")) * time.Second)
					case "policy": // this program and its engine have another, which has looked at nothing yet
						triage := rapid.SampledFrom([]string{"30 business minutes", "3 days"}).Draw(t, "triage")
						for _, of := range s.engine.Sources {
							of.Policies = watched(t, triage)
							s.Policies[of.Name] = of.Policies
						}
						s.Version, s.engine.Version = triage, triage
					case "other": // a replica of another version has the engine's work
						s.engine.Version = "other"
					case "removed":
						delete(s.Policies, "jira")
						s.Version = "without jira"
					}
					compare(t, s)
				}
			})
		})
	}
}

// compare looks at the board now, and right before and at the next instants at which
// something changes by itself, with some filter and little room.
func compare(t *rapid.T, s *scene) {
	f := filter{
		source:   rapid.SampledFrom([]string{"", "", "jira", "nowhere"}).Draw(t, "of source"),
		state:    rapid.SampledFrom(append([]standing{"", "", untriaged}, rules.Standings...)).Draw(t, "of state"),
		holder:   rapid.SampledFrom([]string{"", "", "", mine, nobody, "Nadia@acme.example", "U1"}).Draw(t, "of holder"),
		me:       "omar@acme.example",
		team:     rapid.SampledFrom([]string{"", "", "", "Pune", "nowhere"}).Draw(t, "of team"),
		policy:   rapid.SampledFrom([]string{"", "", "", "watched", "nothing"}).Draw(t, "of policy"),
		priority: rapid.SampledFrom([]string{"", "", "", "urgent", "%"}).Draw(t, "of priority"),
		clause:   rapid.SampledFrom([]string{"", "", "", "W-1", "W", "W-2"}).Draw(t, "of clause"),
		text:     rapid.SampledFrom([]string{"", "", "écran", "ACME", "umbrella", ":1", "pune", "omar", "%", "_", "!", "a\x00B", "\xff"}).Draw(t, "of text"),
	}
	room := rapid.IntRange(1, 4).Draw(t, "room")
	then := s.now
	defer func() { s.now = then }()
	instants := []time.Time{then}
	if wake := must[time.Time](t)(s.Store.NextWake(context.Background())); !wake.IsZero() {
		instants = append(instants, wake.Add(-time.Millisecond), wake, wake.Add(time.Second))
	}
	for _, s.now = range instants {
		quick, slow := newSurvey(f), newSurvey(f)
		for _, v := range []*survey{quick, slow} {
			v.tickets.room, v.parked.room, v.quiet.room = room, room, room
		}
		if err := s.look(context.Background(), quick, quick.lists(), in("en")); err != nil {
			t.Fatal(err)
		}
		s.everything(t, slow)
		if diff := cmp.Diff(slow.said(), quick.said(), cmp.Comparer(func(a, b rules.Stand) bool {
			return a.Standing == b.Standing && a.Due.Equal(b.Due) && a.Left == b.Left && a.Untriaged == b.Untriaged && a.Subject == b.Subject && a.Organization == b.Organization && a.Group == b.Group && a.Holder == b.Holder && a.Policy == b.Policy && a.Priority == b.Priority && slices.Equal(a.Clauses, b.Clauses)
		})); diff != "" {
			t.Fatalf("at %s, %+v: judging everything (-), the board (+):\n%s", s.now, f, diff)
		}
	}
}

// freshStates give empty states, each of one database.
var freshStates = map[string]func(*testing.T) func(fataler) *store.Store{"sqlite": freshFile, "postgres": freshSchema}

func freshFile(t *testing.T) func(fataler) *store.Store {
	return func(r fataler) *store.Store {
		st := must[*store.Store](r)(store.Open(context.Background(), ":memory:"))
		t.Cleanup(func() { st.Close() })
		return st
	}
}

func freshSchema(t *testing.T) func(fataler) *store.Store {
	where := worldtest.Postgres(t)
	st := must[*store.Store](t)(store.Open(t.Context(), where))
	t.Cleanup(func() { st.Close() })
	db := must[*sql.DB](t)(sql.Open("pgx", where))
	t.Cleanup(func() { db.Close() })
	return func(r fataler) *store.Store {
		_, err := db.Exec(`TRUNCATE tickets, standings, verdicts, actions, messages, cursors, webhooks`)
		if err != nil {
			r.Fatal(err)
		}
		return st
	}
}
