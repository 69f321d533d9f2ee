package jira

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cmp"

	"vigie/connectors/sandbox/stage"
)

const wholeChangelog = 1 << 30 // Data Center shows all of it

func readIssue(c *call) (int, any) {
	i := c.issue(c.PathValue("key"))
	if i == nil {
		return noIssue()
	}
	fields := wanted(c.list("fields"))
	if len(fields) == 0 {
		fields = wanted{"*all"}
	}
	changes := 0
	if slices.Contains(c.list("expand"), "changelog") {
		c.stuck(i)
		changes = 100
		if c.s.options.DataCenter {
			changes = wholeChangelog
		}
	}
	o := c.view.shown(i, fields, changes, c.list("properties"))
	if slices.Contains(c.list("expand"), "changelog") && o["changelog"] == nil {
		o["changelog"] = object{"startAt": 0, "maxResults": 0, "total": 0, "histories": []object{}}
	}
	return http.StatusOK, o
}

// bulkFetch reads up to 100 issues, or 1,000 where that is cheap. What doesn't
// exist is left out, silently.
func bulkFetch(c *call) (int, any) {
	var req struct {
		IssueIDsOrKeys []string `json:"issueIdsOrKeys"`
		Fields         []string `json:"fields"`
		FieldsByKeys   bool     `json:"fieldsByKeys"`
		Expand         []string `json:"expand"`
		Properties     []string `json:"properties"`
	}
	if !c.decode(&req) {
		return badPayload()
	}
	fields := wanted(req.Fields)
	limit := 100
	if c.cheap(fields, req.Expand) && !c.s.options.BulkOf100 {
		limit = 1000
	}
	if n := len(req.IssueIDsOrKeys); n == 0 || n > limit {
		return refuse(http.StatusBadRequest, fmt.Sprintf("The number of issue IDs or keys must be between 1 and %d.", limit))
	}
	if len(req.Properties) > 5 {
		return refuse(http.StatusBadRequest, "The maximum number of properties is 5.")
	}
	c.view.talk = talkShown
	if len(fields) == 0 {
		fields = wanted{"*navigable"}
	}
	changes := 0
	if slices.Contains(req.Expand, "changelog") {
		changes = changesShown
	}
	c.slow(len(req.IssueIDsOrKeys))
	issues := []object{}
	for _, i := range c.shortened(c.issues(req.IssueIDsOrKeys)) {
		issues = append(issues, c.view.shown(i, fields, changes, req.Properties))
	}
	return http.StatusOK, object{"issues": issues, "issueErrors": []object{}}
}

// cheap says that fields are named, at most 100 and each with one value, and that
// nothing dear is to be expanded.
func (c *call) cheap(fields wanted, expand []string) bool {
	several := func(name string) bool {
		if name == "comment" || name == "worklog" || name == "attachment" {
			return true
		}
		f := c.s.state.findField(name)
		return f != nil && f.Schema.Type == "array"
	}
	excluded := func(name string) bool { return strings.HasPrefix(name, "-") }
	named := slices.DeleteFunc(slices.Clone(fields), excluded)
	dear := func(e string) bool {
		return slices.Contains([]string{"changelog", "editmeta", "operations", "renderedFields", "transitions", "versionedRepresentations"}, e)
	}
	return len(named) > 0 && len(named) <= 100 && !slices.Contains(named, "*all") && !slices.Contains(named, "*navigable") &&
		!slices.ContainsFunc(named, several) && !slices.ContainsFunc(expand, dear)
}

