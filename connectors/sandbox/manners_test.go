package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vigie/connectors/sandbox/stage"
)

// Every manner is known by its name, lasts until it is switched off, and says what
// it does.
func TestManners(t *testing.T) {
	s := New()
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	get := func() string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/api/v2/users/me.json", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(s.Tokens.Zendesk.Email+"/token", s.Tokens.Zendesk.Token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	usual := get()
	if err := s.Faults.Misbehave("zendesk", "html"); err != nil {
		t.Fatal(err)
	}
	if got := get() + get(); !strings.Contains(got, "Log in") {
		t.Errorf("switched on: got %s", got)
	}
	if err := s.Faults.Behave("zendesk", "html"); err != nil {
		t.Fatal(err)
	}
	if got := get(); got != usual {
		t.Errorf("switched off: got %s, want %s", got, usual)
	}
	if err := s.Faults.Misbehave("zendesk", "kindness"); err == nil || !strings.Contains(err.Error(), "empty-object") {
		t.Errorf("got %v, want the names that there are", err)
	}
	for _, v := range []stage.Vendor{s.zendesk.Vendor(), s.jira.Vendor(), s.slack.Vendor()} {
		for name, m := range v.Manners {
			if m.About == "" {
				t.Errorf("%s/%s doesn't say what it does", v.Name, name)
			}
		}
	}
}
