package zendesk

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/connectors/desk"
	"vigie/rules"
)

// What is said in a ticket stands in its comments, and of conversations (Messaging,
// WhatsApp, Chat) in two events of its audits, ChatStartedEvent and ChatEndedEvent,
// each with a history. A conversation that is still going on isn't in the audits.

// conversations are the channels of tickets that conversations have made
// (developer.zendesk.com/documentation/ticketing/reference-guides/via-types).
var conversations = []string{"chat", "native_messaging", "messaging", "whatsapp", "line", "wechat", "viber", "telegram", "messenger", "facebook_messenger",
	"instagram_dm", "twitter_dm", "apple_business_chat", "google_rcs", "google_business_messages", "kakaotalk", "chat_transcript"}

// conversation says that a ticket came by one. The export of all acts isn't known to
// have conversations, and what is in one grows without an act of its own: such a
// history is read from the ticket's audits each time.
func (w *wireTicket) conversation() bool {
	via := strings.ToLower(string(w.Via.Channel))
	return slices.Contains(conversations, via) || strings.HasPrefix(via, "sunshine_conversations")
}

// chat says that an event has what was said in a conversation.
func (e *wireEvent) chat() bool { return e.Type == "ChatStartedEvent" || e.Type == "ChatEndedEvent" }

// A line is one thing said in a conversation.
type line struct {
	at     time.Time
	author string // an account; "" where nobody's is named
	staff  bool   // said as an agent
	nobody bool   // said by a bot
	text   string
	files  int
}

// chatLines are the lines of a conversation's event, in its order; those whose time can't
// be read have the zero time.
func (e *wireEvent) chatLines() (list []line) {
	if !e.chat() {
		return nil
	}
	var value struct {
		History []struct {
			Type, Timestamp, Message text
			Actor                    text `json:"actor_id"`
			As                       text `json:"actor_type"`
		} `json:"history"`
	}
	_ = decode(e.Value, &value) // absent or odd: nothing was said
	for _, h := range value.History {
		l := line{at: chatTime(h.Timestamp), author: h.Actor.id(), text: strings.TrimSpace(string(h.Message))}
		switch h.Type {
		case "ChatMessage":
		case "ChatFileAttachment":
			l.files = 1
		default:
			continue
		}
		if l.author == system {
			l.author = ""
		}
		l.staff = h.As == "agent" && h.Actor != system
		l.nobody = !l.staff && h.As != "end-user" && h.As != "end_user"
		list = append(list, l)
	}
	return list
}

// chatTime reads a conversation's time, unix milliseconds, and cuts it to the second.
func chatTime(t text) time.Time {
	ms, err := strconv.ParseInt(string(t), 10, 64)
	if at := time.UnixMilli(ms).UTC(); err == nil && ms > 0 && at.Year() <= 9999 {
		return at.Truncate(time.Second)
	}
	at, _ := instant(t)
	return at
}

// spoken is a line with who said it, as Event.By has it.
type spoken struct {
	line
	by string
}

// A talk is what was said in a ticket's conversations, oldest first and each once:
// the second event may repeat the first.
type talk []spoken

