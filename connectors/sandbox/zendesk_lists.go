package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// one answers with a single object, or 404 where there is none.
func one[T any](key string, v *T) (any, *zendeskError) {
	if v == nil {
		return nil, errNotFound
	}
	return map[string]any{key: v}, nil
}

// many answers with those of up to 100 ids that exist.
func many[T any](c *zendeskCall, key string, find func(int64) *T) (any, *zendeskError) {
	ids, e := c.ids("ids")
	if e != nil {
		return nil, e
	}
	list := []*T{}
	for _, id := range ids {
		if v := find(id); v != nil && !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return map[string]any{key: list, "count": len(list), "next_page": nil, "previous_page": nil}, nil
}

// me is for strangers too, whom it names as nobody.
func (s *Sandbox) me(c *zendeskCall) (any, *zendeskError) {
	if s.anonymous() {
		return map[string]any{"user": map[string]any{"id": nil, "url": "", "name": "Anonymous user", "email": "invalid@example.com", "role": "end-user"}}, nil
	}
	return one("user", c.by.user)
}

func (s *Sandbox) getUser(c *zendeskCall) (any, *zendeskError) {
	return one("user", s.state.Zendesk.user(c.id()))
}

func (s *Sandbox) showManyUsers(c *zendeskCall) (any, *zendeskError) {
	return many(c, "users", s.state.Zendesk.user)
}

func (s *Sandbox) listUsers(c *zendeskCall) (any, *zendeskError) {
	return page(c, "users", slices.DeleteFunc(slices.Clone(s.state.Zendesk.Users), func(u *zendeskUser) bool { return u.Purged }))
}

func (s *Sandbox) getOrganization(c *zendeskCall) (any, *zendeskError) {
	return one("organization", s.state.Zendesk.organization(c.id()))
}

func (s *Sandbox) showManyOrganizations(c *zendeskCall) (any, *zendeskError) {
	return many(c, "organizations", s.state.Zendesk.organization)
}

func (s *Sandbox) listOrganizations(c *zendeskCall) (any, *zendeskError) {
	return page(c, "organizations", s.state.Zendesk.Organizations)
}

func (s *Sandbox) getGroup(c *zendeskCall) (any, *zendeskError) {
	return one("group", s.state.Zendesk.group(c.id()))
}

func (s *Sandbox) listGroups(c *zendeskCall) (any, *zendeskError) {
	return page(c, "groups", s.state.Zendesk.Groups)
}

func (s *Sandbox) getField(c *zendeskCall) (any, *zendeskError) {
	return one("ticket_field", s.state.Zendesk.field(c.id()))
}

func (s *Sandbox) listFields(c *zendeskCall) (any, *zendeskError) {
	return page(c, "ticket_fields", s.state.Zendesk.Fields)
}

// listForms is forbidden in plans without forms.
func (s *Sandbox) listForms(*zendeskCall) (any, *zendeskError) {
	if len(s.state.Zendesk.Forms) == 0 {
		return nil, errForbidden
	}
	return map[string]any{"ticket_forms": s.state.Zendesk.Forms}, nil
}

// listStatuses is not paged, says the API description.
func (s *Sandbox) listStatuses(*zendeskCall) (any, *zendeskError) {
	return map[string]any{"custom_statuses": s.state.Zendesk.Statuses}, nil
}

// fieldTypes are the types of custom ticket fields that can be created.
var fieldTypes = strings.Fields("text textarea checkbox date integer decimal regexp partialcreditcard multiselect tagger lookup")

func (s *Sandbox) postField(c *zendeskCall) (any, *zendeskError) {
	var in struct {
		Field struct {
			Type    string          `json:"type"`
			Title   string          `json:"title"`
			Options []zendeskOption `json:"custom_field_options"`
		} `json:"ticket_field"`
	}
	if e := c.decode(&in); e != nil {
		return nil, e
	}
	if in.Field.Title == "" {
		return nil, invalid("title", "Title: cannot be blank")
	}
	if !slices.Contains(fieldTypes, in.Field.Type) {
		return nil, invalid("type", "Type: is invalid")
	}
	f := s.addZendeskField(in.Field.Title, in.Field.Type)
	f.Options = in.Field.Options
	return zendeskAnswer{http.StatusCreated, map[string]any{"ticket_field": f}, f.URL}, nil
}
