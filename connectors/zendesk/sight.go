package zendesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"vigie/connectors/rest"
)

// Gone, or not seen? A list that lacks a ticket says nothing about it: the ticket
// itself is asked for. That it isn't found means that it is gone only if Zendesk
// knows who asks and shows him every ticket, which it does an admin; anybody else may
// be restricted to some (support.zendesk.com 4408886146842), and the ticket is unread.

const (
	// mostSingly is how many tickets that a list lacks are asked for by themselves in
	// one reading. More are the list's failure rather than the tickets'.
	mostSingly = 20
	atOnce     = 4
)

// An asker is who asks, found out once in a reading.
type asker struct {
	client *Client
	once   sync.Once
	err    error
}

// seesAll is nil if Zendesk knows who asks, and shows him every ticket; a *narrow if
// it knows him.
func (a *asker) seesAll(ctx context.Context) error {
	a.once.Do(func() {
		me, err := a.client.self(ctx)
		if a.err = err; err == nil && me.Role != "admin" {
			a.err = &narrow{me.Role}
		}
	})
	return a.err
}

// A narrow view is that of an account which may not be shown every ticket.
type narrow struct{ role string }

func (n *narrow) Error() string {
	return fmt.Sprintf("Zendesk doesn't show it to Vigie's account, which is %q and no admin: that doesn't mean that it is gone", n.role)
}
func (n *narrow) Denied() bool { return true }

// A sight is what Zendesk shows of tickets: a row of each, or that it is gone, or a
// doubt, which is why neither can be said.
type sight struct {
	rows  map[string]json.RawMessage
	gone  map[string]bool
	doubt map[string]error
}

// see looks for tickets in a list, and for some that it lacks by themselves. Its
// error is for a Zendesk that can't be asked, or that lacks more; what was seen is
// beside it.
func (c *Client) see(ctx context.Context, who *asker, ids []string) (sight, error) {
	s := sight{rows: map[string]json.RawMessage{}, gone: map[string]bool{}, doubt: map[string]error{}}
	if err := c.rows(ctx, ids, s); err != nil {
		return s, err
	}
	var lacking []string
	for _, id := range ids {
		if s.rows[id] == nil && s.doubt[id] == nil {
			lacking = append(lacking, id)
		}
	}
	if len(lacking) == 0 {
		return s, nil
	}
	var limited *narrow
	if err := who.seesAll(ctx); err != nil && !errors.As(err, &limited) {
		return s, err
	}
	some := lacking[:min(len(lacking), mostSingly)]
	found := make([]json.RawMessage, len(some))
	doubts := make([]error, len(some))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, id := range some {
		group.Go(func() (err error) {
			found[i], err = c.one(ctx, who, id)
			if doubtful(err) {
				doubts[i], err = err, nil
			}
			return err
		})
	}
	failed := group.Wait()
	for i, id := range some {
		switch {
		case found[i] != nil:
			s.rows[id] = found[i]
		case doubts[i] != nil:
			s.doubt[id] = doubts[i]
		case failed == nil:
			s.gone[id] = true
		}
	}
	if n := len(lacking) - len(some); failed == nil && n > 0 {
		failed = fmt.Errorf("read tickets: show_many lacks %d of %d tickets, of which %d were asked for by themselves", len(lacking), len(ids), len(some))
	}
	return s, failed
}

// one asks for a ticket itself: no row and no error if it is gone.
func (c *Client) one(ctx context.Context, who *asker, id string) (json.RawMessage, error) {
	var answer struct {
		Ticket json.RawMessage `json:"ticket"`
	}
	path := "/tickets/" + id + ".json"
	err := c.get(ctx, path, &answer, "ticket")
	if refused(err, http.StatusNotFound) {
		return nil, who.seesAll(ctx)
	}
	var row wireTicket
	if err == nil && (decode(answer.Ticket, &row) != nil || string(row.ID) != id) {
		err = &rest.NotTheAPI{Method: "GET", Path: path, Was: "another ticket, or none"}
	}
	if err != nil {
		return nil, fmt.Errorf("read ticket %s: %w", id, err)
	}
	return answer.Ticket, nil
}

// doubtful says that an error is Zendesk's answer about one ticket.
func doubtful(err error) bool {
	var limited *narrow
	return errors.As(err, &limited) || refused(err, http.StatusForbidden, http.StatusBadRequest, http.StatusUnprocessableEntity)
}

// rows puts the tickets' rows into what is seen, as many as a request can have; those
// that Zendesk doesn't show are absent. A ticket that can't be had by itself, where
// another can, is in doubt.
func (c *Client) rows(ctx context.Context, ids []string, s sight) error {
	if len(ids) == 0 {
		return nil
	}
	answered := false
	var suspect string
	var reason error
	for len(ids) > 0 {
		if ctx.Err() != nil {
			return fmt.Errorf("read tickets: %w", ctx.Err())
		}
		var part []string
		var answer struct {
			Tickets []json.RawMessage `json:"tickets"`
		}
		err := c.paced(ctx, &c.shown, len(ids), func(ctx context.Context, n int) error {
			part = ids[:n]
			return c.get(ctx, "/tickets/show_many.json?ids="+strings.Join(part, ","), &answer, "tickets")
		})
		alone := len(part) == 1 && tooMuch(err)
		switch {
		case alone && suspect == "" && len(ids) > 1:
			suspect, reason = part[0], err
		case alone && answered && suspect == "":
			s.doubt[part[0]] = fmt.Errorf("read ticket %s: %w", part[0], err)
		case err != nil:
			return fmt.Errorf("read tickets: %w", err)
		default:
			answered = true
		}
		if answered && suspect != "" {
			s.doubt[suspect], suspect = fmt.Errorf("read ticket %s: %w", suspect, reason), ""
		}
		for _, raw := range answer.Tickets {
			var row struct {
				ID text `json:"id"`
			}
			if decode(raw, &row) == nil {
				s.rows[string(row.ID)] = raw
			}
		}
		ids = ids[len(part):]
	}
	return nil
}
