package pages_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

const (
	sla   = "C0SANDBOX01"
	card  = `[{"type":"header","text":{"type":"plain_text","text":"Due &lt;soon&gt;"}},{"type":"actions","elements":[{"type":"button","action_id":"take","text":{"type":"plain_text","text":"Take"},"value":"zendesk:1"},{"type":"static_select","action_id":"choose","placeholder":{"type":"plain_text","text":"Priority"},"options":[{"text":{"type":"plain_text","text":"High"},"value":"zendesk:1 high"}]}]},{"type":"section","text":{"type":"mrkdwn","text":"<https://acme.example/1|zendesk:1> for <@U0SANDBOX02> <script>alert(1)</script>"},"accessory":{"type":"overflow","action_id":"menu","options":[{"text":{"type":"plain_text","text":"Why"},"value":"zendesk:1 why"}]}}]`
	modal = `{"type":"modal","title":{"type":"plain_text","text":"Snooze"},"submit":{"type":"plain_text","text":"OK"},"blocks":[{"type":"input","label":{"type":"plain_text","text":"Why"},"element":{"type":"plain_text_input","action_id":"why"}}]}`
)

// api calls a method of Slack's Web API as the bot.
func (w *world) api(method string, args url.Values) string {
	w.t.Helper()
	req, err := http.NewRequest("POST", w.URL+"/api/"+method, strings.NewReader(args.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+w.Tokens.Slack)
	_, body := w.ask(req)
	if !strings.Contains(body, `"ok":true`) {
		w.t.Fatalf("%s: %s", method, body)
	}
	return body
}

// listen has the app told of what people do, and gives what it was told.
func (w *world) listen(answer func(r *http.Request) string) (told func() string) {
	var mu sync.Mutex
	var heard []string
	app := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm() // an event is no form
		body := r.PostForm.Get("payload") + r.PostForm.Get("command") + " " + r.PostForm.Get("text")
		mu.Lock()
		heard = append(heard, r.URL.Path+" "+body)
		mu.Unlock()
		_, _ = rw.Write([]byte(answer(r)))
	}))
	w.t.Cleanup(app.Close)
	o := &w.Options.Slack
	o.EventsURL, o.InteractivityURL, o.CommandsURL = app.URL+"/events", app.URL+"/actions", app.URL+"/commands"
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		all := strings.Join(heard, "\n")
		heard = nil
		return all
	}
}

