package jira

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	gojira "github.com/andygrunwald/go-jira"
	"golang.org/x/text/unicode/norm"

	"vigie/connectors/rest"
	"vigie/rules"
)

// A vocabulary is what Jira's words mean: the configuration, and what the site
// says of itself. It isn't changed once made.
type vocabulary struct {
	Config
	self     user
	cloud    bool
	site     string            // where people see it: not the address at which a token with scopes is taken
	fields   map[string]field  // by id
	ids      map[string]string // a field's name in lower case -> its id; empty where two share the name
	statuses map[string]string // a status's id, or its name in lower case -> its category's key
}

// A field is what GET /field says of one.
type field struct {
	Name   string
	Type   string // date, datetime, string, option, array, …
	Custom string // the last part of the custom type: "vp-origin", "datetime", …
}

// vocabularyNow returns the vocabulary, asking the site for it the first time.
func (c *Client) vocabularyNow(ctx context.Context) (*vocabulary, error) {
	c.mu.Lock()
	v := c.vocab
	c.mu.Unlock()
	if v != nil {
		return v, nil
	}
	return c.ask(ctx)
}

// ask makes a new vocabulary.
func (c *Client) ask(ctx context.Context) (*vocabulary, error) {
	if c.bad != nil {
		return nil, c.bad
	}
	v := &vocabulary{Config: c.cfg, fields: map[string]field{}, ids: map[string]string{}, statuses: map[string]string{}}

	if err := c.who(ctx, &v.self); err != nil {
		return nil, err
	}
	v.self.Locale = ""

	var list []gojira.Field
	err := c.call(ctx, "GET", "field", nil, &list)
	if err == nil && len(list) == 0 {
		err = &rest.NotTheAPI{Method: "GET", Path: "/field", Was: "a list without a field"}
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s for its fields: %w", c.cfg.Name, err)
	}
	for _, f := range list {
		v.fields[f.ID] = field{Name: f.Name, Type: f.Schema.Type, Custom: f.Schema.Custom[strings.LastIndexByte(f.Schema.Custom, ':')+1:]}
		name := strings.ToLower(f.Name)
		if _, twice := v.ids[name]; twice {
			v.ids[name] = ""
		} else {
			v.ids[name] = f.ID
		}
	}

	// An account or token that may not see the statuses leaves their names to go by.
	var statuses []gojira.Status
	if err := c.call(ctx, "GET", "status", nil, &statuses); err != nil && status(err) != http.StatusForbidden && status(err) != http.StatusNotFound {
		return nil, fmt.Errorf("ask %s for its statuses: %w", c.cfg.Name, err)
	}
	for _, s := range statuses {
		v.statuses[s.ID] = s.StatusCategory.Key
		v.statuses[strings.ToLower(s.Name)] = s.StatusCategory.Key
	}
	if err := c.askSite(ctx, v); err != nil {
		return nil, err
	}
	if err := c.learnProjects(ctx); err != nil {
		return nil, err
	}

	c.mu.Lock()
	c.vocab = v
	c.mu.Unlock()
	return v, nil
}

// askSite asks what kind of site it is, and where people see it. "Cloud" is what Cloud
// always says; a site that hides its kind is told by its credentials, since Data
// Center's tokens come without an e-mail, and by the gateway, which is Cloud's.
func (c *Client) askSite(ctx context.Context, v *vocabulary) error {
	var info struct {
		DeploymentType string `json:"deploymentType"`
		BaseURL        string `json:"baseUrl"`
		Version        string `json:"version"`
	}
	v.cloud, v.site = c.cfg.Email != "" || c.cfg.gateway(), c.cfg.URL
	err := c.call(ctx, "GET", "serverInfo", nil, &info)
	if err == nil && info.DeploymentType == "" && info.Version == "" {
		err = &rest.NotTheAPI{Method: "GET", Path: "/serverInfo", Was: "an object without a version"}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, new(*rest.NotTheAPI)):
		return fmt.Errorf("ask %s what it is: %w", c.cfg.Name, err)
	case err != nil:
		return nil
	}
	if info.DeploymentType != "" {
		v.cloud = info.DeploymentType == "Cloud"
	}
	if u, err := url.Parse(info.BaseURL); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
		v.site = info.BaseURL
	}
	return nil
}

// who asks which account is ours.
func (c *Client) who(ctx context.Context, me *user) error {
	err := c.call(ctx, "GET", "myself", nil, me)
	if err == nil && me.id() == "" {
		err = &rest.NotTheAPI{Method: "GET", Path: "/myself", Was: "an object without an account"}
	}
	if err != nil {
		return fmt.Errorf("ask %s for our account: %w", c.cfg.Name, err)
	}
	return nil
}

// signedIn asks whether Jira still knows who asks: the error is that it doesn't, or
// that it can't be asked.
func (c *Client) signedIn(ctx context.Context) error { return c.who(ctx, new(user)) }

