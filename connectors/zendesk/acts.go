package zendesk

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/connectors/desk"
	"vigie/rules"
)

// Histories are kept as acts, one for each audit, whichever way it came: from a
// ticket's audits, or from the ticket event export, which lists the same under
// the same ids for all tickets, a thousand to a page.
//
// The export differs in form: a changed field is a key of its own, and the way
// something came is told in words ("Rule", "Web form"). It begins at an instant
// of ours and withholds the last minute. So what it has may lack a ticket's
// beginning or its end, and a kept history is told only if it has both and adds
// up to the ticket's row (wholeHistory). Of any other the audits are read.

// rereadBefore is how far before its end the export is read again next time, for
// what Zendesk added late.
const rereadBefore = time.Minute

// Acts is one page of what was done to any ticket after the cursor, or since an
// instant if the cursor is empty, oldest first. An act may come more than once.
// Zendesk allows ten exports a minute, those of Changes included.
func (c *Client) Acts(ctx context.Context, cursor string, since time.Time) (desk.Chronicle, error) {
	from := since.Unix()
	if cursor != "" {
		n, err := strconv.ParseInt(cursor, 10, 64)
		if err != nil {
			return desk.Chronicle{}, fmt.Errorf("export histories: %.40q is no cursor of theirs", cursor)
		}
		from = n
	}
	latest := c.cfg.Now().Add(-exportLag - time.Second).Unix()
	from = max(0, min(from, latest))
	query := url.Values{"start_time": {strconv.FormatInt(from, 10)}, "include": {"comment_events"}}
	var answer struct {
		Events      []json.RawMessage `json:"ticket_events"`
		EndTime     int64             `json:"end_time"`
		EndOfStream bool              `json:"end_of_stream"`
	}
	err := c.paced(ctx, &c.events, mostRows, func(ctx context.Context, rows int) error {
		return c.get(ctx, "/incremental/ticket_events.json?"+sized(query, rows), &answer, "ticket_events", "end_of_stream")
	})
	if err != nil {
		return desk.Chronicle{}, fmt.Errorf("export histories: %w", err)
	}
	if cursor == "" {
		c.happened.begin()
	}
	page := desk.Chronicle{More: !answer.EndOfStream}
	var shown []string
	for _, raw := range answer.Events {
		act, err := exportedAct(raw)
		if err != nil {
			c.cfg.Log.WarnContext(ctx, "act skipped", "source", c.cfg.Name, "err", err)
			continue
		}
		page.Acts = append(page.Acts, act)
		shown = append(shown, act.ID)
	}
	if _, err := c.happened.addPage(shown, answer.EndOfStream); err != nil {
		return desk.Chronicle{}, fmt.Errorf("export histories: %w", err)
	}
	end := answer.EndTime
	switch {
	case end == 0 || len(answer.Events) == 0:
		end = from
	case !page.More: // never back behind where this began
		end = max(from, end-int64(rereadBefore/time.Second))
	case end <= from: // a page has the whole of its last second
		end = from + 1
	}
	page.Cursor = strconv.FormatInt(end, 10)
	return page, nil
}

// exportedAct reads one event of the export.
func exportedAct(raw json.RawMessage) (act desk.Act, err error) {
	var e struct {
		ID        text                         `json:"id"`
		Ticket    text                         `json:"ticket_id"`
		CreatedAt text                         `json:"created_at"`
		Timestamp int64                        `json:"timestamp"`
		Updater   text                         `json:"updater_id"`
		Custom    chosenBy                     `json:"metadata"`
		Via       json.RawMessage              `json:"via"`
		Children  []map[string]json.RawMessage `json:"child_events"`
	}
	if err := decode(raw, &e); err != nil {
		return act, err
	}
	if _, err := ticketNumber(string(e.Ticket)); err != nil {
		return act, err
	}
	if _, err := instant(e.CreatedAt); err != nil && e.Timestamp > 0 {
		e.CreatedAt = text(time.Unix(e.Timestamp, 0).UTC().Format(time.RFC3339))
	}
	a := wireAudit{ID: e.ID, CreatedAt: e.CreatedAt, AuthorID: e.Updater, Via: channelOfVia(e.Via)}
	a.Metadata.Custom = e.Custom
	for _, child := range e.Children {
		a.Events = append(a.Events, childEvents(child, a.Via.Channel)...)
	}
	return toAct(string(e.Ticket), a)
}

