package slack

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	slackgo "github.com/slack-go/slack"

	"vigie/rules"
	"vigie/rules/calendar"
)

var update = flag.Bool("update", false, "write the golden files anew")

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := calendar.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// acme is an urgent MoveON ticket of Friday 27 November 2026, seen on the
// following Tuesday morning with half of its time used.
func acme(t testing.TB) rules.Alert {
	berlin := zone(t, "Europe/Berlin")
	return rules.Alert{
		Key: "warn/zendesk:42/resolution/1/50%", Kind: rules.Warning,
		Source: "zendesk", ID: "42", URL: "https://acme.zendesk.com/agent/tickets/42",
		Subject: "Portal unavailable for all applicants", Organization: "Acme", Group: "Support Berlin", Assignee: "nadia@example.com",
		Policy: rules.Words{FR: "Politique de services d'assistance MoveON", EN: "MoveON support policy"}, Priority: "urgent", PriorityFrom: "person",
		Metric: rules.Resolution, Cycle: 1, Threshold: "50%",
		Due:    time.Date(2026, 12, 1, 16, 30, 0, 0, berlin),
		Target: 16 * time.Hour, Used: 8*time.Hour + 45*time.Minute, Remaining: 7*time.Hour + 15*time.Minute,
		Business: true, Calendar: "berlin", Clause: "QS-21", OpenNow: true,
		At: time.Date(2026, 12, 1, 9, 15, 0, 0, berlin),
	}
}

// lightning is a METEORAGE ticket, whose targets are elapsed time.
func lightning(t testing.TB) rules.Alert {
	paris := zone(t, "Europe/Paris")
	return rules.Alert{
		Key: "breach/jira:SUP-7/first_reply/1", Kind: rules.Breached,
		Source: "jira", ID: "SUP-7", URL: "https://acme.atlassian.net/browse/SUP-7",
		Subject: "Alertes foudre en retard", Policy: rules.Words{FR: "METEORAGE", EN: "METEORAGE"}, Priority: "haute", PriorityFrom: "default",
		Metric: rules.FirstReply, Cycle: 1,
		Due:    time.Date(2026, 11, 28, 5, 0, 0, 0, paris),
		Target: 12 * time.Hour, Used: 14*time.Hour + 5*time.Minute, Remaining: -(2*time.Hour + 5*time.Minute),
		Calendar: "paris", Clause: "MT-15",
		At: time.Date(2026, 11, 28, 7, 5, 0, 0, paris),
	}
}

