package engine

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
)

// decide puts the verdict into the row, and lists the actions by which what is becomes
// what should be. It changes nothing else.
func decide(s *Source, row *store.Row, v *rules.Verdict, messages []store.Message, now time.Time) ([]store.Action, error) {
	var actions []store.Action
	first := row.First
	alerts := v.Alerts(row.Ticket, now)
	if err := countEpisodes(s, row, v, alerts, now); err != nil {
		return nil, err
	}
	row.Verdict, row.First, row.Wake = v, false, v.Wake
	row.Open = !solved(v.Status) && v.Status != rules.Deleted
	row.Written = writtenNow(s, row, v)

	for _, a := range alerts {
		if !a.Kind.Alarm() {
			continue
		}
		a = row.Episodes.Name(a)
		for _, key := range a.Earlier {
			actions = append(actions, oneTimeAction(key, a, store.Skipped, "a later threshold had passed", now))
		}
		switch {
		case first:
			actions = append(actions, oneTimeAction(a.Key, a, store.Skipped, "had passed before the first start", now))
		default:
			actions = append(actions, oneTimeAction(a.Key, a, store.Pending, "", now))
		}
	}
	stale := map[string]bool{} // topics
	for _, m := range messages {
		if alertDigest(latest(v, row.Ticket, m, now)) != m.Shown {
			stale[m.Metric] = true
		}
	}
	for _, topic := range slices.Sorted(maps.Keys(stale)) {
		actions = append(actions, standingAction(store.Edit, row, topic, now))
	}
	if edit := difference(s, row, v); !edit.Empty() && !(first && solved(v.Status)) {
		write := standingAction(store.Write, row, "", now)
		if slices.ContainsFunc(v.Clocks, func(c rules.Clock) bool { return c.State == rules.StateBreached }) {
			write.Urgency = store.Breach.Traits().Urgency
		}
		actions = append(actions, write)
	}
	return actions, nil
}

// countEpisodes counts how often each alarm of a ticket has begun: the number is a part
// of the alarm's key, so an alarm that begins anew calls again. What began and ended
// while Vigie didn't run is counted from the history. What Vigie has seen counts too,
// even if a change that it learned of late shows that there was no reason to call.
func countEpisodes(s *Source, row *store.Row, v *rules.Verdict, alerts []rules.Alert, now time.Time) error {
	if row.Episodes == nil {
		row.Episodes = rules.Episodes{}
	}
	row.Episodes.See(v, row.Ticket, alerts)
	if !slices.ContainsFunc(alerts, func(a rules.Alert) bool { return a.Kind.Alarm() }) {
		return nil
	}
	history, err := rules.History(s.Policies, row.Ticket, v, alerts, now)
	row.Episodes.Catch(history)
	return err
}

// alerts are what people should see of a ticket that was judged at now, with the keys
// that its actions have.
func alerts(row *store.Row, v *rules.Verdict, now time.Time) []rules.Alert {
	list := v.Alerts(row.Ticket, now)
	for i := range list {
		list[i] = row.Episodes.Name(list[i])
	}
	return list
}

// alertDigest tells messages apart by what they say, not by their language.
func alertDigest(a rules.Alert) string {
	a.Speak = ""
	return a.Digest()
}

// solved says that nobody works on the ticket any more.
func solved(s rules.Status) bool { return s == rules.Solved || s == rules.Closed }

// oneTimeAction is an action that is carried out once ever, such as a warning.
func oneTimeAction(key string, a rules.Alert, state store.ActionState, note string, now time.Time) store.Action {
	kind := store.AlarmOf(a.Kind)
	return store.Action{Key: key, Kind: kind, Source: a.Source, ID: a.ID, Topic: a.Topic(), Cycle: a.Cycle, State: state, Note: note, Urgency: kind.Traits().Urgency, NotBefore: now}
}