// form says how a field holds an instant; empty where it can't, or isn't known.
func (v *vocabulary) form(id string) rules.DueForm {
	switch f := v.fields[id]; f.Type {
	case "date":
		return rules.DateForm
	case "datetime":
		return rules.DateTimeForm
	case "string":
		return rules.TextForm
	}
	return ""
}

// kind is the first configured kind that a label, the request type or the issue
// type stands for, however they are written: "Question générale" and "QUESTION
// GENERALE" are one.
func (v *vocabulary) kind(labels []string, requestType, issueType string) string {
	names := map[string]bool{plainly(requestType): true, plainly(issueType): true}
	for _, l := range labels {
		names[plainly(l)] = true
	}
	delete(names, "")
	for _, k := range v.Kinds {
		if names[plainly(k.From)] {
			return k.To
		}
	}
	return ""
}

// plainly is a name without case, accents and double spaces.
func plainly(name string) string {
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(strings.ToLower(name)))
	return strings.Join(strings.Fields(bare), " ")
}

// channel maps Service Management's request channel. "jira" is an agent who
// typed the issue in, which doesn't say how the customer came.
func (v *vocabulary) channel(name string) string {
	for from, to := range v.Channels {
		if strings.EqualFold(from, name) {
			return to
		}
	}
	switch strings.ToLower(name) {
	case "portal", "anonymousportal":
		return "web"
	case "email", "api":
		return strings.ToLower(name)
	}
	return ""
}

// labelledChannel is the channel that an agent's labels say, before what the
// request itself says; "" where they say none. Service desks know neither calls nor
// mails to a colleague's own address, so "phone" and "direct_mail" say so without
// configuration.
func (v *vocabulary) labelledChannel(labels []string) string {
	for _, l := range labels {
		for from, to := range v.Channels {
			if strings.EqualFold(from, l) {
				return to
			}
		}
		switch l = strings.ToLower(l); l {
		case "phone", "direct_mail":
			return l
		}
	}
	return ""
}

// priority is the policy's name of one of Jira's priorities. One that no policy
// names, as a site's own Blocker, is a person's choice all the same, and is handed
// on as it is: "jira:Blocker" where the policy calls another priority so.
func (v *vocabulary) priority(name string) string {
	if ours, ok := v.Priorities[strings.ToLower(name)]; ok || name == "" {
		return ours
	}
	for ours := range v.VendorPriority {
		if strings.EqualFold(ours, name) {
			return "jira:" + name
		}
	}
	return name
}

// A part says which of a ticket's attributes a field of Jira's holds.
type part string

const (
	statusPart       part = "status"
	priorityPart     part = "priority"
	labelsPart       part = "labels"
	assigneePart     part = "assignee"
	issueTypePart    part = "issuetype"
	requestTypePart  part = "request type"
	organizationPart part = "organization"
	groupPart        part = "group"
	summaryPart      part = "summary"
	descriptionPart  part = "description"
	attachmentPart   part = "attachment"
	fieldPart        part = "field"
	noPart           part = ""
)

// part says what the field with that id is to us. Every custom field and the
// due date are fields that a policy can ask for.
func (v *vocabulary) part(id string) part {
	if v.Group != "" && (id == v.Group || id == "components" && v.Group == "component") {
		return groupPart
	}
	switch p := part(id); p {
	case statusPart, priorityPart, labelsPart, assigneePart, issueTypePart, summaryPart, descriptionPart, attachmentPart:
		return p
	}
	switch v.fields[id].Custom {
	case "vp-origin", "sd-request-type":
		return requestTypePart
	case "sd-customer-organizations":
		return organizationPart
	}
	if strings.HasPrefix(id, "customfield_") || id == "duedate" {
		return fieldPart
	}
	return noPart
}

// ofCustomers says that a change is one that the portal lets customers make, too.
func (v *vocabulary) ofCustomers(it item) bool {
	p := v.part(v.fieldID(it))
	return p == statusPart || p == attachmentPart
}

// participants are the fields that hold a request's participants.
func (v *vocabulary) participants() (ids []string) {
	for id, f := range v.fields {
		if f.Custom == "sd-request-participants" {
			ids = append(ids, id)
		}
	}
	return ids
}

// find returns the ids of the fields that hold a part, in order.
func (v *vocabulary) find(p part) []string {
	var ids []string
	for id := range v.fields {
		if v.part(id) == p {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// fieldID names the field of a changelog item. Data Center gives its display
// name only: the system fields' are their ids but for a few.
func (v *vocabulary) fieldID(i item) string {
	if i.FieldID != "" {
		return i.FieldID
	}
	name := strings.ToLower(i.Field)
	switch name {
	case "component":
		return "components"
	case "issue type":
		return "issuetype"
	case "due date":
		return "duedate"
	}
	if i.FieldType == "custom" {
		return v.ids[name]
	}
	return name
}
