package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
)

// Changed tickets are read in batches, and one ticket that can't be read must not hold
// up the others. So a batch that isn't read in time is halved, down to a single ticket,
// and only a ticket that takes the whole time by itself is blamed. A ticket that can't
// be read, for whatever reason, stays unread; the board gives the reason, and its clocks
// run on as it was read last. Such tickets are read again in a part of the round of
// their own (readMissed), each after a pause that grows with every miss, or at once when
// a webhook names it.

// The pauses between two readings of a ticket that can't be read double from the
// first to the longest.
const (
	firstRetry   = time.Minute
	longestRetry = 15 * time.Minute
)

var (
	errLeftOut = errors.New("the vendor's answer leaves it out, which says neither that it is there nor that it is gone")
	errSlow    = fmt.Errorf("it isn't read within %s", readLimit)
)

// noteMiss notes in a ticket's row that it couldn't be read, and when it is tried again.
func noteMiss(row *store.Row, err error, now time.Time) {
	row.Problem, row.First = err.Error(), false
	row.Retry = now.Add(min(firstRetry<<min(row.Misses, 10), longestRetry))
	row.Misses++
}

// readChanged is the part of a source's round that reads the tickets that have changed.
func (e *Engine) readChanged(ctx context.Context, s *Source) (next time.Time, err error) {
	more, err := e.Drain(ctx, s)
	for err == nil && len(s.prefetched) > 0 && !s.historyBehind && mayBegin(ctx) {
		more, err = e.Drain(ctx, s)
	}
	if more {
		next = e.Now()
	}
	return earliest(next, s.heldUntil), err
}

// Drain reads and judges a batch of the tickets that have changed. Prefetched ones come
// first, but those that the first start found come after everything that has changed
// since. more says that others may be waiting. What was read before an error, or before
// the time was over, is kept; the rest stays marked. Running out of time is no error.
func (e *Engine) Drain(ctx context.Context, s *Source) (more bool, err error) {
	rows, err := e.newsBeforePrefetched(ctx, s)
	if err != nil {
		return false, err
	}
	if len(rows) == 0 {
		if read, more, err := e.readPrefetched(ctx, s); read || err != nil {
			return more, err
		}
		if rows, err = e.nextToRead(ctx, s); err != nil || len(rows) == 0 {
			return s.historyBehind, err
		}
	}
	if cut, err := e.readRows(ctx, s, rows, &s.readSize); err != nil || cut {
		return cut, err
	}
	if len(rows) == batch || rows[0].First {
		if err := e.logProgress(ctx, s, len(rows)); err != nil {
			return false, err
		}
	}
	return e.anyReadable(ctx, s)
}

// readPrefetched reads and judges a batch of the prefetched tickets; read is false if
// there is none.
func (e *Engine) readPrefetched(ctx context.Context, s *Source) (read, more bool, err error) {
	first := len(s.prefetched) > 0 && s.prefetched[0].first
	asks, marks, err := e.nextPrefetched(ctx, s)
	if err != nil || len(asks) == 0 {
		return false, false, err
	}
	cut, err := e.readAndSave(ctx, s, asks, marks, &s.readSize)
	if err != nil {
		s.prefetched = nil
		return true, false, err
	}
	if first {
		if err := e.logProgress(ctx, s, len(asks)); err != nil {
			return true, false, err
		}
	}
	if cut || len(s.prefetched) > 0 {
		return true, true, nil
	}
	more, err = e.anyReadable(ctx, s)
	return true, more, err
}

// anyReadable says whether changed tickets wait that may be read now.
func (e *Engine) anyReadable(ctx context.Context, s *Source) (bool, error) {
	rows, err := e.readable(ctx, s)
	return len(rows) > 0, err
}

// readMissed is the part of a source's round that tries again to read the tickets that
// couldn't be read.
func (e *Engine) readMissed(ctx context.Context, s *Source) (next time.Time, err error) {
	s.retrySize = max(1, s.retrySize)
	rows, err := e.Store.Missed(ctx, s.Name, e.Now(), s.retrySize)
	if err != nil {
		return next, err
	}
	var failed error
	if len(rows) > 0 {
		_, failed = e.readRows(ctx, s, rows, &s.retrySize)
		if err := e.retryOthers(ctx, s, rows); err != nil {
			return next, errors.Join(failed, err)
		}
	}
	next, err = e.Store.NextRetry(ctx, s.Name)
	// If the failure was the ticket's own, its next retry has been put off. Otherwise the
	// error must be returned, since only the pause after it keeps the retry from coming at once.
	if failed != nil && (len(rows) > 1 || !next.After(rows[0].Retry)) {
		return next, errors.Join(failed, err)
	}
	return next, err
}

