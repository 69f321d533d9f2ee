package jira

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"vigie/connectors/rest"
)

// An Escalation is the issue that a ticket is to have in a project of those who
// repair.
type Escalation struct {
	Mark        string // a label of its own, such as "vigie_zendesk_42": what the issue is known by
	Project     string // its key
	Type        string // the issue type's name
	Summary     string // cut at 255 characters
	Description string // plain text: nothing in it mentions anybody or loads a picture
	Priority    string // a policy's priority name; empty leaves the project's default

	// Fields by id, the due date ("duedate") among them, in the forms of a
	// rules.Edit; an option by its value.
	Fields map[string]string
}

var (
	markForm    = regexp.MustCompile(`^[A-Za-z0-9_.:-]{3,200}$`)
	projectForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
)

// Escalate returns the ticket's issue, creating it if there is none. It may be
// called again whatever became of the last call, the program's death included: an
// issue is looked for before it is created, and the mark is put on by the
// creation itself. Two calls for one mark must not run at the same time.
//
// Looking by the mark alone would not do. A label and an entity property are both
// found by search only, whose index is behind ("Recent updates might not be
// immediately visible"), and the latter only where an app has declared it; remote
// links are found by the issue only. But the keys of a project count on, and an
// issue is read by its key as it is now. So the issues are read that are younger
// than the youngest that the index knows, and a hundred before it.
func (c *Client) Escalate(ctx context.Context, e Escalation) (*Escalated, error) {
	found, err := c.FindEscalated(ctx, e.Project, e.Mark)
	if found != nil || err != nil {
		return found, err
	}
	v, err := c.known(ctx)
	if err != nil {
		return nil, err
	}
	body, err := v.creation(e)
	if err != nil {
		return nil, fmt.Errorf("escalate %s: %w", e.Mark, err)
	}
	var made struct {
		ID word `json:"id"`
	}
	err = c.call(ctx, "POST", "issue", body, &made)
	if rest.Ambiguous(err) { // perhaps it was made: it is not made again, now
		if found, unseen := c.FindEscalated(ctx, e.Project, e.Mark); unseen == nil && found != nil {
			return found, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("escalate %s: %w", e.Mark, err)
	}
	list, err := c.Escalated(ctx, []string{string(made.ID)})
	if err == nil && len(list) == 0 {
		err = errors.New("the issue that was made isn't shown")
	}
	if err != nil {
		return nil, fmt.Errorf("escalate %s: %w", e.Mark, err)
	}
	return &list[0], nil
}

// creation is the body of the request that makes the issue.
func (v *vocabulary) creation(e Escalation) (map[string]any, error) {
	fields, err := v.values(e.Fields, e.Priority)
	if err != nil {
		return nil, err
	}
	fields["project"], fields["issuetype"] = map[string]string{"key": e.Project}, map[string]string{"name": e.Type}
	fields["summary"], fields["labels"] = string([]rune(e.Summary)[:min(255, len([]rune(e.Summary)))]), []string{e.Mark}
	if e.Description != "" {
		fields["description"] = tame(e.Description)
	}
	return map[string]any{"fields": fields}, nil
}

// FindEscalated returns the issue with a mark, nil if there is none; of several,
// as when somebody has copied it, the oldest. The project is where it would be
// if it was just made.
func (c *Client) FindEscalated(ctx context.Context, project, mark string) (*Escalated, error) {
	if !markForm.MatchString(mark) || !projectForm.MatchString(project) {
		return nil, fmt.Errorf("%.40q can't be a mark, or %.40q a project's key", mark, project)
	}
	v, err := c.known(ctx)
	if err != nil {
		return nil, err
	}
	marked, err := c.find(ctx, v, "labels = "+quote(mark)+" ORDER BY created ASC", bulk)
	var newest, young []*record
	if err == nil {
		newest, err = c.find(ctx, v, "project = "+quote(project)+" ORDER BY key DESC", 1)
	}
	if err == nil {
		last := 0
		for _, r := range newest {
			_, n, _ := strings.Cut(r.Key, "-")
			last, _ = strconv.Atoi(n) // 0 for an odd key: from the first on
		}
		young, err = c.after(ctx, v, project, last)
	}
	if err != nil {
		return nil, fmt.Errorf("look for %s: %w", mark, err)
	}
	var ids []string
	for _, r := range marked {
		ids = append(ids, string(r.ID))
	}
	for _, r := range young {
		if containsFold(read[[]string](&r.issue, "labels"), mark) {
			ids = append(ids, string(r.ID))
		}
	}
	list, err := c.Escalated(ctx, ids)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// find searches for the keys of a few issues.
func (c *Client) find(ctx context.Context, v *vocabulary, jql string, most int) ([]*record, error) {
	path := "search/jql"
	if !v.cloud {
		path = "search"
	}
	var out struct {
		Issues []json.RawMessage `json:"issues"`
	}
	err := c.call(ctx, "POST", path, map[string]any{"jql": jql, "fields": []string{"labels"}, "maxResults": most}, &out)
	return decode(out.Issues), err
}

// after reads the issues of a project whose keys come after the last that its
// index knows, and on Cloud a hundred before it, since an index needn't learn of
// issues in their order. Keys that an issue has left make gaps.
func (c *Client) after(ctx context.Context, v *vocabulary, project string, last int) (found []*record, err error) {
	if !v.cloud { // a search would ask the index; one issue after the other doesn't
		for n, misses := last+1, 0; misses < 5; n++ {
			one, err := c.oneByKey(ctx, fmt.Sprintf("%s-%d", project, n), []string{"labels"})
			if err != nil {
				return nil, err
			}
			if misses++; len(one) > 0 {
				misses = 0
			}
			found = append(found, one...)
		}
		return found, nil
	}
	for from := max(1, last-bulk+1); ; from += bulk {
		var keys []string
		for n := range bulk {
			keys = append(keys, fmt.Sprintf("%s-%d", project, from+n))
		}
		records, err := c.few(ctx, v, keys, "labels")
		if err != nil {
			return nil, err
		}
		if found = append(found, records...); len(records) == 0 && from > last {
			return found, nil
		}
	}
}
