package zendesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/rest"
)

// An account is a Zendesk that answers as a test says, for what a well-behaved
// one never does.
type account struct {
	*http.ServeMux
	mu    sync.Mutex
	asked []string
	looks []time.Duration
}

func newAccount(t *testing.T, cfg Config) (*account, *Client) {
	t.Helper()
	a := &account{ServeMux: http.NewServeMux()}
	a.reply("GET /api/v2/users/me.json", `{"user":{"id":1,"role":"admin","email":"bot@acme.example"}}`)
	a.reply("GET /api/v2/groups.json", `{"groups":[{"id":20,"name":"Berlin"}],"next_page":null}`)
	a.reply("GET /api/v2/users/show_many.json", `{"users":[{"id":3,"role":"agent","email":"lena@support.example"}]}`)
	a.reply("GET /api/v2/organizations/show_many.json", `{"organizations":[{"id":30,"name":"Acme"}]}`)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.asked = append(a.asked, r.Method+" "+r.URL.Path)
		a.mu.Unlock()
		a.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	cfg.URL, cfg.Email, cfg.Token = srv.URL, "bot@acme.example", "s3cret"
	cfg.Sleep = func(ctx context.Context, d time.Duration) error { a.looks = append(a.looks, d); return ctx.Err() }
	noWait := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return a, New(cfg, (&rest.Transport{Authorize: cfg.Authorize, Sleep: noWait}).Client())
}

func (a *account) reply(pattern, body string) {
	a.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
}

func (a *account) count(call string) (n int) {
	for _, c := range a.asked {
		if c == call {
			n++
		}
	}
	return n
}

func TestOneOddTicketCostsNothingElse(t *testing.T) {
	a, c := newAccount(t, Config{Name: "zendesk"})
	a.reply("GET /api/v2/tickets/show_many.json", `{"tickets":[`+
		`{"id":1,"created_at":"2026-11-27T16:30:00Z","custom_fields":[{"id":5,"value":745},{"value":1},null],"tags":{}},`+
		`{"id":2,"created_at":"yesterday"},{"id":3,"created_at":"2026-11-27T16:30:00Z"},{"id":4,"created_at":"2026-11-27T16:30:00Z"},"odd"]}`)
	audits := `{"audits":[{"id":1,"author_id":3,"created_at":"2026-11-27T16:30:00Z","events":[{"type":"Comment","body":"x"}]}]}`
	a.reply("GET /api/v2/tickets/1/audits.json", audits)
	a.HandleFunc("GET /api/v2/tickets/3/audits.json", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) })
	got, err := c.Read(t.Context(), []string{"1", "2", "3", "4", "5", "../6", "1"})
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Ticket == nil || got[0].Ticket.Fields["5"] != "745" {
		t.Errorf("an odd field: got %+v", got[0])
	}
	for i, want := range []string{"ticket", "error", "error", "gone", "gone", "error"} {
		is := map[string]bool{"ticket": got[i].Ticket != nil, "error": got[i].Err != nil, "gone": got[i].Gone}
		if n := len(slices.DeleteFunc([]bool{is["ticket"], is["error"], is["gone"]}, func(b bool) bool { return !b })); !is[want] || n != 1 {
			t.Errorf("reading %d: got %+v, want %s alone", i, got[i], want)
		}
	}

	if _, err := c.Read(t.Context(), []string{"1"}); err != nil || a.count("GET /api/v2/groups.json") != 1 || a.count("GET /api/v2/users/show_many.json") != 1 {
		t.Errorf("names are asked for once: %v, %v", err, a.asked)
	}
}

