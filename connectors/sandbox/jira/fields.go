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
	requestType   = "customfield_10010"
	participants  = "customfield_10035"
	organizations = "customfield_10002"
	firstReplyDue = "customfield_10050"
	team          = "customfield_10060"
	attachments   = "attachment"
)

const (
	timeLayout = "2006-01-02T15:04:05.000-0700" // as all of the API writes and reads instants
	kept       = "2006-01-02T15:04:05.000Z"     // an instant in an issue's values
)

// field describes a field as GET /field does. The schema's type decides
// how a value is shown, read and logged; a value is a list of plain texts:
// names, account ids, dates, instants in UTC. An empty list is null.
type field struct {
	ID     string
	Name   string
	Schema schema
	Fixed  bool // can't be set by an edit
}

type schema struct {
	Type     string `json:"type"`
	Items    string `json:"items,omitempty"`
	System   string `json:"system,omitempty"`
	Custom   string `json:"custom,omitempty"`
	CustomID int    `json:"customId,omitempty"`
}

// ownFields are the fields that every site has here. Custom types are named as in
// com.atlassian.jira.plugin.system.customfieldtypes and com.atlassian.servicedesk.
var ownFields = []field{
	{ID: "summary", Name: "Summary", Schema: schema{Type: "string", System: "summary"}},
	{ID: "description", Name: "Description", Schema: schema{Type: "string", System: "description"}},
	{ID: "issuetype", Name: "Issue Type", Schema: schema{Type: "issuetype", System: "issuetype"}},
	{ID: "project", Name: "Project", Schema: schema{Type: "project", System: "project"}, Fixed: true},
	{ID: "status", Name: "Status", Schema: schema{Type: "status", System: "status"}, Fixed: true},
	{ID: "resolution", Name: "Resolution", Schema: schema{Type: "resolution", System: "resolution"}, Fixed: true},
	{ID: "resolutiondate", Name: "Resolved", Schema: schema{Type: "datetime", System: "resolutiondate"}, Fixed: true},
	{ID: "priority", Name: "Priority", Schema: schema{Type: "priority", System: "priority"}},
	{ID: "labels", Name: "Labels", Schema: schema{Type: "array", Items: "string", System: "labels"}},
	{ID: "assignee", Name: "Assignee", Schema: schema{Type: "user", System: "assignee"}},
	{ID: "reporter", Name: "Reporter", Schema: schema{Type: "user", System: "reporter"}},
	{ID: "creator", Name: "Creator", Schema: schema{Type: "user", System: "creator"}, Fixed: true},
	{ID: "created", Name: "Created", Schema: schema{Type: "datetime", System: "created"}, Fixed: true},
	{ID: "updated", Name: "Updated", Schema: schema{Type: "datetime", System: "updated"}, Fixed: true},
	{ID: attachments, Name: "Attachment", Schema: schema{Type: "array", Items: "attachment", System: "attachment"}, Fixed: true},
	{ID: "duedate", Name: "Due date", Schema: schema{Type: "date", System: "duedate"}},
	{ID: organizations, Name: "Organizations", Schema: schema{Type: "array", Items: "sd-customerorganization",
		Custom: "com.atlassian.servicedesk:sd-customer-organizations", CustomID: 10002}},
	{ID: requestType, Name: "Request Type", Schema: schema{Type: "sd-customerrequesttype",
		Custom: "com.atlassian.servicedesk:vp-origin", CustomID: 10010}},
	{ID: participants, Name: "Request participants", Schema: schema{Type: "array", Items: "user",
		Custom: "com.atlassian.servicedesk:sd-request-participants", CustomID: 10035}},
	{ID: firstReplyDue, Name: "First reply due", Schema: schema{Type: "datetime",
		Custom: "com.atlassian.jira.plugin.system.customfieldtypes:datetime", CustomID: 10050}},
	{ID: "customfield_10051", Name: "Update due", Schema: schema{Type: "datetime",
		Custom: "com.atlassian.jira.plugin.system.customfieldtypes:datetime", CustomID: 10051}},
	{ID: "customfield_10052", Name: "Resolution due", Schema: schema{Type: "datetime",
		Custom: "com.atlassian.jira.plugin.system.customfieldtypes:datetime", CustomID: 10052}},
	{ID: "customfield_10053", Name: "Due day", Schema: schema{Type: "date",
		Custom: "com.atlassian.jira.plugin.system.customfieldtypes:datepicker", CustomID: 10053}},
	{ID: "customfield_10054", Name: "Due text", Schema: schema{Type: "string",
		Custom: "com.atlassian.jira.plugin.system.customfieldtypes:textfield", CustomID: 10054}},
	{ID: team, Name: "Team", Schema: schema{Type: "option",
		Custom: "com.atlassian.jira.plugin.system.customfieldtypes:select", CustomID: 10060}},
	{ID: "customfield_10070", Name: "Tickets", Schema: schema{Type: "number",
		Custom: "com.atlassian.jira.plugin.system.customfieldtypes:float", CustomID: 10070}},
}

// fields are all fields of the site.
func (st *State) fields() []field { return append(slices.Clip(ownFields), st.Fields...) }

// findField finds a field by its id; nil if the site has none.
func (st *State) findField(id string) *field {
	for _, list := range [][]field{ownFields, st.Fields} {
		if i := slices.IndexFunc(list, func(f field) bool { return f.ID == id }); i >= 0 {
			return &list[i]
		}
	}
	return nil
}

func (f *field) custom() bool { return f.Schema.Custom != "" }

// kind is what the shape of a value depends on.
func (f *field) kind() string {
	if f.Schema.Type == "array" {
		return "array of " + f.Schema.Items
	}
	return f.Schema.Type
}

// read turns what a caller sends into a value, or says in Jira's words why it
// is refused.
func (st *State) read(f *field, raw json.RawMessage, rich bool) (value []string, refusal string) {
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
		at, err := time.Parse(timeLayout, text)
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
			u, refusal := st.read(&field{Schema: schema{Type: "user"}}, one, rich)
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
func (st *State) labels(list []string) (value []string, refusal string) {
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
func (st *State) logged(f *field, v []string) (ref, text any) {
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
