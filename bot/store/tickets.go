package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"vigie/connectors/desk"
	"vigie/rules"
)

// A Row is one ticket as it is kept.
type Row struct {
	Source, ID string
	Version    string
	Ticket     *rules.Ticket  // nil until it was read
	Verdict    *rules.Verdict // nil until it was judged
	Written    map[string]string
	Episodes   rules.Episodes // of its alarms, as they were seen; those of the time before are counted from the history
	Marks      int64          // how often it was said to have changed; Save leaves it alone
	Handled    int64          // the marks that Ticket answers: set it to the Marks from before reading, so that one that came meanwhile stays
	First      bool
	Open       bool
	Problem    string
	Wake       time.Time
	Saves      int64     // how often it was saved when it was read: Save refuses a row that another one has overtaken
	Marked     time.Time // when it was last said to have changed; Save leaves it alone
	Read       time.Time // when Ticket was read from the vendor; zero if it wasn't since that is kept
	Unread     time.Time // since when it has marks that aren't handled, if it has; Save leaves it alone
	Misses     int       // how often in a row it couldn't be read
	Retry      time.Time // when one that couldn't is asked for again; kept with a change of Misses
	Stand      *Stand    // where the board may believe that it stands; nil when it was read, and saved so the board judges it
}

// ErrOvertaken is the error of a save of what was judged from a row that has been
// saved meanwhile, by another loop or another program. Nothing is stored; it is to
// be judged again from what the row is now.
var ErrOvertaken = errors.New("saved by another meanwhile")

// Polled marks the tickets of one page changed and moves the source's cursor.
// Tickets that are known at the version given stay as they are, and open ones at
// rules.AnyVersion. first says that the page belongs to the first start.
func (s *Store) Polled(ctx context.Context, source string, p desk.Page, first bool, at time.Time) error {
	err := s.within(ctx, func(tx *sql.Tx) error {
		for _, c := range p.Changes {
			if err := mark(ctx, tx, source, c, first, at); err != nil {
				return err
			}
		}
		return setCursor(ctx, tx, source, changesList, p.Cursor, at)
	})
	if err != nil {
		return fmt.Errorf("record poll of %s: %w", source, err)
	}
	return nil
}

// Marked marks the tickets of one page as Polled does, which is no news of the
// source otherwise.
func (s *Store) Marked(ctx context.Context, source string, p desk.Page, first bool, at time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		for _, c := range p.Changes {
			if err := mark(ctx, tx, source, c, first, at); err != nil {
				return err
			}
		}
		return nil
	})
}