// stories are the cards that reviewers read in testdata.
func stories(t testing.TB) []struct {
	name  string
	alert rules.Alert
} {
	with := func(a rules.Alert, change func(*rules.Alert)) rules.Alert {
		change(&a)
		return a
	}
	late := func(a *rules.Alert) {
		a.Used, a.Remaining, a.At = 16*time.Hour+20*time.Minute, -20*time.Minute, a.Due.Add(20*time.Minute)
	}
	return []struct {
		name  string
		alert rules.Alert
	}{
		{"warning", acme(t)},
		{"warning after the due date moved", with(acme(t), func(a *rules.Alert) {
			a.Reason, a.Proposed, a.Assignee = "priority", "high", ""
		})},
		{"breached", with(acme(t), func(a *rules.Alert) { a.Kind = rules.Breached; late(a) })},
		{"breached in elapsed time, out of hours, with little known", lightning(t)},
		{"breached at closing time", with(acme(t), func(a *rules.Alert) {
			a.Kind, a.Remaining, a.Used, a.OpenNow = rules.Breached, 0, a.Target, false
			a.Due = time.Date(2026, 12, 1, 17, 0, 0, 0, a.Due.Location())
			a.At = a.Due.Add(3 * time.Hour)
		})},
		{"breached at once by a change of priority", with(acme(t), func(a *rules.Alert) {
			a.Kind, a.Reason, a.Metric = rules.Breached, "priority", rules.Update
			a.Target, a.Used, a.Remaining = time.Hour, 90*time.Minute, -30*time.Minute
			a.Due = time.Date(2026, 11, 30, 9, 30, 0, 0, a.Due.Location())
			a.At = a.Due.Add(30 * time.Minute)
		})},
		{"met", with(acme(t), func(a *rules.Alert) { a.Kind = rules.Met })},
		{"met_late", with(acme(t), func(a *rules.Alert) { a.Kind = rules.MetLate; late(a) })},
		{"paused", with(acme(t), func(a *rules.Alert) {
			a.Kind, a.Due = rules.Paused, time.Time{}
		})},
		{"paused after the target was missed", with(acme(t), func(a *rules.Alert) { a.Kind = rules.Paused; late(a) })},
		{"eased", with(acme(t), func(a *rules.Alert) {
			a.Kind, a.Reason, a.Priority, a.Clause = rules.Eased, "priority", "high", "QS-22"
			a.Target, a.Remaining = 80*time.Hour, 71*time.Hour+15*time.Minute
			a.Due = time.Date(2026, 12, 11, 16, 30, 0, 0, a.Due.Location())
		})},
		{"withdrawn", with(acme(t), func(a *rules.Alert) {
			a.Kind, a.Reason, a.Due, a.Target = rules.Withdrawn, "kind", time.Time{}, 0
		})},
		{"triage", with(acme(t), func(a *rules.Alert) {
			a.Kind, a.Priority, a.PriorityFrom, a.Proposed = rules.Triage, "normal", "default", "urgent"
			a.Metric, a.Target, a.Used, a.Remaining, a.Clause = "", 0, 0, 0, ""
			a.Due = time.Date(2026, 11, 27, 17, 0, 0, 0, a.Due.Location())
			a.At = a.Due
		})},
		{"triage, with priorities to choose from", with(acme(t), func(a *rules.Alert) {
			a.Kind, a.Priority, a.PriorityFrom, a.Metric, a.Target, a.Used, a.Remaining, a.Clause = rules.Triage, "normal", "default", "", 0, 0, 0, ""
			a.Due = time.Date(2026, 11, 27, 17, 0, 0, 0, a.Due.Location())
			a.At = a.Due
			a.Offers = []rules.Offer{
				{Name: "urgent", Rubric: rules.Words{FR: "Le portail est indisponible pour tous", EN: "The portal is unavailable for everybody"}},
				{Name: "normal", Rubric: rules.Words{FR: strings.Repeat("Toute autre demande & question ", 5), EN: strings.Repeat("Any other request & question ", 5)}},
				{Name: "low"},
			}
		})},
		{"taken, by somebody whom the vendor doesn't know", with(acme(t), func(a *rules.Alert) {
			a.Taker, a.TakerUnknown, a.TakenAt = "Nadia", true, a.At.Add(-5*time.Minute)
		})},
		{"taken, calls put off out of hours", with(acme(t), func(a *rules.Alert) {
			a.Kind = rules.Breached
			late(a)
			a.Taker, a.TakenAt = "Nadia", a.Due.Add(-time.Hour)
			a.OpenNow, a.OpensAt = false, time.Date(2026, 12, 2, 9, 0, 0, 0, a.Due.Location())
			a.Snoozed = a.OpensAt
		})},
		{"an update that is due next week", with(acme(t), func(a *rules.Alert) {
			a.Metric, a.Due = rules.Update, time.Date(2026, 12, 11, 9, 30, 0, 0, a.Due.Location())
		})},
		{"a priority that the policy doesn't know", with(acme(t), func(a *rules.Alert) {
			a.Priority, a.PriorityFrom, a.Unknown = "normal", "default", "Blocker"
		})},
		{"triaged by a priority that the policy doesn't know", with(acme(t), func(a *rules.Alert) {
			a.Kind, a.Metric, a.Due, a.Target = rules.Triaged, "", time.Time{}, 0
			a.Priority, a.PriorityFrom, a.Unknown = "normal", "default", "Blocker"
		})},
		{"a target of 90 seconds", with(acme(t), func(a *rules.Alert) {
			a.Target, a.Used, a.Remaining = 90*time.Second, 45*time.Second, 45*time.Second
		})},
		{"triaged", with(acme(t), func(a *rules.Alert) {
			a.Kind, a.Metric, a.Due, a.Target = rules.Triaged, "", time.Time{}, 0
		})},
	}
}

// TestCards holds every kind of card, in both languages, against the golden
// files, which are written to be read.
func TestCards(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		t.Run(lang, func(t *testing.T) {
			var b strings.Builder
			for _, s := range stories(t) {
				text, blocks := Render(s.alert, lang, "https://vigie.acme.example")
				fmt.Fprintf(&b, "== %s\n%s", s.name, page(text, blocks))
				text, blocks = renderReply(s.alert, lang)
				fmt.Fprintf(&b, "-- in the thread\n%s\n", page(text, blocks))
			}
			golden(t, "cards."+lang+".txt", b.String())
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); after looking, run with -update:\n%s", name, diff)
	}
}

// page is a message as a reviewer reads it.
func page(text string, blocks []slackgo.Block) string {
	var b strings.Builder
	line := func(what string, o *slackgo.TextBlockObject) {
		fmt.Fprintf(&b, "%-8s %-10s %s\n", what, o.Type, strings.ReplaceAll(o.Text, "\n", "\n"+strings.Repeat(" ", 20)))
	}
	for _, block := range blocks {
		switch block := block.(type) {
		case *slackgo.HeaderBlock:
			line("header", block.Text)
		case *slackgo.SectionBlock:
			if block.Text != nil {
				line("section", block.Text)
			}
			for _, f := range block.Fields {
				line("field", f)
			}
		case *slackgo.ContextBlock:
			for _, e := range block.ContextElements.Elements {
				line("context", e.(*slackgo.TextBlockObject))
			}
		case *slackgo.ActionBlock:
			for _, e := range block.Elements.ElementSet {
				option := func(o *slackgo.OptionBlockObject) {
					line("  option", o.Text)
					if o.Description != nil {
						line("", o.Description)
					}
				}
				switch e := e.(type) {
				case *slackgo.ButtonBlockElement:
					line("button", e.Text)
				case *slackgo.OverflowBlockElement:
					fmt.Fprintln(&b, "menu")
					for _, o := range e.Options {
						option(o)
					}
				case *slackgo.SelectBlockElement:
					line("select", e.Placeholder)
					for _, o := range e.Options {
						option(o)
					}
				}
			}
		}
	}
	fmt.Fprintf(&b, "%-8s %-10s %s\n", "text", "", text)
	return b.String()
}