// issues finds issues, each once, by id.
func (c *call) issues(refs []string) []*issue {
	var list []*issue
	for _, ref := range refs {
		if i := c.issue(ref); i != nil {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, func(a, b *issue) int { return cmp.Compare(a.ID, b.ID) })
	return slices.Compact(list)
}

// bulkChangelog reads the changes of many issues, oldest first. A page ends
// after maxResults changes, wherever that is within an issue; and created is a
// number of milliseconds, whatever Jira's schema says.
func bulkChangelog(c *call) (int, any) {
	var req struct {
		IssueIDsOrKeys []string `json:"issueIdsOrKeys"`
		FieldIDs       []string `json:"fieldIds"`
		MaxResults     *int     `json:"maxResults"`
		NextPageToken  string   `json:"nextPageToken"`
	}
	if !c.decode(&req) {
		return badPayload()
	}
	limit := 1000
	if req.MaxResults != nil {
		limit = *req.MaxResults
	}
	switch {
	case len(req.IssueIDsOrKeys) == 0 || len(req.IssueIDsOrKeys) > 1000:
		return refuse(http.StatusBadRequest, "The number of issue IDs or keys must be between 1 and 1000.")
	case len(req.FieldIDs) > 10:
		return refuse(http.StatusBadRequest, "The maximum number of field IDs is 10.")
	case limit < 1 || limit > 10000:
		return refuse(http.StatusBadRequest, "The value for maxResults must be between 1 and 10000.")
	}
	var after struct{ Issue, Change int }
	if req.NextPageToken != "" {
		var ok bool
		if after, ok = stage.ReadToken[struct{ Issue, Change int }](req.NextPageToken); !ok {
			return refuse(http.StatusBadRequest, "The provided next page token is invalid or expired.")
		}
	}
	c.slow(len(req.IssueIDsOrKeys))
	c.stuck(c.issues(req.IssueIDsOrKeys)...)
	logs := []object{}
	next := ""
	count := 0
	if req.NextPageToken != "" && c.s.Faults.Has(vendor, "pages-loop") {
		after.Issue, after.Change = 0, 0 // the first page again, and its token
	}
page:
	for _, i := range c.issues(req.IssueIDsOrKeys) {
		histories := []object{}
		for _, change := range i.Changes {
			if i.ID < after.Issue || i.ID == after.Issue && change.ID <= after.Change || !concerns(change, req.FieldIDs) {
				continue
			}
			if count == limit {
				next = stage.WriteToken(after)
				if len(histories) > 0 {
					logs = append(logs, object{"issueId": strconv.Itoa(i.ID), "changeHistories": histories})
				}
				break page
			}
			count++
			after.Issue, after.Change = i.ID, change.ID
			histories = append(histories, c.view.change(change, change.At.UnixMilli()))
		}
		if len(histories) > 0 {
			logs = append(logs, object{"issueId": strconv.Itoa(i.ID), "changeHistories": histories})
		}
	}
	answer := object{"issueChangeLogs": logs}
	if next == "" && c.s.Faults.Has(vendor, "pages-ever-fresh") {
		after.Change = c.s.state.nextID()
		next = stage.WriteToken(struct{ Issue, Change int }{1 << 30, after.Change})
	}
	if next == "" && c.s.Faults.Has(vendor, "pages-loop") && count > 0 {
		next = stage.WriteToken(after)
	}
	if next != "" {
		answer["nextPageToken"] = next
	}
	return http.StatusOK, answer
}

// concerns says whether a change touches one of the fields; no fields are all.
func concerns(c change, fields []string) bool {
	return len(fields) == 0 || slices.ContainsFunc(c.Items, func(it item) bool { return slices.Contains(fields, it.Field) })
}

// readChangelog is one issue's changes, oldest first.
func readChangelog(c *call) (int, any) {
	i := c.issue(c.PathValue("key"))
	if i == nil {
		return noIssue()
	}
	start, size := c.number("startAt", 0), min(c.number("maxResults", 100), 100)
	page := stage.Section(i.Changes, start, size)
	values := []object{}
	for _, change := range page {
		values = append(values, c.view.change(change, c.view.time(change.At)))
	}
	answer := object{"self": c.view.self("/issue/%s/changelog?maxResults=%d&startAt=%d", i.Key, size, start), "startAt": start, "maxResults": size,
		"total": len(i.Changes), "isLast": start+len(page) >= len(i.Changes), "values": values}
	if start+len(page) < len(i.Changes) {
		answer["nextPage"] = c.view.self("/issue/%s/changelog?maxResults=%d&startAt=%d", i.Key, size, start+len(page))
	}
	return http.StatusOK, answer
}

func readComments(c *call) (int, any) {
	i := c.issue(c.PathValue("key"))
	if i == nil {
		return noIssue()
	}
	list := slices.Clone(i.Comments)
	switch order := c.URL.Query().Get("orderBy"); order {
	case "", "created", "+created":
	case "-created":
		slices.Reverse(list)
	default:
		return refuse(http.StatusBadRequest, "Invalid value '"+order+"' for orderBy: only created is supported.")
	}
	c.stuck(i)
	start, size := c.number("startAt", 0), min(c.number("maxResults", 100), 100)
	start = c.wound(start, len(list))
	page := c.view.comments(i, stage.Section(list, start, size), slices.Contains(c.list("expand"), "properties"))
	return http.StatusOK, object{"startAt": start, "maxResults": size, "total": len(list), "comments": page}
}

func readProperty(c *call) (int, any) {
	i := c.issue(c.PathValue("key"))
	if i == nil {
		return noIssue()
	}
	value, ok := i.Properties[c.PathValue("property")]
	if !ok {
		return refuse(http.StatusNotFound, "The property with key '"+c.PathValue("property")+"' does not exist.")
	}
	return http.StatusOK, object{"key": c.PathValue("property"), "value": value}
}

func readFields(c *call) (int, any) {
	list := []object{}
	for _, f := range c.s.state.fields() {
		list = append(list, c.field(f))
	}
	return http.StatusOK, list
}

func (c *call) field(f field) object {
	o := object{"id": f.ID, "name": f.Name, "custom": f.custom(), "orderable": true, "navigable": true, "searchable": true,
		"clauseNames": []string{f.ID}, "schema": f.Schema}
	if f.custom() {
		o["clauseNames"] = []string{"cf[" + strconv.Itoa(f.Schema.CustomID) + "]", f.Name}
	}
	if !c.s.options.DataCenter {
		o["key"] = f.ID
	}
	return o
}

func readServerInfo(c *call) (int, any) {
	kind, version := "Cloud", "1001.0.0-SNAPSHOT"
	if c.s.options.DataCenter {
		kind, version = "Server", "11.3.0" // Data Center calls itself so
	}
	return http.StatusOK, object{"baseUrl": c.view.site(""), "version": version, "deploymentType": kind, "buildNumber": 100297,
		"serverTime": c.view.time(c.s.now()), "serverTitle": "Jira"}
}
