package zendesk

import ()

// Ticket is the ticket as it stands, deleted ones included.
func (d *Desk) Ticket(id int64) (t Ticket, ok bool) {
	d.act(func(st *State) error {
		if rec := st.record(id); rec != nil {
			t, ok = rec.Ticket.clone(), true
		}
		return nil
	})
	return t, ok
}

// Tickets are all tickets, deleted ones included, by id.
func (d *Desk) Tickets() (list []Ticket) {
	d.act(func(st *State) error {
		for _, rec := range st.Tickets {
			list = append(list, rec.Ticket.clone())
		}
		return nil
	})
	return list
}

// Notes are a ticket's internal notes, oldest first.
func (d *Desk) Notes(id int64) (notes []string) {
	d.act(func(st *State) error {
		rec := st.live(id)
		if rec == nil {
			return errNotFound
		}
		for _, a := range rec.Audits {
			for _, e := range a.Events {
				if e.Type == "Comment" && e.Public != nil && !*e.Public {
					notes = append(notes, e.Body)
				}
			}
		}
		return nil
	})
	return notes
}

// Audits is how many times the ticket was changed, its creation included.
func (d *Desk) Audits(id int64) (n int) {
	d.act(func(st *State) error {
		if rec := st.record(id); rec != nil {
			n = len(rec.Audits)
		}
		return nil
	})
	return n
}
