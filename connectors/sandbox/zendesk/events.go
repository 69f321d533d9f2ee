package zendesk

import (
	"slices"
	"strconv"
	"strings"

	"vigie/connectors/sandbox/stage"
)

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

// ticketEventTypes are the ticket events that a webhook can subscribe to
// (developer.zendesk.com/api-reference/webhooks/event-types/ticket-events).
var ticketEventTypes = strings.Fields(`agent_assignment_changed attachment_linked_to_comment attachment_redacted_from_comment brand_changed
	comment_added comment_made_private comment_redacted custom_field_changed custom_status_changed description_changed external_id_changed
	email_ccs_changed followers_changed form_changed group_assignment_changed organization_changed priority_changed problem_link_changed
	requester_changed status_changed subject_changed submitter_changed tags_changed task_due_at_changed created marked_as_spam merged
	permanently_deleted soft_deleted type_changed undeleted`)
