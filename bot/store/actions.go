package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"vigie/connectors/desk"
)

// An Action is one effect, written down before it is carried out. Its key names
// it for good: an action that happens once ever is carried out once, whoever else
// inserts it again. A standing action (a ticket's write, a message's edit) has
// one key for all its times: inserting it again makes it pending again.
type Action struct {
	Key       string
	Kind      Kind
	Source    string
	ID        string    // the ticket's, "" if it is about none
	Topic     string    // of a ticket's message
	Cycle     int       // of which cycle an alarm speaks
	List      string    // the key of the list that says an alarm instead of it, or that an Amend brings up to date; "" for none
	Obstacle  string    // of a Silence: what it is about; "" = that the source gives no news
	Since     time.Time // of a Silence: when it began; of a Fallback: since when the chat has been away
	Step      *Step     // of a Call, and of what a hook or the mail server carries; nil = none
	Request   *Request  // of what was asked for; nil = nothing
	Underway  *Underway // of a Write: what the vendor still works on; nil = nothing
	State     ActionState
	Urgency   int // 0 goes first
	NotBefore time.Time
	Attempts  int       // failures since it was called for
	Armed     int       // how often it was called for
	Channel   string    // where a message was last being posted; of what a hook or the mail server carries, which of them
	Held      string    // the channel whose route has had it wait until its team opens; "" = none has
	Refused   string    // while it waits: the channel that refused it last, or its own key if it is refused everywhere; "" = nothing did
	RefusedAt time.Time // since when
	Created   time.Time
	Ended     time.Time
	Note      string // the last error, or why it was dropped, skipped or parked
}

// An Underway edit is one that a vendor has taken and still works on.
type Underway struct {
	Job     string
	Edit    desk.Edit
	Since   time.Time // when it was handed over
	Looks   int       // how often it was asked about
	Reading int64     // which marks of the ticket had been answered then
}

// ActionState is where an action stands.
type ActionState string

const (
	Pending ActionState = "pending"
	Started ActionState = "started" // being carried out; after a crash: perhaps carried out
	Done    ActionState = "done"
	Dropped ActionState = "dropped" // no longer called for when its turn came; may be called for again
	Skipped ActionState = "skipped" // not to be carried out ever: something later says it all
	Parked  ActionState = "parked"  // can't be carried out; a person must look

	Refused ActionState = "refused" // what Shown says of one that waits because it was refused
)

// Shown is where an action stands, for people.
func (a Action) Shown() ActionState {
	if a.Refused != "" && (a.State == Pending || a.State == Started) {
		return Refused
	}
	return a.State
}

