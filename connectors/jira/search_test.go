package jira

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/desk"
)

// found is an issue as a search for its time of update shows it.
func found(key, updated string) string {
	return fmt.Sprintf(`{"id":"1","key":%q,"fields":{"updated":%q}}`, key, updated)
}

func TestChangesPollsOnFromItsCursor(t *testing.T) {
	pages := map[string]string{
		"":   `{"issues":[` + found("SUP-1", "2026-11-24T12:59:30.000+0100") + `],"nextPageToken":"t1","isLast":true}`,
		"t1": `{"issues":[{"id":7},{"id":"8","key":"SUP-8","fields":"?"},` + found("SUP-2", "2026-11-24T11:58:00.5Z") + `]}`,
	}
	s := &jiraSite{}
	s.answer = func(r request, w http.ResponseWriter) {
		token, _ := r.sent(t)["nextPageToken"].(string)
		io.WriteString(w, pages[token])
	}
	now := noon
	c := s.client(t, func(cfg *Config) { cfg.Now = func() time.Time { return now } })

	var got []desk.Change
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
	want := []desk.Change{{ID: "SUP-1", Version: "2026-11-24T11:59:30.000Z"}, {ID: "SUP-8"}, {ID: "SUP-2", Version: "2026-11-24T11:58:00.500Z"}}
	if diff := cmp.Diff(want, got); diff != "" || pagesRead != 2 {
		t.Errorf("%d pages, %s", pagesRead, diff)
	}
	first := `project in ("SUP") AND updated >= -68m ORDER BY key ASC` // an hour, and an eighth of it
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
	if page, err := c.Changes(t.Context(), page.Cursor, noon); err != nil || !page.Stuck {
		t.Errorf("a page that names itself as the next is followed: %+v, %v", page, err)
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
	old := cursor{From: noon.Add(-8 * 24 * time.Hour), Started: noon.Add(-time.Hour), Minutes: 20000, Page: "old"}
	page, err := c.Changes(t.Context(), old.String(), time.Time{})
	if err != nil || page.More {
		t.Fatalf("got %+v, %v", page, err)
	}
	if jql := s.calls[1].sent(t)["jql"].(string); !strings.Contains(jql, "-12960m") { // nine days
		t.Errorf("asked %q", jql)
	}
}

// What a poll is bounded by moves on with the clock. It begins anew before it
// passes what is still to be told.
func TestChangesBeginsAnewWhenItsBoundHasMovedOn(t *testing.T) {
	s := &jiraSite{answer: func(r request, w http.ResponseWriter) { io.WriteString(w, `{"issues":[]}`) }}
	c := s.client(t, nil)
	for minutes, want := range map[int]string{
		10: " -10m next", // it reaches back to where the last poll began
		9:  " -13m -",
	} {
		under := cursor{From: noon.Add(-10 * time.Minute), Started: noon.Add(-5 * time.Minute), Minutes: minutes, Page: "next"}
		page, err := c.Changes(t.Context(), under.String(), time.Time{})
		if err != nil || page.More {
			t.Fatalf("got %+v, %v", page, err)
		}
		sent := s.calls[len(s.calls)-1].sent(t)
		_, bound, _ := strings.Cut(strings.TrimSuffix(sent["jql"].(string), " ORDER BY key ASC"), ">=")
		token, _ := sent["nextPageToken"].(string)
		if token == "" {
			token = "-"
		}
		if got := bound + " " + token; got != want {
			t.Errorf("a bound of %d minutes: asked %q, want %q", minutes, got, want)
		}
	}
}

// A list of more than two pages of versions begins anew with keys, whose versions
// are fetched by the thousand, and the next poll begins with these.
func TestChangesOfALongList(t *testing.T) {
	for name, refuses := range map[string]bool{"": false, "a site that fetches a hundred": true} {
		t.Run(name, func(t *testing.T) {
			s := &jiraSite{}
			s.answer = func(r request, w http.ResponseWriter) {
				in := r.sent(t)
				token, _ := in["nextPageToken"].(string)
				switch ask := fmt.Sprint(in["fields"], " ", token); {
				case r.Path == "api/2/issue/bulkfetch" && refuses:
					w.WriteHeader(http.StatusBadRequest)
				case r.Path == "api/2/issue/bulkfetch":
					if keys := in["issueIdsOrKeys"].([]any); len(keys) > 1000 || ask != "[updated] " {
						t.Errorf("fetched %d, %s", len(keys), ask)
					}
					io.WriteString(w, `{"issues":[`+found("SUP-1", "2026-11-24T11:59:00.000+0000")+`,{"id":"2","key":"SUP-2","fields":"?"}],"issueErrors":[{"id":"3"}]}`)
				case ask == "[updated] ":
					io.WriteString(w, `{"issues":[`+found("SUP-1", "2026-11-24T11:00:00.000+0000")+`],"nextPageToken":"v2"}`)
				case ask == "[updated] v2":
					io.WriteString(w, `{"issues":[`+found("SUP-2", "2026-11-24T11:00:00.000+0000")+`],"nextPageToken":"v3"}`)
				case ask == "[updated] v3":
					io.WriteString(w, `{"issues":[`+found("SUP-3", "2026-11-24T11:00:00.000+0000")+`]}`)
				case ask == "[key] ":
					io.WriteString(w, `{"issues":[{"id":"1","key":"SUP-1"},{"id":"2","key":"SUP-2"},{"id":"3","key":"SUP-3"}],"nextPageToken":"k2"}`)
				case ask == "[key] k2":
					io.WriteString(w, `{"issues":[`+strings.Repeat(`{"id":"4","key":"SUP-4"},`, 1000)+`{"id":"4","key":"SUP-4"}]}`)
				default:
					t.Errorf("%s asked %v", r.Path, in)
				}
			}
			c := s.client(t, nil)
			poll := func(cursor string) (got []string, next string) {
				for more := true; more; {
					page, err := c.Changes(t.Context(), cursor, noon)
					if err != nil {
						t.Fatal(err)
					}
					for _, ch := range page.Changes {
						got = append(got, strings.TrimSpace(ch.ID+" "+strings.TrimSuffix(ch.Version, ":00.000Z")))
					}
					cursor, more = page.Cursor, page.More
				}
				return slices.Compact(got), cursor
			}
			short := []string{"SUP-1 2026-11-24T11:00", "SUP-2 2026-11-24T11:00"}
			long := []string{"SUP-1 2026-11-24T11:59", "SUP-2", "SUP-3", "SUP-4"} // those that don't come back are to be read
			want := [][]string{append(slices.Clone(short), long...), long, long}
			calls := []int{7, 5, 5}
			if refuses { // and is asked once
				again := append(slices.Clone(short), "SUP-3 2026-11-24T11:00")
				want, calls = [][]string{append(slices.Clone(short), again...), again, again}, []int{7, 3, 3}
			}
			cursor := ""
			for n := range want {
				var got []string
				before := len(s.calls)
				got, cursor = poll(cursor)
				if diff := cmp.Diff(want[n], got); diff != "" {
					t.Errorf("poll %d: %s", n, diff)
				}
				if made := len(s.calls) - before; made != calls[n] {
					t.Errorf("poll %d: %d calls, want %d", n, made, calls[n])
				}
			}
		})
	}
}

// A list that is short again is read as one.
func TestChangesOfAListThatWasLong(t *testing.T) {
	for listed, want := range map[int]string{200: "[updated]", 201: "[key]"} {
		s := &jiraSite{}
		s.answer = func(r request, w http.ResponseWriter) {
			if r.Path == "api/2/issue/bulkfetch" {
				io.WriteString(w, `{"issues":[]}`)
				return
			}
			io.WriteString(w, `{"issues":[`+strings.TrimSuffix(strings.Repeat(`{"id":"1","key":"SUP-1"},`, listed), ",")+`]}`)
		}
		c := s.client(t, nil)
		page, err := c.Changes(t.Context(), cursor{From: noon, Long: true}.String(), noon)
		if err != nil || page.More || len(page.Changes) != listed {
			t.Fatalf("got %d, %v", len(page.Changes), err)
		}
		if _, err := c.Changes(t.Context(), page.Cursor, noon); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(s.calls[2].sent(t)["fields"]); got != want {
			t.Errorf("after a list of %d: asked for %s, want %s", listed, got, want)
		}
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