// retryOthers has all tickets that couldn't be read tried again at once if one of rows
// has now been read: what kept the others from being read may be over as well.
func (e *Engine) retryOthers(ctx context.Context, s *Source, rows []store.Row) error {
	ctx, done := outlive(ctx)
	defer done()
	for _, r := range rows {
		if now, err := e.storedRow(ctx, s, r.ID); err != nil {
			return err
		} else if now.Misses == 0 {
			return e.Store.RetryNow(ctx, s.Name, e.Now())
		}
	}
	return nil
}

// readRows reads, judges and saves the tickets of some rows. cut says that time ran out
// before all were read. size is how many can be read in that time, and is updated.
func (e *Engine) readRows(ctx context.Context, s *Source, rows []store.Row, size *int) (cut bool, err error) {
	ids := make([]string, len(rows))
	marks := make(map[string]int64, len(rows))
	for i, r := range rows {
		ids[i], marks[r.ID] = r.ID, r.Marks
	}
	asks, err := e.asks(ctx, s, ids)
	if err != nil {
		return false, err
	}
	return e.readAndSave(ctx, s, asks, marks, size)
}

// readAndSave does the same for tickets of which it is known what is kept of them.
func (e *Engine) readAndSave(ctx context.Context, s *Source, asks []desk.Ask, marks map[string]int64, size *int) (cut bool, err error) {
	asked, began := e.Now(), time.Now()
	reading, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	readings, failed := e.read(reading, s, asks)
	late := failed != nil && timeUp(reading)
	*size = nextReadSize(*size, len(asks), len(asks)-len(readings), failed, late, time.Since(began))
	if len(asks) == 1 && len(readings) == 0 && e.blames(s, failed, late) {
		readings = append(readings, desk.Reading{ID: asks[0].ID, Err: failed})
		if late {
			readings[0].Err = errSlow
		}
	}
	lasting, done := outlive(ctx)
	defer done()
	if err := e.noteRefusal(lasting, s, readPart, failed); err != nil {
		return false, err
	}
	var acts []desk.Act
	var whole []string
	for _, r := range readings {
		if acts = append(acts, r.Acts...); r.Whole {
			whole = append(whole, r.ID)
		}
	}
	if err := e.Store.Keep(lasting, s.Name, acts, whole); err != nil {
		return false, err
	}
	if err := e.doubt(lasting, s, readings); err != nil {
		return false, err
	}
	if err := e.saveReadings(lasting, s, readings, marks, asked); err != nil {
		return false, err
	}
	switch {
	case late && len(asks) > 1:
		e.Log.Warn("not all were read in time", "source", s.Name, "tickets", len(asks), "read", len(readings))
		return true, nil
	case failed != nil:
		return false, fmt.Errorf("%s: %w", rules.Counted("en", "read %d ticket{s} of %s", len(asks), s.Name), failed)
	}
	return false, nil
}

// blames says whether the ticket is to blame for the failure of a call for it alone: the
// call took all the time, or failed although the vendor has answered the last poll.
func (e *Engine) blames(s *Source, failed error, late bool) bool {
	return late || failed != nil && s.polled && retryAfter(failed) == 0 && !denied(failed)
}

// nextReadSize is how many tickets the next call reads, after one that asked for so many
// and left some unread: half as many if it was late, one if it failed otherwise, twice as
// many if it took less than half its time. The unread ones come first next time, so a
// ticket that takes all the time is soon alone.
func nextReadSize(size, asked, unread int, failed error, late bool, took time.Duration) int {
	switch {
	case late:
		return max(1, min(asked/2, unread))
	case failed != nil && retryAfter(failed) == 0 && !denied(failed):
		return 1
	case failed == nil && took <= readLimit/2 && asked >= readSizeOrBatch(size):
		return min(batch, 2*asked)
	}
	return size
}

// readSizeOrBatch is a source's size of a call, or a whole batch while that isn't known.
func readSizeOrBatch(size int) int {
	if size == 0 {
		return batch
	}
	return size
}