// channelOfVia reads a "via", which is an object, or a word for people in the export.
func channelOfVia(raw json.RawMessage) wireVia {
	var via wireVia
	if decode(raw, &via) == nil && via.Channel != "" {
		return via
	}
	word, _ := rules.FieldText(raw)
	if strings.HasPrefix(word, "{") {
		return wireVia{}
	}
	return wireVia{Channel: text(strings.ToLower(word))}
}

// fieldNames are the fields whose changes make up a history, besides custom
// fields.
var fieldNames = []string{
	"status", "custom_status_id", "priority", "type", "requester_id", "group_id", "assignee_id", "organization_id", "ticket_form_id", "subject", "tags", "due_at",
}

// childEvents are the events of an audit that one child event tells.
func childEvents(child map[string]json.RawMessage, came text) (list []wireEvent) {
	word := func(name string) text {
		s, _ := rules.FieldText(child[name])
		return text(s)
	}
	e := wireEvent{Type: word("event_type"), Previous: child["previous_value"]}
	if via := channelOfVia(child["via"]); via.Channel != "" && (via.Channel != came || via.Source.Rel != "") {
		e.Via = &via
	}
	switch e.Type {
	case "Comment", "VoiceComment":
		e.Previous = nil
		e.Type = cmp.Or(word("type"), e.Type)
		e.AuthorID, e.Body, e.PlainBody = word("author_id"), word("body"), word("plain_body")
		e.Public = cmp.Or(word("public"), word("comment_public"))
		e.ID = word("id")
		_ = e.Attachments.UnmarshalJSON(child["attachments"]) // absent in most
		return []wireEvent{e}
	case "CommentRedactionEvent", "AttachmentRedactionEvent":
		e.CommentID = word("comment_id")
		return []wireEvent{e}
	case "CommentPrivacyChange":
		e.CommentID, e.Public = word("comment_id"), word("public")
		return []wireEvent{e}
	case "ChatStartedEvent", "ChatEndedEvent":
		return []wireEvent{e}
	case "Create", "Change":
	default:
		return nil
	}
	add := func(name string, value json.RawMessage) {
		e := e
		e.FieldName, e.Value = text(name), value
		list = append(list, e)
	}
	for _, name := range fieldNames {
		if value, ok := child[name]; ok {
			add(name, value)
		}
	}
	var customs map[string]json.RawMessage
	_ = decode(child["custom_ticket_fields"], &customs) // absent in most
	for _, id := range slices.Sorted(maps.Keys(customs)) {
		if custom(id) {
			add(id, customs[id])
		}
	}
	return list
}

// toAct makes an audit into an act to be kept, without what no history is built from. The
// words of an internal note are kept only if the note opened the ticket; of a conversation
// only the mark that there was one.
func toAct(ticket string, a wireAudit) (act desk.Act, err error) {
	at, err := instant(a.CreatedAt)
	if err != nil {
		return act, fmt.Errorf("act %s of ticket %s: created_at: %w", a.ID, ticket, err)
	}
	if a.ID.id() == "" {
		return act, fmt.Errorf("act of ticket %s at %s has no id", ticket, a.CreatedAt)
	}
	made := creates(a.Events)
	var events []wireEvent
	for _, e := range a.Events {
		switch {
		case e.comment():
			e.Body, e.PlainBody = cmp.Or(e.Body, e.PlainBody), ""
			if !made && e.Public != "true" {
				e.Body = ""
			}
		case e.Type == "CommentPrivacyChange", e.redaction():
			e.Value, e.Previous = nil, nil
		case e.chat():
			e = wireEvent{Type: e.Type}
		case e.Type != "Create" && e.Type != "Change",
			!custom(string(e.FieldName)) && !slices.Contains(fieldNames, string(e.FieldName)):
			continue
		default:
			e.ID = ""
		}
		events = append(events, e)
	}
	a.Events = events
	body, err := json.Marshal(a)
	return desk.Act{Ticket: ticket, ID: string(a.ID), At: at, Body: string(body)}, err
}

