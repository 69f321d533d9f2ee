package web

import (
	"context"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/bot/store"
	"vigie/bot/worldtest"
	"vigie/rules"
)

// BenchmarkBoard is a board's page, its parts, and what judging everything costs,
// as the number of open tickets grows:
//
//	go test ./bot/web -run '^$' -bench Board -benchtime 5x -timeout 30m
func BenchmarkBoard(b *testing.B) {
	for _, size := range []int{1_000, 10_000, 100_000} {
		for name, where := range benchStates(b) {
			st := must[*store.Store](b)(store.Open(b.Context(), where))
			s := newScene(b, st)
			fillScene(b, s, size)
			run := func(what string, f func()) {
				b.Run(fmt.Sprintf("%s/%d/%s", name, size, what), func(b *testing.B) {
					for b.Loop() {
						f()
					}
				})
			}
			page := func(query string) func() {
				return func() {
					if err := s.board(httptest.NewRecorder(), httptest.NewRequest("GET", "/"+query, nil)); err != nil {
						b.Fatal(err)
					}
				}
			}
			run("page", page(""))
			run("missed", page("?state=missed"))
			run("untriaged", page("?state=untriaged"))
			run("search", page("?q=umbrella"))
			run("rare source", page("?source=jira"))
			run("holder", page("?holder=agent7@acme.example"))
			run("team", page("?team=Support"))
			run("rare team", page("?team=Pune"))
			run("clause", page("?clause=W-1&priority=normal&policy=watched"))
			run("nothing", page("?priority=nothing"))
			run("last page", page("?from=360"))
			run("counts", func() {
				if err := s.look(context.Background(), newSurvey(filter{}), nil, in("en")); err != nil {
					b.Fatal(err)
				}
			})
			run("report", func() {
				if err := s.report(httptest.NewRecorder(), httptest.NewRequest("GET", "/report", nil)); err != nil {
					b.Fatal(err)
				}
			})
			run("everything", func() { s.everything(b, newSurvey(filter{})) })
			if err := st.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func benchStates(b *testing.B) map[string]string {
	list := map[string]string{"sqlite": filepath.Join(b.TempDir(), "vigie.db")}
	if worldtest.HasPostgres() {
		list["postgres"] = worldtest.Postgres(b)
	}
	return list
}

// fillScene adds open tickets, judged as the engine does: some missed, most
// running, some paused, one in a hundred of another source.
func fillScene(b *testing.B, s *scene, open int) {
	var list []store.Judged
	save := func() {
		if err := s.Store.SaveAll(b.Context(), list, s.now); err != nil {
			b.Fatal(err)
		}
		list = list[:0]
	}
	for n := range open {
		source := sceneSources[0]
		if n%100 == 0 {
			source = sceneSources[1]
		}
		created := s.now.Add(-time.Duration(n%2400) * time.Minute).Truncate(time.Second)
		t := &rules.Ticket{Source: source, ID: fmt.Sprint(1_000_000 + n), Kind: "incident", Status: rules.New, Channel: "email", Organization: []string{"Acme", "Northwind", "Umbrella"}[n%3], Group: []string{"Support", "Pune"}[max(0, 1-n%1000)], Assignee: fmt.Sprintf("agent%d@acme.example", n%40),
			Requester: "nadia@acme.example", Language: "en", Subject: "The portal shows an error on the second page", URL: "https://acme.zendesk.com/agent/tickets/" + fmt.Sprint(n), Priority: []string{"", "normal"}[min(n%10, 1)],
			Text: strings.Repeat("Since this morning nobody gets past the second page of the portal. ", 8), Tags: []string{"priority_normal", "portal"}, CreatedAt: created,
			Events: []rules.Event{{At: created, Type: rules.ReplyEvent, By: "customer", Public: true}}}
		for k := 1; k < n%4; k++ {
			t.Events = append(t.Events, rules.Event{At: created.Add(time.Duration(k) * time.Minute), Type: rules.ReplyEvent, By: []string{"agent", "customer"}[k%2], Public: true})
		}
		if n%7 == 0 {
			t.Events = append(t.Events, rules.Event{At: created.Add(10 * time.Minute), Type: rules.StatusEvent, To: string(rules.WaitingCustomer)})
		}
		r := store.Row{Source: source, ID: t.ID, Version: "1", Open: true, Ticket: t}
		v := must[rules.Verdict](b)(s.engine.Judge(&r))
		r.Verdict, r.Wake, r.Stand = &v, v.Wake, &store.Stand{Stand: v.Stand(t, s.now), Version: s.Version, At: s.now}
		if list = append(list, store.Judged{Row: r}); len(list) == 1000 {
			save()
		}
	}
	save()
}
