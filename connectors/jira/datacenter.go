package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// fetchDataCenter reads issues with what Data Center's search brings along: whole
// changelogs, and comments.
func (c *Client) fetchDataCenter(ctx context.Context, ids []string) ([]*record, error) {
	v, err := c.known(ctx)
	if err != nil {
		return nil, err
	}
	records, err := c.byKey(ctx, ids, fieldsToRead)
	if err != nil {
		return nil, err
	}
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

// byKey reads issues, by keys and ids, with one search. What that doesn't find
// is asked for by itself, since its index may be behind; so is all where one
// unknown key fails the search, which it shouldn't as validateQuery is false.
func (c *Client) byKey(ctx context.Context, ids, fields []string) ([]*record, error) {
	in := map[string]any{
		"jql": "issuekey in (" + strings.Join(ids, ", ") + ")", "maxResults": len(ids), "validateQuery": false,
		"fields": fields, "expand": []string{"changelog"},
	}
	var out struct {
		Issues []json.RawMessage `json:"issues"`
	}
	if err := c.call(ctx, "POST", "search", in, &out); err != nil && status(err) != http.StatusBadRequest {
		return nil, err
	}
	records := decode(out.Issues)
	found := map[string]bool{}
	for _, r := range records {
		found[string(r.ID)], found[strings.ToUpper(r.Key)] = true, true
	}
	for _, id := range ids {
		if found[strings.ToUpper(id)] {
			continue
		}
		one, err := c.oneByKey(ctx, id, fields)
		if err != nil {
			return nil, err
		}
		records = append(records, one...)
	}
	return records, nil
}

// oneByKey reads one issue; none if it isn't there.
func (c *Client) oneByKey(ctx context.Context, id string, fields []string) ([]*record, error) {
	var raw json.RawMessage
	err := c.call(ctx, "GET", "issue/"+url.PathEscape(id)+"?expand=changelog&fields="+url.QueryEscape(strings.Join(fields, ",")), nil, &raw)
	if status(err) == http.StatusNotFound {
		return nil, nil
	}
	return decode([]json.RawMessage{raw}), err
}

// serviceDesk says whether an issue may have internal comments: Service
// Management is there, and the project is one of its.
func (v *vocabulary) serviceDesk(i *issue) bool {
	kind := read[struct {
		Type string `json:"projectTypeKey"`
	}](i, "project").Type
	return len(v.find(requestTypePart)) > 0 && (kind == "" || kind == "service_desk")
}