// Audits that can be had of no ticket are Zendesk's failure; those of one alone are
// the ticket's, since Zendesk says who asks.
func TestReadFailsAsAWhole(t *testing.T) {
	a, c := newAccount(t, Config{})
	row := `{"id":%d,"created_at":"2026-11-27T16:30:00Z"}`
	a.reply("GET /api/v2/tickets/show_many.json", `{"tickets":[`+fmt.Sprintf(row, 1)+","+fmt.Sprintf(row, 2)+`]}`)
	for _, id := range []string{"1", "2"} {
		a.HandleFunc("GET /api/v2/tickets/"+id+"/audits.json", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			io.WriteString(w, "customer's words")
		})
	}
	want := "read audits of 1: GET /api/v2/tickets/1/audits.json: 500 Internal Server Error"
	if got, err := c.Read(t.Context(), []string{"1", "2"}); err == nil || err.Error() != want || len(got) > 0 {
		t.Errorf("got %+v, %v, want %q", got, err, want)
	}
	if got, err := c.Read(t.Context(), []string{"1"}); err != nil || got[0].Err == nil || got[0].Err.Error() != want {
		t.Errorf("one alone: got %+v, %v, want %q", got, err, want)
	}
}

// What was complete when the vendor stopped answering, or the time was over, is
// given beside the error.
func TestReadGivesWhatItHas(t *testing.T) {
	audits := `{"audits":[{"id":1,"author_id":3,"created_at":"2026-11-27T16:30:00Z","events":[{"type":"Comment","body":"x"}]}]}`
	ids := []string{"1", "2", "3", "4", "5", "6", "7"}
	ends := map[string]func(w http.ResponseWriter, r *http.Request, end func()){
		"no answer any more": func(w http.ResponseWriter, _ *http.Request, _ func()) {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(429)
		},
		"the time is over": func(_ http.ResponseWriter, r *http.Request, end func()) {
			end()
			<-r.Context().Done()
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			a, c := newAccount(t, Config{Name: "zendesk"})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			row := `{"id":%s,"created_at":"2026-11-27T16:30:00Z","updated_at":"2026-11-27T16:30:00Z"}`
			var rows []string
			for _, id := range ids {
				rows = append(rows, fmt.Sprintf(row, id))
				a.HandleFunc("GET /api/v2/tickets/"+id+"/audits.json", func(w http.ResponseWriter, r *http.Request) {
					if id == "5" {
						end(w, r, cancel)
						return
					}
					io.WriteString(w, audits)
				})
			}
			a.reply("GET /api/v2/tickets/show_many.json", `{"tickets":[`+strings.Join(rows, ",")+`]}`)
			if _, err := c.Read(t.Context(), ids[:1]); err != nil { // whose names are then remembered
				t.Fatal(err)
			}
			got, err := c.Read(ctx, ids)
			if err == nil || len(got) == 0 || len(got) == len(ids) {
				t.Errorf("got %d readings and %v", len(got), err)
			}
			for _, r := range got {
				if r.ID == "5" || r.Ticket == nil || r.Ticket.ID != r.ID {
					t.Errorf("got %+v", r)
				}
			}
		})
	}
}

