package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
)

// A HistoryLister's tickets are read in two halves. The vendor lists in bulk what was
// done to all tickets, a minute or so late, and that is kept as acts; a ticket's row
// shows whether its kept acts are its whole history. If a few tickets have changed
// since the list was read, as after a webhook, their histories are fetched at once, one
// by one. If many have, that would use up the vendor's quota: they wait for the list.
// A ticket whose row came with the list of changes is prefetched: its row isn't
// fetched again, on the first start as at any later poll.

const (
	// flood is the number of changed tickets from which on they wait for the list of acts.
	flood = 200
	// historyDelay is how long it takes until an act is in that list for sure.
	historyDelay = 75 * time.Second
	// maxHistoryFailures is how often the list may fail before the tickets that the first
	// start found are read without it.
	maxHistoryFailures = 3
)

// historyIfBehind is the part of a source's round that reads the list of acts, if it
// wasn't read to its end since the start, or tickets wait for more of it.
func (e *Engine) historyIfBehind(ctx context.Context, s *Source) (next time.Time, err error) {
	if s.historyCaughtUp && !s.historyBehind {
		return next, nil
	}
	err = e.readHistory(ctx, s)
	if s.historyBehind {
		next = e.Now()
	}
	return next, err
}

// readHistory reads the list of acts, to its end if there is time enough.
func (e *Engine) readHistory(ctx context.Context, s *Source) (err error) {
	h, ok := s.Desk.(HistoryLister)
	s.historyBehind = false
	for more := ok; more; {
		if s.historyBehind = !mayBegin(ctx); s.historyBehind {
			return nil
		}
		var n int
		var until time.Time
		n, until, more, err = e.readHistoryPage(ctx, s, h)
		if err = errors.Join(err, e.noteRefusal(ctx, s, historyPart, err)); err != nil {
			s.prefetched = nil
			return fmt.Errorf("history of %s: %w", s.Name, err)
		}
		if more && n > 0 {
			e.Log.Info("history read", "source", s.Name, "acts", n, "until", until)
		}
	}
	s.historyCaughtUp = true
	return nil
}

// readHistoryPage reads and keeps one page of the list of acts: n is how many it has,
// until the instant of its last.
func (e *Engine) readHistoryPage(ctx context.Context, s *Source, h HistoryLister) (n int, until time.Time, more bool, err error) {
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

// A prefetched ticket is one whose row came with a page of the list of changes, so that
// only its history is still to be read.
type prefetched struct {
	desk.Change
	first          bool  // the first start found it
	marks, handled int64 // the stored row's after that page: if they are others now, the ticket has changed since
}

// maxPrefetched is how many rows are kept in memory; further tickets are fetched like
// all others.
const maxPrefetched = 2000

// keepPrefetched keeps the rows that came with a page of changes until Drain has read
// their tickets, which it does once the list of acts has been read on. The row of a
// ticket that something else has marked as well, such as a webhook, may be older than
// that: it isn't kept. Only the first start's list of open tickets, which is read before
// its list of changes, may have marked it too.
func (e *Engine) keepPrefetched(ctx context.Context, s *Source, changes []desk.Change, first bool) error {
	if !first {
		s.marksWhenListed = nil
	}
	if _, ok := s.Desk.(HistoryLister); !ok {
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
		k, found := known[c.ID], s.marksWhenListed[c.ID]
		if k.Version != "" && k.Version == c.Version { // the page has made no mark
			continue
		}
		once := k.Marks == k.Handled+1
		switch {
		case len(c.Row) > 0 && len(s.prefetched) < maxPrefetched && (once || k.Handled == found-1 && k.Marks == found+1):
			s.prefetched = append(s.prefetched, prefetched{Change: c, first: first, marks: k.Marks, handled: k.Handled})
		case len(c.Row) == 0 && first && once && len(s.marksWhenListed) < maxPrefetched:
			if s.marksWhenListed == nil {
				s.marksWhenListed = map[string]int64{}
			}
			s.marksWhenListed[c.ID] = k.Marks
		}
	}
	s.historyBehind = s.historyBehind || len(s.prefetched) > 0
	return nil
}

// nextPrefetched are as many of the prefetched tickets as are read in one call, without
// those that have changed since. marks are the marks that their reading answers.
func (e *Engine) nextPrefetched(ctx context.Context, s *Source) (asks []desk.Ask, marks map[string]int64, err error) {
	if _, paused := e.stallOf(s.Name + historyPart); s.historyBehind && paused {
		s.prefetched, s.historyBehind = nil, false // while their histories can't be listed they are read like all others
	}
	marks = map[string]int64{}
	for len(s.prefetched) > 0 && len(asks) == 0 && !s.historyBehind {
		some := s.prefetched[:min(len(s.prefetched), readSizeOrBatch(s.readSize))]
		s.prefetched = s.prefetched[len(some):]
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
				asks = append(asks, desk.Ask{ID: c.ID, Version: k.Version, Acts: k.Acts, Row: c.Row})
				marks[c.ID] = c.marks
			}
		}
	}
	return asks, marks, nil
}

