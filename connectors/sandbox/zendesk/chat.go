package zendesk

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"vigie/connectors/sandbox/stage"
)

// A conversation stands in two events of a ticket's audits, and not in comments:
// ChatStartedEvent and ChatEndedEvent, each with a history of who said what when, in
// unix milliseconds (the API description's Redact Chat Comment has the form). While
// it is under way there is nothing of it.

// ChatMessage is one thing said in a conversation.
type ChatMessage struct {
	At   time.Time
	By   string // an e-mail address; a name without one is Zendesk's bot
	Text string
}

type chatValue struct {
	VisitorID string      `json:"visitor_id"`
	ChatID    string      `json:"chat_id"`
	History   []chatEntry `json:"history"`
}

type chatEntry struct {
	Index     int    `json:"chat_index"`
	Type      string `json:"type"` // ChatJoin, ChatMessage, ChatLeave
	Timestamp int64  `json:"timestamp"`
	ActorType string `json:"actor_type"` // end-user, agent, system
	ActorID   int64  `json:"actor_id"`
	ActorName string `json:"actor_name"`
	Message   string `json:"message,omitempty"`
}

// StartChat notes a conversation in the ticket, as far as it has come, at now.
func (d *Desk) StartChat(id int64, said ...ChatMessage) error {
	return d.chat(id, "ChatStartedEvent", said)
}

// EndChat notes what else was said until the conversation ended, at now.
func (d *Desk) EndChat(id int64, said ...ChatMessage) error {
	return d.chat(id, "ChatEndedEvent", said)
}

// Say notes nothing in the ticket, for the conversation is still under way: webhooks
// alone tell of the message
// (developer.zendesk.com/api-reference/webhooks/event-types/messaging-events).
func (d *Desk) Say(id int64, m ChatMessage) error {
	return d.act(func(st *State) error {
		if st.live(id) == nil {
			return errNotFound
		}
		kind, actor := "system", "zd:answerBot"
		if u := st.userByEmail(m.By); u != nil {
			if kind, actor = "end_user", strconv.FormatInt(u.ID, 10); u.staff() {
				kind = "agent"
			}
		}
		number := strconv.FormatInt(id, 10)
		envelope := map[string]any{
			"type": messageAdded, "account_id": accountID, "id": stage.UUID(), "time": m.At.UTC().Format(time.RFC3339Nano),
			"zendesk_event_version": "2022-11-06", "subject": "zen:ticket:" + number, "detail": map[string]any{"id": number},
			"event": map[string]any{"actor": map[string]any{"id": actor, "name": m.By, "type": kind}, "conversation_id": "sandbox" + number,
				"message": map[string]any{"id": stage.UUID(), "body": m.Text}},
		}
		for _, w := range d.calledNow() {
			if !w.byTriggers && w.hears(messageAdded) {
				d.Enqueue(vendor, w.hook, envelope, map[string]string{"X-Zendesk-Webhook-Id": w.id})
			}
		}
		d.Changed()
		return nil
	})
}

func (d *Desk) chat(id int64, kind string, said []ChatMessage) error {
	return d.act(func(st *State) error {
		rec := st.live(id)
		if rec == nil {
			return errNotFound
		}
		value := chatValue{VisitorID: "10502823-sandbox", ChatID: fmt.Sprintf("2109.10502823.%d", id), History: []chatEntry{}}
		before := 0
		for _, a := range rec.Audits {
			for _, e := range a.Events {
				var earlier chatValue
				if e.Type == "ChatStartedEvent" && json.Unmarshal(e.Value, &earlier) == nil {
					before += len(earlier.History)
				}
			}
		}
		for i, m := range said {
			e := chatEntry{Index: before + i, Type: "ChatMessage", Timestamp: m.At.UnixMilli(), ActorType: "system", ActorID: nobody, ActorName: m.By, Message: m.Text}
			if u := st.userByEmail(m.By); u != nil {
				if e.ActorID, e.ActorName, e.ActorType = u.ID, u.Name, "end-user"; u.staff() {
					e.ActorType = "agent"
				}
			}
			value.History = append(value.History, e)
		}
		at := d.now()
		audit := st.audit(id, actor{via: via("chat_transcript")}, at)
		audit.Events = append(audit.Events, event{ID: st.nextAudit(), Type: kind, Value: stage.JSON(value)})
		d.commit(rec, audit, at)
		return nil
	})
}
