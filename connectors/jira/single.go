package jira

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"vigie/connectors/rest"
)

// What a list lacks says nothing of it. Only Jira's answer about an issue, asked for
// by itself, does, and only while Jira knows who asks: strangers are told that there
// is no such issue, too. Jira answers 404 for an issue that is gone and for one that
// is hidden from us by a security level alike; of both we see nothing any more. That
// a whole project is missing or hidden is known from searches: its issues aren't
// taken for gone.

// errHidden is that an issue's project isn't shown to us.
var errHidden = errors.New("its project isn't there, or hidden from Vigie")

// oneByKey reads one issue; none if it isn't there.
func (c *Client) oneByKey(ctx context.Context, id string, query url.Values) ([]*record, error) {
	var raw json.RawMessage
	err := c.call(ctx, "GET", "issue/"+url.PathEscape(id)+"?"+query.Encode(), nil, &raw, "id", "key", "fields")
	if status(err) == http.StatusNotFound && !denied(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decode([]json.RawMessage{raw}), nil
}

// asking is the query by which one issue is read.
func asking(fields []string, history bool) url.Values {
	q := url.Values{"fields": {strings.Join(fields, ",")}}
	if history {
		q.Set("expand", "changelog")
		q.Set("properties", "request.channel.type")
	}
	return q
}

// singly asks for issues one by one that a list lacked. found are those that are
// there, by the name that each was asked for by; a nil record is one that is gone.
// One that can't be decided isn't in it, or has its error.
func (c *Client) singly(ctx context.Context, ids []string, fields []string, history bool) (found map[string]*record, err error) {
	found = map[string]*record{}
	if len(ids) == 0 {
		return found, nil
	}
	var mu sync.Mutex
	patience, query := c.patience(ctx), asking(fields, history)
	set := func(id string, r *record) {
		mu.Lock()
		defer mu.Unlock()
		found[id] = r
	}
	absent := false
	err = each(ctx, ids, func(ctx context.Context, id string) error {
		return within(ctx, patience, func(ctx context.Context) error {
			one, err := c.oneByKey(ctx, id, query)
			var quota *rest.QuotaError
			switch {
			case err != nil && (ctx.Err() != nil || denied(err) || rest.RetryAfter(err) > 0 || errors.As(err, &quota)):
				return err // every issue's
			case err != nil && status(err) == http.StatusGatewayTimeout:
				return err
			case err != nil:
				set(id, unread(id, err))
			case len(one) > 0:
				set(id, one[0])
			case c.projects.lost(id):
				set(id, unread(id, errHidden))
			default:
				set(id, nil)
			}
			return nil
		})
	}, func(id string, err error) { set(id, unread(id, err)) })
	for _, r := range found {
		absent = absent || r == nil
	}
	if absent {
		if unknown := c.signedIn(ctx); unknown != nil {
			for id, r := range found {
				if r == nil {
					delete(found, id)
				}
			}
			err = errors.Join(err, unknown)
		}
	}
	return found, err
}

// unread is an issue that can't be read.
func unread(id string, err error) *record {
	r := &record{err: fmt.Errorf("issue can't be read: %w", err)}
	r.ID, r.Key = word(id), id
	return r
}
