package web

import (
	"cmp"
	"context"
	"strings"
	"time"

	"vigie/bot/store"
)

// maxPeople is how many calls and requests a ticket's page lists, the newest.
const maxPeople = 30

// A personView is what Vigie asked of people, or they of it, about a ticket: a call, or
// what somebody asked for in the chat.
type personView struct {
	When             moment
	Who, What, State string
	Until            *moment
	Note             string
}

// people tells whom a ticket's chain called, and who asked for what, oldest first.
func (s *Server) people(ctx context.Context, t *ticketPage, source, id string, now time.Time) error {
	list, err := s.Store.CallsAndRequests(ctx, source, id, maxPeople)
	if err != nil {
		return err
	}
	for i := range list {
		t.People = append(t.People, t.person(&list[i], t.handling, now))
	}
	return nil
}

// person is a call or a request; names are those of people by the chat's ids.
func (p *page) person(a *store.Action, names map[string]string, now time.Time) personView {
	w := p.W
	in := func(t time.Time) moment { return w.moment(t.In(now.Location()), now) }
	v := personView{When: in(a.Created), State: w.or("action_state."+string(a.Shown()), string(a.Shown())), Note: a.Note}
	if r := a.Request; r != nil {
		v.When, v.Who = in(r.At), cmp.Or(r.By.Name, r.By.Email, names[r.By.ID], r.By.ID)
		v.What = w.wanted(r)
		if r.What == store.Snooze && !r.Until.IsZero() {
			until := in(r.Until)
			v.Until = &until
		}
		return v
	}
	v.What = w.Say("ticket.called", "topic", w.topic(a.Topic))
	switch {
	case a.State == store.Done:
		v.When = in(a.Ended)
	case a.State == store.Pending:
		v.When = in(a.NotBefore)
	}
	if v.Who = w.Say("ticket.whoever_took"); a.Step != nil && len(a.Step.Whom) > 0 {
		v.Who = strings.Join(a.Step.Whom, ", ")
	}
	return v
}

// wanted says what somebody asked for.
func (w speech) wanted(r *store.Request) string {
	switch r.What {
	case store.Choose:
		return w.Say("ticket.asked.choose", "name", r.Priority)
	case store.Snooze:
		if r.Until.IsZero() {
			return w.Say("ticket.asked.snooze_open")
		}
	}
	return w.or("ticket.asked."+string(r.What), string(r.What))
}
