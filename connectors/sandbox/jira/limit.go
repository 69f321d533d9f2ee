package jira

import (
	"net/http"
	"strconv"
	"time"
)

// tokens is a bucket: what is left in it since it was last filled.
type tokens struct {
	left   int
	filled time.Time
}

// takeToken takes a token for a request, and says in the answer's headers how the
// bucket stands: what is left and how it fills on Data Center, when it is next
// filled on Cloud. It returns false if there was none.
func (s *Site) takeToken(h http.Header, r *http.Request, me User) bool {
	b, st, now := s.options.Bucket, &s.state, s.Real()
	if b.Size == 0 {
		return true
	}
	name := me.Email
	if !s.options.DataCenter {
		name = r.Pattern // has the method in it
	}
	t := st.tokens[name]
	if t == nil {
		if st.tokens == nil {
			st.tokens = map[string]*tokens{}
		}
		t = &tokens{left: b.Size, filled: now}
		st.tokens[name] = t
	}
	if times := int(now.Sub(t.filled) / b.Every); times > 0 {
		t.left, t.filled = min(b.Size, t.left+times*b.Fill), t.filled.Add(time.Duration(times)*b.Every)
	}
	ok := t.left > 0
	wait := "0"
	if ok {
		t.left--
	} else {
		wait = strconv.Itoa(max(1, int((t.filled.Add(b.Every).Sub(now)+time.Second-1)/time.Second)))
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(b.Size))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(t.left))
	if s.options.DataCenter {
		h.Set("X-RateLimit-Interval-Seconds", strconv.Itoa(int(b.Every/time.Second)))
		h.Set("X-RateLimit-FillRate", strconv.Itoa(b.Fill))
		h.Set("Retry-After", wait)
		return ok
	}
	h.Set("X-RateLimit-Reset", t.filled.Add(b.Every).UTC().Format(time.RFC3339))
	if !ok {
		h.Set("Retry-After", wait)
		h.Set("RateLimit-Reason", "jira-burst-based")
	}
	return ok
}
