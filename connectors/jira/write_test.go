package jira

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/desk"
	"vigie/connectors/rest"
	"vigie/rules"
)

func TestWriteSendsOneQuietRequest(t *testing.T) {
	s := &jiraSite{}
	s.answer = func(r request, w http.ResponseWriter) {
		if r.Method == "GET" {
			io.WriteString(w, `{"id":"10001","key":"SUP-1","fields":{"labels":["theirs","priority_haute"],
				"customfield_10050":"2026-11-24T12:00:00.000+0100","customfield_10053":"2026-11-24","customfield_10054":null,"priority":{"name":"Highest"}}}`)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
	c := s.client(t, nil)
	edit := desk.Edit{ID: "SUP-1", AddTags: []string{"priority_haute"}, RemoveTags: []string{"priority_faible"}, Priority: "haute",
		Fields: map[string]string{"customfield_10050": "2026-11-24T11:00:00Z", "customfield_10053": "2026-11-24", "customfield_10054": ""}}
	errs, err := c.Write(t.Context(), []desk.Edit{edit, {ID: "SUP-2", AddTags: []string{"a"}}, {ID: "SUP-3"}})
	if err != nil || errors.Join(errs...) != nil {
		t.Fatal(errs, err)
	}
	want := map[string]any{
		"update": map[string]any{"labels": []any{map[string]any{"add": "priority_haute"}, map[string]any{"remove": "priority_faible"}}},
		"fields": map[string]any{"customfield_10050": "2026-11-24T11:00:00.000+0000", "customfield_10053": "2026-11-24", "customfield_10054": nil,
			"priority": map[string]any{"name": "Highest"}},
	}
	if diff := cmp.Diff(want, s.calls[0].sent(t)); diff != "" {
		t.Error(diff)
	}
	var calls []string
	for _, r := range s.calls {
		calls = append(calls, r.Method+" "+r.Path+"?"+r.Query)
	}
	// The first is read back; once a project is known to take quiet edits, none is.
	if diff := cmp.Diff([]string{
		"PUT api/2/issue/SUP-1?notifyUsers=false",
		"GET api/2/issue/SUP-1?fields=customfield_10050%2Ccustomfield_10053%2Ccustomfield_10054%2Clabels%2Cpriority",
		"PUT api/2/issue/SUP-2?notifyUsers=false",
	}, calls); diff != "" {
		t.Error(diff)
	}
}

func TestWriteNeverNotifies(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		says   string
		puts   int // until the rest of the project is given up
	}{
		"refused": {http.StatusForbidden, "refused", 3},
		"ignored": {http.StatusNoContent, "ignored", 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := &jiraSite{}
			s.answer = func(r request, w http.ResponseWriter) {
				if r.Method == "GET" {
					io.WriteString(w, `{"key":"SUP-1","fields":{"labels":[]}}`)
					return
				}
				w.WriteHeader(tt.status)
			}
			c := s.client(t, nil)
			var edits []desk.Edit
			for n := range 5 {
				edits = append(edits, desk.Edit{ID: fmt.Sprint("SUP-", n+1), AddTags: []string{"a"}})
			}
			errs, err := c.Write(t.Context(), edits)
			if err != nil {
				t.Fatal(err)
			}
			for n, err := range errs {
				var q *QuietError
				if !errors.As(err, &q) || q.Project != "SUP" || !strings.Contains(q.Error(), tt.says) {
					t.Errorf("%s: got %v", edits[n].ID, err)
				}
			}
			puts := 0
			for _, r := range s.calls {
				if r.Method == "PUT" {
					puts++
				}
				if r.Method == "PUT" && r.Query != "notifyUsers=false" {
					t.Errorf("asked %s?%s", r.Path, r.Query)
				}
			}
			if puts != tt.puts {
				t.Errorf("%d edits were sent, want %d", puts, tt.puts)
			}
		})
	}
}

