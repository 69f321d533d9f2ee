package jira

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	bulk         = 100   // issues that one bulk fetch may name
	bulkLogs     = 1000  // issues that one bulk fetch of changelogs may name
	bulkChanges  = 10000 // entries in one page of that
	shownChanges = 40    // the most entries that a bulk fetch of issues shows of each
)

// fieldsToRead leaves out what is large and of no use here.
var fieldsToRead = []string{"*all", "-worklog", "-issuelinks", "-subtasks", "-watches", "-votes", "-thumbnail"}

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

// fetchCloud reads up to bulk issues in one call, with what that shows of their
// changelogs and comments: all, for most.
func (c *Client) fetchCloud(ctx context.Context, ids []string) ([]*record, error) {
	in := map[string]any{"issueIdsOrKeys": ids, "fields": fieldsToRead, "expand": []string{"changelog"}, "properties": []string{"request.channel.type"}}
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
	for _, r := range records {
		// The newest come first, 40 at most; total may be of the page only.
		r.cutLog = true
		if log := r.Changelog; log != nil {
			r.histories, r.cutLog = log.Histories, log.Total > len(log.Histories) || len(log.Histories) >= shownChanges
		}
		r.takeTalk()
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

// complete reads what the fetches of some issues left out. Where it fails, some
// are left as they are.
func (c *Client) complete(ctx context.Context, records []*record) error {
	var cut []*record
	for _, r := range records {
		if r.err == nil && r.cutLog {
			cut = append(cut, r)
		}
	}
	for some := range slices.Chunk(cut, bulkLogs) {
		if err := c.changelogs(ctx, some); err != nil {
			return err
		}
	}
	for _, r := range records {
		if r.err == nil && r.cutTalk {
			if err := c.comments(ctx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// changelogs reads the whole changelogs of some issues, oldest entry first. An
// issue can be split over pages.
func (c *Client) changelogs(ctx context.Context, records []*record) error {
	byID := map[word]*record{}
	var ids []string
	for _, r := range records {
		byID[r.ID], r.histories = r, nil
		ids = append(ids, string(r.ID))
	}
	in := map[string]any{"issueIdsOrKeys": ids, "maxResults": bulkChanges}
	for seen := map[string]bool{}; ; {
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
			r := byID[log.IssueID]
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
			break
		}
		if seen[out.Next] {
			return errors.New("changelog/bulkfetch repeats a page")
		}
		seen[out.Next] = true
		in["nextPageToken"] = out.Next
	}
	for _, r := range records {
		r.cutLog = false
	}
	return nil
}
