package zendesk

import (
	"context"
	"slices"
	"strings"
)

// An answer to a closed ticket makes a new one, a follow-up, which has all tags of
// the closed one (support.zendesk.com 8421655952026) and came over the channel
// "closed_ticket". Neither is anybody's act: a workaround that was given once isn't
// given again, and what counts for a channel counts for the one that the customer
// chose.

// mostFollowUps is how far a chain of follow-ups is gone back for its first channel.
const mostFollowUps = 5

// followed is the ticket that a follow-up follows; "" where it is none.
func (v *wireVia) followed() string {
	if v.Source.Rel != "follow_up" {
		return ""
	}
	return v.Source.From.TicketID.id()
}

// followUp says that a ticket is a follow-up, and of which; its first audit may tell
// it where its row doesn't.
func (w *wireTicket) followUp(audits []wireAudit) (is bool, of string) {
	vias := []wireVia{w.Via}
	for _, a := range audits {
		if creates(a.Events) {
			vias = append(vias, a.Via)
		}
	}
	for _, v := range vias {
		is = is || v.Source.Rel == "follow_up" || v.Channel == "closed_ticket"
		if of == "" {
			of = v.followed()
		}
	}
	if of == "" && w.FollowupSourceID.id() != "" {
		return true, w.FollowupSourceID.id()
	}
	return is, of
}

// closedBefore are the tickets that the follow-ups among the histories follow, and
// those before them.
func (c *Client) closedBefore(ctx context.Context, who *asker, histories []fetched) (map[string]wireTicket, error) {
	closed, asked := map[string]wireTicket{}, map[string]bool{"": true}
	var want []string
	ask := func(id string) {
		if !asked[id] {
			asked[id], want = true, append(want, id)
		}
	}
	for _, h := range histories {
		if h.whole {
			_, of := h.ticket.followUp(h.audits)
			ask(of)
		}
	}
	for range mostFollowUps {
		if len(want) == 0 {
			break
		}
		seen, err := c.findRows(ctx, who, want)
		if err != nil {
			return nil, err
		}
		want = nil
		for id, raw := range seen.rows {
			if w, err := readTicket(raw); err == nil && w.Status != "deleted" {
				closed[id] = w
			}
		}
		for _, w := range closed {
			_, of := w.followUp(nil)
			ask(of)
		}
	}
	return closed, nil
}

// channel is the one that a ticket came over; of a follow-up that of the ticket at
// the beginning, and "" where neither tells one.
func (n *names) channel(w wireTicket, audits []wireAudit) string {
	_, of := w.followUp(audits)
	for range mostFollowUps {
		before, seen := n.closed[of]
		if !seen {
			break
		}
		w = before
		_, of = w.followUp(nil)
	}
	if w.Via.Channel == "closed_ticket" {
		return ""
	}
	return channelOf(string(w.Via.Channel))
}

// inherited are those of a follow-up's first tags that it has from the ticket before
// it; all of them where that can't be seen.
func (n *names) inherited(w wireTicket, audits []wireAudit, tags []string) []string {
	is, of := w.followUp(audits)
	if !is {
		return nil
	}
	before, seen := n.closed[of]
	if !seen {
		return slices.Clone(tags)
	}
	had := tagList(before.Tags)
	return slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return !slices.Contains(had, tag) })
}

// without are tags but for some.
func without(tags string, some []string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(tags), func(tag string) bool { return slices.Contains(some, tag) }), " ")
}