func mark(ctx context.Context, tx *sql.Tx, source string, c desk.Change, first bool, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO tickets (source, id, marks, marked_at, unread_at, first) VALUES ($1, $2, 1, $3, $3, $4)
		ON CONFLICT (source, id) DO UPDATE SET marks = tickets.marks + 1, marked_at = excluded.marked_at, `+unreadSince+`,
			first = tickets.first OR excluded.first AND tickets.body = ''
		WHERE $5 = '' OR CASE WHEN $5 = $6 THEN NOT tickets.open ELSE tickets.version <> $5 END`,
		source, c.ID, at.UnixMilli(), first, c.Version, desk.AnyVersion)
	return err
}

// unreadSince has a ticket that is marked be unread from then on, if it wasn't.
const unreadSince = `unread_at = CASE WHEN tickets.marks > tickets.handled THEN tickets.unread_at ELSE excluded.unread_at END`

const ticketColumns = `source, id, version, body, verdict, written, episodes, marks, handled, first, open, problem, wake_at, saves, marked_at, read_at, unread_at, misses, retry_at`

func scanRow(rows interface{ Scan(...any) error }) (Row, error) {
	var r Row
	var body, verdict, written, episodes string
	var wake, marked, read, unread, retry sql.NullInt64
	if err := rows.Scan(&r.Source, &r.ID, &r.Version, &body, &verdict, &written, &episodes, &r.Marks, &r.Handled, &r.First, &r.Open, &r.Problem, &wake, &r.Saves, &marked, &read, &unread, &r.Misses, &retry); err != nil {
		return r, err
	}
	for _, at := range []*sql.NullInt64{&marked, &read, &unread, &retry} {
		at.Valid = at.Int64 != 0
	}
	unread.Valid = unread.Valid && r.Marks > r.Handled
	r.Wake, r.Marked, r.Read, r.Unread, r.Retry = instant(wake), instant(marked), instant(read), instant(unread), instant(retry)
	if body != "" {
		if err := json.Unmarshal([]byte(body), &r.Ticket); err != nil {
			return r, fmt.Errorf("ticket %s:%s: %w", r.Source, r.ID, err)
		}
	}
	if verdict != "" {
		if err := json.Unmarshal([]byte(verdict), &r.Verdict); err != nil {
			return r, fmt.Errorf("verdict of %s:%s: %w", r.Source, r.ID, err)
		}
	}
	if err := json.Unmarshal([]byte(written), &r.Written); err != nil {
		return r, fmt.Errorf("written fields of %s:%s: %w", r.Source, r.ID, err)
	}
	if err := json.Unmarshal([]byte(episodes), &r.Episodes); err != nil {
		return r, fmt.Errorf("episodes of %s:%s: %w", r.Source, r.ID, err)
	}
	return r, nil
}

func (s *Store) rows(ctx context.Context, where string, args ...any) ([]Row, error) {
	return query(ctx, s.db, func(r *sql.Rows) (Row, error) { return scanRow(r) },
		`SELECT `+ticketColumns+` FROM tickets `+where, args...)
}

// Changed lists up to n tickets of a source that the vendor says have changed
// since they were read: those that news came of before those that the first start
// found, each the longest waiting first. Those that couldn't be read are Missed.
func (s *Store) Changed(ctx context.Context, source string, n int) ([]Row, error) {
	return s.rows(ctx, `WHERE source = $1 AND marks > handled AND misses = 0 ORDER BY first, marked_at, id LIMIT $2 + 0`, source, n)
}

// Unread counts the tickets of a source that have changed since they were read:
// those that news came of, and those that the first start found.
func (s *Store) Unread(ctx context.Context, source string) (news, first int, err error) {
	err = s.db.QueryRowContext(ctx, `
		SELECT count(CASE WHEN NOT first THEN 1 END), count(CASE WHEN first THEN 1 END) FROM tickets
		WHERE source = $1 AND marks > handled`, source).Scan(&news, &first)
	return news, first, err
}

// Due lists up to n tickets whose verdict changes by itself at or before now, by
// that instant. Where there are more, half of them are those whose time came
// last: behind a backlog, as after a restart, what has just come up is seen to at
// once, and the backlog still gets shorter.
func (s *Store) Due(ctx context.Context, now time.Time, n int) ([]Row, error) {
	last, err := s.rows(ctx, `WHERE wake_at <= $1 ORDER BY wake_at DESC, source DESC, id DESC LIMIT $2 + 0`, now.UnixMilli(), n/2)
	if err != nil {
		return nil, err
	}
	rows, err := s.rows(ctx, `WHERE wake_at <= $1 ORDER BY wake_at, source, id LIMIT $2 + 0`, now.UnixMilli(), n)
	if err != nil || len(rows) < n {
		return rows, err // all there are
	}
	slices.Reverse(last)
	return append(rows[:n-len(last)], last...), nil
}

// NextWake is the earliest stored wake-up; zero if there is none.
func (s *Store) NextWake(ctx context.Context) (time.Time, error) {
	var at sql.NullInt64
	err := s.db.QueryRowContext(ctx, `SELECT min(wake_at) FROM tickets WHERE wake_at IS NOT NULL`).Scan(&at)
	return instant(at), err
}

// Ticket is one ticket; nil if it was never heard of.
func (s *Store) Ticket(ctx context.Context, source, id string) (*Row, error) {
	r, err := scanRow(s.db.QueryRowContext(ctx, `SELECT `+ticketColumns+` FROM tickets WHERE source = $1 AND id = $2`, source, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read ticket %s:%s: %w", source, id, err)
	}
	return &r, nil
}

// Heard says whether anything ever named the ticket.
func (s *Store) Heard(ctx context.Context, source, id string) (bool, error) {
	n := 0
	err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM tickets WHERE source = $1 AND id = $2`, source, id).Scan(&n)
	return n > 0, err
}

// Tickets lists every ticket that was read, by source and id.
func (s *Store) Tickets(ctx context.Context) ([]Row, error) {
	return s.rows(ctx, `WHERE body <> '' ORDER BY source, id`)
}

