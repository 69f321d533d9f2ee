package jira

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

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
	named     bool        // instead of those that are, which have names
	taken     bool        // a comment that was kept isn't there any more
	cast      *cast       // nil until it is known who is who
	cutLog    bool        // the histories are not all
	cutTalk   bool        // the comments are not all, or not all that is to be known of them
	total     int         // entries of the changelog, where that was said
	elsewhere bool        // in a project that isn't ours
	err       error       // this one can't be read
}

// Read fetches issues with their whole history, by key or by numeric id: on
// Cloud a hundred in one call, and one more for the long changelogs among a
// thousand. The tickets' IDs are keys, as they are now. What those calls don't bring is
// asked for by itself, and gone only if Jira says so of it; an issue that has been moved
// out of the configured projects is gone from them. Of two names of one issue one tells
// the ticket, and the other that it is the same.
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
	patience := c.patience(ctx)
	found, err := c.gather(ctx, v, ids, patience)
	if err == nil {
		err = c.relearnProjects(ctx)
	}
	if err == nil {
		err = c.complete(ctx, found.all, patience)
	}
	if err == nil {
		v, err = c.relearn(ctx, v, found.all)
	}
	for _, r := range found.all {
		if r.err == nil && !r.cutTalk {
			var acts []rules.Act
			for _, name := range append(c.projects.former(&r.issue, r.histories), r.Key, string(r.ID)) {
				acts = append(acts, kept[strings.ToUpper(name)]...)
			}
			r.fresh = r.recall(acts, c.cfg.Automations)
		}
	}
	if unknown := c.muster(ctx, v, found.all); err == nil {
		err = unknown
	}
	readings := found.tell(c, v, ids)
	if err != nil {
		err = fmt.Errorf("%s: %w", rules.Counted("en", "read %d issue{s} of %s, of which %d {is|are} read", len(ids), c.cfg.Name, len(readings)), err)
	}
	return readings, err
}

// gathered are the issues that some names stand for.
type gathered struct {
	all    []*record
	byName map[string]*record // by id and by key in capitals; nil = asked for by itself, and not there
}

// gather fetches issues: in bulk, and what that leaves out one by one.
func (c *Client) gather(ctx context.Context, v *vocabulary, ids []string, patience time.Duration) (*gathered, error) {
	g := &gathered{byName: map[string]*record{}}
	var ask []string
	twice := map[string]bool{}
	for _, id := range ids {
		if name := strings.ToUpper(id); !twice[name] && issueID.MatchString(id) {
			twice[name] = true
			ask = append(ask, id)
		}
	}
	fetch := c.fetchCloud
	if !v.cloud {
		fetch = c.fetchDataCenter
	}
	left, err := inParts(ctx, ask, &c.reads, patience, func(ctx context.Context, some []string, patience time.Duration) error {
		return within(ctx, patience, func(ctx context.Context) error {
			records, err := fetch(ctx, some)
			for _, r := range records {
				g.add(c, v, r)
			}
			return err
		})
	}, func(id string, err error) { g.byName[strings.ToUpper(id)] = unread(id, err) })
	if err != nil {
		return g, err
	}
	var missing []string
	for _, id := range ask {
		if _, ok := g.byName[strings.ToUpper(id)]; !ok && !slices.Contains(left, id) {
			missing = append(missing, id)
		}
	}
	singles, err := c.singly(ctx, missing, fieldsToRead, true)
	for id, r := range singles {
		if r == nil {
			g.byName[strings.ToUpper(id)] = nil
			continue
		}
		if r.err == nil {
			r = g.add(c, v, r)
		}
		g.byName[strings.ToUpper(id)] = r
	}
	return g, err
}

// add takes a fetched issue in, unless it is there by another of its names, under all
// names that it has.
func (g *gathered) add(c *Client, v *vocabulary, r *record) *record {
	if old := g.byName[string(r.ID)]; old != nil && r.ID != "" {
		return old
	}
	if r.err == nil {
		yes, sure := c.projects.ours(&r.issue)
		r.elsewhere = !yes && sure
		if !yes && !sure {
			r.err = fmt.Errorf("issue %s is in a project that may be one of ours by another key; which those have can't be told now", r.Key)
		}
	}
	if r.err == nil {
		v.take(r)
	}
	g.all = append(g.all, r)
	g.byName[string(r.ID)] = r
	for _, name := range c.projects.former(&r.issue, r.histories) {
		if name = strings.ToUpper(name); g.byName[name] == nil {
			g.byName[name] = r
		}
	}
	if r.Key != "" {
		g.byName[strings.ToUpper(r.Key)] = r
	}
	return r
}

// tell has a reading for each name that is decided. An issue is told under its key, if
// it was asked for by it.
func (g *gathered) tell(c *Client, v *vocabulary, ids []string) (readings []rules.Reading) {
	told := map[*record]string{}
	for _, id := range ids {
		if r := g.byName[strings.ToUpper(id)]; r != nil && (told[r] == "" || id == r.Key) {
			told[r] = id
		}
	}
	done := map[string]bool{}
	for _, id := range ids {
		reading := rules.Reading{ID: id}
		r, decided := g.byName[strings.ToUpper(id)]
		switch {
		case !issueID.MatchString(id):
			reading.Err = fmt.Errorf("%.40q is neither a key nor an id of an issue", id)
		case !decided:
			continue
		case r == nil:
			reading.Gone = true
		case r.err != nil:
			reading.Err = r.err
		case r.elsewhere: // Jira itself says where
			reading.Gone, reading.Deleted = true, true
		case r.cast == nil:
			continue
		case told[r] != id || done[id]:
			reading.Same = r.Key
		default:
			reading.Version, reading.Acts, reading.Whole, reading.Redacted = r.version(), r.fresh, r.named, r.taken
			if reading.Ticket, reading.Err = v.ticket(r); reading.Ticket != nil {
				reading.Names = c.projects.former(&r.issue, r.histories)
				if name := strings.ToUpper(id); strings.Contains(name, "-") && name != strings.ToUpper(r.Key) && !slices.Contains(reading.Names, name) {
					reading.Names = append(reading.Names, name) // Jira still knows it by that
				}
			}
		}
		done[id] = true
		readings = append(readings, reading)
	}
	return readings
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
