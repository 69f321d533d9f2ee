package zendesk

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"cmp"
)

// exportLag is the most recent time, by ticket time, that exports withhold.
const exportLag = time.Minute

// place is a ticket's place in the export: by generated_timestamp, then by id.
type place struct{ at, id int64 }

func (p place) compare(q place) int { return cmp.Or(cmp.Compare(p.at, q.at), cmp.Compare(p.id, q.id)) }

func (rec *record) place() place { return place{rec.Generated.Unix(), rec.Ticket.ID} }

// cursor has the form of the vendor's, and like it means "after this ticket".
func (p place) cursor() string { return p.marked("") }

// marked is a cursor for the same place that differs by a mark.
func (p place) marked(mark string) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%d.0||%d|%s", p.at, p.id, mark))
}

func parsePlace(cursor string) (p place, ok bool) {
	b, err := base64.StdEncoding.DecodeString(cursor)
	if err != nil {
		return p, false
	}
	n, err := fmt.Sscanf(string(b), "%d.0||%d|", &p.at, &p.id)
	return p, n == 2 && err == nil
}

// startTime reads the parameter, which must be more than a minute ago.
func (d *Desk) startTime(c *call) (int64, *apiError) {
	text := c.URL.Query().Get("start_time")
	if text == "" {
		return 0, badRequest("StartTimeMissing", "You must supply a start_time parameter")
	}
	start, err := strconv.ParseInt(text, 10, 64)
	if err != nil || start < 0 {
		return 0, badRequest("InvalidValue", "start_time must be a Unix epoch time")
	}
	if start > d.Now().Add(-exportLag).Unix() {
		return 0, badRequest("InvalidValue", "Too recent start_time. Use a start_time older than 60 seconds")
	}
	return start, nil
}

// exportTickets is the cursor-based export: the tickets that changed since, once
// each, in the order in which they did.
func (d *Desk) exportTickets(c *call) (any, *apiError) {
	if e := d.limitExport(); e != nil {
		return nil, e
	}
	q, z := c.URL.Query(), &d.state
	var after place
	if text := q.Get("cursor"); text != "" {
		var ok bool
		if after, ok = parsePlace(text); !ok {
			return nil, badRequest("InvalidValue", "cursor is not valid")
		}
	} else {
		start, e := d.startTime(c)
		if e != nil {
			return nil, e
		}
		after = place{start, 0}
	}
	size, e := c.number("per_page", 1000)
	if e != nil {
		return nil, e
	}
	if size < 1 || size > 1000 {
		return nil, badRequest("InvalidValue", "per_page must be from 1 to 1000")
	}

	until := d.Now().Add(-exportLag).Unix()
	var rows []*record
	for _, rec := range z.Tickets {
		if d.Faults.Has(vendor, "stranger-404") || rec.Purged && d.Faults.Has(vendor, "purged-unlisted") {
			continue
		}
		if rec.Generated.Unix() <= until && (q.Get("exclude_deleted") != "true" || rec.Ticket.Status != "deleted") {
			rows = append(rows, rec)
		}
	}
	slices.SortFunc(rows, func(a, b *record) int { return a.place().compare(b.place()) })
	from := sort.Search(len(rows), func(i int) bool { return rows[i].place().compare(after) > 0 })
	to := min(len(rows), from+size)
	if to > from {
		after = rows[to-1].place()
	}
	if q.Has("cursor") {
		from = max(0, from-d.options.ResendRows)
	}

	next, ended := after.cursor(), to == len(rows)
	if at, mark, ok := d.endless(0, max(0, to-size), to); ok && ended {
		var p place
		ended = false
		if at > 0 {
			p = rows[at-1].place()
		}
		next = p.marked(mark)
	}

	tickets := []Ticket{}
	for _, rec := range rows[from:to] {
		t := z.view(rec)
		t.GeneratedTimestamp = rec.Generated.Unix()
		tickets = append(tickets, t)
	}
	answer := map[string]any{
		"tickets": tickets, "end_of_stream": ended,
		"after_cursor": next, "after_url": c.link("start_time", "", "cursor", next),
		"before_cursor": nil, "before_url": nil,
	}
	z.sideload(c, answer, tickets)
	return answer, nil
}

