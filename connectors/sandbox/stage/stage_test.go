package stage_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vigie/connectors/sandbox/stage"
)

// bells is a vendor that nobody has heard of: it counts how often its bell was rung,
// and calls a webhook each time.
type bells struct {
	*stage.Stage
	rung int
	at   string // where the webhook goes
}

func (b *bells) vendor() stage.Vendor {
	return stage.Vendor{
		Name: "bells",
		Routes: map[string]func(*http.ServeMux){"/bell/": func(mux *http.ServeMux) {
			mux.HandleFunc("/bell/", func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					b.rung++
					b.Changed()
					b.Enqueue("bells", "first", map[string]int{"rung": b.rung}, nil)
				}
				fmt.Fprint(w, b.rung)
			})
		}},
		Writes:  func(r *http.Request) bool { return r.Method == http.MethodPost },
		Manners: map[string]stage.Manner{"muffled": {About: "answers nothing", Fault: func(*http.Request) (stage.Fault, bool) { return stage.Fault{Status: 200}, true }}},
		Hooks: stage.Hooks{
			Target:  func(hook string) (url, secret string) { return b.at + "/" + hook, "rope" },
			Sign:    func(r *http.Request, hook stage.Webhook, secret string) { r.Header.Set("X-Bell", secret) },
			Repeats: func(resp *http.Response) bool { return resp.StatusCode == http.StatusTeapot },
		},
	}
}

// Whoever joins the stage has faults, manners, a record of what was asked, and
// webhooks of its own kind.
func TestAVendorJoins(t *testing.T) {
	st := stage.New()
	b := &bells{Stage: &st}
	changes := 0
	st.OnChange = func() { changes++ }
	st.Join(b.vendor())
	server := httptest.NewServer(st.Handler())
	t.Cleanup(server.Close)
	ask := func(method, path string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(resp.StatusCode, " ", strings.TrimSpace(string(body)))
	}
	is := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}

	is("a ring", ask("POST", "/bell/"), "200 1")
	is("a look", ask("GET", "/bell/"), "200 1")
	st.Faults.FailNext("bells", 1, stage.Fault{Status: 502})
	is("a fault", ask("POST", "/bell/"), "502 ")
	is("a manner", ask("PUT", "/sandbox/manners/bells/muffled"), "204 ")
	is("that is on", ask("GET", "/sandbox/manners"), "200 on   bells/muffled: answers nothing")
	is("and keeps the bell still", ask("POST", "/bell/"), "200 ")
	is("until it is off", ask("DELETE", "/sandbox/manners/bells/muffled"), "204 ")
	is("a ring after that", ask("POST", "/bell/"), "200 2")
	is("changes", fmt.Sprint(changes), "2")
	var calls []string
	for _, c := range st.Calls("bells") {
		calls = append(calls, fmt.Sprint(c.Method, " ", c.Status, " ", c.Write))
	}
	is("what it was asked", strings.Join(calls, ", "), "POST 200 true, GET 200 false, POST 502 true, POST 200 true, POST 200 true")
	if err := st.Faults.Misbehave("bells", "loud"); err == nil || !strings.Contains(err.Error(), "muffled") {
		t.Errorf("got %v, want the manners that there are", err)
	}

	var got []string
	status := http.StatusTeapot
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.URL.Path+" "+r.Header.Get("X-Bell")+" "+string(body))
		w.WriteHeader(status)
	}))
	t.Cleanup(receiver.Close)
	b.at = receiver.URL
	if n, err := st.FlushWebhooks(t.Context(), stage.WebhookPlan{}); n != 0 || err == nil {
		t.Errorf("delivered %d, %v, want none to a teapot", n, err)
	}
	status = http.StatusOK
	if n, err := st.FlushWebhooks(t.Context(), stage.WebhookPlan{}); n != 2 || err != nil {
		t.Errorf("delivered %d, %v, want both again", n, err)
	}
	once := `/first rope {"rung":1}, /first rope {"rung":2}`
	is("webhooks", strings.Join(got, ", "), once+", "+once)
}
