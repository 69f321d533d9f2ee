package zendesk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"vigie/connectors/desk"
)

// Compare tells how tickets stand that were read before: those that Zendesk shows, a
// hundred to a request, and as many requesters. One that is absent may be deleted,
// soft or for good, or hidden: reading it says so.
func (c *Client) Compare(ctx context.Context, ids []string) (list []desk.Shown, err error) {
	for some := range slices.Chunk(ids, perRequest) {
		var answer struct {
			Tickets []json.RawMessage `json:"tickets"`
		}
		if err := c.get(ctx, "/tickets/show_many.json?ids="+strings.Join(some, ","), &answer, "tickets"); err != nil {
			return nil, fmt.Errorf("compare tickets: %w", err)
		}
		var rows []wireTicket
		people := map[string]bool{}
		for _, raw := range answer.Tickets {
			if row, err := readTicket(raw); err == nil && row.Status != "deleted" {
				rows, people[row.RequesterID.id()] = append(rows, row), true
			}
		}
		known, err := c.dir.names(ctx, people, nil)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			list = append(list, desk.Shown{ID: string(row.ID), Version: row.version(), Requester: known.email(row.RequesterID.id())})
		}
	}
	return list, nil
}
