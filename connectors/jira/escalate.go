package jira

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vigie/connectors/desk"
	"vigie/connectors/rest"
)

var (
	markForm    = regexp.MustCompile(`^[A-Za-z0-9_.:-]{3,200}$`)
	projectForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
)

// Escalate returns the ticket's issue, creating it if there is none. It may be
// called again whatever became of the last call, the program's death included: an
// issue is looked for before it is created, and the marks are put on by the
// creation itself. Two calls for one mark must not run at the same time.
//
// Looking by the marks alone would not do. A label and an entity property are both
// found by search only, whose index is behind ("Recent updates might not be
// immediately visible"), and the latter only where an app has declared it; remote
// links are found by the issue only. But the keys of a project count on, and an
// issue is read by its key as it is now. So the issues are read that are younger
// than the youngest that the index knows, and a hundred before it.
func (c *Client) Escalate(ctx context.Context, e desk.Escalation) (*desk.Escalated, error) {
	found, err := c.FindEscalated(ctx, e.Project, e.Marks)
	if found != nil || err != nil {
		return found, err
	}
	if found, err = c.shared(ctx, e); found != nil || err != nil {
		return found, err
	}
	v, err := c.vocabularyNow(ctx)
	if err != nil {
		return nil, err
	}
	body, err := v.creation(e)
	if err != nil {
		return nil, fmt.Errorf("escalate %s: %w", e.Marks[0], err)
	}
	var made struct {
		ID word `json:"id"`
	}
	err = c.call(ctx, "POST", "issue", body, &made, "id", "key")
	if rest.Ambiguous(err) { // perhaps it was made: it is not made again, now
		if found, unseen := c.FindEscalated(ctx, e.Project, e.Marks); unseen == nil && found != nil {
			return found, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("escalate %s: %w", e.Marks[0], err)
	}
	list, err := c.Escalated(ctx, []string{string(made.ID)})
	if err == nil && len(list) == 0 {
		err = errors.New("the issue that was made isn't shown")
	}
	if err != nil {
		return nil, fmt.Errorf("escalate %s: %w", e.Marks[0], err)
	}
	return &list[0], nil
}

// shared is the issue that a ticket shares, with the mark by which the next will
// find it; nil if there is none.
func (c *Client) shared(ctx context.Context, e desk.Escalation) (*desk.Escalated, error) {
	if e.Shares == "" {
		return nil, nil
	}
	list, err := c.Escalated(ctx, []string{e.Shares})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	errs, err := c.Write(ctx, []desk.Edit{{ID: list[0].Key, AddTags: e.Marks[len(e.Marks)-1:]}})
	if err = cmp.Or(errs[0], err); err != nil {
		return nil, fmt.Errorf("mark %s: %w", list[0].Key, err)
	}
	return &list[0], nil
}

// creation is the body of the request that makes the issue.
func (v *vocabulary) creation(e desk.Escalation) (map[string]any, error) {
	fields, err := v.values(e.Fields, e.Priority)
	if err != nil {
		return nil, err
	}
	fields["project"], fields["issuetype"] = map[string]string{"key": e.Project}, map[string]string{"name": e.Type}
	fields["summary"], fields["labels"] = string([]rune(e.Summary)[:min(255, len([]rune(e.Summary)))]), e.Marks
	if e.Description != "" {
		fields["description"] = withoutActiveMarkup(e.Description)
	}
	return map[string]any{"fields": fields}, nil
}

// FindEscalated returns the issue with the earliest of these marks that any has, nil
// if none has one; of several, as when somebody has copied it, the oldest. The
// project is where it would be if it was just made.
func (c *Client) FindEscalated(ctx context.Context, project string, marks []string) (*desk.Escalated, error) {
	if !projectForm.MatchString(project) {
		return nil, fmt.Errorf("%.40q can't be a project's key", project)
	}
	if len(marks) == 0 {
		return nil, errors.New("no mark to look for")
	}
	var quoted []string
	for _, mark := range marks {
		if !markForm.MatchString(mark) {
			return nil, fmt.Errorf("%.40q can't be a mark", mark)
		}
		quoted = append(quoted, quote(mark))
	}
	v, err := c.vocabularyNow(ctx)
	if err != nil {
		return nil, err
	}
	marked, err := c.find(ctx, v, "labels in ("+strings.Join(quoted, ", ")+") ORDER BY created ASC", bulk)
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
		return nil, fmt.Errorf("look for %s: %w", marks[0], err)
	}
	for _, mark := range marks {
		var ids []string
		for _, r := range slices.Concat(marked, young) {
			if containsFold(read[[]string](&r.issue, "labels"), mark) {
				ids = append(ids, string(r.ID))
			}
		}
		if len(ids) == 0 {
			continue
		}
		list, err := c.Escalated(ctx, ids)
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			return &list[0], nil
		}
	}
	// A stranger is shown no issue: only somebody known can say that there is none.
	return nil, c.signedIn(ctx)
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
	err := c.call(ctx, "POST", path, map[string]any{"jql": jql, "fields": []string{"labels"}, "maxResults": most}, &out, "issues")
	return decode(out.Issues), err
}

// after reads the issues of a project whose keys come after the last that its
// index knows, and on Cloud a hundred before it, since an index needn't learn of
// issues in their order. Keys that an issue has left make gaps.
func (c *Client) after(ctx context.Context, v *vocabulary, project string, last int) (found []*record, err error) {
	seen := map[word]bool{}
	fresh := func(records []*record) (n int) { // what is shown again and again is no end, but brings nothing
		for _, r := range records {
			if !seen[r.ID] {
				seen[r.ID] = true
				n++
			}
		}
		return n
	}
	if !v.cloud { // a search would ask the index; one issue after the other doesn't
		for n, misses := last+1, 0; misses < 5; n++ {
			one, err := c.oneByKey(ctx, fmt.Sprintf("%s-%d", project, n), asking([]string{"labels"}, false))
			if err != nil {
				return nil, err
			}
			if misses++; fresh(one) > 0 {
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
		if found = append(found, records...); fresh(records) == 0 && from > last {
			return found, nil
		}
	}
}
