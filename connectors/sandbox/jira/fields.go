package jira

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The custom fields of the site.
const (
	jiraRequestType   = "customfield_10010"
	jiraParticipants  = "customfield_10035"
	jiraOrganizations = "customfield_10002"
	jiraFirstReplyDue = "customfield_10050"
	jiraTeam          = "customfield_10060"
	jiraAttachments   = "attachment"
)

const (
	jiraTime = "2006-01-02T15:04:05.000-0700" // as all of the API writes and reads instants
	kept     = "2006-01-02T15:04:05.000Z"     // an instant in an issue's values
)

// jiraField describes a field as GET /field does. The schema's type decides
// how a value is shown, read and logged; a value is a list of plain texts:
// names, account ids, dates, instants in UTC. An empty list is null.
type jiraField struct {
	ID     string
	Name   string
	Schema jiraSchema
	Fixed  bool // can't be set by an edit
}

type jiraSchema struct {
	Type     string `json:"type"`
	Items    string `json:"items,omitempty"`
	System   string `json:"system,omitempty"`
	Custom   string `json:"custom,omitempty"`
	CustomID int    `json:"customId,omitempty"`
}

// jiraFields are the fields that every site has here. Custom types are named as in
// com.atlassian.jira.plugin.system.customfieldtypes and com.atlassian.servicedesk.
var jiraFields = []jiraField{
	{ID: "summary", Name: "Summary", Schema: jiraSchema{Type: "string", System: "summary"}},
	{ID: "description", Name: "Description", Schema: jiraSchema{Type: "string", System: "description"}},
	{ID: "issuetype", Name: "Issue Type", Schema: jiraSchema{Type: "issuetype", System: "issuetype"}},
	{ID: "project", Name: "Project", Schema: jiraSchema{Type: "project", System: "project"}, Fixed: true},
	{ID: "status", Name: "Status", Schema: jiraSchema{Type: "status", System: "status"}, Fixed: true},
	{ID: "resolution", Name: "Resolution", Schema: jiraSchema{Type: "resolution", System: "resolution"}, Fixed: true},
	{ID: "resolutiondate", Name: "Resolved", Schema: jiraSchema{Type: "datetime", System: "resolutiondate"}, Fixed: true},
	{ID: "priority", Name: "Priority", Schema: jiraSchema{Type: "priority", System: "priority"}},
	{ID: "labels", Name: "Labels", Schema: jiraSchema{Type: "array", Items: "string", System: "labels"}},
	{ID: "assignee", Name: "Assignee", Schema: jiraSchema{Type: "user", System: "assignee"}},
	{ID: "reporter", Name: "Reporter", Schema: jiraSchema{Type: "user", System: "reporter"}},
	{ID: "creator", Name: "Creator", Schema: jiraSchema{Type: "user", System: "creator"}, Fixed: true},
	{ID: "created", Name: "Created", Schema: jiraSchema{Type: "datetime", System: "created"}, Fixed: true},
	{ID: "updated", Name: "Updated", Schema: jiraSchema{Type: "datetime", System: "updated"}, Fixed: true},
	{ID: jiraAttachments, Name: "Attachment", Schema: jiraSchema{Type: "array", Items: "attachment", System: "attachment"}, Fixed: true},
	{ID: "duedate", Name: "Due date", Schema: jiraSchema{Type: "date", System: "duedate"}},
	{ID: jiraOrganizations, Name: "Organizations", Schema: jiraSchema{Type: "array", Items: "sd-customerorganization",
		Custom: "com.atlassian.servicedesk:sd-customer-organizations", CustomID: 10002}},
	{ID: jiraRequestType, Name: "Request Type", Schema: jiraSchema{Type: "sd-customerrequesttype",
		Custom: "com.atlassian.servicedesk:vp-origin", CustomID: 10010}},
	{ID: jiraParticipants, Name: "Request participants", Schema: jiraSchema{Type: "array", Items: "user",
		Custom: "com.atlassian.servicedesk:sd-request-participants", CustomID: 10035}},
	{ID: jiraFirstReplyDue, Name: "First reply due", Schema: jiraSchema{Type: "datetime",
		Custom: "com.atlassian.jira.plugin.system.customfieldtypes:datetime", CustomID: 10050}},
	{ID: "customfield_10051", Name: "Update due", Schema: jiraSchema{Type: "datetime",
		Custom: "com.atlassian.jira.plugin.system.customfieldtypes:datetime", CustomID: 10051}},
	{ID: "customfield_10052", Name: "Resolution due", Schema: jiraSchema{Type: "datetime",
		Custom: "com.atlassian.jira.plugin.system.customfieldtypes:datetime", CustomID: 10052}},
	{ID: "customfield_10053", Name: "Due day", Schema: jiraSchema{Type: "date",
		Custom: "com.atlassian.jira.plugin.system.customfieldtypes:datepicker", CustomID: 10053}},
	{ID: "customfield_10054", Name: "Due text", Schema: jiraSchema{Type: "string",
		Custom: "com.atlassian.jira.plugin.system.customfieldtypes:textfield", CustomID: 10054}},
	{ID: jiraTeam, Name: "Team", Schema: jiraSchema{Type: "option",
		Custom: "com.atlassian.jira.plugin.system.customfieldtypes:select", CustomID: 10060}},
	{ID: "customfield_10070", Name: "Tickets", Schema: jiraSchema{Type: "number",
		Custom: "com.atlassian.jira.plugin.system.customfieldtypes:float", CustomID: 10070}},
}

