package jira

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/rest"
)

// What people chose in the chat, an assignee and a priority.
//
// Jira refuses no edit for what was changed meanwhile. So an issue is looked at just
// before it is assigned, and left alone if it is another's than when it was read.
//
// Whose choice a priority was stands in the history metadata of the edit, which every
// entry of a changelog shows that has some, in Cloud and in Data Center. A note or an
// issue property would say it of the issue, not of the change.

// chosenType is the type of the metadata of what Vigie writes for somebody.
const chosenType = "vigie"

func chosen(by string) historyMetadata {
	m := historyMetadata{Type: chosenType}
	m.Actor.ID, m.Actor.Name = chosenType, desk.Chooser(by)
	return m
}

// An assignable is what the site said of an address, for a while.
type assignable struct {
	user  *user // nil: nobody to whom issues can be given
	until time.Time
}

const (
	remembersAssignees = 10 * time.Minute
	mostAssignees      = 1000
)

// assignee is whom an edit assigns its issue to, nil for nobody. It is desk.ErrNobody if
// the site has no such account, or none to whom the issue can be given, and
// desk.ErrChanged if the issue is another's than when it was read.
func (c *Client) assignee(ctx context.Context, v *vocabulary, e desk.Edit) (to *user, err error) {
	if *e.Assign != "" {
		if to, err = c.findAssignee(ctx, v, e.ID, *e.Assign); err != nil {
			return nil, err
		}
		if to == nil {
			return nil, desk.ErrNobody
		}
	}
	var i issue
	if err := c.call(ctx, "GET", "issue/"+url.PathEscape(e.ID)+"?fields=assignee", nil, &i, "key", "fields"); err != nil {
		if status(err) != http.StatusNotFound {
			return nil, err
		}
		if err := c.signedIn(ctx); err != nil { // strangers are told that it isn't there
			return nil, err
		}
		return nil, desk.ErrUntouchable
	}
	is := read[*user](&i, "assignee")
	if is.id() != to.id() && !strings.EqualFold(is.who(), e.Assigned) {
		return nil, desk.ErrChanged
	}
	return to, nil
}

// findAssignee asks who of an address can be given an issue, once in a while for each of
// a project. The site finds people by the beginning of their names and addresses, and
// hides the addresses of some: somebody without one is taken for the one who was asked
// for if nobody else was found.
func (c *Client) findAssignee(ctx context.Context, v *vocabulary, issue, address string) (*user, error) {
	address = strings.TrimSpace(address)
	key, now := prefix(issue)+" "+strings.ToLower(address), c.cfg.Now()
	c.mu.Lock()
	known, asked := c.assignees[key]
	c.mu.Unlock()
	if asked && now.Before(known.until) {
		return known.user, nil
	}
	query := url.Values{"issueKey": {issue}, "maxResults": {"50"}}
	switch {
	case !v.cloud:
		query.Set("username", address)
	case strings.Contains(address, "@"):
		query.Set("query", address)
	default:
		query.Set("accountId", address)
	}
	var list []struct {
		user
		Active *bool `json:"active"`
	}
	err := within(ctx, c.patience(ctx), func(ctx context.Context) error {
		return c.call(ctx, "GET", "user/assignable/search?"+query.Encode(), nil, &list)
	})
	switch s := status(err); {
	case errors.As(err, new(*StrangerError)):
		return nil, err
	case s == http.StatusBadRequest || s == http.StatusForbidden:
		c.cfg.Log.Warn("the site doesn't say who can be given issues", "source", c.cfg.Name, "err", err)
	case err != nil:
		return nil, fmt.Errorf("look for whom to assign it to: %w", err)
	}
	var to, hidden *user
	for n := range list {
		switch u := &list[n].user; {
		case list[n].Active != nil && !*list[n].Active, u.AccountType == "customer", u.AccountType == "app":
		case containsFold([]string{u.Email, u.AccountID, u.Name}, address):
			to = u
		case u.Email == "" && len(list) == 1:
			hidden = u
		}
	}
	if to == nil {
		to = hidden
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.assignees) >= mostAssignees {
		clear(c.assignees)
	}
	c.assignees[key] = assignable{to, now.Add(remembersAssignees)}
	return to, nil
}

// asAssignee is a user as Jira takes one; null for nobody.
func (v *vocabulary) asAssignee(u *user) any {
	switch {
	case u == nil:
		return nil
	case v.cloud:
		return map[string]string{"accountId": u.AccountID}
	}
	return map[string]string{"name": u.Name}
}

// refusesAssignee says that Jira refused an edit for whom it assigns the issue to.
func refusesAssignee(err error) bool {
	var s *rest.StatusError
	return errors.As(err, &s) && bytes.Contains(s.Body, []byte(`"assignee"`))
}
