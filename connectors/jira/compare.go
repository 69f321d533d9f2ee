package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"vigie/connectors/desk"
)

// Compare tells how issues stand that were read before: those that Jira shows, a
// hundred to a request. One that is absent may be deleted, moved or hidden: reading it
// says so.
func (c *Client) Compare(ctx context.Context, ids []string) (list []desk.Shown, err error) {
	v, err := c.vocabularyNow(ctx)
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(ids, bulk) {
		path, in := "issue/bulkfetch", map[string]any{"issueIdsOrKeys": some, "fields": []string{"updated", "reporter", "project"}}
		if !v.cloud {
			path, in = "search", map[string]any{
				"jql": "issuekey in (" + strings.Join(some, ", ") + ")", "maxResults": len(some), "validateQuery": false,
				"fields": []string{"updated", "reporter", "project"},
			}
		}
		var out struct {
			Issues []json.RawMessage `json:"issues"`
		}
		if err := c.call(ctx, "POST", path, in, &out, "issues"); err != nil {
			return nil, fmt.Errorf("compare issues of %s: %w", c.cfg.Name, err)
		}
		for _, r := range decode(out.Issues) {
			ours, sure := c.projects.ours(&r.issue)
			if r.err == nil && (ours || !sure) {
				reporter := read[*user](&r.issue, "reporter")
				list = append(list, desk.Shown{ID: r.Key, Version: r.version(), Requester: reporter.who()})
			}
		}
	}
	return list, nil
}
