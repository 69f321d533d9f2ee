package web

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"

	"vigie/rules"
)

// maxWebhook bounds a webhook's body: 25 MiB, what Jira sends at most.
const maxWebhook = 25 << 20

// tally counts webhooks since the start, by how they were answered.
type tally struct {
	fresh, repeated, forged, unreadable, failed atomic.Int64
}

// webhook takes in one call of a vendor. 200: it is on disk, or was before; 400,
// 401, 413: sending it again is of no use; 408, 503: try again (Jira does for
// both, Zendesk for 503 where Retry-After is under a minute).
func (s *Server) webhook(w http.ResponseWriter, r *http.Request) error {
	source := r.PathValue("source")
	hook, ok := s.Hooks[source]
	if !ok {
		return &refusal{http.StatusNotFound, "no source of this name takes webhooks"}
	}
	body, err := readBody(w, r)
	if err != nil {
		s.tally.unreadable.Add(1)
		s.Log.Warn("webhook refused", "source", source, "err", err)
		return err
	}
	delivery, err := hook(r.Header, body, s.clock())
	switch {
	case errors.Is(err, rules.ErrForged):
		s.tally.forged.Add(1)
		s.Log.Warn("webhook refused", "source", source, "err", err)
		return &refusal{http.StatusUnauthorized, rules.ErrForged.Error()}
	case err != nil:
		s.tally.unreadable.Add(1)
		s.Log.Warn("webhook refused", "source", source, "err", err)
		return &refusal{http.StatusBadRequest, err.Error()}
	}
	fresh, err := s.Intake.Receive(r.Context(), source, delivery)
	if err != nil {
		s.tally.failed.Add(1)
		s.Log.Error("webhook not taken", "source", source, "err", err)
		w.Header().Set("Retry-After", "30")
		return &refusal{http.StatusServiceUnavailable, "can't be noted now; send it again"}
	}
	if fresh {
		s.tally.fresh.Add(1)
	} else {
		s.tally.repeated.Add(1)
	}
	s.Log.Debug("webhook taken", "source", source, "tickets", len(delivery.Tickets), "fresh", fresh)
	w.WriteHeader(http.StatusOK)
	return nil
}

// readBody reads a body of up to maxWebhook. One that says that it is longer
// isn't read at all.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	tooLong := &refusal{http.StatusRequestEntityTooLarge, "the body is longer than 25 MiB"}
	if r.ContentLength > maxWebhook {
		w.Header().Set("Connection", "close")
		return nil, tooLong
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhook))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, tooLong
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &refusal{http.StatusRequestTimeout, "the body comes too slowly"}
	case err != nil:
		return nil, &refusal{http.StatusBadRequest, "the body ends early"}
	}
	return body, nil
}