// asks are the requests to read some tickets, with what is kept of each.
func (e *Engine) asks(ctx context.Context, s *Source, ids []string) ([]desk.Ask, error) {
	asks := make([]desk.Ask, len(ids))
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

// readable lists some of the tickets that have changed and may be read now. Those that
// the first start found wait until the list of acts has been read once; those of a
// flood until historyDelay has passed since they were marked.
func (e *Engine) readable(ctx context.Context, s *Source) ([]store.Row, error) {
	s.heldUntil, s.flooded = time.Time{}, false
	rows, err := e.Store.Changed(ctx, s.Name, readSizeOrBatch(s.readSize))
	if _, ok := s.Desk.(HistoryLister); !ok || err != nil {
		return rows, err
	}
	full := len(rows) == readSizeOrBatch(s.readSize)
	if !s.historyCaughtUp && e.failures(s.Name+historyPart) < maxHistoryFailures {
		rows = slices.DeleteFunc(rows, func(r store.Row) bool { return r.First })
		s.heldUntil, _ = e.stallOf(s.Name + historyPart)
	}
	if !full || len(rows) == 0 || rows[0].First {
		return rows, nil
	}
	news, _, err := e.Store.Unread(ctx, s.Name)
	if s.flooded = news >= flood; !s.flooded {
		return rows, err
	}
	if i := slices.IndexFunc(rows, func(r store.Row) bool { return e.Now().Before(r.Marked.Add(historyDelay)) }); i >= 0 { // the longest waiting is first
		s.heldUntil, rows = rows[i].Marked.Add(historyDelay), rows[:i]
	}
	return rows, err
}

// newsBeforePrefetched are the tickets that are read before the prefetched ones, because
// they have just changed, while those were only found by the first start.
func (e *Engine) newsBeforePrefetched(ctx context.Context, s *Source) ([]store.Row, error) {
	if len(s.prefetched) == 0 || !s.prefetched[0].first {
		return nil, nil
	}
	rows, err := e.nextToRead(ctx, s)
	return slices.DeleteFunc(rows, func(r store.Row) bool { return r.First }), err
}

// nextToRead lists some of the changed tickets that are to be fetched now.
func (e *Engine) nextToRead(ctx context.Context, s *Source) ([]store.Row, error) {
	rows, err := e.readable(ctx, s)
	if err == nil && s.flooded {
		return e.coveredByHistory(ctx, s, rows)
	}
	return rows, err
}

// coveredByHistory are those of a flood's tickets, the longest waiting first, whose
// changes are in the list of acts as far as it has been read. If the rest aren't, the
// list is read on before them, unless it can't be read now.
func (e *Engine) coveredByHistory(ctx context.Context, s *Source, rows []store.Row) ([]store.Row, error) {
	_, read, err := e.Store.History(ctx, s.Name)
	i := slices.IndexFunc(rows, func(r store.Row) bool { return read.Before(r.Marked.Add(historyDelay)) })
	if err != nil || i < 0 {
		return rows, err
	}
	if _, paused := e.stallOf(s.Name + historyPart); paused {
		return rows, nil
	}
	s.historyBehind = true
	return rows[:i], nil
}
