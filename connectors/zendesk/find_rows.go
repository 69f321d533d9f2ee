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

// An asker finds out once in a reading whose credentials are used.
type asker struct {
	client *Client
	once   sync.Once
	err    error
}

// seesAll is nil if Zendesk knows the account and shows it every ticket; a
// *restrictedAccount if it only knows it.
func (a *asker) seesAll(ctx context.Context) error {
	a.once.Do(func() {
		me, err := a.client.self(ctx)
		if a.err = err; err == nil && me.Role != "admin" {
			a.err = &restrictedAccount{me.Role}
		}
	})
	return a.err
}

// A restrictedAccount is the error of an account that may not be shown every ticket.
type restrictedAccount struct{ role string }

func (n *restrictedAccount) Error() string {
	return fmt.Sprintf("Zendesk doesn't show it to Vigie's account, which is %q and no admin: that doesn't mean that it is gone", n.role)
}
func (n *restrictedAccount) Denied() bool { return true }

// foundRows are what Zendesk answers about tickets: the row of each, or that it is gone,
// or why neither is sure.
type foundRows struct {
	rows   map[string]json.RawMessage
	gone   map[string]bool
	unsure map[string]error
}

// findRows asks for tickets by a list, and for some of those that the list lacks one by
// one. The error is for a Zendesk that can't be asked, or that lacks more than a few; what
// was found is beside it.
func (c *Client) findRows(ctx context.Context, who *asker, ids []string) (foundRows, error) {
	s := foundRows{rows: map[string]json.RawMessage{}, gone: map[string]bool{}, unsure: map[string]error{}}
	if err := c.rows(ctx, ids, s); err != nil {
		return s, err
	}
	var lacking []string
	for _, id := range ids {
		if s.rows[id] == nil && s.unsure[id] == nil {
			lacking = append(lacking, id)
		}
	}
	if len(lacking) == 0 {
		return s, nil
	}
	var limited *restrictedAccount
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
			s.unsure[id] = doubts[i]
		case failed == nil:
			s.gone[id] = true
		}
	}
	if n := len(lacking) - len(some); failed == nil && n > 0 {
		failed = fmt.Errorf("read tickets: show_many lacks %d of %d tickets, of which %d were asked for by themselves", len(lacking), len(ids), len(some))
	}
	return s, failed
}

// one asks for a single ticket; without a row or an error it is gone.
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

// doubtful says whether an error is Zendesk's answer about one ticket, rather than a
// failure to answer.
func doubtful(err error) bool {
	var limited *restrictedAccount
	return errors.As(err, &limited) || refused(err, http.StatusForbidden, http.StatusBadRequest, http.StatusUnprocessableEntity)
}

// rows asks for the tickets' rows, as many in a request as Zendesk answers in time. Those
// that it doesn't show are absent. A ticket that can't be read by itself, while another
// can, is unsure.
func (c *Client) rows(ctx context.Context, ids []string, s foundRows) error {
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
			s.unsure[part[0]] = fmt.Errorf("read ticket %s: %w", part[0], err)
		case err != nil:
			return fmt.Errorf("read tickets: %w", err)
		default:
			answered = true
		}
		if answered && suspect != "" {
			s.unsure[suspect], suspect = fmt.Errorf("read ticket %s: %w", suspect, reason), ""
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
