package zendesk

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"vigie/connectors/sandbox/stage"
)

// asInput is what an action does to a ticket, as an update says it; known is false
// for an action that isn't there.
func (a triggerAction) asInput(t *Ticket) (in input, known bool) {
	if len(a.Value) != 1 {
		return nil, false
	}
	value := a.Value[0]
	number, isField := strings.CutPrefix(a.Field, "custom_fields_")
	switch {
	case slices.Contains([]string{"status", "priority", "type"}, a.Field):
		return input{a.Field: stage.JSON(value)}, true
	case a.Field == "group_id" || a.Field == "assignee_id":
		id, err := strconv.ParseInt(value, 10, 64)
		return input{a.Field: stage.JSON(id)}, err == nil
	case a.Field == "set_tags":
		return input{"tags": stage.JSON(strings.Fields(value))}, true
	case a.Field == "current_tags":
		return input{"tags": stage.JSON(editTags(t.Tags, strings.Fields(value), nil))}, true
	case a.Field == "remove_tags":
		return input{"tags": stage.JSON(editTags(t.Tags, nil, strings.Fields(value)))}, true
	case isField:
		id, err := strconv.ParseInt(number, 10, 64)
		return input{"custom_fields": stage.JSON([]map[string]any{{"id": id, "value": value}})}, err == nil
	}
	return nil, false
}

// actTriggers has the triggers change a ticket that has just been updated: their
// changes stand in the same audit, each event with the trigger's name. Each trigger
// acts once, and after a change the earlier ones are asked again, as Zendesk's cycle
// does (support.zendesk.com/hc/en-us/articles/4408822236058).
func (d *Desk) actTriggers(rec *record, audit *audit) {
	created := len(rec.Audits) == 0
	done := map[int64]bool{}
	for again := true; again; {
		again = false
		for _, t := range d.state.Triggers {
			if done[t.ID] || rec.Ticket.Status == "closed" || !t.runs(update{&rec.Ticket, created}) {
				continue
			}
			done[t.ID] = true
			if again = d.actTrigger(t, rec, audit); again {
				break
			}
		}
	}
}

// actTrigger carries a trigger's actions out, and says whether they changed
// something. What can't be done is left out, as Zendesk does without a word.
func (d *Desk) actTrigger(t *trigger, rec *record, audit *audit) (changed bool) {
	z := &d.state
	old := rec.Ticket
	for _, a := range t.Actions {
		in, ok := a.asInput(&rec.Ticket)
		if !ok {
			continue
		}
		next := rec.Ticket
		next.CustomFields = slices.Clone(next.CustomFields)
		if _, refused := z.apply(&next, in); refused == nil {
			rec.Ticket = next
		}
	}
	before := len(audit.Events)
	z.differences(audit, &old, &rec.Ticket, "Change")
	for i := range audit.Events[before:] {
		way := viaTrigger(t.Title)
		way.Source.From = map[string]any{"id": json.Number(strconv.FormatInt(t.ID, 10)), "title": t.Title, "deleted": false}
		audit.Events[before+i].Via = &way
	}
	return len(audit.Events) > before
}
