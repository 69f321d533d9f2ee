package jira

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"vigie/connectors/sandbox/stage"
)

// What administrators do over the API: permissions, fields, webhooks.

// The permissions that can be asked about here, with their names.
var permissions = map[string]string{
	"BROWSE_PROJECTS": "Browse Projects", "EDIT_ISSUES": "Edit Issues", "ADMINISTER_PROJECTS": "Administer Projects",
	"ADMINISTER": "Administer Jira", "CREATE_ISSUES": "Create Issues", "ADD_COMMENTS": "Add Comments", "LINK_ISSUES": "Link Issues",
	"USER_PICKER": "Browse users and groups",
}

func (c *call) may(permission string) bool {
	o := c.s.options
	return !slices.Contains(o.Lacks, permission) && !(o.NotAdmin && strings.HasPrefix(permission, "ADMINISTER"))
}

// issue is one by its key or id, as far as the caller sees it: what isn't shown isn't
// there.
func (c *call) issue(ref string) *issue {
	if !c.may("BROWSE_PROJECTS") || c.stranger {
		return nil
	}
	i := c.s.state.issue(ref)
	if i != nil && c.hides(i) {
		return nil
	}
	return i
}

// hidden says that the caller isn't shown a project, and hides that he isn't shown an
// issue of one.
func (c *call) hidden(p *project) bool {
	return c.stranger || p != nil && slices.ContainsFunc(c.s.options.Hidden, p.called)
}

func (c *call) hides(i *issue) bool {
	return c.hidden(c.s.state.findProject(first(i.Values["project"])))
}

// readProject shows a project under the key that it has, whichever of its keys it is
// asked for by; with expand=projectKeys all that it ever had.
func readProject(c *call) (int, any) {
	p := c.s.state.findProject(c.PathValue("project"))
	if p == nil || c.hidden(p) || !c.may("BROWSE_PROJECTS") {
		return refuse(http.StatusNotFound, fmt.Sprintf("No project could be found with key '%s'.", c.PathValue("project")))
	}
	o := object{"id": strconv.Itoa(p.ID), "key": p.Key, "name": p.Name, "self": c.view.self("/project/%d", p.ID), "projectTypeKey": "service_desk", "simplified": false}
	if slices.Contains(c.list("expand"), "projectKeys") {
		o["projectKeys"] = append(slices.Clone(p.OldKeys), p.Key)
	}
	return http.StatusOK, o
}

// readPermissions tells of the permissions asked for; Data Center of all, whatever
// it is asked.
func readPermissions(c *call) (int, any) {
	v := c.URL.Query()
	if key := v.Get("projectKey"); key != "" && (c.s.state.findProject(key) == nil || c.hidden(c.s.state.findProject(key)) || !c.may("BROWSE_PROJECTS")) {
		return refuse(http.StatusNotFound, fmt.Sprintf("No project could be found with key '%s'.", key))
	}
	asked := splitList(v.Get("permissions"))
	if c.s.options.DataCenter {
		asked = asked[:0]
		for key := range permissions {
			asked = append(asked, key)
		}
	} else if len(asked) == 0 {
		return refuse(http.StatusBadRequest, "The 'permissions' query parameter is required.")
	}
	out := object{}
	for _, key := range asked {
		name, ok := permissions[key]
		if !ok {
			return refuse(http.StatusBadRequest, "Unrecognized permission: "+key)
		}
		kind := "PROJECT"
		if key == "ADMINISTER" || key == "USER_PICKER" {
			kind = "GLOBAL"
		}
		out[key] = object{"id": strconv.Itoa(1 + len(out)), "key": key, "name": name, "type": kind, "description": "", "havePermission": c.may(key)}
	}
	return http.StatusOK, object{"permissions": out}
}

// readProjectStatuses lists the site's issue types, each with all its statuses: one
// workflow serves all.
func readProjectStatuses(c *call) (int, any) {
	st := &c.s.state
	if p := st.findProject(c.PathValue("project")); p == nil || c.hidden(p) || !c.may("BROWSE_PROJECTS") {
		return refuse(http.StatusNotFound, fmt.Sprintf("No project could be found with key '%s'.", c.PathValue("project")))
	}
	list := []object{}
	for _, kind := range st.Choices["issuetype"] {
		var statuses []object
		for _, name := range st.Choices["status"] {
			status := c.view.status(name)
			status["iconUrl"] = c.view.site("/images/icons/status.png")
			statuses = append(statuses, status)
		}
		id := st.choiceID("issuetype", kind)
		list = append(list, object{"id": id, "name": kind, "self": c.view.site("/rest/api/2/issuetype/%s", id), "subtask": false, "statuses": statuses})
	}
	return http.StatusOK, list
}

func readStatuses(c *call) (int, any) {
	list := []object{}
	for _, name := range c.s.state.Choices["status"] {
		list = append(list, c.view.status(name))
	}
	return http.StatusOK, list
}

// readPriorities lists the site's, the most urgent first.
func readPriorities(c *call) (int, any) {
	st := &c.s.state
	list := []object{}
	for _, name := range st.Choices["priority"] {
		id := st.choiceID("priority", name)
		o := object{"self": c.view.self("/priority/%s", id), "id": id, "name": name, "description": "", "statusColor": "#999999", "iconUrl": c.view.site("/images/icons/priority.svg")}
		if !c.s.options.DataCenter {
			o["isDefault"] = name == "Medium"
		}
		list = append(list, o)
	}
	return http.StatusOK, list
}

