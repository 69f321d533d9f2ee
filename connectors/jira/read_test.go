package jira

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"vigie/connectors/desk"
	"vigie/rules"
)

// full is an issue with the least that a ticket needs, and more fields.
func full(id, key, more string) string {
	return fmt.Sprintf(`{"id":%q,"key":%q,"fields":{"created":"2026-11-24T08:00:00.000+0000","updated":"2026-11-24T09:00:00.000+0000",
		"status":{"id":"3","name":"In Progress","statusCategory":{"key":"indeterminate"}},"summary":"Down"%s}}`, id, key, more)
}

// label is a changelog entry that adds a label.
func label(id, created, from, to string) string {
	return fmt.Sprintf(`{"id":%q,"author":{"accountId":"acc-nadia"},"created":%s,"items":[{"field":"labels","fieldId":"labels","fromString":%q,"toString":%q}]}`, id, created, from, to)
}

func TestReadOnCloud(t *testing.T) {
	s := &jiraSite{}
	s.answer = func(r request, w http.ResponseWriter) {
		switch r.Path {
		case "api/2/issue/bulkfetch":
			fmt.Fprintf(w, `{"issues":[%s,%s,%s,%s,{"id":"10005","key":"SUP-5","fields":"?"}],"issueErrors":[]}`,
				full("10001", "SUP-1", `,"labels":["a","b"],"comment":{"comments":[{"id":"1"}],"maxResults":1,"total":2}`),
				full("10002", "SUP-2", `,"priority":[],"assignee":"?","comment":{"comments":[],"total":0}`),
				full("10003", "HR-3", ""), full("10004", "SUP-44", ""))
		case "api/2/changelog/bulkfetch":
			if r.sent(t)["nextPageToken"] == nil { // the issue's changelog is split over two pages
				fmt.Fprintf(w, `{"issueChangeLogs":[{"issueId":"10001","changeHistories":[%s]}],"nextPageToken":"p2"}`, label("1", "1795510800000", "", "a"))
				return
			}
			fmt.Fprintf(w, `{"issueChangeLogs":[{"issueId":"10001","changeHistories":[%s]}],"nextPageToken":null}`, label("2", `"2026-11-24T08:50:00.000+0000"`, "a", "a b"))
		case "api/2/issue/10001/comment":
			start := strings.Contains(r.Query, "startAt=1")
			at := "2026-11-24T08:10:00.000+0000"
			if start {
				at = "2026-11-24T08:20:00.000+0000"
			}
			fmt.Fprintf(w, `{"comments":[{"id":%q,"author":{"accountId":"acc-nadia"},"created":%q}],"total":2}`, at, at)
		case "api/2/user":
			fmt.Fprint(w, `{"accountId":"acc-nadia","applicationRoles":{"items":[{"key":"jira-servicedesk"}]}}`)
		case "api/2/issue/SUP-4":
			io.WriteString(w, full("10004", "SUP-44", ""))
		case "api/2/issue/SUP-7":
			w.WriteHeader(http.StatusNotFound)
		default:
			t.Errorf("asked %s %s", r.Method, r.Path)
		}
	}
	got, err := s.client(t, nil).Read(t.Context(), []string{"SUP-1", "10002", "HR-3", "10003", "SUP-4", "SUP-5", "SUP-7", "../myself", "sup-1"})
	if err != nil {
		t.Fatal(err)
	}
	outcome := func(r desk.Reading) string {
		switch {
		case r.Err != nil:
			return "error"
		case r.Gone:
			return "gone"
		case r.Same != "":
			return "same " + r.Same
		}
		return r.Ticket.ID + " " + r.Version
	}
	for n, want := range []string{
		"SUP-1 2026-11-24T09:00:00.000Z", "SUP-2 2026-11-24T09:00:00.000Z", // the odd fields of SUP-2 cost it nothing else
		"gone", "gone", // not a project of ours
		"SUP-44 2026-11-24T09:00:00.000Z", // moved: by its key of today
		"error",                           // can't be decoded
		"gone", "error",                   // isn't there; no key at all
		"same SUP-1",
	} {
		if o := outcome(got[n]); o != want {
			t.Errorf("%s: got %s (%v), want %s", got[n].ID, o, got[n].Err, want)
		}
	}
	at := func(hhmm string) time.Time { d, _ := time.Parse("15:04", hhmm); return d.AddDate(2026, 10, 23) }
	want := []rules.Event{
		{At: at("08:10"), Type: rules.ReplyEvent, By: "agent", Public: true},
		{At: at("08:20"), Type: rules.ReplyEvent, By: "agent", Public: true},
		{At: at("08:50"), Type: rules.TagEvent, Add: []string{"b"}, By: "agent"},
		{At: at("09:00"), Type: rules.TagEvent, Add: []string{"a"}, By: "agent"},
	}
	if diff := gocmp.Diff(want, got[0].Ticket.Events); diff != "" {
		t.Error(diff)
	}
	asked := s.calls[0].sent(t)
	if diff := gocmp.Diff([]any{"SUP-1", "10002", "HR-3", "10003", "SUP-4", "SUP-5", "SUP-7"}, asked["issueIdsOrKeys"]); diff != "" {
		t.Error(diff)
	}
}

