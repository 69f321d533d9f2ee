package zendesk

import (
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

// A called webhook is one that the account calls now, with what it is called by.
type called struct {
	id            string // as the header names it
	hook          string // as enqueue takes it
	byTriggers    bool
	subscriptions []string // nil: all events
}

// hears says whether a webhook is called for an event.
func (w called) hears(event string) bool {
	return w.subscriptions == nil || slices.Contains(w.subscriptions, event)
}

// calledNow are the webhooks that a change stirs: every active one that is
// registered, and SetWebhook's, which is of the model that the options say.
func (d *Desk) calledNow() (list []called) {
	if d.Address(vendor) != "" {
		list = append(list, called{id: setHook, byTriggers: d.options.Webhooks == TriggerWebhooks})
	}
	for _, w := range d.state.Webhooks {
		if w.Status == "active" {
			list = append(list, called{w.ID, w.ID, slices.Contains(w.Subscriptions, triggerSubscription), w.Subscriptions})
		}
	}
	return list
}

// announce queues the webhooks for one update of a ticket, or for its
// deletion if the audit is nil.
func (d *Desk) announce(rec *record, audit *audit) {
	envelopes := ticketEnvelopes(&d.state, rec, audit)
	for _, w := range d.calledNow() {
		header := map[string]string{"X-Zendesk-Webhook-Id": w.id}
		switch {
		case w.byTriggers && w.hook == "":
			d.Enqueue(vendor, w.hook, triggerBody(&d.state, rec, audit), header)
		case w.byTriggers:
			d.runTriggers(w.hook, rec, audit, header)
		default:
			for _, e := range envelopes {
				if w.hears(e["type"].(string)) {
					d.Enqueue(vendor, w.hook, e, header)
				}
			}
		}
	}
}

// ticketEnvelopes are the events of one update as event webhooks have them.
func ticketEnvelopes(z *State, rec *record, audit *audit) (list []map[string]any) {
	events := ticketEvents(z, rec, audit)
	sequence := stage.UUID()
	at := rec.Generated.Format("2006-01-02T15:04:05.000000000Z")
	actor := "-1"
	if audit != nil {
		actor = strconv.FormatInt(audit.AuthorID, 10)
	}
	t := &rec.Ticket
	id := strconv.FormatInt(t.ID, 10)
	for i, e := range events {
		e.event["meta"] = map[string]any{"sequence": map[string]any{"id": sequence, "position": i + 1, "total": len(events)}}
		list = append(list, map[string]any{
			"type": "zen:event-type:ticket." + e.name, "account_id": accountID, "id": stage.UUID(), "time": at,
			"zendesk_event_version": "2022-11-06", "subject": "zen:ticket:" + id,
			"detail": map[string]any{
				"id": id, "status": strings.ToUpper(t.Status), "priority": strings.ToUpper(deref(t.Priority)), "type": strings.ToUpper(deref(t.Type)),
				"subject": t.Subject, "description": t.Description, "tags": t.Tags, "via": map[string]any{"channel": t.Via.Channel},
				"created_at": t.CreatedAt, "updated_at": t.UpdatedAt, "actor_id": actor, "custom_status": strconv.FormatInt(t.CustomStatusID, 10),
				"requester_id": strconv.FormatInt(t.RequesterID, 10), "submitter_id": strconv.FormatInt(t.SubmitterID, 10),
				"assignee_id": idOrZero(t.AssigneeID), "group_id": idOrZero(t.GroupID), "organization_id": idOrZero(t.OrganizationID),
				"brand_id": strconv.FormatInt(t.BrandID, 10), "form_id": strconv.FormatInt(t.TicketFormID, 10), "external_id": t.ExternalID, "is_public": t.IsPublic,
			},
			"event": e.event,
		})
	}
	return list
}

// idOrZero is an id as event envelopes show it: text, "0" for none.
func idOrZero(id *int64) string { return strconv.FormatInt(deref(id), 10) }

type ticketEvent struct {
	name  string
	event map[string]any
}

// eventNames are the ticket events for changes of a property.
var eventNames = map[string]string{
	"status": "status_changed", "custom_status_id": "custom_status_changed", "priority": "priority_changed", "type": "type_changed",
	"subject": "subject_changed", "group_id": "group_assignment_changed", "assignee_id": "agent_assignment_changed",
	"organization_id": "organization_changed", "requester_id": "requester_changed", "external_id": "external_id_changed",
	"tags": "tags_changed",
}

// ticketEvents are the events of one audit. A new ticket is one event, and its
// description none.
func ticketEvents(z *State, rec *record, audit *audit) (list []ticketEvent) {
	switch {
	case rec.Purged:
		return []ticketEvent{{"permanently_deleted", map[string]any{}}}
	case audit == nil && rec.Ticket.Status == "deleted":
		return []ticketEvent{{"soft_deleted", map[string]any{}}}
	case audit == nil:
		return []ticketEvent{{"undeleted", map[string]any{}}}
	}
	if len(rec.Audits) == 1 {
		return []ticketEvent{{"created", map[string]any{}}}
	}
	for _, e := range audit.Events {
		switch {
		case e.Type == "Comment":
			author := map[string]any{"id": strconv.FormatInt(e.AuthorID, 10)}
			if u := z.user(e.AuthorID); u != nil {
				author["name"], author["is_staff"] = u.Name, u.staff()
			}
			list = append(list, ticketEvent{"comment_added", map[string]any{"comment": map[string]any{
				"id": strconv.FormatInt(e.ID, 10), "body": e.Body, "is_public": e.Public, "author": author}}})
		case e.Type == "CommentPrivacyChange":
			list = append(list, ticketEvent{"comment_made_private", map[string]any{"comment": map[string]any{"id": strconv.FormatInt(e.CommentID, 10)}}})
		case e.Type == "CommentRedactionEvent":
			list = append(list, ticketEvent{"comment_redacted", map[string]any{"comment": map[string]any{"id": strconv.FormatInt(e.CommentID, 10)}}})
			if first := rec.comments(); len(first) > 0 && first[0].ID == e.CommentID {
				list = append(list, ticketEvent{"description_changed", map[string]any{"current": first[0].Body, "previous": ""}})
			}
		case e.Type == "AttachmentRedactionEvent":
			list = append(list, ticketEvent{"attachment_redacted_from_comment", map[string]any{
				"attachment": map[string]any{"id": strconv.FormatInt(e.AttachmentID, 10)}, "comment": map[string]any{"id": strconv.FormatInt(e.CommentID, 10)}}})
		case e.FieldName == "tags":
			now, was := asTags(e.Value), asTags(e.PreviousValue)
			list = append(list, ticketEvent{"tags_changed", map[string]any{"tags_added": editTags(now, nil, was), "tags_removed": editTags(was, nil, now)}})
		case e.Type == "Change" && eventNames[e.FieldName] != "":
			list = append(list, ticketEvent{eventNames[e.FieldName], map[string]any{"current": e.Value, "previous": e.PreviousValue}})
		case e.Type == "Change":
			list = append(list, ticketEvent{"custom_field_changed", map[string]any{
				"field": map[string]any{"id": e.FieldName}, "current": e.Value, "previous": e.PreviousValue}})
		}
	}
	return list
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

// ticketEventTypes are the ticket events that a webhook can subscribe to
// (developer.zendesk.com/api-reference/webhooks/event-types/ticket-events).
var ticketEventTypes = strings.Fields(`agent_assignment_changed attachment_linked_to_comment attachment_redacted_from_comment brand_changed
	comment_added comment_made_private comment_redacted custom_field_changed custom_status_changed description_changed external_id_changed
	email_ccs_changed followers_changed form_changed group_assignment_changed organization_changed priority_changed problem_link_changed
	requester_changed status_changed subject_changed submitter_changed tags_changed task_due_at_changed created marked_as_spam merged
	permanently_deleted soft_deleted type_changed undeleted`)