func TestAuditPages(t *testing.T) {
	a, c := newAccount(t, Config{})
	a.reply("GET /api/v2/tickets/show_many.json", `{"tickets":[{"id":1,"created_at":"2026-11-27T16:30:00Z","status":"pending"}]}`)
	a.HandleFunc("GET /api/v2/tickets/1/audits.json", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("page[after]") {
		case "":
			io.WriteString(w, `{"audits":[{"id":1,"author_id":3,"created_at":"2026-11-27T16:30:00Z","events":[{"type":"Comment","public":true,"body":"x"}]}],"meta":{"has_more":true,"after_cursor":"a+/="}}`)
		case "a+/=":
			io.WriteString(w, `{"audits":[{"id":2,"author_id":3,"created_at":"2026-11-27T16:40:00Z","events":[{"type":"Comment","public":true,"body":"y"}]}],"meta":{"has_more":false,"after_cursor":"a+/="}}`)
		default:
			t.Errorf("asked for %q", r.URL.RawQuery)
		}
	})
	got, err := c.Read(t.Context(), []string{"1"})
	if err != nil || len(got[0].Ticket.Events) != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestVersionOfARestlessTicket(t *testing.T) {
	now := clock("16:30:01")
	a, c := newAccount(t, Config{Now: func() time.Time { return now }})
	a.reply("GET /api/v2/tickets/show_many.json", `{"tickets":[{"id":1,"created_at":"2026-11-27T16:00:00Z","updated_at":"2026-11-27T16:30:00Z","status":"open"}]}`)
	a.reply("GET /api/v2/tickets/1/audits.json", `{"audits":[]}`)
	read := func() string {
		got, err := c.Read(t.Context(), []string{"1"})
		if err != nil {
			t.Fatal(err)
		}
		return got[0].Version
	}
	if got := read(); got != "" {
		t.Errorf("within the second something else may happen: got version %q", got)
	}
	now = clock("16:30:02")
	if read() == "" {
		t.Error("no version later on")
	}
	w := wireTicket{UpdatedAt: "2026-11-27T16:30:00Z", Status: "deleted"}
	if v := w.version(); v == read() {
		t.Error("a deletion that leaves updated_at alone has the same version")
	}
}

func TestCursors(t *testing.T) {
	now := clock("16:30:00")
	a, c := newAccount(t, Config{Now: func() time.Time { return now }})
	a.HandleFunc("GET /api/v2/incremental/tickets/cursor.json", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		switch {
		case q.Get("cursor") == "stale":
			w.WriteHeader(400)
		case q.Get("cursor") == "loop":
			io.WriteString(w, `{"tickets":[],"after_cursor":"loop","end_of_stream":false}`)
		case q.Get("cursor") == "null":
			io.WriteString(w, `{"tickets":[],"after_cursor":null,"end_of_stream":true}`)
		default:
			fmt.Fprintf(w, `{"tickets":[{"id":1,"updated_at":"a"},{"id":1,"updated_at":"b"},{"id":"x"},{"id":2}],"after_cursor":"from %s","end_of_stream":false}`, q.Get("start_time"))
		}
	})
	tests := []struct {
		cursor string
		since  time.Time
		want   string
		more   bool
	}{
		{"", clock("12:00:00"), fmt.Sprintf("from %d", clock("12:00:00").Unix()), true},
		{"", now, fmt.Sprintf("from %d", clock("16:28:59").Unix()), true},
		{"stale", clock("12:00:00"), fmt.Sprintf("from %d", clock("12:00:00").Unix()), true},
		{"loop", now, "loop", true}, // which is so three times, see TestPagesThatNeverEnd
		{"null", now, "null", false},
	}
	for _, tt := range tests {
		got, err := c.Changes(t.Context(), tt.cursor, tt.since)
		if err != nil || got.Cursor != tt.want || got.More != tt.more {
			t.Errorf("cursor %q: got %+v, %v; want %q, more %v", tt.cursor, got, err, tt.want, tt.more)
		}
		if got.Stale != (tt.cursor == "loop") {
			t.Errorf("cursor %q: stale is %v", tt.cursor, got.Stale)
		}
		if tt.more && !got.Stale && (len(got.Changes) != 2 || got.Changes[0].Version[:1] != "b" || got.Changes[1].Version != "") {
			t.Errorf("rows: got %+v", got.Changes)
		}
	}
}

