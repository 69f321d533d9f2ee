package jira

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"vigie/connectors/rest"
)

// licensed stands before an account that is remembered for its licence: that counts
// only as long as no groups are configured, which say better who answers.
const licensed = "licence/"

// asksAgain is after how long the site is asked again who somebody is.
const asksAgain = 24 * time.Hour

// A standing is what the site said of a person, and when.
type standing struct {
	staff bool
	at    time.Time
}

// resolvePeople says who is who on some issues: by what each shows, what is remembered,
// and what the site tells of the others, which is asked once a day for each. What
// the issues show is remembered. Where the site can't be asked now, the issues that
// need it have no people.
func (c *Client) resolvePeople(ctx context.Context, v *vocabulary, records []*record) error {
	doubtful := map[string]*user{}
	var proven []string
	for _, r := range records {
		if r.err != nil || r.changelogCut || r.commentsCut || r.elsewhere {
			continue
		}
		r.people = v.people(r)
		proven = append(proven, r.people.proven()...)
		maps.Copy(doubtful, r.people.doubtful(r))
	}
	ids := slices.Sorted(maps.Keys(doubtful))
	roll := map[string]bool{}
	if c.cfg.Staff != nil {
		if err := c.remember(ctx, proven); err != nil {
			return err
		}
		names := ids
		if len(v.StaffGroups) == 0 {
			for _, id := range ids {
				names = append(names, licensed+id)
			}
		}
		known, err := c.cfg.Staff.Staff(ctx, names)
		if err != nil {
			return err
		}
		for id := range known {
			roll[strings.TrimPrefix(id, licensed)] = true
		}
	}
	for _, id := range proven { // on another of these issues
		roll[id] = true
	}
	var named []string
	var failed error
	open := map[string]bool{}
	for _, id := range ids {
		if roll[id] {
			continue
		}
		if failed != nil {
			open[id] = true
			continue
		}
		staff, err := c.standing(ctx, v, doubtful[id])
		if open[id], failed = err != nil, err; staff {
			roll[id] = true
			if len(v.StaffGroups) == 0 {
				id = licensed + id
			}
			named = append(named, id)
		}
	}
	for _, r := range records {
		if r.people == nil {
			continue
		}
		r.people.roll = roll
		for id := range r.people.doubtful(r) {
			if open[id] {
				r.people = nil
				break
			}
		}
	}
	if failed == nil && c.cfg.Staff != nil {
		failed = c.remember(ctx, named)
	}
	return failed
}

// remember remembers staff. Tickets that were told while one of them had shown
// nothing yet are to be read again.
func (c *Client) remember(ctx context.Context, ids []string) error {
	c.mu.Lock()
	var fresh, late []string
	for _, id := range ids {
		if !c.staff[id] && !slices.Contains(fresh, id) {
			fresh = append(fresh, id)
			if s, asked := c.standings[id]; asked && !s.staff {
				late = append(late, id)
			}
		}
	}
	c.mu.Unlock()
	if len(fresh) == 0 {
		return nil
	}
	if err := c.cfg.Staff.RememberStaff(ctx, fresh); err != nil {
		return err
	}
	if len(late) > 0 {
		if err := c.cfg.Staff.ReadAgain(ctx, late, c.cfg.Now()); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range fresh {
		c.staff[id] = true
		delete(c.standings, id)
	}
	return nil
}

// standing asks the site whether a person is staff: one of the configured groups,
// or where none is configured, somebody with an agent's licence of Service
// Management. That we aren't told, or that there is no such person any more, proves
// nothing, hence isn't staff.
func (c *Client) standing(ctx context.Context, v *vocabulary, u *user) (bool, error) {
	c.mu.Lock()
	s, asked := c.standings[u.id()]
	c.mu.Unlock()
	if asked && c.cfg.Now().Before(s.at.Add(asksAgain)) {
		return s.staff, nil
	}
	query := url.Values{"expand": {"groups,applicationRoles"}}
	switch {
	case v.cloud:
		query.Set("accountId", u.AccountID)
	case u.Name != "":
		query.Set("username", u.Name)
	default:
		query.Set("key", u.Key)
	}
	var person struct {
		Groups struct {
			Items []struct {
				Name string `json:"name"`
			} `json:"items"`
		} `json:"groups"`
		Roles struct {
			Items []struct {
				Key string `json:"key"`
			} `json:"items"`
		} `json:"applicationRoles"`
	}
	id := "accountId"
	if !v.cloud {
		id = "name"
	}
	err := within(ctx, c.patience(ctx), func(ctx context.Context) error {
		return c.call(ctx, "GET", "user?"+query.Encode(), nil, &person, id)
	})
	if errors.As(err, new(*ScopeError)) {
		err = nil
	}
	switch status(err) {
	case http.StatusForbidden, http.StatusNotFound, http.StatusBadRequest:
		if !errors.As(err, new(*StrangerError)) {
			err = nil
		}
	}
	if err != nil {
		return false, fmt.Errorf("ask who %s is: %w", cmp.Or(u.who(), u.id()), rest.Cause(err))
	}
	s = standing{at: c.cfg.Now()}
	for _, g := range person.Groups.Items {
		s.staff = s.staff || containsFold(v.StaffGroups, g.Name)
	}
	for _, r := range person.Roles.Items {
		s.staff = s.staff || len(v.StaffGroups) == 0 && r.Key == "jira-servicedesk"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.standings[u.id()] = s
	return s.staff, nil
}
