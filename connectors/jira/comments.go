package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/connectors/desk"
)

// shownComments is from how many comments on the field of a list may not hold
// all, whatever it says of their number.
const shownComments = 20

// takeTalk takes an issue's comments from its field, and notes whether there may
// be more.
func (r *record) takeTalk() {
	raw, ok := r.Fields["comment"]
	if !ok || r.err != nil {
		return
	}
	var page comments
	if err := json.Unmarshal(raw, &page); err != nil {
		r.err = fmt.Errorf("comments can't be read: %w", err)
		return
	}
	r.comments, r.commentsCut = page.Comments, page.Total > len(page.Comments) || len(page.Comments) >= shownComments
}

// comments reads all of an issue's comments, one page after the other, on Data
// Center with the property that says which are internal; Cloud says so of each. A page
// that brings none that is new is the end; if there should be more, the issue can't be
// read.
func (c *Client) comments(ctx context.Context, r *record, patience time.Duration) error {
	var talk []comment
	for seen := map[word]bool{}; ; {
		var page comments
		path := "issue/" + url.PathEscape(string(r.ID)) + "/comment?expand=properties&orderBy=created&maxResults=1000&startAt=" + strconv.Itoa(len(talk))
		if err := within(ctx, patience, func(ctx context.Context) error {
			return c.call(ctx, "GET", path, nil, &page, "comments")
		}); err != nil {
			return err
		}
		before := len(talk)
		for _, m := range page.Comments {
			if m.ID == "" || !seen[m.ID] {
				seen[m.ID] = true
				talk = append(talk, m)
			}
		}
		if len(page.Comments) > 0 && len(talk) == before && len(talk) < page.Total {
			r.err = fmt.Errorf("comments are cut off: %d of %d, and the pages bring no others", len(talk), page.Total)
			return nil
		}
		if len(page.Comments) == 0 || len(talk) >= page.Total {
			r.comments, r.commentsCut = talk, false
			return nil
		}
	}
}

// A said is what is kept of a comment, so that it has been said for good: who wrote
// it, when, and whether customers saw it. Its words aren't kept; one who deletes a
// comment may have wanted those gone. Of its author there is the account, and no name.
type said struct {
	Author  *user     `json:"author,omitempty"`
	Created time.Time `json:"created"`
	Public  bool      `json:"public,omitempty"`
}

// commentAct stands before a comment's id in the ids of kept acts.
const commentAct = "comment/"

// account is what is kept of an author: what the account is called by, and no name or
// address of a person. The names by which the configuration lists automations stay.
func account(u *user, automations []string) *user {
	if u == nil {
		return nil
	}
	a := user{AccountID: u.AccountID, AccountType: u.AccountType, Key: u.Key}
	for to, name := range map[*string]string{&a.Name: u.Name, &a.Email: u.Email, &a.DisplayName: u.DisplayName} {
		if name != "" && containsFold(automations, name) {
			*to = name
		}
	}
	if a.id() == "" {
		a.Name = u.Name
	}
	return &a
}

// keep makes what is kept of a comment into an act of an issue's.
func (s said) keep(issue, id string) desk.Act {
	body, _ := json.Marshal(s) // strings and a time that was parsed: can't fail
	return desk.Act{Ticket: issue, ID: commentAct + id, At: s.Created, Body: string(body)}
}

// recall adds to an issue's comments those that are kept and aren't there any more,
// and gives those back their authors whose accounts Jira can't tell any more. It
// returns what is to be kept besides; or, if names were kept by an earlier release,
// all that is to be kept in its place.
func (r *record) recall(kept []desk.Act, automations []string) (fresh []desk.Act) {
	before := map[string]said{}
	var bare []desk.Act
	for _, a := range kept {
		var s said
		if id, ok := strings.CutPrefix(a.ID, commentAct); ok && json.Unmarshal([]byte(a.Body), &s) == nil {
			names := s.Author
			s.Author = account(names, automations)
			r.namesKept = r.namesKept || names != nil && *names != *s.Author
			before[id] = s
			bare = append(bare, s.keep(a.Ticket, id))
		}
	}
	here := map[string]bool{}
	for n := range r.comments {
		m := &r.comments[n]
		id := string(m.ID)
		s, old := before[id]
		here[id] = true
		switch {
		case id == "" || m.Created.IsZero():
		case !old:
			fresh = append(fresh, said{account(m.Author, automations), m.Created.Time, m.public()}.keep(r.Key, id))
		case s.Author.id() != "" && (m.Author.id() == "" || m.Author.id() == nobodysID):
			m.Author = s.Author
		}
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if s := before[id]; !here[id] {
			r.commentRemoved = true
			r.comments = append(r.comments, comment{ID: word(id), Author: s.Author, Created: instant{s.Created}, Public: &s.Public})
		}
	}
	slices.SortStableFunc(r.comments, func(a, b comment) int { return a.Created.Compare(b.Created.Time) })
	if r.namesKept {
		fresh = append(bare, fresh...)
	}
	return fresh
}
