package jira

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
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
// changelogs and comments: all, for most. What couldn't be fetched ("issueErrors") is
// missing like what isn't there.
func (c *Client) fetchCloud(ctx context.Context, ids []string) ([]*record, error) {
	in := map[string]any{"issueIdsOrKeys": ids, "fields": fieldsToRead, "expand": []string{"changelog"}, "properties": []string{"request.channel.type"}}
	var out struct {
		Issues []json.RawMessage `json:"issues"`
	}
	if err := c.call(ctx, "POST", "issue/bulkfetch", in, &out, "issues"); err != nil {
		return nil, err
	}
	return decode(out.Issues), nil
}

// takeHistory takes over what an answer shows of an issue's history, and notes which parts
// may be cut off.
func (v *vocabulary) takeHistory(r *record) {
	if !v.cloud {
		v.takeWhole(r)
		return
	}
	// The newest come first, 40 at most; total may be of the page only.
	r.changelogCut = true
	if log := r.Changelog; log != nil {
		r.histories, r.total = log.Histories, log.Total
		r.changelogCut = log.Total > len(log.Histories) || len(log.Histories) >= shownChanges
	}
	r.takeTalk()
}

// complete reads the changelogs and comments that the bulk fetch cut off. After an error
// some issues are left incomplete.
func (c *Client) complete(ctx context.Context, records []*record, patience time.Duration) error {
	var cut, talk []*record
	for _, r := range records {
		if r.err == nil && !r.elsewhere && r.changelogCut {
			cut = append(cut, r)
		}
	}
	amiss := func(r *record, err error) { r.err = fmt.Errorf("history can't be read: %w", err) }
	if _, err := inParts(ctx, cut, &c.logs, patience, c.changelogs, amiss); err != nil {
		return err
	}
	for _, r := range records {
		if r.err == nil && !r.elsewhere && r.commentsCut {
			talk = append(talk, r)
		}
	}
	return each(ctx, talk, func(ctx context.Context, r *record) error { return c.comments(ctx, r, patience) }, amiss)
}

// changelogs reads the whole changelogs of some issues, oldest entry first. An issue can
// be split over pages. A page with nothing new ends the list; an issue of which more
// entries were promised then counts as unreadable.
func (c *Client) changelogs(ctx context.Context, records []*record, patience time.Duration) error {
	byID := map[word]*record{}
	var ids []string
	for _, r := range records {
		byID[r.ID], r.histories = r, nil
		ids = append(ids, string(r.ID))
	}
	in := map[string]any{"issueIdsOrKeys": ids, "maxResults": bulkChanges}
	seen := map[word]bool{} // entries' ids, which are the site's
	cut := false
	for empty := 0; ; {
		var out struct {
			Logs []struct {
				IssueID   word              `json:"issueId"`
				Histories []json.RawMessage `json:"changeHistories"`
			} `json:"issueChangeLogs"`
			Next string `json:"nextPageToken"`
		}
		if err := within(ctx, patience, func(ctx context.Context) error {
			return c.call(ctx, "POST", "changelog/bulkfetch", in, &out, "issueChangeLogs")
		}); err != nil {
			return err
		}
		fresh := 0
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
				if h.ID == "" || !seen[h.ID] {
					seen[h.ID] = true
					fresh++
					r.histories = append(r.histories, h)
				}
			}
		}
		if out.Next == "" {
			break
		}
		if fresh == 0 {
			if empty++; len(out.Logs) > 0 || empty > emptyPages || in["nextPageToken"] == out.Next {
				cut = true
				c.cfg.Log.Warn("changelog pages bring nothing new and don't end", "source", c.cfg.Name, "tickets", len(ids))
				break
			}
		}
		in["nextPageToken"] = out.Next
	}
	for _, r := range records {
		r.changelogCut = false
		if cut && (r.total == 0 || len(r.histories) < r.total) && r.err == nil {
			r.err = fmt.Errorf("changelog is cut off: %d of %d entries, and the pages don't end", len(r.histories), r.total)
		}
	}
	return nil
}
