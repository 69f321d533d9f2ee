package lines

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Unread says why a ticket can't be read, in the words of whoever wrote it.
func Unread(err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	var instant *time.ParseError
	switch {
	case errors.As(err, &wrong) && wrong.Field == "":
		return fmt.Errorf(`want a ticket, {"source":"…","id":"…","created_at":"…"}, got %s`, article(wrong.Value))
	case errors.As(err, &wrong):
		want := map[reflect.Kind]string{reflect.String: "a text in quotes", reflect.Bool: "true or false", reflect.Slice: "a list", reflect.Map: "an object", reflect.Struct: "an object"}
		return fmt.Errorf("%s: want %s, got %s", wrong.Field[strings.LastIndex(wrong.Field, ".")+1:], want[wrong.Type.Kind()], article(wrong.Value))
	case strings.HasPrefix(err.Error(), "Time.UnmarshalJSON"):
		return errors.New("an instant isn't a text in quotes; write one such as \"2026-11-30T09:00:00+01:00\"")
	case errors.As(err, &instant):
		return fmt.Errorf("%s is no instant; write one such as 2026-11-30T09:00:00+01:00", strings.ReplaceAll(instant.Value, `"`, ""))
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON at character %d: %w", syntax.Offset, err)
	}
	return err
}

// article is one of JSON's kinds of values in a sentence.
func article(kind string) string {
	switch kind {
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "bool":
		return "true or false"
	case "string":
		return "a text"
	}
	return "a " + kind
}
