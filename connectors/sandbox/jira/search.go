package jira

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"

	"cmp"

	"vigie/connectors/sandbox/stage"
)

const (
	pageOfIDs    = 5000 // issues in a page, when only their ids or keys are asked for
	pageOfIssues = 100  // otherwise
	pageOnServer = 1000
	changesShown = 40 // of an issue in a list of Cloud's, newest first
	talkShown    = 20 // comments of one there, oldest first
)

type searchRequest struct {
	JQL             string   `json:"jql"`
	NextPageToken   string   `json:"nextPageToken"`
	MaxResults      *int     `json:"maxResults"`
	Fields          []string `json:"fields"`
	Expand          string   `json:"expand"`
	Properties      []string `json:"properties"`
	FieldsByKeys    bool     `json:"fieldsByKeys"`
	FailFast        bool     `json:"failFast"`
	ReconcileIssues []int64  `json:"reconcileIssues"`
}

// pageToken says where a search goes on: after the row with this sort key. It
// is bound to its query.
type pageToken struct {
	Query uint64
	After []string
}

// searchCloud is /search/jql: bounded queries, ids only unless fields are
// asked for, pages by token, and an index that may be late.
func searchCloud(c *call) (int, any) {
	var req searchRequest
	if c.Method == http.MethodGet {
		v := c.URL.Query()
		req = searchRequest{JQL: v.Get("jql"), NextPageToken: v.Get("nextPageToken"), Fields: c.list("fields"), Expand: v.Get("expand"), Properties: c.list("properties")}
		if n, err := strconv.Atoi(v.Get("maxResults")); err == nil {
			req.MaxResults = &n
		}
		for _, id := range c.list("reconcileIssues") {
			n, err := strconv.ParseInt(id, 10, 64)
			if err != nil {
				return badPayload()
			}
			req.ReconcileIssues = append(req.ReconcileIssues, n)
		}
	} else if !c.decode(&req) {
		return badPayload()
	}
	q, refusal := parseJQL(req.JQL)
	switch {
	case refusal != "":
		return refuse(http.StatusBadRequest, refusal)
	case len(q.clauses) == 0:
		return refuse(http.StatusBadRequest, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
	case len(req.ReconcileIssues) > 50:
		return refuse(http.StatusBadRequest, "The maximum number of issues to reconcile is 50.")
	case len(req.Properties) > 5:
		return refuse(http.StatusBadRequest, "The maximum number of properties is 5.")
	}
	rows, refusal := c.search(q, req.ReconcileIssues)
	if refusal != "" {
		return refuse(http.StatusBadRequest, refusal)
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(req.JQL)) // never fails
	if req.NextPageToken != "" {
		token, ok := stage.ReadToken[pageToken](req.NextPageToken)
		if !ok || token.Query != h.Sum64() || len(token.After) != len(q.order)+1 {
			return refuse(http.StatusBadRequest, "The provided next page token is invalid or expired.")
		}
		all := rows
		rows = slices.DeleteFunc(slices.Clone(rows), func(r jqlRow) bool { return q.compare(r.key, token.After) <= 0 })
		if len(rows) == 0 && c.endless() {
			rows = all
		}
	}

	c.view.talk = talkShown
	fields := wanted(req.Fields)
	ids := !slices.ContainsFunc(fields, func(f string) bool { return f != "id" && f != "key" })
	limit := pageOfIssues
	if ids {
		limit = pageOfIDs
	}
	size := 50
	if req.MaxResults != nil {
		size = *req.MaxResults
	}
	if size < 1 {
		return refuse(http.StatusBadRequest, "The value for maxResults must be between 1 and 5000.")
	}
	last := true
	answer := object{}
	if n := min(size, limit); len(rows) > n {
		rows, last = rows[:n], false
		answer["nextPageToken"] = stage.WriteToken(pageToken{h.Sum64(), rows[n-1].key})
	} else if len(rows) > 0 && c.endless() {
		last = false
		answer["nextPageToken"] = stage.WriteToken(pageToken{h.Sum64(), c.endOf(rows)})
	}
	changes := 0
	if slices.Contains(splitList(req.Expand), "changelog") {
		changes = changesShown
	}
	issues := []object{}
	for _, row := range rows {
		if len(fields) == 0 || slices.Equal(fields, wanted{"id"}) {
			issues = append(issues, object{"id": strconv.Itoa(row.issue.ID)})
			continue
		}
		issues = append(issues, c.view.shown(row.issue, fields, changes, req.Properties))
	}
	answer["issues"], answer["isLast"] = issues, last
	return http.StatusOK, answer
}

// jqlRow is an issue that a search found, and what it is sorted by.
type jqlRow struct {
	issue *issue
	key   []string
}

// search finds and sorts issues as the index knows them; those to reconcile as
// they are.
func (c *call) search(q jql, reconcile []int64) (rows []jqlRow, refusal string) {
	if c.stranger { // nothing, and no complaint
		return nil, ""
	}
	st := &c.s.state
	now := c.s.now()
	for _, clause := range q.clauses {
		if clause.field == "project" && !c.may("BROWSE_PROJECTS") {
			return nil, fmt.Sprintf("The value '%s' does not exist for the field 'project'.", first(clause.values))
		}
	}
	match, refusal := q.bind(st, c.hidden, now, c.view.zone)
	if refusal != "" {
		return nil, refusal
	}
	indexed := now.Add(-c.s.options.IndexLag)
	var named []*issue
	for _, i := range st.Issues {
		if !slices.Contains(reconcile, int64(i.ID)) && c.s.options.IndexLag > 0 {
			i = i.asOf(indexed)
		}
		if i != nil && match(i) && !c.hides(i) {
			rows = append(rows, jqlRow{i, q.sortKey(i)})
			if slices.ContainsFunc(q.clauses, func(cl jqlClause) bool { return cl.field == "key" }) {
				named = append(named, i)
			}
		}
	}
	if len(named) > 0 { // Data Center's way to read many
		c.slow(len(named))
		c.stuck(named...)
	}
	if c.s.Faults.Has(vendor, "short-lists") {
		rows = slices.DeleteFunc(rows, func(r jqlRow) bool { return r.issue.ID%2 == 0 })
	}
	slices.SortFunc(rows, func(a, b jqlRow) int { return q.compare(a.key, b.key) })
	return rows, ""
}

// sortKey is what issues are sorted by: the fields of ORDER BY, then the id.
func (q jql) sortKey(i *issue) []string {
	id := fmt.Sprintf("%012d", i.ID)
	key := make([]string, 0, len(q.order)+1)
	for _, o := range q.order {
		switch o.field {
		case "updated":
			key = append(key, i.Updated.Format(kept))
		case "created":
			key = append(key, i.Created.Format(kept))
		default:
			key = append(key, id)
		}
	}
	return append(key, id)
}

func (q jql) compare(a, b []string) int {
	for n := range a {
		d := cmp.Compare(a[n], b[n])
		if n < len(q.order) && q.order[n].desc || len(q.order) == 0 { // without ORDER BY the newest comes first
			d = -d
		}
		if d != 0 {
			return d
		}
	}
	return 0
}

// searchDataCenter is the old /search, which Cloud has removed.
func searchDataCenter(c *call) (int, any) {
	if !c.s.options.DataCenter {
		return refuse(http.StatusGone, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046")
	}
	var req struct {
		JQL           string   `json:"jql"`
		StartAt       int      `json:"startAt"`
		MaxResults    *int     `json:"maxResults"`
		Fields        []string `json:"fields"`
		Expand        []string `json:"expand"`
		Properties    []string `json:"properties"`
		FieldsByKeys  bool     `json:"fieldsByKeys"`
		ValidateQuery any      `json:"validateQuery"`
	}
	if c.Method == http.MethodGet {
		v := c.URL.Query()
		req.JQL, req.StartAt, req.Fields, req.Expand, req.Properties = v.Get("jql"), c.number("startAt", 0), c.list("fields"), c.list("expand"), c.list("properties")
		if v.Has("maxResults") {
			n := c.number("maxResults", 50)
			req.MaxResults = &n
		}
	} else if !c.decode(&req) {
		return badPayload()
	}
	q, refusal := parseJQL(req.JQL)
	if refusal != "" {
		return refuse(http.StatusBadRequest, refusal)
	}
	rows, refusal := c.search(q, nil)
	if refusal != "" {
		return refuse(http.StatusBadRequest, refusal)
	}
	size := 50
	if req.MaxResults != nil {
		size = min(*req.MaxResults, pageOnServer)
	}
	total := len(rows)
	if req.StartAt = c.wound(req.StartAt, total); c.endless() {
		total += pageOnServer * 10
	}
	rows = rows[min(max(req.StartAt, 0), len(rows)):]
	rows = rows[:min(max(size, 0), len(rows))]
	changes := 0
	if slices.Contains(req.Expand, "changelog") {
		changes = wholeChangelog
	}
	fields := wanted(req.Fields)
	if len(fields) == 0 {
		fields = wanted{"*navigable"}
	}
	issues := []object{}
	for _, row := range rows {
		issues = append(issues, c.view.shown(row.issue, fields, changes, req.Properties))
	}
	return http.StatusOK, object{"expand": "schema,names", "startAt": req.StartAt, "maxResults": size, "total": total, "issues": issues}
}
