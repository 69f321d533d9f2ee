package zendesk

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"vigie/connectors/desk"
	"vigie/rules"
)

// staleAfter is how old a webhook may be, or how far ahead its clock. Zendesk
// prescribes no window; what it repeats later is healed by the next poll.
const staleAfter = 10 * time.Minute

// LongestWebhook is far above what a webhook's body has, in bytes. Zendesk keeps
// what an admin writes below 256 KB, and names no limit for its own events, which
// carry one comment at most
// (https://support.zendesk.com/hc/en-us/articles/4408839108378).
const LongestWebhook = 1 << 20

// ParseWebhook checks a webhook call and says which tickets it speaks of: none
// for an event about something else, or about what our own account did, which is
// known and which the next poll shows anyway. now is real time. Its error is
// rules.ErrForged if the signature isn't right or its time not near now, and
// rules.ErrUnreadable if no ticket can be found in the body.
//
// Zendesk has two exclusive kinds of webhooks, and both are taken: event
// subscriptions, an envelope with a type "zen:event-type:ticket.…" or
// "zen:event-type:messaging_ticket.…", and calls by triggers and automations, whose body an admin has written
// (https://developer.zendesk.com/documentation/webhooks/anatomy-of-a-webhook-request).
func (c *Client) ParseWebhook(h http.Header, body []byte, now time.Time) (desk.Delivery, error) {
	if err := verify(h, body, c.cfg.WebhookSecrets, now); err != nil {
		return desk.Delivery{}, err
	}
	call, err := readCall(body)
	if err != nil {
		return desk.Delivery{}, err
	}
	if call.staff != "" {
		c.staffByWebhook.add(call.staff)
	}
	if self, ok := c.dir.known.Load().(string); ok && call.actor == self && !call.anew {
		call.tickets = nil
	}
	for _, id := range call.accounts {
		c.dir.forgetUser(id)
	}
	return desk.Delivery{
		ID:      desk.DeliveryID(cmp.Or(h.Get("X-Zendesk-Webhook-Invocation-Id"), call.id), body),
		Tickets: call.tickets, Anew: call.anew, Accounts: call.accounts,
	}, nil
}

// verify checks the signature: base64 of the HMAC-SHA256, with a secret as it is
// written for a key, of the timestamp and the raw body without anything
// between (https://developer.zendesk.com/documentation/webhooks/verifying).
func verify(h http.Header, body []byte, secrets func() []string, now time.Time) error {
	if secrets == nil || len(secrets()) == 0 {
		return fmt.Errorf("%w: no webhook_secret is configured", desk.ErrForged)
	}
	stamp := h.Get("X-Zendesk-Webhook-Signature-Timestamp")
	given, err := base64.StdEncoding.DecodeString(h.Get("X-Zendesk-Webhook-Signature"))
	if err != nil {
		return desk.ErrForged
	}
	right := func(secret string) bool {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(stamp))
		mac.Write(body)
		return secret != "" && hmac.Equal(given, mac.Sum(nil))
	}
	if !slices.ContainsFunc(secrets(), right) {
		return desk.ErrForged
	}
	at, err := time.Parse(time.RFC3339, stamp)
	if err != nil || now.Sub(at).Abs() > staleAfter {
		return fmt.Errorf("signed at %.40q: %w", stamp, desk.ErrForged)
	}
	return nil
}

// A call is what a webhook's body says.
type call struct {
	id      string // the event's; a trigger's call has none
	actor   string // the id of who did it; a trigger's call has none
	staff   string // the id of a comment's author who is staff; "" where none is told
	tickets []string

	anew     bool     // what had been said in the tickets was changed or taken away
	accounts []string // of people who were deleted
}

// takesAway are the ticket events that change what had been said: the past that is
// kept is no longer what it was.
var takesAway = []string{"ticket.comment_redacted", "ticket.attachment_redacted_from_comment", "ticket.description_changed"}

func readCall(body []byte) (call, error) {
	var envelope struct {
		ID      text `json:"id"`
		Type    text `json:"type"`
		Subject text `json:"subject"`
		Detail  struct {
			ID    text `json:"id"`
			Actor text `json:"actor_id"`
		} `json:"detail"`
		Event struct {
			Comment struct {
				Author struct {
					ID    text `json:"id"`
					Staff text `json:"is_staff"`
				} `json:"author"`
			} `json:"comment"`
		} `json:"event"`
	}
	err := decode(body, &envelope)
	if kind, ok := strings.CutPrefix(string(envelope.Type), "zen:event-type:"); ok && err == nil {
		out := call{id: string(envelope.ID), actor: envelope.Detail.Actor.id()}
		if author := envelope.Event.Comment.Author; author.Staff == "true" {
			out.staff = author.ID.id()
		}
		out.anew = slices.Contains(takesAway, kind)
		if id := envelope.Detail.ID.id(); string(envelope.Type) == userDeleted && id != "" {
			out.accounts = []string{id}
		}
		if !strings.HasPrefix(kind, "ticket.") && !strings.HasPrefix(kind, "messaging_ticket.") {
			return out, nil
		}
		subject := strings.TrimPrefix(string(envelope.Subject), "zen:ticket:")
		for _, id := range []string{subject, string(envelope.Detail.ID)} {
			if _, err := ticketNumber(id); err == nil {
				out.tickets = []string{id}
				return out, nil
			}
		}
		return call{}, fmt.Errorf("event %.60q names no ticket: %w", kind, desk.ErrUnreadable)
	}

	var members map[string]json.RawMessage
	if decode(body, &members) == nil {
		if id, ok := ticketIn(members); ok {
			return call{tickets: []string{id}}, nil
		}
	} else if m := ticketID.FindSubmatch(body); m != nil {
		if _, err := ticketNumber(string(m[1])); err == nil {
			return call{tickets: []string{string(m[1])}}, nil
		}
	}
	return call{}, fmt.Errorf("no ticket id in the body: %w", desk.ErrUnreadable)
}

// ticketID finds the ticket in a body that isn't JSON: a form, XML, or JSON that
// a placeholder has broken, by a quote in the ticket's title for instance.
var ticketID = regexp.MustCompile(`(?i)\bticket[_.\s-]?id\b["']?\s*[=:>]\s*["']?#?([0-9]{1,19})\b`)

// ticketIn finds the ticket in a body that an admin wrote: under "ticket_id" or
// "ticket.id" in any spelling, in or under "ticket", under "id".
func ticketIn(members map[string]json.RawMessage) (string, bool) {
	flat := strings.NewReplacer("_", "", "-", "", ".", "", " ", "")
	found := map[string]json.RawMessage{}
	for name, v := range members {
		found[flat.Replace(strings.ToLower(name))] = v
	}
	var ticket map[string]json.RawMessage
	if decode(found["ticket"], &ticket) == nil && ticket != nil {
		found["ticket"] = ticket["id"]
	}
	for _, name := range []string{"ticketid", "ticket", "id"} {
		s, _ := rules.FieldText(found[name])
		s = strings.TrimPrefix(strings.TrimSpace(s), "#")
		if _, err := ticketNumber(s); err == nil {
			return s, true
		}
	}
	return "", false
}
