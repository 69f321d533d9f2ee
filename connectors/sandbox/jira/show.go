package jira

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cmp"

	"vigie/connectors/sandbox/stage"
)

// object is a JSON object of the API.
type object = map[string]any

// view is how one caller is shown the site: rich says version 3 (rich text
// as documents), zone is the caller's.
type view struct {
	*State
	opts Options
	rich bool
	zone *time.Location
	talk int // the most comments that an issue shows; 0 = all
}

// self is the address of something in the platform API, in the version shown.
func (v view) self(path string, args ...any) string {
	version := "2"
	if v.rich {
		version = "3"
	}
	return v.site("/rest/api/"+version+path, args...)
}

// site is an address on the site.
func (v view) site(path string, args ...any) string {
	return cmp.Or(v.opts.URL, "https://acme.atlassian.net") + fmt.Sprintf(path, args...)
}

func (v view) time(at time.Time) string { return at.In(v.zone).Format(timeLayout) }

// files are an issue's attachments.
func (v view) files(i *issue) []object {
	list := []object{}
	for _, f := range i.Files {
		id := strconv.Itoa(f.ID)
		list = append(list, object{"self": v.self("/attachment/%s", id), "id": id, "filename": f.Name, "author": v.account(f.By), "created": v.time(f.At),
			"size": 1024, "mimeType": "image/png", "content": v.self("/attachment/content/%s", id)})
	}
	return list
}

// field is one field's value as issues show it.
func (v view) field(i *issue, f *field) any {
	switch f.ID {
	case "created":
		return v.time(i.Created)
	case "updated":
		return v.time(i.Updated)
	case attachments:
		return v.files(i)
	}
	value := i.Values[f.ID]
	switch f.kind() {
	case "array of string":
		return append([]string{}, value...) // never null
	case "array of user":
		list := []any{}
		for _, id := range value {
			list = append(list, v.account(id))
		}
		return list
	case "array of sd-customerorganization":
		list := []object{}
		for _, name := range value {
			id := v.choiceID(f.ID, name)
			list = append(list, object{"id": id, "name": name, "_links": object{"self": v.site("/rest/servicedeskapi/organization/%s", id)}})
		}
		return list
	}
	if len(value) == 0 {
		return nil
	}
	one := value[0]
	switch f.kind() {
	case "string":
		if f.ID == "description" {
			return v.text(one)
		}
		return one
	case "date":
		return one
	case "number": // with a fraction, always
		if !strings.Contains(one, ".") {
			one += ".0"
		}
		return json.Number(one)
	case "datetime":
		return v.time(parseKept(one))
	case "user":
		return v.account(one)
	case "project":
		return v.projectOf(i)
	case "status":
		return v.status(one)
	case "sd-customerrequesttype":
		return v.requestType(i, one)
	case "option":
		id := v.choiceID(f.ID, one)
		return object{"self": v.self("/customFieldOption/%s", id), "value": one, "id": id}
	}
	id := v.choiceID(f.ID, one)
	return object{"self": v.self("/%s/%s", f.ID, id), "id": id, "name": one}
}

func (v view) projectOf(i *issue) any {
	p := v.findProject(i.Values["project"][0])
	return object{"self": v.self("/project/%d", p.ID), "id": strconv.Itoa(p.ID), "key": p.Key, "name": p.Name, "projectTypeKey": "service_desk", "simplified": false}
}

func (v view) status(name string) object {
	id := v.choiceID("status", name)
	category := map[string]object{
		"new":           {"id": 2, "key": "new", "colorName": "blue-gray", "name": "To Do"},
		"indeterminate": {"id": 4, "key": "indeterminate", "colorName": "yellow", "name": "In Progress"},
		"done":          {"id": 3, "key": "done", "colorName": "green", "name": "Done"},
	}[v.Category[name]]
	return object{"self": v.self("/status/%s", id), "description": "", "name": name, "id": id, "statusCategory": category}
}

// requestType is the value of Jira Service Management's own field, which names
// the customer's view of the request.
func (v view) requestType(i *issue, name string) object {
	status := i.Values["status"][0]
	id := v.choiceID(requestType, name)
	return object{
		"_links": object{"jiraRest": v.self("/issue/%d", i.ID), "self": v.site("/rest/servicedeskapi/request/%d", i.ID)},
		"requestType": object{"_expands": []string{"field"}, "id": id, "name": name, "description": "", "helpText": "", "issueTypeId": "10004",
			"serviceDeskId": "1", "portalId": "1", "groupIds": []string{}, "_links": object{"self": v.site("/rest/servicedeskapi/servicedesk/1/requesttype/%s", id)}},
		"currentStatus": object{"status": status, "statusCategory": strings.ToUpper(v.Category[status]), "statusDate": v.date(i.Updated)},
	}
}

// date is an instant as Service Management shows it.
func (v view) date(at time.Time) object {
	return object{"iso8601": at.In(v.zone).Format("2006-01-02T15:04:05-0700"), "jira": v.time(at), "friendly": at.In(v.zone).Format("02/Jan/06 3:04 PM"), "epochMillis": at.UnixMilli()}
}

