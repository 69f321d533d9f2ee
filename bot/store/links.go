package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"vigie/rules"
)

// An Issue is one of the technical team's, about one ticket or several.
type Issue struct {
	rules.Issue // as it was last seen; Unlinked is each ticket's

	Wrote map[string]string // what Vigie wrote into it last, by field; the priority under "priority"
}

// A Link joins a ticket to its issue, and says which steps of the escalation are done.
// It is stored as JSON under these names.
type Link struct {
	Source, ID     string     `json:"-"` // the ticket's
	Tracker, Issue string     `json:"-"`
	Linked         string     // what the issue's link to the ticket says; "" until there is one
	Noted          bool       // the agents were told of the issue in the ticket
	Told           string     // the issue's status in the last note to the agents
	Did            string     // digest of what ticket and issue showed each other when all steps were done last; "" = never
	Unlinked       *time.Time // when a person removed the issue; nil: nobody has
}

// Linked is a ticket's link and its issue; nil if it never had any.
func (s *Store) Linked(ctx context.Context, source, id string) (*Link, *Issue, error) {
	var tracker, issue, linkBody string
	var issueBody sql.NullString
	err := s.db.QueryRowContext(ctx, `
		SELECT links.tracker, links.issue, links.body, issues.body FROM links
		LEFT JOIN issues ON issues.tracker = links.tracker AND issues.issue = links.issue
		WHERE links.source = $1 AND links.id = $2`, source, id).Scan(&tracker, &issue, &linkBody, &issueBody)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, nil
	}
	l, i := Link{Source: source, ID: id, Tracker: tracker, Issue: issue}, Issue{}
	if err == nil {
		err = json.Unmarshal([]byte(linkBody), &l)
	}
	if err == nil && issueBody.Valid {
		err = json.Unmarshal([]byte(issueBody.String), &i)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read issue of %s:%s: %w", source, id, err)
	}
	return &l, &i, nil
}

