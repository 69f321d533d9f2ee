package zendesk

import (
	"cmp"
	"time"
)

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

// A Comment is what somebody wrote in a ticket, as an agent sees it.
type Comment struct {
	By     string // name
	At     time.Time
	Body   string
	Public bool // the customer sees it
}

// Comments are a ticket's comments, oldest first, with what it was opened with.
func (d *Desk) Comments(id int64) (list []Comment) {
	d.act(func(st *State) error {
		rec := st.live(id)
		if rec == nil {
			return errNotFound
		}
		hidden := map[int64]bool{} // made private afterwards
		for _, a := range rec.Audits {
			for _, e := range a.Events {
				if e.Type == "CommentPrivacyChange" {
					hidden[e.CommentID] = e.Public != nil && !*e.Public
				}
			}
		}
		for _, a := range rec.Audits {
			for _, e := range a.Events {
				if e.Type != "Comment" {
					continue
				}
				c := Comment{At: a.CreatedAt, Body: e.Body, Public: (e.Public == nil || *e.Public) && !hidden[e.ID]}
				if u := st.user(cmp.Or(e.AuthorID, a.AuthorID)); u != nil {
					c.By = u.Name
				}
				list = append(list, c)
			}
		}
		return nil
	})
	return list
}

// People are those who can act, in the order in which they came.
func (d *Desk) People() (list []User) {
	d.act(func(st *State) error {
		for _, u := range st.Users {
			if u.Active && !u.Purged {
				list = append(list, st.shownUser(u))
			}
		}
		return nil
	})
	return list
}

// Person is somebody by his id; false if there is nobody of that id.
func (d *Desk) Person(id int64) (who User, ok bool) {
	d.act(func(st *State) error {
		if u := st.user(id); u != nil {
			who, ok = st.shownUser(u), true
		}
		return nil
	})
	return who, ok
}

func (z *State) shownUser(u *user) User {
	shown := User{Email: u.Email, Name: u.Name, Role: u.Role, Locale: u.Locale}
	if u.OrganizationID != nil {
		if o := z.organization(*u.OrganizationID); o != nil {
			shown.Organization = o.Name
		}
	}
	return shown
}

// Group is the name of a team by its id; empty if there is none of that id.
func (d *Desk) Group(id int64) (name string) {
	d.act(func(st *State) error {
		if g := st.group(id); g != nil {
			name = g.Name
		}
		return nil
	})
	return name
}

// FieldTitle is what a custom field is called; empty if there is none of that id.
func (d *Desk) FieldTitle(id int64) (title string) {
	d.act(func(st *State) error {
		if f := st.field(id); f != nil {
			title = f.Title
		}
		return nil
	})
	return title
}
