package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
)

// A ticket that its policy marks for the technical team has an issue in a Tracker. As
// everywhere here what should be is compared with what is: a ticket that is marked and
// has no issue, or whose issue is out of date or has news for the agents, has one
// standing action, escalate/zendesk:42, which does all that is missing
// (escalate_step.go). It may be cut off anywhere: each step checks whether it has been
// done before.
//
//   - Before an issue is made it is searched for by its mark, and before a note is
//     written, by what it is about. An action is leased for longer than a round lasts: if
//     the program dies meanwhile, the vendor has ended what it was asked for before the
//     action is carried out again.
//   - Tickets of one problem have a mark in common, so they share an issue, which shows
//     the most urgent priority and the earliest due date of those still open. A ticket
//     that had an issue before it was attached to the problem shares it with the others.
//   - What a person has changed in the issue stays until the policy wants something else.
//     A person who removes the issue's link to the ticket, or deletes the issue, decides
//     that the ticket has none: Vigie makes no other, until the ticket is marked again.

// A Tracker is where the technical team has its issues.
type Tracker interface {
	Writer
	Linker
	// Escalate returns the issue with one of the draft's marks, made if there is none. It
	// may be called again whatever became of the last call.
	Escalate(ctx context.Context, d Draft) (Tracked, error)
	// Escalated reads issues by their ids. One that was asked for by itself, by somebody
	// whom the tracker knows, and isn't there has Gone; of one that is left out nothing
	// is known.
	Escalated(ctx context.Context, ids []string) ([]Tracked, error)
}

// A Linker links issues to what is elsewhere.
type Linker interface {
	// Link links an issue to a ticket; a link with the same GlobalID is replaced.
	Link(ctx context.Context, issue string, l RemoteLink) error
	// HasLink says whether an issue is linked so.
	HasLink(ctx context.Context, issue, globalID string) (bool, error)
}

// A Noter has the agents told something in a ticket, where the customer doesn't see it.
type Noter interface {
	// Note adds a note, unless the last about the same says the same.
	Note(ctx context.Context, id string, n desk.Note) error
}

// A Draft is an issue that should be.
type Draft struct {
	Marks       []string // what it is known by: it may have any of them
	Shares      string   // the id of the issue that it shares, where none has a mark of its; "" for none
	Project     string
	Type        string
	Summary     string
	Description string
	Priority    string // the policy's name
	Fields      map[string]string
}

// A Tracked issue is one as it is.
type Tracked struct {
	rules.Issue
	Priority string // the policy's name; "" where it has none for it
	Fields   map[string]string
	Gone     bool // it isn't there: all but its ID is empty
}

// A RemoteLink is an issue's link to a ticket.
type RemoteLink struct {
	GlobalID, URL, Title, Summary, Application, Relationship string
	Resolved                                                 bool
}

// escalatePart names the loop of a source's escalations: another one than the
// source's own, so that neither vendor waits for the other.
const escalatePart = "/escalate"

// longestEscalation bounds the pauses before an escalation that failed is tried again.
const longestEscalation = 15 * time.Minute

// escalations is one round over a source's issues: it reads how they stand, and then
// synchronises the tickets whose issue is out of date. After one that fails the next is
// tried; two in a row end the round.
func (e *Engine) escalations(ctx context.Context, s *Source) (time.Time, error) {
	if s.AskTracker != nil && !s.trackerAsked {
		err := s.AskTracker(ctx)
		if noted := e.noteRefusal(ctx, s, escalatePart, err); noted != nil {
			return time.Time{}, noted
		}
		if err != nil {
			return time.Time{}, fmt.Errorf("the tracker doesn't fit the policy, or can't be asked: %w", err)
		}
		s.trackerAsked = true
	}
	next, err := e.followIfDue(ctx, s)
	if err != nil {
		return next, err
	}
	failed := false
	for mayBegin(ctx) {
		actions, err := e.Store.PendingEscalations(ctx, s.Name, e.Now(), 1)
		if err != nil {
			return next, err
		}
		if len(actions) == 0 {
			wait, err := e.Store.NextEscalation(ctx, s.Name)
			return earliest(next, wait), err
		}
		err = e.escalate(ctx, s, actions[0])
		if err != nil && (failed || ctx.Err() != nil || retryAfter(err) > longestJobCheck) {
			return next, err
		}
		failed = err != nil
	}
	return e.Now(), ctx.Err()
}

