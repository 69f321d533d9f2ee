package slack

import (
	"cmp"
	"context"
	"fmt"

	slackgo "github.com/slack-go/slack"

	"vigie/rules"
)

// EraseThread has every entry of ours in the thread of the card ts say no more than
// that the alert's ticket was erased. It may be repeated: entries that say so are
// left alone. An error is an *Error, as Edit's.
func (c *Client) EraseThread(ctx context.Context, channelID, ts string, a rules.Alert) error {
	w := in(cmp.Or(a.Speak, c.Language))
	text := Escape(ref(a)) + " – " + Escape(w.subject(a))
	blocks := []slackgo.Block{slackgo.NewContextBlock("", markup(link(a.URL, ref(a))), plain(w.subject(a)))}
	entries, err := c.thread(ctx, channelID, ts)
	if err != nil {
		return fmt.Errorf("read thread in %s: %w", channelID, repeatable(err))
	}
	for _, m := range entries {
		if m.Timestamp == ts || m.Metadata.EventType != eventType || m.Text == text {
			continue
		}
		if err := c.update(ctx, channelID, m.Timestamp, text, blocks); err != nil && OutcomeOf(err) != Gone {
			return err
		}
	}
	return nil
}

// thread is all that is in the thread of the card threadTS, the card too.
func (c *Client) thread(ctx context.Context, channelID, threadTS string) (all []slackgo.Message, err error) {
	ask := slackgo.GetConversationRepliesParameters{
		ChannelID: channelID, Timestamp: threadTS, Limit: pageSize, IncludeAllMetadata: true,
	}
	for {
		messages, more, cursor, err := c.api().GetConversationRepliesContext(ctx, &ask)
		if err == nil && len(messages) == 0 {
			err = errEmpty // without even the card
		}
		if err == nil && more && cursor == "" {
			err = errCut
		}
		if err != nil {
			return nil, err
		}
		if all = append(all, messages...); !more {
			return all, nil
		}
		ask.Cursor = cursor
	}
}
