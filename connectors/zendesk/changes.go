package zendesk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"vigie/connectors/desk"
)

// exportLag is how far back an export has to start: "start_time must be at least
// one minute in the past" (Incremental Export). What happened in the last minute
// comes with a later page.
const exportLag = time.Minute

// mostRows is how many rows a page of an export has if nothing is said, and one of a
// search at most.
const mostRows = 1000

// Changes is one page of the tickets that were created, changed or deleted after
// the cursor; of those since an instant if the cursor is empty, or if Zendesk no
// longer takes it. A ticket may come more than once. Zendesk allows ten such
// calls a minute.
func (c *Client) Changes(ctx context.Context, cursor string, since time.Time) (desk.Page, error) {
	page, err := c.export(ctx, cursor, since)
	if cursor != "" && refused(err, http.StatusBadRequest, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity) {
		c.cfg.Log.WarnContext(ctx, "export cursor refused, starting again", "source", c.cfg.Name, "since", since, "err", err)
		page, err = c.export(ctx, "", since)
	}
	if err != nil {
		return desk.Page{}, fmt.Errorf("export tickets: %w", err)
	}
	return page, nil
}

func (c *Client) export(ctx context.Context, cursor string, since time.Time) (desk.Page, error) {
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
	err := c.paced(ctx, &c.exports, mostRows, func(ctx context.Context, rows int) error {
		return c.get(ctx, "/incremental/tickets/cursor.json?"+sized(query, rows), &answer, "tickets", "end_of_stream")
	})
	if err != nil {
		return desk.Page{}, err
	}
	if !answer.EndOfStream && answer.AfterCursor == "" {
		return desk.Page{}, noNext("/incremental/tickets/cursor.json")
	}
	if err := c.knownAsker(ctx, len(answer.Tickets)); err != nil {
		return desk.Page{}, err
	}
	c.dir.remember(answer.sideloads)
	if cursor == "" {
		c.exported.begin()
	}
	// The end of the stream has a cursor too: the next poll's.
	page := desk.Page{Changes: c.changes(ctx, answer.Tickets, true), Cursor: string(answer.AfterCursor), More: !answer.EndOfStream}
	if page.Cursor == "" {
		page.Cursor = cursor
	}
	page.Stale, err = c.exported.addPage(versions(page.Changes), answer.EndOfStream)
	return page, err
}

// knownAsker is nil for a page with rows, and for an empty one if Zendesk knows who asks:
// to a stranger nothing is shown, and that is no news.
func (c *Client) knownAsker(ctx context.Context, rows int) error {
	if rows > 0 {
		return nil
	}
	if _, err := c.self(ctx); err != nil {
		return fmt.Errorf("the list is empty: %w", err)
	}
	return nil
}

// sized is a query for so many rows of an export
// (developer.zendesk.com/documentation/ticketing/managing-tickets/using-the-incremental-export-api).
func sized(query url.Values, rows int) string {
	if rows < mostRows {
		query.Set("per_page", strconv.Itoa(rows))
	}
	return query.Encode()
}

// versions are a page's rows as listProgress takes them.
func versions(changes []desk.Change) []string {
	rows := make([]string, len(changes))
	for i, ch := range changes {
		rows[i] = ch.ID + " " + ch.Version
	}
	return rows
}

// Unsolved is one page of the tickets that nobody has solved yet, from Zendesk's
// search, which may be minutes behind: Changes has to be read from before the
// first call on. The cursor is empty for the first page, and holds for an hour.
func (c *Client) Unsolved(ctx context.Context, cursor string) (desk.Page, error) {
	query := url.Values{"filter[type]": {"ticket"}, "query": {"status<solved"}}
	if cursor != "" {
		query.Set("page[after]", cursor)
	} else {
		c.searched.begin()
	}
	var answer struct {
		Results []json.RawMessage `json:"results"`
		Meta    struct {
			HasMore     bool `json:"has_more"`
			AfterCursor text `json:"after_cursor"`
		} `json:"meta"`
	}
	err := c.paced(ctx, &c.searches, mostRows, func(ctx context.Context, rows int) error {
		query.Set("page[size]", strconv.Itoa(rows))
		return c.get(ctx, "/search/export.json?"+query.Encode(), &answer, "results", "meta")
	})
	if err == nil {
		err = c.knownAsker(ctx, len(answer.Results))
	}
	if err != nil {
		return desk.Page{}, fmt.Errorf("search unsolved tickets: %w", err)
	}
	page := desk.Page{
		Changes: c.changes(ctx, answer.Results, false), // rows may be minutes old
		Cursor:  string(answer.Meta.AfterCursor),
	}
	if page.More = answer.Meta.HasMore; page.More && page.Cursor == "" {
		return desk.Page{}, fmt.Errorf("search unsolved tickets: %w", noNext("/search/export.json"))
	}
	if page.Stale, err = c.searched.addPage(versions(page.Changes), !page.More); err != nil {
		return desk.Page{}, fmt.Errorf("search unsolved tickets: %w", err)
	}
	return page, nil
}

// changes reads rows; of a row that can't be decoded the id is enough. Rows that
// are the tickets' as they are now are given with the changes.
func (c *Client) changes(ctx context.Context, rows []json.RawMessage, current bool) []desk.Change {
	place := make(map[string]int, len(rows))
	var out []desk.Change
	for _, raw := range rows {
		var w wireTicket
		_ = decode(raw, &w) // without an id, see below
		if _, err := ticketNumber(string(w.ID)); err != nil {
			c.cfg.Log.WarnContext(ctx, "row skipped", "source", c.cfg.Name, "err", err)
			continue
		}
		change := desk.Change{ID: string(w.ID)}
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
