package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vigie/connectors/contract"
	"vigie/connectors/sandbox"
)

// desk is a sandbox behind HTTP, at an instant, and its Zendesk, as that is as good
// as any to see what all vendors share.
type desk struct {
	*testing.T
	*sandbox.Sandbox
	url string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t, Sandbox: sandbox.New()}
	d.Now = func() time.Time { return time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC) } // a Friday
	server := httptest.NewServer(d.Handler())
	t.Cleanup(server.Close)
	d.url = server.URL
	return d
}

// opened is a desk with one open ticket, and Amir, who is an agent.
func opened(t *testing.T) (*desk, sandbox.Zendesk, int64) {
	d := newDesk(t)
	z := d.Zendesk()
	z.AddUser(sandbox.ZendeskUser{Email: "amir@desk.example", Name: "Amir", Role: "agent"})
	return d, z, z.Create(sandbox.NewTicket{Subject: "Login page is down", Body: "We can't log in.", RequesterEmail: "nadia@acme.example", Tags: []string{"Login", "vip"}})
}

func (d *desk) send(method, path, body string) *http.Response {
	d.Helper()
	req, err := http.NewRequest(method, d.url+"/api/v2/"+path, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	req.SetBasicAuth(d.Tokens.Zendesk.Email+"/token", d.Tokens.Zendesk.Token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := (&http.Client{Transport: contract.CheckAnswers(d.T)}).Do(req)
	if err != nil {
		d.Fatal(err)
	}
	return resp
}

// ok is the answer to a request that has to be granted.
func (d *desk) ok(method, path, body string) (answer map[string]any) {
	d.Helper()
	resp := d.send(method, path, body)
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode/100 != 2 {
		d.Fatalf("%s %s: status %d: %v %v", method, path, resp.StatusCode, answer, err)
	}
	return answer
}
