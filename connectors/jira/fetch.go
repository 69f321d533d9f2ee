package jira

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// bulk is how many issues one bulk fetch may name.
const bulk = 100

// fieldsToRead leaves out what is large and of no use here.
var fieldsToRead = []string{"*all", "-attachment", "-worklog", "-issuelinks", "-subtasks", "-watches", "-votes", "-thumbnail"}

// decode reads the issues of an answer, each for itself.
func decode(raws []json.RawMessage) []*record {
	var records []*record
	for _, raw := range raws {
		r := new(record)
		if err := json.Unmarshal(raw, &r.issue); err != nil {
			// What names it may still be readable.
			var name struct {
				ID  word `json:"id"`
				Key word `json:"key"`
			}
			json.Unmarshal(raw, &name)
			r.ID, r.Key, r.err = name.ID, string(name.Key), fmt.Errorf("issue can't be read: %w", err)
		}
		records = append(records, r)
	}
	return records
}

// fetchCloud reads up to bulk issues, their changelogs and their comments in
// two calls, and more where an issue has more comments than it shows.
func (c *Client) fetchCloud(ctx context.Context, ids []string) ([]*record, error) {
	in := map[string]any{"issueIdsOrKeys": ids, "fields": fieldsToRead, "properties": []string{"request.channel.type"}}
	var out struct {
		Issues []json.RawMessage `json:"issues"`
		Errors []struct {
			Message string `json:"errorMessage"`
		} `json:"issueErrors"` // couldn't be fetched now; those that don't exist are only missing
	}
	if err := c.call(ctx, "POST", "issue/bulkfetch", in, &out); err != nil {
		return nil, err
	}
	records := decode(out.Issues)
	byID := map[word]*record{}
	var readable []string
	for _, r := range records {
		if r.err == nil {
			byID[r.ID] = r
			readable = append(readable, string(r.ID))
		}
	}
	if err := c.changelogs(ctx, readable, byID); err != nil {
		return nil, err
	}
	for _, r := range byID {
		if err := c.comments(ctx, r, false); err != nil {
			return nil, err
		}
	}
	// An error names an issue by its id, which may have been asked for by key: so
	// none that is missing beside an error is taken to be gone.
	if len(out.Errors) > 0 {
		here := map[string]bool{}
		for _, r := range records {
			here[string(r.ID)], here[strings.ToUpper(r.Key)] = true, true
		}
		for _, id := range ids {
			if !here[strings.ToUpper(id)] {
				r := &record{err: fmt.Errorf("issue can't be fetched: %.200s", out.Errors[0].Message)}
				r.ID, r.Key = word(id), id
				records = append(records, r)
			}
		}
	}
	return records, nil
}

// changelogs reads the whole changelogs of some issues, oldest entry first. An
// issue can be split over pages.
func (c *Client) changelogs(ctx context.Context, ids []string, into map[word]*record) error {
	if len(ids) == 0 {
		return nil
	}
	in := map[string]any{"issueIdsOrKeys": ids, "maxResults": 1000}
	seen := map[string]bool{}
	for {
		var out struct {
			Logs []struct {
				IssueID   word              `json:"issueId"`
				Histories []json.RawMessage `json:"changeHistories"`
			} `json:"issueChangeLogs"`
			Next string `json:"nextPageToken"`
		}
		if err := c.call(ctx, "POST", "changelog/bulkfetch", in, &out); err != nil {
			return err
		}
		for _, log := range out.Logs {
			r := into[log.IssueID]
			if r == nil {
				continue
			}
			for _, raw := range log.Histories {
				var h history
				if err := json.Unmarshal(raw, &h); err != nil || h.Created.IsZero() {
					r.err = errors.Join(fmt.Errorf("changelog can't be read"), err)
					continue
				}
				r.histories = append(r.histories, h)
			}
		}
		if out.Next == "" {
			return nil
		}
		if seen[out.Next] {
			return errors.New("changelog/bulkfetch repeats a page")
		}
		seen[out.Next] = true
		in["nextPageToken"] = out.Next
	}
}

// fetchDataCenter reads issues with a search, which there brings whole
// changelogs and comments along. validateQuery is false since one unknown key
// would otherwise fail the search; where it does all the same, each issue is
// asked for by itself.
func (c *Client) fetchDataCenter(ctx context.Context, ids []string) ([]*record, error) {
	in := map[string]any{
		"jql": "issuekey in (" + strings.Join(ids, ", ") + ")", "maxResults": len(ids), "validateQuery": false,
		"fields": fieldsToRead, "expand": []string{"changelog"},
	}
	var out struct {
		Issues []json.RawMessage `json:"issues"`
	}
	err := c.call(ctx, "POST", "search", in, &out)
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
		if err := c.comments(ctx, r, true); err != nil {
			return nil, err
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

// comments takes an issue's comments from its field. Where the field holds only
// some, or where it doesn't say which are internal, as on Data Center, they are
// read one page after the other with the property that does.
func (c *Client) comments(ctx context.Context, r *record, always bool) error {
	raw, ok := r.Fields["comment"]
	if !ok {
		return nil
	}
	var page comments
	if err := json.Unmarshal(raw, &page); err != nil {
		r.err = fmt.Errorf("comments can't be read: %w", err)
		return nil
	}
	if r.talk = page.Comments; page.Total <= len(r.talk) && (!always || len(r.talk) == 0) {
		return nil
	}
	for r.talk = nil; ; {
		var page comments
		path := "issue/" + url.PathEscape(string(r.ID)) + "/comment?expand=properties&orderBy=created&maxResults=100&startAt=" + strconv.Itoa(len(r.talk))
		if err := c.call(ctx, "GET", path, nil, &page); err != nil {
			return err
		}
		r.talk = append(r.talk, page.Comments...)
		if len(page.Comments) == 0 || len(r.talk) >= page.Total {
			return nil
		}
	}
}
