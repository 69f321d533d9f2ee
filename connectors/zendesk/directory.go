package zendesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	gozendesk "github.com/nukosuke/go-zendesk/zendesk"

	"vigie/rules"
)

const (
	remembered = 10 * time.Minute // how long a role or a name may be out of date
	perRequest = 100              // ids of a show_many, rows of an update_many
	maxPages   = 1000             // of one list; more is a list that doesn't end
)

// names is what the directory knew when a history was told: who and what is
// behind the ids.
type names struct {
	self          string // the id of our own account
	automations   []string
	users         map[string]person
	groups        map[string]string
	organizations map[string]string
	forms         map[string]string
	statuses      map[string]customStatus
	staff         map[string]bool       // accounts that are or once were staff
	closed        map[string]wireTicket // the tickets before follow-ups
}

type person struct{ email, role, locale string }

// staff says that the role answers customers today.
func (p person) staff() bool { return p.role == "agent" || p.role == "admin" }

type customStatus struct{ name, category string }

// by says who acts when that author does something over that channel. Who was once
// staff acts as an agent; an account of which nothing shows that is taken for a
// customer, also if Zendesk no longer knows it: nobody's answer keeps a promise.
func (n *names) by(author, via string) string {
	p := n.users[author]
	switch {
	case via == "rule", via == "system", text(author).id() == "", author == system:
		return rules.ByAutomation
	case author == n.self:
		return rules.ByVigie
	case n.automation(author):
		return rules.ByAutomation
	case p.staff(), n.staff[author]:
		return rules.ByAgent
	}
	return rules.ByCustomer
}

// automation says that the configuration lists the account, by its address or its id.
func (n *names) automation(id string) bool {
	email := n.users[id].email
	return slices.ContainsFunc(n.automations, func(a string) bool { return a == id || email != "" && strings.EqualFold(a, email) })
}

// group, organization and email fall back on the id: that something changed
// hands is never lost with a name.
func (n *names) group(id string) string        { return cmp.Or(n.groups[id], id) }
func (n *names) organization(id string) string { return cmp.Or(n.organizations[id], id) }
func (n *names) email(id string) string        { return cmp.Or(n.users[id].email, id) }

// A directory remembers accounts and names for a few minutes, absent ones too.
type directory struct {
	client *Client
	known  atomic.Value // our own account's id, for who mustn't wait

	mu            sync.Mutex
	self          string
	users         remembers[person]
	organizations remembers[string]
	lists         time.Time // when groups, forms and statuses were read
	groups        map[string]string
	forms         map[string]string
	statuses      map[string]customStatus
}

// remembers has answers by id, each with the time until which it holds.
type remembers[T any] map[string]struct {
	value T
	until time.Time
}

// forget drops what no longer holds.
func (k remembers[T]) forget(now time.Time) {
	for id, e := range k {
		if !now.Before(e.until) {
			delete(k, id)
		}
	}
}

// missing are the ids to ask for.
func (k remembers[T]) missing(ids map[string]bool, now time.Time) []string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		if e, ok := k[id]; !ok || !now.Before(e.until) {
			out = append(out, id)
		}
	}
	return out
}

func (k remembers[T]) put(id string, v T, now time.Time) {
	k[id] = struct {
		value T
		until time.Time
	}{v, now.Add(remembered)}
}

func (k remembers[T]) pick(ids map[string]bool) map[string]T {
	out := make(map[string]T, len(ids))
	for id := range ids {
		out[id] = k[id].value
	}
	return out
}

// sideloads are people and organisations that come along with tickets.
type sideloads struct {
	Users         []struct{ ID, Email, Role, Locale text } `json:"users"`
	Organizations []struct{ ID, Name text }                `json:"organizations"`
}

// learn remembers what came along with tickets.
func (d *directory) learn(s sideloads) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.client.cfg.Now()
	if d.users == nil {
		d.users, d.organizations = remembers[person]{}, remembers[string]{}
	}
	for _, u := range s.Users {
		d.users.put(string(u.ID), person{email: string(u.Email), role: string(u.Role), locale: string(u.Locale)}, now)
	}
	for _, o := range s.Organizations {
		d.organizations.put(string(o.ID), string(o.Name), now)
	}
}