// readServiceDesks lists Service Management's projects: all, here.
func readServiceDesks(c *call) (int, any) {
	values := []object{}
	for n, p := range c.s.state.Projects {
		id := strconv.Itoa(n + 1)
		values = append(values, object{"id": id, "projectId": strconv.Itoa(p.ID), "projectName": p.Name, "projectKey": p.Key,
			"_links": object{"self": c.view.site("/rest/servicedeskapi/servicedesk/%s", id)}})
	}
	return c.pageOf(values, "/rest/servicedeskapi/servicedesk")
}

// readRequestTypes lists a service desk's: those of the site, here.
func readRequestTypes(c *call) (int, any) {
	st := &c.s.state
	desk := c.PathValue("desk")
	if n, err := strconv.Atoi(desk); err != nil || n < 1 || n > len(st.Projects) {
		return refuseRequest(http.StatusNotFound, "sd.servicedesk.error.not.found", "The service desk doesn't exist.")
	}
	values := []object{}
	for _, name := range st.Choices[requestType] {
		id := st.choiceID(requestType, name)
		values = append(values, object{"_expands": []string{"field"}, "id": id, "name": name, "description": "", "helpText": "", "issueTypeId": "10004",
			"serviceDeskId": desk, "portalId": desk, "groupIds": []string{}, "_links": object{"self": c.view.site("/rest/servicedeskapi/servicedesk/%s/requesttype/%s", desk, id)}})
	}
	return c.pageOf(values, "/rest/servicedeskapi/servicedesk/"+desk+"/requesttype")
}

// pageOf is a page of a list of Service Management's, of fifty at most.
func (c *call) pageOf(values []object, path string) (int, any) {
	limit := min(max(1, c.number("limit", 50)), 50)
	start := min(c.number("start", 0), len(values))
	page := stage.Section(values, start, limit)
	return http.StatusOK, object{"_expands": []string{}, "size": len(page), "start": start, "limit": limit, "isLastPage": start+len(page) == len(values),
		"_links": object{"self": c.view.site("%s", path), "base": c.view.site(""), "context": ""}, "values": page}
}

// customTypes are the types of custom fields that can be made here, with their
// schemas and what may search them.
var customTypes = map[string]struct{ schema, searcher string }{
	"datetime": {"datetime", "datetimerange"}, "datepicker": {"date", "daterange"},
	"textfield": {"string", "textsearcher"},
}

func createField(c *call) (int, any) {
	const prefix = "com.atlassian.jira.plugin.system.customfieldtypes:"
	var in struct{ Name, Description, Type, SearcherKey string }
	if !c.decode(&in) {
		return badPayload()
	}
	if !c.may("ADMINISTER") { // 400, says the description, not 403
		return refuse(http.StatusBadRequest, "You do not have permission to create custom fields.")
	}
	kind, ok := customTypes[strings.TrimPrefix(in.Type, prefix)]
	switch {
	case in.Name == "":
		return refuseFields(map[string]string{"name": "You must specify a name."})
	case !ok || !strings.HasPrefix(in.Type, prefix):
		return refuseFields(map[string]string{"type": "Invalid custom field type."})
	case in.SearcherKey != "" && in.SearcherKey != prefix+kind.searcher:
		return refuseFields(map[string]string{"searcherKey": "The searcher is not valid for the type."})
	}
	st := &c.s.state
	number := st.nextID()
	for st.findField(customField(number)) != nil {
		number = st.nextID()
	}
	f := field{ID: customField(number), Name: in.Name, Schema: schema{Type: kind.schema, Custom: in.Type, CustomID: number}}
	f.Fixed = true // it is on no screen
	st.Fields = append(st.Fields, f)
	c.s.Changed()
	return http.StatusCreated, c.field(f)
}

func customField(number int) string { return "customfield_" + strconv.Itoa(number) }

// readEditmeta shows what can be written into an issue: what is on its edit screen.
func readEditmeta(c *call) (int, any) {
	if c.issue(c.PathValue("key")) == nil {
		return noIssue()
	}
	fields := object{}
	for _, f := range c.s.state.fields() {
		if !editable(&f) || !c.may("EDIT_ISSUES") {
			continue
		}
		fields[f.ID] = object{"key": f.ID, "name": f.Name, "required": f.ID == "summary", "schema": f.Schema, "operations": []string{"set"}}
	}
	return http.StatusOK, object{"fields": fields}
}

// addToDefaultScreen puts a made field on the one screen that all projects have
// here.
func addToDefaultScreen(c *call) (int, any) {
	if !c.may("ADMINISTER") {
		return refuse(http.StatusForbidden, "Only Jira administrators can add fields to screens.")
	}
	fields := c.s.state.Fields
	i := slices.IndexFunc(fields, func(f field) bool { return f.ID == c.PathValue("field") && f.Fixed })
	if i < 0 {
		return refuse(http.StatusNotFound, "The field is not found, or is there already.")
	}
	fields[i].Fixed = false
	c.s.Changed()
	return http.StatusOK, object{}
}

// hasField is for acts of people, which come without the lock.
func (s *Site) hasField(id string) bool {
	s.Lock()
	defer s.Unlock()
	return s.state.findField(id) != nil
}
