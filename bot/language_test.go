package main

import (
	"fmt"
	"html"
	"os"
	"strings"
	"testing"

	"vigie/connectors/sandbox"
)

// Jira hardly ever tells a reporter's locale, so the text tells the language: a
// French ticket has its card where the French ones go and its letter in French, and
// a German one has the mark of a language that the policy doesn't have.
func TestLanguageOfJiraTickets(t *testing.T) {
	s := emptySite(t, databases(t)["SQLite"](t), 1)
	s.policy = "meteorage"
	s.Slack().AddChannel("francophones")
	r := s.replicas[0]
	r.configure(t)
	configured, err := os.ReadFile(r.config)
	must(t, err)
	route := "[[slack.routes]]\nwhen = 'language == \"fr\"'\nchannel = \"#francophones\"\nlanguage = \"fr\"\n"
	must(t, os.WriteFile(r.config, append(configured, route...), 0o600))
	s.start(t)
	open := func(summary, description string) string {
		return s.j.Create(sandbox.NewIssue{Project: "SUP", Summary: summary, Description: description, Reporter: siteNadia})
	}
	french := open("Alertes foudre", "Bonjour,\nnous ne recevons plus les alertes depuis ce matin.\n\nVon: Lena <lena@support.example>\nGesendet: Freitag, 27. November 2026 08:30\nAn: Nadia\nBetreff: Karte\n\nDie Karte geht wieder.")
	german := open("Blitzwarnungen", "Seit heute früh bekommen wir keine Warnungen mehr.")
	unsure := open("Test", "SUP-12")
	s.rest(t)
	s.until(t, 9, 50, 0) // five sixths of the hour in which the first reply is owed

	for key, want := range map[string]bool{french: false, german: true, unsure: false} {
		for _, i := range s.j.Issues() {
			if i.Key == key && strings.Contains(fmt.Sprint(i.Labels), "language_other") != want {
				t.Errorf("%s has the labels %v; language_other: %v", i.Summary, i.Labels, want)
			}
		}
	}
	cards := map[string]string{"#francophones": "", "#sla": ""}
	for channel := range cards {
		for _, m := range s.Slack().Messages(channel) {
			cards[channel] += m.Text + "\n"
		}
	}
	if !strings.Contains(cards["#francophones"], "Alertes foudre") || strings.Contains(cards["#sla"], "Alertes foudre") {
		t.Errorf("the French ticket's card isn't where the French ones go: %q", cards)
	}
	for key, want := range map[string]string{french: "Votre demande " + french + " : Alertes foudre", german: "Your request", unsure: "Your request"} {
		_, page := r.ask("/tickets/jira/" + key)
		if page = html.UnescapeString(page); !strings.Contains(page, want) {
			t.Errorf("%s: no %q in the page:\n%s", key, want, page)
		}
	}
}
