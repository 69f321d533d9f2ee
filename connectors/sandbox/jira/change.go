package jira

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"cmp"
)

// The changes of issues, whoever makes them: people by methods or callers over
// HTTP. The lock is held in all of them.

// now is ticket time in Jira's precision.
func (s *Site) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// createIssue makes an issue with these values at ticket time, or earlier for
// an issue from the past.
func (s *Site) createIssue(project, by string, values map[string][]string, properties map[string]json.RawMessage, at time.Time) *issue {
	st := &s.state
	p := st.project(project, "")
	p.Count++
	i := &issue{ID: st.nextID(), Key: fmt.Sprintf("%s-%d", p.Key, p.Count), Created: at, Updated: at, Values: values, Properties: properties}
	for field, standard := range map[string]string{"priority": "Medium", "status": "Open", "issuetype": "Task", "reporter": by} {
		if len(values[field]) == 0 {
			values[field] = []string{standard}
		}
	}
	values["project"], values["creator"] = []string{p.Key}, []string{by}
	st.Issues = append(st.Issues, i)
	if st.index != nil {
		st.enter(i)
	}
	s.announce(i, "jira:issue_created", "issue_created", by, object{"issue": s.view().shown(i, wanted{"*navigable"}, 0, nil)})
	return i
}

// changeIssue gives fields new values, as one entry of the changelog. Values
// that are there already change nothing, and a change of nothing leaves no
// trace.
func (s *Site) changeIssue(i *issue, by string, values map[string][]string) {
	st := &s.state
	now := s.now()
	if status := values["status"]; len(status) > 0 { // as the workflow's post functions do
		values["resolution"], values["resolutiondate"] = nil, nil
		if st.Category[status[0]] == "done" {
			values["resolution"] = []string{"Done"}
			values["resolutiondate"] = []string{cmp.Or(first(i.Values["resolutiondate"]), now.Format(kept))}
		}
	}
	change := change{By: by, At: now}
	for _, field := range slices.Sorted(maps.Keys(values)) {
		old, value := i.Values[field], values[field]
		if slices.Equal(old, value) {
			continue
		}
		i.Values[field] = value
		if field != "resolutiondate" { // changes unlogged
			change.Items = append(change.Items, item{Field: field, From: old, To: value})
		}
	}
	if len(change.Items) == 0 {
		return
	}
	change.ID = st.nextID()
	i.Updated = now
	i.Changes = append(i.Changes, change)

	event := "issue_updated"
	switch {
	case len(values["status"]) > 0:
		event = "issue_generic"
	case len(change.Items) == 1 && change.Items[0].Field == "assignee":
		event = "issue_assigned"
	}
	v := s.view()
	s.announce(i, "jira:issue_updated", event, by, object{
		"issue":     v.shown(i, wanted{"*navigable"}, 0, nil),
		"changelog": object{"id": strconv.Itoa(change.ID), "items": v.items(change.Items)},
	})
}

// moveIssue gives an issue another project and key, in one entry of the changelog.
func (s *Site) moveIssue(i *issue, by, project string) (key string) {
	st := &s.state
	p := st.project(project, "")
	p.Count++
	change := change{ID: st.nextID(), By: by, At: s.now(), Items: []item{
		{Field: "project", From: i.Values["project"], To: []string{p.Key}},
		{Field: "Key", From: []string{i.Key}, To: []string{fmt.Sprintf("%s-%d", p.Key, p.Count)}},
	}}
	i.OldKeys, i.Key = append(i.OldKeys, i.Key), change.Items[1].To[0]
	i.Values["project"] = []string{p.Key}
	i.Updated, i.Changes = change.At, append(i.Changes, change)
	if st.index != nil {
		st.enter(i)
	}
	v := s.view()
	s.announce(i, "jira:issue_updated", "issue_moved", by, object{
		"issue":     v.shown(i, wanted{"*navigable"}, 0, nil),
		"changelog": object{"id": strconv.Itoa(change.ID), "items": v.items(change.Items)},
	})
	return i.Key
}

