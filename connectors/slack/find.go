package slack

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"
)

const (
	pageSize = 200
	// skew is how far our clock may run ahead of Slack's, whose time a ts is.
	// Keys are unique, so looking further back finds nothing wrong.
	skew = 5 * time.Minute
)

var errCut = errors.New("slack's list ends in the middle")

// Find looks for the message posted under key since an instant of Slack's
// clock, after a Post or Say whose outcome is Unknown. channel is an id or "#name".
// found is false only when Slack showed everything there is since then. An
// error is an *Error, never Unknown.
func (c *Client) Find(ctx context.Context, channel, key string, since time.Time) (channelID, ts string, found bool, err error) {
	id, err := c.channelID(ctx, channel)
	if err != nil {
		return "", "", false, fmt.Errorf("find channel %s: %w", channel, repeatable(err))
	}
	ask := slackgo.GetConversationHistoryParameters{
		ChannelID: id, Oldest: stamp(since.Add(-skew)), Inclusive: true, Limit: pageSize, IncludeAllMetadata: true,
	}
	for {
		page, err := c.api().GetConversationHistoryContext(ctx, &ask)
		if err == nil && !page.Ok {
			err = errEmpty // slack-go lets {"ok":false} without a reason pass
		}
		if err != nil {
			return "", "", false, fmt.Errorf("look for message in %s: %w", channel, repeatable(err))
		}
		for _, m := range page.Messages {
			// A reply that was broadcast shows up here, but is no card.
			inThread := m.ThreadTimestamp != "" && m.ThreadTimestamp != m.Timestamp
			if carries(m, key) && !inThread {
				return id, m.Timestamp, true, nil
			}
		}
		if !page.HasMore {
			return id, "", false, nil
		}
		if page.ResponseMetaData.NextCursor == "" {
			return "", "", false, fmt.Errorf("look for message in %s: %w", channel, repeatable(errCut))
		}
		ask.Cursor = page.ResponseMetaData.NextCursor
	}
}

// FindReply looks for the entry posted under key in the thread of the card
// threadTS, after a Reply whose outcome is Unknown; otherwise as Find. A thread
// that is no more is an *Error with Gone.
func (c *Client) FindReply(ctx context.Context, channelID, threadTS, key string) (ts string, found bool, err error) {
	// From the thread's beginning, so that an answer without even the card in
	// it is known to be none.
	ask := slackgo.GetConversationRepliesParameters{
		ChannelID: channelID, Timestamp: threadTS, Limit: pageSize, IncludeAllMetadata: true,
	}
	for {
		messages, more, cursor, err := c.api().GetConversationRepliesContext(ctx, &ask)
		if err == nil && len(messages) == 0 {
			err = errEmpty
		}
		if err == nil && more && cursor == "" {
			err = errCut
		}
		if err != nil {
			return "", false, fmt.Errorf("look for reply in %s: %w", channelID, repeatable(err))
		}
		for _, m := range messages {
			if carries(m, key) && m.Timestamp != threadTS {
				return m.Timestamp, true, nil
			}
		}
		if !more {
			return "", false, nil
		}
		ask.Cursor = cursor
	}
}

// carries says that the message was posted under the key; none was under "".
func carries(m slackgo.Message, key string) bool {
	return key != "" && m.Metadata.EventType == eventType && m.Metadata.EventPayload["key"] == key
}

// stamp is an instant as Slack writes it.
func stamp(t time.Time) string {
	return strconv.FormatInt(t.Unix(), 10) + ".000000"
}

// idShape is a channel as Slack's reading methods want it; only chat.postMessage knows names.
var idShape = regexp.MustCompile(`^[CDG][A-Z0-9]+$`)

// channelID is the id of a channel given by id or name: known from an earlier
// post, else looked up, which takes the scope channels:read, and groups:read
// for a private channel.
func (c *Client) channelID(ctx context.Context, channel string) (string, error) {
	if idShape.MatchString(channel) {
		return channel, nil
	}
	if id := c.learned(channel); id != "" {
		return id, nil
	}
	name := strings.TrimPrefix(channel, "#")
	for _, kind := range []string{"public_channel", "private_channel"} {
		ask := slackgo.GetConversationsParameters{Types: []string{kind}, Limit: pageSize, ExcludeArchived: true}
		for {
			channels, cursor, err := c.api().GetConversationsContext(ctx, &ask)
			if err != nil {
				return "", err
			}
			for _, ch := range channels {
				if ch.Name == name {
					c.learn(channel, ch.ID)
					return ch.ID, nil
				}
			}
			if cursor == "" {
				break
			}
			ask.Cursor = cursor
		}
	}
	return "", refused(slackgo.SlackErrorResponse{Err: "channel_not_found"})
}
