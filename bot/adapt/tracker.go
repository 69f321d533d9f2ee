package adapt

import (
	"context"
	"maps"
	"slices"

	"vigie/bot/engine"
	"vigie/connectors/desk"
	"vigie/rules"
)

// A Tracker is a source as the engine sees it where tickets of another have issues.
type Tracker struct{ desk.Tracker }

// TeamProjects are the projects into which policies escalate, each with its type once.
func TeamProjects(policies []*rules.Policy) (list []desk.TeamProject) {
	for _, p := range policies {
		for _, row := range p.Escalates {
			i := slices.IndexFunc(list, func(w desk.TeamProject) bool { return w.Project == row.Project && w.Type == row.Type })
			if i < 0 {
				i, list = len(list), append(list, desk.TeamProject{Project: row.Project, Type: row.Type})
			}
			fields := slices.Sorted(maps.Keys(row.Fields))
			if row.TicketsField != "" {
				fields = append(fields, row.TicketsField)
			}
			for _, id := range fields {
				if !slices.Contains(list[i].Fields, id) {
					list[i].Fields = append(list[i].Fields, id)
				}
			}
		}
	}
	return list
}

func (t Tracker) Escalate(ctx context.Context, d engine.Draft) (engine.Tracked, error) {
	e, err := t.Tracker.Escalate(ctx, desk.Escalation(d))
	if err != nil {
		return engine.Tracked{}, err
	}
	return tracked(*e), nil
}

func (t Tracker) Escalated(ctx context.Context, ids []string) ([]engine.Tracked, error) {
	list, err := t.Tracker.Escalated(ctx, ids)
	if err != nil {
		return nil, err
	}
	issues := make([]engine.Tracked, len(list))
	there := map[string]bool{}
	for i, e := range list {
		issues[i], there[e.ID] = tracked(e), true
	}
	for _, id := range ids {
		if !there[id] { // the tracker has said so of it by itself
			issues = append(issues, engine.Tracked{Issue: rules.Issue{ID: id}, Gone: true})
		}
	}
	return issues, nil
}

func (t Tracker) Link(ctx context.Context, issue string, l engine.RemoteLink) error {
	return t.Tracker.Link(ctx, issue, desk.Link(l))
}

// FindIssue looks for the issue that a ticket should have, if it is marked by what
// was done to it last.
func FindIssue(ctx context.Context, s *engine.Source, t *rules.Ticket) error {
	issues, ok := s.Tracker.(Tracker)
	last := t.CreatedAt
	for _, e := range t.Events {
		if e.At.After(last) {
			last = e.At
		}
	}
	v, err := rules.Evaluate(s.Policies, t, last)
	if !ok || err != nil || v.Escalation == nil {
		return nil // what is wrong with the ticket is told with its verdict
	}
	found, err := issues.FindEscalated(ctx, v.Escalation.Project, engine.Marks(t))
	linked := false
	if found != nil {
		linked, err = issues.HasLink(ctx, found.ID, engine.GlobalID(t.Source, t.ID))
	}
	if err != nil {
		return err
	}
	t.Issue = &rules.Issue{}
	if linked {
		issue := tracked(*found).Issue
		issue.Source = s.TrackerName
		t.Issue = &issue
	}
	return nil
}

// tracked is an issue in the engine's words.
func tracked(e desk.Escalated) engine.Tracked {
	return engine.Tracked{Issue: e.Issue, Priority: e.Priority, Fields: e.Fields}
}