// Issue is one that is known; nil if it isn't.
func (s *Store) Issue(ctx context.Context, tracker, id string) (*Issue, error) {
	var body string
	err := s.db.QueryRowContext(ctx, `SELECT body FROM issues WHERE tracker = $1 AND issue = $2`, tracker, id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	var i Issue
	if err == nil {
		err = json.Unmarshal([]byte(body), &i)
	}
	if err != nil {
		return nil, fmt.Errorf("read issue %s:%s: %w", tracker, id, err)
	}
	return &i, nil
}

// Sharing lists the tickets that have an issue, by source and id; not those of
// which a person has it otherwise.
func (s *Store) Sharing(ctx context.Context, tracker, issue string) ([]Link, error) {
	all, err := query(ctx, s.db, func(rows *sql.Rows) (Link, error) {
		l, body := Link{Tracker: tracker, Issue: issue}, ""
		if err := rows.Scan(&l.Source, &l.ID, &body); err != nil {
			return l, err
		}
		return l, json.Unmarshal([]byte(body), &l)
	}, `SELECT source, id, body FROM links WHERE tracker = $1 AND issue = $2 ORDER BY source, id`, tracker, issue)
	var list []Link
	for _, l := range all {
		if l.Unlinked == nil {
			list = append(list, l)
		}
	}
	return list, err
}

// IssueOfProblem is the id of the oldest issue that the ticket of a problem or one of
// its incidents has; "" if none has one.
func (s *Store) IssueOfProblem(ctx context.Context, tracker, source, problem string) (string, error) {
	rows, err := s.rows(ctx, `WHERE source = $1 AND (id = $2 OR body LIKE '%"problem":%')
		AND id IN (SELECT id FROM links WHERE source = $1 AND tracker = $3)`, source, problem, tracker)
	if err != nil {
		return "", err
	}
	oldest := ""
	for _, r := range rows {
		if r.ID != problem && (r.Ticket == nil || r.Ticket.Problem != problem) {
			continue
		}
		l, _, err := s.Linked(ctx, r.Source, r.ID)
		if err != nil {
			return "", err
		}
		if l == nil || l.Unlinked != nil {
			continue
		}
		if oldest == "" || len(l.Issue) < len(oldest) || len(l.Issue) == len(oldest) && l.Issue < oldest {
			oldest = l.Issue
		}
	}
	return oldest, nil
}

// Followed lists the issues of a source's tickets that are still open.
func (s *Store) Followed(ctx context.Context, source string) ([]Issue, error) {
	return query(ctx, s.db, func(rows *sql.Rows) (i Issue, err error) {
		var tracker, id, body string
		if err := rows.Scan(&tracker, &id, &body); err != nil {
			return i, err
		}
		return i, json.Unmarshal([]byte(body), &i)
	}, `SELECT DISTINCT issues.tracker, issues.issue, issues.body FROM tickets
		JOIN links ON links.source = tickets.source AND links.id = tickets.id
		JOIN issues ON issues.tracker = links.tracker AND issues.issue = links.issue
		WHERE tickets.source = $1 AND tickets.open ORDER BY issues.tracker, issues.issue`, source)
}

// KeepIssue records an issue as it now is, in one transaction with the actions that
// follow.
func (s *Store) KeepIssue(ctx context.Context, i Issue, actions []Action, at time.Time) error {
	body, err := json.Marshal(i)
	if err != nil {
		return err
	}
	err = s.within(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO issues (tracker, issue, body) VALUES ($1, $2, $3)
			ON CONFLICT (tracker, issue) DO UPDATE SET body = excluded.body`, i.Source, i.ID, string(body)); err != nil {
			return err
		}
		return insertActions(ctx, tx, actions, at)
	})
	if err != nil {
		return fmt.Errorf("record issue %s:%s: %w", i.Source, i.Key, err)
	}
	return nil
}

// KeepLink records how far what follows from a ticket's issue has been done.
func (s *Store) KeepLink(ctx context.Context, l Link) error {
	body, err := json.Marshal(l)
	if err == nil {
		err = s.write(ctx, `
			INSERT INTO links (source, id, tracker, issue, body) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (source, id) DO UPDATE SET tracker = excluded.tracker, issue = excluded.issue, body = excluded.body`,
			l.Source, l.ID, l.Tracker, l.Issue, string(body))
	}
	if err != nil {
		return fmt.Errorf("record issue of %s:%s: %w", l.Source, l.ID, err)
	}
	return nil
}

// PendingEscalations lists up to n of a source's escalations that may be tried at
// now, the oldest first; none of a ticket that is still to be read.
func (s *Store) PendingEscalations(ctx context.Context, source string, now time.Time, n int) ([]Action, error) {
	return s.actions(ctx, `WHERE `+escalatable+` AND not_before <= $2 ORDER BY created_at, key LIMIT $3 + 0`, source, now.UnixMilli(), n)
}

// NextEscalation is when a source's next waiting escalation may be tried; zero if
// none waits but for its ticket to be read.
func (s *Store) NextEscalation(ctx context.Context, source string) (time.Time, error) {
	var at sql.NullInt64
	err := s.db.QueryRowContext(ctx, `SELECT min(not_before) FROM actions WHERE `+escalatable, source).Scan(&at)
	return instant(at), err
}

var escalatable = waiting + `kind = ` + named(func(t Traits) bool { return t.By == ByTracker }) + ` AND source = $1 AND NOT EXISTS (
	SELECT 1 FROM tickets t WHERE t.source = actions.source AND t.id = actions.id AND t.marks > t.handled)`

// Lease starts an action, which nobody else may carry out before until. If this program
// dies meanwhile, the vendor has ended what it was asked for by then, so that whoever
// leases it next can look for the result. leased is false if another was faster.
func (s *Store) Lease(ctx context.Context, a Action, until time.Time) (leased bool, err error) {
	err = s.within(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `
			UPDATE actions SET state = 'started', not_before = $2 WHERE `+waiting+`key = $1 AND not_before = $3`,
			a.Key, until.UnixMilli(), a.NotBefore.UnixMilli())
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		leased = n == 1
		return err
	})
	return leased, err
}