func TestWriteErrors(t *testing.T) {
	s := &jiraSite{}
	s.answer = func(r request, w http.ResponseWriter) {
		switch {
		case strings.HasSuffix(r.Path, "SUP-404"):
			w.WriteHeader(http.StatusNotFound)
		case strings.HasSuffix(r.Path, "SUP-400"):
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"errorMessages":[],"errors":{"customfield_10054":"Field can't be set."}}`)
		case r.Method == "GET":
			io.WriteString(w, `{"key":"SUP-1","fields":{"labels":["a"]}}`)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}
	c := s.client(t, nil)
	edits := []desk.Edit{
		{ID: "SUP-404", AddTags: []string{"a"}},
		{ID: "SUP-1", AddTags: []string{"a"}},
		{ID: "SUP-400", AddTags: []string{"a"}},
		{ID: "SUP-1", Priority: "unheard-of"},
		{ID: "SUP-1", Fields: map[string]string{"customfield_10050": "soon"}},
		{ID: "SUP-1/../../myself", AddTags: []string{"a"}},
	}
	errs, err := c.Write(t.Context(), edits)
	if err != nil {
		t.Fatal(err)
	}
	if !errors.Is(errs[0], desk.ErrUntouchable) || errs[1] != nil {
		t.Errorf("got %v, %v", errs[0], errs[1])
	}
	for n, err := range errs[2:] {
		if err == nil || errors.Is(err, desk.ErrUntouchable) {
			t.Errorf("%s: got %v", edits[n+2].ID, err)
		}
	}
	if got := errs[2].Error(); !strings.Contains(got, "edit SUP-400: PUT /rest/api/2/issue/SUP-400: 400 Bad Request") || strings.Contains(got, "127.0.0.1") {
		t.Errorf("got %s", got)
	}
}

func TestWriteStopsWhenTheQuotaIsUsedUp(t *testing.T) {
	s := &jiraSite{answer: func(r request, w http.ResponseWriter) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	}}
	errs, err := s.client(t, nil).Write(t.Context(), []desk.Edit{{ID: "SUP-1", AddTags: []string{"a"}}, {ID: "SUP-2", AddTags: []string{"a"}}})
	if status(err) != http.StatusTooManyRequests || status(errs[0]) != http.StatusTooManyRequests || status(errs[1]) != http.StatusTooManyRequests {
		t.Errorf("got %v, %v", errs, err)
	}
	if len(s.calls) != 1 {
		t.Errorf("%d requests were sent", len(s.calls))
	}
}

func TestCheck(t *testing.T) {
	s := &jiraSite{answer: func(r request, w http.ResponseWriter) { io.WriteString(w, `{"issues":[]}`) }}
	c := s.client(t, nil)
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []rules.DueField{{Metric: rules.FirstReply, ID: "customfield_10050", Form: rules.DateTimeForm},
		{Metric: rules.Update, ID: "customfield_10053", Form: rules.DateForm}, {Metric: rules.Resolution, ID: "customfield_10054", Form: rules.TextForm}}
	if diff := cmp.Diff(want, c.DueFields()); diff != "" {
		t.Error(diff)
	}
	s.answer = func(r request, w http.ResponseWriter) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"errorMessages":["The value 'SUP' does not exist for the field 'project'."],"errors":{}}`)
	}
	c = s.client(t, func(cfg *Config) {
		cfg.Group = "customfield_1"
		cfg.DueFields = []rules.DueField{{Metric: rules.FirstReply, ID: "customfield_2"}, {Metric: rules.Update, ID: "customfield_10060"}}
	})
	err := c.Check(t.Context())
	for _, part := range []string{"customfield_1\"", "customfield_2", "customfield_10060", "does not exist for the field 'project'"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s isn't named in: %v", part, err)
		}
	}
}

func TestBadCredentials(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	defer srv.Close()
	c := New(Config{Name: "jira", URL: srv.URL}, (&rest.Transport{}).Client())
	err := c.Check(t.Context())
	if status(err) != http.StatusUnauthorized || err.Error() != "ask jira for our account: GET /rest/api/2/myself: 401 Unauthorized" {
		t.Errorf("got %v", err)
	}
	errs, err := c.Write(t.Context(), []desk.Edit{{ID: "SUP-1", AddTags: []string{"a"}}})
	if err == nil || errs[0] == nil {
		t.Errorf("got %v, %v", errs, err)
	}
}

// No error or log of any call shows the token.
func TestNoSecretLeaks(t *testing.T) {
	var log strings.Builder
	for _, email := range []string{"bot@acme.example", ""} {
		s := &jiraSite{answer: func(r request, w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) }}
		c := s.client(t, func(cfg *Config) { cfg.Email = email })
		_, err1 := c.Changes(t.Context(), "", noon.Add(-time.Hour))
		_, err2 := c.Read(t.Context(), []string{"SUP-1"})
		errs, err3 := c.Write(t.Context(), []desk.Edit{{ID: "SUP-1", AddTags: []string{"a"}}})
		_, err4 := New(Config{URL: "https://u:s3cr3t-token@%zz"}, http.DefaultClient).Changes(t.Context(), "", noon)
		fmt.Fprintln(&log, err1, err2, errs, err3, err4)
		if err1 == nil || err2 == nil || errs[0] == nil || err4 == nil {
			t.Errorf("got %v, %v, %v, %v", err1, err2, errs, err4)
		}
	}
	if strings.Contains(log.String(), "s3cr3t") || strings.Contains(log.String(), "127.0.0.1") {
		t.Errorf("secret or host shown: %s", log.String())
	}
}

func TestAuthorize(t *testing.T) {
	for want, cfg := range map[string]Config{
		"Basic Ym90QGFjbWUuZXhhbXBsZTp0": {Email: "bot@acme.example", Token: "t"},
		"Bearer t":                       {Token: "t"},
	} {
		r, _ := http.NewRequest("GET", "https://acme.atlassian.net/", nil)
		cfg.Authorize(r)
		if got := r.Header.Get("Authorization"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRepeatable(t *testing.T) {
	for path, want := range map[string]bool{
		"POST /rest/api/2/search/jql": true, "POST /jira/rest/api/2/search": true, "POST /rest/api/2/issue/bulkfetch": true,
		"POST /rest/api/2/issue": false, "POST /rest/api/2/issue/SUP-1/comment": false, "PUT /rest/api/2/issue/SUP-1": false, "GET /rest/api/2/myself": true,
	} {
		method, p, _ := strings.Cut(path, " ")
		r, _ := http.NewRequest(method, "https://acme.atlassian.net"+p, nil)
		if got := Repeatable(r); got != want {
			t.Errorf("%s: got %v", path, got)
		}
	}
}
