package zendesk

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
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

	"vigie/connectors/rest"
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

// by says who acts when author does something over a channel. An account that was ever
// staff acts as an agent. One of which nothing shows that is taken for a customer, also if
// Zendesk no longer knows it: a target must not count as met by a reply of nobody knows
// whom.
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

// A directory remembers accounts and names for ten minutes, also that there are none.
type directory struct {
	client *Client
	known  atomic.Value // our own account's id, for who mustn't wait

	mu            sync.Mutex
	self          string
	users         remembers[person]
	organizations remembers[string]
	agents        remembers[agent] // by address; without an id where there is none
	lists         time.Time        // when groups, forms and statuses were read
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
	Users         json.RawMessage `json:"users"`
	Organizations json.RawMessage `json:"organizations"`
}

type wireUser struct{ ID, Email, Role, Locale text }

func (u *wireUser) person() person {
	return person{email: string(u.Email), role: string(u.Role), locale: string(u.Locale)}
}

type wireOrganization struct{ ID, Name text }

// each decodes a list's items; one that isn't what it should be is left out.
func each[T any](items []json.RawMessage) []T {
	out := make([]T, 0, len(items))
	for _, raw := range items {
		var item T
		if json.Unmarshal(raw, &item) == nil {
			out = append(out, item)
		}
	}
	return out
}

// alongside are the items of a sideloaded list, which may be absent.
func alongside[T any](list json.RawMessage) []T {
	var items []json.RawMessage
	_ = decode(list, &items) // absent or odd: nothing came along
	return each[T](items)
}

// remember keeps the people and organisations that were sideloaded with tickets.
func (d *directory) remember(s sideloads) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.client.cfg.Now()
	if d.users == nil {
		d.users, d.organizations = remembers[person]{}, remembers[string]{}
	}
	for _, u := range alongside[wireUser](s.Users) {
		d.users.put(string(u.ID), u.person(), now)
	}
	for _, o := range alongside[wireOrganization](s.Organizations) {
		d.organizations.put(string(o.ID), string(o.Name), now)
	}
}

// forgetUser drops an account, so that it is asked for again.
func (d *directory) forgetUser(user string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.users, user)
}

// names returns the names behind ids, asking Zendesk for those that aren't remembered.
func (d *directory) names(ctx context.Context, users, organizations map[string]bool) (*names, error) {
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
		var found struct {
			Users []json.RawMessage `json:"users"`
		}
		if err := d.client.get(ctx, "/users/show_many.json?ids="+strings.Join(ids, ","), &found, "users"); err != nil {
			return nil, fmt.Errorf("read users: %w", err)
		}
		for _, id := range ids {
			d.users.put(id, person{}, now)
		}
		for _, u := range each[wireUser](found.Users) {
			d.users.put(string(u.ID), u.person(), now)
		}
	}
	for ids := range slices.Chunk(d.organizations.missing(organizations, now), perRequest) {
		var found struct {
			Organizations []json.RawMessage `json:"organizations"`
		}
		if err := d.client.get(ctx, "/organizations/show_many.json?ids="+strings.Join(ids, ","), &found, "organizations"); err != nil {
			return nil, fmt.Errorf("read organisations: %w", err)
		}
		for _, id := range ids {
			d.organizations.put(id, "", now)
		}
		for _, o := range each[wireOrganization](found.Organizations) {
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
		list, err := d.client.forms(ctx)
		if err != nil {
			return err
		}
		for _, f := range list {
			forms[string(f.ID)] = string(f.Name)
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

// errNobody: Zendesk answers as to somebody whom it doesn't know.
var errNobody error = stranger{}

type stranger struct{}

func (stranger) Error() string { return "the credentials belong to nobody" }
func (stranger) Denied() bool  { return true }

// self is the account whose credentials we have. Zendesk names nobody to somebody
// whom it doesn't know.
func (c *Client) self(ctx context.Context) (gozendesk.User, error) {
	var me struct {
		User json.RawMessage `json:"user"`
	}
	var user gozendesk.User
	if err := c.get(ctx, "/users/me.json", &me, "user"); err != nil {
		return user, fmt.Errorf("read own account: %w", err)
	}
	if !bytes.HasPrefix(me.User, []byte("{")) {
		return user, fmt.Errorf("read own account: %w", &rest.NotTheAPI{Method: "GET", Path: "/users/me.json", Was: `an object whose "user" is none`})
	}
	if _ = decode(me.User, &user); user.ID == 0 {
		return user, fmt.Errorf("read own account: %w", errNobody)
	}
	return user, nil
}

func (c *Client) groups(ctx context.Context) (map[string]string, error) {
	groups := map[string]string{}
	err := c.list(ctx, "/groups.json", "groups", func(raw json.RawMessage) {
		var g struct{ ID, Name text }
		if decode(raw, &g) == nil {
			groups[string(g.ID)] = string(g.Name)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	return groups, nil
}

type wireForm struct {
	ID     text `json:"id"`
	Name   text `json:"name"`
	Active text `json:"active"`
}

// forms are none in a plan that has none.
func (c *Client) forms(ctx context.Context) ([]wireForm, error) {
	var list struct {
		Forms []json.RawMessage `json:"ticket_forms"`
	}
	err := c.get(ctx, "/ticket_forms.json", &list, "ticket_forms")
	if err != nil && !refused(err, http.StatusForbidden, http.StatusNotFound) {
		return nil, fmt.Errorf("read ticket forms: %w", err)
	}
	return each[wireForm](list.Forms), nil
}

type wireField struct {
	ID     text `json:"id"`
	Type   text `json:"type"`
	Title  text `json:"title"`
	Active text `json:"active"`
}

func (c *Client) fields(ctx context.Context) ([]wireField, error) {
	var list struct {
		Fields []json.RawMessage `json:"ticket_fields"`
	}
	if err := c.get(ctx, "/ticket_fields.json", &list, "ticket_fields"); err != nil {
		return nil, fmt.Errorf("read ticket fields: %w", err)
	}
	return each[wireField](list.Fields), nil
}

// customStatuses are none in an account that hasn't turned them on.
func (c *Client) customStatuses(ctx context.Context) (map[string]customStatus, error) {
	var list struct {
		Statuses []json.RawMessage `json:"custom_statuses"`
	}
	err := c.get(ctx, "/custom_statuses.json", &list, "custom_statuses")
	if err != nil && !refused(err, http.StatusForbidden, http.StatusNotFound) {
		return nil, fmt.Errorf("read custom statuses: %w", err)
	}
	type status struct {
		ID       text `json:"id"`
		Label    text `json:"agent_label"`
		Category text `json:"status_category"`
	}
	statuses := map[string]customStatus{}
	for _, s := range each[status](list.Statuses) {
		statuses[string(s.ID)] = customStatus{name: string(s.Label), category: strings.ToLower(string(s.Category))}
	}
	return statuses, nil
}
