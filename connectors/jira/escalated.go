package jira

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	gojira "github.com/andygrunwald/go-jira"

	"vigie/connectors/rest"
)

// An Escalated is an issue of an Escalation, as it is.
type Escalated struct {
	ID         string // stays when the issue moves to another project
	Key        string
	URL        string
	Status     string // Jira's name
	Category   string // new, indeterminate or done
	Priority   string // a policy's name; empty where it knows none by Jira's
	Resolution string // Jira's name; empty while unresolved
	DueDate    string // 2006-01-02; empty for none

	Fields map[string]string // the custom fields that have a value, as a rules.Ticket has them
}

// few reads some fields of up to bulk issues, as they are now; those that aren't
// there are left out.
func (c *Client) few(ctx context.Context, v *vocabulary, ids []string, fields ...string) ([]*record, error) {
	if !v.cloud {
		return c.byKey(ctx, ids, fields)
	}
	var out struct {
		Issues []json.RawMessage `json:"issues"`
	}
	err := c.call(ctx, "POST", "issue/bulkfetch", map[string]any{"issueIdsOrKeys": ids, "fields": fields}, &out)
	return decode(out.Issues), err
}

// Escalated reads issues by their ids, oldest first; one that isn't there is left
// out.
func (c *Client) Escalated(ctx context.Context, ids []string) ([]Escalated, error) {
	v, err := c.known(ctx)
	if err != nil {
		return nil, err
	}
	var list []Escalated
	seen := map[word]bool{}
	for some := range slices.Chunk(ids, bulk) {
		records, err := c.few(ctx, v, some, "*all", "-comment", "-attachment", "-worklog")
		if err != nil {
			return nil, fmt.Errorf("read %d escalated issues of %s: %w", len(ids), c.cfg.Name, err)
		}
		for _, r := range records {
			if r.err != nil {
				return nil, fmt.Errorf("escalated issue %s: %w", r.Key, r.err)
			}
			if !seen[r.ID] {
				seen[r.ID] = true
				list = append(list, v.escalated(&r.issue))
			}
		}
	}
	slices.SortFunc(list, func(a, b Escalated) int { return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

func (v *vocabulary) escalated(i *issue) Escalated {
	status := read[named](i, "status")
	e := Escalated{
		ID: string(i.ID), Key: i.Key, URL: v.page(i.Key), Status: status.Name, Category: status.StatusCategory.Key,
		Priority: v.priority(read[named](i, "priority").Name), Resolution: read[named](i, "resolution").Name,
		DueDate: shown(i.Fields["duedate"], field{Type: "date"}), Fields: map[string]string{},
	}
	for id, raw := range i.Fields {
		if text := shown(raw, v.fields[id]); v.part(id) == fieldPart && id != "duedate" && text != "" {
			e.Fields[id] = text
		}
	}
	return e
}

// A Link is a remote link: from an issue to something elsewhere.
type Link struct {
	GlobalID     string // names what is linked to, at most 255 characters, such as "system=https://acme.zendesk.com&id=42"
	URL, Title   string
	Summary      string
	Application  string // "Zendesk"
	Relationship string // how the issue stands to it: "escalated from"
	Resolved     bool   // struck out where it is shown
}

// HasLink says whether an issue has the link with a GlobalID: a person may have
// taken it off. It is false for an issue that isn't there, too.
func (c *Client) HasLink(ctx context.Context, id, globalID string) (bool, error) {
	if !issueID.MatchString(id) {
		return false, fmt.Errorf("%.40q is neither a key nor an id of an issue", id)
	}
	err := c.call(ctx, "GET", "issue/"+url.PathEscape(id)+"/remotelink?globalId="+url.QueryEscape(globalID), nil, nil)
	if status(err) == http.StatusNotFound {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the link of %s: %w", id, err)
	}
	return true, nil
}

// Link links an issue to something elsewhere. A link with the same GlobalID is
// replaced by it, so it may be called again; for a link the other way, from a
// ticket of a Jira's own, call it with the two exchanged.
func (c *Client) Link(ctx context.Context, id string, l Link) error {
	if c.bad != nil {
		return c.bad
	}
	if !issueID.MatchString(id) {
		return fmt.Errorf("%.40q is neither a key nor an id of an issue", id)
	}
	_, res, err := c.api.Issue.AddRemoteLinkWithContext(ctx, id, &gojira.RemoteLink{
		GlobalID: l.GlobalID, Relationship: l.Relationship, Application: &gojira.RemoteLinkApplication{Name: l.Application},
		Object: &gojira.RemoteLinkObject{URL: l.URL, Title: l.Title, Summary: l.Summary, Status: &gojira.RemoteLinkStatus{Resolved: l.Resolved}},
	})
	if res != nil && res.Response != nil && res.Body != nil {
		res.Body.Close()
	}
	if err != nil {
		return fmt.Errorf("link %s: %w", id, rest.Cause(err))
	}
	return nil
}
