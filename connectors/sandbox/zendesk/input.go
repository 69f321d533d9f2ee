package zendesk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// input is the "ticket" object of a write. A property that is absent is
// left alone, null clears: so it stays a map.
type input map[string]json.RawMessage

// Properties of a ticket in the API description that a write may carry and that
// change nothing here: read-only ones, and parts of Zendesk that the sandbox
// doesn't have.
var idleProperties = strings.Fields(`id url via created_at updated_at raw_subject description submitter_id collaborator_ids

	follower_ids email_cc_ids forum_topic_id has_incidents is_public satisfaction_rating sharing_agreement_ids
	fields followup_ids ticket_form_id brand_id allow_channelback allow_attachments generated_timestamp collaborators
	email_ccs followers metadata safe_update updated_stamp`)

// read is a property as a T; nil if it is absent or null.
func read[T any](in input, name string) (v *T, given bool, refused *apiError) {
	raw, given := in[name]
	if !given || bytes.Equal(raw, []byte("null")) {
		return nil, given, nil
	}
	v = new(T)
	if err := json.Unmarshal(raw, v); err != nil {
		return nil, true, invalid(name, fmt.Sprintf("%s: is invalid", name))
	}
	return v, true, nil
}

// stale says whether a safe update comes from a version that is no longer the
// ticket's (developer.zendesk.com, Protecting against ticket update
// collisions). Both values may come as text.
func (in input) stale(updated time.Time) (bool, *apiError) {
	if safe := strings.Trim(string(in["safe_update"]), `"`); safe != "true" {
		return false, nil
	}
	stamp, _, refused := read[string](in, "updated_stamp")
	if refused != nil || stamp == nil {
		return false, invalid("updated_stamp", "updated_stamp: is required for a safe update")
	}
	t, err := time.Parse(time.RFC3339, *stamp)
	if err != nil {
		return false, invalid("updated_stamp", "updated_stamp: is invalid")
	}
	return !t.Equal(updated), nil
}

// apply changes t as the input says and gives the comment that goes with it, if
// any. It looks at nothing but the input: what follows from a change is settle's.
func (z *State) apply(t *Ticket, in input) (*comment, *apiError) {
	var refused *apiError
	keep := func(e *apiError) {
		if refused == nil {
			refused = e
		}
	}
	choice := func(name string, to **string, allowed ...string) {
		v, given, e := read[string](in, name)
		keep(e)
		if !given || e != nil {
			return
		}
		if v != nil && !slices.Contains(allowed, *v) {
			keep(invalid(name, fmt.Sprintf("%s: %s is not valid", name, *v)))
			return
		}
		*to = v
	}
	reference := func(name string, to **int64, known func(int64) bool) {
		v, given, e := read[int64](in, name)
		keep(e)
		if !given || e != nil {
			return
		}
		if v != nil && !known(*v) {
			keep(invalid(name, fmt.Sprintf("%s: %d is not valid", name, *v)))
			return
		}
		*to = v
	}

	for name := range in {
		if !slices.Contains(idleProperties, name) && !slices.Contains(writable, name) {
			keep(invalid(name, name+": is no property of a ticket here"))
		}
	}
	choice("priority", &t.Priority, "low", "normal", "high", "urgent")
	choice("type", &t.Type, "problem", "incident", "question", "task")
	reference("group_id", &t.GroupID, func(id int64) bool { return z.group(id) != nil })
	reference("organization_id", &t.OrganizationID, func(id int64) bool { return z.organization(id) != nil })
	// Only an incident has a problem (Zendesk help, Working with problem and incident tickets).
	reference("problem_id", &t.ProblemID, func(id int64) bool { p := z.live(id); return p != nil && deref(p.Ticket.Type) == "problem" })
	if deref(t.Type) != "incident" {
		t.ProblemID = nil
	}
	if id, given, e := read[int64](in, "assignee_id"); given {
		keep(e)
		if t.AssigneeID = id; id != nil && !z.user(*id).assignable() {
			keep(invalid("assignee", "Assignee: is invalid"))
		}
	}
	if email, given, e := read[string](in, "assignee_email"); given {
		keep(e)
		if u := z.userByEmail(deref(email)); u.assignable() {
			t.AssigneeID = &u.ID
		} else {
			keep(invalid("assignee", "Assignee: is invalid"))
		}
	}
	requester := &t.RequesterID
	reference("requester_id", &requester, func(id int64) bool { return z.user(id) != nil })
	if t.RequesterID = deref(requester); requester == nil {
		keep(invalid("requester_id", "Requester: cannot be blank"))
	}

	keep(z.applyStatus(t, in))
	if v, _, e := read[string](in, "subject"); v != nil || e != nil {
		keep(e)
		t.Subject, t.RawSubject = deref(v), deref(v)
	}
	if v, given, e := read[string](in, "external_id"); given {
		keep(e)
		t.ExternalID = v
	}
	if v, given, e := read[string](in, "recipient"); given {
		keep(e)
		t.Recipient = v
	}
	if v, given, e := read[time.Time](in, "due_at"); given {
		keep(e)
		if t.DueAt = v; v != nil {
			due := v.UTC().Truncate(time.Second)
			t.DueAt = &due
		}
	}
	keep(z.applyFields(t, in))
	keep(applyTags(t, in))
	comment, _, e := read[comment](in, "comment")
	keep(e)
	return comment, refused
}

