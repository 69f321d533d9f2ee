package rest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	keptBody  = 4 << 10
	keptRunes = 300 // runes of the vendor's message
)

// statusError makes an answer into an error.
func statusError(method, path string, resp *http.Response, body []byte, doubt503 bool, now time.Time) *StatusError {
	e := &StatusError{Method: method, Path: path, Status: resp.StatusCode, Header: resp.Header, doubt503: doubt503}
	if e.Status == http.StatusTooManyRequests || e.unavailableForNow() {
		e.RetryAfter = retryAfter(resp.Header, now)
	}
	if e.Status < 400 {
		e.Message = "redirect isn't followed"
		return e
	}
	e.Code, e.Message = vendorWords(body)
	e.Body = body[:min(len(body), keptBody)]
	return e
}

// vendorWords reads the vendor's name for an error and its message out of the
// shapes in use, and nothing out of any other body:
//
//	{"error":"RecordInvalid","description":"…","details":{"status":[{"description":"…"}]}}   Zendesk
//	{"error":{"title":"Forbidden","message":"…"}} and {"errors":[{"code":"…","title":"…"}]}  Zendesk
//	{"errorMessages":["…"],"errors":{"labels":"…"}} and {"message":"…"}                       Jira
//	{"ok":false,"error":"channel_not_found"}                                                  Slack
func vendorWords(body []byte) (code, message string) {
	var answer struct {
		Error         json.RawMessage            `json:"error"`
		Description   json.RawMessage            `json:"description"`
		Message       json.RawMessage            `json:"message"`
		Details       map[string]json.RawMessage `json:"details"`
		Errors        json.RawMessage            `json:"errors"`
		ErrorMessages []json.RawMessage          `json:"errorMessages"`
	}
	// An odd type in one member leaves the others readable.
	if err := json.Unmarshal(body, &answer); err != nil && !json.Valid(body) {
		return "", ""
	}
	code = text(answer.Error)
	var words []string
	add := func(list ...string) {
		for _, s := range list {
			if s != "" && !slices.Contains(words, s) {
				words = append(words, s)
			}
		}
	}

	for _, field := range slices.Sorted(maps.Keys(answer.Details)) {
		var reasons []struct{ Description string }
		if json.Unmarshal(answer.Details[field], &reasons) == nil {
			for _, r := range reasons {
				add(r.Description)
			}
		}
	}
	if len(words) == 0 {
		add(text(answer.Description))
	}
	var titled struct{ Title, Message string }
	if json.Unmarshal(answer.Error, &titled) == nil {
		code = titled.Title
		add(titled.Message)
	}
	for _, m := range answer.ErrorMessages {
		add(text(m))
	}
	var byField map[string]json.RawMessage
	if json.Unmarshal(answer.Errors, &byField) == nil {
		for _, field := range slices.Sorted(maps.Keys(byField)) {
			if s := text(byField[field]); s != "" {
				add(field + ": " + s)
			}
		}
	}
	var list []struct{ Code, Title, Detail string }
	if json.Unmarshal(answer.Errors, &list) == nil {
		for _, e := range list {
			if code == "" {
				code = e.Code
			}
			add(e.Title, e.Detail)
		}
	}
	add(text(answer.Message))
	return oneLine(code), oneLine(strings.Join(words, "; "))
}

// text is a JSON string's value, and empty for anything else.
func text(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) != nil {
		return ""
	}
	return s
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > keptRunes {
		return string(r[:keptRunes]) + "…"
	}
	return s
}
