package rest

import (
	"errors"
	"testing"
)

func TestExpect(t *testing.T) {
	tests := []struct{ body, want string }{
		{`{"tickets":[]}`, ""},
		{` {"tickets":{}} `, ""},
		{`{"tickets":null}`, `GET /list: the answer isn't the API's but an object without "tickets"`},
		{`{}`, `GET /list: the answer isn't the API's but an object without "tickets"`},
		{`{"error":"upstream unavailable"}`, `GET /list: the answer isn't the API's but an object without "tickets"`},
		{`[]`, `GET /list: the answer isn't the API's but no JSON object`},
		{`null`, `GET /list: the answer isn't the API's but null`},
		{``, `GET /list: the answer isn't the API's but empty`},
		{"\ufeff{\"tickets\":[]}", `GET /list: the answer isn't the API's but text with a byte order mark`},
		{`<!DOCTYPE html><p>Log in`, `GET /list: the answer isn't the API's but an HTML page`},
		{`{"tickets":[`, `GET /list: the answer isn't the API's but no JSON`},
	}
	for _, tt := range tests {
		err := Expect("GET", "/list?secret=s3cret", []byte(tt.body), "tickets")
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%q: got  %s\nwant %s", tt.body, got, tt.want)
		}
		var foreign *NotTheAPI
		if err != nil && (!errors.As(err, &foreign) || !Ambiguous(err)) {
			t.Errorf("%q: got %v, which says more than that nothing is known", tt.body, err)
		}
	}
}
