package jira

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/connectors/desk"
)

// A cursor is where a list of changes goes on. It is handed out as JSON.
type cursor struct {
	From    time.Time `json:"from,omitzero"`    // all that changed before has been told
	Started time.Time `json:"started,omitzero"` // when the poll under way began; zero between polls
	Minutes int       `json:"minutes,omitempty"`
	Page    string    `json:"page,omitempty"`  // Cloud's page token, Data Center's offset
	Keys    bool      `json:"keys,omitempty"`  // a list of keys alone
	Long    bool      `json:"long,omitempty"`  // the list is a long one: keys, and their versions in bulk
	Seen    []string  `json:"seen,omitempty"`  // what the pages held that were told, each in a word
	Empty   int       `json:"empty,omitempty"` // pages without an issue, in a row
}

const (
	seenPages  = 500 // that many are remembered; a list of a million keys has two hundred
	emptyPages = 20  // as many in a row don't come to anything
)

// restart has a list begin anew.
func (c *cursor) restart() { c.Page, c.Seen, c.Empty = "", nil, 0 }

// hasNew says whether a page holds an issue that no page before it did. A page without
// issues counts as new for a few times: it needn't be the last.
func (c *cursor) hasNew(issues []*record) bool {
	if len(issues) == 0 {
		c.Empty++
		return c.Empty <= emptyPages
	}
	c.Empty = 0
	sum := sha256.New()
	for _, i := range issues {
		fmt.Fprintln(sum, i.ID, i.Key)
	}
	page := hex.EncodeToString(sum.Sum(nil)[:6])
	if slices.Contains(c.Seen, page) {
		return false
	}
	c.Seen = append(c.Seen, page)
	c.Seen = c.Seen[max(0, len(c.Seen)-seenPages):]
	return true
}

func (c cursor) String() string {
	b, _ := json.Marshal(c) // times in range and strings: can't fail
	return string(b)
}

func parseCursor(s string) (cursor, error) {
	var c cursor
	if s == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(s), &c); err != nil {
		return c, fmt.Errorf("cursor %.60q can't be read: %w", s, err)
	}
	return c, nil
}

// Changes tells one page of the issues updated since the cursor, or since the
// given instant where there is no cursor yet. Versions are when each was last
// updated; what the last poll told is told again where the two overlap, since a
// search's index is behind for a while ("Recent updates might not be
// immediately visible") and its minutes are whole ones.
//
// A poll is bounded by an age in minutes, not by an instant: JQL reads instants
// in the account's time zone, twice in the night that ends summer time. So the
// bound moves on while pages are read; before it has passed what is yet to be
// told, as after an outage in the midst of a poll, the poll begins anew.
func (c *Client) Changes(ctx context.Context, at string, since time.Time) (desk.Page, error) {
	cur, err := parseCursor(at)
	if err != nil {
		return desk.Page{}, err
	}
	if cur.From.IsZero() {
		cur.From = since
	}
	if cur.Started.IsZero() || c.cfg.Now().Add(-time.Duration(cur.Minutes)*time.Minute).After(cur.From) {
		cur = c.begin(cur)
	}
	first := cur.Page == ""
	page, err := c.list(ctx, &cur, "updated >= -"+strconv.Itoa(cur.Minutes)+"m")
	if !first && status(err) == http.StatusBadRequest {
		// A page token lives for seven days: the poll begins anew.
		cur = c.begin(cur)
		page, err = c.list(ctx, &cur, "updated >= -"+strconv.Itoa(cur.Minutes)+"m")
	}
	if err != nil {
		return desk.Page{}, fmt.Errorf("list changes of %s: %w", c.cfg.Name, err)
	}
	if !page.More {
		// What was told is told again in the overlap: the next list is as long.
		cur = cursor{From: cur.Started, Long: cur.Long && (!first || len(page.Changes) > short)}
	}
	page.Cursor = cur.String()
	return page, nil
}

// begin starts a poll for what changed since all was told. The longer ago that
// is, the more there is to list, and the longer the overlap.
func (c *Client) begin(at cursor) cursor {
	now := c.cfg.Now()
	const decade = 10 * 366 * 24 * time.Hour // beyond it, a Duration and JQL's numbers would overflow
	from := at.From
	if from.Before(now.Add(-decade)) {
		from = now.Add(-decade)
	}
	age := max(0, now.Sub(from))
	overlap := max(c.cfg.Lookback, age/8)
	return cursor{From: from, Started: now.UTC(), Minutes: int(math.Ceil((age + overlap).Minutes())), Long: at.Long}
}