// escalate carries out one escalation, and records the outcome. Its error is the vendors'
// or the store's, after which the action is tried again.
func (e *Engine) escalate(ctx context.Context, s *Source, a store.Action) error {
	row, v, err := e.judgedNow(ctx, a.Source, a.ID)
	if err != nil {
		return err
	}
	if v == nil {
		return e.endAction(ctx, a, store.Dropped, "the ticket can't be judged any more")
	}
	if e.DryRun {
		e.Log.Info("would escalate", "ticket", row.Ticket.Ref(), "marked", v.Escalation != nil)
		return e.endAction(ctx, a, store.Done, "dry run")
	}
	taken, err := e.Store.Lease(ctx, a, e.Now().Add(lease))
	if err != nil || !taken {
		return err
	}
	err = e.syncIssue(ctx, s, row, v)
	if err := e.noteRefusal(ctx, s, escalatePart, err); err != nil && ctx.Err() == nil {
		return err
	}
	if err == nil {
		return e.finishEscalation(ctx, s, a)
	}
	if ctx.Err() != nil {
		return err // perhaps it was done: the action is looked at again when its lease is over
	}
	lasting, done := outlive(ctx)
	defer done()
	if errors.Is(err, desk.ErrUntouchable) {
		return e.endAction(lasting, a, store.Dropped, err.Error())
	}
	level := slog.LevelWarn
	if wait := retryAfter(err); wait > 0 && wait <= longestJobCheck { // soon enough, and nothing went wrong
		level = slog.LevelDebug
	}
	e.Log.Log(ctx, level, "issue not in step", "ticket", row.Ticket.Ref(), "attempt", a.Attempts+1, "err", err)
	pause := max(retryAfter(err), min(2*time.Second<<min(a.Attempts, 20), longestEscalation))
	if err := e.retryAt(lasting, a, e.Now().Add(pause), err.Error(), true); err != nil {
		return err
	}
	return fmt.Errorf("escalate %s: %w", row.Ticket.Ref(), err)
}

// finishEscalation ends an escalation, and judges its ticket with the issue that it now
// has.
func (e *Engine) finishEscalation(ctx context.Context, s *Source, a store.Action) error {
	err := e.judgeAndSave(ctx, func() ([]store.Judged, error) {
		row, err := e.Store.Ticket(ctx, a.Source, a.ID)
		if err != nil || row == nil {
			return nil, err
		}
		j, err := e.judgeRow(ctx, s, row)
		j.Done = &a
		return []store.Judged{j}, err
	})
	return e.counted(a, string(store.Done), err)
}

// followIfDue reads the issues of a source's open tickets when the tracker's schedule has
// come up, and returns when it will come up next.
func (e *Engine) followIfDue(ctx context.Context, s *Source) (next time.Time, err error) {
	came, next, err := e.comesUp(ctx, store.Issues, s.Name, s.Follow)
	if err != nil || came.IsZero() {
		return next, err
	}
	if n, err := e.followIssues(ctx, s); err != nil {
		return next, errors.Join(e.noteRefusal(ctx, s, escalatePart, err), fmt.Errorf("read the issues of %s: %w", s.Name, err))
	} else if n > 0 {
		if err := e.noteRefusal(ctx, s, escalatePart, nil); err != nil {
			return next, err
		}
	}
	return next, e.Store.Ran(ctx, store.Issues, s.Name, e.Now())
}

// followIssues reads n issues. A ticket whose issue has changed, or is gone, is escalated
// again, which tells the agents.
func (e *Engine) followIssues(ctx context.Context, s *Source) (n int, err error) {
	known, err := e.Store.Followed(ctx, s.Name)
	if err != nil {
		return 0, err
	}
	for some := range slices.Chunk(known, batch) {
		ids := make([]string, len(some))
		for i, k := range some {
			ids[i] = k.ID
		}
		list, err := s.Tracker.Escalated(ctx, ids)
		if err != nil {
			return 0, err
		}
		for _, k := range some {
			at := slices.IndexFunc(list, func(t Tracked) bool { return t.ID == k.ID })
			if at < 0 {
				e.Log.Warn("issue not seen", "issue", k.Source+":"+k.Key)
				continue
			}
			now := k
			if !list[at].Gone {
				if now = e.issueNow(k, list[at]); !issueChanged(k, now) {
					continue
				}
			}
			if err := e.saveChangedIssue(ctx, now, func(store.Link) bool { return true }); err != nil {
				return 0, err
			}
		}
	}
	return len(known), nil
}