// An odd vendor carries out an update_many as each test says; the ticket 3 is
// closed.
func TestOddJobs(t *testing.T) {
	rows := `{"tickets":[{"id":1,"status":"open","updated_at":"2026-11-27T16:30:00Z","tags":["%s"]},{"id":2,"status":"open","updated_at":"2026-11-27T16:30:00Z"},{"id":3,"status":"closed"}]}`
	done := `{"job_status":{"id":"k","status":"completed","results":[{"id":%d,"success":true,"status":"Updated"}]}}`
	edits := []desk.Edit{{ID: "1", AddTags: []string{"a"}}, {ID: "2", AddTags: []string{"a"}}, {ID: "3", AddTags: []string{"a"}}}
	closed := "write ticket 3: ticket can't be changed any more"
	unknown := "zendesk doesn't say"
	tests := []struct {
		name   string
		first  string // the answer to the first update_many
		jobs   string // the answer to looks at jobs
		single string // the answer to a single row, "%d" for its id
		tag    string // of ticket 1 when it is looked at
		want   [3]string
	}{
		{name: "all done", first: `{"job_status":{"id":"j","status":"completed","results":[{"id":1,"success":true},{"index":1,"success":true},{"id":3,"status":"Updated"}]}}`},
		{name: "a failed row is tried by itself", first: `{"job_status":{"id":"j","status":"queued"}}`,
			jobs: `{"job_statuses":[{"id":"j","status":"completed","results":[{"id":1,"success":true},{"id":2,"index":1,"success":false,"error":"UpdateConflict"},{"id":3,"success":true}]}]}`, single: done},
		{name: "and reported if it fails again", first: `{"job_status":{"id":"j","status":"completed","results":[{"id":1,"success":true},{"id":2,"success":false,"error":"X"},{"id":3,"success":true}]}}`,
			single: `{"job_status":{"id":"k","status":"completed","results":[{"id":%d,"success":false,"error":"RecordInvalid","details":"no such field"}]}}`,
			want:   [3]string{"", "write ticket 2: RecordInvalid: no such field", ""}},
		{name: "and followed if it takes its time", first: `{"job_status":{"id":"j","status":"completed","results":[{"id":1,"success":true},{"id":2,"success":false,"error":"X"},{"id":3,"success":true}]}}`,
			single: `{"job_status":{"id":"k%d","status":"queued"}}`, want: [3]string{"", "job k2", ""}},
		{name: "a failed row that is there all the same", first: `{"job_status":{"id":"j","status":"completed","results":[{"id":1,"success":false,"error":"X"},{"id":2,"success":true},{"id":3,"success":true}]}}`, tag: "a"},
		{name: "a closed ticket isn't", first: `{"job_status":{"id":"j","status":"completed","results":[{"id":1,"success":true},{"id":2,"success":true},{"index":2,"success":false,"error":"RecordInvalid"}]}}`,
			want: [3]string{"", "", closed}},
		{name: "a failed job", first: `{"job_status":{"id":"j","status":"queued"}}`, jobs: `{"job_statuses":[{"id":"j","status":"failed","results":{"success":false},"message":"x"}]}`, single: done, tag: "a",
			want: [3]string{"", "", closed}},
		{name: "a job that is forgotten", first: `{"job_status":{"id":"j","status":"working"}}`, jobs: `{"job_statuses":[]}`, tag: "a", want: [3]string{"", unknown, closed}},
		{name: "rows without a word", first: `{"job_status":{"id":"j","status":"completed","results":null}}`, want: [3]string{unknown, unknown, closed}},
		{name: "a job that takes long", first: `{"job_status":{"id":"j","status":"queued"}}`, jobs: `{"job_statuses":[{"id":"j","status":"working"}]}`,
			want: [3]string{"job j", "job j", "job j"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, c := newAccount(t, Config{})
			a.reply("GET /api/v2/tickets/show_many.json", strings.ReplaceAll(rows, "%s", tt.tag))
			puts := 0
			a.onPut(t, func(w http.ResponseWriter, p put) {
				if puts++; puts == 1 {
					io.WriteString(w, tt.first)
					return
				}
				if len(p.Tickets) != 1 || !p.Tickets[0].SafeUpdate || p.Tickets[0].UpdatedStamp != "2026-11-27T16:30:00Z" {
					t.Errorf("tried again with %+v", p)
				}
				io.WriteString(w, strings.ReplaceAll(tt.single, "%d", fmt.Sprint(p.Tickets[0].ID)))
			})
			a.reply("GET /api/v2/job_statuses/show_many.json", tt.jobs)
			results, err := c.Write(t.Context(), edits)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range tt.want {
				if got := fmt.Sprint(results[i]); want == "" && results[i] != nil || !strings.Contains(got, want) {
					t.Errorf("edit %d: got %q, want %q", i, got, want)
				}
			}
			if errors.Is(results[2], desk.ErrUntouchable) != (tt.want[2] == closed) {
				t.Errorf("the closed ticket: got %v", results[2])
			}
		})
	}
}

