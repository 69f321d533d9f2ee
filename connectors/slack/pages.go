package slack

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"vigie/connectors/rest"
)

// Slack's lists come in pages, each of which names the next by a cursor. Some have
// been seen to lead in a circle, or on and on: a list that doesn't end hasn't been
// seen to its end, so what wasn't found in it isn't known to be absent.

const (
	// idlePages is how many pages in a row may bring nothing new. Slack's own may be
	// empty, where what they had was filtered out.
	idlePages = 10
	// morePages is how many a list may have: of the largest size, a hundred thousand entries.
	morePages = 500
)

var errEndless = errors.New("slack's list doesn't end")

// A walk goes through a list's pages.
type walk struct {
	cursors, entries map[string]bool
	fresh            bool // the page at hand has brought something new
	pages, idle      int
}

func newWalk() *walk { return &walk{cursors: map[string]bool{}, entries: map[string]bool{}} }

// sees notes an entry of the page at hand, by whatever names one.
func (w *walk) sees(entry string) {
	w.fresh = w.fresh || !w.entries[entry]
	w.entries[entry] = true
}

// next goes on to the page of a cursor, unless the list doesn't end.
func (w *walk) next(cursor string) error {
	w.pages++
	if w.idle++; w.fresh {
		w.idle = 0
	}
	if w.cursors[cursor] || w.idle >= idlePages || w.pages >= morePages {
		return errEndless
	}
	w.cursors[cursor], w.fresh = true, false
	return nil
}

// A mailbox is how slack-go reaches Slack: what doesn't come from Slack it never
// sees. Every answer of Slack's Web API is an object that says whether the call was
// ok, and slack-go takes one that doesn't for "no, without a reason" or for an error
// of that name.
type mailbox struct{ *http.Client }

func (m mailbox) Do(r *http.Request) (*http.Response, error) {
	resp, err := m.Client.Do(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil {
		err = rest.Expect(r.Method, r.URL.Path, body, "ok")
	}
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(strings.NewReader(string(body)))
	return resp, nil
}
