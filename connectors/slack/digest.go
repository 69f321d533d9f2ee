package slack

import (
	"cmp"
	"context"
	"time"

	slackgo "github.com/slack-go/slack"

	"vigie/rules"
)

// TakeOverAction is the action_id of the button by which a list is taken over; its value
// is the list's key.
const TakeOverAction = "take_over"

// PostRoundup posts a list of tickets, under its key. An error is an *Error.
//
// It has a line for each ticket. slack-go can build a data table, which people can sort;
// the schema that messages are held against doesn't know that block.
func (c *Client) PostRoundup(ctx context.Context, channel string, r rules.Roundup) (channelID, ts string, err error) {
	text, blocks := renderRoundup(r, cmp.Or(r.Language, c.Language))
	return c.post(ctx, channel, message{key: r.Key, text: text, blocks: blocks})
}

// EditRoundup brings such a list up to date. Nobody is notified. An error is an *Error,
// as Edit's.
func (c *Client) EditRoundup(ctx context.Context, channelID, ts string, r rules.Roundup) error {
	text, blocks := renderRoundup(r, cmp.Or(r.Language, c.Language))
	return c.update(ctx, channelID, ts, text, blocks)
}

// renderRoundup is the head, a line for each ticket, and who has taken the list over, or
// the button by which somebody does.
func renderRoundup(r rules.Roundup, lang string) (text string, blocks []slackgo.Block) {
	w := in(lang)
	lines := r.Head
	var at time.Time
	for _, a := range r.Alerts {
		lines += "\n• " + w.handed(a)
		if a.At.After(at) {
			at = a.At
		}
	}
	for _, part := range pieces(lines, sectionLength, sections) {
		blocks = append(blocks, slackgo.NewSectionBlock(markup(part), nil, nil))
	}
	switch {
	case r.Taker != "":
		blocks = append(blocks, slackgo.NewContextBlock("", markup(w.Say("roundup.taken", "who", Escape(name(r.Taker)), "at", w.moment(r.TakenAt, time.Minute)))))
	case r.Handover && r.Key != "":
		blocks = append(blocks, slackgo.NewActionBlock("", slackgo.NewButtonBlockElement(TakeOverAction, r.Key, plain(w.Say("roundup.take")))))
	}
	return Escape(r.Head), append(blocks, w.asOf(at)...)
}

// handed is a ticket in such a list: as in any other, and since when it waits, or what
// has become of it.
func (w speech) handed(a rules.Alert) string {
	line := w.task(a)
	if !a.Started.IsZero() && !a.Kind.Over() {
		line += " – " + w.Say("roundup.waiting", "at", w.moment(a.Started, time.Minute))
	}
	return line
}
