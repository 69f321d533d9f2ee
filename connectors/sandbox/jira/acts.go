package jira

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cmp"
)

// A Update is what one person changes at once. Empty means unchanged.
type Update struct {
	Status, Priority, Type, RequestType, Organization, Team string

	Assignee     string // e-mail address; "-" for nobody
	Reporter     string // e-mail address
	Participants []string
	AddLabels    []string
	RemoveLabels []string
	Fields       map[string]string // field id -> text; instants as RFC 3339, dates as 2006-01-02; empty clears
}

// act runs f on an issue, with the account of the person who acts.
func (s *Site) act(key, by string, f func(i *issue, account string)) (err error) {
	s.Do(func() {
		st := &s.state
		i := st.issue(key)
		if i == nil {
			err = fmt.Errorf("no issue %s", key)
			return
		}
		f(i, st.person(by, false).AccountID)
	})
	return err
}

// Update changes several fields at once: one entry of the changelog.
func (s *Site) Update(key, by string, u Update) error {
	for id := range u.Fields {
		if !s.hasField(id) {
			return fmt.Errorf("no field %s", id)
		}
	}
	return s.act(key, by, func(i *issue, account string) {
		values := map[string][]string{}
		s.fill(values, map[string]string{"status": u.Status, "priority": u.Priority, "issuetype": u.Type,
			requestType: u.RequestType, organizations: u.Organization, team: u.Team})
		for id, text := range u.Fields {
			values[id] = s.value(id, text)
		}
		switch u.Assignee {
		case "":
		case "-":
			values["assignee"] = nil
		default:
			values["assignee"] = s.value("assignee", u.Assignee)
		}
		if u.Reporter != "" {
			values["reporter"] = []string{s.state.person(u.Reporter, true).AccountID}
		}
		for _, email := range u.Participants {
			values[participants] = append(values[participants], s.state.person(email, true).AccountID)
		}
		if len(u.AddLabels)+len(u.RemoveLabels) > 0 {
			values["labels"] = relabel(i.Values["labels"], u.AddLabels, u.RemoveLabels)
		}
		s.changeIssue(i, account, values)
	})
}

// relabel adds labels to a sorted list and takes others off it.
func relabel(list, add, remove []string) []string {
	all := slices.Compact(slices.Sorted(slices.Values(slices.Concat(list, add))))
	return slices.DeleteFunc(all, func(l string) bool { return slices.Contains(remove, l) })
}

// Transition moves an issue to a status; a new one becomes part of the workflow.
func (s *Site) Transition(key, by, status string) error {
	return s.Update(key, by, Update{Status: status})
}

// SetPriority gives an issue a priority.
func (s *Site) SetPriority(key, by, priority string) error {
	return s.Update(key, by, Update{Priority: priority})
}

// SetTeam hands an issue to a team.
func (s *Site) SetTeam(key, by, team string) error {
	return s.Update(key, by, Update{Team: team})
}

// SetRequestType gives an issue another request type.
func (s *Site) SetRequestType(key, by, requestType string) error {
	return s.Update(key, by, Update{RequestType: requestType})
}

// Assign gives an issue to a person, or to nobody if the address is empty.
func (s *Site) Assign(key, by, email string) error {
	return s.Update(key, by, Update{Assignee: cmp.Or(email, "-")})
}

// AddLabels adds labels to an issue.
func (s *Site) AddLabels(key, by string, labels ...string) error {
	return s.Update(key, by, Update{AddLabels: labels})
}

// RemoveLabels takes labels off an issue.
func (s *Site) RemoveLabels(key, by string, labels ...string) error {
	return s.Update(key, by, Update{RemoveLabels: labels})
}

// SetField sets a field by its id; see Update.
func (s *Site) SetField(key, by, field, text string) error {
	return s.Update(key, by, Update{Fields: map[string]string{field: text}})
}

// Comment writes a comment; a customer's is always public.
func (s *Site) Comment(key, by, body string, public bool) error {
	return s.act(key, by, func(i *issue, account string) {
		u, _ := s.state.user(account)
		s.commentIssue(i, account, body, public || u.Customer)
	})
}

// ImportComment adds a comment with the date that it had elsewhere, as importers
// do: the issue itself is of the import's day.
func (s *Site) ImportComment(key, by, body string, public bool, at time.Time) error {
	return s.act(key, by, func(i *issue, account string) {
		c := comment{ID: s.state.nextID(), By: account, At: at.UTC().Truncate(time.Millisecond), Body: body, Public: public}
		i.Comments = append(i.Comments, c)
		slices.SortStableFunc(i.Comments, func(a, b comment) int { return a.At.Compare(b.At) })
		i.Updated = s.now()
		s.Changed()
	})
}

// DeleteComment takes an issue's nth comment away, counted from 0; the changelog
// has its text, but not who wrote it.
func (s *Site) DeleteComment(key, by string, n int) (err error) {
	failed := s.act(key, by, func(i *issue, account string) {
		if n >= len(i.Comments) {
			err = fmt.Errorf("%s has no comment %d", key, n)
			return
		}
		s.deleteComment(i, account, n)
	})
	return cmp.Or(err, failed)
}

// Anonymize has an administrator take everything that names a person out of his
// account: on Data Center he is "jirauser12345" from then on, on Cloud a former user.
func (s *Site) Anonymize(email string) {
	s.Do(func() {
		st := &s.state
		for i := range st.Users {
			if u := &st.Users[i]; strings.EqualFold(u.Email, email) {
				u.Forgotten, u.Inactive, u.Name, u.Email = true, true, "Former user", strings.ToLower(u.key())
			}
		}
		s.Changed()
	})
}

// Attach adds files to an issue, and an entry each to its changelog.
func (s *Site) Attach(key, by string, names ...string) error {
	return s.act(key, by, func(i *issue, account string) { s.attach(i, account, names) })
}

// Detach takes a file off an issue.
func (s *Site) Detach(key, by, name string) error {
	return s.act(key, by, func(i *issue, account string) { s.detach(i, account, name) })
}

// Move takes an issue to another project, where it gets another key.
func (s *Site) Move(key, by, project string) (newKey string, err error) {
	err = s.act(key, by, func(i *issue, account string) { newKey = s.moveIssue(i, account, project) })
	return newKey, err
}

// EditProjectKey gives a project another key, as an administrator does: its issues
// are called by it from then on, which their changelogs don't tell, and the old keys
// go on leading to them.
func (s *Site) EditProjectKey(from, to string) error {
	var err error
	s.Do(func() {
		st := &s.state
		p := st.findProject(from)
		if p == nil || st.findProject(to) != nil {
			err = fmt.Errorf("project %s can't be called %s", from, to)
			return
		}
		old := p.Key
		p.OldKeys, p.Key = append(p.OldKeys, old), to
		for _, i := range st.Issues {
			if first(i.Values["project"]) != old {
				continue
			}
			_, number, _ := strings.Cut(i.Key, "-")
			i.OldKeys, i.Key = append(i.OldKeys, i.Key), to+"-"+number
			i.Values["project"] = []string{to}
		}
		st.index = nil
		s.Changed()
	})
	return err
}

// Unlink takes an issue's remote link off, as a person does who thinks that it
// shouldn't be there.
func (s *Site) Unlink(key, by, globalID string) error {
	return s.act(key, by, func(i *issue, _ string) {
		i.Links = slices.DeleteFunc(i.Links, func(l link) bool { return l.GlobalID == globalID })
	})
}

// Delete removes an issue for good.
func (s *Site) Delete(key string) error {
	return s.act(key, "admin@acme.example", func(i *issue, account string) { s.deleteIssue(i, account) })
}
