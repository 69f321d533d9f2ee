package slack

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// TestOutcomes holds each way in which Slack can answer a post and an edit
// against what its caller is told.
func TestOutcomes(t *testing.T) {
	refusal := func(code string) http.HandlerFunc {
		return body(200, fmt.Sprintf(`{"ok":false,"error":%q}`, code))
	}
	type result struct {
		Outcome Outcome
		After   time.Duration
	}
	tests := []struct {
		name       string
		answer     http.HandlerFunc
		post, edit result
	}{
		{"too many, come back later", body(429, "", "Retry-After", "300"), result{Wait, 300 * time.Second}, result{Wait, 300 * time.Second}},
		{"too many, no time", body(429, ""), result{Wait, limited}, result{Wait, limited}},
		{"too many, said in the answer", refusal("ratelimited"), result{Wait, limited}, result{Wait, limited}},
		{"down for a known time", body(503, "", "Retry-After", "600"), result{Unknown, 600 * time.Second}, result{Wait, 600 * time.Second}},
		{"down", body(503, "<html>"), result{Unknown, 0}, result{Wait, 0}},
		{"server error", body(500, ""), result{Unknown, 0}, result{Wait, 0}},
		{"page instead of an answer", body(200, "<html>"), result{Unknown, 0}, result{Wait, 0}},
		{"nothing instead of an answer", body(200, ""), result{Unknown, 0}, result{Wait, 0}},
		{"yes, without a ts", body(200, `{"ok":true}`), result{Unknown, 0}, result{Wait, 0}},
		{"no, without a reason", body(200, `{"ok":false}`), result{Unknown, 0}, result{Wait, 0}},
		{"connection cut", hangUp, result{Unknown, 0}, result{Wait, 0}},
		{"partly failed, perhaps", refusal("fatal_error"), result{Unknown, 0}, result{Wait, 0}},
		{"internal error", refusal("internal_error"), result{Unknown, 0}, result{Wait, 0}},
		{"workspace is moving", refusal("team_added_to_org"), result{Wait, limited}, result{Wait, limited}},
		{"message deleted", refusal("message_not_found"), result{Gone, 0}, result{Gone, 0}},
		{"message of another bot", refusal("cant_update_message"), result{Gone, 0}, result{Gone, 0}},
		{"closed to edits", refusal("edit_window_closed"), result{Gone, 0}, result{Gone, 0}},
		{"other blocks", refusal("block_mismatch"), result{Gone, 0}, result{Gone, 0}},
		{"no such channel", refusal("channel_not_found"), result{Refused, 0}, result{Refused, 0}},
		{"not invited", refusal("not_in_channel"), result{Refused, 0}, result{Refused, 0}},
		{"archived", refusal("is_archived"), result{Refused, 0}, result{Refused, 0}},
		{"revoked", refusal("token_revoked"), result{Refused, 0}, result{Refused, 0}},
		{"scope", refusal("missing_scope"), result{Refused, 0}, result{Refused, 0}},
		{"forbidden", refusal("restricted_action_read_only_channel"), result{Refused, 0}, result{Refused, 0}},
		{"blocks", refusal("invalid_blocks"), result{Refused, 0}, result{Refused, 0}},
		{"never heard of", refusal("some_new_word"), result{Refused, 0}, result{Refused, 0}},
		{"archived, says an edit", refusal("is_inactive"), result{Refused, 0}, result{Refused, 0}},
		{"another workspace's", refusal("team_access_not_granted"), result{Refused, 0}, result{Refused, 0}},
		{"thread is gone", refusal("thread_not_found"), result{Closed, 0}, result{Closed, 0}},
		{"thread is locked", refusal("restricted_action_thread_locked"), result{Closed, 0}, result{Closed, 0}},
		{"no replies to this one", refusal("cannot_reply_to_message"), result{Closed, 0}, result{Closed, 0}},
		{"no threads in this channel", refusal("restricted_action_non_threadable_channel"), result{Closed, 0}, result{Closed, 0}},
		{"no top-level messages in this channel", refusal("restricted_action_thread_only_channel"), result{Refused, 0}, result{Refused, 0}},
		{"another server", body(404, "not here"), result{Unknown, 0}, result{Wait, 0}},
		{"a proxy's credentials", body(407, ""), result{Unknown, 0}, result{Wait, 0}},
		{"a proxy's login", body(401, ""), result{Unknown, 0}, result{Wait, 0}},
		{"a proxy's refusal", body(403, `{"ok":false,"error":"invalid_auth"}`), result{Unknown, 0}, result{Wait, 0}},
		{"a proxy's login page", body(302, "", "Location", "https://login.acme.example/"), result{Unknown, 0}, result{Wait, 0}},
		{"another's error", body(200, `{"error":"channel_not_found"}`), result{Unknown, 0}, result{Wait, 0}},
		{"an empty object", body(200, `{}`), result{Unknown, 0}, result{Wait, 0}},
		{"a list", body(200, `[]`), result{Unknown, 0}, result{Wait, 0}},
		{"null", body(200, `null`), result{Unknown, 0}, result{Wait, 0}},
		{"a byte order mark", body(200, "\ufeff"+`{"ok":true}`), result{Unknown, 0}, result{Wait, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, via := range []string{"over rest", "over a plain client"} {
				f := newFakeSlack(t)
				c := f.client()
				if via == "over a plain client" {
					c.HTTP = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
				}
				f.next(tt.answer, tt.answer)
				_, _, err := c.Post(t.Context(), "C0SUPPORT", acme(t))
				want := tt.post
				if via == "over a plain client" && tt.name == "down for a known time" {
					want.After = 0 // slack-go doesn't pass on a 503's Retry-After
				}
				check := func(what string, err error, want result) {
					t.Helper()
					e, ok := errors.AsType[*Error](err)
					if !ok {
						t.Fatalf("%s %s: got %v, want an *Error", what, via, err)
					}
					if got := (result{e.Outcome, e.After}); got != want {
						t.Errorf("%s %s: got %v (%v), want %v", what, via, got, err, want)
					}
					if unfit := tt.name == "blocks"; e.Unfit != unfit {
						t.Errorf("%s %s: unfit is %v", what, via, e.Unfit)
					}
					if (e.Remedy == "") != (e.Outcome != Refused) {
						t.Errorf("%s %s: outcome %s with remedy %q", what, via, e.Outcome, e.Remedy)
					}
				}
				check("post", err, want)

				f = newFakeSlack(t)
				c.APIURL = f.url + "/api/"
				f.next(tt.answer, tt.answer)
				want = tt.edit
				if via == "over a plain client" && tt.name == "down for a known time" {
					want.After = 0
				}
				check("edit", c.Edit(t.Context(), "C0SUPPORT", "1795838400.000001", acme(t)), want)
			}
		})
	}

	t.Run("nobody there", func(t *testing.T) {
		c := newFakeSlack(t).client()
		c.APIURL = "http://127.0.0.1:1/api/"
		if _, _, err := c.Post(t.Context(), "C0SUPPORT", acme(t)); OutcomeOf(err) != Wait {
			t.Errorf("got %v (%v), want wait: nothing was sent", OutcomeOf(err), err)
		}
	})
	t.Run("date instead of seconds", func(t *testing.T) {
		f := newFakeSlack(t)
		c := f.client()
		late := body(429, "", "Retry-After", "Tue, 01 Dec 2026 09:00:00 GMT")
		f.next(late, late)
		c.HTTP = http.DefaultClient
		if _, _, err := c.Post(t.Context(), "C0SUPPORT", acme(t)); OutcomeOf(err) == Refused || err == nil {
			t.Errorf("got %v (%v)", OutcomeOf(err), err)
		}
	})
	t.Run("a short wait is waited out", func(t *testing.T) {
		f := newFakeSlack(t)
		f.next(body(429, "", "Retry-After", "1"))
		if _, _, err := f.client().Post(t.Context(), "C0SUPPORT", acme(t)); err != nil {
			t.Error(err)
		}
	})
	t.Run("errors from elsewhere", func(t *testing.T) {
		if got := OutcomeOf(errors.New("x")); got != Unknown {
			t.Errorf("got %v", got)
		}
		if got := OutcomeOf(nil); got != "" {
			t.Errorf("got %q for no error", got)
		}
	})
}
