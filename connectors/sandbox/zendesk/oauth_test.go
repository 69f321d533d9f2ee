package zendesk_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"vigie/connectors/sandbox/sandboxtest"
)

// token asks for one with a form, or with JSON.
func (d *desk) token(body string) (int, object) {
	d.Helper()
	kind := "application/x-www-form-urlencoded"
	if strings.HasPrefix(body, "{") {
		kind = "application/json"
	}
	resp, err := http.Post(d.url+"/oauth/tokens", kind, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	return d.decoded(resp)
}

// by makes a request with an access token.
func (d *desk) by(token, method, path, body string) (int, object) {
	d.Helper()
	req, err := http.NewRequest(method, d.url+"/api/v2/"+path, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.Fatal(err)
	}
	return d.decoded(resp)
}

func (d *desk) decoded(resp *http.Response) (int, object) {
	d.Helper()
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	out := object{}
	if err == nil && len(b) > 0 {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		d.Fatalf("%v in %s", err, b)
	}
	return resp.StatusCode, out
}

const credentials = "grant_type=client_credentials&client_id=vigie&client_secret=sandbox-zendesk-client-secret"

func TestOAuthClient(t *testing.T) {
	for _, c := range []struct {
		name, manner, body string
		status             int
		error, scope       string
		life               float64
	}{
		{"as asked", "", credentials + "&scope=read+tickets:write&expires_in=7200", 200, "", "read tickets:write", 7200},
		{"in JSON", "", `{"grant_type":"client_credentials","client_id":"vigie","client_secret":"sandbox-zendesk-client-secret","scope":"read","expires_in":300}`, 200, "", "read", 300},
		{"as little as can be asked", "", credentials, 200, "", "read write", 1800},
		{"wrong secret", "", strings.Replace(credentials, "zendesk-client", "guess", 1), 401, "invalid_client", "", 0},
		{"unknown client", "", strings.Replace(credentials, "vigie", "vigil", 1), 401, "invalid_client", "", 0},
		{"password", "", strings.Replace(credentials, "client_credentials", "password", 1), 400, "unsupported_grant_type", "", 0},
		{"too short", "", credentials + "&expires_in=299", 400, "invalid_request", "", 0},
		{"too long", "", credentials + "&expires_in=172801", 400, "invalid_request", "", 0},
		{"public client", "oauth-client-public", credentials, 400, "unauthorized_client", "", 0},
		{"restricted scopes", "oauth-scopes-restricted", credentials + "&scope=read+write", 400, "invalid_scope", "", 0},
		{"dropped scopes", "oauth-scope-dropped", credentials + "&scope=read+write", 200, "", "read", 1800},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			if c.manner != "" {
				if err := d.Faults.Misbehave("zendesk", c.manner); err != nil {
					t.Fatal(err)
				}
			}
			status, got := d.token(c.body)
			if status != c.status {
				t.Errorf("status %d, want %d: %v", status, c.status, got)
			}
			if c.error != "" {
				sandboxtest.Want(t, "error", got["error"], any(c.error))
				return
			}
			sandboxtest.Want(t, "scope", got["scope"], any(c.scope))
			sandboxtest.Want(t, "expires_in", got["expires_in"], any(c.life))
			sandboxtest.Want(t, "token_type", got["token_type"], any("bearer"))
		})
	}
}

// A token lets in its account until its end by the real clock, and to what its scopes
// name.
func TestAccessTokens(t *testing.T) {
	d := newDesk(t)
	real := instant("2026-11-30T09:00:00Z")
	d.Real = func() time.Time { return real }
	_, answer := d.token(credentials + "&scope=read+tickets:write&expires_in=300")
	token := answer["access_token"].(string)
	for _, c := range []struct {
		method, path, body string
		status             int
		description        string
	}{
		{"GET", "users/me.json", "", 200, ""},
		{"GET", "incremental/tickets/cursor.json?start_time=0", "", 200, ""},
		{"POST", "tickets.json", `{"ticket":{"subject":"A","comment":{"body":"B"}}}`, 201, ""},
		{"PUT", "tickets/1.json", `{"ticket":{"status":"open"}}`, 200, ""},
		{"POST", "ticket_fields.json", `{"ticket_field":{"type":"text","title":"Due"}}`, 403, "You are missing the following required scopes: write"},
		{"POST", "webhooks", `{"webhook":{}}`, 403, "You are missing the following required scopes: write"},
	} {
		status, got := d.by(token, c.method, c.path, c.body)
		if status != c.status || c.description != "" && got["description"] != c.description {
			t.Errorf("%s %s: got %d %v, want %d %s", c.method, c.path, status, got, c.status, c.description)
		}
	}
	_, me := d.by(token, "GET", "users/me.json", "")
	sandboxtest.Want(t, "who", me.at("user", "email"), any(d.Tokens.Zendesk.Email))
	_, current := d.by(token, "GET", "oauth/tokens/current.json", "")
	sandboxtest.Want(t, "end", current.at("token", "expires_at"), any("2026-11-30T09:05:00Z"))

	narrow := d.Zendesk().IssueToken(time.Hour, "tickets:read", "webhooks")
	for path, status := range map[string]int{"tickets/1.json": 200, "webhooks": 200, "ticket_fields.json": 403, "users/me.json": 403} {
		if got, body := d.by(narrow, "GET", path, ""); got != status {
			t.Errorf("GET %s: got %d %v, want %d", path, got, body, status)
		}
	}

	real = real.Add(300 * time.Second)
	status, got := d.by(token, "GET", "users/me.json", "")
	if status != 401 || got["error"] != "invalid_token" {
		t.Errorf("after its end: got %d %v", status, got)
	}
	d.Zendesk().RevokeTokens()
	if status, got = d.by(narrow, "GET", "tickets/1.json", ""); status != 401 {
		t.Errorf("revoked: got %d %v", status, got)
	}
	if err := d.Faults.Misbehave("zendesk", "api-tokens-ended"); err != nil {
		t.Fatal(err)
	}
	if status, got = d.call("GET", "users/me.json", ""); status != 401 {
		t.Errorf("an API token after their end: got %d %v", status, got)
	}
	for _, c := range d.Calls("zendesk") {
		if c.Write && c.Path == "/oauth/tokens" {
			t.Error("asking for a token counts as a change")
		}
	}
}
