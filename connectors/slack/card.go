package slack

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"vigie/rules"
)

// How much of a ticket's text a card shows, in runes. Slack's own limits are
// wider for each text (section 3,000, field 2,000), but a whole message is
// refused from about 13,000 characters of block JSON on (slackapi/bolt-js#2509),
// and an escaped & takes ten of them.
const (
	subjectLength = 250
	nameLength    = 60
	headlineName  = 24
	lineSubject   = 80
)

// How much a notice holds: sections of this many runes, within the same total.
const (
	sectionLength = 2000
	sections      = 3
)

// Render is the alert's card in a language, by its tag: the text for
// notifications and screen readers, and the blocks. The card holds:
//
//   - the headline: which promise, and how it stands
//   - the ticket's subject
//   - its link, the due date in each reader's zone, the way to why, and why the date
//     moved
//   - who has taken it, and until when nobody is called
//   - priority, target, clause, organisation, team, assignee
//   - when all this was so
//   - what can be done about it, as long as there is something (elements.go)
//
// board is where tickets' pages are, without a slash at its end; "" for nowhere.
func Render(a rules.Alert, lang, board string) (text string, blocks []slackgo.Block) {
	w := in(lang)
	blocks = []slackgo.Block{
		slackgo.NewHeaderBlock(plain(w.headline(a))),
		slackgo.NewSectionBlock(plain(w.subject(a)), nil, nil),
		slackgo.NewSectionBlock(markup(w.place(a, board)), nil, nil),
		slackgo.NewSectionBlock(nil, w.facts(a), nil),
	}
	if held := w.held(a); len(held) > 0 {
		blocks = append(blocks, slackgo.NewContextBlock("", held...))
	}
	if !a.At.IsZero() {
		blocks = append(blocks, slackgo.NewContextBlock("", markup(w.Say("slack.as_of", "at", w.moment(a.At, time.Minute)))))
	}
	if actions := w.actions(a); actions != nil {
		blocks = append(blocks, actions)
	}
	return w.notification(a), blocks
}

// renderReply is an entry in the card's thread. It names the ticket again, since
// it may be shown in the channel, far from its card.
func renderReply(a rules.Alert, lang string) (text string, blocks []slackgo.Block) {
	w := in(lang)
	return w.notification(a), []slackgo.Block{
		slackgo.NewSectionBlock(plain(w.headline(a)), nil, nil),
		slackgo.NewContextBlock("", markup(w.place(a, "")), plain(w.subject(a))),
	}
}

// renderList is a sentence of ours, a line for each alert, and when all this was so.
func renderList(head string, alerts []rules.Alert, lang string) (fallback string, blocks []slackgo.Block) {
	w := in(lang)
	lines := []string{head}
	var at time.Time
	for _, a := range alerts {
		lines = append(lines, w.line(a))
		if a.At.After(at) {
			at = a.At
		}
	}
	parts := pieces(strings.Join(lines, "\n"), sectionLength, sections)
	for _, part := range parts {
		blocks = append(blocks, slackgo.NewSectionBlock(markup(part), nil, nil))
	}
	if len(parts) == 0 {
		return "", nil
	}
	if !at.IsZero() {
		blocks = append(blocks, slackgo.NewContextBlock("", markup(w.Say("slack.as_of", "at", w.moment(at, time.Minute)))))
	}
	return parts[0], blocks
}

// line is an alert in a list: the headline, the ticket, and when it is due, as long as
// there is something to do.
func (w speech) line(a rules.Alert) string {
	line := "• " + Escape(w.headline(a)) + " – " + link(a.URL, ref(a)) + " " + Escape(shorten(w.subject(a), lineSubject))
	if !a.Due.IsZero() && !a.Kind.Over() {
		line += " – " + w.due(a, w.moment(a.Due, unit(a)))
	}
	return line
}

// notification is the card in one line, for where blocks aren't shown. Dates are
// in the calendar's zone there, named, as nothing else translates them.
func (w speech) notification(a rules.Alert) string {
	parts := []string{Escape(w.headline(a)), Escape(ref(a)), Escape(w.subject(a))}
	if !a.Due.IsZero() {
		parts = append(parts, w.due(a, Escape(w.local(a.Due, unit(a)))))
	}
	return strings.Join(parts, " – ")
}

