package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// NotTheAPI is a good status with a body that the vendor's API never gives: the
// page of a proxy or of a login, an empty object of a gateway that has lost what
// is behind it. It says nothing of what was asked for, and whether a request for a
// change was carried out isn't known.
type NotTheAPI struct {
	Method, Path string // without host and query
	Was          string // such as "an HTML page"
}

func (e *NotTheAPI) Error() string {
	return fmt.Sprintf("%s %s: the answer isn't the API's but %s", e.Method, e.Path, e.Was)
}

// Refused says that it is no answer to what was asked.
func (e *NotTheAPI) Refused() bool { return false }

func (e *NotTheAPI) ambiguous() bool     { return true }
func (e *NotTheAPI) wait() time.Duration { return 0 }

// Expect returns a *NotTheAPI unless the body is a JSON object with each of the
// keys; a value of null is as good as none. Of the path the query isn't kept.
func Expect(method, path string, body []byte, keys ...string) error {
	path, _, _ = strings.Cut(path, "?")
	foreign := func(was string) error { return &NotTheAPI{Method: method, Path: path, Was: was} }
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return foreign("empty")
	case bytes.HasPrefix(body, []byte("\ufeff")):
		return foreign("text with a byte order mark")
	case body[0] == '<':
		return foreign("an HTML page")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		var value any
		if json.Unmarshal(body, &value) != nil {
			return foreign("no JSON")
		}
		return foreign("no JSON object")
	}
	if object == nil {
		return foreign("null")
	}
	for _, key := range keys {
		if value, ok := object[key]; !ok || string(value) == "null" {
			return foreign(fmt.Sprintf("an object without %q", key))
		}
	}
	return nil
}
