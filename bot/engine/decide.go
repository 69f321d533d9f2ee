package engine

import (
	"maps"
	"slices"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

// decide fills the row with a verdict and lists the actions that follow from
// it: what should be, against what is. It changes nothing else.
func decide(s *Source, row *store.Row, v *rules.Verdict, messages []store.Message, now time.Time) ([]store.Action, error) {
	var actions []store.Action
	first := row.First
	alerts := v.Alerts(row.Ticket, now)
	if err := see(s, row, v, alerts, now); err != nil {
		return nil, err
	}
	row.Verdict, row.First, row.Wake = v, false, v.Wake
	row.Open = !solved(v.Status) && v.Status != rules.Deleted
	row.Written = remembered(s, row, v)

	for _, a := range alerts {
		if !a.Kind.Alarm() {
			continue
		}
		a = row.Episodes.Name(a)
		for _, key := range a.Earlier {
			actions = append(actions, once(key, a, store.Skipped, "a later threshold had passed", now))
		}
		switch {
		case first:
			actions = append(actions, once(a.Key, a, store.Skipped, "had passed before the first start", now))
		default:
			actions = append(actions, once(a.Key, a, store.Pending, "", now))
		}
	}
	stale := map[string]bool{} // topics
	for _, m := range messages {
		if shown(v.Latest(row.Ticket, m.Metric, m.Cycle, now)) != m.Shown {
			stale[m.Metric] = true
		}
	}
	for _, topic := range slices.Sorted(maps.Keys(stale)) {
		actions = append(actions, standing(store.Edit, row, topic, now))
	}
	if edit := difference(s, row, v); !edit.Empty() && !(first && solved(v.Status)) {
		write := standing(store.Write, row, "", now)
		if slices.ContainsFunc(v.Clocks, func(c rules.Clock) bool { return c.State == rules.StateBreached }) {
			write.Urgency = store.Breach.Traits().Urgency
		}
		actions = append(actions, write)
	}
	return actions, nil
}

// see counts the episodes of a ticket's alarms on. What began and ended while
// nobody looked, in an outage or before the first start, is counted from the
// history. What was seen counts as well: an alarm that has called, and was void by
// what Vigie then knew, calls again even where a change that came in late would
// have it that there never was a reason.
func see(s *Source, row *store.Row, v *rules.Verdict, alerts []rules.Alert, now time.Time) error {
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

// alerts are what people should see of a ticket that was judged at now, their keys
// as those of the actions are that were decided on.
func alerts(row *store.Row, v *rules.Verdict, now time.Time) []rules.Alert {
	list := v.Alerts(row.Ticket, now)
	for i := range list {
		list[i] = row.Episodes.Name(list[i])
	}
	return list
}

// shown is the digest of what a message says, in whichever language.
func shown(a rules.Alert) string {
	a.Speak = ""
	return a.Digest()
}

// solved says that nobody works on the ticket any more.
func solved(s rules.Status) bool { return s == rules.Solved || s == rules.Closed }

// once is an action that happens once ever.
func once(key string, a rules.Alert, state store.ActionState, note string, now time.Time) store.Action {
	kind := store.AlarmOf(a.Kind)
	return store.Action{Key: key, Kind: kind, Source: a.Source, ID: a.ID, Topic: a.Topic(), Cycle: a.Cycle, State: state, Note: note, Urgency: kind.Traits().Urgency, NotBefore: now}
}

// standing is an action that brings something up to date, as often as needed.
func standing(kind store.Kind, row *store.Row, topic string, now time.Time) store.Action {
	key := string(kind) + "/" + row.Source + ":" + row.ID
	if topic != "" {
		key += "/" + topic
	}
	return store.Action{Key: key, Kind: kind, Source: row.Source, ID: row.ID, Topic: topic, Urgency: kind.Traits().Urgency, NotBefore: now}
}

// difference is what is to be written into a ticket: tags one by one, due
// fields, and the priority where the configuration asks for it. Closed and
// deleted tickets are never touched, nor those that can't be read any more. What
// somebody changed after it was written, a person or another program, is left
// retrySize until something else is wanted. Of a ticket that no policy covers any more
// only what Vigie wrote goes. A priority is written only where a rule found it: a
// default is nobody's word on the ticket.
func difference(s *Source, row *store.Row, v *rules.Verdict) rules.Edit {
	e := rules.Edit{ID: row.ID}
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
	return e
}

// Where the priority that was written last is remembered, and, before its name,
// what was done to a tag, as long as that is what is wanted.
const (
	priorityField = "priority"
	tagMemory     = "tag/"
	added         = "added"
	removed       = "removed"
)

// dueText is what a due field should hold: the due instant of a clock that runs
// or ended, "" while it is paused or not promised. A metric that the policy
// makes no promise of, and never had one written, is left alone.
func dueText(f rules.DueField, v *rules.Verdict, written map[string]string) (string, bool) {
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

// remember is a row's memory of what Vigie wrote, after an edit.
func remember(row *store.Row, e rules.Edit) map[string]string {
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
	return w
}

// remembered adds the due fields that hold what they should: what was written
// just before a crash is known that way, and what a person changes afterwards is
// theirs. What was done to a tag of which something else is wanted now is
// forgotten.
func remembered(s *Source, row *store.Row, v *rules.Verdict) map[string]string {
	hold := map[string]string{}
	_, _, _, _, tags, fields := v.Now()
	for _, f := range s.Desk.DueFields() {
		if want, known := dueText(f, v, row.Written); known && fields[f.ID] == want {
			hold[f.ID] = want
		}
	}
	w := remember(row, rules.Edit{Fields: hold})
	maps.DeleteFunc(w, func(key, did string) bool {
		tag, ok := strings.CutPrefix(key, tagMemory)
		wanted := slices.Contains(v.Tags.Add, tag) || slices.Contains(tags, tag) && !slices.Contains(v.Tags.Remove, tag)
		return ok && wanted != (did == added)
	})
	return w
}

// enact adds an edit to a ticket's history as Vigie's own act, so that the
// ticket is known as it now is without reading it again.
func enact(t *rules.Ticket, e rules.Edit, now time.Time) *rules.Ticket {
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
	return &after
}