// issueChanged says whether something has changed that tickets show of an issue.
func issueChanged(k, now store.Issue) bool {
	return now.Key != k.Key || now.Status != k.Status || now.URL != k.URL
}

// saveChangedIssue stores an issue that has changed, and has those of its tickets
// escalated again that concerned picks.
func (e *Engine) saveChangedIssue(ctx context.Context, i store.Issue, concerned func(store.Link) bool) error {
	sharing, err := e.Store.Sharing(ctx, i.Source, i.ID)
	if err != nil {
		return err
	}
	var actions []store.Action
	for _, l := range sharing {
		if !concerned(l) {
			continue
		}
		actions = append(actions, standingAction(store.Escalate, &store.Row{Source: l.Source, ID: l.ID}, "", e.Now()))
	}
	return e.Store.KeepIssue(ctx, i, actions, e.Now())
}

// issueNow is a stored issue with what the tracker shows of it now.
func (e *Engine) issueNow(k store.Issue, is Tracked) store.Issue {
	solved := k.Solved
	switch {
	case is.Progress != rules.IssueSolved:
		solved = nil
	case solved == nil:
		now := e.Now().UTC().Truncate(time.Second)
		solved = &now
	}
	source := k.Source
	k.Issue = is.Issue
	k.Source, k.Solved, k.Unlinked = source, solved, nil
	return k
}

// escalation is the action to synchronise a judged ticket with its issue, if it is called
// for.
func escalation(s *Source, row *store.Row, v *rules.Verdict, l *store.Link, i *store.Issue, now time.Time) []store.Action {
	if s.Tracker == nil || row.Problem != "" {
		return nil
	}
	x := v.Escalation
	switch {
	case l == nil || markedAgain(l, x):
		if x == nil || solved(v.Status) || v.Status == rules.Deleted {
			return nil
		}
	case l.Unlinked != nil || l.Did == issueDigest(row, v, i):
		return nil
	}
	return []store.Action{standingAction(store.Escalate, row, "", now)}
}

// markedAgain says whether a ticket was marked after a person had removed its issue.
func markedAgain(l *store.Link, x *rules.Escalation) bool {
	return l.Unlinked != nil && x != nil && x.Since.After(*l.Unlinked)
}

// issueDigest tells apart what a ticket and its issue have to show each other. It is
// stored once they do.
func issueDigest(row *store.Row, v *rules.Verdict, i *store.Issue) string {
	parts := []string{"left", string(v.Status)}
	if solved(v.Status) || v.Status == rules.Deleted {
		parts[1] = "ended"
	} else {
		parts[1] = "open"
	}
	if x := v.Escalation; x != nil {
		parts[0] = v.Priority
		for _, f := range x.Row.DueFields {
			due := ""
			if c := v.Clock(f.Metric); c != nil && c.Due != nil {
				due = rules.TextForm.Text(*c.Due)
			}
			parts = append(parts, due)
		}
	}
	if row.Ticket.Bare() {
		parts = append(parts, "erased")
	}
	return strings.Join(append(parts, i.Status), "|")
}

// linkAndIssue are a ticket's link and issue; nil if it never had any, or its source has
// no tracker.
func (e *Engine) linkAndIssue(ctx context.Context, s *Source, row *store.Row) (*store.Link, *store.Issue, error) {
	if s.Tracker == nil {
		return nil, nil, nil
	}
	return e.Store.Linked(ctx, row.Source, row.ID)
}

// issueOf is what a verdict is told of a ticket's issue; nil if its source has no tracker.
func issueOf(s *Source, l *store.Link, i *store.Issue) *rules.Issue {
	switch {
	case s.Tracker == nil:
		return nil
	case l == nil:
		return &rules.Issue{}
	}
	issue := i.Issue
	issue.Unlinked = l.Unlinked
	return &issue
}
