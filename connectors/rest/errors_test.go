package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestStatusErrorText(t *testing.T) {
	tests := []struct {
		name string
		body string
		want string
	}{
		{"Zendesk, details", `{"error":"RecordInvalid","description":"Record validation errors","details":{"status":[{"description":"Status: closed prevents ticket update"}]}}`,
			"PUT /api: 422 Unprocessable Entity: RecordInvalid: Status: closed prevents ticket update"},
		{"Zendesk, description", `{"error":"APIRateLimitExceeded","description":"Number of allowed requests exceeded"}`,
			"PUT /api: 422 Unprocessable Entity: APIRateLimitExceeded: Number of allowed requests exceeded"},
		{"Zendesk, object", `{"error":{"title":"Forbidden","message":"You do not have access"}}`,
			"PUT /api: 422 Unprocessable Entity: Forbidden: You do not have access"},
		{"Zendesk, list", `{"errors":[{"code":"InvalidQuery","title":"Invalid","detail":"bad cursor"}]}`,
			"PUT /api: 422 Unprocessable Entity: InvalidQuery: Invalid; bad cursor"},
		{"Jira", `{"errorMessages":["Issue does not exist"],"errors":{"labels":"can't be set","duedate":"is not a date"}}`,
			"PUT /api: 422 Unprocessable Entity: Issue does not exist; duedate: is not a date; labels: can't be set"},
		{"Jira, gateway", `{"code":401,"message":"Unauthorized; scope does not match"}`,
			"PUT /api: 422 Unprocessable Entity: Unauthorized; scope does not match"},
		{"Slack", `{"ok":false,"error":"channel_not_found"}`,
			"PUT /api: 422 Unprocessable Entity: channel_not_found"},
		{"odd types", `{"error":["x"],"errors":3,"description":"still here"}`,
			"PUT /api: 422 Unprocessable Entity: still here"},
		{"odd member", `{"error":"E","details":"not a map"}`,
			"PUT /api: 422 Unprocessable Entity: E"},
		{"a page", `<html>Blocked</html>`, "PUT /api: 422 Unprocessable Entity"},
		{"nothing", ``, "PUT /api: 422 Unprocessable Entity"},
		{"several lines", `{"message":"one\n  two"}`, "PUT /api: 422 Unprocessable Entity: one two"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := statusError("PUT", "/api", &http.Response{StatusCode: 422}, []byte(tt.body), false, time.Time{})
			if got := e.Error(); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if string(e.Body) != tt.body {
				t.Errorf("kept body: got %q", e.Body)
			}
		})
	}
	long := statusError("GET", "/", &http.Response{StatusCode: 400}, []byte(`{"message":"`+strings.Repeat("é", 9000)+`"}`), false, time.Time{})
	if n := len([]rune(long.Message)); n != keptRunes+1 || len(long.Body) != keptBody {
		t.Errorf("a long message keeps %d runes and %d bytes of the body", n, len(long.Body))
	}
}

func TestErrorsOfOthers(t *testing.T) {
	own := errors.New("own")
	if Ambiguous(nil) || Ambiguous(own) || RetryAfter(nil) != 0 || RetryAfter(own) != 0 || Cause(own) != own || Cause(nil) != nil {
		t.Error("errors that aren't ours say nothing")
	}
	se := &StatusError{Status: 429, RetryAfter: time.Minute}
	wrapped := fmt.Errorf("read tickets: %w", &url.Error{Op: "Get", URL: "https://x/", Err: se})
	if RetryAfter(wrapped) != time.Minute || Cause(wrapped) != error(se) {
		t.Errorf("got %v and %v through two wrappers", RetryAfter(wrapped), Cause(wrapped))
	}
}