// fields are all fields of the site.
func (st *JiraState) fields() []jiraField { return append(slices.Clip(jiraFields), st.Fields...) }

// findField finds a field by its id; nil if the site has none.
func (st *JiraState) findField(id string) *jiraField {
	for _, list := range [][]jiraField{jiraFields, st.Fields} {
		if i := slices.IndexFunc(list, func(f jiraField) bool { return f.ID == id }); i >= 0 {
			return &list[i]
		}
	}
	return nil
}

func (f *jiraField) custom() bool { return f.Schema.Custom != "" }

// kind is what the shape of a value depends on.
func (f *jiraField) kind() string {
	if f.Schema.Type == "array" {
		return "array of " + f.Schema.Items
	}
	return f.Schema.Type
}

// read turns what a caller sends into a value, or says in Jira's words why it
// is refused.
func (st *JiraState) read(f *jiraField, raw json.RawMessage, rich bool) (value []string, refusal string) {
	if string(raw) == "null" {
		return nil, ""
	}
	var ref struct{ ID, Name, Value, Key, AccountID string }
	var err error
	switch f.kind() {
	case "string":
		var text string
		if f.ID == "description" && rich {
			text, err = adfText(raw)
		} else {
			err = json.Unmarshal(raw, &text)
		}
		if err != nil {
			return nil, "Operation value must be a string"
		}
		return oneText(text), ""
	case "date":
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return nil, "Operation value must be a string"
		}
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return nil, fmt.Sprintf("Error parsing date string: %s", text)
		}
		return []string{text}, ""
	case "datetime":
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return nil, "Operation value must be a string"
		}
		at, err := time.Parse(jiraTime, text)
		if err != nil {
			return nil, fmt.Sprintf("Error parsing time: %s", text)
		}
		return []string{at.UTC().Format(kept)}, ""
	case "number":
		var n float64
		if json.Unmarshal(raw, &n) != nil {
			return nil, "Operation value must be a number"
		}
		return []string{strconv.FormatFloat(n, 'f', -1, 64)}, ""
	case "array of string":
		var labels []string
		if json.Unmarshal(raw, &labels) != nil {
			return nil, "data was not an array"
		}
		return st.labels(labels)
	case "array of sd-customerorganization":
		var ids []json.Number
		if json.Unmarshal(raw, &ids) != nil {
			return nil, "data was not an array of organization ids"
		}
		var names []string
		for _, id := range ids {
			name, ok := st.choice(f.ID, id.String(), "")
			if !ok {
				return nil, fmt.Sprintf("Organization with id %s doesn't exist", id)
			}
			names = append(names, name)
		}
		return names, ""
	case "sd-customerrequesttype":
		var id string // a name is refused
		if json.Unmarshal(raw, &id) != nil {
			return nil, "Operation value must be a string"
		}
		name, ok := st.choice(f.ID, id, "")
		if !ok || id == "" {
			return nil, fmt.Sprintf("Request type with id '%s' doesn't exist", id)
		}
		return []string{name}, ""
	case "array of user":
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			return nil, "data was not an array"
		}
		for _, one := range list {
			u, refusal := st.read(&jiraField{Schema: jiraSchema{Type: "user"}}, one, rich)
			if refusal != "" {
				return nil, refusal
			}
			value = append(value, u...)
		}
		return value, ""
	case "user":
		if json.Unmarshal(raw, &ref) != nil {
			return nil, "data was not an object"
		}
		for _, u := range st.Users {
			if ref.AccountID != "" && u.AccountID == ref.AccountID || ref.Name != "" && u.Email == ref.Name || ref.Key != "" && u.key() == ref.Key {
				return []string{u.AccountID}, ""
			}
		}
		return nil, "User does not exist or you do not have permission to view it"
	}
	if json.Unmarshal(raw, &ref) != nil {
		return nil, "data was not an object"
	}
	named := "name"
	if f.kind() == "option" {
		ref.Name, named = ref.Value, "value"
	}
	name, ok := st.choice(f.ID, ref.ID, ref.Name)
	if !ok {
		return nil, fmt.Sprintf("Specify a valid 'id' or '%s' for %s", named, f.Name)
	}
	return []string{name}, ""
}