// versionsSince is how far back Unsolved tells versions: longer than the time from one
// comparison with our own list to the next, usually a day.
const versionsSince = "8d"

// Unsolved tells one page of the issues that aren't done.
//
// On Cloud, versions cost more calls than keys. So there the issues updated of
// late come first, with their versions; and then all of them, as
// rules.AnyVersion: one that nobody has touched for so long was told with its
// version when somebody had.
func (c *Client) Unsolved(ctx context.Context, at string) (desk.Page, error) {
	cur, err := parseCursor(at)
	if err != nil {
		return desk.Page{}, err
	}
	v, err := c.vocabularyNow(ctx)
	if err != nil {
		return desk.Page{}, err
	}
	where := "statusCategory != Done"
	if v.cloud && !cur.Keys {
		where += " AND updated >= -" + versionsSince
	}
	page, err := c.list(ctx, &cur, where)
	if cur.Page != "" && status(err) == http.StatusBadRequest {
		cur.restart() // a token that has expired
		page, err = c.list(ctx, &cur, where)
	}
	if err != nil {
		return desk.Page{}, fmt.Errorf("list unsolved issues of %s: %w", c.cfg.Name, err)
	}
	if v.cloud && !cur.Keys && !page.More {
		cur, page.More = cursor{Keys: true}, true
	}
	page.Cursor = cur.String()
	return page, nil
}

// inProjects is the condition that an issue is in one of these.
func inProjects(keys []string) string {
	var quoted []string
	for _, p := range keys {
		quoted = append(quoted, quote(p))
	}
	return "project in (" + strings.Join(quoted, ", ") + ")"
}

// list searches for one page and moves the cursor behind it. A list that turns
// out to be long begins anew as such, and so does one in which a project is missing:
// without that.
func (c *Client) list(ctx context.Context, cur *cursor, where string) (desk.Page, error) {
	v, err := c.vocabularyNow(ctx)
	if err != nil {
		return desk.Page{}, err
	}
	if cur.Page == "" {
		c.projects.retry(c.cfg.Now())
	}
	jql := where
	if keys := c.projects.there(); len(keys) > 0 {
		jql = inProjects(keys) + " AND " + where
	}
	// By key, which no update moves: by time, an issue updated between two pages
	// would push another one over the edge that has been passed.
	jql += " ORDER BY key ASC"
	search := c.searchCloud
	if !v.cloud {
		search = c.searchDataCenter
	}
	found, next, err := search(ctx, jql, *cur)
	if c.projects.miss(err, c.cfg.Now()) {
		c.cfg.Log.Warn("a project is missing or hidden; the others are read", "source", c.cfg.Name, "err", err)
		cur.restart()
		return c.list(ctx, cur, where)
	}
	if err != nil {
		return desk.Page{}, err
	}
	issues := decode(found)
	page := desk.Page{More: next != ""}
	if news := cur.hasNew(issues); page.More && (!news || next == cur.Page) {
		c.cfg.Log.Warn("pages bring nothing new and don't end", "source", c.cfg.Name)
		return desk.Page{Stuck: true, Notices: c.notices()}, nil
	}
	for _, i := range issues {
		if i.Key == "" {
			c.cfg.Log.Warn("issue in a search has no key", "source", c.cfg.Name, "ticket", string(i.ID))
			continue
		}
		c.projects.adopt(i.Key)
		version := i.version() // none where the issue is odd: to be read, and its trouble told
		if cur.Keys {
			version = desk.AnyVersion
		}
		page.Changes = append(page.Changes, desk.Change{ID: i.Key, Version: version})
	}
	if err := c.relearnProjects(ctx); err != nil {
		return desk.Page{}, err
	}
	page.Notices = c.notices()
	if cur.Long {
		err := c.versions(ctx, page.Changes)
		if status(err) == http.StatusBadRequest {
			c.noLong.Store(true)
			cur.Long = false
			cur.restart()
			return c.list(ctx, cur, where)
		}
		if err != nil {
			return desk.Page{}, err
		}
	}
	if v.cloud && !cur.Keys && !cur.Long && cur.Page != "" && page.More && !c.noLong.Load() {
		cur.restart() // a third page would be dearer
		cur.Long, next = true, ""
	}
	cur.Page = next
	return page, nil
}

