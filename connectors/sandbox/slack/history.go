package slack

import (
	"slices"
	"strings"

	"vigie/connectors/sandbox/stage"
)

// channelHistory is the channel's messages, newest first, without replies
// unless they were broadcast.
func channelHistory(c *call) (object, string) {
	ch, code := c.readable()
	if code != "" {
		return nil, code
	}
	list := slices.DeleteFunc(slices.Clone(ch.Messages), func(m *Message) bool {
		return m.Only != "" || m.ThreadTS != "" && !m.Broadcast
	})
	slices.Reverse(list)
	return c.page(ch, list, nil)
}

// threadReplies is a thread, oldest first; each page begins with the parent.
func threadReplies(c *call) (object, string) {
	ch, code := c.readable()
	if code != "" {
		return nil, code
	}
	parent := ch.message(c.args.Get("ts"))
	if parent == nil {
		return nil, "thread_not_found"
	}
	list := slices.DeleteFunc(slices.Clone(ch.Messages), func(m *Message) bool {
		return m.Only != "" || m.ThreadTS != parent.TS
	})
	return c.page(ch, list, parent)
}

func (c *call) readable() (*channel, string) {
	ch, code := c.named()
	if code == "" {
		code = c.may(ch.kind() + ":history")
	}
	if code == "" && ch.Outside {
		code = "not_in_channel"
	}
	return ch, code
}

// page answers with the messages between oldest and latest, limit of them; a
// cursor is the last ts shown.
func (c *call) page(ch *channel, list []*Message, parent *Message) (object, string) {
	limit, code := c.limit(100, 999)
	if code != "" {
		return nil, code
	}
	oldest, latest, inclusive := tsKey(c.args.Get("oldest")), tsKey(c.args.Get("latest")), c.is("inclusive")
	if c.args.Get("oldest") != "" && oldest == "" {
		return nil, "invalid_ts_oldest"
	}
	if c.args.Get("latest") != "" && latest == "" {
		return nil, "invalid_ts_latest"
	}
	list = slices.DeleteFunc(list, func(m *Message) bool {
		ts := tsKey(m.TS)
		return oldest != "" && (ts < oldest || ts == oldest && !inclusive) || latest != "" && (ts > latest || ts == latest && !inclusive)
	})
	if cursor := c.cursor(); cursor != "" {
		after, ok := stage.ReadToken[string](cursor)
		if !ok {
			return nil, "invalid_cursor"
		}
		n := slices.IndexFunc(list, func(m *Message) bool { return m.TS == after })
		if n < 0 {
			return nil, "invalid_cursor" // deleted meanwhile
		}
		list = list[n+1:]
	}
	more := len(list) > limit
	list = list[:min(limit, len(list))]
	answer := object{"has_more": more}
	if more {
		answer["response_metadata"] = object{"next_cursor": stage.WriteToken(list[len(list)-1].TS)}
	}
	if parent != nil {
		list = slices.Insert(list, 0, parent)
	}
	messages := []object{}
	for _, m := range list {
		messages = append(messages, ch.shownMessage(m, c.is("include_all_metadata")))
	}
	answer["messages"] = messages
	c.endless(answer)
	return answer, ""
}

// tsKey is a ts, or an instant in seconds, in a form that sorts; empty if it is
// neither.
func tsKey(ts string) string {
	seconds, fraction, _ := strings.Cut(ts, ".")
	if seconds == "" || len(seconds) > 10 || len(fraction) > 6 || strings.Trim(seconds+fraction, "0123456789") != "" {
		return ""
	}
	return strings.Repeat("0", 10-len(seconds)) + seconds + fraction + strings.Repeat("0", 6-len(fraction))
}

func getPermalink(c *call) (object, string) {
	ch, code := c.named()
	if code != "" {
		return nil, code
	}
	m := ch.message(c.args.Get("message_ts"))
	if m == nil {
		return nil, "message_not_found"
	}
	return object{"channel": ch.ID, "permalink": ch.permalink(m)}, ""
}

func (ch *channel) permalink(m *Message) string {
	return host + "archives/" + ch.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
}

// shownMessage is a message as the API gives it back.
func (ch *channel) shownMessage(m *Message, metadata bool) object {
	o := object{"type": "message", "user": m.User, "ts": m.TS, "text": m.Text, "team": team}
	if m.User == botUser {
		o["bot_id"], o["app_id"] = botID, app
	}
	if m.Blocks != nil {
		o["blocks"] = m.Blocks
	}
	if m.Metadata != nil && metadata {
		o["metadata"] = m.Metadata
	}
	if m.Edits > 0 {
		o["edited"] = object{"user": m.User, "ts": m.EditedTS}
	}
	if len(m.Reactions) > 0 {
		o["reactions"] = m.shownReactions()
	}
	if m.ThreadTS != "" {
		o["thread_ts"] = m.ThreadTS
		if m.Broadcast {
			o["subtype"] = "thread_broadcast"
		}
		return o
	}
	replies, last := 0, ""
	for _, r := range ch.Messages {
		if r.ThreadTS == m.TS && r.Only == "" {
			replies, last = replies+1, r.TS
		}
	}
	if replies > 0 {
		o["thread_ts"], o["reply_count"], o["latest_reply"] = m.TS, replies, last
	}
	return o
}
