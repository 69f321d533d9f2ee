package zendesk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"vigie/rules"
)

// exportLag is how far back an export has to start: "start_time must be at least
// one minute in the past" (Incremental Export). What happened in the last minute
// comes with a later page.
const exportLag = time.Minute

// Changes is one page of the tickets that were created, changed or deleted after
// the cursor; of those since an instant if the cursor is empty, or if Zendesk no
// longer takes it. A ticket may come more than once. Zendesk allows ten such
// calls a minute.
func (c *Client) Changes(ctx context.Context, cursor string, since time.Time) (rules.Page, error) {
	page, err := c.export(ctx, cursor, since)
	if cursor != "" && refused(err, http.StatusBadRequest, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity) {
		c.cfg.Log.WarnContext(ctx, "export cursor refused, starting again", "source", c.cfg.Name, "since", since, "err", err)
		page, err = c.export(ctx, "", since)
	}
	if err != nil {
		return rules.Page{}, fmt.Errorf("export tickets: %w", err)
	}
	return page, nil
}

func (c *Client) export(ctx context.Context, cursor string, since time.Time) (rules.Page, error) {
	query := url.Values{"include": {"users,organizations"}} // who they are about comes along
	if cursor != "" {
		query.Set("cursor", cursor)
	} else {
		latest := c.cfg.Now().Add(-exportLag - time.Second)
		query.Set("start_time", strconv.FormatInt(max(0, min(since.Unix(), latest.Unix())), 10))
	}
	var answer struct {
		Tickets []json.RawMessage `json:"tickets"`
		sideloads
		AfterCursor text `json:"after_cursor"`
		EndOfStream bool `json:"end_of_stream"`
	}
	if err := c.get(ctx, "/incremental/tickets/cursor.json?"+query.Encode(), &answer); err != nil {
		return rules.Page{}, err
	}
	c.dir.learn(answer.sideloads)
	page := rules.Page{Changes: c.changes(ctx, answer.Tickets, true), Cursor: string(answer.AfterCursor)}
	if page.Cursor == "" {
		page.Cursor = cursor
	}
	// The end of the stream has a cursor too: the next poll's. A page that leads
	// to itself is an end as well.
	page.More = !answer.EndOfStream && page.Cursor != "" && page.Cursor != cursor
	return page, nil
}

// Unsolved is one page of the tickets that nobody has solved yet, from Zendesk's
// search, which may be minutes behind: Changes has to be read from before the
// first call on. The cursor is empty for the first page, and holds for an hour.
func (c *Client) Unsolved(ctx context.Context, cursor string) (rules.Page, error) {
	query := url.Values{"filter[type]": {"ticket"}, "query": {"status<solved"}, "page[size]": {"1000"}}
	if cursor != "" {
		query.Set("page[after]", cursor)
	}
	var answer struct {
		Results []json.RawMessage `json:"results"`
		Meta    struct {
			HasMore     bool `json:"has_more"`
			AfterCursor text `json:"after_cursor"`
		} `json:"meta"`
	}
	if err := c.get(ctx, "/search/export.json?"+query.Encode(), &answer); err != nil {
		return rules.Page{}, fmt.Errorf("search unsolved tickets: %w", err)
	}
	next := string(answer.Meta.AfterCursor)
	return rules.Page{
		Changes: c.changes(ctx, answer.Results, false), // rows may be minutes old
		Cursor:  next,
		More:    answer.Meta.HasMore && next != "" && next != cursor,
	}, nil
}

// changes reads rows; of a row that can't be decoded the id is enough. Rows that
// are the tickets' as they are now are given with the changes.
func (c *Client) changes(ctx context.Context, rows []json.RawMessage, current bool) []rules.Change {
	place := make(map[string]int, len(rows))
	var out []rules.Change
	for _, raw := range rows {
		var w wireTicket
		_ = decode(raw, &w) // without an id, see below
		if _, err := ticketNumber(string(w.ID)); err != nil {
			c.cfg.Log.WarnContext(ctx, "row skipped", "source", c.cfg.Name, "err", err)
			continue
		}
		change := rules.Change{ID: string(w.ID)}
		if w.UpdatedAt != "" {
			change.Version = w.version()
			if current {
				change.Row = raw
			}
		}
		if i, ok := place[change.ID]; ok {
			out[i] = change // the later row is the newer
			continue
		}
		place[change.ID] = len(out)
		out = append(out, change)
	}
	return out
}
