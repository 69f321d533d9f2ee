package answer

import (
	"context"
	"strings"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"vigie/connectors/slack"
	"vigie/rules"
	"vigie/rules/words"
)

// A message of Slack's holds this much of an explanation: the sections of a message
// have room for 3,000 characters each, and all of its blocks together for some 13,000,
// escapes included.
const (
	whySection  = 2500 // runes
	whySections = 3
)

// why explains a ticket's dates, with a drawing: each stretch of time is a line.
func (a *Answerer) why(ctx context.Context, l *words.Language, source, id string) (slack.Response, error) {
	row, err := a.Store.Ticket(ctx, source, id)
	if err != nil {
		return slack.Response{}, err
	}
	s := a.Engine.Source(source)
	if row == nil || row.Ticket == nil || s == nil {
		return say(l.Say("answer.unknown", "ticket", source+":"+id)), nil
	}
	x, err := rules.Explain(s.Policies, row.Ticket, a.Now())
	if err != nil {
		return say(l.Say("answer.broken", "ticket", row.Ticket.Ref(), "why", err.Error())), nil
	}
	x.Keep(s.Desk.DueFields())
	return drawn(l.Drawing(&x), a.page(source, id)), nil
}

// drawn is a text of many lines as a message: plain, since words of the ticket are in it,
// cut at the end of a line, with the page that has all of it.
func drawn(text, page string) slack.Response {
	head, _, _ := strings.Cut(text, "\n")
	r := slack.Response{Text: slack.Escape(head)}
	var part strings.Builder
	flush := func() {
		if s := strings.Trim(part.String(), "\n"); s != "" {
			r.Blocks = append(r.Blocks, slackgo.NewSectionBlock(slack.Plain(s), nil, nil))
		}
		part.Reset()
	}
	length := 0
	for line := range strings.Lines(text) {
		n := utf8.RuneCountInString(line)
		if n > whySection {
			line, n = string([]rune(line)[:whySection-2])+"…\n", whySection
		}
		if length+n > whySection {
			flush()
			length = 0
		}
		if len(r.Blocks) == whySections {
			break
		}
		part.WriteString(line)
		length += n
	}
	if len(r.Blocks) == whySections {
		r.Blocks = append(r.Blocks, slackgo.NewSectionBlock(slack.Plain("…"), nil, nil))
	} else {
		flush()
	}
	if page != "" {
		r.Blocks = append(r.Blocks, slackgo.NewContextBlock("", slack.Link(page)))
	}
	return r
}
