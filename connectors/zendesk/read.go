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
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"vigie/connectors/desk"
	"vigie/connectors/rest"
)

const (
	// forNames is the part of a reading's time that is kept for asking who and
	// what is behind the ids of the histories that were read.
	forNames = 3 * time.Second

	// stableAfter is the age from which a row's updated_at names its state: it has
	// whole seconds, and two changes may share one.
	stableAfter = 2 * time.Second
)

// Read fetches tickets with their whole history, in the order of the ids, as Tell does
// when nothing is kept of them.
func (c *Client) Read(ctx context.Context, ids []string) ([]desk.Reading, error) {
	asks := make([]desk.Ask, len(ids))
	for i, id := range ids {
		asks[i].ID = id
	}
	return c.Tell(ctx, asks)
}

// Tell fetches tickets with their whole history, in the order of the requests, each once.
// A request with a row needs no request for the ticket, and one whose kept acts are the
// whole history none for its audits: Zendesk is asked for the missing rows, a hundred at a
// time, and for the audits of each remaining ticket, several at a time. A ticket that
// can't be read has its Reading's Err; that one is Gone rests on an answer about it alone
// (findRows). The error is for a vendor that can't be asked, or a context that ends, and
// the readings beside it are those that were complete by then.
//
// Where the context has a deadline, half of the time at most is for the rows, and half of
// what is then left for any one history, or nearly all for the only one.
func (c *Client) Tell(ctx context.Context, asks []desk.Ask) ([]desk.Reading, error) {
	named := map[string]bool{}
	asks = slices.DeleteFunc(slices.Clone(asks), func(a desk.Ask) bool {
		twice := named[a.ID]
		named[a.ID] = true
		return twice
	})
	who := &asker{client: c}
	var out []desk.Reading
	for chunk := range slices.Chunk(asks, perRequest) {
		readings, err := c.tellChunk(ctx, who, chunk)
		out = append(out, readings...)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// A fetched ticket is what Zendesk tells of it: the ticket as it is and its audits.
type fetched struct {
	ticket wireTicket
	found  bool // there is a row
	audits []wireAudit
	whole  bool // these are all audits
}

func (c *Client) tellChunk(ctx context.Context, who *asker, asks []desk.Ask) ([]desk.Reading, error) {
	out := make([]desk.Reading, len(asks))
	histories := make([]fetched, len(asks))
	failed := c.readRows(ctx, who, asks, out, histories)
	failed = cmp.Or(failed, c.readHistories(ctx, who, out, histories))

	var known *names
	if slices.ContainsFunc(histories, func(h fetched) bool { return h.whole }) {
		var err error
		if known, err = c.namesAndStaff(ctx, who, histories); err != nil {
			known, failed = nil, cmp.Or(failed, err)
		}
	}
	for i := range out {
		reading, h := &out[i], &histories[i]
		if known == nil || reading.Err != nil || reading.Gone || !h.whole {
			continue
		}
		reading.Ticket, reading.Redacted = c.cfg.ticket(h.ticket, h.audits, known), redacted(h.audits)
		if c.stable(h.ticket) {
			reading.Version = h.ticket.version()
		}
	}
	return slices.DeleteFunc(out, func(r desk.Reading) bool { return r.Ticket == nil && !r.Gone && r.Err == nil }), failed
}

// readRows fetches the rows that weren't given with the requests, and takes over the kept
// histories that are whole.
func (c *Client) readRows(ctx context.Context, who *asker, asks []desk.Ask, out []desk.Reading, histories []fetched) error {
	var unseen []string
	for i, ask := range asks {
		out[i].ID = ask.ID
		if _, err := ticketNumber(ask.ID); err != nil {
			out[i].Err = err
		} else if len(ask.Row) == 0 {
			unseen = append(unseen, ask.ID)
		}
	}
	looking, cancel := before(ctx, forNames)
	defer cancel()
	looking, cancel = within(looking, 0.5)
	defer cancel()
	seen, failed := c.findRows(looking, who, unseen)
	for i, ask := range asks {
		reading, h := &out[i], &histories[i]
		if reading.Err != nil {
			continue
		}
		raw, ok := json.RawMessage(ask.Row), len(ask.Row) > 0
		if !ok {
			raw, ok = seen.rows[ask.ID]
		}
		if !ok {
			reading.Gone, reading.Err = seen.gone[ask.ID], seen.unsure[ask.ID]
			continue
		}
		if h.ticket, reading.Err = readTicket(raw); reading.Err != nil {
			continue
		}
		if string(h.ticket.ID) != ask.ID {
			reading.Err = fmt.Errorf("the row of ticket %s is that of %.40q", ask.ID, h.ticket.ID)
			continue
		}
		if h.ticket.Status == "deleted" {
			reading.Gone, reading.Deleted = true, true
			continue
		}
		h.found = true
		if list, err := auditsOf(ask.Acts); err == nil && wholeHistory(h.ticket, list, ask.Version) {
			h.audits, h.whole = list, true
		}
	}
	return failed
}

// namesAndStaff is what histories are told with besides themselves: the names and roles
// behind ids, who was once staff, and the closed tickets before follow-ups.
func (c *Client) namesAndStaff(ctx context.Context, who *asker, histories []fetched) (*names, error) {
	known, err := c.namesFor(ctx, histories)
	if err == nil {
		err = c.staff(ctx, histories, known)
	}
	if err == nil {
		known.closed, err = c.closedBefore(ctx, who, histories)
	}
	return known, err
}

// stable says whether the second of the ticket's last change is over, so that nothing else
// can have happened in it.
func (c *Client) stable(w wireTicket) bool {
	updated, err := instant(w.UpdatedAt)
	return err == nil && c.cfg.Now().Sub(updated) >= stableAfter
}

// readHistories reads the audits of the tickets that have a row and no whole history,
// several at a time. Shortly before the context ends no further one is begun; those under
// way are finished. A history that can't be read is its ticket's failure if another one
// can be read, or if it is the only one, provided that Zendesk still answers who asks. If
// more fail in a row than are read at once, the failure is Zendesk's, and no further one
// is begun.
func (c *Client) readHistories(ctx context.Context, who *asker, readings []desk.Reading, histories []fetched) error {
	var places []int
	for i, h := range histories {
		if h.found && !h.whole {
			places = append(places, i)
		}
	}
	reading, cancel := before(ctx, forNames)
	defer cancel()
	share := 0.5
	if len(places) == 1 {
		share = 0.8
	}
	suspects := make([]error, len(histories))
	var group errgroup.Group
	group.SetLimit(atOnce)
	var failed, some atomic.Bool
	var row atomic.Int32 // of suspects, one after the other
	for _, i := range places {
		group.Go(func() error {
			if failed.Load() {
				return nil
			}
			if reading.Err() != nil {
				failed.Store(true)
				return context.DeadlineExceeded
			}
			limited, cancel := within(reading, share)
			defer cancel()
			err := c.readHistory(limited, who, &readings[i], &histories[i])
			switch {
			case err == nil:
				some.Store(true)
				row.Store(0)
			case reading.Err() == nil && ofOne(err) && row.Add(1) <= atOnce:
				if limited.Err() != nil {
					err = fmt.Errorf("no answer in the time that there is for one ticket: %w", err)
				}
				suspects[i], err = err, nil
			default:
				failed.Store(true)
			}
			return err
		})
	}
	err := group.Wait()
	if !slices.ContainsFunc(suspects, func(err error) bool { return err != nil }) {
		return err
	}
	over := reading.Err() != nil // which is no failure of Zendesk's
	its := some.Load() && (err == nil || over) || len(places) == 1 && err == nil
	if its {
		if _, away := c.self(ctx); away != nil {
			its, err = false, cmp.Or(err, away)
		}
	}
	for i, suspect := range suspects {
		switch {
		case suspect == nil:
		case its:
			readings[i].Err = suspect
		default:
			err = cmp.Or(err, suspect)
		}
	}
	return err
}

// readHistory reads a ticket's audits. Without an error the history was read, or Zendesk
// has answered that it has none to show, which is then in the reading.
func (c *Client) readHistory(ctx context.Context, who *asker, reading *desk.Reading, h *fetched) (err error) {
	h.audits, err = c.audits(ctx, reading.ID)
	switch {
	case err == nil:
		h.whole, reading.Whole = true, true
		if c.stable(h.ticket) {
			reading.Acts = c.toActs(ctx, reading.ID, h.audits)
		}
	case refused(err, http.StatusNotFound):
		raw, unseen := c.one(ctx, who, reading.ID)
		switch {
		case doubtful(unseen):
			reading.Err = unseen
		case unseen != nil:
			return unseen
		case raw == nil:
			reading.Gone = true
		default:
			reading.Err = err
		}
		return nil
	case refused(err, http.StatusBadRequest, http.StatusUnprocessableEntity):
		reading.Err, err = err, nil
	}
	return err
}

// ofOne says whether an error may be about one ticket's history, so that another's may
// still be read.
func ofOne(err error) bool {
	var foreign *rest.NotTheAPI
	return tooMuch(err) || errors.As(err, &foreign) || errors.Is(err, errEndless) || refused(err, http.StatusForbidden)
}

// toActs makes a ticket's audits into acts to be kept; none if one of them can't be kept.
func (c *Client) toActs(ctx context.Context, ticket string, audits []wireAudit) []desk.Act {
	acts := make([]desk.Act, len(audits))
	for i, a := range audits {
		var err error
		a.Events = slices.Clone(a.Events)
		for n := range a.Events {
			a.Events[n].Heeded = a.Events[n].redaction()
		}
		if acts[i], err = toAct(ticket, a); err != nil {
			c.cfg.Log.WarnContext(ctx, "history not kept", "source", c.cfg.Name, "err", err)
			return nil
		}
	}
	return acts
}

// audits are all audits of a ticket. Those of an archived ticket come in one page,
// whatever page size is asked for.
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

// list calls each with every item of a list, page after page; name is the key of the
// items. A list that doesn't end, or whose pages repeat, is an error.
func (c *Client) list(ctx context.Context, path, name string, each func(json.RawMessage)) error {
	query := url.Values{"page[size]": {"100"}}
	var shown listProgress
	for range maxPages {
		var members map[string]json.RawMessage
		if err := c.get(ctx, path+"?"+query.Encode(), &members, name); err != nil {
			return err
		}
		var items []json.RawMessage
		var meta struct {
			HasMore     bool `json:"has_more"`
			AfterCursor text `json:"after_cursor"`
		}
		if json.Unmarshal(members[name], &items) != nil {
			return &rest.NotTheAPI{Method: "GET", Path: path, Was: fmt.Sprintf("an object whose %q is no list", name)}
		}
		_ = decode(members["meta"], &meta) // a list in one page has none
		rows := make([]string, len(items))
		for i, raw := range items {
			rows[i] = string(raw)
			each(raw)
		}
		if _, err := shown.addPage(rows, !meta.HasMore); err != nil || !meta.HasMore {
			return err
		}
		if meta.AfterCursor == "" {
			return noNext(path)
		}
		query.Set("page[after]", string(meta.AfterCursor))
	}
	return fmt.Errorf("%w: it has more than %d pages", errEndless, maxPages)
}

// namesFor finds out who and what is behind the ids in histories.
func (c *Client) namesFor(ctx context.Context, histories []fetched) (*names, error) {
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
		add(users, h.ticket.RequesterID.id(), h.ticket.AssigneeID.id())
		add(organizations, h.ticket.OrganizationID.id())
		for _, a := range h.audits {
			add(users, a.AuthorID.id())
			for _, e := range a.Events {
				add(users, e.AuthorID.id())
				for _, l := range e.chatLines() {
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
	return c.dir.names(ctx, users, organizations)
}
