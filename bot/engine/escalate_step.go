package engine

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/words"
)

// syncIssue makes a ticket and its issue agree: it makes the issue, its link to the
// ticket, the note to the agents and the issue's fields, as far as they are missing or out
// of date. Each step is recorded once it is done.
func (e *Engine) syncIssue(ctx context.Context, s *Source, row *store.Row, v *rules.Verdict) error {
	l, i, err := e.Store.Linked(ctx, row.Source, row.ID)
	if err != nil {
		return err
	}
	var is Tracked
	switch x := v.Escalation; {
	case l == nil || markedAgain(l, x):
		if x == nil || solved(v.Status) || v.Status == rules.Deleted {
			return nil
		}
		if l, i, is, err = e.makeIssue(ctx, s, row, v); err != nil {
			return err
		}
	case l.Unlinked != nil:
		return nil
	default:
		there := false
		if is, there, err = e.stillLinked(ctx, s, row, l); err != nil {
			return err
		}
		if !there {
			return e.unlink(ctx, row, l)
		}
		if i, err = e.saveSeenIssue(ctx, row, *i, is); err != nil {
			return err
		}
	}
	did := issueDigest(row, v, i)
	if err := e.link(ctx, s, row, v, l); err != nil {
		return err
	}
	if err := e.note(ctx, s, row, v, l, i); err != nil {
		return err
	}
	if err := e.copyInto(ctx, s, i, is); err != nil {
		return err
	}
	l.Did = did
	return e.Store.KeepLink(ctx, *l)
}

// makeIssue gives a ticket its issue: the one that another ticket of its problem has, one
// that an earlier try made and couldn't record, or a new one.
func (e *Engine) makeIssue(ctx context.Context, s *Source, row *store.Row, v *rules.Verdict) (*store.Link, *store.Issue, Tracked, error) {
	t, x := row.Ticket, v.Escalation
	d := Draft{
		Marks: Marks(t), Project: x.Project, Type: x.Type, Summary: cmp.Or(strings.TrimSpace(t.Subject), t.Ref()),
		Description: described(t), Priority: v.Priority, Fields: maps.Clone(x.Row.Fields),
	}
	if d.Fields == nil {
		d.Fields = map[string]string{}
	}
	var err error
	if d.Shares, err = e.Store.IssueOfProblem(ctx, s.TrackerName, t.Source, cmp.Or(t.Problem, t.ID)); err != nil {
		return nil, nil, Tracked{}, err
	}
	wrote := toShow(s.Tracker, x.Row, []*rules.Verdict{v})
	for id, text := range wrote {
		if id != priorityField && text != "" {
			d.Fields[id] = text
		}
	}
	is, err := s.Tracker.Escalate(ctx, d)
	if err != nil {
		return nil, nil, is, err
	}
	e.Log.Info("escalated", "ticket", t.Ref(), "issue", is.Key)
	l := store.Link{Source: row.Source, ID: row.ID, Tracker: s.TrackerName, Issue: is.ID}
	i := store.Issue{Issue: rules.Issue{Source: s.TrackerName}}
	if known, err := e.Store.Issue(ctx, s.TrackerName, is.ID); err != nil {
		return nil, nil, is, err
	} else if known != nil {
		i = *known
	} else {
		i.Wrote = wrote // if it was made before, those of its fields that differ are a person's
	}
	now, err := e.saveSeenIssue(ctx, row, i, is)
	if err != nil {
		return nil, nil, is, err
	}
	return &l, now, is, e.Store.KeepLink(ctx, l)
}

// Marks are the labels by which a ticket's issue is found: the ticket's own, which holds
// whatever becomes of its problem, and the problem's, which all its tickets share.
func Marks(t *rules.Ticket) []string {
	marks := []string{"vigie_" + t.Source + "_" + t.ID}
	if t.Problem != "" {
		marks = append(marks, "vigie_"+t.Source+"_"+t.Problem)
	}
	return marks
}

// longestDescription is how much of a ticket's text goes into its issue, in runes.
const longestDescription = 5000