func TestReadTakesNothingForGoneBesideAnError(t *testing.T) {
	s := &jiraSite{}
	s.answer = func(r request, w http.ResponseWriter) {
		if r.Path == "api/2/issue/bulkfetch" {
			io.WriteString(w, `{"issues":[`+full("10001", "SUP-1", "")+`],"issueErrors":[{"id":"10002","errorMessage":"too large"}]}`)
			return
		}
		io.WriteString(w, `{"issueChangeLogs":[]}`)
	}
	got, err := s.client(t, nil).Read(t.Context(), []string{"sup-1", "SUP-2"})
	if err != nil || got[0].Ticket == nil || got[1].Gone || got[1].Err == nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestReadInHundreds(t *testing.T) {
	s := &jiraSite{}
	s.answer = func(r request, w http.ResponseWriter) {
		var issues []string
		for _, id := range r.sent(t)["issueIdsOrKeys"].([]any) {
			issues = append(issues, strings.Replace(full("1"+strings.TrimPrefix(id.(string), "SUP-"), id.(string), ""), `"fields"`, `"changelog":{"total":0,"histories":[]},"fields"`, 1))
		}
		io.WriteString(w, `{"issues":[`+strings.Join(issues, ",")+`]}`)
	}
	var ids []string
	for n := range 250 {
		ids = append(ids, fmt.Sprint("SUP-", n+1))
	}
	got, err := s.client(t, nil).Read(t.Context(), ids)
	if err != nil || len(got) != 250 || len(s.calls) != 3 {
		t.Errorf("got %d readings in %d calls, %v", len(got), len(s.calls), err)
	}
}

// What was complete when Jira stopped answering is told beside the error, and
// nothing else is: not even that it is gone.
func TestReadCutOff(t *testing.T) {
	chunk := func(t *testing.T, r request) string {
		var issues []string
		for _, id := range r.sent(t)["issueIdsOrKeys"].([]any) {
			key := id.(string)
			if key == "SUP-5" {
				continue // gone
			}
			log := `"changelog":{"total":0,"histories":[]}`
			if key == "SUP-2" {
				log = `"changelog":{"total":41,"histories":[]}`
			}
			more := ""
			if key == "SUP-3" {
				more = `,"comment":{"comments":[],"total":1}`
			}
			issues = append(issues, strings.Replace(full("1"+strings.TrimPrefix(key, "SUP-"), key, more), `"fields"`, log+`,"fields"`, 1))
		}
		return `{"issues":[` + strings.Join(issues, ",") + `]}`
	}
	for name, tt := range map[string]struct {
		fails string // from the call to this path on
		nth   int
		want  string // of SUP-1 to SUP-5 and SUP-150
	}{
		"before anything is read":  {"issue/bulkfetch", 1, "- - - - - -"},
		"after the first hundred":  {"issue/bulkfetch", 2, "told - - told - -"},
		"before long changelogs":   {"changelog/bulkfetch", 1, "told - - told gone told"},
		"before the rest comments": {"comment", 1, "told told - told gone told"},
	} {
		for _, how := range []string{"503", "the context ends"} {
			t.Run(name+", "+how, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				n := 0
				s := &jiraSite{}
				s.answer = func(r request, w http.ResponseWriter) {
					if strings.HasSuffix(r.Path, tt.fails) {
						n++
					}
					switch {
					case n >= tt.nth:
						cancel()
						w.WriteHeader(http.StatusServiceUnavailable)
					case strings.HasSuffix(r.Path, "issue/bulkfetch"):
						io.WriteString(w, chunk(t, r))
					case strings.HasSuffix(r.Path, "issue/SUP-5"):
						w.WriteHeader(http.StatusNotFound)
					case strings.HasSuffix(r.Path, "/comment"):
						io.WriteString(w, `{"comments":[],"total":0}`)
					default:
						io.WriteString(w, `{"issueChangeLogs":[]}`)
					}
				}
				if how == "503" {
					cancel = func() {}
				}
				var ids []string
				for n := range 150 {
					ids = append(ids, fmt.Sprint("SUP-", n+1))
				}
				readings, err := s.client(t, nil).Read(ctx, ids)
				if err == nil {
					t.Fatal("no error")
				}
				got := map[string]string{}
				for _, r := range readings {
					switch {
					case r.Ticket != nil:
						got[r.ID] = "told"
					case r.Gone:
						got[r.ID] = "gone"
					default:
						got[r.ID] = fmt.Sprint(r.Err)
					}
				}
				var list []string
				for _, id := range []string{"SUP-1", "SUP-2", "SUP-3", "SUP-4", "SUP-5", "SUP-150"} {
					list = append(list, cmp.Or(got[id], "-"))
				}
				if got := strings.Join(list, " "); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
			})
		}
	}
}

