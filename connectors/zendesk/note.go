package zendesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"vigie/connectors/desk"
)

// Note has an internal note stand in a ticket, once: a note can't be taken back.
// The last line of a note is its mark, in square brackets: what it is about, and
// what it says of it. If the last of our notes about the same says the same, there
// is nothing to do, so Note may be called again whatever became of the last call.
//
// The ticket is read before its notes are, and the note is added only if nothing
// has changed since (safe_update): of two calls that don't know of each other, or
// of a request that comes late, one is refused. Zendesk's stamps have whole
// seconds, so a ticket that has changed just now is left for a moment: the error
// then has a RetryIn. It is rules.ErrUntouchable for a ticket that is closed,
// deleted or gone.
func (c *Client) Note(ctx context.Context, id string, n desk.Note) error {
	number, err := ticketNumber(id)
	if err != nil {
		return fmt.Errorf("note in ticket: %w", err)
	}
	seen, err := c.findRows(ctx, &asker{client: c}, []string{id})
	if err = cmp.Or(err, seen.unsure[id]); err != nil {
		return fmt.Errorf("note in ticket %s: %w", id, err)
	}
	var now wireTicket
	if seen.gone[id] || decode(seen.rows[id], &now) != nil || now.Status == "closed" || now.Status == "deleted" {
		return fmt.Errorf("note in ticket %s: %w", id, desk.ErrUntouchable)
	}
	if !c.stable(now) {
		return fmt.Errorf("note in ticket %s: %w", id, tooFresh{})
	}
	last, err := c.lastNote(ctx, id, n.About)
	if err != nil {
		return fmt.Errorf("note in ticket %s: %w", id, err)
	}
	mark := markOf(n.About) + inLine(n.Says) + "]"
	if last == mark {
		return nil
	}
	body := map[string]any{"ticket": map[string]any{
		"comment":       map[string]any{"body": noteText(n.Text) + "\n\n" + mark, "public": false},
		"updated_stamp": now.UpdatedAt, "safe_update": true,
	}}
	var ticket struct{} // as it then is: read with its history when its turn comes
	err = c.put(ctx, fmt.Sprintf("/tickets/%d.json", number), body, &ticket, "ticket")
	if refused(err, http.StatusNotFound) {
		err = errors.Join(desk.ErrUntouchable, err)
	}
	if err != nil {
		return fmt.Errorf("note in ticket %s: %w", id, err)
	}
	return nil
}

// tooFresh: something can still happen in the second of the ticket's last change.
type tooFresh struct{}

func (tooFresh) Error() string          { return "the ticket has changed just now" }
func (tooFresh) RetryIn() time.Duration { return stableAfter }

// lastNote is the mark of our last note about something; "" if there is none.
func (c *Client) lastNote(ctx context.Context, id, about string) (mark string, err error) {
	known, err := c.dir.names(ctx, nil, nil)
	if err != nil {
		return "", err
	}
	err = c.list(ctx, "/tickets/"+id+"/comments.json", "comments", func(raw json.RawMessage) {
		var e wireEvent
		if decode(raw, &e) != nil || e.Public == "true" || e.AuthorID.id() != known.self {
			return
		}
		text := strings.TrimSpace(string(e.Body))
		if line := text[strings.LastIndexByte(text, '\n')+1:]; strings.HasPrefix(line, markOf(about)) {
			mark = line
		}
	})
	if err != nil {
		return "", fmt.Errorf("read comments: %w", err)
	}
	return mark, nil
}

// markOf is how the marks begin of all notes about something.
func markOf(about string) string { return "[vigie " + inLine(about) + ": " }

// inLine is a text in one line and without the signs that end a mark.
func inLine(s string) string {
	return shorten(strings.NewReplacer("[", "(", "]", ")", "{", "(", "}", ")").Replace(s))
}

// noteText is a text in which Zendesk finds no placeholder to fill in: {{…}} and
// {%…%} are Liquid, wherever an agent may write.
func noteText(s string) string {
	return strings.NewReplacer("{{", "{ {", "{%", "{ %").Replace(s)
}
