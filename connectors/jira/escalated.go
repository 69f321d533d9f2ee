package jira

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	gojira "github.com/andygrunwald/go-jira"

	"vigie/connectors/desk"
	"vigie/rules"
)

// few reads some fields of up to bulk issues, as they are now; those that aren't
// there are left out.
func (c *Client) few(ctx context.Context, v *vocabulary, ids []string, fields ...string) ([]*record, error) {
	if !v.cloud {
		return c.byKey(ctx, ids, fields, false)
	}
	var out struct {
		Issues []json.RawMessage `json:"issues"`
	}
	err := c.call(ctx, "POST", "issue/bulkfetch", map[string]any{"issueIdsOrKeys": ids, "fields": fields}, &out, "issues")
	return decode(out.Issues), err
}

// escalatedFields leaves out what is large and of no use to an escalation.
var escalatedFields = []string{"*all", "-comment", "-attachment", "-worklog"}

// Escalated reads issues by their ids, oldest first; one that isn't there is left
// out, once Jira has said so of it by itself.
func (c *Client) Escalated(ctx context.Context, ids []string) ([]desk.Escalated, error) {
	v, err := c.vocabularyNow(ctx)
	if err != nil {
		return nil, err
	}
	var list []desk.Escalated
	seen := map[word]bool{}
	take := func(r *record) error {
		if r.err != nil {
			return fmt.Errorf("escalated issue %s: %w", r.Key, r.err)
		}
		if !seen[r.ID] {
			seen[r.ID] = true
			list = append(list, v.escalated(&r.issue))
		}
		return nil
	}
	_, err = inParts(ctx, ids, &c.reads, c.patience(ctx), func(ctx context.Context, some []string, patience time.Duration) error {
		return within(ctx, patience, func(ctx context.Context) error {
			records, err := c.few(ctx, v, some, escalatedFields...)
			for _, r := range records {
				err = cmp.Or(err, take(r))
			}
			return err
		})
	}, func(id string, late error) { err = fmt.Errorf("escalated issue %s: %w", id, late) })
	missing := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return slices.ContainsFunc(list, func(e desk.Escalated) bool { return e.ID == id || strings.EqualFold(e.Key, id) })
	})
	if err == nil {
		var singles map[string]*record
		singles, err = c.singly(ctx, missing, escalatedFields, false)
		for _, id := range missing {
			if r := singles[id]; r != nil && err == nil {
				err = take(r)
			}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read %d escalated issues of %s: %w", len(ids), c.cfg.Name, err)
	}
	slices.SortFunc(list, func(a, b desk.Escalated) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

func (v *vocabulary) escalated(i *issue) desk.Escalated {
	status := read[named](i, "status")
	e := desk.Escalated{
		Issue:    rules.Issue{ID: string(i.ID), Key: i.Key, URL: v.page(i.Key), Status: status.Name, Progress: progress(status.StatusCategory.Key)},
		Priority: v.priority(read[named](i, "priority").Name), Fields: map[string]string{},
	}
	for id, raw := range i.Fields {
		if text := shown(raw, v.fields[id]); v.part(id) == fieldPart && id != "duedate" && text != "" {
			e.Fields[id] = text
		}
	}
	if due := shown(i.Fields["duedate"], field{Type: "date"}); due != "" {
		e.Fields["duedate"] = due
	}
	return e
}

// progress is how far an issue is by its status's category: new, indeterminate or done.
func progress(category string) rules.Progress {
	switch category {
	case "new":
		return rules.ProgressNew
	case "done":
		return rules.IssueSolved
	}
	return rules.InProgress
}

// HasLink says whether an issue has the link with a GlobalID: a person may have
// taken it off. It is false for an issue that isn't there, too.
func (c *Client) HasLink(ctx context.Context, id, globalID string) (bool, error) {
	if !issueID.MatchString(id) {
		return false, fmt.Errorf("%.40q is neither a key nor an id of an issue", id)
	}
	links := "issue/" + url.PathEscape(id) + "/remotelink"
	err := c.call(ctx, "GET", links+"?globalId="+url.QueryEscape(globalID), nil, nil, "id")
	if err == nil {
		return true, nil
	}
	if status(err) == http.StatusNotFound && !denied(err) {
		err = c.noLink(ctx, links, globalID)
	}
	if err != nil {
		return false, fmt.Errorf("read the link of %s: %w", id, err)
	}
	return false, nil
}

// noLink sees whether a link isn't there, of which Jira has said so: by the list of
// the issue's links, which is without it, or the issue isn't there for somebody known.
func (c *Client) noLink(ctx context.Context, links, globalID string) error {
	var all []struct {
		GlobalID string `json:"globalId"`
	}
	err := c.call(ctx, "GET", links, nil, &all)
	if status(err) == http.StatusNotFound && !denied(err) {
		return c.signedIn(ctx)
	}
	for _, l := range all {
		if l.GlobalID == globalID {
			return errors.New("it is in the list of links, and not there by itself")
		}
	}
	return err
}

// Link links an issue to something elsewhere. A link with the same GlobalID is
// replaced by it, so it may be called again; for a link the other way, from a
// ticket of a Jira's own, call it with the two exchanged.
func (c *Client) Link(ctx context.Context, id string, l desk.Link) error {
	if !issueID.MatchString(id) {
		return fmt.Errorf("%.40q is neither a key nor an id of an issue", id)
	}
	link := gojira.RemoteLink{
		GlobalID: l.GlobalID, Relationship: l.Relationship, Application: &gojira.RemoteLinkApplication{Name: l.Application},
		Object: &gojira.RemoteLinkObject{URL: l.URL, Title: l.Title, Summary: l.Summary, Status: &gojira.RemoteLinkStatus{Resolved: l.Resolved}},
	}
	if err := c.call(ctx, "POST", "issue/"+url.PathEscape(id)+"/remotelink", link, nil, "id"); err != nil {
		return fmt.Errorf("link %s: %w", id, err)
	}
	return nil
}
