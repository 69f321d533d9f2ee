package jira

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"vigie/connectors/desk"
	"vigie/connectors/rest"
	"vigie/rules"
)

// writers is how many edits are under way at once. Jira allows 50 PUTs a second
// and site, which its people share.
const writers = 4

// QuietError says that Jira doesn't let the account edit issues of a project
// without mailing their watchers. Nothing is written then, since no edit of
// Vigie's may cause a mail.
type QuietError struct {
	Project string
	Err     error // Jira's refusal; nil where it took the edit and ignored it
}

func (e *QuietError) Error() string {
	s := "edits of project " + e.Project + " without notifications are "
	if e.Err == nil {
		s += "ignored"
	} else {
		s += "refused (" + e.Err.Error() + ")"
	}
	return s + ": the account needs the permissions Edit issues and Administer project"
}

func (e *QuietError) Unwrap() error { return e.Err }

// Denied says that it stays so until a person gives the account its rights.
func (e *QuietError) Denied() bool { return true }

// Write carries edits out, one request each. The first list has an entry for
// each edit: nil where it was done, desk.ErrUntouchable where the issue is gone,
// desk.ErrNobody and desk.ErrChanged where it can't be given to whom it should, or is
// another's meanwhile, a *QuietError where the account lacks the right to edit without
// notifying. The second error says why the call ended early, such as bad
// credentials or a used-up quota; the edits that weren't tried carry it, too.
func (c *Client) Write(ctx context.Context, edits []desk.Edit) ([]error, error) {
	errs := make([]error, len(edits))
	v, err := c.vocabularyNow(ctx)
	if err != nil {
		for n := range errs {
			errs[n] = err
		}
		return errs, err
	}
	// What ends the call ends it for the edits not begun; those under way are
	// seen through, since cutting one off leaves open whether it was done.
	going, end := context.WithCancelCause(ctx)
	defer end(nil)
	write := func(n int, look bool) error {
		if errs[n] = context.Cause(going); errs[n] == nil {
			errs[n] = c.write(ctx, v, edits[n], look)
		}
		if endsAll(errs[n]) {
			end(errs[n])
		}
		return errs[n]
	}
	// In a project where no quiet edit has been seen to work, one goes first and
	// is looked at; the others wait for it. An edit that was ignored speaks for
	// its project, one that was refused perhaps for its issue only.
	var others []int
	unquiet, refusals := map[string]error{}, map[string]int{}
	for n, e := range edits {
		p := prefix(e.ID)
		switch {
		case unquiet[p] != nil:
			errs[n] = unquiet[p]
		case c.seenQuiet(p):
			others = append(others, n)
		default:
			var q *QuietError
			if !errors.As(write(n, true), &q) {
				continue
			}
			if refusals[p]++; q.Err == nil || refusals[p] == 3 {
				unquiet[p] = q
				c.cfg.Log.Error("edits without notifications don't work", "source", c.cfg.Name, "project", p, "err", q)
			}
		}
	}
	var g errgroup.Group
	g.SetLimit(writers)
	for _, n := range others {
		g.Go(func() error { write(n, false); return nil })
	}
	g.Wait()
	return errs, context.Cause(going)
}

// endsAll says that an edit failed for a reason that is every edit's: bad
// credentials, or a quota, Jira's or ours. Jira's limit of writes to one issue is
// that issue's.
func endsAll(err error) bool {
	var ours *rest.QuotaError
	if errors.As(err, &ours) || errors.As(err, new(*StrangerError)) {
		return true
	}
	var s *rest.StatusError
	if !errors.As(err, &s) {
		return false
	}
	return s.Status == http.StatusUnauthorized || s.Status == http.StatusTooManyRequests && !because(ofIssue)(s.Header)
}

func (c *Client) seenQuiet(project string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.quiet[project]
}