// creates says whether events are those that made a ticket.
func creates(events []wireEvent) bool {
	return slices.ContainsFunc(events, func(e wireEvent) bool { return e.Type == "Create" })
}

// auditsOf are the audits that were made into acts.
func auditsOf(acts []desk.Act) ([]wireAudit, error) {
	list := make([]wireAudit, len(acts))
	for i, a := range acts {
		if err := json.Unmarshal([]byte(a.Body), &list[i]); err != nil {
			return nil, fmt.Errorf("kept act %s of ticket %s: %w", a.ID, a.Ticket, err)
		}
	}
	return list, nil
}

// wholeHistory says whether kept audits are a ticket's whole history: they begin with its
// creation, reach its row's last change or the version at which all were read, add up to
// the row, and hold no conversation. Audits younger than the row are right, where the row
// isn't yet.
func wholeHistory(w wireTicket, list []wireAudit, version string) bool {
	if w.conversation() || !complete(list) {
		return false
	}
	created, _ := instant(w.CreatedAt)
	updated, err := instant(w.UpdatedAt)
	audits := sorted(list, created)
	if err != nil || len(audits) == 0 || !creates(audits[0].events) {
		return false
	}
	reaches := func(a wireAudit) bool {
		at, err := instant(a.CreatedAt)
		return err == nil && !at.Before(updated)
	}
	if w.version() != version && !slices.ContainsFunc(list, reaches) {
		return false
	}
	until := slices.IndexFunc(audits, func(a audit) bool { return a.at.After(updated) })
	if until >= 0 {
		audits = audits[:until]
	}
	return len(audits) > 0 && len(unexplained(w.current(), audits, true)) == 0
}

// complete says whether kept events say all that they are about: no conversation, whose
// lines aren't kept, no change of a comment that isn't there, and no redaction that the
// kept comments don't show yet.
func complete(list []wireAudit) bool {
	comments := map[text]bool{}
	var changed []text
	for _, a := range list {
		if way := strings.ToLower(string(a.Via.Channel)); strings.Contains(way, "chat") || strings.Contains(way, "messag") {
			return false
		}
		for _, e := range a.Events {
			switch {
			case e.chat(), e.redaction() && !e.Heeded:
				return false
			case e.comment():
				comments[e.ID] = true
			case e.Type == "CommentPrivacyChange":
				changed = append(changed, e.CommentID)
			}
		}
	}
	return !slices.ContainsFunc(changed, func(id text) bool { return !comments[id] })
}

// unexplained lists the fields whose last value in the audits isn't what the row shows,
// with that value. A field that no audit names is as it was at creation. all means that
// fields that can't have had a value then are listed too, and custom fields.
func unexplained(row values, audits []audit, all bool) map[string]string {
	last := map[string]string{}
	for _, a := range audits {
		for _, e := range a.events {
			if e.Type == "Create" || e.Type == "Change" {
				last[string(e.FieldName)] = fieldValue(string(e.FieldName), e.Value)
			}
		}
	}
	odd := map[string]string{}
	for _, name := range []string{"status", "priority", "type", "group_id", "organization_id", "assignee_id", "tags"} {
		value, known := last[name]
		if !known && (!all || name == "organization_id") || same(name, value, row[name]) {
			continue
		}
		odd[name] = value
	}
	if !all {
		return odd
	}
	for name, value := range last {
		if (custom(name) || name == "custom_status_id" || name == "due_at") && !same(name, value, row[name]) {
			odd[name] = value
		}
	}
	return odd
}

// same says whether a value of a field in a history and one in a row are the same.
func same(name, a, b string) bool {
	switch {
	case strings.EqualFold(a, b):
		return true
	case name == "tags":
		return sameTags(a, b)
	case custom(name):
		return comparableField(a) == comparableField(b)
	}
	return false
}

// comparableField is a custom field's value without the differences in form between a row
// and an audit: a checkbox is "true" or "1", a list has commas or spaces.
func comparableField(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ',' || r == ' ' }), " ")
	switch s {
	case "true":
		return "1"
	case "false", "0":
		return ""
	}
	return s
}
