package jira

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"cmp"
)

// issueUpdate is the body of a creation, an edit and a transition.
type issueUpdate struct {
	Fields     map[string]json.RawMessage              `json:"fields"`
	Update     map[string][]map[string]json.RawMessage `json:"update"`
	Transition *struct {
		ID string `json:"id"`
	} `json:"transition"`
	Properties []struct {
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	} `json:"properties"`
	HistoryMetadata json.RawMessage `json:"historyMetadata"`
}

// values are what an update makes of an issue's fields; from are their values
// now. errors has a message per refused field, conflicts messages of its own.
func (u issueUpdate) values(st *State, from map[string][]string, rich bool, settable func(*field) bool) (values map[string][]string, errors map[string]string, conflicts []string) {
	values, errors = map[string][]string{}, map[string]string{}
	field := func(id string) *field {
		f := st.findField(id)
		if f == nil || !settable(f) {
			errors[id] = fmt.Sprintf("Field '%s' cannot be set. It is not on the appropriate screen, or unknown.", id)
			return nil
		}
		return f
	}
	for id, raw := range u.Fields {
		if u.Update[id] != nil {
			conflicts = append(conflicts, fmt.Sprintf("Field '%s' cannot appear in both 'fields' and 'update'", id))
		}
		if f := field(id); f != nil {
			var refusal string
			if values[id], refusal = st.read(f, raw, rich); refusal != "" {
				errors[id] = refusal
			}
		}
	}
	for id, operations := range u.Update {
		f := field(id)
		if f == nil {
			continue
		}
		value := from[id]
		for _, operation := range operations {
			for verb, raw := range operation {
				var refusal string
				if value, refusal = st.operate(f, value, verb, raw, rich); refusal != "" {
					errors[id] = refusal
				}
			}
		}
		values[id] = value
	}
	return values, errors, conflicts
}

// operate applies one verb of an update: set to any field, add and remove to
// labels.
func (st *State) operate(f *field, value []string, verb string, raw json.RawMessage, rich bool) (result []string, refusal string) {
	if verb == "set" {
		return st.read(f, raw, rich)
	}
	if f.ID != "labels" || verb != "add" && verb != "remove" {
		return value, fmt.Sprintf("Field does not support operation '%s'", verb)
	}
	var label string
	if json.Unmarshal(raw, &label) != nil {
		return value, "string expected"
	}
	if _, refusal := st.labels([]string{label}); refusal != "" {
		return value, refusal
	}
	if verb == "add" {
		return relabel(value, []string{label}, nil), ""
	}
	return relabel(value, nil, []string{label}), ""
}

// refusal is the answer to an update that can't be made, if it can't.
func refusal(errors map[string]string, conflicts []string) (status int, body any, refused bool) {
	if len(errors) == 0 && len(conflicts) == 0 {
		return 0, nil, false
	}
	slices.Sort(conflicts)
	return http.StatusBadRequest, object{"errorMessages": append([]string{}, conflicts...), "errors": errors}, true
}

func editable(f *field) bool { return !f.Fixed }

// editIssue changes an issue, in one entry of the changelog. For lack of an
// administrator's rights an edit without notifications is answered like any
// other and not made, as the documentation of notifyUsers has it.
func editIssue(c *call) (int, any) {
	var u issueUpdate
	if !c.decode(&u) {
		return badPayload()
	}
	i := c.issue(c.PathValue("key"))
	if i == nil {
		return noIssue()
	}
	values, errors, conflicts := u.values(&c.s.state, i.Values, c.view.rich, editable)
	if len(i.Values["summary"]) > 0 && values["summary"] == nil && u.Fields["summary"] != nil {
		errors["summary"] = "You must specify a summary of the issue."
	}
	if who, ok := c.s.state.user(first(values["assignee"])); ok && !who.assignable() {
		errors["assignee"] = fmt.Sprintf("User '%s' cannot be assigned issues.", who.Name)
	}
	if status, body, refused := refusal(errors, conflicts); refused {
		return status, body
	}
	if !(c.s.options.NotAdmin && c.URL.Query().Get("notifyUsers") == "false") {
		before := len(i.Changes)
		c.s.changeIssue(i, c.me.AccountID, values)
		if n := len(i.Changes); n > before && string(u.HistoryMetadata) != "null" {
			i.Changes[n-1].Metadata = u.HistoryMetadata
		}
		for _, p := range u.Properties {
			if i.Properties == nil {
				i.Properties = map[string]json.RawMessage{}
			}
			i.Properties[p.Key] = p.Value
			c.s.Changed()
		}
	}
	if c.URL.Query().Get("returnIssue") == "true" {
		return http.StatusOK, c.view.shown(i, wanted{"*all"}, 0, nil)
	}
	return http.StatusNoContent, nil
}