// insertActions adds actions, or calls for them again where their key is known:
// a standing action always, one that happens once ever only if it hasn't
// happened, that is if it was dropped or parked; what a hook or the mail server has
// refused stays parked until a person acts. One that is skipped by intent
// stays so, and is no longer called for if it was still waiting. One that is
// held is looked at again: why it was may hold no more. A write that the vendor
// works on stays so, and is looked at when it would have been; so does an
// escalation that was taken.
func insertActions(ctx context.Context, tx *sql.Tx, actions []Action, at time.Time) error {
	for _, a := range actions {
		a.State = cmp.Or(a.State, Pending)
		var ended sql.NullInt64
		if a.State != Pending {
			ended = millis(at)
		}
		step, err := marshal(a.Step)
		if err != nil {
			return err
		}
		request, err := marshal(a.Request)
		if err != nil {
			return err
		}
		where := ``
		if !a.Kind.Traits().Standing {
			where = ` WHERE actions.state = 'dropped' OR actions.state = 'parked' AND NOT actions.` + isPlaced + ` OR actions.state = 'pending' AND (excluded.state = 'skipped' OR actions.attempts = 0 AND actions.not_before > excluded.not_before)`
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO actions (key, kind, source, id, topic, cycle, list, obstacle, since, state, urgency, not_before, created_at, ended_at, note, channel, step, request)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
			ON CONFLICT (key) DO UPDATE SET state = excluded.state, urgency = excluded.urgency,
				topic = excluded.topic, list = excluded.list, obstacle = excluded.obstacle, since = excluded.since,
				not_before = CASE WHEN actions.state IN ('pending', 'started') AND (actions.attempts > 0 OR actions.underway <> '' OR actions.`+leased+` AND actions.state = 'started' OR actions.not_before < excluded.not_before) THEN actions.not_before ELSE excluded.not_before END,
				channel = CASE WHEN actions.state IN ('pending', 'started') THEN actions.channel ELSE excluded.channel END,
				held = CASE WHEN actions.state IN ('pending', 'started') THEN actions.held ELSE '' END,
				refused = CASE WHEN actions.state IN ('pending', 'started') THEN actions.refused ELSE '' END,
				attempts = CASE WHEN actions.state IN ('pending', 'started') THEN actions.attempts ELSE 0 END,
				armed = actions.armed + 1, ended_at = excluded.ended_at, note = excluded.note`+where,
			a.Key, a.Kind, a.Source, a.ID, a.Topic, a.Cycle, a.List, a.Obstacle, kept(a.Since), a.State, a.Urgency, a.NotBefore.UnixMilli(), at.UnixMilli(), ended, clean(a.Note), a.Channel, step, request); err != nil {
			return fmt.Errorf("insert action %s: %w", a.Key, err)
		}
	}
	return nil
}

// Insert adds actions that belong to no ticket's verdict.
func (s *Store) Insert(ctx context.Context, actions []Action, at time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error { return insertActions(ctx, tx, actions, at) })
}

const actionColumns = `key, kind, source, id, topic, cycle, list, obstacle, since, step, request, underway, state, urgency, not_before, attempts, armed, channel, held, refused, refused_at, created_at, ended_at, note`

func scanAction(rows interface{ Scan(...any) error }) (Action, error) {
	var a Action
	var notBefore, since, refused, created, ended sql.NullInt64
	var step, request, underway string
	err := rows.Scan(&a.Key, &a.Kind, &a.Source, &a.ID, &a.Topic, &a.Cycle, &a.List, &a.Obstacle, &since, &step, &request, &underway, &a.State, &a.Urgency, &notBefore, &a.Attempts, &a.Armed, &a.Channel, &a.Held, &a.Refused, &refused, &created, &ended, &a.Note)
	a.NotBefore, a.Created, a.Ended = instant(notBefore), instant(created), instant(ended)
	if since.Int64 != 0 {
		a.Since = instant(since)
	}
	if a.Refused != "" {
		a.RefusedAt = instant(refused)
	}
	for text, into := range map[string]any{step: &a.Step, request: &a.Request, underway: &a.Underway} {
		if err == nil && text != "" {
			err = json.Unmarshal([]byte(text), into)
		}
	}
	return a, err
}

func (s *Store) actions(ctx context.Context, where string, args ...any) ([]Action, error) {
	return query(ctx, s.db, func(r *sql.Rows) (Action, error) { return scanAction(r) },
		`SELECT `+actionColumns+` FROM actions `+where, args...)
}

// The conditions below are written as those of the partial indexes are, or these
// aren't used.

// An action that was started and didn't end is listed with the pending ones:
// whether it was carried out must be looked up.
const waiting = `state IN ('pending', 'started') AND `

// What the kinds' table says, as conditions.
var (
	isMessage = `kind NOT IN (` + named(func(t Traits) bool { return t.By != ByChat }) + `)`
	isWrite   = `kind = ` + named(func(t Traits) bool { return t.By == ByDesk })
	isPlaced  = among(func(t Traits) bool { return t.By == ByPlace })
	isAlarm   = among(Traits.Alarm)
	isList    = among(Traits.List)
	leased    = among(func(t Traits) bool { return t.Leased })
)

// A ticket that is known to have changed is read before it is written: the
// change may be a person's, and concern the same field. What the vendor works on
// already is asked about all the same.
var writable = waiting + isWrite + ` AND source = $1 AND (underway <> '' OR NOT EXISTS (
	SELECT 1 FROM tickets t WHERE t.source = actions.source AND t.id = actions.id AND (t.marks > t.handled OR t.read_at < $2)))`

// PendingWrites lists up to n writes into a source's tickets that may be tried
// at now, the most urgent first, then the oldest; none into a ticket that is still
// to be read, or was read before an instant, unless the vendor works on it.
func (s *Store) PendingWrites(ctx context.Context, source string, since, now time.Time, n int) ([]Action, error) {
	return s.actions(ctx, `WHERE `+writable+` AND not_before <= $3
		ORDER BY urgency, created_at, key LIMIT $4 + 0`, source, kept(since), now.UnixMilli(), n)
}

// ReadBefore marks up to n tickets of a source changed that are to be written at
// now and were read before an instant, so that they are read first. It returns how
// many that were.
func (s *Store) ReadBefore(ctx context.Context, source string, since, now time.Time, n int) (marked int64, err error) {
	err = s.within(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `
			UPDATE tickets SET `+markAt(`$3`)+` WHERE source = $1 AND marks <= handled AND read_at < $2 AND id IN (
				SELECT id FROM actions WHERE `+waiting+isWrite+` AND source = $1 AND underway = '' AND not_before <= $3
				AND EXISTS (SELECT 1 FROM tickets t WHERE t.source = actions.source AND t.id = actions.id AND t.marks <= t.handled AND t.read_at < $2)
				ORDER BY urgency, created_at, key LIMIT $4 + 0)`, source, since.UnixMilli(), now.UnixMilli(), n)
		if err != nil {
			return err
		}
		marked, err = done.RowsAffected()
		return err
	})
	return marked, err
}

// PendingMessages lists up to n messages that may be tried at now, the most
// urgent first, then the oldest.
func (s *Store) PendingMessages(ctx context.Context, now time.Time, n int) ([]Action, error) {
	return s.actions(ctx, `WHERE `+waiting+isMessage+` AND not_before <= $1
		ORDER BY urgency, created_at, key LIMIT $2 + 0`, now.UnixMilli(), n)
}

// Alarms lists up to n alarms that wait to be said: those that may be tried at
// now, and those that failed before; none that is held. The most urgent go first,
// then the oldest.
func (s *Store) Alarms(ctx context.Context, now time.Time, n int) ([]Action, error) {
	return s.actions(ctx, `WHERE `+waiting+isMessage+` AND `+isAlarm+` AND (not_before <= $1 OR attempts > 0)
		ORDER BY urgency, created_at, key LIMIT $2 + 0`, now.UnixMilli(), n)
}

// WaitingList is the list of one of some kinds that waits to be said in a channel;
// nil if there is none.
func (s *Store) WaitingList(ctx context.Context, channel string, of ...Kind) (*Action, error) {
	list, err := s.actions(ctx, `WHERE `+waiting+isMessage+` AND state = 'pending' AND channel = $1 AND `+
		among(func(t Traits) bool { return t.List() && slices.Contains(of, t.Kind) })+` LIMIT 1`, channel)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// AlarmsInList are the alarms that a list has replaced, the most urgent first, then the
// oldest.
func (s *Store) AlarmsInList(ctx context.Context, list string) ([]Action, error) {
	return s.actions(ctx, `WHERE list = $1 AND list <> '' AND `+isAlarm+` ORDER BY urgency, created_at, key`, list)
}

// NextMessage is when the next waiting message may be tried; zero if none waits.
func (s *Store) NextMessage(ctx context.Context) (time.Time, error) {
	var at sql.NullInt64
	err := s.db.QueryRowContext(ctx, `SELECT min(not_before) FROM actions WHERE `+waiting+isMessage).Scan(&at)
	return instant(at), err
}

// NextWrite is when the next waiting write of a source may be tried into a ticket
// that was read at an instant or since; zero if none waits but for its ticket to be
// read.
func (s *Store) NextWrite(ctx context.Context, source string, since time.Time) (time.Time, error) {
	var at sql.NullInt64
	err := s.db.QueryRowContext(ctx, `SELECT min(not_before) FROM actions WHERE `+writable, source, kept(since)).Scan(&at)
	return instant(at), err
}

// Action is one action; nil if there is none of that key.
func (s *Store) Action(ctx context.Context, key string) (*Action, error) {
	a, err := scanAction(s.db.QueryRowContext(ctx, `SELECT `+actionColumns+` FROM actions WHERE key = $1`, key))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &a, err
}

// TicketActions lists what was done for a ticket, oldest first.
func (s *Store) TicketActions(ctx context.Context, source, id string) ([]Action, error) {
	return s.SomeActions(ctx, source, id, 0, math.MaxInt32)
}

// SomeActions are n of those, from the given one on.
func (s *Store) SomeActions(ctx context.Context, source, id string, from, n int) ([]Action, error) {
	return s.actions(ctx, `WHERE source = $1 AND id = $2 ORDER BY created_at, key LIMIT $3 + 0 OFFSET $4`, source, id, n, from)
}

// Troubles lists up to n actions that are parked or being retried.
func (s *Store) Troubles(ctx context.Context, n int) ([]Action, error) {
	return s.actions(ctx, `WHERE key IN (SELECT key FROM actions WHERE state = 'parked' UNION ALL SELECT key FROM actions WHERE `+waiting+`attempts > 0)
		ORDER BY created_at DESC LIMIT $1 + 0`, n)
}

// Start notes that actions are about to be carried out; channel is where a
// message is posted, "" for a write.
func (s *Store) Start(ctx context.Context, channel string, actions ...Action) error {
	return s.within(ctx, func(tx *sql.Tx) error { return start(ctx, tx, channel, actions...) })
}

func start(ctx context.Context, tx *sql.Tx, channel string, actions ...Action) error {
	for _, a := range actions {
		if _, err := tx.ExecContext(ctx, `
			UPDATE actions SET state = 'started', channel = $2 WHERE key = $1 AND state IN ('pending', 'started')`, a.Key, channel); err != nil {
			return fmt.Errorf("start %s: %w", a.Key, err)
		}
	}
	return nil
}

// SaveUnderway records the writes that the vendor works on, as their Underway has it, and
// when each is asked about next.
func (s *Store) SaveUnderway(ctx context.Context, actions []Action) error {
	if len(actions) == 0 {
		return nil
	}
	return s.within(ctx, func(tx *sql.Tx) error {
		for _, a := range actions {
			underway, err := marshal(a.Underway)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `
				UPDATE actions SET underway = $2, not_before = $3 WHERE `+waiting+`key = $1`, a.Key, underway, a.NotBefore.UnixMilli()); err != nil {
				return fmt.Errorf("note what is under way of %s: %w", a.Key, err)
			}
		}
		return nil
	})
}

// End notes that an action is done, dropped or parked, unless it was called for
// again since it was read: then it goes on waiting. Of a write nothing is under
// way any more.
func (s *Store) End(ctx context.Context, a Action, state ActionState, note string, at time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error { return end(ctx, tx, a, state, note, at) })
}

func end(ctx context.Context, tx *sql.Tx, a Action, state ActionState, note string, at time.Time) error {
	if _, err := tx.ExecContext(ctx, `UPDATE actions SET underway = '' WHERE key = $1 AND underway <> ''`, a.Key); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE actions SET not_before = $2 WHERE key = $1 AND `+leased+` AND armed <> $3`, a.Key, at.UnixMilli(), a.Armed); err != nil {
		return err // taken no longer: what it was called for again for can be done now
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE actions SET state = $2, note = $3, ended_at = $4 WHERE key = $1 AND armed = $5`, a.Key, state, clean(note), at.UnixMilli(), a.Armed)
	return err
}

// RetryAt puts a waiting action off after a failure, with the reason. An ambiguous one
// stays Started: it may have been carried out. A write is no longer under way.
func (s *Store) RetryAt(ctx context.Context, a Action, at time.Time, note string, ambiguous bool) error {
	state := Pending
	if ambiguous {
		state = Started
	}
	return s.write(ctx, `
		UPDATE actions SET state = $2, note = $3, not_before = $4, attempts = attempts + 1, refused = '', underway = '' WHERE `+waiting+`key = $1`, a.Key, state, clean(note), at.UnixMilli())
}

// Hold puts a message that waits off to an instant on purpose, for a channel. It
// isn't there: what failed before counts no more.
func (s *Store) Hold(ctx context.Context, a Action, channel string, at time.Time, note string) error {
	return s.write(ctx, `
		UPDATE actions SET state = 'pending', held = $2, note = $3, not_before = $4, attempts = 0, refused = '' WHERE `+waiting+`key = $1`, a.Key, channel, note, at.UnixMilli())
}

// Held lists the messages that were put off for a channel until now or before,
// the most urgent first, then the oldest; none that may have been posted.
func (s *Store) Held(ctx context.Context, channel string, now time.Time) ([]Action, error) {
	return s.actions(ctx, `WHERE `+waiting+isMessage+` AND state = 'pending' AND held = $1 AND not_before <= $2
		ORDER BY urgency, created_at, key`, channel, now.UnixMilli())
}

// MergeIntoList makes alarms parts of a list, which says them in their place. An alarm
// that was called for again since it was read goes on waiting, and is sent by itself.
func (s *Store) MergeIntoList(ctx context.Context, list Action, of []Action, at time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		if err := insertActions(ctx, tx, []Action{list}, at); err != nil {
			return err
		}
		for _, a := range of {
			if _, err := tx.ExecContext(ctx, `UPDATE actions SET list = $2 WHERE key = $1 AND armed = $3`, a.Key, list.Key, a.Armed); err != nil {
				return err
			}
			if err := end(ctx, tx, a, Done, saidIn(list.Key), at); err != nil {
				return err
			}
		}
		return nil
	})
}
