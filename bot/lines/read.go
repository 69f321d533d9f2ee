package lines

import (
	"encoding/json"
	"time"
	"vigie/rules"

	jsonv2 "github.com/go-json-experiment/json"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// A Line is a ticket as replay reads it, with the instant at which to judge it, if the
// line carries one.
type Line struct {
	rules.Ticket
	Now *time.Time `json:"now"`
}

// A Reader reads lines one after the other, each into the same ticket.
type Reader struct{ line Line }

// manyEvents is from where on their room is not kept for the next line.
const manyEvents = 1024

// asEncodingJSON has the second version of encoding/json read as the first one does.
var asEncodingJSON = jsonv1.DefaultOptionsV1()

// Ticket reads a ticket and the instant at which to judge it: the line's own, or
// else now. The ticket holds until the next line is read. The second version of
// encoding/json reads a line in half the time; what it objects to is read by the
// first, whose words unread knows.
func (r *Reader) Ticket(text []byte, now time.Time) (*rules.Ticket, time.Time, error) {
	r.clear()
	if jsonv2.Unmarshal(text, &r.line, asEncodingJSON) != nil {
		r.clear()
		if err := json.Unmarshal(text, &r.line); err != nil {
			return nil, now, Unread(err)
		}
	}
	if r.line.Now != nil {
		now = *r.line.Now
	}
	return &r.line.Ticket, now, nil
}

// clear leaves nothing of a line but the room that its events had.
func (r *Reader) clear() {
	events := r.line.Events[:cap(r.line.Events)]
	if len(events) > manyEvents {
		events = nil
	}
	clear(events) // json would leave in them what the next line doesn't name
	r.line = Line{Ticket: rules.Ticket{Events: events[:0]}}
}