// viaLabels are the ways on which something came, as the ticket event export
// names them: words for people, where everything else has a channel.
var viaLabels = map[string]string{"web": "Web form", "email": "Mail", "api": "Web service", "rule": "Rule", "system": "System"}

func viaLabel(channel string) string { return cmp.Or(viaLabels[channel], channel) }

// childEvent is an event as the ticket event export shows it: the property's
// name is a key of the object.
func childEvent(a *audit, e event, withComments bool) map[string]any {
	way, rule := a.Via, any(nil)
	if e.Via != nil {
		way = *e.Via
	}
	if way.Channel == "rule" {
		rule = triggerID
	}
	child := map[string]any{"id": e.ID, "via": viaLabel(way.Channel), "via_reference_id": rule, "event_type": e.Type}
	switch e.Type {
	case "CommentPrivacyChange", "CommentRedactionEvent", "AttachmentRedactionEvent":
		child["comment_id"], child["public"] = e.CommentID, e.Public
	case "Comment":
		child["comment_present"], child["comment_public"] = true, e.Public
		if withComments {
			child["via"] = way
			child["type"], child["author_id"], child["public"], child["audit_id"] = e.Type, e.AuthorID, e.Public, e.AuditID
			child["body"], child["html_body"], child["plain_body"], child["attachments"] = e.Body, e.HTMLBody, e.PlainBody, e.Attachments
		}
	case "Create", "Change":
		child["previous_value"] = e.PreviousValue
		if _, err := strconv.ParseInt(e.FieldName, 10, 64); err == nil {
			child["custom_ticket_fields"] = map[string]json.RawMessage{e.FieldName: e.Value}
			break
		}
		child[e.FieldName] = e.Value
		if e.FieldName == "tags" {
			now, was := asTags(e.Value), asTags(e.PreviousValue)
			child["added_tags"], child["removed_tags"] = editTags(now, nil, was), editTags(was, nil, now)
		}
	default:
		return nil
	}
	return child
}

// eventPage is how many audits a page of the ticket event export holds unless
// per_page says fewer, and as many more as happened in the last one's second.
const eventPage = 1000

// exportEvents is the time-based export of audits. end_time is the last one's
// second, and the next page begins with that second once more: callers see some
// audits twice, and tell them by their ids.
func (d *Desk) exportEvents(c *call) (any, *apiError) {
	if e := d.limitExport(); e != nil {
		return nil, e
	}
	start, e := d.startTime(c)
	if e != nil {
		return nil, e
	}
	until := d.Now().Add(-exportLag).Unix()
	var audits []*audit
	for _, rec := range d.state.Tickets {
		for i := range rec.Audits {
			if at := rec.Audits[i].CreatedAt.Unix(); at >= start && at <= until {
				audits = append(audits, &rec.Audits[i])
			}
		}
	}
	slices.SortFunc(audits, func(a, b *audit) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID)) })
	size, e := c.number("per_page", eventPage)
	if e != nil {
		return nil, e
	}
	n := min(len(audits), max(1, min(size, eventPage)))
	for n > 0 && n < len(audits) && audits[n].CreatedAt.Equal(audits[n-1].CreatedAt) {
		n++
	}
	withComments := strings.Contains(c.URL.Query().Get("include"), "comment_events")
	events, end := []any{}, start
	for _, a := range audits[:n] {
		children := []map[string]any{}
		for _, ev := range a.Events {
			if child := childEvent(a, ev, withComments); child != nil {
				children = append(children, child)
			}
		}
		end = a.CreatedAt.Unix()
		events = append(events, map[string]any{"id": a.ID, "ticket_id": a.TicketID, "timestamp": end,
			"created_at": a.CreatedAt, "updater_id": a.AuthorID, "via": viaLabel(a.Via.Channel), "system": a.Metadata.System, "metadata": a.Metadata.Custom,
			"event_type": "Audit", "child_events": children})
	}
	ended := n == len(audits)
	if again, _, ok := d.endless(0, 0, n); ok && ended { // its tokens are seconds
		ended = false
		if end++; again < n {
			end = audits[again].CreatedAt.Unix()
		}
	}
	return map[string]any{"ticket_events": events, "count": len(events), "end_of_stream": ended, "end_time": end,
		"next_page": c.link("start_time", strconv.FormatInt(end, 10))}, nil
}
