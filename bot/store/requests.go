package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"vigie/rules"
)

// A Step says which step of a chain of calls an action is.
type Step struct {
	Alarm  string   // the key of the alarm that it is at, or that the step is at which it follows
	Number int      // in its chain, from 1
	First  bool     // it is at its alarm
	Whom   []string // as the configuration writes them
}

// A Request is what somebody asked for where he was told of a ticket.
type Request struct {
	What     Want
	By       rules.Person
	At       time.Time
	Until    time.Time // of a Snooze; zero = until the team opens
	Priority string    // of a Choose: the policy's name
	Channel  string    // where to answer him, and where he asked
	TS       string    // of the message that he asked in; "" = none
}

// fulfilled ends what was done as somebody asked, and keeps who that was, by name.
func fulfilled(ctx context.Context, tx *sql.Tx, a Action, at time.Time) error {
	if a.Request != nil {
		request, err := marshal(a.Request)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE actions SET request = $2 WHERE key = $1`, a.Key, request); err != nil {
			return err
		}
	}
	return end(ctx, tx, a, Done, "", at)
}

// CallsAndRequests are the newest n of the actions that called people about a ticket, or
// that they asked for, oldest first.
func (s *Store) CallsAndRequests(ctx context.Context, source, id string, n int) ([]Action, error) {
	list, err := s.actions(ctx, `WHERE source = $1 AND id = $2 AND `+among(func(t Traits) bool { return t.Body == StepBody || t.Body == RequestBody })+`
		ORDER BY created_at DESC, key LIMIT $3 + 0`, source, id, n)
	slices.Reverse(list)
	return list, err
}

// Want is what a Request is for.
type Want string

const (
	Take    Want = "take"    // the ticket is his
	Release Want = "release" // it is nobody's any more
	Snooze  Want = "snooze"  // nobody is called for a while
	Choose  Want = "choose"  // the ticket has this priority

	TakeOver Want = "take_over" // a list that one team hands to the next
)