// TestHeadlinesDiffer: every kind has a first line and a sign of its own, in
// both languages.
func TestHeadlinesDiffer(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		seen := map[string]rules.AlertKind{}
		for _, kind := range []rules.AlertKind{rules.Warning, rules.Breached, rules.Met, rules.MetLate, rules.Paused, rules.Eased, rules.Withdrawn, rules.Triage, rules.Triaged, rules.Unasked} {
			a := acme(t)
			a.Kind = kind
			sign, _, _ := strings.Cut(in(lang).headline(a), " ")
			if other, taken := seen[sign]; taken || sign == "" {
				t.Errorf("%s: %s begins with %q like %s", lang, kind, sign, other)
			}
			seen[sign] = kind
		}
	}
}

func TestStand(t *testing.T) {
	tests := []struct {
		name      string
		kind      rules.AlertKind
		remaining time.Duration
		business  bool
		fr, en    string
		target    time.Duration // zero: a long one
	}{
		{"a minute and a quarter", rules.Warning, 75 * time.Second, false, "reste 1 min", "1 min left", 0},
		{"a threshold that is announced three seconds late", rules.Warning, 2*time.Hour - 3*time.Second, true, "reste 2 h ouvrées", "2 business hours left", 0},
		{"nothing left, at the due instant", rules.Warning, 0, true, "reste moins d'une minute", "less than a minute left", 0},
		{"half a business hour", rules.Warning, 30 * time.Minute, true, "reste 30 min ouvrées", "30 business minutes left", 0},
		{"one business hour", rules.Warning, time.Hour, true, "reste 1 h ouvrée", "1 business hour left", 0},
		{"fifteen business hours", rules.Warning, 15 * time.Hour, true, "reste 15 h ouvrées", "15 business hours left", 0},
		{"hours and minutes", rules.Warning, 2*time.Hour + 5*time.Minute, false, "reste 2 h 05", "2 h 05 left", 0},
		{"business hours and minutes", rules.Warning, 2*time.Hour + 15*time.Minute, true, "reste 2 h 15 ouvrées", "2 h 15 of business time left", 0},
		{"a long business target stays in hours", rules.Warning, 240 * time.Hour, true, "reste 240 h ouvrées", "240 business hours left", 0},
		{"days", rules.Warning, 76 * time.Hour, false, "reste 3 j 4 h", "3 d 4 h left", 0},
		{"missed", rules.Breached, -45 * time.Minute, true, "objectif dépassé de 45 min ouvrées", "target missed by 45 business minutes", 0},
		{"missed by seconds", rules.Breached, -5 * time.Second, false, "objectif dépassé", "target missed", 0},
		{"missed while the calendar is closed", rules.Breached, 0, true, "objectif dépassé", "target missed", 0},
		{"a warning that comes too late tells the truth", rules.Warning, -20 * time.Minute, false, "objectif dépassé de 20 min", "target missed by 20 min", 0},
		{"a short target", rules.Warning, 75 * time.Second, false, "reste 1 min 15 s", "1 min 15 s left", 5 * time.Minute},
		{"seconds of a short target", rules.Warning, 45 * time.Second, true, "reste 45 s ouvrées", "45 business seconds left", 90 * time.Second},
		{"minutes and seconds of business time", rules.Breached, -75 * time.Second, true, "objectif dépassé de 1 min 15 s ouvrées", "target missed by 1 min 15 s of business time", 90 * time.Second},
		{"a short target, missed by seconds and still running", rules.Breached, -5 * time.Second, false, "objectif dépassé", "target missed", 90 * time.Second},
		{"a short target that was met late by seconds", rules.MetLate, -5 * time.Second, false, "objectif dépassé de 5 s", "target missed by 5 s", 90 * time.Second},
		{"a short target, missed by hours", rules.Breached, -2*time.Hour - 5*time.Second, false, "objectif dépassé de 2 h", "target missed by 2 h", 90 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := rules.Alert{Kind: tt.kind, Remaining: tt.remaining, Business: tt.business, Target: tt.target}
			if got := in("fr-CA").stand(a); got != tt.fr {
				t.Errorf("fr: got %q, want %q", got, tt.fr)
			}
			if got := in("en").stand(a); got != tt.en {
				t.Errorf("en: got %q, want %q", got, tt.en)
			}
		})
	}
}
