package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/connectors/rest"
)

const secret = "xoxb-very-secret"

// A fakeSlack is one workspace with one public channel, #support-sla, C0SUPPORT.
// Its answers can be replaced one by one.
type fakeSlack struct {
	t   testing.TB
	url string

	mu       sync.Mutex
	calls    []call
	messages []posted // oldest first
	override []http.HandlerFunc
	scopes   string
	pageSize int
}

type call struct {
	method string
	form   url.Values
}

type posted struct {
	TS       string          `json:"ts"`
	ThreadTS string          `json:"thread_ts,omitempty"`
	Text     string          `json:"text"`
	Metadata json.RawMessage `json:"metadata,omitzero"`

	broadcast bool
}

func newFakeSlack(t testing.TB) *fakeSlack {
	f := &fakeSlack{t: t, scopes: "chat:write,channels:history", pageSize: 2}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// client never waits and repeats nothing but what rest repeats at once.
func (f *fakeSlack) client() *Client {
	noSleep := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	c := New(secret)
	c.APIURL = f.url + "/api" // the slash is forgotten on purpose
	c.HTTP = (&rest.Transport{Retry: Repeatable, Doubt503: true, Sleep: noSleep, Tries: 2}).Client()
	c.Language = "en"
	c.Pace = -1
	return c
}

// next makes the coming calls be answered so instead.
func (f *fakeSlack) next(answers ...http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.override = append(f.override, answers...)
}

func (f *fakeSlack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		f.t.Error(err)
	}
	if r.Method != http.MethodPost || !strings.HasPrefix(r.URL.Path, "/api/") || r.URL.RawQuery != "" {
		f.t.Errorf("unexpected call %s %s", r.Method, r.URL)
	}
	if r.PostForm.Get("token") != secret {
		fmt.Fprint(w, `{"ok":false,"error":"invalid_auth"}`)
		return
	}
	method := path.Base(r.URL.Path)
	f.calls = append(f.calls, call{method, r.PostForm})
	if len(f.override) > 0 {
		answer := f.override[0]
		f.override = f.override[1:]
		if answer != nil {
			answer(w, r)
			return
		}
	}
	f.work(w, method, r.PostForm)
}

// work does what Slack would.
func (f *fakeSlack) work(w http.ResponseWriter, method string, form url.Values) {
	answer := map[string]any{"ok": true}
	refuse := func(code string) { answer = map[string]any{"ok": false, "error": code} }
	switch method {
	case "auth.test":
		w.Header().Set("X-OAuth-Scopes", f.scopes)
		answer["user_id"] = "U0BOT"
	case "chat.postMessage":
		if c := form.Get("channel"); c != "C0SUPPORT" && c != "#support-sla" {
			refuse("channel_not_found")
			break
		}
		m := posted{
			TS: fmt.Sprintf("1795838400.%06d", len(f.messages)+1), ThreadTS: form.Get("thread_ts"), Text: form.Get("text"),
			Metadata: metadata(form), broadcast: form.Get("reply_broadcast") == "true",
		}
		f.messages = append(f.messages, m)
		answer["channel"], answer["ts"], answer["message"] = "C0SUPPORT", m.TS, m
	case "chat.update":
		refuse("message_not_found")
		for i, m := range f.messages {
			if m.TS == form.Get("ts") && form.Get("channel") == "C0SUPPORT" {
				f.messages[i].Text = form.Get("text")
				answer = map[string]any{"ok": true, "channel": "C0SUPPORT", "ts": m.TS}
			}
		}
	case "conversations.history", "conversations.replies":
		if form.Get("channel") != "C0SUPPORT" {
			refuse("channel_not_found")
			break
		}
		found := []posted{}
		for _, m := range f.messages {
			inThread := m.ThreadTS == form.Get("ts") || m.TS == form.Get("ts")
			if method == "conversations.replies" && inThread || method == "conversations.history" && (m.ThreadTS == "" || m.broadcast) && m.TS >= form.Get("oldest") {
				if form.Get("include_all_metadata") != "1" {
					m.Metadata = nil
				}
				found = append(found, m)
			}
		}
		from, _ := strconv.Atoi(form.Get("cursor"))
		to := min(from+f.pageSize, len(found))
		answer["messages"], answer["has_more"] = found[from:to], to < len(found)
		if to < len(found) {
			answer["response_metadata"] = map[string]string{"next_cursor": strconv.Itoa(to)}
		}
	case "conversations.info":
		channels := map[string]bool{"C0SUPPORT": true, "C0OTHER": false} // is the bot in it
		member, there := channels[form.Get("channel")]
		if !there {
			refuse("channel_not_found")
			break
		}
		answer["channel"] = map[string]any{"id": form.Get("channel"), "is_member": member}
	case "conversations.list":
		answer["channels"] = []map[string]string{{"id": "C0OTHER", "name": "other"}}
		answer["response_metadata"] = map[string]string{"next_cursor": "more"}
		if form.Get("cursor") == "more" {
			answer["channels"] = []map[string]string{{"id": "C0SUPPORT", "name": "support-sla"}}
			delete(answer, "response_metadata")
		}
	default:
		refuse("unknown_method")
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		f.t.Error(err)
	}
}

func metadata(form url.Values) json.RawMessage {
	if m := form.Get("metadata"); m != "" {
		return json.RawMessage(m)
	}
	return nil
}

func (f *fakeSlack) methods() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for _, c := range f.calls {
		names = append(names, c.method)
	}
	return names
}

func (f *fakeSlack) last() call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[len(f.calls)-1]
}

func body(status int, text string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, text)
	}
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// lost does the work and then loses the answer.
func (f *fakeSlack) lost(w http.ResponseWriter, r *http.Request) {
	f.work(httptest.NewRecorder(), path.Base(r.URL.Path), r.PostForm)
	hangUp(w, r)
}