// wanted is a parsed list of fields: names, *all, *navigable, and -name.
type wanted []string

func (w wanted) has(id string) bool {
	if slices.Contains(w, "-"+id) {
		return false
	}
	if slices.Contains(w, id) || slices.Contains(w, "*all") {
		return true
	}
	if id == "comment" || id == attachments { // the fields here that aren't navigable
		return false
	}
	onlyMinus := !slices.ContainsFunc(w, func(f string) bool { return !strings.HasPrefix(f, "-") })
	return slices.Contains(w, "*navigable") || onlyMinus
}

// shown is an issue with the fields asked for. changes limits the changelog
// shown, newest first; 0 shows none.
func (v view) shown(i *issue, fields wanted, changes int, properties []string) object {
	values := object{}
	for _, f := range v.fields() {
		if fields.has(f.ID) {
			values[f.ID] = v.field(i, &f)
		}
	}
	if fields.has("comment") {
		list := i.Comments
		if v.talk > 0 {
			list = stage.Section(list, 0, v.talk)
		}
		values["comment"] = object{"comments": v.comments(i, list, false), "self": v.self("/issue/%d/comment", i.ID), "maxResults": len(list), "total": len(i.Comments), "startAt": 0}
	}
	o := object{"expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
		"id": strconv.Itoa(i.ID), "self": v.self("/issue/%d", i.ID), "key": i.Key}
	if len(values) > 0 {
		o["fields"] = values
	}
	if changes > 0 {
		histories := []object{}
		for _, c := range slices.Backward(i.Changes) {
			if len(histories) == changes {
				break
			}
			histories = append(histories, v.change(c, v.time(c.At)))
		}
		o["changelog"] = object{"startAt": 0, "maxResults": len(histories), "total": len(i.Changes), "histories": histories}
	}
	if len(properties) > 0 {
		shown := object{}
		for _, p := range properties {
			if raw, ok := i.Properties[p]; ok {
				shown[p] = raw
			}
		}
		o["properties"] = shown
	}
	return o
}

// change is an entry of the changelog; created has another form in bulk answers.
func (v view) change(c change, created any) object {
	o := object{"id": strconv.Itoa(c.ID), "author": v.account(c.By), "created": created, "items": v.items(c.Items)}
	if len(c.Metadata) > 0 {
		o["historyMetadata"] = c.Metadata
	}
	return o
}

func (v view) items(list []item) []object {
	out := []object{}
	for _, it := range list {
		f := v.findField(it.Field)
		if f == nil { // the key and a deleted comment are no fields
			out = append(out, object{"field": it.Field, "fieldtype": "jira", "from": nil, "fromString": first(it.From), "to": nil, "toString": first(it.To)})
			continue
		}
		if f.ID == attachments { // the file's id, and its name
			out = append(out, v.fileItem(it))
			continue
		}
		from, fromText := v.logged(f, it.From)
		to, toText := v.logged(f, it.To)
		if v.opts.DataCenter && f.kind() == "user" {
			from, to = v.userKey(it.From), v.userKey(it.To)
		}
		if v.opts.DataCenter && f.kind() == "array of user" {
			from, to = v.userKeys(it.From), v.userKeys(it.To)
		}
		o := object{"field": f.ID, "fieldtype": "jira", "from": from, "fromString": fromText, "to": to, "toString": toText}
		if f.custom() {
			o["field"], o["fieldtype"] = f.Name, "custom"
		}
		if !v.opts.DataCenter {
			o["fieldId"] = f.ID
		}
		out = append(out, o)
	}
	return out
}

// fileItem is an entry of the changelog for a file that came or went.
func (v view) fileItem(it item) object {
	o := object{"field": "Attachment", "fieldtype": "jira", "from": nil, "fromString": nil, "to": nil, "toString": nil}
	if len(it.From) == 2 {
		o["from"], o["fromString"] = it.From[0], it.From[1]
	}
	if len(it.To) == 2 {
		o["to"], o["toString"] = it.To[0], it.To[1]
	}
	if !v.opts.DataCenter {
		o["fieldId"] = attachments
	}
	return o
}

// comments shows comments. Only Cloud has jsdPublic; the property behind it is
// shown on both, if asked for.
func (v view) comments(i *issue, list []comment, properties bool) []object {
	out := []object{}
	for _, c := range list {
		o := object{"self": v.self("/issue/%d/comment/%d", i.ID, c.ID), "id": strconv.Itoa(c.ID), "author": v.account(c.By), "updateAuthor": v.account(c.By),
			"body": v.text(c.Body), "created": v.time(c.At), "updated": v.time(c.At)}
		if !v.opts.DataCenter {
			o["jsdPublic"] = c.Public
		}
		if properties {
			o["properties"] = []object{{"key": "sd.public.comment", "value": object{"internal": !c.Public}}}
		}
		out = append(out, o)
	}
	return out
}