// standingAction is an action that is carried out as often as something is out of date.
func standingAction(kind store.Kind, row *store.Row, topic string, now time.Time) store.Action {
	key := string(kind) + "/" + row.Source + ":" + row.ID
	if topic != "" {
		key += "/" + topic
	}
	return store.Action{Key: key, Kind: kind, Source: row.Source, ID: row.ID, Topic: topic, Urgency: kind.Traits().Urgency, NotBefore: now}
}

// difference is what is to be written into a ticket: tags one by one, due fields, and
// the priority if the configuration says so. Closed and deleted tickets are never
// written to, nor those that can't be read any more. What a person or another program
// has changed after Vigie wrote it stays until the policy wants something else. From a
// ticket that no policy covers any more only what Vigie wrote is removed. A priority is
// written only if a rule or the examples suggest it: the default says nothing about the
// ticket.
func difference(s *Source, row *store.Row, v *rules.Verdict) desk.Edit {
	e := desk.Edit{ID: row.ID}
	if v.Status == rules.Closed || v.Status == rules.Deleted || row.Problem != "" {
		return e
	}
	did := func(what string) func(string) bool {
		return func(tag string) bool { return row.Written[tagMemory+tag] == what }
	}
	e.AddTags = slices.DeleteFunc(slices.Clone(v.Tags.Add), did(added))
	e.RemoveTags = slices.DeleteFunc(slices.Clone(v.Tags.Remove), did(removed))
	_, _, _, _, _, fields := v.Now()
	for _, f := range s.Desk.DueFields() {
		want, known := dueText(f, v, row.Written)
		is := fields[f.ID]
		last, written := row.Written[f.ID]
		if !known || want == is || written && last == want || !v.Covered() && is != last {
			continue
		}
		if e.Fields == nil {
			e.Fields = map[string]string{}
		}
		e.Fields[f.ID] = want
	}
	if s.WritePriority && (v.PriorityFrom == rules.FromRule || v.PriorityFrom == rules.FromExamples) && v.Excluded == nil && row.Ticket.VendorPriority != v.Priority && row.Written[priorityField] != v.Priority {
		e.Priority = v.Priority
	}
	handled(row, v, &e)
	return e
}

// handled adds to an edit what people asked for in the chat: the ticket's assignee,
// where the vendor knows him, and a priority. Each is written once; what somebody
// changes at the vendor afterwards is theirs.
func handled(row *store.Row, v *rules.Verdict, e *desk.Edit) {
	h := row.Ticket.Handling
	if h == nil {
		return
	}
	if t := h.Taken; t != nil && t.Assignee != "" && row.Written[assigneeMemory] != stamp(t.At, wanted(t)) {
		want, a := wanted(t), assigned(row.Ticket)
		theirs := a.by != rules.ByVigie && !a.at.Before(t.At)
		his := strings.EqualFold(a.to, t.Assignee) || a.by == rules.ByVigie // the vendor may hide addresses
		if !theirs && !strings.EqualFold(want, a.to) && (!t.Released || his) {
			e.Assign, e.Assigned = &want, a.to
		}
	}
	if c := h.Choice; c != nil && row.Written[choiceMemory] != stamp(c.At, c.Priority) && v.Priority == c.Priority && row.Ticket.VendorPriority != c.Priority {
		e.Priority, e.By = c.Priority, cmp.Or(c.By.Name, c.By.Email, c.By.ID)
	}
}

// wanted is whom a ticket is to be assigned to after somebody took it or gave it back; ""
// for nobody.
func wanted(t *rules.Taken) string {
	if t.Released {
		return ""
	}
	return t.Assignee
}

// An assignment says whose a ticket is at the vendor, since when, and who has made it
// his; by is empty for one that he had at creation.
type assignment struct {
	to, by string
	at     time.Time
}

func assigned(t *rules.Ticket) assignment {
	a := assignment{to: t.Assignee, at: t.CreatedAt}
	for _, e := range t.Events {
		if e.Type == rules.AssigneeEvent {
			a = assignment{e.To, e.By, e.At}
		}
	}
	return a
}

// stamp names what somebody asked for: several may ask within a second.
func stamp(t time.Time, what string) string { return t.UTC().Format(time.RFC3339) + " " + what }

