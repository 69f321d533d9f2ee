package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

// A Historian's tickets are read in two halves. What was done to all of them is
// listed in bulk and kept, a minute or so behind; a ticket's row shows whether
// what is kept of it is all. Where a few tickets are ahead of the list, as after
// a webhook, their histories are asked for one by one, at once. Where many are,
// that would cost the vendor's quota: they wait for the list. Rows that came with a
// list of changes, on the first start as later, aren't asked for again.

const (
	// flood is from how many changed tickets on they wait for the list of acts.
	flood = 200
	// listed is after how long it has what was done.
	listed = 75 * time.Second
	// patience is how often the list can fail before the tickets of a first start
	// are read without it.
	patience = 3
)

// historyIfBehind is the part of a source's round that reads the list of acts, when
// it wasn't read since the start, or there are more.
func (e *Engine) historyIfBehind(ctx context.Context, s *Source) (next time.Time, err error) {
	if s.caughtUp && !s.behind {
		return next, nil
	}
	err = e.readHistory(ctx, s)
	if s.behind {
		next = e.Now()
	}
	return next, err
}

// readHistory reads the list of acts, up to its end if the time is enough.
func (e *Engine) readHistory(ctx context.Context, s *Source) (err error) {
	h, ok := s.Desk.(Historian)
	s.behind = false
	for more := ok; more; {
		if s.behind = !goingOn(ctx); s.behind {
			return nil
		}
		var n int
		var until time.Time
		n, until, more, err = e.chroniclePage(ctx, s, h)
		if err = errors.Join(err, e.hindered(ctx, s, historyPart, err)); err != nil {
			s.brought = nil
			return fmt.Errorf("history of %s: %w", s.Name, err)
		}
		if more && n > 0 {
			e.Log.Info("history read", "source", s.Name, "acts", n, "until", until)
		}
	}
	s.caughtUp = true
	return nil
}

// chroniclePage reads and keeps one page of n acts, the last one at an instant.
func (e *Engine) chroniclePage(ctx context.Context, s *Source, h Historian) (n int, until time.Time, more bool, err error) {
	cursor, read, err := e.Store.History(ctx, s.Name)
	if err == nil && read.IsZero() { // it begins before anything is kept of a history that was read singly
		read, err = e.Now(), e.Store.KeepListed(ctx, s.Name, nil, "", e.Now())
	}
	if err != nil {
		return 0, until, false, err
	}
	page, err := h.Acts(ctx, cursor, read.Add(-e.Backfill))
	if err != nil {
		return 0, until, false, err
	}
	if n = len(page.Acts); n > 0 {
		until = page.Acts[n-1].At
	}
	return n, until, page.More, e.Store.KeepListed(ctx, s.Name, page.Acts, page.Cursor, e.Now())
}

// A brought ticket is one that a page of the list of changes shows as it is, so that it
// needn't be asked for: only what was done to it is read.
type brought struct {
	rules.Change
	first          bool  // the first start found it
	marks, handled int64 // as the page left them: another number says that there was other news since
}

// mostBrought is how many tickets are kept in memory as pages show them; further ones
// are asked for as all others.
const mostBrought = 2000

// bringAlong keeps what a page of changes shows of its tickets until Drain has read them,
// which it does once the list of acts has been read on. Of those that had other news
// the page may show what they were before that: only the first start's list of open
// tickets, which is older than its list of changes, may have named them too.
func (e *Engine) bringAlong(ctx context.Context, s *Source, changes []rules.Change, first bool) error {
	if !first {
		s.foundOpen = nil
	}
	if _, ok := s.Desk.(Historian); !ok {
		return nil
	}
	var ids []string
	for _, c := range changes {
		if len(c.Row) > 0 || first {
			ids = append(ids, c.ID)
		}
	}
	known, err := e.Store.Known(ctx, s.Name, ids)
	if err != nil {
		return err
	}
	for _, c := range changes {
		k, found := known[c.ID], s.foundOpen[c.ID]
		if k.Version != "" && k.Version == c.Version { // the page has made no mark
			continue
		}
		once := k.Marks == k.Handled+1
		switch {
		case len(c.Row) > 0 && len(s.brought) < mostBrought && (once || k.Handled == found-1 && k.Marks == found+1):
			s.brought = append(s.brought, brought{Change: c, first: first, marks: k.Marks, handled: k.Handled})
		case len(c.Row) == 0 && first && once && len(s.foundOpen) < mostBrought:
			if s.foundOpen == nil {
				s.foundOpen = map[string]int64{}
			}
			s.foundOpen[c.ID] = k.Marks
		}
	}
	s.behind = s.behind || len(s.brought) > 0
	return nil
}