// write carries one edit out. The body is our own: go-jira has no verbs, omits
// what is to be cleared, and can't send notifyUsers=false.
func (c *Client) write(ctx context.Context, v *vocabulary, e desk.Edit, look bool) error {
	if !issueID.MatchString(e.ID) {
		return fmt.Errorf("%.40q is neither a key nor an id of an issue", e.ID)
	}
	body, err := v.body(e)
	if err != nil {
		return fmt.Errorf("edit %s: %w", e.ID, err)
	}
	var to *user // whom it is assigned to; nil for nobody
	if e.Assign != nil {
		if to, err = c.assignee(ctx, v, e); err != nil {
			return fmt.Errorf("edit %s: %w", e.ID, err)
		}
		if body["fields"] == nil {
			body["fields"] = map[string]any{}
		}
		body["fields"].(map[string]any)["assignee"] = v.asAssignee(to)
	}
	if len(body) == 0 {
		return nil
	}
	put := func() error {
		return c.call(ctx, "PUT", "issue/"+url.PathEscape(e.ID)+"?notifyUsers=false", body, nil)
	}
	if err = put(); rest.Ambiguous(err) {
		// Perhaps it was done. To do it again unseen could undo what somebody has
		// changed since.
		if done, unseen := c.took(ctx, v, e, to); unseen == nil && !done {
			err = put()
		} else if unseen == nil {
			err, look = nil, false
		}
	}
	switch status(err) {
	case http.StatusNotFound:
		if err := c.signedIn(ctx); err != nil { // strangers are told that it isn't there
			return fmt.Errorf("edit %s: %w", e.ID, err)
		}
		return fmt.Errorf("edit %s: %w", e.ID, desk.ErrUntouchable)
	case http.StatusBadRequest:
		if to != nil && refusesAssignee(err) {
			err = fmt.Errorf("%w: %w", desk.ErrNobody, err)
		}
	case http.StatusForbidden:
		return fmt.Errorf("edit %s: %w", e.ID, &QuietError{Project: prefix(e.ID), Err: err})
	}
	if err != nil {
		return fmt.Errorf("edit %s: %w", e.ID, err)
	}
	if !look {
		return nil
	}
	// Without the right to, an edit that asks for no notifications "is ignored"
	// (PUT issue, notifyUsers).
	done, err := c.took(ctx, v, e, to)
	if err != nil {
		return err
	}
	if !done {
		return fmt.Errorf("edit %s: %w", e.ID, &QuietError{Project: prefix(e.ID)})
	}
	return nil
}

// took reads an issue and says whether it is as an edit would have it. That a
// quiet edit was made is remembered of its project.
func (c *Client) took(ctx context.Context, v *vocabulary, e desk.Edit, to *user) (bool, error) {
	fields := append(slices.Sorted(maps.Keys(e.Fields)), "labels", "priority")
	if e.Assign != nil {
		fields = append(fields, "assignee")
	}
	var i issue
	path := "issue/" + url.PathEscape(e.ID) + "?fields=" + url.QueryEscape(strings.Join(fields, ","))
	if err := c.call(ctx, "GET", path, nil, &i, "key", "fields"); err != nil {
		return false, fmt.Errorf("read %s back: %w", e.ID, err)
	}
	has := read[[]string](&i, "labels")
	took := len(without(e.AddTags, has)) == 0 && len(without(e.RemoveTags, has)) == len(e.RemoveTags)
	for id, want := range e.Fields {
		took = took && shown(i.Fields[id], v.fields[id]) == canonical(v.fields[id], want)
	}
	if e.Priority != "" {
		took = took && strings.EqualFold(read[named](&i, "priority").Name, v.VendorPriority[e.Priority])
	}
	if e.Assign != nil {
		took = took && read[*user](&i, "assignee").id() == to.id()
	}
	if took {
		c.mu.Lock()
		c.quiet[prefix(e.ID)] = true
		c.mu.Unlock()
	}
	return took, nil
}

// body is an edit as Jira takes it: labels one by one with their verbs, which
// leaves everybody else's alone, and the fields in the form each has.
func (v *vocabulary) body(e desk.Edit) (map[string]any, error) {
	body := map[string]any{}
	var verbs []map[string]string
	for _, l := range e.AddTags {
		verbs = append(verbs, map[string]string{"add": l})
	}
	for _, l := range e.RemoveTags {
		verbs = append(verbs, map[string]string{"remove": l})
	}
	if verbs != nil {
		body["update"] = map[string]any{"labels": verbs}
	}
	fields, err := v.values(e.Fields, e.Priority)
	if err != nil {
		return nil, err
	}
	if len(fields) > 0 {
		body["fields"] = fields
	}
	if e.Priority != "" && e.By != "" {
		body["historyMetadata"] = chosen(e.By)
	}
	return body, nil
}

// dateTime is the form in which Jira takes a date-time field.
const dateTime = "2006-01-02T15:04:05.000-0700"

// values are fields, and a policy's priority unless it is empty, as Jira takes them.
func (v *vocabulary) values(texts map[string]string, priority string) (map[string]any, error) {
	fields := map[string]any{}
	for id, text := range texts {
		value, err := v.value(id, text)
		if err != nil {
			return nil, err
		}
		fields[id] = value
	}
	if priority != "" {
		name := v.VendorPriority[priority]
		if name == "" {
			return nil, fmt.Errorf("priority %q has no name in Jira: give it one in the policy", priority)
		}
		fields["priority"] = map[string]string{"name": name}
	}
	return fields, nil
}

// value is a field's text as Jira takes it; null clears.
func (v *vocabulary) value(id, text string) (any, error) {
	if text == "" {
		return nil, nil
	}
	form := v.form(id)
	for _, d := range v.DueFields {
		if d.ID == id {
			form = cmp.Or(form, d.Form)
		}
	}
	switch v.fields[id].Type {
	case "option":
		return map[string]string{"value": text}, nil
	case "number":
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("field %s: %.40q is no number", id, text)
		}
		return n, nil
	}
	switch form {
	case rules.DateTimeForm:
		t, err := parseTime(text)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", id, err)
		}
		return t.Format(dateTime), nil
	case rules.DateForm:
		d, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", id, err)
		}
		return d.Format(time.DateOnly), nil
	}
	return text, nil
}
