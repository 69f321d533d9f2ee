package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
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
	r.talk, r.cutTalk = page.Comments, page.Total > len(page.Comments) || len(page.Comments) >= shownComments
}

// comments reads all of an issue's comments, one page after the other, on Data
// Center with the property that says which are internal; Cloud says so of each.
func (c *Client) comments(ctx context.Context, r *record) error {
	var talk []comment
	for {
		var page comments
		path := "issue/" + url.PathEscape(string(r.ID)) + "/comment?expand=properties&orderBy=created&maxResults=1000&startAt=" + strconv.Itoa(len(talk))
		if err := c.call(ctx, "GET", path, nil, &page); err != nil {
			return err
		}
		talk = append(talk, page.Comments...)
		if len(page.Comments) == 0 || len(talk) >= page.Total {
			r.talk, r.cutTalk = talk, false
			return nil
		}
	}
}
