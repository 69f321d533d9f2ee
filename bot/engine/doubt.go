package engine

import (
	"context"
	"errors"
	"strconv"
	"time"

	"vigie/connectors/desk"
)

// A vendor says the same of a ticket that is gone and of one that it hides from us:
// a restricted account, a project made private, and all of them are "gone" at once.
// So no more are believed to be gone within an hour than people delete by hand. The
// others count as unread: their clocks run on, people are told, and what is still
// said to be gone after a day is believed. A ticket of which the vendor itself says
// that it was deleted is not doubted.
const (
	mostGone  = 20 // in an hour; where fewer than a hundred are open, a fifth
	leastGone = 5
	doubtFor  = 24 * time.Hour
)

var errDoubted = errors.New("the vendor says that it is gone, as it says of many others at once; that is believed after a day")

// doubt has those readings be of unread tickets that say that too many open tickets
// are gone.
func (e *Engine) doubt(ctx context.Context, s *Source, readings []desk.Reading) error {
	var gone []int
	again := 0 // of these, that were doubted before
	for i, r := range readings {
		if !r.Gone || r.Deleted {
			continue
		}
		row, err := e.storedRow(ctx, s, r.ID)
		if err != nil {
			return err
		}
		was := row.Problem == errDoubted.Error()
		if !row.Open || was && !e.Now().Before(row.Unread.Add(doubtFor)) {
			continue
		}
		if gone = append(gone, i); was {
			again++
		}
	}
	if len(gone) == 0 {
		return nil
	}
	believed, since, err := e.believed(ctx, s)
	if err != nil {
		return err
	}
	open, err := e.Store.OpenTickets(ctx, s.Name)
	if err != nil {
		return err
	}
	doubted, err := e.Store.Parked(ctx, s.Name, errDoubted.Error())
	if err != nil {
		return err
	}
	doubted += len(gone) - again
	if believed+doubted <= min(mostGone, max(leastGone, open/5)) {
		return e.Store.SaveGone(ctx, s.Name, believed+len(gone), since)
	}
	for _, i := range gone {
		readings[i] = desk.Reading{ID: readings[i].ID, Err: errDoubted}
	}
	obstacles, err := e.currentObstacles(ctx, s.Name)
	if err != nil {
		return err
	}
	_, there := obstacles[goneTickets]
	return e.setObstacle(ctx, s, goneTickets, there, true, e.Now(), s.about("obstacle.gone_of", "n", strconv.Itoa(doubted)))
}

// believed is how many open tickets of a source were believed to be gone in the hour
// that began at an instant.
func (e *Engine) believed(ctx context.Context, s *Source) (n int, since time.Time, err error) {
	known, err := e.Store.Source(ctx, s.Name)
	if now := e.Now(); err != nil || known.GoneSince.After(now) || !now.Before(known.GoneSince.Add(time.Hour)) {
		return 0, now, err
	}
	return known.Gone, known.GoneSince, nil
}
