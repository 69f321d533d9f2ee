package slack

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"vigie/connectors/contract"
	"vigie/rules"
)

// elements is what can be clicked on a card, by action_id, with the values.
func elements(blocks []slackgo.Block) (list []string) {
	for _, b := range blocks {
		actions, ok := b.(*slackgo.ActionBlock)
		if !ok {
			continue
		}
		for _, e := range actions.Elements.ElementSet {
			switch e := e.(type) {
			case *slackgo.ButtonBlockElement:
				list = append(list, e.ActionID+" "+e.Value)
			case *slackgo.OverflowBlockElement:
				values := []string{e.ActionID}
				for _, o := range e.Options {
					_, choice := Event{Value: o.Value}.Element()
					values = append(values, choice)
				}
				list = append(list, strings.Join(values, " "))
			case *slackgo.SelectBlockElement:
				values := []string{e.ActionID}
				for _, o := range e.Options {
					_, choice := Event{Value: o.Value}.Element()
					values = append(values, choice)
				}
				list = append(list, strings.Join(values, " "))
			}
		}
	}
	return list
}

// What can be done stands on a card as long as there is something to do, two elements
// at most.
func TestElements(t *testing.T) {
	offers := []rules.Offer{{Name: "urgent"}, {Name: "very low"}}
	for _, c := range []struct {
		name   string
		change func(*rules.Alert)
		want   string
	}{
		{"in danger", func(*rules.Alert) {}, "take zendesk:42, menu why 30m 1h open mine"},
		{"taken", func(a *rules.Alert) { a.Taker = "Nadia" }, "release zendesk:42, menu why 30m 1h open mine"},
		{"out of hours", func(a *rules.Alert) { a.OpenNow, a.OpensAt = false, a.Due }, "take zendesk:42, menu why 30m 1h opening mine"},
		{"without an address", func(a *rules.Alert) { a.URL = "javascript:alert(1)" }, "take zendesk:42, menu why 30m 1h mine"},
		{"paused", func(a *rules.Alert) { a.Kind = rules.Paused }, "take zendesk:42, menu why 30m 1h open mine"},
		{"met", func(a *rules.Alert) { a.Kind = rules.Met }, ""},
		{"withdrawn", func(a *rules.Alert) { a.Kind = rules.Withdrawn }, ""},
		{"erased", func(a *rules.Alert) { a.Erased = rules.ErasedAsked }, ""},
		{"a priority is asked for", func(a *rules.Alert) { a.Kind, a.Offers = rules.Triage, offers }, "choose urgent very low"},
		{"of which there is none", func(a *rules.Alert) { a.Kind = rules.Triage }, ""},
		{"a priority was chosen", func(a *rules.Alert) { a.Kind, a.Offers = rules.Triaged, offers }, ""},
		{"an id that no value holds", func(a *rules.Alert) { a.ID = strings.Repeat("9", 200) }, ""},
	} {
		a := acme(t)
		c.change(&a)
		_, blocks := Render(a, "en", "")
		if got := strings.Join(elements(blocks), ", "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A policy of many priorities with long rubrics still fits into a card.
func TestPrioritiesFit(t *testing.T) {
	for _, n := range []int{1, mostDescribed, mostDescribed + 1, 40} {
		a := acme(t)
		a.Kind = rules.Triage
		for range n {
			a.Offers = append(a.Offers, rules.Offer{Name: "priority of " + strings.Repeat("&", 60), Rubric: rules.Words{EN: strings.Repeat("<&>", 200)}})
		}
		_, blocks := Render(a, "en", "")
		raw, err := json.Marshal(blocks)
		if err != nil {
			t.Fatal(err)
		}
		if utf8.RuneCount(raw) > 13_000 {
			t.Errorf("%d priorities: %d characters of blocks", n, utf8.RuneCount(raw))
		}
		if err := contract.Blocks(raw); err != nil {
			t.Errorf("%d priorities: %v", n, err)
		}
	}
}
