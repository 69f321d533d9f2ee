package rest

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// spellings are how others write a text.
var spellings = map[string]func(string) string{
	"as it is":  func(s string) string { return s },
	"JSON":      func(s string) string { b, _ := json.Marshal(s); return string(b) },
	"a query":   url.QueryEscape,
	"a path":    url.PathEscape,
	"HTML":      html.EscapeString,
	"Go":        func(s string) string { return fmt.Sprintf("%q", s) },
	"ASCII":     func(s string) string { return fmt.Sprintf("%+q", s) },
	"small hex": func(s string) string { return smallHex.ReplaceAllStringFunc(url.QueryEscape(s), strings.ToLower) },
	"all bytes": func(s string) string { return "%" + strings.ReplaceAll(fmt.Sprintf("% x", s), " ", "%") },
	"all letters": func(s string) (out string) {
		for _, r := range s {
			out += fmt.Sprintf("&#%d;", r)
		}
		return out
	},
	"PHP's JSON": func(s string) string {
		b, _ := json.Marshal(s)
		return strings.ReplaceAll(string(b), "/", `\/`)
	},
	"base64":     func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 URL": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"within base64": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte("bot@acme.example/token:" + s + "\n"))
	},
}

var smallHex = regexp.MustCompile(`%[0-9A-F]{2}`)

// oddSecret is one of letters that somebody escapes, and of others.
var oddSecret = rapid.StringOfN(rapid.RuneFrom([]rune("aZ09+/=%&\"'\\<>;:#-_.~!é漢😀{}")), 16, 60, -1)

func TestSecretsAreFoundInEverySpelling(t *testing.T) {
	names := make([]string, 0, len(spellings))
	for name := range spellings {
		names = append(names, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		secret := oddSecret.Draw(t, "secret")
		inner, outer := rapid.SampledFrom(names).Draw(t, "inner"), rapid.SampledFrom(names).Draw(t, "outer")
		if inner == "as it is" || !strings.Contains(outer, "base64") { // nobody encodes what is escaped
			text := "before " + spellings[outer](spellings[inner](secret)) + " behind"
			clean := NewSecrets(secret).Clean(text)
			want := "before " + strings.Replace(spellings[outer](spellings[inner]("QQQ")), "QQQ", Mark, 1) + " behind"
			exact := strings.Contains(want, Mark) // else the mark's place is spelt, too
			if !strings.Contains(clean, Mark) || exact && clean != want {
				t.Fatalf("%s within %s:\n%s\nbecame\n%s", inner, outer, text, clean)
			}
		}
	})
}

// What is no secret stays as it is.
func TestCleanLeavesTheRest(t *testing.T) {
	secrets := NewSecrets("xoxb-17-correct-horse", "short", "")
	secrets.cut = true
	for text, want := range map[string]string{
		"":                                   "",
		"a short word, %41 \\u0041 &amp; \\": "a short word, %41 \\u0041 &amp; \\",
		"xoxb-17-cor":                        "xoxb-17-cor",
		"token=xoxb-17-correct-horse&x=1":    "token=[secret]&x=1",
		"token=xoxb-17-correct-ho… cut off":  "token=[secret]… cut off",
		"xoxb-17-correct-horsexoxb-17-correct-horse":            "[secret][secret]",
		strings.Repeat("a", 100<<10) + " xoxb-17-correct-horse": strings.Repeat("a", 100<<10) + " [secret]",
	} {
		if got := string(secrets.Bytes([]byte(text))); got != want {
			t.Errorf("%.60q became %.60q, want %.60q", text, got, want)
		}
	}
}

// An answer that repeats what it was sent, with whatever status, gives nothing away.
func TestAnswersThatEcho(t *testing.T) {
	const secret = `s3cr3t+&"/=é-Zk8Wq0`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		echo, _ := json.Marshal(map[string]string{"error": "Bad " + r.Header.Get("Authorization"), "description": user + ":" + password + " " + string(body), "message": r.URL.RawQuery})
		w.Header().Set("X-Echo", r.Header.Get("Authorization")+" "+url.QueryEscape(password))
		if r.URL.Path == "/garbled" {
			c, _, _ := w.(http.Hijacker).Hijack()
			fmt.Fprintf(c, "HTTP/1.1 %s\r\n\r\n", cmp.Or(password, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), string(body)))
			c.Close()
			return
		}
		status := 0
		fmt.Sscanf(r.URL.Path, "/%d", &status)
		w.WriteHeader(status)
		w.Write(echo)
	}))
	defer server.Close()
	for name, authorize := range map[string]func(*http.Request) error{
		"basic": func(r *http.Request) error { r.SetBasicAuth("bot@acme.example/token", secret); return nil },
		"bearer": func(r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+url.QueryEscape(secret))
			return nil
		},
		"form": func(*http.Request) error { return nil },
	} {
		for _, path := range []string{"/200", "/400", "/401", "/422", "/500", "/307", "/garbled"} {
			client := (&Transport{Authorize: authorize, Tries: 1}).Client()
			resp, err := client.PostForm(server.URL+path+"?access_token="+url.QueryEscape(secret), url.Values{"token": {secret}, "text": {"hello"}})
			said := fmt.Sprintf("%v", Cause(err))
			if status, ok := Cause(err).(*StatusError); ok {
				said += fmt.Sprintf("%s %v", status.Body, status.Header)
			}
			if err == nil {
				body, _ := io.ReadAll(resp.Body)
				said += fmt.Sprintf("%s %v", body, resp.Header)
			}
			for as, spell := range spellings {
				if spelt := strings.Trim(spell(secret), `"`); strings.Contains(said, spelt) {
					t.Errorf("%s %s shows the secret as %s: %s", name, path, as, said)
				}
			}
			if strings.Contains(said, "s3cr3t") || strings.Contains(said, "Zk8Wq0") || !strings.Contains(said, Mark) && path != "/307" {
				t.Errorf("%s %s: %s", name, path, said)
			}
		}
	}
}

func BenchmarkSilentAnswer(b *testing.B) {
	text := []byte(strings.Repeat(`{"id":4711,"subject":"Portal is down \u00e9 & so on","url":"https://acme.zendesk.com/api/v2/tickets/4711.json"},`, 10_000))
	secrets := NewSecrets("xoxb-17-correct-horse-battery-staple")
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		secrets.Bytes(text)
	}
}
