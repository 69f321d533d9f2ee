package rest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Of a request's body the first so many bytes are looked at for secrets.
const sentBody = 256 << 10

// secretNames are what parameters and members are called whose values are secrets.
// Vendors call the marks of pages tokens as well, by other names (nextPageToken).
var secretNames = []string{"token", "access_token", "refresh_token", "app_token", "client_secret", "secret", "signing_secret", "webhook_secret", "password", "api_key"}

// credentials are the secrets by which a request says who sends it: its
// Authorization, as it is and in its parts, and such parameters of its address and
// form (Slack's token comes as one).
func credentials(r *http.Request) (all []string) {
	for _, value := range r.Header.Values("Authorization") {
		scheme, given, _ := strings.Cut(value, " ")
		all = append(all, given)
		if text, err := base64.StdEncoding.DecodeString(given); err == nil && strings.EqualFold(scheme, "Basic") {
			_, password, _ := strings.Cut(string(text), ":")
			all = append(all, password)
		}
	}
	parameters := func(q url.Values) {
		for name, values := range q {
			if slices.Contains(secretNames, strings.ToLower(name)) {
				all = append(all, values...)
			}
		}
	}
	parameters(r.URL.Query())
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		q, _ := url.ParseQuery(string(bodyOf(r))) // what can't be read of it isn't there
		parameters(q)
	}
	return all
}

// entrusted are the secrets that a request brings for the vendor to keep, such as a
// webhook's, in a body of JSON.
func entrusted(r *http.Request) (all []string) {
	var value any
	if d := json.NewDecoder(bytes.NewReader(bodyOf(r))); d.Decode(&value) != nil {
		return nil
	}
	var look func(any)
	look = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				look(e)
			}
		case map[string]any:
			for name, e := range v {
				if text, ok := e.(string); ok && slices.Contains(secretNames, strings.ToLower(name)) {
					all = append(all, text)
				}
				look(e)
			}
		}
	}
	look(value)
	return all
}

// bodyOf is the beginning of a request's body, which stays as it is; nil where it
// can be read only once.
func bodyOf(r *http.Request) []byte {
	if r.GetBody == nil {
		return nil
	}
	body, err := r.GetBody()
	if err != nil {
		return nil
	}
	defer body.Close()
	text, _ := io.ReadAll(io.LimitReader(body, sentBody)) // a part is as good as all
	return text
}

// secretsOf are the secrets that a request has brought, to be taken from its answer.
// A good answer may hold what the vendor was given to keep, for that is what was
// asked for, and words that are as short as a bad secret or begin like one. status
// is 0 where there is no answer.
func secretsOf(sent *http.Request, status int) Secrets {
	all := credentials(sent)
	if 200 <= status && status < 300 {
		return NewSecrets(slices.DeleteFunc(all, func(s string) bool { return len(s) < longSecret })...)
	}
	s := NewSecrets(append(all, entrusted(sent)...)...)
	s.cut = true
	return s
}

// header takes the secrets from an answer's headers.
func (s Secrets) header(h http.Header) {
	for _, values := range h {
		for i := range values {
			values[i] = s.Clean(values[i])
		}
	}
}