type put struct {
	Tickets []struct {
		ID           int64  `json:"id"`
		UpdatedStamp string `json:"updated_stamp"`
		SafeUpdate   bool   `json:"safe_update"`
	} `json:"tickets"`
}

func (a *account) onPut(t *testing.T, f func(http.ResponseWriter, put)) {
	a.HandleFunc("PUT /api/v2/tickets/update_many.json", func(w http.ResponseWriter, r *http.Request) {
		var p put
		if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
			t.Error(err)
		}
		f(w, p)
	})
}

// A request that Zendesk refuses because of one ticket is divided, so that it
// costs that ticket alone.
func TestARequestRefusedAsSuch(t *testing.T) {
	a, c := newAccount(t, Config{})
	puts := 0
	a.onPut(t, func(w http.ResponseWriter, p put) {
		puts++
		var results []string
		for _, r := range p.Tickets {
			if r.ID == 77 {
				w.WriteHeader(422)
				return
			}
			results = append(results, fmt.Sprintf(`{"id":%d,"success":true}`, r.ID))
		}
		fmt.Fprintf(w, `{"job_status":{"id":"j","status":"completed","results":[%s]}}`, strings.Join(results, ","))
	})
	a.reply("GET /api/v2/tickets/show_many.json", `{"tickets":[{"id":77,"status":"open"}]}`)
	var edits []desk.Edit
	for id := 1; id <= 100; id++ {
		edits = append(edits, desk.Edit{ID: fmt.Sprint(id), AddTags: []string{"a"}})
	}
	results, err := c.Write(t.Context(), edits)
	if err != nil || puts > 15 {
		t.Errorf("%d requests, %v", puts, err)
	}
	for i, err := range results {
		if (err != nil) != (i == 76) {
			t.Errorf("ticket %d: got %v", i+1, err)
		}
	}
}

