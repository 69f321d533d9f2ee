package slack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	postedText  = 40_000 // longer text is cut, in characters
	updatedText = 4_000  // longer text is refused
	blocksJSON  = 13_200 // of all blocks together; undocumented, slackapi/bolt-js#2509
	mostBlocks  = 50
	metadataMax = 8_000
)

// content is what a message says; a nil part wasn't sent.
type content struct {
	text     *string
	blocks   json.RawMessage // empty list: sent, and empty
	metadata json.RawMessage
}

// content checks and reads text, blocks and metadata.
func (c *call) content() (m content, code string) {
	if c.args.Has("text") {
		text := c.args.Get("text")
		m.text = &text
	}
	if c.args.Get("markdown_text") != "" {
		return m, "invalid_arguments" // not here
	}
	if raw := c.args.Get("blocks"); raw != "" {
		var list []json.RawMessage
		if json.Unmarshal([]byte(raw), &list) != nil {
			return m, "invalid_blocks_format"
		}
		if problem := refusedBlocks(list); problem != "" {
			c.detail = object{"errors": []string{problem}, "response_metadata": object{"messages": []string{"[ERROR] " + problem}}}
			return m, "invalid_blocks"
		}
		if len(raw) > blocksJSON {
			return m, "msg_blocks_too_long"
		}
		m.blocks = json.RawMessage(raw)
		if len(list) == 0 {
			m.blocks = json.RawMessage("[]")
		}
	}
	if raw := c.args.Get("metadata"); raw != "" {
		var shape map[string]json.RawMessage
		if json.Unmarshal([]byte(raw), &shape) != nil {
			return m, "invalid_metadata_format"
		}
		var event string
		var payload map[string]any
		if _, workObjects := shape["entities"]; len(shape) > 0 && !workObjects && (json.Unmarshal(shape["event_type"], &event) != nil || event == "" || json.Unmarshal(shape["event_payload"], &payload) != nil || payload == nil) {
			return m, "invalid_metadata_schema"
		}
		if len(raw) > metadataMax {
			return m, "metadata_too_large"
		}
		m.metadata = json.RawMessage(raw)
	}
	return m, ""
}

// refusedBlocks says what is wrong with a message's blocks; nothing if they may be
// posted.
func refusedBlocks(list []json.RawMessage) string {
	if len(list) > mostBlocks {
		return fmt.Sprintf("no more than %d items allowed [json-pointer:/blocks]", mostBlocks)
	}
	for n, raw := range list {
		var b struct{ Type string }
		if json.Unmarshal(raw, &b) != nil || b.Type == "" {
			return fmt.Sprintf("must be a block [json-pointer:/blocks/%d]", n)
		}
	}
	return ""
}

// writable finds the channel that a message may be written to.
func (c *call) writable() (ch *channel, code string) {
	to := c.args.Get("channel")
	ch = c.st.addressed(to)
	switch {
	case ch == nil || ch.hidden(), strings.HasPrefix(to, "#") && c.s.options.OrgWide: // which workspace's?
		return nil, "channel_not_found"
	case ch.Archived:
		return nil, "is_archived"
	case ch.Outside:
		return nil, "not_in_channel"
	}
	return ch, ""
}

// paced says whether the channel takes another message now.
func (c *call) paced(ch *channel) bool {
	if !c.s.options.OnePerSecond {
		return true
	}
	now := c.s.Real()
	if last, ok := c.st.posted[ch.ID]; ok && now.Sub(last) < time.Second {
		c.status = http.StatusTooManyRequests
		c.header.Set("Retry-After", "1")
		return false
	}
	if c.st.posted == nil {
		c.st.posted = map[string]time.Time{}
	}
	c.st.posted[ch.ID] = now
	return true
}

func postMessage(c *call) (object, string) {
	ch, code := c.writable()
	if code != "" {
		return nil, code
	}
	m, code := c.composed(ch)
	if code != "" {
		return nil, code
	}
	if !c.paced(ch) {
		return nil, "ratelimited"
	}
	c.s.post(ch, m)
	return object{"channel": ch.ID, "ts": m.TS, "message": ch.shownMessage(m, true)}, ""
}