// labels checks and sorts labels; Jira keeps each once.
func (st *JiraState) labels(list []string) (value []string, refusal string) {
	for _, l := range list {
		if strings.ContainsAny(l, " \t\n") {
			return nil, fmt.Sprintf("The label '%s' contains spaces which is invalid.", l)
		}
		if l == "" || len(l) > 255 {
			return nil, fmt.Sprintf("The label '%s' is empty or longer than 255 characters.", l)
		}
	}
	sorted := slices.Sorted(slices.Values(list))
	return slices.Compact(sorted), ""
}

// logged is a value as the changelog has it: from/to and fromString/toString,
// each nil where Jira writes null.
func (st *JiraState) logged(f *jiraField, v []string) (ref, text any) {
	if f.ID == "labels" {
		return nil, strings.Join(v, " ")
	}
	if len(v) == 0 {
		return nil, nil
	}
	switch f.kind() {
	case "string", "number":
		return nil, v[0]
	case "date":
		return v[0], v[0] + " 00:00:00.0"
	case "datetime": // the text is for people, in the site's format; only the reference can be read
		at := parseKept(v[0])
		return at.Format("2006-01-02T15:04:05-0700"), at.Format("02/Jan/06 3:04 PM")
	case "user", "array of user":
		var names []string
		for _, id := range v {
			u, _ := st.user(id)
			names = append(names, u.Name)
		}
		if f.kind() == "array of user" && len(v) > 0 {
			return "[" + strings.Join(v, ", ") + "]", "[" + strings.Join(names, ", ") + "]"
		}
		return strings.Join(v, ", "), strings.Join(names, ", ")
	case "project":
		p := st.findProject(v[0])
		return strconv.Itoa(p.ID), p.Name
	}
	ids := make([]string, len(v))
	for i, name := range v {
		ids[i] = st.choiceID(f.ID, name)
	}
	return strings.Join(ids, ", "), strings.Join(v, ", ")
}

func oneText(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func parseKept(text string) time.Time {
	at, _ := time.Parse(kept, text) // only this package writes them
	return at
}
