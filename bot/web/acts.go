package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"vigie/connectors/desk"
)

// Acts takes in what people do in the chat, where the chat tells of it by HTTP.
type Acts interface {
	// HTTP takes in one call: its headers and its raw body. It has returned only when
	// what must be kept of it is on disk. answer goes with status 200, as JSON; after,
	// unless it is nil, is called once the answer has been sent. Errors are
	// desk.ErrForged, desk.ErrUnreadable, and others, after which the call may be made
	// again.
	HTTP(ctx context.Context, header http.Header, body []byte) (answer []byte, after func(context.Context), err error)
}

// longestAct is the longest body of the chat's, in bytes (slack.Longest).
const longestAct = 256 << 10

// act takes in one call of the chat's. 200: what it asks for is on disk; 401: it isn't
// the chat's; 400: it can't be read; 503: try again.
func (s *Server) act(bodies *room) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if s.Acts == nil {
			return &refusal{http.StatusNotFound, "the chat's calls aren't taken here: slack.signing_secret isn't set, or slack.app_token is"}
		}
		body, leave, no := bodies.body(w, r, longestAct)
		defer leave()
		if no != nil {
			s.Log.Warn("call of the chat refused", "err", no)
			return no
		}
		answer, after, err := s.Acts.HTTP(r.Context(), r.Header, body)
		switch {
		case errors.Is(err, desk.ErrForged):
			s.Log.Warn("call of the chat refused", "err", err)
			return &refusal{http.StatusUnauthorized, desk.ErrForged.Error()}
		case errors.Is(err, desk.ErrUnreadable):
			s.Log.Warn("call of the chat refused", "err", err)
			return &refusal{http.StatusBadRequest, err.Error()}
		case err != nil:
			s.Log.Error("call of the chat not taken", "err", err)
			later(w)
			return &refusal{http.StatusServiceUnavailable, "can't be noted now; send it again"}
		}
		if len(answer) > 0 {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		w.WriteHeader(http.StatusOK)
		if _, err = w.Write(answer); err == nil {
			err = http.NewResponseController(w).Flush()
		}
		if err != nil {
			s.Log.Debug("answer not sent", "err", err)
		}
		if after != nil {
			after(context.WithoutCancel(r.Context())) // the chat may close the connection
		}
		return nil
	}
}
