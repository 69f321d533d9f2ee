package slack

import (
	"strings"

	slackgo "github.com/slack-go/slack"

	"vigie/rules"
)

// A card has two elements at most, as long as there is something to do: a button by
// which its ticket is taken or given back, and a menu; or, where it asks for a
// priority, the priorities. What people can click on names the ticket, and what is
// asked for, and nothing else: everybody in a workspace may read it.

// The action_ids of elements.
const (
	TakeAction    = "take"
	ReleaseAction = "release"
	MenuAction    = "menu"
	ChooseAction  = "choose" // of a priority
)

// What can be chosen from the menu.
const (
	WhyChoice     = "why"
	ShortChoice   = "30m" // snooze
	LongChoice    = "1h"
	OpeningChoice = "opening" // snooze until the team opens
	MineChoice    = "mine"
	OpenChoice    = "open" // a link: there is nothing to do about it
)

// Slack's limits of an option (docs.slack.dev/reference/block-kit/composition-objects/option-object).
const (
	optionText    = 75
	optionValue   = 150
	mostOffers    = 15 // as many as fit into a card whatever their names
	mostDescribed = 12 // beyond, a card of long rubrics would be too long as a whole
)

// Element is what a Click's element says: the ticket, as "zendesk:42", and what was
// chosen there; "" for a button.
func (e Event) Element() (ref, choice string) {
	ref, choice, _ = strings.Cut(e.Value, " ")
	return ref, choice
}

// actions is what can be done about an alert; nil where nothing can.
func (w speech) actions(a rules.Alert) slackgo.Block {
	value := a.Source + ":" + a.ID
	if a.Kind.Over() || a.Erased != "" || strings.Contains(value, " ") || len(value) > optionValue/2 {
		return nil
	}
	if a.Kind == rules.Triage {
		if menu := w.priorities(a, value); menu != nil {
			return slackgo.NewActionBlock("", menu)
		}
		return nil
	}
	action, label := TakeAction, "slack.click.take"
	if a.Taker != "" {
		action, label = ReleaseAction, "slack.click.release"
	}
	return slackgo.NewActionBlock("", slackgo.NewButtonBlockElement(action, value, plain(w.Say(label))), w.menu(a, value))
}

// menu is what else there is, five options at most: opening the ticket stands only
// where the team is open, since it is the ticket's own link, too.
func (w speech) menu(a rules.Alert, value string) *slackgo.OverflowBlockElement {
	option := func(choice, label string) *slackgo.OptionBlockObject {
		return slackgo.NewOptionBlockObject(value+" "+choice, plain(w.Say(label)), nil)
	}
	list := []*slackgo.OptionBlockObject{option(WhyChoice, "slack.click.why"), option(ShortChoice, "slack.click.short"), option(LongChoice, "slack.click.long")}
	if !a.OpenNow && !a.OpensAt.IsZero() {
		list = append(list, option(OpeningChoice, "slack.click.opening"))
	} else if target := web(a.URL); target != "" {
		open := option(OpenChoice, "slack.click.open")
		open.URL = target
		list = append(list, open)
	}
	return slackgo.NewOverflowBlockElement(MenuAction, append(list, option(MineChoice, "slack.click.mine"))...)
}

// priorities is the policy's, with their rubrics.
func (w speech) priorities(a rules.Alert, value string) *slackgo.SelectBlockElement {
	var list []*slackgo.OptionBlockObject
	for _, o := range a.Offers[:min(len(a.Offers), mostOffers)] {
		if len(value)+1+len(o.Name) > optionValue {
			continue
		}
		var description *slackgo.TextBlockObject
		if rubric := fitting(o.Rubric.In(w.Tag)); rubric != "" && len(a.Offers) <= mostDescribed {
			description = plain(rubric)
		}
		list = append(list, slackgo.NewOptionBlockObject(value+" "+o.Name, plain(fitting(o.Name)), description))
	}
	if len(list) == 0 {
		return nil
	}
	return slackgo.NewOptionsSelectBlockElement(slackgo.OptTypeStatic, plain(w.Say("slack.click.priority")), ChooseAction, list...)
}

// fitting is a text that an option holds once it is escaped.
func fitting(s string) string {
	for n := optionText; ; n-- {
		if short := shorten(s, n); len([]rune(entities.Replace(short))) <= optionText {
			return short
		}
	}
}