// A job that takes long holds nobody up: it is asked about later, and so is what
// it refused, a few tickets at a time.
func TestFollow(t *testing.T) {
	now := clock("16:30:00")
	a, c := newAccount(t, Config{Now: func() time.Time { return now }})
	a.onPut(t, func(w http.ResponseWriter, p put) {
		fmt.Fprintf(w, `{"job_status":{"id":"k%d","status":"queued"}}`, p.Tickets[0].ID)
	})
	status := "working"
	a.HandleFunc("GET /api/v2/job_statuses/show_many.json", func(w http.ResponseWriter, r *http.Request) {
		if status == "working" {
			io.WriteString(w, `{"job_statuses":[{"id":"k1","status":"working","total":30,"results":null}]}`)
			return
		}
		fmt.Fprintf(w, `{"job_statuses":[{"id":"k1","status":"%s","total":30,"results":[`, status)
		for id := 1; id <= 30; id++ {
			fmt.Fprintf(w, `%s{"id":%d,"success":%v,"error":"X"}`, ","[:min(id-1, 1)], id, id > 12)
		}
		io.WriteString(w, `]}]}`)
	})
	a.HandleFunc("GET /api/v2/tickets/show_many.json", func(w http.ResponseWriter, r *http.Request) {
		var rows []string
		for id := range strings.SplitSeq(r.URL.Query().Get("ids"), ",") {
			rows = append(rows, `{"id":`+id+`,"status":"open","updated_at":"2026-11-27T16:30:00Z"}`)
		}
		io.WriteString(w, `{"tickets":[`+strings.Join(rows, ",")+`]}`)
	})
	var edits []desk.Edit
	var handed []desk.Handed
	for id := 1; id <= 30; id++ {
		edits = append(edits, desk.Edit{ID: fmt.Sprint(id), AddTags: []string{"a"}})
		handed = append(handed, desk.Handed{Job: "k1", Edit: edits[id-1], Since: now})
	}
	underway := func(results []error, job string) (n int) {
		for _, err := range results {
			var way *desk.Underway
			if errors.As(err, &way) && strings.HasPrefix(way.Job, job) {
				n++
			}
		}
		return n
	}
	results, err := c.Write(t.Context(), edits)
	if err != nil || underway(results, "k1") != 30 || len(a.looks) > 2 || len(a.looks) > 0 && slices.Max(a.looks) > 2*time.Second {
		t.Errorf("%d looks, got %v, %v", len(a.looks), results, err)
	}
	before := len(a.asked)
	results, err = c.Follow(t.Context(), handed)
	if err != nil || underway(results, "k1") != 30 || len(a.asked) != before+1 {
		t.Errorf("still working: got %v, %v after %v", results, err, a.asked[before:])
	}
	status = "completed"
	results, err = c.Follow(t.Context(), handed)
	if err != nil || underway(results, "k1") < 2 || underway(results, "k") != 12 || slices.ContainsFunc(results[12:], func(err error) bool { return err != nil }) {
		t.Errorf("done, but for 12: got %v, %v", results, err)
	}
	status, now = "working", now.Add(time.Hour)
	if results, err = c.Follow(t.Context(), handed); err != nil || underway(results, "k") != 0 || !errors.Is(results[0], errUnknown) {
		t.Errorf("after an hour: got %v, %v", results, err)
	}
}

func TestWriteOfWhatCantBe(t *testing.T) {
	a, c := newAccount(t, Config{})
	results, err := c.Write(t.Context(), []desk.Edit{
		{ID: "1", Priority: "sky-high"},
		{ID: "1", Fields: map[string]string{"subject": "x"}},
		{ID: "-1", AddTags: []string{"a"}},
	})
	if err != nil || slices.Contains(results, nil) || len(a.asked) != 0 {
		t.Errorf("got %v, %v after %v", results, err, a.asked)
	}
}

func TestEditOnTheWire(t *testing.T) {
	c := New(Config{URL: "https://acme.zendesk.com", VendorPriority: map[string]string{"haute": "High"}}, nil)
	got, err := c.edited(desk.Edit{
		ID: "42", AddTags: []string{"a"}, RemoveTags: []string{"b"}, Priority: "haute",
		Fields: map[string]string{"due_at": "", "360002": "", "360001": "2026-11-30T08:30:00Z"},
	})
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(got)
	want := `{"id":42,"additional_tags":["a"],"remove_tags":["b"],"custom_fields":[{"id":360001,"value":"2026-11-30T08:30:00Z"},{"id":360002,"value":null}],"due_at":null,"priority":"high"}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestNothingSecretIsShown(t *testing.T) {
	a, c := newAccount(t, Config{})
	a.HandleFunc("GET /api/v2/search/export.json", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(202) // the library's own error prints the body
		io.WriteString(w, `{"results":[{"subject":"customer's words"}]}`)
	})
	a.HandleFunc("GET /api/v2/incremental/tickets/cursor.json", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, searched := c.Unsolved(t.Context(), "")
	_, exported := c.Changes(t.Context(), "", clock("12:00:00"))
	for _, err := range []error{searched, exported} {
		for _, s := range []string{"s3cret", "customer", "start_time", "status%3C"} {
			if err == nil || strings.Contains(err.Error(), s) {
				t.Errorf("%v shows %q", err, s)
			}
		}
	}
}
