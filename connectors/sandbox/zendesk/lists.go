package zendesk

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
func (s *Desk) me(c *zendeskCall) (any, *zendeskError) {
	if s.anonymous() {
		return map[string]any{"user": map[string]any{"id": nil, "url": "", "name": "Anonymous user", "email": "invalid@example.com", "role": "end-user"}}, nil
	}
	return one("user", c.by.user)
}

func (s *Desk) getUser(c *zendeskCall) (any, *zendeskError) {
	return one("user", s.state.user(c.id()))
}

func (s *Desk) showManyUsers(c *zendeskCall) (any, *zendeskError) {
	return many(c, "users", s.state.user)
}

func (s *Desk) listUsers(c *zendeskCall) (any, *zendeskError) {
	return page(c, "users", slices.DeleteFunc(slices.Clone(s.state.Users), func(u *zendeskUser) bool { return u.Purged }))
}

func (s *Desk) getOrganization(c *zendeskCall) (any, *zendeskError) {
	return one("organization", s.state.organization(c.id()))
}

func (s *Desk) showManyOrganizations(c *zendeskCall) (any, *zendeskError) {
	return many(c, "organizations", s.state.organization)
}

func (s *Desk) listOrganizations(c *zendeskCall) (any, *zendeskError) {
	return page(c, "organizations", s.state.Organizations)
}

func (s *Desk) getGroup(c *zendeskCall) (any, *zendeskError) {
	return one("group", s.state.group(c.id()))
}

func (s *Desk) listGroups(c *zendeskCall) (any, *zendeskError) {
	return page(c, "groups", s.state.Groups)
}

func (s *Desk) getField(c *zendeskCall) (any, *zendeskError) {
	return one("ticket_field", s.state.field(c.id()))
}

func (s *Desk) listFields(c *zendeskCall) (any, *zendeskError) {
	return page(c, "ticket_fields", s.state.Fields)
}

// listForms is forbidden in plans without forms.
func (s *Desk) listForms(*zendeskCall) (any, *zendeskError) {
	if len(s.state.Forms) == 0 {
		return nil, errForbidden
	}
	return map[string]any{"ticket_forms": s.state.Forms}, nil
}

// listStatuses is not paged, says the API description.
func (s *Desk) listStatuses(*zendeskCall) (any, *zendeskError) {
	return map[string]any{"custom_statuses": s.state.Statuses}, nil
}

// fieldTypes are the types of custom ticket fields that can be created.
var fieldTypes = strings.Fields("text textarea checkbox date integer decimal regexp partialcreditcard multiselect tagger lookup")

func (s *Desk) postField(c *zendeskCall) (any, *zendeskError) {
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