func (w speech) subject(a rules.Alert) string {
	if a.Erased != "" {
		return w.Say("slack.erased." + string(a.Erased))
	}
	if s := shorten(a.Subject, subjectLength); s != "" {
		return s
	}
	return w.Say("slack.no_subject")
}

// place says where the ticket is, when it is due, and why then and not when it was.
func (w speech) place(a rules.Alert, board string) string {
	line := link(a.URL, ref(a))
	if !a.Due.IsZero() {
		line += " · " + w.due(a, w.moment(a.Due, unit(a)))
	}
	if a.Issue != "" {
		line += " · " + link(a.IssueURL, name(a.Issue))
	}
	if board != "" {
		line += " · " + link(board+"/tickets/"+url.PathEscape(a.Source)+"/"+url.PathEscape(a.ID), w.Say("slack.why"))
	}
	if why := cmp.Or(w.reason(a), Escape(shorten(a.Note.In(w.Tag), subjectLength))); why != "" {
		line += "\n" + why
	}
	return line
}

// held says who has taken the ticket, and until when nobody is called.
func (w speech) held(a rules.Alert) []slackgo.MixedElement {
	if a.Kind.Over() || a.Erased != "" {
		return nil
	}
	var list []slackgo.MixedElement
	if a.Taker != "" {
		list = append(list, plain(w.Say("slack.held", "who", name(a.Taker), "since", w.local(a.TakenAt.In(a.At.Location()), time.Minute))))
		if a.TakerUnknown {
			list = append(list, plain(w.Say("slack.stranger", "source", name(a.Source))))
		}
	}
	if !a.Snoozed.IsZero() {
		list = append(list, plain(w.Say("slack.snoozed", "until", w.local(a.Snoozed.In(a.At.Location()), time.Minute))))
	}
	return list
}

// facts are the card's fields. What isn't known is left out, but for the
// assignee: that there is none is worth knowing.
func (w speech) facts(a rules.Alert) []*slackgo.TextBlockObject {
	fields := []*slackgo.TextBlockObject{plain(w.Say("slack.priority", "priority", w.origin(a)))}
	add := func(text string, known bool) {
		if known {
			fields = append(fields, plain(text))
		}
	}
	add(w.Say("slack.target", "metric", cmp.Or(w.Metric(a.Metric), w.Say("slack.promise")), "target", w.span(a.Target, a.Business, unit(a)), "used", w.span(a.Used, false, unit(a))), a.Target > 0)
	if policy := name(a.Policy.In(w.Tag)); a.Clause == "" {
		add(policy, policy != "") // its title says what it is
	} else {
		add(w.Say("slack.clause", "clause", commas(name(a.Clause), policy)), true)
	}
	add(w.Say("slack.organization", "organization", name(a.Organization)), name(a.Organization) != "")
	add(w.Say("slack.team", "team", w.crew(a)), w.crew(a) != "")
	add(w.Say("slack.assignee", "assignee", cmp.Or(name(a.Assignee), w.Say("slack.nobody"))), a.Erased == "")
	return fields
}

// commas joins what there is.
func commas(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// name is a name from elsewhere at the length that a card has room for.
func name(s string) string { return shorten(s, nameLength) }

// ref names the ticket the way people and commands do.
func ref(a rules.Alert) string { return name(a.Source + ":" + a.ID) }

// moment is an instant that Slack shows in each reader's own zone, and in the
// instant's where it can't; to the minute, or to the second where that is the unit.
func (w speech) moment(t time.Time, unit time.Duration) string {
	clock := "{time}"
	if unit == time.Second {
		clock = "{time_secs}"
	}
	return fmt.Sprintf("<!date^%d^{date_short_pretty} %s|%s>", t.Unix(), clock, strings.ReplaceAll(Escape(w.local(t, unit)), "|", "¦"))
}

// plain is text that Slack takes as it is: no formatting, mentions, links or
// :emoji: names. The escaping is for the clients that look anyway.
func plain(s string) *slackgo.TextBlockObject {
	return slackgo.NewTextBlockObject(slackgo.PlainTextType, entities.Replace(s), false, false)
}

// markup is mrkdwn of ours: fixed words, dates and links, nothing of a ticket but
// its escaped id. Verbatim keeps Slack from making links of its own.
func markup(s string) *slackgo.TextBlockObject {
	return slackgo.NewTextBlockObject(slackgo.MarkdownType, s, false, true)
}
