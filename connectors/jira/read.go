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
	fresh     []rules.Act // comments to be kept
	cast      *cast       // nil until it is known who is who
	cutLog    bool        // the histories are not all
	cutTalk   bool        // the comments are not all, or not all that is to be known of them
	err       error       // this one can't be read
}

// Read fetches issues with their whole history, by key or by numeric id: on
// Cloud a hundred in one call, and one more for the long changelogs among a
// thousand. The tickets' IDs are keys. A key that an issue no longer has, having
// been moved, is gone, and so is an issue outside the configured projects: it
// lives on, if at all, under the key that the next list of changes gives.
//
// Where Jira stops answering on the way, the readings that were complete by then
// come beside the error. An id that is left out there isn't gone.
func (c *Client) Read(ctx context.Context, ids []string) ([]rules.Reading, error) {
	asks := make([]rules.Ask, len(ids))
	for n, id := range ids {
		asks[n].ID = id
	}
	return c.Tell(ctx, asks)
}

// Tell is Read for issues of which something is kept: a comment that was read once
// stays said when it is deleted, and stays its author's when Jira can't tell any
// more who that was. The readings have the comments that aren't kept yet.
func (c *Client) Tell(ctx context.Context, asks []rules.Ask) ([]rules.Reading, error) {
	kept := map[string][]rules.Act{} // by id or key in capitals
	ids := make([]string, len(asks))
	for n, a := range asks {
		ids[n] = a.ID
		kept[strings.ToUpper(a.ID)] = a.Acts
	}
	v, err := c.known(ctx)
	if err != nil {
		return nil, err
	}
	fetch := c.fetchCloud
	if !v.cloud {
		fetch = c.fetchDataCenter
	}
	found := map[string]*record{} // by id and by key in capitals; nil = asked for
	var ask []string
	for _, id := range ids {
		if _, twice := found[strings.ToUpper(id)]; !twice && issueID.MatchString(id) && c.cfg.watches(id) {
			found[strings.ToUpper(id)] = nil
			ask = append(ask, id)
		}
	}
	var all []*record
	for err == nil && len(ask) > 0 {
		n := min(bulk, len(ask))
		var records []*record
		if records, err = fetch(ctx, ask[:n]); err == nil {
			all, ask = append(all, records...), ask[n:]
		}
	}
	for _, r := range all {
		found[string(r.ID)] = r
		if r.Key != "" {
			found[strings.ToUpper(r.Key)] = r
		}
	}
	if err == nil {
		err = c.complete(ctx, all)
	}
	if err == nil {
		v, err = c.relearn(ctx, v, all)
	}
	for _, r := range all {
		if r.err == nil && !r.cutTalk {
			r.fresh = r.recall(append(kept[strings.ToUpper(r.Key)], kept[string(r.ID)]...))
		}
	}
	if unknown := c.muster(ctx, v, all); err == nil {
		err = unknown
	}
	open := map[string]bool{} // not asked for, since an error came first
	for _, id := range ask {
		open[strings.ToUpper(id)] = true
	}
	var readings []rules.Reading
	for _, id := range ids {
		r := found[strings.ToUpper(id)]
		if open[strings.ToUpper(id)] || r != nil && r.err == nil && r.cast == nil && v.watches(r.Key) {
			continue
		}
		readings = append(readings, v.reading(id, r))
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", rules.Counted("en", "read %d issue{s} of %s, of which %d {is|are} read", len(ids), c.cfg.Name, len(readings)), err)
	}
	return readings, err
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
		reading.Version, reading.Acts = r.version(), r.fresh
		reading.Ticket, reading.Err = v.ticket(r)
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
