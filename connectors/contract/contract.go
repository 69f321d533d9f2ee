// Package contract holds what the connectors and the sandbox say to each other
// against the vendors' own descriptions of their APIs. Only tests import it.
//
// Client and sandbox are written apart, but by people who read the same notes:
// what both misread, no test between the two can see. The descriptions are a
// third witness. Check puts itself under a client as its http.RoundTripper, so
// that whatever a test makes the client ask is checked, and coverage comes from
// the tests that there are: method and path, parameters, bodies both ways.
//
// The descriptions lie in shared/specs beside the checkout; where they aren't,
// nothing is checked, and this package's own test says so by skipping. They are
// wrong in places: exceptions.go lists where and why, as corrections that are
// made to them before they are used.
package contract

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// Check is http.DefaultTransport with an eye on it: each request that the
// vendor's description doesn't allow, and each such answer, is an error of the
// test. It may be used by several goroutines, until the test ends.
func Check(t testing.TB) http.RoundTripper {
	return &checked{complain: t.Errorf, base: http.DefaultTransport}
}

// CheckAnswers is Check for a test that asks wrongly on purpose: of requests it
// says nothing.
func CheckAnswers(t testing.TB) http.RoundTripper {
	return &checked{complain: t.Errorf, base: http.DefaultTransport, lenient: true}
}

type checked struct {
	complain func(format string, args ...any)
	base     http.RoundTripper
	lenient  bool // to requests
}

func (c *checked) RoundTrip(r *http.Request) (*http.Response, error) {
	out, body := r.Clone(r.Context()), []byte(nil)
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
		out.Body = io.NopCloser(bytes.NewReader(body))
	}
	judge := c.request(out.Clone(r.Context()), body)
	resp, err := c.base.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil { // cut off: the client's to deal with
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(answer), failing{err}))
		return resp, nil
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	if judge != nil {
		judge(resp, answer)
	}
	return resp, nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// request checks a request, and returns what checks its answer; nil where that
// isn't described.
func (c *checked) request(r *http.Request, body []byte) (judge func(*http.Response, []byte)) {
	d := describes(r)
	switch {
	case d == slackBlocks && !c.lenient:
		c.blocks(r, body)
		return nil
	case d == nil || d == slackBlocks || !d.there():
		return nil
	}
	operation, err := d.find(r.Method, d.path(r.URL.Path))
	switch {
	case err != nil && !c.lenient:
		c.complain("%s %s: %v", r.Method, r.URL.Path, err)
		return nil
	case err != nil:
		return nil
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: operation.params, Route: &operation.Route, Options: &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true, SkipSettingDefaults: true, ExcludeReadOnlyValidations: true,
	}}
	if !c.lenient {
		c.tell(r, "request", openapi3filter.ValidateRequest(r.Context(), in))
		for name := range r.URL.Query() {
			if !operation.has("query", name) {
				c.complain("%s %s: request: query parameter %q isn't described", r.Method, r.URL.Path, name)
			}
		}
	}

	if d != zendesk && isDataCenter(r) {
		return nil // only Cloud's answers are described
	}
	return func(resp *http.Response, answer []byte) {
		if resp.StatusCode == http.StatusUnauthorized && strings.HasPrefix(r.URL.Path, "/ex/jira/") {
			return // Atlassian's gateway refuses in words of its own, for every product
		}
		if resp.StatusCode >= 400 && !bytes.HasPrefix(bytes.TrimSpace(answer), []byte("{")) {
			return // a fault of the test's making
		}
		described := operation.Operation.Responses.Status(resp.StatusCode)
		if described == nil && resp.StatusCode < 400 {
			c.complain("%s %s: answer: status %d isn't described", r.Method, r.URL.Path, resp.StatusCode)
		}
		// "No content" is described as content of no kind.
		if described == nil || len(answer) == 0 && (resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusCreated) {
			return
		}
		out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header, Options: in.Options}
		c.tell(r, "answer", openapi3filter.ValidateResponse(r.Context(), out.SetBodyBytes(answer)))
	}
}

// tell complains of each thing that is wrong, naming the place where it is.
func (c *checked) tell(r *http.Request, place string, err error) {
	var inner error
	reason := ""
	switch e := err.(type) {
	case nil:
		return
	case openapi3.MultiError:
		for _, one := range e {
			c.tell(r, place, one)
		}
		return
	case *openapi3filter.RequestError:
		if inner, reason = e.Err, e.Reason; e.Parameter != nil {
			place += " " + e.Parameter.In + " " + e.Parameter.Name
		}
	case *openapi3filter.ResponseError:
		inner, reason = e.Err, e.Reason
	case *openapi3.SchemaError:
		place, reason = place+" /"+strings.Join(e.JSONPointer(), "/"), e.Reason
	default:
		reason = err.Error()
	}
	if inner != nil {
		c.tell(r, place, inner)
		return
	}
	c.complain("%s %s: %s: %.300s", r.Method, r.URL.Path, place, reason)
}
