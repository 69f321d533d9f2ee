package jira

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"vigie/rules"
)

// issueID is what Jira calls an issue: a number, or a key.
var issueID = regexp.MustCompile(`^(?:[0-9]{1,19}|[A-Za-z][A-Za-z0-9_]*-[0-9]{1,19})$`)

// A record is all that is read of one issue.
type record struct {
	issue
	histories []history
	talk      []comment
	err       error // this one can't be read
}

// Read fetches issues with their whole history, by key or by numeric id. The
// tickets' IDs are keys. A key that an issue no longer has, having been moved,
// is gone, and so is an issue outside the configured projects: it lives on, if
// at all, under the key that the next list of changes gives.
func (c *Client) Read(ctx context.Context, ids []string) ([]rules.Reading, error) {
	v, err := c.known(ctx)
	if err != nil {
		return nil, err
	}
	found := map[string]*record{} // by id and by key in capitals
	var ask []string
	for _, id := range ids {
		if _, twice := found[strings.ToUpper(id)]; !twice && issueID.MatchString(id) && c.cfg.watches(id) {
			found[strings.ToUpper(id)] = nil
			ask = append(ask, id)
		}
	}
	for len(ask) > 0 {
		n := min(bulk, len(ask))
		fetch := c.fetchCloud
		if !v.cloud {
			fetch = c.fetchDataCenter
		}
		records, err := fetch(ctx, ask[:n])
		if err != nil {
			return nil, fmt.Errorf("read %d issues of %s: %w", n, c.cfg.Name, err)
		}
		ask = ask[n:]
		if v, err = c.relearn(ctx, v, records); err != nil {
			return nil, err
		}
		for _, r := range records {
			found[string(r.ID)] = r
			if r.Key != "" {
				found[strings.ToUpper(r.Key)] = r
			}
		}
	}
	readings := make([]rules.Reading, len(ids))
	for n, id := range ids {
		readings[n] = v.reading(id, found[strings.ToUpper(id)])
	}
	return readings, nil
}

// reading tells one record, or its absence.
func (v *vocabulary) reading(id string, r *record) rules.Reading {
	reading := rules.Reading{ID: id}
	switch {
	case !issueID.MatchString(id):
		reading.Err = fmt.Errorf("%.40q is neither a key nor an id of an issue", id)
	case r == nil || r.err == nil && !v.watches(r.Key):
		reading.Gone = true
	case r.err != nil:
		reading.Err = r.err
	default:
		reading.Version = r.version()
		reading.Ticket, reading.Err = v.ticket(&r.issue, r.histories, r.talk)
	}
	return reading
}

// relearn asks the site again when an issue stands in a status that wasn't
// there before: once for each, since some sites don't list all.
func (c *Client) relearn(ctx context.Context, v *vocabulary, records []*record) (*vocabulary, error) {
	for _, r := range records {
		s := read[named](&r.issue, "status")
		if s.ID == "" || len(v.statuses) == 0 {
			continue
		}
		if _, ok := v.category(string(s.ID), s.Name); !ok && c.firstSeen(s.ID) {
			return c.ask(ctx)
		}
	}
	return v, nil
}

func (c *Client) firstSeen(status word) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := !c.unlisted[status]
	c.unlisted[status] = true
	return first
}