// look returns the names behind the ids, asking Zendesk for those that aren't
// remembered.
func (d *directory) look(ctx context.Context, users, organizations map[string]bool) (*names, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.client.cfg.Now()
	if err := d.readLists(ctx, now); err != nil {
		return nil, err
	}
	if d.users == nil {
		d.users, d.organizations = remembers[person]{}, remembers[string]{}
	}
	for ids := range slices.Chunk(d.users.missing(users, now), perRequest) {
		found, _, err := d.client.api.GetManyUsers(ctx, &gozendesk.GetManyUsersOptions{IDs: strings.Join(ids, ",")})
		if err != nil {
			return nil, fmt.Errorf("read users: %w", plain(err))
		}
		for _, id := range ids {
			d.users.put(id, person{}, now)
		}
		for _, u := range found {
			d.users.put(strconv.FormatInt(u.ID, 10), person{email: u.Email, role: u.Role, locale: u.Locale}, now)
		}
	}
	for ids := range slices.Chunk(d.organizations.missing(organizations, now), perRequest) {
		var found struct {
			Organizations []struct{ ID, Name text } `json:"organizations"`
		}
		if err := d.client.get(ctx, "/organizations/show_many.json?ids="+strings.Join(ids, ","), &found); err != nil {
			return nil, fmt.Errorf("read organisations: %w", err)
		}
		for _, id := range ids {
			d.organizations.put(id, "", now)
		}
		for _, o := range found.Organizations {
			d.organizations.put(string(o.ID), string(o.Name), now)
		}
	}
	return &names{
		self: d.self, automations: d.client.cfg.Automations,
		users: d.users.pick(users), organizations: d.organizations.pick(organizations),
		groups: d.groups, forms: d.forms, statuses: d.statuses, // replaced, never changed
	}, nil
}

// readLists reads what is listed whole: our own account, groups, and forms and
// custom statuses where the configuration speaks of such.
func (d *directory) readLists(ctx context.Context, now time.Time) error {
	if !d.lists.IsZero() && now.Before(d.lists.Add(remembered)) {
		return nil
	}
	d.users.forget(now)
	d.organizations.forget(now)
	self, err := d.client.self(ctx)
	if err != nil {
		return err
	}
	groups, err := d.client.groups(ctx)
	if err != nil {
		return err
	}
	forms := map[string]string{}
	if len(d.client.cfg.Kinds) > 0 {
		list, _, err := d.client.api.GetTicketForms(ctx, nil)
		if err != nil && !refused(err, http.StatusForbidden, http.StatusNotFound) { // not in every plan
			return fmt.Errorf("read ticket forms: %w", plain(err))
		}
		for _, f := range list {
			forms[strconv.FormatInt(f.ID, 10)] = f.Name
		}
	}
	statuses := map[string]customStatus{}
	if len(d.client.cfg.Status) > 0 {
		if statuses, err = d.client.customStatuses(ctx); err != nil {
			return err
		}
	}
	d.known.Store(strconv.FormatInt(self.ID, 10))
	d.self, d.groups, d.forms, d.statuses, d.lists = strconv.FormatInt(self.ID, 10), groups, forms, statuses, now
	return nil
}

var errNobody = errors.New("the credentials belong to nobody")

// self is the account whose credentials we have.
func (c *Client) self(ctx context.Context) (gozendesk.User, error) {
	var me struct {
		User gozendesk.User `json:"user"`
	}
	if err := c.get(ctx, "/users/me.json", &me); err != nil {
		return me.User, fmt.Errorf("read own account: %w", err)
	}
	if me.User.ID == 0 { // what Zendesk shows to somebody it doesn't know
		return me.User, fmt.Errorf("read own account: %w", errNobody)
	}
	return me.User, nil
}

func (c *Client) groups(ctx context.Context) (map[string]string, error) {
	groups := map[string]string{}
	opts := gozendesk.GroupListOptions{PageOptions: gozendesk.PageOptions{PerPage: perRequest}}
	for opts.Page = 1; opts.Page <= maxPages; opts.Page++ {
		list, page, err := c.api.GetGroups(ctx, &opts)
		if err != nil {
			return nil, fmt.Errorf("read groups: %w", plain(err))
		}
		for _, g := range list {
			groups[strconv.FormatInt(g.ID, 10)] = g.Name
		}
		if !page.HasNext() || len(list) == 0 {
			break
		}
	}
	return groups, nil
}

// customStatuses are none in an account that hasn't turned them on.
func (c *Client) customStatuses(ctx context.Context) (map[string]customStatus, error) {
	var list struct {
		Statuses []struct {
			ID       text `json:"id"`
			Label    text `json:"agent_label"`
			Category text `json:"status_category"`
		} `json:"custom_statuses"`
	}
	err := c.get(ctx, "/custom_statuses.json", &list)
	if err != nil && !refused(err, http.StatusForbidden, http.StatusNotFound) {
		return nil, fmt.Errorf("read custom statuses: %w", err)
	}
	statuses := map[string]customStatus{}
	for _, s := range list.Statuses {
		statuses[string(s.ID)] = customStatus{name: string(s.Label), category: strings.ToLower(string(s.Category))}
	}
	return statuses, nil
}
