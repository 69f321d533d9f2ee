package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// fetchDataCenter reads issues with what Data Center's search brings along: whole
// changelogs, and comments. What that doesn't find isn't among them.
func (c *Client) fetchDataCenter(ctx context.Context, ids []string) ([]*record, error) {
	return c.byKey(ctx, ids, fieldsToRead, true)
}

// byKey reads issues, by keys and ids, with one search. What that doesn't find is to
// be asked for by itself, since its index may be behind; so is all where one unknown
// key fails the search, which it shouldn't as validateQuery is false.
func (c *Client) byKey(ctx context.Context, ids, fields []string, history bool) ([]*record, error) {
	in := map[string]any{
		"jql": "issuekey in (" + strings.Join(ids, ", ") + ")", "maxResults": len(ids), "validateQuery": false, "fields": fields,
	}
	if history {
		in["expand"] = []string{"changelog"}
	}
	var out struct {
		Issues []json.RawMessage `json:"issues"`
	}
	if err := c.call(ctx, "POST", "search", in, &out, "issues"); err != nil && status(err) != http.StatusBadRequest {
		return nil, err
	}
	return decode(out.Issues), nil
}

// takeWhole takes what Data Center shows of an issue: all of its changelog, and its
// comments, of which it doesn't say which are internal.
func (v *vocabulary) takeWhole(r *record) {
	if r.err != nil {
		return
	}
	if log := r.Changelog; log != nil {
		r.histories = log.Histories
		if log.Total > len(log.Histories) {
			r.err = fmt.Errorf("changelog is cut off: %d of %d entries", len(log.Histories), log.Total)
		}
	}
	if r.takeTalk(); len(r.comments) > 0 && v.serviceDesk(&r.issue) {
		r.commentsCut = true
	}
}

// serviceDesk says whether an issue may have internal comments: Service
// Management is there, and the project is one of its.
func (v *vocabulary) serviceDesk(i *issue) bool {
	kind := read[struct {
		Type string `json:"projectTypeKey"`
	}](i, "project").Type
	return len(v.find(requestTypePart)) > 0 && (kind == "" || kind == "service_desk")
}
