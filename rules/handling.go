package rules

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Handling is what people have done about a ticket in Vigie itself, where they were
// told of it (section 8 of the design). It is kept with the ticket, since the vendor
// doesn't know all of it: a stranger to the vendor can take a ticket, too.
type Handling struct {
	Taken  *Taken  `json:"taken,omitempty"`
	Snooze *Snooze `json:"snooze,omitempty"`
	Choice *Choice `json:"choice,omitempty"`
}

// A Person is somebody as the chat knows him.
type Person struct {
	ID    string `json:"id"`              // the chat's: "U024BE7LH"
	Name  string `json:"name,omitempty"`  // as people read it
	Email string `json:"email,omitempty"` // empty where the chat doesn't tell
}

// Taken says who has taken the ticket, or that it was given back.
type Taken struct {
	By       Person    `json:"by"`
	At       time.Time `json:"at"`
	Released bool      `json:"released,omitempty"` // By gave it back
	Assignee string    `json:"assignee,omitempty"` // his address at the vendor; empty where the vendor doesn't know him
}

// Snooze holds calls about the ticket back, never its message.
type Snooze struct {
	By    Person    `json:"by"`
	At    time.Time `json:"at"`
	Until time.Time `json:"until"`
}

// Choice is a priority that somebody chose where he was asked for one.
type Choice struct {
	By       Person    `json:"by"`
	At       time.Time `json:"at"`
	Priority string    `json:"priority"`
}

// Holder is who has taken the ticket as it stands after its history, and since when;
// false where nobody has. What was done to the assignee at the vendor after somebody
// took the ticket counts as taking it, too, or as giving it back.
func (t *Ticket) Holder() (who Person, since time.Time, taken bool) {
	if t.Handling == nil || t.Handling.Taken == nil {
		return Person{}, time.Time{}, false
	}
	h := t.Handling.Taken
	who, since, taken = h.By, h.At, !h.Released
	for _, e := range t.Events {
		switch {
		case e.Type != AssigneeEvent || e.By == ByVigie || e.At.Before(h.At) || h.Assignee != "" && strings.EqualFold(e.To, h.Assignee):
		case e.To == "":
			taken = false
		default:
			who, since, taken = Person{Name: e.To, Email: e.To}, e.At, true
		}
	}
	return who, since, taken
}

// HeldBy is who sees to the ticket after its history, and since when: its Holder, else
// whom the vendor has it assigned to; false where nobody does.
func (t *Ticket) HeldBy() (who Person, since time.Time, held bool) {
	if who, since, held = t.Holder(); held {
		return who, since, true
	}
	assignee, since := t.Assignee, t.CreatedAt
	for _, e := range t.Events {
		if e.Type == AssigneeEvent && e.To != assignee {
			assignee, since = e.To, e.At
		}
	}
	if h := t.Handling; assignee == "" || h != nil && h.Taken != nil && h.Taken.Released && h.Taken.Assignee == assignee {
		return Person{}, time.Time{}, false // what Vigie assigned, and is still to take back
	}
	return Person{Name: assignee, Email: assignee}, since, true
}

// Handlers are those who have done something about the ticket in Vigie, by the chat's
// ids: what others call them.
func (t *Ticket) Handlers() map[string]string {
	names := map[string]string{}
	if t == nil || t.Handling == nil {
		return names
	}
	h := t.Handling
	if h.Taken != nil {
		names[h.Taken.By.ID] = h.Taken.By.String()
	}
	if h.Snooze != nil {
		names[h.Snooze.By.ID] = h.Snooze.By.String()
	}
	if h.Choice != nil {
		names[h.Choice.By.ID] = h.Choice.By.String()
	}
	return names
}

// String is the person as others call him, as far as that is known.
func (p Person) String() string { return cmp.Or(p.Name, p.Email, p.ID) }

// Address is what the person is told apart by: the e-mail address where it is known.
func (p Person) Address() string { return cmp.Or(p.Email, p.Name, p.ID) }

// TakenSince is who has taken the ticket since an instant: Holder, or whom it was
// assigned to at the vendor since then, also by a Vigie that remembers nothing of it.
func (t *Ticket) TakenSince(at time.Time) (who Person, taken bool) {
	if who, _, taken = t.Holder(); taken {
		return who, true
	}
	if h := t.Handling; h != nil && h.Taken != nil && h.Taken.At.After(at) {
		at = h.Taken.At // given back then
	}
	for _, e := range t.Events {
		if e.Type == AssigneeEvent && e.By != ByAutomation && !e.At.Before(at) {
			who, taken = Person{Name: e.To, Email: e.To}, e.To != ""
		}
	}
	return who, taken
}

// SnoozedUntil is until when calls are held back; zero where they aren't.
func (t *Ticket) SnoozedUntil(now time.Time) time.Time {
	if t.Handling == nil || t.Handling.Snooze == nil || !t.Handling.Snooze.Until.After(now) {
		return time.Time{}
	}
	return t.Handling.Snooze.Until
}

// Handled is the ticket after something was done about it; do is given a copy.
func (t *Ticket) Handled(do func(*Handling)) *Ticket {
	after, h := *t, Handling{}
	if t.Handling != nil {
		h = *t.Handling
	}
	do(&h)
	after.Events = slices.Clone(t.Events)
	after.handled(&h)
	return &after
}

// handled has a ticket that was read anew keep what people have done about it. A
// priority that somebody chose is his choice whoever the vendor says has set it, and
// also while it is still to be written there.
func (t *Ticket) handled(h *Handling) {
	t.Handling = h
	if h == nil || h.Choice == nil {
		return
	}
	by := cmp.Or(h.Choice.By.Name, h.Choice.By.Email, h.Choice.By.ID)
	for i := range t.Events {
		e := &t.Events[i]
		if e.Type != PriorityEvent || e.At.Before(h.Choice.At) {
			continue
		}
		if e.By == ByVigie && e.To == h.Choice.Priority {
			e.By = by
		}
		if e.By != ByVigie && e.By != ByAutomation {
			return
		}
	}
	t.Events = append(t.Events, Event{At: h.Choice.At, Type: PriorityEvent, To: h.Choice.Priority, By: by})
	slices.SortStableFunc(t.Events, func(a, b Event) int { return a.At.Compare(b.At) })
}

// A Call is a line that calls people by name.
type Call struct {
	Key      string // names it for good
	Language string
	Alert    Alert // of the ticket; without a source it is about a list
	Tickets  int   // how many a list has that are still in danger
	Whom     []Called
}

// A Called is somebody whom a line mentions.
type Called struct {
	Role  string // how the configuration writes it: "assignee", "oncall:support", "@support-berlin"; "" for whoever has taken the ticket
	Email string // of a person, as the chat knows him
	ID    string // of a person, if the chat has told it
	Group string // a group's handle
	None  bool   // nobody has that role now
}