// writable are the properties that apply reads.
var writable = strings.Fields(`priority type problem_id group_id organization_id assignee_id assignee_email requester_id status

	custom_status_id subject external_id recipient due_at custom_fields tags additional_tags remove_tags comment`)

// applyStatus keeps a ticket's status and custom status together: either may be
// given; a category gets its default custom status. What is no longer new never
// is again (Zendesk help, About ticket status).
func (z *State) applyStatus(t *Ticket, in input) *apiError {
	if id, _, e := read[int64](in, "custom_status_id"); e != nil {
		return e
	} else if id != nil {
		st := z.status(func(st *customStatus) bool { return st.ID == *id && st.Active })
		if st == nil || st.StatusCategory == "new" && t.Status != "new" {
			return invalid("custom_status_id", "Custom status: is invalid")
		}
		t.Status, t.CustomStatusID = st.StatusCategory, st.ID
		return nil
	}
	status, _, e := read[string](in, "status")
	if e != nil || status == nil || *status == t.Status {
		return e
	}
	if *status == "closed" {
		t.Status = "closed"
		return nil
	}
	st := z.status(func(st *customStatus) bool { return st.StatusCategory == *status && st.Default })
	if st == nil || *status == "new" && t.Status != "" {
		return invalid("status", fmt.Sprintf("Status: %s is not valid", *status))
	}
	t.Status, t.CustomStatusID = st.StatusCategory, st.ID
	return nil
}

// applyFields sets custom fields, each checked against its field's type. A
// drop-down's value is a tag too.
func (z *State) applyFields(t *Ticket, in input) *apiError {
	values, _, e := read[[]Value](in, "custom_fields")
	if e != nil || values == nil {
		return e
	}
	for _, v := range *values {
		f := z.field(v.ID)
		if f == nil {
			return invalid("custom_fields", fmt.Sprintf("Custom field %d: does not exist", v.ID))
		}
		if string(v.Value) == `""` || len(v.Value) == 0 {
			v.Value = json.RawMessage("null") // an empty text clears, and comes back as null
		}
		if !f.accepts(v.Value) {
			return invalid("custom_fields", fmt.Sprintf("%s: is invalid", f.Title))
		}
		i := slices.IndexFunc(t.CustomFields, func(have Value) bool { return have.ID == v.ID })
		if i < 0 {
			t.CustomFields = append(t.CustomFields, Value{v.ID, json.RawMessage("null")})
			i = len(t.CustomFields) - 1
		}
		if f.Type == "tagger" {
			t.Tags = editTags(t.Tags, asTags(v.Value), asTags(t.CustomFields[i].Value))
		}
		t.CustomFields[i].Value = v.Value
	}
	return nil
}

// accepts checks a value against the field's type; a date is a day without time.
func (f *field) accepts(v json.RawMessage) bool {
	if string(v) == "null" {
		return true
	}
	var text string
	isText := json.Unmarshal(v, &text) == nil
	switch f.Type {
	case "date":
		_, err := time.Parse(time.DateOnly, text)
		return err == nil
	case "integer":
		_, err := strconv.ParseInt(strings.Trim(string(v), `"`), 10, 64)
		return err == nil
	case "decimal":
		_, err := strconv.ParseFloat(strings.Trim(string(v), `"`), 64)
		return err == nil
	case "checkbox":
		return string(v) == "true" || string(v) == "false"
	case "multiselect":
		var list []string
		return json.Unmarshal(v, &list) == nil
	case "tagger":
		return isText && (len(f.Options) == 0 ||
			slices.ContainsFunc(f.Options, func(o option) bool { return o.Value == text }))
	}
	return isText
}

// applyTags replaces the set, or adds to it and takes from it. A property may
// be a list or one text of several tags.
func applyTags(t *Ticket, in input) *apiError {
	for _, name := range []string{"tags", "additional_tags", "remove_tags"} {
		raw, given := in[name]
		if !given {
			continue
		}
		tags := asTags(raw)
		if tags == nil && string(raw) != "null" && string(raw) != "[]" && string(raw) != `""` {
			return invalid("tags", "Tags: is invalid")
		}
		switch name {
		case "tags":
			t.Tags = editTags(nil, tags, nil)
		case "additional_tags":
			t.Tags = editTags(t.Tags, tags, nil)
		case "remove_tags":
			t.Tags = editTags(t.Tags, nil, tags)
		}
	}
	return nil
}

// asTags is a JSON list or text as tags: lower case, without spaces.
func asTags(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return nil
		}
		list = []string{text}
	}
	return strings.Fields(strings.ToLower(strings.Join(list, " ")))
}

// editTags is a new set, in alphabetical order as Zendesk shows it.
func editTags(have, add, remove []string) []string {
	tags := []string{}
	for _, t := range have {
		if !slices.Contains(remove, t) {
			tags = append(tags, t)
		}
	}
	tags = append(tags, add...)
	slices.Sort(tags)
	return slices.Compact(tags)
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
