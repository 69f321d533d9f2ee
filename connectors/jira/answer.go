package jira

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"vigie/connectors/rest"
)

// A StrangerError is an answer that Jira gave as to a stranger, whatever its status:
// the credentials aren't believed any more. A list in it is what everybody may see,
// mostly nothing, and an issue isn't there for strangers
// (https://support.atlassian.com/atlassian-cloud/kb/jql-search-rest-api-returns-200-ok-without-api-token/).
type StrangerError struct {
	Method, Path string // without host and query
	Reason       string // Jira's word for it: AUTHENTICATED_FAILED, AUTHENTICATION_DENIED, …
}

func (e *StrangerError) Error() string {
	return fmt.Sprintf("%s %s: answered as to a stranger (%s): the token has ended, or isn't believed", e.Method, e.Path, e.Reason)
}

// Denied says that until a person acts, it stays so.
func (e *StrangerError) Denied() bool { return true }

// A ScopeError is that the token lacks a scope: Atlassian's gateway refuses a request
// without asking Jira.
type ScopeError struct {
	Scope string // the classic one that such a request needs
	Err   error
}

func (e *ScopeError) Error() string {
	return fmt.Sprintf("the token lacks the scope %s: make one that has it (%v)", e.Scope, e.Err)
}
func (e *ScopeError) Unwrap() error { return e.Err }
func (e *ScopeError) Denied() bool  { return true }

// stranger is why an answer is one to a stranger; "" if nothing says that it is.
// Seraph is what signs people in, in Cloud and in Data Center, which also names the
// account of each answer.
func stranger(h http.Header) string {
	for _, reason := range h.Values("X-Seraph-LoginReason") {
		switch strings.ToUpper(reason) {
		case "AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED", "AUTHORISATION_FAILED", "OUT":
			return reason
		}
	}
	if strings.EqualFold(h.Get("X-AUSERNAME"), "anonymous") {
		return "anonymous"
	}
	return ""
}

// names says that an answer names the account that it was given to.
func names(h http.Header) bool {
	return h.Get("X-AACCOUNTID") != "" || h.Get("X-AUSERNAME") != "" || strings.EqualFold(h.Get("X-Seraph-LoginReason"), "OK")
}

// call sends one request below rest/api/2, or below another rest/ path given in
// full, and decodes the answer into out unless that is nil. An answer that isn't
// Jira's is a *rest.NotTheAPI: one to a list is a list, one to an edit says nothing,
// any other is an object with these keys.
func (c *Client) call(ctx context.Context, method, path string, in, out any, keys ...string) error {
	_, err := c.exchange(ctx, method, path, in, out, keys...)
	return err
}

// exchange is call that also returns the answer's headers.
func (c *Client) exchange(ctx context.Context, method, path string, in, out any, keys ...string) (http.Header, error) {
	if c.bad != nil {
		return nil, c.bad
	}
	if !strings.HasPrefix(path, "rest/") {
		path = "rest/api/2/" + path
	}
	req, err := c.api.NewRequestWithContext(ctx, method, path, in)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, understood(req, rest.Cause(err))
	}
	defer res.Body.Close()
	if reason := stranger(res.Header); reason != "" {
		return nil, &StrangerError{Method: method, Path: req.URL.Path, Reason: reason}
	}
	body, err := io.ReadAll(res.Body)
	if err == nil {
		err = expected(req, res.StatusCode, body, out, keys)
	}
	if err != nil || out == nil {
		return res.Header, err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return res.Header, fmt.Errorf("%s %s: the answer can't be read: %w", method, req.URL.Path, err)
	}
	return res.Header, nil
}

// understood is a refusal with what it says of our credentials.
func understood(req *http.Request, err error) error {
	var s *rest.StatusError
	if !errors.As(err, &s) {
		return err
	}
	if reason := stranger(s.Header); reason != "" && !s.Denied() {
		return &StrangerError{Method: s.Method, Path: s.Path, Reason: reason}
	}
	if s.Status == http.StatusUnauthorized && strings.Contains(s.Message, "scope") {
		return &ScopeError{Scope: scope(req), Err: err}
	}
	return err
}

// scope is the classic scope that a request needs of a token
// (x-atlassian-oauth2-scopes in the description of the API).
func scope(req *http.Request) string {
	_, path, _ := strings.Cut(req.URL.Path, "/rest/")
	switch {
	case strings.HasPrefix(path, "servicedeskapi/"):
		return "read:servicedesk-request"
	case strings.HasSuffix(path, "/myself"), strings.HasSuffix(path, "/user"):
		return "read:jira-user"
	case strings.HasSuffix(path, "/group/member"), strings.HasPrefix(path, "webhooks/"), strings.HasSuffix(path, "/field") && req.Method == http.MethodPost:
		return "manage:jira-configuration"
	case strings.Contains(path, "/screens/"):
		return "manage:jira-project"
	case req.Method == http.MethodGet, strings.HasSuffix(path, "/bulkfetch"), strings.Contains(path, "/search"):
		return "read:jira-work"
	}
	return "write:jira-work"
}

// expected finds an answer with a good status that isn't Jira's.
func expected(req *http.Request, status int, body []byte, out any, keys []string) error {
	foreign := func(was string) error {
		return &rest.NotTheAPI{Method: req.Method, Path: req.URL.Path, Was: was}
	}
	if req.Method == http.MethodPut { // an edit is answered 204, and with nothing
		if status != http.StatusNoContent {
			return foreign(fmt.Sprintf("%d with a body, where an edit has none", status))
		}
		return nil
	}
	if _, raw := out.(*json.RawMessage); !raw && out != nil && reflect.TypeOf(out).Elem().Kind() == reflect.Slice {
		if body = bytes.TrimSpace(body); !bytes.HasPrefix(body, []byte("[")) || !json.Valid(body) {
			return foreign("no list")
		}
		return nil
	}
	return rest.Expect(req.Method, req.URL.Path, body, keys...)
}