// described is the description of a ticket's issue.
func described(t *rules.Ticket) string {
	text := []rune(strings.TrimSpace(t.Text))
	if len(text) > longestDescription {
		text = append(text[:longestDescription], '…')
	}
	return strings.TrimSpace(t.Ref() + "\n" + t.URL + "\n\n" + string(text))
}

// stillLinked reads a ticket's issue; there is false if a person has deleted the issue, or
// removed its link to the ticket. An issue that the tracker doesn't show may only be
// hidden from Vigie, so it counts as deleted only if the tracker was asked for that issue
// alone and hasn't got it, and if Vigie lacks no right there.
func (e *Engine) stillLinked(ctx context.Context, s *Source, row *store.Row, l *store.Link) (is Tracked, there bool, err error) {
	list, err := s.Tracker.Escalated(ctx, []string{l.Issue})
	if err != nil {
		return is, false, err
	}
	if len(list) == 0 {
		return is, false, errNotShown
	}
	if list[0].Gone {
		if s.AskTracker != nil {
			err = s.AskTracker(ctx)
		}
		return is, false, err
	}
	if there = true; l.Linked != "" {
		there, err = s.Tracker.HasLink(ctx, l.Issue, GlobalID(row.Source, row.ID))
	}
	return list[0], there, err
}

var errNotShown = errors.New("the tracker doesn't show the ticket's issue, and doesn't say that it is gone")

// saveSeenIssue stores an issue as it was just read. If it has changed, the other tickets
// that share it are escalated again.
func (e *Engine) saveSeenIssue(ctx context.Context, row *store.Row, k store.Issue, is Tracked) (*store.Issue, error) {
	now := e.issueNow(k, is)
	if !issueChanged(k, now) {
		return &now, e.Store.KeepIssue(ctx, now, nil, e.Now())
	}
	return &now, e.saveChangedIssue(ctx, now, func(l store.Link) bool { return l.Source != row.Source || l.ID != row.ID })
}

// unlink records that a person has removed the ticket's issue, so that Vigie makes no
// other.
func (e *Engine) unlink(ctx context.Context, row *store.Row, l *store.Link) error {
	now := e.Now().UTC().Truncate(time.Second)
	l.Unlinked = &now
	e.Log.Info("a person has taken the issue away", "ticket", row.Source+":"+row.ID)
	return e.Store.KeepLink(ctx, *l)
}

// GlobalID names a ticket in its issue's links.
func GlobalID(source, id string) string { return "vigie=" + source + "&id=" + id }

// link links the issue to its ticket, struck out once the ticket is solved or no longer
// marked.
func (e *Engine) link(ctx context.Context, s *Source, row *store.Row, v *rules.Verdict, l *store.Link) error {
	resolved := v.Escalation == nil || solved(v.Status) || v.Status == rules.Deleted
	says := "open"
	if resolved {
		says = "resolved"
	}
	if row.Ticket.Bare() { // the link has the ticket's subject
		says += ", erased"
	}
	if l.Linked == says {
		return nil
	}
	if err := s.Tracker.Link(ctx, l.Issue, RemoteLink{
		GlobalID: GlobalID(row.Source, row.ID), URL: row.Ticket.URL, Title: row.Ticket.Ref(), Summary: row.Ticket.Subject,
		Application: s.Vendor, Relationship: "escalated from", Resolved: resolved,
	}); err != nil {
		return err
	}
	l.Linked = says
	return e.Store.KeepLink(ctx, *l)
}

// note tells the agents, in the ticket, which issue it has and when the issue's status has
// changed. A solved ticket gets no note.
func (e *Engine) note(ctx context.Context, s *Source, row *store.Row, v *rules.Verdict, l *store.Link, i *store.Issue) error {
	noter, ok := s.Desk.(Noter)
	if !ok || v.Escalation == nil || solved(v.Status) || v.Status == rules.Deleted || l.Told == i.Status {
		return nil
	}
	language := cmp.Or(e.Route(v.Latest(row.Ticket, rules.EscalationTopic, 0, e.Now())).Language, e.Language)
	err := noter.Note(ctx, row.ID, desk.Note{
		Text: noteText(language, v.Escalation, l, i), About: s.TrackerName + " " + i.ID, Says: i.Status,
	})
	if err != nil {
		return err
	}
	e.Log.Info("noted", "ticket", row.Ticket.Ref(), "issue", i.Key, "status", i.Status)
	l.Noted, l.Told = true, i.Status
	return e.Store.KeepLink(ctx, *l)
}