// talk collects a ticket's conversations. A line without a time has its audit's.
func (h *historyBuilder) talk(audits []audit) (all talk) {
	type once struct {
		at     int64
		author string
		text   string
	}
	seen := map[once]bool{}
	for _, a := range audits {
		for _, e := range a.events {
			for _, l := range e.chatLines() {
				if l.at.IsZero() {
					l.at = a.at
				}
				key := once{l.at.Unix(), l.author, l.text}
				if seen[key] {
					continue
				}
				seen[key] = true
				by := rules.ByCustomer
				switch account := h.names.by(l.author, ""); {
				case l.nobody, l.author != "" && (account == rules.ByAutomation || account == rules.ByVigie):
					by = rules.ByAutomation
				case l.staff && (l.author == "" || l.author != h.now["requester_id"]):
					by = rules.ByAgent
				}
				all = append(all, spoken{l, by})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b spoken) int { return a.at.Compare(b.at) })
	return all
}

// opening are the conversation's lines up to the ticket's creation.
func (t talk) opening(created time.Time) talk {
	n := 0
	for n < len(t) && !t[n].at.After(created) {
		n++
	}
	return t[:n]
}

// A message is the ticket's first: what was said, as it came, with how many files, by
// whom.
type message struct {
	text  string
	files int
	by    string // as Ticket.OpenedBy has it
}

// firstMessage is the ticket's first comment, which Zendesk calls its description;
// of a conversation what the customer had said by then.
func (h *historyBuilder) firstMessage(w wireTicket, audits []audit, opening talk) (m message) {
	m.text = string(w.Description)
	found := false
	if len(audits) > 0 {
		for _, e := range audits[0].events {
			if !e.comment() {
				continue
			}
			if body := cmp.Or(e.Body, e.PlainBody); body != "" && !found {
				m.text, m.files, found = string(body), int(e.Attachments), true
			}
			if m.by == "" && h.public(e) {
				m.by = h.speaker(audits[0], e, h.by(audits[0], e))
			}
		}
	}
	if i := slices.IndexFunc(opening, func(l spoken) bool { return l.by != rules.ByAutomation }); i >= 0 {
		m.by = opening[i].by
	}
	var words []string
	for _, l := range opening {
		if l.by == rules.ByCustomer {
			words = append(words, l.text)
			m.files += l.files
		}
	}
	if len(words) > 0 {
		m.text = strings.TrimSpace(strings.Join(words, "\n"))
	}
	if m.by == rules.ByCustomer {
		m.by = ""
	}
	return m
}

// public says that the customer sees a comment: it was public and hasn't been made
// private since.
func (h *historyBuilder) public(e wireEvent) bool { return e.Public == "true" && !h.private[e.ID.id()] }

// madePrivate are the comments that are private by an event of a later audit.
func madePrivate(audits []audit) map[string]bool {
	private := map[string]bool{}
	for _, a := range audits {
		for _, e := range a.events {
			if e.Type == "CommentPrivacyChange" && e.CommentID.id() != "" {
				private[e.CommentID.id()] = e.Public != "true"
			}
		}
	}
	return private
}

// speaker is who speaks where somebody writes a comment. The requester's is a
// customer's even where the requester is an agent, as in Zendesk's own reply metrics;
// a merge's notice is nobody's.
func (h *historyBuilder) speaker(a audit, e wireEvent, who string) string {
	author := cmp.Or(e.AuthorID.id(), a.author)
	switch {
	case who == rules.ByVigie, a.merge, e.Via != nil && e.Via.merge():
		return rules.ByAutomation
	case who == rules.ByAgent && author != "" && author == h.now["requester_id"]:
		return rules.ByCustomer
	}
	return who
}

// merge says that something was left behind by a merge of tickets. Which channel such
// has isn't documented, the relation is.
func (v *wireVia) merge() bool { return v.Source.Rel == "merge" || v.Channel == "merge" }

// reply adds a comment, with what a customer wrote in public.
func (h *historyBuilder) reply(a audit, e wireEvent, who string) {
	r := rules.Event{At: a.at, Type: rules.ReplyEvent, By: h.speaker(a, e, who), Public: h.public(e)}
	if r.Public && r.By == rules.ByCustomer {
		r.Text, r.Attachments = desk.OwnWords("", string(cmp.Or(e.Body, e.PlainBody))), int(e.Attachments)
	}
	h.add(r)
}

// converse adds what was said in conversations, but for the customer's words that
// made the ticket.
func (h *historyBuilder) converse(all talk, created time.Time) {
	for i, l := range all {
		r := rules.Event{At: later(l.at, created), Type: rules.ReplyEvent, By: l.by, Public: true}
		if l.by == rules.ByCustomer {
			if i < len(all.opening(created)) {
				continue
			}
			r.Text, r.Attachments = l.text, l.files
		}
		h.add(r)
	}
	if len(all) > 0 {
		slices.SortStableFunc(h.events, func(a, b rules.Event) int { return a.At.Compare(b.At) })
	}
}

// files are a comment's attachments as their number: a list here, a number in what is
// kept. Pictures within the text aren't among them.
type files int

func (f *files) UnmarshalJSON(b []byte) error {
	var list []struct {
		Inline bool `json:"inline"`
	}
	*f = 0
	if n, err := strconv.Atoi(string(b)); err == nil && n >= 0 {
		*f = files(n)
	} else if json.Unmarshal(b, &list) == nil {
		for _, file := range list {
			if !file.Inline {
				*f++
			}
		}
	}
	return nil
}
