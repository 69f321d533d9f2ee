package zendesk

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/connectors/sandbox/stage"
)

const (
	accountID           = "2129"
	messageAdded        = "zen:event-type:messaging_ticket.message_added"
	setHook             = "01SANDBOX0WEBHOOK000000000" // where nobody has registered one over the API
	triggerSubscription = "conditional_ticket_events"  // of a webhook that triggers call
)

// findWebhook is a webhook registered over the API.
type webhook struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	Endpoint      string    `json:"endpoint"`
	HTTPMethod    string    `json:"http_method"`
	RequestFormat string    `json:"request_format"`
	Status        string    `json:"status"`
	Subscriptions []string  `json:"subscriptions"`
	CreatedAt     time.Time `json:"created_at"`
	CreatedBy     string    `json:"created_by"`
	UpdatedAt     time.Time `json:"updated_at"`
	UpdatedBy     string    `json:"updated_by"`
}

func (d *Desk) listWebhooks(c *call) (any, *apiError) {
	part, meta, links, e := cursorPage(c, d.state.Webhooks, 100)
	return map[string]any{"webhooks": part, "meta": meta, "links": links}, e
}

func (d *Desk) webhook(c *call) *webhook { return d.findWebhook(c.PathValue("id")) }

func (d *Desk) findWebhook(id string) *webhook {
	list := d.state.Webhooks
	i := slices.IndexFunc(list, func(w *webhook) bool { return w.ID == id })
	if i < 0 {
		return nil
	}
	return list[i]
}

func (d *Desk) getWebhook(c *call) (any, *apiError) {
	return one("webhook", d.webhook(c))
}

// webhookSecret gives what the webhook's calls are signed with, which here is the
// same for all.
func (d *Desk) webhookSecret(c *call) (any, *apiError) {
	if d.webhook(c) == nil {
		return nil, errNotFound
	}
	return map[string]any{"signing_secret": map[string]any{"algorithm": "SHA256", "secret": *d.secret}}, nil
}

// deleteWebhook refuses one that a trigger calls still, as Zendesk does.
func (d *Desk) deleteWebhook(c *call) (any, *apiError) {
	w := d.webhook(c)
	if w == nil {
		return nil, errNotFound
	}
	calls := func(a triggerAction) bool { return a.Field == webhookAction && a.Value[0] == w.ID }
	for _, t := range d.state.Triggers {
		if t.Active && slices.ContainsFunc(t.Actions, calls) {
			return nil, badRequest("WebhookInUse", "The webhook is used by the trigger "+t.Title)
		}
	}
	d.state.Webhooks = slices.DeleteFunc(d.state.Webhooks, func(o *webhook) bool { return o == w })
	d.Changed()
	return answer{http.StatusNoContent, nil, ""}, nil
}

// postWebhook registers a webhook, in the model that its subscriptions choose.
func (d *Desk) postWebhook(c *call) (any, *apiError) {
	var body struct{ Webhook *webhook }
	if e := c.decode(&body); e != nil {
		return nil, e
	}
	if body.Webhook == nil {
		return nil, badRequest("ParameterMissing", "Parameter webhook is required")
	}
	if e := d.checkWebhook(body.Webhook); e != nil {
		return nil, e
	}
	d.addWebhook(body.Webhook, c.by.id())
	return answer{http.StatusCreated, map[string]any{"webhook": body.Webhook}, ""}, nil
}

func (d *Desk) checkWebhook(w *webhook) *apiError {
	switch {
	case w.Name == "" || !strings.HasPrefix(w.Endpoint, "http"):
		return badRequest("InvalidRequest", "name and endpoint are required")
	case w.HTTPMethod != "POST" || w.RequestFormat != "json" || w.Status != "active" && w.Status != "inactive":
		return badRequest("InvalidRequest", "http_method must be POST, request_format json, status active or inactive")
	}
	for _, name := range w.Subscriptions {
		kind, isTicket := strings.CutPrefix(name, "zen:event-type:ticket.")
		if name == messageAdded && !d.options.NoMessaging || name == "zen:event-type:user.deleted" {
			continue
		}
		trigger := name == triggerSubscription
		switch {
		case trigger && len(w.Subscriptions) > 1:
			return badRequest("InvalidRequest", triggerSubscription+" can't be combined with events")
		case isTicket && (d.options.NoTicketEvents || !slices.Contains(ticketEventTypes, kind)), !isTicket && !trigger:
			return badRequest("InvalidRequest", name+" is no event type of this account")
		}
	}
	return nil
}

// patchWebhook changes some of a webhook, and answers nothing. What it is called by
// can't be changed.
func (d *Desk) patchWebhook(c *call) (any, *apiError) {
	w := d.webhook(c)
	if w == nil {
		return nil, errNotFound
	}
	changed := *w
	changed.Subscriptions = slices.Clone(w.Subscriptions) // or what is decoded would be written over them
	in := struct{ Webhook *webhook }{&changed}            // what isn't named keeps its value
	if e := c.decode(&in); e != nil {
		return nil, e
	}
	if in.Webhook == nil || changed.ID != w.ID || !slices.Equal(changed.Subscriptions, w.Subscriptions) {
		return nil, badRequest("InvalidRequest", "nothing that can be changed")
	}
	if e := d.checkWebhook(&changed); e != nil {
		return nil, e
	}
	changed.UpdatedAt, changed.UpdatedBy = d.now(), strconv.FormatInt(c.by.id(), 10)
	*w = changed
	d.Changed()
	return answer{http.StatusNoContent, nil, ""}, nil
}

func (d *Desk) addWebhook(w *webhook, by int64) {
	w.ID = strings.ToUpper(strings.ReplaceAll(stage.UUID(), "-", ""))[:26]
	now := d.now()
	w.CreatedAt, w.UpdatedAt = now, now
	w.CreatedBy = strconv.FormatInt(by, 10)
	w.UpdatedBy = w.CreatedBy
	d.state.Webhooks = append(d.state.Webhooks, w)
	d.Changed()
}

// target is where a webhook's calls go, and what they are signed with.
func (d *Desk) target(id string) (url, secret string) {
	if id == "" {
		return d.Address(vendor), *d.secret
	}
	if w := d.findWebhook(id); w != nil && w.Status == "active" {
		return w.Endpoint, *d.secret
	}
	return "", ""
}

// sign signs timestamp and body with no separator
// (developer.zendesk.com/documentation/webhooks/verifying).
func (d *Desk) sign(r *http.Request, hook stage.Webhook, secret string) {
	stamp := d.Real().UTC().Format(time.RFC3339)
	r.Header.Set("User-Agent", "Zendesk Webhook")
	r.Header.Set("X-Zendesk-Account-Id", accountID)
	r.Header.Set("X-Zendesk-Webhook-Invocation-Id", hook.ID)
	r.Header.Set("X-Zendesk-Webhook-Signature-Timestamp", stamp)
	r.Header.Set("X-Zendesk-Webhook-Signature", base64.StdEncoding.EncodeToString(stage.MAC(secret, stamp, string(hook.Body))))
}

// repeats is Zendesk's retry rule: 409, and 429 and 503 only if they say when,
// within a minute.
func repeats(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusConflict:
		return true
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		after, err := strconv.Atoi(resp.Header.Get("Retry-After"))
		return err == nil && after < 60
	}
	return false
}