// quote is a string of JQL.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// The largest pages of a search: Cloud's of keys, and Data Center's unless set
// otherwise. A Cloud page with any field holds a hundred, whatever is asked for.
//
// So on Cloud a list of more than two such pages is read as one of keys, whose
// versions are then fetched by the thousand: a thousand changed issues are three
// or four calls rather than ten, and less again in the polls that follow, which
// know that there are many. Up to two pages, versions in the search cost no more.
// The versions so fetched aren't from the search's index, and never behind.
const (
	pageOfKeys     = 5000
	pageOfVersions = 1000
	short          = 200  // what two of Cloud's pages of versions hold
	bulkVersions   = 1000 // issues that one bulk fetch of single-valued fields may name
)

// searchCloud reads a page of search/jql. A page without issues isn't the last,
// one without a token is; isLast is known to be wrong at times.
func (c *Client) searchCloud(ctx context.Context, jql string, at cursor) (issues []json.RawMessage, next string, err error) {
	in := map[string]any{"jql": jql, "fields": []string{"updated"}, "maxResults": pageOfVersions}
	if at.Keys || at.Long {
		in["fields"], in["maxResults"] = []string{"key"}, pageOfKeys
	}
	if at.Page != "" {
		in["nextPageToken"] = at.Page
	}
	var out struct {
		Issues        []json.RawMessage `json:"issues"`
		NextPageToken string            `json:"nextPageToken"`
	}
	err = c.found(ctx, "search/jql", in, &out, func() bool { return len(out.Issues) == 0 }, "issues")
	return out.Issues, out.NextPageToken, err
}

// found is a call to search. Where it finds nothing, and the answer doesn't say whom
// it was given to, that is asked: a stranger is shown nothing, either.
func (c *Client) found(ctx context.Context, path string, in, out any, nothing func() bool, keys ...string) error {
	h, err := c.exchange(ctx, "POST", path, in, out, keys...)
	if err == nil && nothing() && !names(h) {
		err = c.signedIn(ctx)
	}
	return err
}

// versions fetches the versions of issues that a search has named by their keys.
// One that doesn't come back has none: it is to be read, which tells why.
//
// Atlassian's description once allowed a hundred issues a call, and allows a
// thousand now where fields are named that hold one value each; a site that
// doesn't answers 400
// (https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/#api-rest-api-2-issue-bulkfetch-post).
func (c *Client) versions(ctx context.Context, changes []desk.Change) error {
	for some := range slices.Chunk(changes, bulkVersions) {
		var keys []string
		for _, ch := range some {
			keys = append(keys, ch.ID)
		}
		var out struct {
			Issues []json.RawMessage `json:"issues"`
		}
		if err := c.call(ctx, "POST", "issue/bulkfetch", map[string]any{"issueIdsOrKeys": keys, "fields": []string{"updated"}}, &out, "issues"); err != nil {
			return err
		}
		found := map[string]string{}
		for _, i := range decode(out.Issues) {
			found[i.Key] = i.version()
		}
		for n := range some {
			some[n].Version = found[some[n].ID]
		}
	}
	return nil
}

// searchDataCenter reads a page of search, from an offset.
func (c *Client) searchDataCenter(ctx context.Context, jql string, at cursor) (issues []json.RawMessage, next string, err error) {
	start, err := strconv.Atoi("0" + at.Page)
	if err != nil {
		return nil, "", fmt.Errorf("page %.20q is no offset", at.Page)
	}
	in := map[string]any{"jql": jql, "fields": []string{"updated"}, "maxResults": pageOfVersions, "startAt": start}
	var out struct {
		Issues []json.RawMessage `json:"issues"`
		Total  int               `json:"total"`
	}
	if err := c.found(ctx, "search", in, &out, func() bool { return len(out.Issues) == 0 }, "issues", "total"); err != nil {
		return nil, "", err
	}
	if end := start + len(out.Issues); len(out.Issues) > 0 && end < out.Total {
		next = strconv.Itoa(end)
	}
	return out.Issues, next, nil
}