// composed is the message that a call posts. A reply must name a message that
// is no reply itself; Slack would post it to the channel instead.
func (c *call) composed(ch *channel) (*Message, string) {
	sent, code := c.content()
	if code != "" {
		return nil, code
	}
	m := &Message{User: botUser, ThreadTS: c.args.Get("thread_ts"), Broadcast: c.is("reply_broadcast"), Metadata: sent.metadata}
	if sent.text != nil {
		m.Text = cutRunes(*sent.text, postedText)
	}
	if string(sent.blocks) != "[]" {
		m.Blocks = sent.blocks
	}
	if string(m.Metadata) == "{}" {
		m.Metadata = nil
	}
	if m.Text == "" && m.Blocks == nil {
		return nil, "no_text"
	}
	if m.ThreadTS != "" {
		if code := c.closedThread(); code != "" {
			return nil, code
		}
		parent := ch.message(m.ThreadTS)
		if parent == nil {
			return nil, "thread_not_found"
		}
		if parent.ThreadTS != "" {
			return nil, "cannot_reply_to_message"
		}
	}
	return m, ""
}

func postEphemeral(c *call) (object, string) {
	ch, code := c.writable()
	if code != "" {
		return nil, code
	}
	if u := c.st.user(c.args.Get("user")); u == nil || u.Deleted || !ch.has(u.ID) {
		return nil, "user_not_in_channel"
	}
	m, code := c.composed(ch)
	if code != "" {
		return nil, code
	}
	if !c.paced(ch) {
		return nil, "ratelimited"
	}
	m.Only = c.args.Get("user")
	return object{"message_ts": c.s.post(ch, m).TS}, ""
}

// updateMessage edits a message of the bot: text without blocks takes the
// blocks away, blocks without text leave the text, and metadata stays unless
// it is sent.
func updateMessage(c *call) (object, string) {
	ch, code := c.named() // a user's id won't do
	if code != "" {
		return nil, code
	}
	if ch.Archived {
		return nil, "is_inactive"
	}
	m := ch.message(c.args.Get("ts"))
	if m == nil {
		return nil, "message_not_found"
	}
	if m.User != botUser {
		return nil, "cant_update_message"
	}
	sent, code := c.content()
	if code != "" {
		return nil, code
	}
	if sent.text != nil && utf8.RuneCountInString(*sent.text) > updatedText {
		return nil, "msg_too_long"
	}
	text, blocks := m.Text, m.Blocks
	if sent.text != nil {
		text, blocks = *sent.text, nil
	}
	switch string(sent.blocks) {
	case "":
	case "[]":
		blocks = nil
	default:
		blocks = sent.blocks
	}
	if text == "" && blocks == nil || sent.text == nil && sent.blocks == nil && sent.metadata == nil {
		return nil, "no_text"
	}
	m.Text, m.Blocks = text, blocks
	switch string(sent.metadata) {
	case "":
	case "{}":
		m.Metadata = nil
	default:
		m.Metadata = sent.metadata
	}
	m.Edits, m.EditedTS = m.Edits+1, c.s.nextTS()
	c.s.Changed()
	return object{"channel": ch.ID, "ts": m.TS, "text": m.Text, "message": ch.shownMessage(m, true)}, ""
}

// deleteMessage deletes a message of the bot. Replies in its thread stay.
func deleteMessage(c *call) (object, string) {
	ch, code := c.named()
	if code != "" {
		return nil, code
	}
	m := ch.message(c.args.Get("ts"))
	switch {
	case m == nil:
		return nil, "message_not_found"
	case m.User != botUser:
		return nil, "cant_delete_message"
	}
	ch.Messages = slices.DeleteFunc(ch.Messages, func(o *Message) bool { return o == m })
	c.s.Changed()
	return object{"channel": ch.ID, "ts": m.TS}, ""
}

// cutRunes shortens a text to n characters.
func cutRunes(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
