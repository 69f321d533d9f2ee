package zendesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"vigie/rules"
)

const (
	historiesAtOnce = 4

	// forNames is the part of a reading's time that is kept for asking who and
	// what is behind the ids of the histories that were read.
	forNames = 3 * time.Second

	// settled is the age from which a row's updated_at names its state: it has
	// whole seconds, and two changes may share one.
	settled = 2 * time.Second
)

// Read fetches tickets with their whole history, in the order of the ids, as Tell
// does of which nothing is known.
func (c *Client) Read(ctx context.Context, ids []string) ([]rules.Reading, error) {
	asks := make([]rules.Ask, len(ids))
	for i, id := range ids {
		asks[i].ID = id
	}
	return c.Tell(ctx, asks)
}

// Tell reads tickets with their whole history, in the order of the asks: one
// request for a hundred rows that aren't given, and one for the audits of each
// ticket whose kept history isn't whole, several at a time. A ticket that can't
// be read has its Reading's Err; the error is for a vendor that can't be asked,
// or a context that ends, and the readings beside it are those that were
// complete by then.
func (c *Client) Tell(ctx context.Context, asks []rules.Ask) ([]rules.Reading, error) {
	var out []rules.Reading
	for chunk := range slices.Chunk(asks, perRequest) {
		readings, err := c.tellSome(ctx, chunk)
		out = append(out, readings...)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// A fetched ticket is its row and its audits.
type fetched struct {
	row    wireTicket
	audits []wireAudit
	whole  bool // these are all audits
}

func (c *Client) tellSome(ctx context.Context, asks []rules.Ask) ([]rules.Reading, error) {
	out := make([]rules.Reading, len(asks))
	var unseen []string
	for i, ask := range asks {
		out[i].ID = ask.ID
		if _, err := ticketNumber(ask.ID); err != nil {
			out[i].Err = err
		} else if len(ask.Row) == 0 {
			unseen = append(unseen, ask.ID)
		}
	}
	rows, err := c.rows(ctx, unseen)
	if err != nil {
		return nil, err
	}
	histories := make([]fetched, len(asks))
	for i, ask := range asks {
		reading, h := &out[i], &histories[i]
		if reading.Err != nil {
			continue
		}
		raw, ok := json.RawMessage(ask.Row), len(ask.Row) > 0
		if !ok {
			raw, ok = rows[ask.ID]
		}
		if !ok {
			reading.Gone = true
			continue
		}
		if h.row, reading.Err = readTicket(raw); reading.Err != nil {
			continue
		}
		if h.row.Status == "deleted" {
			reading.Gone = true
			continue
		}
		if list, err := auditsOf(ask.Acts); err == nil && wholeHistory(h.row, list, ask.Version) {
			h.audits, h.whole = list, true
		}
	}
	failed := c.readHistories(ctx, out, histories)

	known, err := c.behind(ctx, histories)
	if err == nil {
		err = c.staff(ctx, histories, known)
	}
	if err == nil {
		known.closed, err = c.closedBefore(ctx, histories)
	}
	if err != nil {
		known, failed = nil, cmp.Or(failed, err)
	}
	for i := range out {
		reading, h := &out[i], &histories[i]
		if known == nil || reading.Err != nil || reading.Gone || !h.whole {
			continue
		}
		reading.Ticket = c.cfg.ticket(h.row, h.audits, known)
		if c.settled(h.row) {
			reading.Version = h.row.version()
		}
	}
	return slices.DeleteFunc(out, func(r rules.Reading) bool { return r.Ticket == nil && !r.Gone && r.Err == nil }), failed
}

// settled says that nothing can still happen in the second of the row's last
// change.
func (c *Client) settled(w wireTicket) bool {
	updated, err := instant(w.UpdatedAt)
	return err == nil && c.cfg.Now().Sub(updated) >= settled
}

// readHistories reads the audits of the tickets that have a row and no whole
// history, several at a time. After a failure, and shortly before the context
// ends, no further one is begun; those under way are seen through.
func (c *Client) readHistories(ctx context.Context, readings []rules.Reading, histories []fetched) error {
	deadline, limited := ctx.Deadline()
	var group errgroup.Group
	group.SetLimit(historiesAtOnce)
	var failed atomic.Bool
	for i := range readings {
		reading, h := &readings[i], &histories[i]
		if reading.Err != nil || reading.Gone || h.whole {
			continue
		}
		group.Go(func() (err error) {
			switch {
			case failed.Load():
				return nil
			case limited && time.Until(deadline) < forNames:
				err = context.DeadlineExceeded
			default:
				h.audits, err = c.audits(ctx, reading.ID)
			}
			switch {
			case err == nil:
				h.whole = true
				if c.settled(h.row) {
					reading.Acts = c.keep(ctx, reading.ID, h.audits)
				}
			case refused(err, http.StatusNotFound):
				reading.Gone, err = true, nil
			case refused(err, http.StatusForbidden, http.StatusBadRequest, http.StatusUnprocessableEntity):
				reading.Err, err = err, nil
			default:
				failed.Store(true)
			}
			return err
		})
	}
	return group.Wait()
}

// keep makes audits into acts; none if one of them can't be kept.
func (c *Client) keep(ctx context.Context, ticket string, audits []wireAudit) []rules.Act {
	acts := make([]rules.Act, len(audits))
	for i, a := range audits {
		var err error
		if acts[i], err = kept(ticket, a); err != nil {
			c.cfg.Log.WarnContext(ctx, "history not kept", "source", c.cfg.Name, "err", err)
			return nil
		}
	}
	return acts
}

// rows are the tickets' rows by id; those that Zendesk doesn't show are absent.
func (c *Client) rows(ctx context.Context, ids []string) (map[string]json.RawMessage, error) {
	rows := make(map[string]json.RawMessage, len(ids))
	if len(ids) == 0 {
		return rows, nil
	}
	var answer struct {
		Tickets []json.RawMessage `json:"tickets"`
	}
	if err := c.get(ctx, "/tickets/show_many.json?ids="+strings.Join(ids, ","), &answer); err != nil {
		return nil, fmt.Errorf("read tickets: %w", err)
	}
	for _, raw := range answer.Tickets {
		var row struct {
			ID text `json:"id"`
		}
		if decode(raw, &row) == nil {
			rows[string(row.ID)] = raw
		}
	}
	return rows, nil
}

// audits are all audits of a ticket. Archived tickets come in one page whatever
// is asked for.
func (c *Client) audits(ctx context.Context, id string) ([]wireAudit, error) {
	var out []wireAudit
	err := c.list(ctx, "/tickets/"+id+"/audits.json", "audits", func(raw json.RawMessage) {
		var a wireAudit
		if err := decode(raw, &a); err != nil {
			c.cfg.Log.WarnContext(ctx, "audit skipped", "ticket", c.cfg.Name+":"+id, "err", err)
			return
		}
		out = append(out, a)
	})
	if err != nil {
		return nil, fmt.Errorf("read audits of %s: %w", id, err)
	}
	return out, nil
}

// list gives each item of a list, page after page; name is what the items stand under.
func (c *Client) list(ctx context.Context, path, name string, each func(json.RawMessage)) error {
	query := url.Values{"page[size]": {"100"}}
	for range maxPages {
		var answer map[string]json.RawMessage
		if err := c.get(ctx, path+"?"+query.Encode(), &answer); err != nil {
			return err
		}
		var items []json.RawMessage
		var meta struct {
			HasMore     bool `json:"has_more"`
			AfterCursor text `json:"after_cursor"`
		}
		if err := decode(answer[name], &items); err != nil {
			return err
		}
		_ = decode(answer["meta"], &meta) // a list in one page has none
		for _, raw := range items {
			each(raw)
		}
		next := string(meta.AfterCursor)
		if !meta.HasMore || next == "" || next == query.Get("page[after]") {
			return nil
		}
		query.Set("page[after]", next)
	}
	return errors.New("the list doesn't end")
}

// behind finds out who and what is behind the ids that the histories speak of.
func (c *Client) behind(ctx context.Context, histories []fetched) (*names, error) {
	users, organizations := map[string]bool{}, map[string]bool{}
	add := func(to map[string]bool, ids ...string) {
		for _, id := range ids {
			if id != "" && id != system {
				to[id] = true
			}
		}
	}
	for _, h := range histories {
		if !h.whole {
			continue
		}
		add(users, h.row.RequesterID.id(), h.row.AssigneeID.id())
		add(organizations, h.row.OrganizationID.id())
		for _, a := range h.audits {
			add(users, a.AuthorID.id())
			for _, e := range a.Events {
				add(users, e.AuthorID.id())
				for _, l := range e.said() {
					add(users, l.author)
				}
				switch e.FieldName {
				case "assignee_id", "requester_id":
					add(users, fieldValue("assignee_id", e.Value), fieldValue("assignee_id", e.Previous))
				case "organization_id":
					add(organizations, fieldValue("organization_id", e.Value), fieldValue("organization_id", e.Previous))
				}
			}
		}
	}
	return c.dir.look(ctx, users, organizations)
}