// stillBrought takes as many of the brought tickets as are read in a call, and leaves out
// those of which other news came meanwhile. marks has those that the reading answers.
func (e *Engine) stillBrought(ctx context.Context, s *Source) (asks []rules.Ask, marks map[string]int64, err error) {
	if _, paused := e.stallOf(s.Name + historyPart); s.behind && paused {
		s.brought, s.behind = nil, false // without what was done to them they are read as all others
	}
	marks = map[string]int64{}
	for len(s.brought) > 0 && len(asks) == 0 && !s.behind {
		some := s.brought[:min(len(s.brought), fits(s.fit))]
		s.brought = s.brought[len(some):]
		ids := make([]string, len(some))
		for i, c := range some {
			ids[i] = c.ID
		}
		known, err := e.Store.Known(ctx, s.Name, ids)
		if err != nil {
			return nil, nil, err
		}
		for _, c := range some {
			if k := known[c.ID]; k.Marks == c.marks && k.Handled == c.handled {
				asks = append(asks, rules.Ask{ID: c.ID, Version: k.Version, Acts: k.Acts, Row: c.Row})
				marks[c.ID] = c.marks
			}
		}
	}
	return asks, marks, nil
}

// asks are questions about tickets, with what is known of them.
func (e *Engine) asks(ctx context.Context, s *Source, ids []string) ([]rules.Ask, error) {
	asks := make([]rules.Ask, len(ids))
	for i, id := range ids {
		asks[i].ID = id
	}
	if _, ok := s.Desk.(Teller); !ok {
		return asks, nil
	}
	known, err := e.Store.Known(ctx, s.Name, ids)
	for i, id := range ids {
		asks[i].Version, asks[i].Acts = known[id].Version, known[id].Acts
	}
	return asks, err
}

// readable lists some of the tickets that changed and can be read now. Those
// that a first start found wait for the list of acts; of a flood, those that it
// can't have yet.
func (e *Engine) readable(ctx context.Context, s *Source) ([]store.Row, error) {
	s.held, s.flooded = time.Time{}, false
	rows, err := e.Store.Changed(ctx, s.Name, fits(s.fit))
	if _, ok := s.Desk.(Historian); !ok || err != nil {
		return rows, err
	}
	full := len(rows) == fits(s.fit)
	if !s.caughtUp && e.failures(s.Name+historyPart) < patience {
		rows = slices.DeleteFunc(rows, func(r store.Row) bool { return r.First })
		s.held, _ = e.stallOf(s.Name + historyPart)
	}
	if !full || len(rows) == 0 || rows[0].First {
		return rows, nil
	}
	news, _, err := e.Store.Unread(ctx, s.Name)
	if s.flooded = news >= flood; !s.flooded {
		return rows, err
	}
	if i := slices.IndexFunc(rows, func(r store.Row) bool { return e.Now().Before(r.Marked.Add(listed)) }); i >= 0 { // the longest waiting is first
		s.held, rows = rows[i].Marked.Add(listed), rows[:i]
	}
	return rows, err
}

// newsBeforeBrought are tickets that are asked for before the brought ones are read,
// because those were only found by the first start, and these are news.
func (e *Engine) newsBeforeBrought(ctx context.Context, s *Source) ([]store.Row, error) {
	if len(s.brought) == 0 || !s.brought[0].first {
		return nil, nil
	}
	rows, err := e.toAskFor(ctx, s)
	return slices.DeleteFunc(rows, func(r store.Row) bool { return r.First }), err
}

// toAskFor lists some of the tickets that changed and are to be asked for now.
func (e *Engine) toAskFor(ctx context.Context, s *Source) ([]store.Row, error) {
	rows, err := e.readable(ctx, s)
	if err == nil && s.flooded {
		return e.reached(ctx, s, rows)
	}
	return rows, err
}

// reached are those of a flood's tickets, the longest waiting first, of which the
// list of acts has what was done to them. Where it doesn't reach so far it is read
// first, unless it can't be had.
func (e *Engine) reached(ctx context.Context, s *Source, rows []store.Row) ([]store.Row, error) {
	_, read, err := e.Store.History(ctx, s.Name)
	i := slices.IndexFunc(rows, func(r store.Row) bool { return read.Before(r.Marked.Add(listed)) })
	if err != nil || i < 0 {
		return rows, err
	}
	if _, paused := e.stallOf(s.Name + historyPart); paused {
		return rows, nil
	}
	s.behind = true
	return rows[:i], nil
}