// logProgress says how many tickets are left of a large reading, and how long that will take.
func (e *Engine) logProgress(ctx context.Context, s *Source, n int) error {
	news, first, err := e.Store.Unread(ctx, s.Name)
	var takes time.Duration
	if s.Takes != nil {
		takes = s.Takes(news+first, 0)
	}
	e.Log.Info("tickets read", "source", s.Name, "read", n, "left", news+first, "takes", takes.Round(time.Second))
	return err
}

// outlive is a context in which the results of work can be stored after ctx has ended.
func outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), saving)
}

// timeUp says whether a round has used up its time.
func timeUp(ctx context.Context) bool {
	return errors.Is(ctx.Err(), context.DeadlineExceeded)
}

// read reads tickets; one that the answer leaves out is unread. If the call fails, the
// tickets that it left unread are read one by one, so that a ticket that breaks the call
// doesn't hold up the others. One that fails is to blame if the next one can be read; if
// the next fails too, the vendor is, and the reading ends. After the last ticket one that
// has been read before is tried, to tell the two apart.
func (e *Engine) read(ctx context.Context, s *Source, asks []desk.Ask) ([]desk.Reading, error) {
	readings, err := e.call(ctx, s, asks)
	unread := slices.DeleteFunc(slices.Clone(asks), func(a desk.Ask) bool {
		return slices.ContainsFunc(readings, func(r desk.Reading) bool { return r.ID == a.ID })
	})
	if err == nil {
		for _, a := range unread {
			readings = append(readings, desk.Reading{ID: a.ID, Err: errLeftOut})
		}
		return readings, nil
	}
	if len(asks) == 1 || retryAfter(err) > 0 || ctx.Err() != nil {
		return readings, err
	}
	probe := slices.IndexFunc(readings, func(r desk.Reading) bool { return r.Ticket != nil })
	if probe >= 0 {
		unread = append(unread, desk.Ask{ID: readings[probe].ID})
	}
	var suspect string
	for n, a := range unread {
		one, failed := e.read(ctx, s, []desk.Ask{a})
		switch {
		case failed != nil && suspect != "":
			return readings, failed
		case failed != nil:
			suspect, err = a.ID, failed
		case suspect != "":
			readings = append(readings, desk.Reading{ID: suspect, Err: err})
			suspect = ""
		}
		if probe < 0 || n < len(unread)-1 {
			readings = append(readings, one...)
		}
	}
	if suspect != "" {
		return readings, err
	}
	return readings, nil
}

// readUnderOwnNames reads tickets again that were asked for by a former name if acts are
// kept of them under their present name: those acts weren't given with the request.
func (e *Engine) readUnderOwnNames(ctx context.Context, s *Source, t Teller, readings []desk.Reading) ([]desk.Reading, error) {
	asked := map[string]int{} // by the ticket's own name
	var names []string
	for i, r := range readings {
		if r.Ticket != nil && r.Ticket.ID != r.ID {
			names, asked[r.Ticket.ID] = append(names, r.Ticket.ID), i
		}
	}
	asks, err := e.asks(ctx, s, names)
	asks = slices.DeleteFunc(asks, func(a desk.Ask) bool { return len(a.Acts) == 0 })
	if err != nil || len(asks) == 0 {
		return readings, err
	}
	again, err := e.tellByKnownName(ctx, s, t, asks)
	for _, r := range again {
		if i, ok := asked[r.ID]; ok && r.Ticket != nil {
			readings[i].Ticket, readings[i].Version, readings[i].Acts = r.Ticket, r.Version, r.Acts
		}
	}
	if err != nil { // those that aren't told again are left unread
		readings = slices.DeleteFunc(readings, func(r desk.Reading) bool {
			return r.Ticket != nil && r.Ticket.ID != r.ID && !slices.ContainsFunc(again, func(a desk.Reading) bool { return a.ID == r.Ticket.ID })
		})
	}
	return readings, err
}

// call reads tickets in one call to the vendor.
func (e *Engine) call(ctx context.Context, s *Source, asks []desk.Ask) ([]desk.Reading, error) {
	if t, ok := s.Desk.(Teller); ok {
		readings, err := e.tellByKnownName(ctx, s, t, asks)
		if err != nil {
			return readings, err
		}
		return e.readUnderOwnNames(ctx, s, t, readings)
	}
	ids := make([]string, len(asks))
	for i, a := range asks {
		ids[i] = a.ID
	}
	return s.Desk.Read(ctx, ids)
}
