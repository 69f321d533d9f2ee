package jira

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/rules"
)

// found is an issue as a search for its time of update shows it.
func found(key, updated string) string {
	return fmt.Sprintf(`{"id":"1","key":%q,"fields":{"updated":%q}}`, key, updated)
}

func TestChangesPollsOnFromItsCursor(t *testing.T) {
	pages := map[string]string{
		"":   `{"issues":[` + found("SUP-1", "2026-11-24T12:59:30.000+0100") + `],"nextPageToken":"t1","isLast":false}`,
		"t1": `{"issues":[],"nextPageToken":"t2","isLast":true}`,
		"t2": `{"issues":[{"id":7},{"id":"8","key":"SUP-8","fields":"?"},` + found("SUP-2", "2026-11-24T11:58:00.5Z") + `]}`,
	}
	s := &jiraSite{}
	s.answer = func(r request, w http.ResponseWriter) {
		token, _ := r.sent(t)["nextPageToken"].(string)
		io.WriteString(w, pages[token])
	}
	now := noon
	c := s.client(t, func(cfg *Config) { cfg.Now = func() time.Time { return now } })

	var got []rules.Change
	cursor, pagesRead := "", 0
	for {
		page, err := c.Changes(t.Context(), cursor, noon.Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		got, cursor, pagesRead = append(got, page.Changes...), page.Cursor, pagesRead+1
		now = now.Add(10 * time.Second)
		if !page.More {
			break
		}
	}
	want := []rules.Change{{ID: "SUP-1", Version: "2026-11-24T11:59:30.000Z"}, {ID: "SUP-8"}, {ID: "SUP-2", Version: "2026-11-24T11:58:00.500Z"}}
	if diff := cmp.Diff(want, got); diff != "" || pagesRead != 3 {
		t.Errorf("%d pages, %s", pagesRead, diff)
	}
	first := `project in ("SUP") AND updated >= -63m ORDER BY key ASC`
	for _, r := range s.calls {
		if jql := r.sent(t)["jql"]; jql != first || r.Path != "api/2/search/jql" {
			t.Errorf("%s asked %q, want %q on each page", r.Path, jql, first)
		}
	}
	// Five minutes later: from the last poll's beginning, with the overlap.
	now = noon.Add(5 * time.Minute)
	if _, err := c.Changes(t.Context(), cursor, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if jql := s.calls[len(s.calls)-1].sent(t)["jql"].(string); !strings.Contains(jql, "updated >= -8m ") {
		t.Errorf("the next poll asked %q", jql)
	}
}

// On Cloud those touched of late come with their versions, a hundred a page; then
// all by their keys, five thousand a page.
func TestUnsolvedOnCloud(t *testing.T) {
	s := &jiraSite{}
	s.answer = func(r request, w http.ResponseWriter) {
		in := r.sent(t)
		switch token, _ := in["nextPageToken"].(string); fmt.Sprint(in["fields"], " ", token) {
		case "[updated] ":
			io.WriteString(w, `{"issues":[`+found("SUP-1", "2026-11-24T11:00:00.000+0000")+`],"nextPageToken":"v2"}`)
		case "[updated] v2", "[key] expired":
			w.WriteHeader(http.StatusBadRequest)
		case "[key] ":
			io.WriteString(w, `{"issues":[{"id":"1","key":"SUP-1"},{"id":"2","key":"SUP-2"}],"nextPageToken":"k2"}`)
		case "[key] k2":
			io.WriteString(w, `{"issues":[{"id":"3","key":"SUP-3"}]}`)
		default:
			t.Errorf("asked %v", in)
		}
	}
	c := s.client(t, nil)
	list := func(cursor string) (got []string, next string, err error) {
		page, err := c.Unsolved(t.Context(), cursor)
		for _, ch := range page.Changes {
			got = append(got, ch.ID+" "+ch.Version)
		}
		if !page.More {
			page.Cursor = ""
		}
		return got, page.Cursor, err
	}
	got, next, err := list("")
	if diff := cmp.Diff([]string{"SUP-1 2026-11-24T11:00:00.000Z"}, got); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	if got, _, err = list(next); err != nil { // its token has expired: the list begins anew
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"SUP-1 2026-11-24T11:00:00.000Z"}, got); diff != "" {
		t.Fatal(diff)
	}
	got, next, err = list(cursor{Keys: true, Page: "expired"}.String())
	if diff := cmp.Diff([]string{"SUP-1 *", "SUP-2 *"}, got); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	got, next, err = list(next)
	if diff := cmp.Diff([]string{"SUP-3 *"}, got); diff != "" || err != nil || next != "" {
		t.Fatal(diff, next, err)
	}
	for n, want := range map[int]string{
		0:                `project in ("SUP") AND statusCategory != Done AND updated >= -8d ORDER BY key ASC`,
		len(s.calls) - 1: `project in ("SUP") AND statusCategory != Done ORDER BY key ASC`,
	} {
		if jql := s.calls[n].sent(t)["jql"]; jql != want {
			t.Errorf("asked %q, want %q", jql, want)
		}
	}
}

func TestChangesGuardsItsPages(t *testing.T) {
	s := &jiraSite{answer: func(r request, w http.ResponseWriter) { io.WriteString(w, `{"issues":[],"nextPageToken":"same"}`) }}
	c := s.client(t, nil)
	page, err := c.Changes(t.Context(), "", noon)
	if err != nil || !page.More {
		t.Fatalf("an empty page with a token: got more %v, %v", page.More, err)
	}
	if _, err := c.Changes(t.Context(), page.Cursor, noon); err == nil {
		t.Error("a page that names itself as the next is followed")
	}
	if _, err := c.Changes(t.Context(), "{", noon); err == nil {
		t.Error("a broken cursor is taken")
	}
}

func TestChangesBeginsAnewWhenItsTokenHasExpired(t *testing.T) {
	s := &jiraSite{}
	s.answer = func(r request, w http.ResponseWriter) {
		if r.sent(t)["nextPageToken"] != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		io.WriteString(w, `{"issues":[]}`)
	}
	c := s.client(t, nil)
	old := cursor{From: noon.Add(-8 * 24 * time.Hour), Started: noon.Add(-7 * 24 * time.Hour), Minutes: 5, Page: "old"}
	page, err := c.Changes(t.Context(), old.String(), time.Time{})
	if err != nil || page.More {
		t.Fatalf("got %+v, %v", page, err)
	}
	if jql := s.calls[1].sent(t)["jql"].(string); !strings.Contains(jql, "-11523m") { // 8 days and 3 minutes
		t.Errorf("asked %q", jql)
	}
}

func TestChangesOnDataCenter(t *testing.T) {
	s := &jiraSite{dataCenter: true}
	s.answer = func(r request, w http.ResponseWriter) {
		start := int(r.sent(t)["startAt"].(float64))
		fmt.Fprintf(w, `{"startAt":%d,"total":2,"issues":[%s]}`, start, found(fmt.Sprint("SUP-", start+1), "2026-11-24T11:00:00.000+0000"))
	}
	c := s.client(t, func(cfg *Config) { cfg.Email = "" })
	var keys []string
	for cursor, more := "", true; more; {
		page, err := c.Unsolved(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, ch := range page.Changes {
			keys = append(keys, ch.ID)
		}
		cursor, more = page.Cursor, page.More
	}
	if got := strings.Join(keys, " "); got != "SUP-1 SUP-2" || s.calls[0].Path != "api/2/search" {
		t.Errorf("got %s by %s", got, s.calls[0].Path)
	}
	if jql := s.calls[0].sent(t)["jql"]; jql != `project in ("SUP") AND statusCategory != Done ORDER BY key ASC` {
		t.Errorf("asked %q", jql)
	}
}

func TestQuote(t *testing.T) {
	if got := quote(`a"b\c`); got != `"a\"b\\c"` {
		t.Error(got)
	}
}
