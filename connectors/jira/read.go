package jira

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"vigie/connectors/desk"
	"vigie/rules"
)

// issueID is what Jira calls an issue: a number, or a key.
var issueID = regexp.MustCompile(`^(?:[0-9]{1,19}|[A-Za-z][A-Za-z0-9_]*-[0-9]{1,19})$`)

// A record is all that is read of one issue.
type record struct {
	issue
	histories      []history
	comments       []comment
	newComments    []desk.Act // comments to be kept
	namesKept      bool       // the new comments replace the kept ones, which have names
	commentRemoved bool       // a kept comment is no longer in the issue
	people         *people    // nil until the roles of its users are known
	changelogCut   bool       // histories lacks some entries
	commentsCut    bool       // comments lacks some, or some of what is to be known of them
	total          int        // entries of the changelog, where that was said
	elsewhere      bool       // in a project that isn't ours
	err            error      // this one can't be read
}

// Read fetches issues with their whole history, by key or by numeric id: on Cloud a
// hundred in one call, and one more call for the long changelogs among a thousand. The
// tickets' IDs are the keys that the issues have now. An issue that those calls leave out
// is asked for by itself, and counts as gone only if Jira says so of it; one that was
// moved out of the configured projects is gone from them. If an issue was asked for by two
// of its names, one reading has the ticket, and the other says that it is the same.
//
// Where Jira stops answering on the way, the readings that were complete by then come
// beside the error. An id that is left out there isn't gone.
func (c *Client) Read(ctx context.Context, ids []string) ([]desk.Reading, error) {
	asks := make([]desk.Ask, len(ids))
	for n, id := range ids {
		asks[n].ID = id
	}
	return c.Tell(ctx, asks)
}

// Tell is Read for issues of which something is kept: a comment that was read once stays
// in the history when it is deleted, and keeps its author when Jira no longer says who
// that was. The readings have the comments that aren't kept yet.
func (c *Client) Tell(ctx context.Context, asks []desk.Ask) ([]desk.Reading, error) {
	kept := map[string][]desk.Act{} // by id or key in capitals
	ids := make([]string, len(asks))
	for n, a := range asks {
		ids[n] = a.ID
		kept[strings.ToUpper(a.ID)] = a.Acts
	}
	v, err := c.vocabularyNow(ctx)
	if err != nil {
		return nil, err
	}
	patience := c.patience(ctx)
	found, err := c.fetchIssues(ctx, v, ids, patience)
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
		if r.err == nil && !r.commentsCut {
			var acts []desk.Act
			for _, name := range append(c.projects.former(&r.issue, r.histories), r.Key, string(r.ID)) {
				acts = append(acts, kept[strings.ToUpper(name)]...)
			}
			r.newComments = r.recall(acts, c.cfg.Automations)
		}
	}
	if unknown := c.resolvePeople(ctx, v, found.all); err == nil {
		err = unknown
	}
	readings := found.readings(c, v, ids)
	if err != nil {
		err = fmt.Errorf("%s: %w", rules.Counted("en", "read %d issue{s} of %s, of which %d {is|are} read", len(ids), c.cfg.Name, len(readings)), err)
	}
	return readings, err
}

// fetchedIssues are the issues that were fetched, by all their names.
type fetchedIssues struct {
	all    []*record
	byName map[string]*record // by id and by key in capitals; nil = asked for by itself, and not there
}

// fetchIssues fetches issues in bulk, and those that the bulk calls leave out one by one.
func (c *Client) fetchIssues(ctx context.Context, v *vocabulary, ids []string, patience time.Duration) (*fetchedIssues, error) {
	g := &fetchedIssues{byName: map[string]*record{}}
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

// add keeps a fetched issue under all its names, unless it was fetched before by another
// of them.
func (g *fetchedIssues) add(c *Client, v *vocabulary, r *record) *record {
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
		v.takeHistory(r)
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

// readings has one reading for each name of which something is known. An issue that was
// asked for by several names is told under its key if that is among them.
func (g *fetchedIssues) readings(c *Client, v *vocabulary, ids []string) (readings []desk.Reading) {
	told := map[*record]string{}
	for _, id := range ids {
		if r := g.byName[strings.ToUpper(id)]; r != nil && (told[r] == "" || id == r.Key) {
			told[r] = id
		}
	}
	done := map[string]bool{}
	for _, id := range ids {
		reading := desk.Reading{ID: id}
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
		case r.people == nil:
			continue
		case told[r] != id || done[id]:
			reading.Same = r.Key
		default:
			reading.Version, reading.Acts, reading.Whole, reading.Redacted = r.version(), r.newComments, r.namesKept, r.commentRemoved
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

// relearn asks the site again for its statuses when an issue is in one that wasn't listed:
// once for each status, since some sites don't list all.
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