// noteText is the text of that note, in the language of the agents' channel.
func noteText(language string, x *rules.Escalation, l *store.Link, i *store.Issue) string {
	w := words.In(language)
	var parts []string
	if text := x.Row.Note.In(language); text != "" && !l.Noted {
		parts = append(parts, text)
	}
	parts = append(parts, w.Say("note.issue", "issue", i.Key, "status", i.Status)+"\n"+i.URL)
	if i.Progress == rules.IssueSolved {
		parts = append(parts, w.Say("note.solved"))
	}
	return strings.Join(parts, "\n\n")
}

// copyInto writes into an issue the most urgent priority and the earliest due dates of the
// open tickets that share it, and how many share it. Once all are solved it is left as it
// is.
func (e *Engine) copyInto(ctx context.Context, s *Source, i *store.Issue, is Tracked) error {
	sharing, err := e.Store.Sharing(ctx, i.Source, i.ID)
	if err != nil {
		return err
	}
	var all []*rules.Verdict
	for _, l := range sharing {
		_, v, err := e.judgedNow(ctx, l.Source, l.ID)
		if err != nil {
			return err
		}
		if v != nil && v.Escalation != nil {
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		return nil
	}
	edit := desk.Edit{ID: is.Key, Fields: map[string]string{}}
	wrote := maps.Clone(i.Wrote)
	if wrote == nil {
		wrote = map[string]string{}
	}
	for id, want := range toShow(s.Tracker, all[0].Escalation.Row, all) {
		now := is.Fields[id]
		if id == priorityField {
			now = is.Priority
		}
		last, written := i.Wrote[id]
		switch {
		case now == want:
		case written && last == want: // a person's since
			continue
		case id == priorityField:
			edit.Priority = want
		default:
			edit.Fields[id] = want
		}
		wrote[id] = want
	}
	if !edit.Empty() {
		results, err := s.Tracker.Write(ctx, []desk.Edit{edit})
		if err = cmp.Or(results[0], err); err != nil {
			return err
		}
		e.Log.Info("wrote", "issue", s.TrackerName+":"+is.Key, "fields", edit.Fields, "priority", edit.Priority)
	}
	i.Wrote = wrote
	return e.Store.KeepIssue(ctx, *i, nil, e.Now())
}

// toShow is what an issue should show of the tickets that share it, by field; the priority
// is under priorityField.
func toShow(tracker Writer, row *rules.Escalate, all []*rules.Verdict) map[string]string {
	want := map[string]string{}
	if row.TicketsField != "" {
		want[row.TicketsField] = strconv.Itoa(len(all))
	}
	var rank int
	due := map[string]time.Time{} // the earliest, in its calendar's zone
	open := 0
	for _, v := range all {
		if solved(v.Status) || v.Status == rules.Deleted {
			continue
		}
		if r := v.Rank(); open == 0 || r < rank {
			rank, want[priorityField] = r, v.Priority
		}
		open++
		for _, f := range row.DueFields {
			if c := v.Clock(f.Metric); c != nil && c.Due != nil {
				due[f.ID] = earliest(due[f.ID], *c.Due)
			}
		}
	}
	if open == 0 {
		return want
	}
	for _, f := range row.DueFields {
		form := rules.TextForm
		for _, known := range tracker.DueFields() {
			if known.ID == f.ID {
				form = known.Form
			}
		}
		if want[f.ID] = ""; !due[f.ID].IsZero() {
			want[f.ID] = form.Text(due[f.ID])
		}
	}
	return want
}
