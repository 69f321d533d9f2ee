package words

import (
	"cmp"
	"strings"
	"time"

	"vigie/rules"
)

// Headline is what a piece of news says in one line, without line breaks whatever the
// ticket has.
func (l *Language) Headline(n *rules.News) string {
	switch n.Kind {
	case rules.Acknowledged:
		return l.Say("news.acknowledged", "ticket", ticketOf(&n.Alert), "who", flat(n.Alert.Taker))
	case rules.Resolved:
		return l.Say("news.resolved", "ticket", ticketOf(&n.Alert))
	case rules.ChatAway:
		return l.Say("news.chat_away", "since", l.Moment(n.Since))
	case rules.ChatBack:
		return l.Say("news.chat_back")
	}
	return l.alarm(&n.Alert)
}

// alarm is an alarm in one line.
func (l *Language) alarm(a *rules.Alert) string {
	return l.Say("news.alarm."+string(a.Kind), "ticket", ticketOf(a), "metric", l.Metric(a.Metric), "due", l.moment(a.Due), "mark", flat(a.Mark))
}

// Details are what a mail says under the headline: what is known of the ticket, or
// what waits, in lines.
func (l *Language) Details(n *rules.News) string {
	var lines []string
	add := func(id, name, value string) {
		if value != "" {
			lines = append(lines, l.Say(id, name, value))
		}
	}
	switch n.Kind {
	case rules.ChatAway:
		for i := range n.Waiting {
			lines = append(lines, strings.TrimSpace("- "+l.alarm(&n.Waiting[i])+" "+n.Waiting[i].URL))
		}
		if n.More > 0 {
			lines = append(lines, l.Say("news.more", "n", n.More))
		}
		return strings.Join(append(lines, "", l.Say("news.later")), "\n")
	case rules.ChatBack:
		return l.Say("news.were_told", "since", l.Moment(n.Since))
	}
	a := &n.Alert
	lines = append(lines, cmp.Or(flat(a.Subject), l.Say("slack.no_subject")))
	add("slack.due", "at", l.moment(a.Due))
	add("slack.priority", "priority", flat(a.Priority))
	add("slack.organization", "organization", flat(a.Organization))
	add("slack.team", "team", flat(a.Group))
	add("slack.assignee", "assignee", flat(a.Assignee))
	add("slack.clause", "clause", flat(a.Clause))
	if a.URL != "" {
		lines = append(lines, a.URL)
	}
	return strings.Join(append(lines, "", l.Say("news.ends")), "\n")
}

// moment is an instant, empty where there is none.
func (l *Language) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return l.Moment(t)
}

func ticketOf(a *rules.Alert) string { return flat(a.Source + ":" + a.ID) }

// flatLength bounds a text of the ticket's.
const flatLength = 200

// flat is a text on one line, without what could end a line or a header, and bounded.
func flat(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return r == ' ' || r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029'
	}), " ")
	if runes := []rune(text); len(runes) > flatLength {
		text = string(runes[:flatLength]) + "…"
	}
	return text
}
