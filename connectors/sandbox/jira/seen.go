package jira

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// A Issue is an issue as a person sees it.
type Issue struct {
	ID           string
	Key          string
	Type         string
	RequestType  string
	Summary      string
	Description  string
	Status       string
	Priority     string
	Reporter     string // e-mail address
	Assignee     string // e-mail address
	Organization string
	Team         string
	Channel      string
	Labels       []string
	Fields       map[string]string // the other fields that are set: instants as RFC 3339 in UTC
	Created      time.Time
	Updated      time.Time
	Changes      int // entries of the changelog
	Comments     []Comment
	Links        []Link // remote links
}

// A Link is a remote link as a person sees it.
type Link struct {
	GlobalID     string
	Relationship string
	URL, Title   string
	Resolved     bool
}

// A Comment is a comment as a person sees it.
type Comment struct {
	By     string // e-mail address
	At     time.Time
	Body   string
	Public bool
}

// Issue reads an issue by key or id; false if there is none.
func (s *Site) Issue(key string) (Issue, bool) {
	s.Lock()
	defer s.Unlock()
	i := s.state.issue(key)
	if i == nil {
		return Issue{}, false
	}
	return s.state.seen(i), true
}

// Issues reads all issues, oldest first.
func (s *Site) Issues() []Issue {
	s.Lock()
	defer s.Unlock()
	var list []Issue
	for _, i := range s.state.Issues {
		list = append(list, s.state.seen(i))
	}
	return list
}

func (st *State) seen(i *issue) Issue {
	email := func(account string) string { u, _ := st.user(account); return u.Email }
	v := func(id string) string { return first(i.Values[id]) }
	var channel struct{ Value string }
	_ = json.Unmarshal(i.Properties["request.channel.type"], &channel) // absent: no channel
	out := Issue{
		ID: fmt.Sprint(i.ID), Key: i.Key, Type: v("issuetype"), RequestType: v(requestType), Summary: v("summary"), Description: v("description"),
		Status: v("status"), Priority: v("priority"), Reporter: email(v("reporter")), Assignee: email(v("assignee")),
		Organization: v(organizations), Team: v(team), Channel: channel.Value, Labels: slices.Clone(i.Values["labels"]),
		Fields: map[string]string{}, Created: i.Created, Updated: i.Updated, Changes: len(i.Changes),
	}
	for id := range maps.Keys(i.Values) {
		f := st.findField(id)
		if shown := []string{requestType, participants, organizations, team}; v(id) == "" || slices.Contains(shown, id) || !f.custom() && id != "duedate" {
			continue
		}
		out.Fields[id] = v(id)
		if f.kind() == "datetime" {
			out.Fields[id] = parseKept(v(id)).Format(time.RFC3339)
		}
	}
	for _, l := range i.Links {
		out.Links = append(out.Links, Link{l.GlobalID, l.Relationship, l.Object.URL, l.Object.Title, l.Object.Status != nil && l.Object.Status.Resolved})
	}
	for _, c := range i.Comments {
		out.Comments = append(out.Comments, Comment{By: email(c.By), At: c.At, Body: c.Body, Public: c.Public})
	}
	return out
}

// People are those who have an account, in the order in which they came.
func (s *Site) People() (list []User) {
	s.Lock()
	defer s.Unlock()
	for _, u := range s.state.Users {
		if !u.Inactive && !u.App && !u.Forgotten {
			u.Token = ""
			list = append(list, u)
		}
	}
	return list
}

// Offered are the values that a field may have: "priority", "status" or another
// with options, in Jira's order.
func (s *Site) Offered(field string) []string {
	s.Lock()
	defer s.Unlock()
	s.state.setUp()
	return slices.Clone(s.state.Choices[field])
}
