package zendesk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// An agent who leaves is downgraded to an end user, or deleted: Zendesk's role of
// today then says nothing of what he was when he answered. So who was once seen as
// staff is remembered as that for good, by his role at a reading, by a webhook's
// is_staff, or by what he did in a history (staffIn). What all histories of a batch
// show is known before any of them is told.
//
// What shows it has to be something that no customer can do, since it is never taken
// back. A customer's mail into a ticket whose requester or CC he isn't becomes a
// private comment (support.zendesk.com 4408842992538), any customer's answer opens a
// ticket, and requesters solve theirs in the portal.

// agentsWay are the channels over which agents work, as audits and the export name
// them.
var agentsWay = []string{"web", "web form", "mobile", "api", "web service"}

// staffIn are the accounts that a ticket's history shows to have been staff: its
// assignees; who wrote a note, gave it to somebody, or gave it another status than
// open, without having been its requester; and who spoke as an agent in a
// conversation.
func staffIn(w wireTicket, list []wireAudit) []string {
	staff, asked := map[string]bool{}, map[string]bool{w.RequesterID.id(): true}
	staff[w.AssigneeID.id()] = true
	var acted []string
	for _, a := range list {
		way := strings.ToLower(string(a.Via.Channel))
		made := creates(a.Events)
		for _, e := range a.Events {
			value, previous := fieldValue(string(e.FieldName), e.Value), fieldValue(string(e.FieldName), e.Previous)
			switch e.FieldName {
			case "assignee_id":
				staff[value], staff[previous] = true, true
			case "requester_id":
				asked[value], asked[previous] = true, true
			}
			for _, said := range e.chatLines() {
				if said.staff {
					staff[said.author] = true
				}
			}
			if made || !slices.Contains(agentsWay, way) || e.Via != nil && e.Via.Channel != "" && e.Via.Channel != a.Via.Channel {
				continue
			}
			own := e.AuthorID.id() == "" || e.AuthorID.id() == a.AuthorID.id()
			note := e.Type == "Comment" && e.Public == "false" && own
			moved := e.Type == "Change" && (e.FieldName == "status" && value != "open" || e.FieldName == "assignee_id" && value != "")
			if note || moved {
				acted = append(acted, a.AuthorID.id())
			}
		}
	}
	for _, id := range acted {
		if !asked[id] {
			staff[id] = true
		}
	}
	delete(staff, "")
	return slices.Sorted(maps.Keys(staff))
}

// An accountSet holds the accounts that webhooks have said to be staff since the last
// reading.
type accountSet struct {
	mu       sync.Mutex
	accounts map[string]bool
}

func (s *accountSet) add(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts == nil {
		s.accounts = map[string]bool{}
	}
	s.accounts[id] = true
}

func (s *accountSet) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.accounts))
}

func (s *accountSet) remove(ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		delete(s.accounts, id)
	}
}

// staff completes what is known of people by who of them was once staff, and
// remembers whoever is found to be: one question to the state, and one note to it if
// there is news. Who isn't staff any more, and wasn't remembered, has been told as a
// customer until now: his tickets are to be read again.
func (c *Client) staff(ctx context.Context, histories []fetched, known *names) error {
	told := c.staffByWebhook.list()
	known.staff = map[string]bool{}
	for _, id := range told {
		known.staff[id] = true
	}
	for _, h := range histories {
		if h.whole {
			for _, id := range staffIn(h.ticket, h.audits) {
				known.staff[id] = true
			}
		}
	}
	for id, p := range known.users {
		if p.staff() {
			known.staff[id] = true
		}
	}
	maps.DeleteFunc(known.staff, func(id string, _ bool) bool { return known.automation(id) }) // nobody, also once their address is gone
	if c.cfg.Staff == nil {
		return nil
	}
	everybody := maps.Clone(known.staff)
	for id := range known.users {
		everybody[id] = true
	}
	remembered, err := c.cfg.Staff.Staff(ctx, slices.Sorted(maps.Keys(everybody)))
	if err != nil {
		return fmt.Errorf("remembered staff: %w", err)
	}
	var news, otherwise []string
	for _, id := range slices.Sorted(maps.Keys(known.staff)) {
		if !remembered[id] {
			news = append(news, id)
			if p, asked := known.users[id]; asked && !p.staff() {
				otherwise = append(otherwise, id)
			}
		}
	}
	maps.Copy(known.staff, remembered)
	if len(otherwise) > 0 { // before they are remembered: a crash in between repeats it
		if err := c.cfg.Staff.ReadAgain(ctx, otherwise, c.cfg.Now()); err != nil {
			return fmt.Errorf("read tickets of former staff again: %w", err)
		}
	}
	if len(news) > 0 {
		if err := c.cfg.Staff.RememberStaff(ctx, news); err != nil {
			return fmt.Errorf("remember staff: %w", err)
		}
	}
	c.staffByWebhook.remove(told)
	return nil
}