func createIssue(c *call) (int, any) {
	var u issueUpdate
	if !c.decode(&u) {
		return badPayload()
	}
	st := &c.s.state
	var project struct{ ID, Key string }
	_ = json.Unmarshal(u.Fields["project"], &project) // absent or wrong: no such project
	p := st.findProject(cmp.Or(project.Key, project.ID))
	delete(u.Fields, "project")
	values, errors, conflicts := u.values(st, nil, c.view.rich, editable)
	if p == nil {
		errors["project"] = "Specify a valid project ID or key"
	}
	if len(values["issuetype"]) == 0 {
		errors["issuetype"] = "Specify an issue type"
	}
	if len(values["summary"]) == 0 {
		errors["summary"] = "You must specify a summary of the issue."
	}
	if status, body, refused := refusal(errors, conflicts); refused {
		return status, body
	}
	properties := map[string]json.RawMessage{}
	for _, p := range u.Properties {
		properties[p.Key] = p.Value
	}
	i := c.s.createIssue(p.Key, c.me.AccountID, values, properties, c.s.now())
	return http.StatusCreated, object{"id": strconv.Itoa(i.ID), "key": i.Key, "self": c.view.self("/issue/%d", i.ID)}
}

// readTransitions lists the workflow's: from any status to any other.
func readTransitions(c *call) (int, any) {
	st := &c.s.state
	i := c.issue(c.PathValue("key"))
	if i == nil {
		return noIssue()
	}
	list := []object{}
	for _, name := range st.Choices["status"] {
		if name != first(i.Values["status"]) {
			list = append(list, object{"id": st.choiceID("status", name), "name": name, "to": c.view.status(name), "hasScreen": false, "isGlobal": true,
				"isInitial": false, "isAvailable": true, "isConditional": false, "isLooped": false})
		}
	}
	return http.StatusOK, object{"expand": "transitions", "transitions": list}
}

func transition(c *call) (int, any) {
	var u issueUpdate
	if !c.decode(&u) {
		return badPayload()
	}
	st := &c.s.state
	i := c.issue(c.PathValue("key"))
	if i == nil {
		return noIssue()
	}
	if u.Transition == nil || u.Transition.ID == "" {
		return refuse(http.StatusBadRequest, "Missing 'transition' identifier")
	}
	status, ok := st.choice("status", u.Transition.ID, "")
	if !ok || status == first(i.Values["status"]) {
		return refuse(http.StatusBadRequest, fmt.Sprintf("Transition id '%s' is not valid for this issue.", u.Transition.ID))
	}
	values, errors, conflicts := u.values(st, i.Values, c.view.rich, func(*field) bool { return false }) // no screen, no fields
	if status, body, refused := refusal(errors, conflicts); refused {
		return status, body
	}
	values["status"] = []string{status}
	c.s.changeIssue(i, c.me.AccountID, values)
	return http.StatusNoContent, nil
}

// writeComment is the platform's way: public unless the property of Service
// Management says that it is internal.
func writeComment(c *call) (int, any) {
	var req struct {
		Body       json.RawMessage `json:"body"`
		Visibility json.RawMessage `json:"visibility"`
		Properties []struct {
			Key   string `json:"key"`
			Value struct {
				Internal bool `json:"internal"`
			} `json:"value"`
		} `json:"properties"`
	}
	if !c.decode(&req) {
		return badPayload()
	}
	i := c.issue(c.PathValue("key"))
	if i == nil {
		return noIssue()
	}
	text, refusal := c.s.state.read(c.s.state.findField("description"), req.Body, c.view.rich)
	if refusal != "" || len(text) == 0 {
		return refuseFields(map[string]string{"comment": "Comment body is not valid!"})
	}
	public := true
	for _, p := range req.Properties {
		if p.Key == "sd.public.comment" {
			public = !p.Value.Internal
		}
	}
	made := c.s.commentIssue(i, c.me.AccountID, text[0], public || c.me.Customer)
	return http.StatusCreated, c.view.comments(i, []comment{made}, false)[0]
}

// writeRequestComment is Service Management's way, in plain text. Customers can
// only write in public.
func writeRequestComment(c *call) (int, any) {
	var req struct {
		Body   string `json:"body"`
		Public *bool  `json:"public"`
	}
	if !c.decode(&req) {
		return refuseRequest(http.StatusBadRequest, "sd.payload.invalid", "Invalid request payload. Refer to the REST API documentation and try again.")
	}
	i := c.issue(c.PathValue("key"))
	if i == nil {
		return refuseRequest(http.StatusNotFound, "sd.request.not.found", "The Issue you are trying to access doesn't exist or you don't have permission.")
	}
	if req.Body == "" {
		return refuseRequest(http.StatusBadRequest, "sd.comment.empty", "Comment body can not be empty!")
	}
	public := req.Public == nil || *req.Public
	if c.me.Customer && !public {
		return refuseRequest(http.StatusForbidden, "sd.comment.forbidden", "Customers can only write public comments.")
	}
	comment := c.s.commentIssue(i, c.me.AccountID, req.Body, public)
	return http.StatusCreated, object{"_expands": []string{"attachment", "renderedBody"}, "id": strconv.Itoa(comment.ID), "body": comment.Body, "public": public,
		"author": c.view.customer(comment.By), "created": c.view.date(comment.At),
		"_links": object{"self": c.view.site("/rest/servicedeskapi/request/%d/comment/%d", i.ID, comment.ID)}}
}

// refuseRequest is Service Management's error body.
func refuseRequest(status int, key, message string) (int, any) {
	return status, object{"errorMessage": message, "i18nErrorMessage": object{"i18nKey": key, "parameters": []string{}}}
}

// customer is a user as Service Management shows one.
func (v view) customer(accountID string) any {
	o, ok := v.account(accountID).(object)
	if !ok {
		return nil
	}
	o["_links"] = object{"self": o["self"]}
	delete(o, "self")
	delete(o, "accountType")
	return o
}
