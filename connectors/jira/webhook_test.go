package jira

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/desk"
)

const secret = "It's a Secret to Everybody"

func signed(body []byte) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return http.Header{
		"X-Hub-Signature":                {"sha256=" + hex.EncodeToString(mac.Sum(nil))},
		"X-Atlassian-Webhook-Identifier": {"6f2c1a"},
	}
}

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) // a Tuesday

func TestVerifyKnownSignature(t *testing.T) {
	c := New(Config{WebhookSecrets: func() []string { return []string{secret} }}, nil)
	if err := c.verify("sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9", []byte("Hello World!")); err != nil {
		t.Errorf("the reference vector is refused: %v", err)
	}
}

func TestParseWebhookRefuses(t *testing.T) {
	body := []byte(`{"timestamp":1795521600000,"issue":{"id":"10001","key":"SUP-1"}}`)
	good := signed(body).Get("X-Hub-Signature")
	for name, tt := range map[string]struct {
		signature, secret string
		body              string
		want              error
	}{
		"no signature":            {"", secret, string(body), desk.ErrForged},
		"another secret's":        {good, "other", string(body), desk.ErrForged},
		"no secret configured":    {good, "", string(body), desk.ErrForged},
		"a method not listed":     {"sha1=" + strings.TrimPrefix(good, "sha256="), secret, string(body), desk.ErrForged},
		"no method":               {strings.TrimPrefix(good, "sha256="), secret, string(body), desk.ErrForged},
		"not hexadecimal":         {"sha256=zz", secret, string(body), desk.ErrForged},
		"a changed body":          {good, secret, strings.Replace(string(body), "SUP-1", "SUP-2", 1), desk.ErrForged},
		"a day and a second old":  {"sign", secret, `{"timestamp":1795435199000,"issue":{"key":"SUP-1"}}`, desk.ErrForged},
		"a week ahead":            {"sign", secret, `{"timestamp":1796126400000,"issue":{"key":"SUP-1"}}`, desk.ErrForged},
		"no timestamp":            {"sign", secret, `{"issue":{"key":"SUP-1"}}`, desk.ErrUnreadable},
		"a timestamp in no form":  {"sign", secret, `{"timestamp":"soon","issue":{"key":"SUP-1"}}`, desk.ErrUnreadable},
		"not JSON":                {"sign", secret, `issue=SUP-1`, desk.ErrUnreadable},
		"a list":                  {"sign", secret, `[]`, desk.ErrUnreadable},
		"a key that is a path":    {"sign", secret, `{"timestamp":1795521600000,"issue":{"key":"../../SUP-1"}}`, desk.ErrUnreadable},
		"nothing at all":          {"sign", secret, ``, desk.ErrUnreadable},
		"an issue that is a list": {"sign", secret, `{"timestamp":1795521600000,"issue":[1]}`, desk.ErrUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			h := http.Header{"X-Hub-Signature": {tt.signature}}
			if tt.signature == "sign" {
				h = signed([]byte(tt.body))
			}
			d, err := New(Config{WebhookSecrets: func() []string { return []string{tt.secret} }}, nil).ParseWebhook(h, []byte(tt.body), noon)
			if !errors.Is(err, tt.want) || d.Tickets != nil {
				t.Errorf("got %v, %v; want %v", d, err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("error shows the secret: %v", err)
			}
		})
	}
}

