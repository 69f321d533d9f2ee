package zendesk

import (
	"encoding/json"
	"fmt"
	"maps"

	"vigie/connectors/sandbox/stage"
)

// A closed ticket can't be reopened. Who answers it makes a follow-up: a new ticket
// that names the closed one in its via and has all of its tags, unless the request
// brings tags of its own
// (developer.zendesk.com/documentation/ticketing/managing-tickets/creating-and-updating-tickets,
// Creating a follow-up ticket).

// followUp makes a request with via_followup_source_id into one for the follow-up of
// that ticket. The parameter has no effect with tickets that aren't closed.
func (d *Desk) followUp(in input, by actor) (input, actor, *record, *apiError) {
	id, given, e := read[int64](in, "via_followup_source_id")
	if !given || e != nil {
		return in, by, nil, e
	}
	in = maps.Clone(in)
	delete(in, "via_followup_source_id")
	old := d.state.live(deref(id))
	if old == nil || old.Ticket.Status != "closed" {
		return in, by, nil, nil
	}
	inherit := func(name string, v any) {
		if in[name] == nil {
			in[name] = stage.JSON(v)
		}
	}
	inherit("subject", old.Ticket.Subject)
	inherit("requester_id", old.Ticket.RequesterID)
	if in["additional_tags"] == nil {
		inherit("tags", old.Ticket.Tags)
	}
	rel := "follow_up"
	by.via = via("closed_ticket")
	by.via.Source.Rel = &rel
	by.via.Source.From = map[string]any{"ticket_id": old.Ticket.ID, "subject": old.Ticket.Subject}
	return in, by, old, nil
}

// FollowUp has a person answer a closed ticket, and gives the new ticket's id.
func (d *Desk) FollowUp(id int64, by, body string) (followUp int64, err error) {
	err = d.act(func(st *State) error {
		rec := st.live(id)
		if rec == nil || rec.Ticket.Status != "closed" {
			return fmt.Errorf("ticket %d isn't closed", id)
		}
		actor, err := d.actor(by)
		if err != nil {
			return err
		}
		made, refused := d.answerClosed(rec, body, actor)
		if refused != nil {
			return refused
		}
		followUp = made.Ticket.ID
		return nil
	})
	return followUp, err
}

// answerClosed makes the follow-up for somebody's words to a closed ticket.
func (d *Desk) answerClosed(rec *record, body string, by actor) (*record, *apiError) {
	in := input{"via_followup_source_id": stage.JSON(rec.Ticket.ID), "comment": stage.JSON(map[string]any{"body": body, "author_id": by.id()})}
	if by.user != nil && !by.user.staff() {
		in["requester_id"] = stage.JSON(by.id())
	}
	made, _, refused := d.create(in, by, d.Now())
	return made, refused
}

// isWord says that an update is a comment and nothing else.
func (in input) isWord() bool { return len(in) == 1 && in["comment"] != nil }

// words is the text of the update's comment.
func (in input) words() string {
	var c comment
	_ = json.Unmarshal(in["comment"], &c) // an act's, and so of that form
	return c.text()
}
