package lines

import (
	"context"
	"time"

	"vigie/bot/engine"
	"vigie/bot/print"
	"vigie/bot/store"
	"vigie/connectors/desk"
)

// ReadAll reads into an empty state every ticket that changed since an instant,
// and so every one created since, page by page. A ticket that can't be read is
// told to failed and left out.
func ReadAll(ctx context.Context, s *engine.Source, st *store.Store, since time.Time, seen *print.Meter, failed func(id string, err error)) (unread int, err error) {
	defer seen.End()
	for cursor := ""; ; {
		page, err := s.Desk.Changes(ctx, cursor, since)
		if err != nil {
			return unread, err
		}
		if err := st.Polled(ctx, s.Name, page, true, time.Now()); err != nil {
			return unread, err
		}
		for {
			rows, err := st.Changed(ctx, s.Name, ReadAtOnce)
			if err != nil {
				return unread, err
			}
			if len(rows) == 0 {
				break
			}
			ids := make([]string, len(rows))
			for i, r := range rows {
				ids[i] = r.ID
			}
			readings, err := s.Desk.Read(ctx, ids)
			if err != nil {
				return unread, err
			}
			for _, r := range readings {
				if r.Err != nil {
					unread++
					failed(r.ID, r.Err)
				}
				if r.Ticket != nil {
					if err := keep(ctx, s, st, r); err != nil {
						return unread, err
					}
				}
			}
			if err := st.Answer(ctx, rows); err != nil { // also those that are gone, or have another name now
				return unread, err
			}
			seen.Add(len(rows))
		}
		if !page.More {
			return unread, nil
		}
		cursor = page.Cursor
	}
}

// keep saves a ticket as it was read.
func keep(ctx context.Context, s *engine.Source, st *store.Store, r desk.Reading) error {
	r.Ticket.Source = s.Name
	row := store.Row{Source: s.Name, ID: r.Ticket.ID, Version: r.Version, Ticket: r.Ticket}
	err := st.Keep(ctx, s.Name, r.Acts, nil) // who turns out to have been staff has them read again
	if err != nil {
		return err
	}
	before, err := st.Ticket(ctx, s.Name, row.ID)
	if err != nil {
		return err
	}
	if before != nil {
		row.Saves = before.Saves
	}
	return st.Save(ctx, row, nil, time.Now())
}

// ReadAtOnce is what the vendors' bulk calls take.
const ReadAtOnce = 100