// EachTicket gives every ticket of a source that was read, one after the other
// by id: numbers by their size, Jira's keys by their numbers' length first. It
// stops at the first error.
func (s *Store) EachTicket(ctx context.Context, source string, do func(*rules.Ticket) error) error {
	rows, err := s.db.QueryContext(ctx, `SELECT id, body FROM tickets WHERE source = $1 AND body <> '' ORDER BY length(id), id`, source)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, body string
		if err := rows.Scan(&id, &body); err != nil {
			return err
		}
		var t rules.Ticket
		if err := json.Unmarshal([]byte(body), &t); err != nil {
			return fmt.Errorf("ticket %s:%s: %w", source, id, err)
		}
		if err := do(&t); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Answer notes that what the rows said had changed was read, whatever came of it.
func (s *Store) Answer(ctx context.Context, rows []Row) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		for _, r := range rows {
			if _, err := tx.ExecContext(ctx, `UPDATE tickets SET handled = $3 WHERE source = $1 AND id = $2`, r.Source, r.ID, r.Marks); err != nil {
				return err
			}
		}
		return nil
	})
}

// FirstPending says whether tickets found by the first start of a source are
// still to be read.
func (s *Store) FirstPending(ctx context.Context, source string) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM tickets WHERE source = $1 AND first AND marks > handled`, source).Scan(&n)
	return n > 0, err
}

// A Judged ticket is what came of it: its row, the actions that follow, and the
// one that was carried out with it.
type Judged struct {
	Row     Row
	Actions []Action
	Done    *Action // ended as End does; nil: none
}

// Save stores what came of one ticket, with the actions that follow, in one
// transaction. The row's Handled says which marks it answers. A verdict that
// differs from the last is added to the ticket's log.
func (s *Store) Save(ctx context.Context, r Row, actions []Action, at time.Time) error {
	return s.SaveAll(ctx, []Judged{{Row: r, Actions: actions}}, at)
}

// SaveAll stores what came of several tickets as Save does, all of it in one
// transaction. The error is ErrOvertaken if one of them isn't as it was read.
func (s *Store) SaveAll(ctx context.Context, list []Judged, at time.Time) error {
	if len(list) == 0 {
		return nil
	}
	return s.within(ctx, func(tx *sql.Tx) error {
		for _, j := range list {
			err := s.save(ctx, tx, j.Row, at)
			if err == nil {
				err = insertActions(ctx, tx, j.Actions, at)
			}
			if err == nil && j.Done != nil {
				err = fulfilled(ctx, tx, *j.Done, at)
			}
			if err != nil {
				return fmt.Errorf("save ticket %s:%s: %w", j.Row.Source, j.Row.ID, err)
			}
		}
		return nil
	})
}

func (s *Store) save(ctx context.Context, tx *sql.Tx, r Row, at time.Time) error {
	body, err := marshal(r.Ticket)
	if err != nil {
		return err
	}
	verdict, err := marshal(r.Verdict)
	if err != nil {
		return err
	}
	if r.Written == nil {
		r.Written = map[string]string{}
	}
	written, err := marshal(&r.Written)
	if err != nil {
		return err
	}
	if r.Episodes == nil {
		r.Episodes = rules.Episodes{}
	}
	episodes, err := marshal(&r.Episodes)
	if err != nil {
		return err
	}
	saved, err := tx.ExecContext(ctx, `
		INSERT INTO tickets (source, id, version, body, verdict, written, wake_at, marks, handled, open, first, problem, saves, episodes, read_at, unread_at, misses, retry_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, 1, $13, $14, $15, $16, $17)
		ON CONFLICT (source, id) DO UPDATE SET version = excluded.version, body = excluded.body,
			verdict = excluded.verdict, written = excluded.written, wake_at = excluded.wake_at,
			handled = excluded.handled, open = excluded.open,
			first = excluded.first, problem = excluded.problem, episodes = excluded.episodes, saves = tickets.saves + 1,
			read_at = excluded.read_at, misses = excluded.misses,
			retry_at = CASE WHEN excluded.misses = tickets.misses THEN tickets.retry_at ELSE excluded.retry_at END,
			unread_at = CASE WHEN excluded.handled = tickets.handled AND tickets.marks > tickets.handled THEN tickets.unread_at ELSE excluded.unread_at END
		WHERE tickets.saves = $12`,
		r.Source, r.ID, r.Version, body, verdict, written, millis(r.Wake), r.Handled, r.Open, r.First, clean(r.Problem), r.Saves, episodes,
		kept(r.Read), at.UnixMilli(), r.Misses, kept(r.Retry))
	if err != nil {
		return err
	}
	if n, err := saved.RowsAffected(); err != nil || n == 0 {
		return cmp.Or(err, ErrOvertaken)
	}
	if err := stand(ctx, tx, r); err != nil {
		return err
	}
	if err := s.scrub(ctx, tx, r, at); err != nil {
		return err
	}
	return logVerdict(ctx, tx, r, at)
}

func marshal[T any](v *T) (string, error) {
	if v == nil {
		return "", nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}