func TestReadGuardsTheChangelogsPages(t *testing.T) {
	s := &jiraSite{}
	s.answer = func(r request, w http.ResponseWriter) {
		if r.Path == "api/2/issue/bulkfetch" {
			io.WriteString(w, `{"issues":[`+full("10001", "SUP-1", "")+`]}`)
			return
		}
		io.WriteString(w, `{"issueChangeLogs":[],"nextPageToken":"again"}`)
	}
	got, err := s.client(t, nil).Read(t.Context(), []string{"SUP-1"})
	if err != nil || len(got) != 1 || got[0].Err == nil || len(s.calls) > 3 {
		t.Errorf("a repeated page is read for ever, or taken for the whole: %+v, %v, %d calls", got, err, len(s.calls))
	}
}

func TestReadOnDataCenter(t *testing.T) {
	for name, strict := range map[string]bool{"unknown keys are left out": false, "an unknown key fails the search": true} {
		t.Run(name, func(t *testing.T) {
			one := strings.Replace(full("10001", "SUP-1", `,"labels":["a"],"reporter":{"name":"omar","key":"omar"},"comment":{"total":2,"comments":[{"id":"1"},{"id":"2"}]}`), `"fields"`,
				`"changelog":{"total":1,"histories":[`+label("1", `"2026-11-24T08:30:00.000+0000"`, "", "a")+`]},"fields"`, 1)
			s := &jiraSite{dataCenter: true}
			s.answer = func(r request, w http.ResponseWriter) {
				switch {
				case r.Path == "api/2/search" && strict:
					w.WriteHeader(http.StatusBadRequest)
				case r.Path == "api/2/search":
					io.WriteString(w, `{"issues":[`+one+`]}`)
				case r.Path == "api/2/issue/SUP-1":
					io.WriteString(w, one)
				case r.Path == "api/2/issue/10001/comment" && strings.Contains(r.Query, "expand=properties"):
					io.WriteString(w, `{"total":2,"comments":[{"id":"1","author":{"name":"nadia","key":"nadia"},"created":"2026-11-24T08:10:00.000+0000",
						"properties":[{"key":"other","value":1},{"key":"sd.public.comment","value":{"internal":true}}]},
						{"id":"2","author":{"name":"omar","key":"omar"},"created":"2026-11-24T08:20:00.000+0000","properties":[]}]}`)
				default:
					w.WriteHeader(http.StatusNotFound)
				}
			}
			got, err := s.client(t, func(cfg *Config) { cfg.Email = "" }).Read(t.Context(), []string{"SUP-1", "SUP-9"})
			if err != nil || got[0].Ticket == nil || !got[1].Gone {
				t.Fatalf("got %+v, %v", got, err)
			}
			var replies []string
			for _, e := range got[0].Ticket.Events {
				replies = append(replies, fmt.Sprint(e.Type, " ", e.By, " ", e.Public))
			}
			if diff := gocmp.Diff([]string{"reply agent false", "reply customer true", "tag agent false"}, replies); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDataCenterChangelogCutOff(t *testing.T) {
	s := &jiraSite{dataCenter: true, answer: func(r request, w http.ResponseWriter) {
		io.WriteString(w, `{"issues":[`+strings.Replace(full("10001", "SUP-1", ""), `"fields"`, `"changelog":{"total":3,"histories":[]},"fields"`, 1)+`]}`)
	}}
	got, err := s.client(t, nil).Read(t.Context(), []string{"SUP-1"})
	if err != nil || got[0].Err == nil {
		t.Errorf("half a history is told as a whole one: %+v, %v", got, err)
	}
}

func TestNewStatusIsAskedForOnce(t *testing.T) {
	s := &jiraSite{answer: func(r request, w http.ResponseWriter) {
		io.WriteString(w, `{"issueChangeLogs":[],"issues":[`+strings.Replace(full("10001", "SUP-1", ""), `"id":"3","name":"In Progress"`, `"id":"99","name":"Brand new"`, 1)+`]}`)
	}}
	c := s.client(t, nil)
	var seen []*vocabulary
	for range 3 {
		if _, err := c.Read(t.Context(), []string{"SUP-1"}); err != nil {
			t.Fatal(err)
		}
		seen = append(seen, c.vocab)
	}
	if seen[0] == nil || seen[0] != seen[1] || seen[1] != seen[2] {
		t.Error("the site is asked at each reading for a status that it doesn't list")
	}
}
