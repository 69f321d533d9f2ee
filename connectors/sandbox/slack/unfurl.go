package slack

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var links = regexp.MustCompile(`https?://[^\s<>|]+`)

// Paste has a person post a text with links, and returns the message's ts. The app is
// told of those whose domain it has registered.
func (s *Workspace) Paste(who, ref, text string) (ts string, err error) {
	var d *delivery
	err = s.by(who, ref, func(u *user, ch *channel) error {
		if !ch.has(u.ID) || ch.Archived {
			return fmt.Errorf("%s can't write there", u.Name)
		}
		m := &Message{User: u.ID, Text: links.ReplaceAllString(text, "<$0>")}
		shared := []object{}
		for _, link := range links.FindAllString(text, -1) {
			if domain := s.registered(link); domain != "" && !slices.Contains(m.Links, link) {
				m.Links = append(m.Links, link)
				shared = append(shared, object{"domain": domain, "url": link})
			}
		}
		ts = s.post(ch, m).TS
		if len(shared) > 0 && !ch.hidden() {
			d = s.event("link_shared", object{"user": u.ID, "channel": ch.ID, "message_ts": ts, "is_bot_user_member": !ch.Outside,
				"unfurl_id": ch.unfurlID(m), "source": "conversations_history", "links": shared}, reply{Channel: ch.ID, Message: ts})
		}
		return nil
	})
	if err == nil {
		_ = s.hand(d) // people aren't told whether the app was
	}
	return ts, err
}

// registered is the domain of a link that the app has registered for; empty if none.
func (s *Workspace) registered(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	for _, d := range s.options.Domains {
		if u.Hostname() == d || strings.HasSuffix(u.Hostname(), "."+d) {
			return d
		}
	}
	return ""
}

func (ch *channel) unfurlID(m *Message) string { return ch.ID + "." + m.TS + ".sandbox" }

// shared notes, as the app is told of a message's links, that it may unfurl them. The
// lock is held.
func (s *Workspace) shared(d *delivery) {
	if ch := s.state.channel(d.Reply.Channel); ch != nil {
		if m := ch.message(d.Reply.Message); m != nil {
			m.Told = true
		}
	}
}

// unfurlLinks shows what links lead to, under the message that has them: each only if
// the app was told of it. A second call changes what the first one showed.
func unfurlLinks(c *call) (object, string) {
	_, m, code := c.pasted()
	if code != "" {
		return nil, code
	}
	raw, metadata := c.args.Get("unfurls"), c.args.Get("metadata")
	if raw == "" && metadata == "" {
		return nil, "missing_unfurls"
	}
	var unfurls map[string]json.RawMessage
	if raw != "" && json.Unmarshal([]byte(raw), &unfurls) != nil {
		return nil, "invalid_unfurls_format"
	}
	var work struct {
		Entities []struct {
			URL string `json:"app_unfurl_url"`
		}
	}
	if metadata != "" && json.Unmarshal([]byte(metadata), &work) != nil {
		return nil, "invalid_metadata_format"
	}
	var about []string
	for link, content := range unfurls {
		var attachment struct{ Blocks []json.RawMessage }
		if json.Unmarshal(content, &attachment) != nil || refusedBlocks(attachment.Blocks) != "" {
			return nil, "cannot_parse_attachment"
		}
		about = append(about, link)
	}
	for _, e := range work.Entities {
		about = append(about, e.URL)
	}
	for _, link := range about {
		switch {
		case !strings.Contains(m.Text, "<"+link+">"):
			return nil, "cannot_unfurl_message"
		case !m.Told || !slices.Contains(m.Links, link):
			return nil, "cannot_unfurl_url"
		}
	}
	shown := map[string]json.RawMessage{} // made anew: the old one may have been given away
	for link, content := range m.Unfurls {
		shown[link] = content
	}
	for link, content := range unfurls {
		shown[link] = content
	}
	m.Unfurls = shown
	if metadata != "" {
		m.Metadata = json.RawMessage(metadata)
	}
	c.s.Changed()
	return object{}, ""
}

// pasted is the message that chat.unfurl is about.
func (c *call) pasted() (*channel, *Message, string) {
	id, ts, byID := c.args.Get("channel"), c.args.Get("ts"), c.args.Get("unfurl_id")
	switch {
	case byID != "" && c.args.Get("source") != "conversations_history":
		return nil, nil, "invalid_arguments" // nobody's draft is here
	case byID != "":
	case id == "":
		return nil, nil, "missing_channel"
	case ts == "":
		return nil, nil, "missing_ts"
	}
	for _, ch := range c.st.Channels {
		if ch.hidden() || byID == "" && ch.ID != id {
			continue
		}
		for _, m := range ch.Messages {
			if m.Only == "" && (byID != "" && ch.unfurlID(m) == byID || byID == "" && m.TS == ts) {
				return ch, m, ""
			}
		}
		if byID == "" {
			return nil, nil, "cannot_find_message"
		}
	}
	if byID != "" {
		return nil, nil, "cannot_find_message"
	}
	return nil, nil, "cannot_find_channel"
}