func TestSlackCard(t *testing.T) {
	w := newWorld(t)
	w.api("chat.postMessage", url.Values{"channel": {sla}, "text": {"Due soon"}, "blocks": {card}})
	ts := w.Slack().Messages(sla)[0].TS
	w.api("chat.postMessage", url.Values{"channel": {sla}, "text": {"<!subteam^S1> in <!date^1795766400^{date_num} {time}|never> *now*"}, "thread_ts": {ts}})
	body := w.get("/slack/")
	w.has(body, "Due &lt;soon&gt;", `<a href="https://acme.example/1">zendesk:1</a>`, `@Nadia</strong>`, ">Take</button>", ">Why</button>", `<option value="zendesk:1 high">`,
		"in 2026-11-27 09:00 <b>now</b>")
	if strings.Contains(body, "<script>alert") {
		t.Error("what a message says is run")
	}

	page := "/slack/" + sla + "?as=U0SANDBOX03"
	if status, body := w.post(page, url.Values{"ts": {ts}, "press": {"take=zendesk%3A1"}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, `role="alert"`) {
		t.Errorf("nobody is there to hear of the click: got %d, want 422 and an alert", status)
	}
	told := w.listen(func(*http.Request) string { return "" })
	for _, c := range []struct {
		name string
		form url.Values
		want string
	}{
		{"a button", url.Values{"ts": {ts}, "press": {"take=zendesk%3A1"}}, `"action_id":"take"`},
		{"a menu", url.Values{"ts": {ts}, "choose": {"choose="}, "menu choose": {"zendesk:1 high"}}, `"value":"zendesk:1 high"`},
		{"an overflow", url.Values{"ts": {ts}, "choose": {"menu=zendesk%3A1+why"}, "menu choose": {"zendesk:1 high"}}, `"value":"zendesk:1 why"`},
		{"a command", url.Values{"text": {"/sla mine"}}, "/commands /sla mine"},
		{"an emoji", url.Values{"ts": {ts}, "react": {"eyes"}}, "/events"},
	} {
		if status, body := w.post(page, c.form); status != http.StatusOK {
			t.Errorf("%s: %d %s", c.name, status, body)
		}
		if got := told(); !strings.Contains(got, c.want) || strings.HasPrefix(c.want, `"`) && !strings.Contains(got, "U0SANDBOX03") {
			t.Errorf("%s: the app was told %q, want %s", c.name, got, c.want)
		}
	}
	if r := w.Slack().Messages(sla)[0].Reactions; len(r) != 1 || r[0].Users[0] != "U0SANDBOX03" {
		t.Errorf("reactions: %v", r)
	}
	w.post(page, url.Values{"ts": {ts}, "unreact": {"eyes"}})
	w.post(page, url.Values{"ts": {ts}, "text": {"Mine."}})
	w.post(page, url.Values{"text": {"See https://acme.example/1"}})
	all := w.Slack().Messages(sla)
	if reply := all[2]; len(all[0].Reactions) != 0 || reply.ThreadTS != ts || reply.Text != "Mine." || reply.User != "U0SANDBOX03" {
		t.Errorf("got %+v", all)
	}
	for _, form := range []url.Values{{"ts": {ts}, "press": {"other=zendesk%3A1"}}, {"ts": {"1.2"}, "press": {"take="}}, {"ts": {ts}, "press": {"%zz"}}, {"text": {" "}}} {
		if status, _ := w.post(page, form); status != http.StatusUnprocessableEntity {
			t.Errorf("%v: got %d, want 422", form, status)
		}
	}
}

// What is for one person is shown to him alone, and his home is his.
func TestSlackForOne(t *testing.T) {
	w := newWorld(t)
	w.api("chat.postEphemeral", url.Values{"channel": {sla}, "user": {"U0SANDBOX02"}, "text": {"You have it."}})
	w.api("views.publish", url.Values{"user_id": {"U0SANDBOX02"}, "view": {`{"type":"home","blocks":[{"type":"section","text":{"type":"plain_text","text":"Mine by time left"}},{"type":"actions","elements":[{"type":"button","action_id":"take","text":{"type":"plain_text","text":"Take"},"value":"a"}]}]}`}})
	w.has(w.get("/slack/"+sla+"?as=U0SANDBOX02"), "You have it.", "Only you see this.")
	if body := w.get("/slack/" + sla + "?as=U0SANDBOX03"); strings.Contains(body, "You have it.") {
		t.Error("another sees it")
	}
	w.has(w.get("/slack/home?as=U0SANDBOX02"), "Mine by time left")
	w.has(w.get("/slack/home?as=U0SANDBOX03&lang=fr"), "Vigie n&#39;a encore rien montré ici.")

	told := w.listen(func(r *http.Request) string { return "" })
	w.post("/slack/home?as=U0SANDBOX02", url.Values{"open": {"1"}})
	w.post("/slack/home?as=U0SANDBOX02", url.Values{"press": {"take=a"}})
	if got := told(); !strings.Contains(got, "/events") || !strings.Contains(got, `"action_id":"take"`) {
		t.Errorf("the app was told %q", got)
	}
}

// A modal stands before whoever opened it until it is sent.
func TestSlackModal(t *testing.T) {
	w := newWorld(t)
	w.api("chat.postMessage", url.Values{"channel": {sla}, "text": {"Due soon"}, "blocks": {card}})
	ts := w.Slack().Messages(sla)[0].TS
	told := w.listen(func(r *http.Request) string {
		if payload := r.PostForm.Get("payload"); strings.Contains(payload, "block_actions") {
			_, rest, _ := strings.Cut(payload, `"trigger_id":"`)
			trigger, _, _ := strings.Cut(rest, `"`)
			w.api("views.open", url.Values{"trigger_id": {trigger}, "view": {modal}})
		}
		return ""
	})
	page := "/slack/" + sla + "?as=U0SANDBOX02"
	_, body := w.post(page, url.Values{"ts": {ts}, "press": {"take=zendesk%3A1"}})
	w.has(body, ">Snooze</h2>", `name="input why"`)
	if status, body := w.post(page, url.Values{"in": {"modal"}, "submit": {"1"}, "input why": {"At lunch"}}); status != http.StatusOK || strings.Contains(body, ">Snooze</h2>") {
		t.Errorf("got %d; the modal should be gone: %s", status, body)
	}
	if got := told(); !strings.Contains(got, "At lunch") {
		t.Errorf("the app was told %q", got)
	}
}

// However much was said, a page stays small and leads to what was said before.
func TestSlackLongChannel(t *testing.T) {
	w := newWorld(t)
	for range 60 {
		w.api("chat.postMessage", url.Values{"channel": {sla}, "text": {"Due soon"}, "blocks": {card}})
	}
	all := w.Slack().Messages(sla)
	for range 40 {
		w.api("chat.postMessage", url.Values{"channel": {sla}, "text": {strings.Repeat("call ", 20)}, "thread_ts": {all[59].TS}})
	}
	body := w.get("/slack/" + sla)
	if len(body) > 90_000 {
		t.Errorf("the page has %d bytes", len(body))
	}
	if n := strings.Count(body, `class="message"`); n != 15 || !strings.Contains(body, "before="+all[45].TS) {
		t.Errorf("%d messages, or no way to those before", n)
	}
	if body = w.get("/slack/" + sla + "?before=" + all[3].TS); strings.Count(body, `class="message"`) != 3 || strings.Contains(body, "before=") {
		t.Errorf("the first three aren't the end")
	}
}
