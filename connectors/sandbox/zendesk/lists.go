package zendesk

import (
	"net/http"
	"slices"
	"strings"
)

// one answers with a single object, or 404 where there is none.
func one[T any](key string, v *T) (any, *apiError) {
	if v == nil {
		return nil, errNotFound
	}
	return map[string]any{key: v}, nil
}

// many answers with those of up to 100 ids that exist.
func many[T any](c *call, key string, find func(int64) *T) (any, *apiError) {
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
func (d *Desk) me(c *call) (any, *apiError) {
	if d.anonymous() {
		return map[string]any{"user": map[string]any{"id": nil, "url": "", "name": "Anonymous user", "email": "invalid@example.com", "role": "end-user"}}, nil
	}
	return one("user", c.by.user)
}

func (d *Desk) getUser(c *call) (any, *apiError) {
	return one("user", d.state.user(c.id()))
}

func (d *Desk) showManyUsers(c *call) (any, *apiError) {
	return many(c, "users", d.state.user)
}

func (d *Desk) listUsers(c *call) (any, *apiError) {
	return page(c, "users", slices.DeleteFunc(slices.Clone(d.state.Users), func(u *user) bool { return u.Purged }))
}

func (d *Desk) getOrganization(c *call) (any, *apiError) {
	return one("organization", d.state.organization(c.id()))
}

func (d *Desk) showManyOrganizations(c *call) (any, *apiError) {
	return many(c, "organizations", d.state.organization)
}

func (d *Desk) listOrganizations(c *call) (any, *apiError) {
	return page(c, "organizations", d.state.Organizations)
}

func (d *Desk) getGroup(c *call) (any, *apiError) {
	return one("group", d.state.group(c.id()))
}

func (d *Desk) listGroups(c *call) (any, *apiError) {
	return page(c, "groups", d.state.Groups)
}

func (d *Desk) getField(c *call) (any, *apiError) {
	return one("ticket_field", d.state.field(c.id()))
}

func (d *Desk) listFields(c *call) (any, *apiError) {
	return page(c, "ticket_fields", d.state.Fields)
}

// listForms is forbidden in plans without forms.
func (d *Desk) listForms(*call) (any, *apiError) {
	if len(d.state.Forms) == 0 {
		return nil, errForbidden
	}
	return map[string]any{"ticket_forms": d.state.Forms}, nil
}

// listStatuses is not paged, says the API description.
func (d *Desk) listStatuses(*call) (any, *apiError) {
	return map[string]any{"custom_statuses": d.state.Statuses}, nil
}

// fieldTypes are the types of custom ticket fields that can be created.
var fieldTypes = strings.Fields("text textarea checkbox date integer decimal regexp partialcreditcard multiselect tagger lookup")

func (d *Desk) postField(c *call) (any, *apiError) {
	var in struct {
		Field struct {
			Type    string   `json:"type"`
			Title   string   `json:"title"`
			Options []option `json:"custom_field_options"`
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
	f := d.addField(in.Field.Title, in.Field.Type)
	f.Options = in.Field.Options
	return answer{http.StatusCreated, map[string]any{"ticket_field": f}, f.URL}, nil
}
