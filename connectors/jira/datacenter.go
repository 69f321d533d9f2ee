package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// fetchDataCenter reads issues with a search, which there brings whole
// changelogs and comments along. validateQuery is false since one unknown key
// would otherwise fail the search; where it does all the same, each issue is
// asked for by itself.
func (c *Client) fetchDataCenter(ctx context.Context, ids []string) ([]*record, error) {
	v, err := c.known(ctx)
	if err != nil {
		return nil, err
	}
	in := map[string]any{
		"jql": "issuekey in (" + strings.Join(ids, ", ") + ")", "maxResults": len(ids), "validateQuery": false,
		"fields": fieldsToRead, "expand": []string{"changelog"},
	}
	var out struct {
		Issues []json.RawMessage `json:"issues"`
	}
	err = c.call(ctx, "POST", "search", in, &out)
	if status(err) == http.StatusBadRequest {
		out.Issues, err = c.fetchEach(ctx, ids)
	}
	if err != nil {
		return nil, err
	}
	records := decode(out.Issues)
	for _, r := range records {
		if r.err != nil {
			continue
		}
		if log := r.Changelog; log != nil {
			r.histories = log.Histories
			if log.Total > len(log.Histories) {
				r.err = fmt.Errorf("changelog is cut off: %d of %d entries", len(log.Histories), log.Total)
			}
		}
		if r.takeTalk(); len(r.talk) > 0 && v.serviceDesk(&r.issue) {
			r.cutTalk = true // which are internal isn't said
		}
	}
	return records, nil
}

// fetchEach reads issues one by one, leaving out those that aren't there.
func (c *Client) fetchEach(ctx context.Context, ids []string) ([]json.RawMessage, error) {
	var issues []json.RawMessage
	for _, id := range ids {
		var raw json.RawMessage
		err := c.call(ctx, "GET", "issue/"+url.PathEscape(id)+"?expand=changelog&fields="+url.QueryEscape(strings.Join(fieldsToRead, ",")), nil, &raw)
		switch {
		case status(err) == http.StatusNotFound:
		case err != nil:
			return nil, err
		default:
			issues = append(issues, raw)
		}
	}
	return issues, nil
}

// serviceDesk says whether an issue may have internal comments: Service
// Management is there, and the project is one of its.
func (v *vocabulary) serviceDesk(i *issue) bool {
	kind := read[struct {
		Type string `json:"projectTypeKey"`
	}](i, "project").Type
	return len(v.find(requestTypePart)) > 0 && (kind == "" || kind == "service_desk")
}