// The keys of Row.Written besides the ids of due fields: the priority that was written
// last, and for each tag whether Vigie has added or removed it, as long as the policy
// still wants that.
const (
	priorityField = "priority"
	tagMemory     = "tag/"
	// When somebody asked for what was written last of the assignee, and of a priority.
	assigneeMemory = "taken"
	choiceMemory   = "chosen"
	added          = "added"
	removed        = "removed"
)

// dueText is what a due field should hold: the due instant of a clock that runs or has
// ended; "" while it is paused or nothing is promised. ok is false for a field that is
// left alone, since there is no promise and Vigie has never written it.
func dueText(f rules.DueField, v *rules.Verdict, written map[string]string) (text string, ok bool) {
	c := v.Clock(f.Metric)
	if c == nil {
		_, ours := written[f.ID]
		return "", ours
	}
	if c.Due == nil {
		return "", true
	}
	return f.Form.Text(*c.Due), true
}

// writtenAfter is the row's Written once an edit has been carried out.
func writtenAfter(row *store.Row, e desk.Edit) map[string]string {
	w := maps.Clone(row.Written)
	if w == nil {
		w = map[string]string{}
	}
	maps.Copy(w, e.Fields)
	for _, tag := range e.AddTags {
		w[tagMemory+tag] = added
	}
	for _, tag := range e.RemoveTags {
		w[tagMemory+tag] = removed
	}
	if e.Priority != "" {
		w[priorityField] = e.Priority
	}
	if h := row.Ticket; h != nil && h.Handling != nil {
		if t := h.Handling.Taken; t != nil && e.Assign != nil && *e.Assign == wanted(t) { // else he took it, or gave it back, while it was written
			w[assigneeMemory] = stamp(t.At, wanted(t))
		}
		if c := h.Handling.Choice; c != nil && e.Priority == c.Priority && e.By != "" {
			w[choiceMemory] = stamp(c.At, c.Priority)
		}
	}
	return w
}

// writtenNow is the row's Written after a reading. Due fields that hold what they should
// count as written, since Vigie may have written them just before a crash; so what a
// person changes afterwards is left alone. A tag's entry is dropped once the policy wants
// something else of the tag.
func writtenNow(s *Source, row *store.Row, v *rules.Verdict) map[string]string {
	hold := map[string]string{}
	_, _, _, _, tags, fields := v.Now()
	for _, f := range s.Desk.DueFields() {
		if want, known := dueText(f, v, row.Written); known && fields[f.ID] == want {
			hold[f.ID] = want
		}
	}
	w := writtenAfter(row, desk.Edit{Fields: hold})
	maps.DeleteFunc(w, func(key, did string) bool {
		tag, ok := strings.CutPrefix(key, tagMemory)
		wanted := slices.Contains(v.Tags.Add, tag) || slices.Contains(tags, tag) && !slices.Contains(v.Tags.Remove, tag)
		return ok && wanted != (did == added)
	})
	return w
}

// withEdit is a ticket with an edit of Vigie's added to its history, so that it needn't
// be read again.
func withEdit(t *rules.Ticket, e desk.Edit, now time.Time) *rules.Ticket {
	after := *t
	after.Events = slices.Clone(t.Events)
	if len(e.AddTags)+len(e.RemoveTags) > 0 {
		after.Events = append(after.Events, rules.Event{At: now, Type: rules.TagEvent, Add: e.AddTags, Remove: e.RemoveTags, By: rules.ByVigie})
	}
	for _, id := range slices.Sorted(maps.Keys(e.Fields)) {
		after.Events = append(after.Events, rules.Event{At: now, Type: rules.FieldEvent, Name: id, To: e.Fields[id], By: rules.ByVigie})
	}
	if e.Priority != "" {
		after.VendorPriority = e.Priority
	}
	if e.Assign != nil {
		after.Events = append(after.Events, rules.Event{At: now, Type: rules.AssigneeEvent, To: *e.Assign, By: rules.ByVigie})
	}
	return &after
}
