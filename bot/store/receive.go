package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"vigie/connectors/desk"
)

// A transaction costs a wait for the disk, whatever is in it, and a vendor that
// has many webhooks sends many at once. So those that come while one transaction
// is under way share the next one: each is answered when what it is in is on
// disk, and under load that takes two waits at most. Alone, a webhook is a
// transaction of its own, and waits for nobody.

// together is how many deliveries share a transaction at most.
const together = 250

// receiveTimeout bounds one such transaction: the vendor has long given up by then.
const receiveTimeout = 15 * time.Second

// incoming are the deliveries that wait for their transaction.
type incoming struct {
	mu      sync.Mutex
	waiting []*arrival
	busy    bool // somebody is at it, and takes what waits next
}

// An arrival is one call of Receive.
type arrival struct {
	source string
	desk.Delivery
	at    time.Time
	fresh bool
	err   error
	done  chan struct{}
}

// Receive records a webhook's delivery and marks its tickets changed, together
// with others that come at the same time. It has returned when that is on disk,
// also if the context ends meanwhile. It is false, and nothing is changed, for a
// delivery that was seen before.
func (s *Store) Receive(ctx context.Context, source string, d desk.Delivery, at time.Time) (fresh bool, err error) {
	a := &arrival{source: source, Delivery: d, at: at, done: make(chan struct{})}
	in := &s.incoming
	in.mu.Lock()
	in.waiting = append(in.waiting, a)
	first := !in.busy
	in.busy = true
	in.mu.Unlock()
	if first {
		go s.receiveWaiting(context.WithoutCancel(ctx))
	}
	<-a.done
	if a.err != nil {
		return false, fmt.Errorf("record webhook of %s: %w", source, a.err)
	}
	return a.fresh, nil
}

// receiveWaiting takes what waits until nothing does.
func (s *Store) receiveWaiting(ctx context.Context) {
	in := &s.incoming
	for {
		in.mu.Lock()
		list := in.waiting
		if len(list) == 0 {
			in.busy = false
			in.mu.Unlock()
			return
		}
		in.waiting = slices.Clone(list[min(together, len(list)):])
		in.mu.Unlock()
		list = list[:min(together, len(list))]
		s.receiveAll(ctx, list)
		for _, a := range list {
			close(a.done)
		}
	}
}

// receiveAll takes some deliveries in one transaction. If that fails, each is
// tried by itself: one that the database won't have is its sender's affair alone.
func (s *Store) receiveAll(ctx context.Context, list []*arrival) {
	ctx, cancel := context.WithTimeout(ctx, receiveTimeout)
	defer cancel()
	err := s.within(ctx, func(tx *sql.Tx) error { return receive(ctx, tx, list) })
	for i, a := range list {
		if a.err = err; err != nil && len(list) > 1 {
			s.receiveAll(ctx, list[i:i+1])
		}
	}
}

func receive(ctx context.Context, tx *sql.Tx, list []*arrival) error {
	type delivery struct{ source, id string }
	sent := map[delivery]*arrival{} // the first of each: a repetition may be in the same transaction
	insert := insertRows{columns: 4}
	for _, a := range list {
		key := delivery{a.source, a.ID}
		if a.fresh = false; sent[key] != nil {
			continue
		}
		sent[key] = a
		tickets, err := json.Marshal(a.Tickets)
		if err != nil {
			return err
		}
		insert.add(a.source, a.ID, a.at.UnixMilli(), string(tickets))
	}
	fresh, err := query(ctx, tx, func(rows *sql.Rows) (d delivery, err error) {
		err = rows.Scan(&d.source, &d.id)
		return d, err
	}, `INSERT INTO webhooks (source, delivery, at, tickets) VALUES `+insert.String()+`
		ON CONFLICT (source, delivery) DO NOTHING RETURNING source, delivery`, insert.values...)
	if err != nil {
		return err
	}
	type ticket struct{ source, id string }
	type news struct {
		marks int
		at    int64
		anew  int // the last of the marks that says so; 0: none does
	}
	changed := map[ticket]news{}
	for _, d := range fresh {
		a := sent[d]
		a.fresh = true
		for _, id := range a.Tickets {
			n := changed[ticket{a.source, id}]
			n.marks, n.at = n.marks+1, max(n.at, a.at.UnixMilli())
			if a.Anew {
				n.anew = n.marks
			}
			changed[ticket{a.source, id}] = n
		}
	}
	// In one order, so that two transactions don't wait for each other.
	order := slices.SortedFunc(maps.Keys(changed), func(a, b ticket) int {
		return strings.Compare(a.source+"\x00"+a.id, b.source+"\x00"+b.id)
	})
	for some := range slices.Chunk(order, together) {
		mark := insertRows{columns: 6}
		for _, t := range some {
			mark.add(t.source, t.id, changed[t].marks, changed[t].at, changed[t].at, changed[t].anew)
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO tickets (source, id, marks, marked_at, unread_at, anew) VALUES `+mark.String()+`
			ON CONFLICT (source, id) DO UPDATE SET marks = tickets.marks + excluded.marks, marked_at = excluded.marked_at,
				anew = CASE WHEN excluded.anew > 0 THEN tickets.marks + excluded.anew ELSE tickets.anew END,
				retry_at = CASE WHEN tickets.retry_at > excluded.marked_at THEN excluded.marked_at ELSE tickets.retry_at END, `+unreadSince, mark.values...); err != nil {
			return err
		}
	}
	return nil
}

// insertRows are the rows of one INSERT: the text behind VALUES, and the values.
type insertRows struct {
	columns int
	values  []any
}

func (r *insertRows) add(row ...any) { r.values = append(r.values, row...) }

func (r *insertRows) String() string {
	var b strings.Builder
	for i := range r.values {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%r.columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", i+1)
	}
	b.WriteString(")")
	return b.String()
}