// commentIssue adds a comment. Cloud tells of it with a thin issue, Data Center
// with none, and with an update of the issue besides.
func (s *Site) commentIssue(i *issue, by, body string, public bool) comment {
	c := comment{ID: s.state.nextID(), By: by, At: s.now(), Body: body, Public: public}
	i.Comments = append(i.Comments, c)
	i.Updated = c.At
	v := s.view()
	event := object{"comment": v.comments(i, []comment{c}, false)[0]}
	if s.options.DataCenter {
		s.announce(i, "jira:issue_updated", "issue_commented", by, object{"issue": v.shown(i, wanted{"*all"}, 0, nil), "comment": event["comment"]})
	} else {
		event["issue"] = v.shown(i, wanted{"summary", "issuetype", "project", "assignee", "priority", "status"}, 0, nil)
	}
	s.announce(i, "comment_created", "", by, event)
	return c
}

// deleteComment takes a comment away. The webhook still shows it, the changelog
// its text as an item "Comment".
func (s *Site) deleteComment(i *issue, by string, n int) {
	c := i.Comments[n]
	i.Comments = slices.Delete(i.Comments, n, n+1)
	i.Updated = s.now()
	i.Changes = append(i.Changes, change{ID: s.state.nextID(), By: by, At: i.Updated, Items: []item{{Field: "Comment", From: []string{c.Body}}}})
	v := s.view()
	event := object{"comment": v.comments(i, []comment{c}, false)[0]}
	if !s.options.DataCenter {
		event["issue"] = v.shown(i, wanted{"summary", "issuetype", "project", "assignee", "priority", "status"}, 0, nil)
	}
	s.announce(i, "comment_deleted", "", by, event)
}

// attach adds files, one entry of the changelog each.
func (s *Site) attach(i *issue, by string, names []string) {
	for _, name := range names {
		f := file{s.state.nextID(), by, s.now(), name}
		i.Files = append(i.Files, f)
		s.filed(i, by, item{Field: attachments, To: []string{strconv.Itoa(f.ID), name}})
	}
}

func (s *Site) detach(i *issue, by, name string) {
	for _, f := range i.Files {
		if f.Name == name {
			s.filed(i, by, item{Field: attachments, From: []string{strconv.Itoa(f.ID), name}})
		}
	}
	i.Files = slices.DeleteFunc(i.Files, func(f file) bool { return f.Name == name })
}

// filed notes in the changelog that a file came or went.
func (s *Site) filed(i *issue, by string, what item) {
	c := change{ID: s.state.nextID(), By: by, At: s.now(), Items: []item{what}}
	i.Updated, i.Changes = c.At, append(i.Changes, c)
	v := s.view()
	s.announce(i, "jira:issue_updated", "issue_updated", by, object{
		"issue":     v.shown(i, wanted{"*navigable"}, 0, nil),
		"changelog": object{"id": strconv.Itoa(c.ID), "items": v.items(c.Items)},
	})
}

// deleteIssue removes an issue for good.
func (s *Site) deleteIssue(i *issue, by string) {
	st := &s.state
	s.announce(i, "jira:issue_deleted", "issue_deleted", by, object{"issue": s.view().shown(i, wanted{"*navigable"}, 0, nil)})
	st.Issues = slices.DeleteFunc(st.Issues, func(x *issue) bool { return x == i })
	st.index = nil
}

// view is what webhooks show: version 2, in the site's zone.
func (s *Site) view() view {
	v := view{State: &s.state, opts: *s.options, zone: time.UTC}
	v.opts.HideEmails = v.opts.HideEmails || s.Faults.Has(vendor, "emails-hidden")
	return v
}

// asOf is an issue as a search index knows it that has seen nothing since at;
// nil if the issue is younger.
func (i *issue) asOf(at time.Time) *issue {
	if !i.Updated.After(at) {
		return i
	}
	if i.Created.After(at) {
		return nil
	}
	old := *i
	old.Values = maps.Clone(i.Values)
	old.Updated = i.Created
	for n, c := range slices.Backward(i.Changes) {
		if !c.At.After(at) {
			old.Updated = c.At
			break
		}
		for _, it := range c.Items {
			old.Values[it.Field] = it.From // of what is no field, nobody asks
			if it.Field == "Key" {
				old.Key = it.From[0]
			}
		}
		old.Changes = i.Changes[:n]
	}
	for _, c := range i.Comments {
		if !c.At.After(at) && c.At.After(old.Updated) {
			old.Updated = c.At
		}
	}
	return &old
}

// first is a list's first element, or nothing.
func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
