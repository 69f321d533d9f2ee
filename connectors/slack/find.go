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
// clock, after a Post or List whose outcome is Unknown. channel is an id or "#name".
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
	for pages := newWalk(); ; {
		page, err := c.api().GetConversationHistoryContext(ctx, &ask)
		if err == nil && (!page.Ok || page.Messages == nil) {
			err = errEmpty // slack-go lets {"ok":false} without a reason pass
		}
		if err != nil {
			return "", "", false, fmt.Errorf("look for message in %s: %w", channel, repeatable(err))
		}
		for _, m := range page.Messages {
			// A reply that was broadcast shows up here, but is no card.
			pages.sees(m.Timestamp)
			inThread := m.ThreadTimestamp != "" && m.ThreadTimestamp != m.Timestamp
			if carries(m, key) && !inThread {
				return id, m.Timestamp, true, nil
			}
		}
		if !page.HasMore {
			return id, "", false, nil
		}
		if ask.Cursor = page.ResponseMetaData.NextCursor; ask.Cursor == "" {
			err = errCut
		} else {
			err = pages.next(ask.Cursor)
		}
		if err != nil {
			return "", "", false, fmt.Errorf("look for message in %s: %w", channel, repeatable(err))
		}
	}
}

// FindReply looks for the entry posted under key in the thread of the card
// threadTS, after a Reply whose outcome is Unknown; otherwise as Find. A card
// that was itself posted under the key says what the entry would, and is found. A
// thread that is no more is an *Error with Closed.
func (c *Client) FindReply(ctx context.Context, channelID, threadTS, key string) (ts string, found bool, err error) {
	// From the thread's beginning, so that an answer without even the card in
	// it is known to be none.
	ask := slackgo.GetConversationRepliesParameters{
		ChannelID: channelID, Timestamp: threadTS, Limit: pageSize, IncludeAllMetadata: true,
	}
	for pages := newWalk(); ; {
		messages, more, cursor, err := c.api().GetConversationRepliesContext(ctx, &ask)
		if err == nil && len(messages) == 0 {
			err = errEmpty
		}
		if err != nil {
			return "", false, fmt.Errorf("look for reply in %s: %w", channelID, repeatable(err))
		}
		for _, m := range messages {
			pages.sees(m.Timestamp)
			if carries(m, key) {
				return m.Timestamp, true, nil
			}
		}
		if !more {
			return "", false, nil
		}
		if ask.Cursor = cursor; cursor == "" {
			err = errCut
		} else {
			err = pages.next(cursor)
		}
		if err != nil {
			return "", false, fmt.Errorf("look for reply in %s: %w", channelID, repeatable(err))
		}
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
// post, else looked up among the kinds of channels that the token may list:
// channels:read lets it list public ones, groups:read the private ones that the bot
// is in. An organisation's token lists none without a workspace's id.
func (c *Client) channelID(ctx context.Context, channel string) (string, error) {
	if idShape.MatchString(channel) {
		return channel, nil
	}
	if id := c.learned(channel); id != "" {
		return id, nil
	}
	var lacking []string // scopes
	for _, kind := range []string{"public_channel", "private_channel"} {
		id, err := c.listed(ctx, strings.TrimPrefix(channel, "#"), kind)
		if e := (slackgo.SlackErrorResponse{}); errors.As(err, &e) && e.Err == "missing_scope" {
			lacking = append(lacking, e.Needed)
			continue
		}
		if err != nil {
			return "", err
		}
		if id != "" {
			c.learn(channel, id)
			return id, nil
		}
	}
	switch len(lacking) {
	case 0:
		return "", refused(slackgo.SlackErrorResponse{Err: "channel_not_found"})
	case 1:
		absent := refused(slackgo.SlackErrorResponse{Err: "channel_not_found"})
		remedy := absent.remedy
		absent.advise(func(w speech) string {
			return w.Say("slack.remedy.unlisted", "remedy", remedy(w), "scope", lacking[0])
		})
		return "", absent
	}
	return "", refused(slackgo.SlackErrorResponse{Err: "missing_scope", Needed: strings.Join(lacking, ", ")})
}

// listed is the id of the channel of a kind that has a name; empty if there is none.
func (c *Client) listed(ctx context.Context, name, kind string) (string, error) {
	ask := slackgo.GetConversationsParameters{Types: []string{kind}, Limit: pageSize}
	for pages := newWalk(); ; {
		channels, cursor, err := c.api().GetConversationsContext(ctx, &ask)
		if err == nil && channels == nil {
			err = errEmpty
		}
		if err != nil {
			return "", err
		}
		for _, ch := range channels {
			if ch.Name == name {
				return ch.ID, nil
			}
			pages.sees(ch.ID)
		}
		if cursor == "" {
			return "", nil
		}
		if err := pages.next(cursor); err != nil {
			return "", err
		}
		ask.Cursor = cursor
	}
}
