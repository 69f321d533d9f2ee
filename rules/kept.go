package rules

import (
	"slices"
	"time"
)

// A Kept is something of a ticket that is not as the policy would have it, because
// a person changed it: it stays as it is until the policy wants something else.
type Kept struct {
	Tag     string    `json:"tag,omitempty"`     // a tag that somebody put on or took off
	Removed bool      `json:"removed,omitempty"` // took off
	Field   string    `json:"field,omitempty"`   // or the id of a field that shows a due date
	Metric  Metric    `json:"metric,omitempty"`  // whose
	Is      string    `json:"is,omitempty"`      // what it holds; empty for nothing
	Wanted  string    `json:"wanted,omitempty"`  // what it would hold; empty for nothing
	Program bool      `json:"program,omitempty"` // it wasn't a person but another program
	At      time.Time `json:"at"`                // when it was changed
}

// keepTags finds the tags on which a person has had the last word, and another than
// the policy's.
func (x *Explanation) keepTags() {
	v, h := &x.Verdict, history{}
	h.read(x.Ticket, x.At)
	a := h.at(h.last())
	wanted := v.policy.wantedTags(v, x.At)
	others := func(tag string) bool {
		return person(a.tagBy[tag]) && !slices.ContainsFunc(x.Kept, func(k Kept) bool { return k.Tag == tag })
	}
	for _, tag := range wanted {
		if !slices.Contains(a.tags, tag) && others(tag) {
			x.Kept = append(x.Kept, Kept{Tag: tag, Removed: true, At: x.lastChange(tag)})
		}
	}
	for _, tag := range a.tags {
		if v.policy.Owns(tag) && !slices.Contains(wanted, tag) && others(tag) {
			x.Kept = append(x.Kept, Kept{Tag: tag, At: x.lastChange(tag)})
		}
	}
}

// lastChange is when a tag was last put on or taken off.
func (x *Explanation) lastChange(tag string) time.Time {
	at := x.Ticket.CreatedAt
	for i := range x.Ticket.Events {
		e := &x.Ticket.Events[i]
		if e.Type == TagEvent && !e.At.After(x.At) && !e.At.Before(at) && (slices.Contains(e.Add, tag) || slices.Contains(e.Remove, tag)) {
			at = e.At
		}
	}
	return at.In(x.local)
}

// Keep adds the due fields that hold what somebody else wrote after they had held
// what they should. Their forms needn't be known.
func (x *Explanation) Keep(due []DueField) {
	v := &x.Verdict
	if v.policy == nil || v.Error != "" {
		return
	}
	for _, f := range due {
		c := v.Clock(f.Metric)
		if c == nil {
			continue
		}
		wanted := []string{""}
		if c.Due != nil {
			wanted = []string{TextForm.Text(*c.Due), DateForm.Text(*c.Due)}
		}
		var ours, last *Event // what Vigie wrote last, and what others did since
		for i := range x.Ticket.Events {
			e := &x.Ticket.Events[i]
			switch {
			case e.Type != FieldEvent || e.Name != f.ID || e.At.After(x.At):
			case e.By == ByVigie:
				ours, last = e, nil
			default:
				last = e
			}
		}
		if ours != nil && last != nil && slices.Contains(wanted, ours.To) && last.To != ours.To {
			x.Kept = append(x.Kept, Kept{Field: f.ID, Metric: f.Metric, Is: last.To, Wanted: ours.To, Program: !person(last.By), At: last.At.In(x.local)})
		}
	}
}