// Who has written no secret is told that, and not that the signature is wrong.
func TestNoSecretIsConfigured(t *testing.T) {
	for name, secrets := range map[string]func() []string{"nil": nil, "none": func() []string { return nil }} {
		_, err := New(Config{WebhookSecrets: secrets}, nil).ParseWebhook(signed(nil), nil, noon)
		if !errors.Is(err, desk.ErrForged) || !strings.Contains(err.Error(), "no webhook_secret is configured") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestParseWebhookTickets(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		want []string
	}{
		"an issue by its key":                  {`"issue":{"id":"10001","key":"SUP-1"}`, []string{"SUP-1"}},
		"an issue by a numeric id":             {`"issue":{"id":10001}`, []string{"10001"}},
		"a Data Center comment without issue":  {`"comment":{"self":"https://jira.acme.example/rest/api/2/issue/10013/comment/10084"}`, []string{"10013"}},
		"a comment whose address says nothing": {`"comment":{"self":"https://jira.acme.example/"}`, nil},
		"a project that isn't watched":         {`"issue":{"key":"HR-1"}`, nil},
		"a version released":                   {`"webhookEvent":"jira:version_released","version":{"id":"1"}`, nil},
		"exactly a day old":                    {`"issue":{"key":"SUP-1"}`, []string{"SUP-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			body := []byte(`{"timestamp":1795435200000,` + tt.body + `}`)
			d, err := New(Config{WebhookSecrets: func() []string { return []string{secret} }, Projects: []string{"SUP"}}, nil).ParseWebhook(signed(body), body, noon)
			if err != nil || !slices.Equal(d.Tickets, tt.want) {
				t.Errorf("got %v, %v; want %v", d.Tickets, err, tt.want)
			}
		})
	}
}

func TestDeliveryID(t *testing.T) {
	c := New(Config{WebhookSecrets: func() []string { return []string{secret} }}, nil)
	parse := func(body, identifier string) string {
		t.Helper()
		h := signed([]byte(body))
		h.Set("X-Atlassian-Webhook-Identifier", identifier)
		d, err := c.ParseWebhook(h, []byte(body), noon)
		if err != nil {
			t.Fatal(err)
		}
		return d.ID
	}
	one := parse(`{"timestamp":1795521600000,"issue":{"key":"SUP-1"}}`, "a")
	if again := parse(`{"timestamp":1795521600000,"issue":{"key":"SUP-1"}}`, "a"); again != one {
		t.Errorf("a repeated call has another id: %s, %s", one, again)
	}
	for name, other := range map[string]string{
		"another call":                       parse(`{"timestamp":1795521600000,"issue":{"key":"SUP-1"}}`, "b"),
		"another body under the same header": parse(`{"timestamp":1795521600001,"issue":{"key":"SUP-1"}}`, "a"),
	} {
		if other == one {
			t.Errorf("%s has the same id", name)
		}
	}
	if id := parse(`{"timestamp":1795521600000}`, ""); id == "" || strings.HasPrefix(id, ":") {
		t.Errorf("without identifier: id %q", id)
	}
}

// bodies returns the recorded bodies below shared/fixtures/jira.
func bodies(t testing.TB, folders ...string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for _, f := range folders {
		paths, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "fixtures", "jira", f, "*.json"))
		for _, p := range paths {
			b, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			found[filepath.Base(p)] = b
		}
		if len(paths) == 0 {
			t.Skipf("the recorded bodies of ../shared/fixtures/jira/%s aren't here", f)
		}
	}
	return found
}

func TestParseWebhookRecordedBodies(t *testing.T) {
	c := New(Config{WebhookSecrets: func() []string { return []string{secret} }}, nil)
	for name, body := range bodies(t, "webhooks") {
		t.Run(name, func(t *testing.T) {
			var sent struct {
				Timestamp int64
				Issue     *struct{ Key string }
			}
			if err := json.Unmarshal(body, &sent); err != nil {
				t.Fatal(err)
			}
			d, err := c.ParseWebhook(signed(body), body, time.UnixMilli(sent.Timestamp).Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			want := []string{"10013"} // the one body without an issue
			if sent.Issue != nil {
				want = []string{sent.Issue.Key}
			}
			if diff := cmp.Diff(want, d.Tickets); diff != "" {
				t.Error(diff)
			}
			if _, err := c.ParseWebhook(signed(body), body, noon); !errors.Is(err, desk.ErrForged) {
				t.Errorf("years later: got %v, want it to be stale", err)
			}
		})
	}
}

func FuzzParseWebhook(f *testing.F) {
	f.Add([]byte(`{"timestamp":1795521600000,"issue":{"id":"10001","key":"SUP-1"}}`))
	f.Add([]byte(`{"timestamp":"2026-11-24T12:00:00.000+0000","comment":{"self":"/issue/1/comment/2"}}`))
	f.Add([]byte(`{"timestamp":-1,"issue":{"id":[1]}}`))
	c := New(Config{WebhookSecrets: func() []string { return []string{secret} }}, nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := c.ParseWebhook(signed(body), body, noon)
		if err != nil && !errors.Is(err, desk.ErrForged) && !errors.Is(err, desk.ErrUnreadable) {
			t.Errorf("error of no kind: %v", err)
		}
		for _, id := range d.Tickets {
			if !issueID.MatchString(id) {
				t.Errorf("ticket %q", id)
			}
		}
	})
}
