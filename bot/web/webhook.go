package web

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"vigie/connectors/desk"
)

// tally counts webhooks since the start, by how they were answered. limited are
// those that were not looked at: too many, or too much, at once.
type tally struct {
	fresh, repeated, forged, unreadable, failed, limited atomic.Int64
}

// webhook takes in one call of a vendor. 200: it is on disk, or was before; 400,
// 401, 413: sending it again is of no use; 408, 429, 503: try again (Jira does for
// all three, Zendesk for the latter where Retry-After is under a minute).
func (s *Server) webhook(bodies *room) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		source := r.PathValue("source")
		hook, ok := s.Hooks[source]
		if !ok {
			return &refusal{http.StatusNotFound, "no source of this name takes webhooks"}
		}
		body, leave, no := bodies.body(w, r, hook.Longest)
		defer leave()
		if no != nil {
			count := &s.tally.unreadable
			if no.status == http.StatusServiceUnavailable {
				count = &s.tally.limited
			}
			count.Add(1)
			s.Log.Warn("webhook refused", "source", source, "err", no)
			return no
		}
		return s.receive(w, r, source, hook, body)
	}
}

// receive checks and notes a webhook.
func (s *Server) receive(w http.ResponseWriter, r *http.Request, source string, hook Hook, body []byte) error {
	delivery, err := hook.Parse(r.Header, body, s.clock())
	switch {
	case errors.Is(err, desk.ErrForged):
		s.tally.forged.Add(1)
		s.Log.Warn("webhook refused", "source", source, "err", err)
		return &refusal{http.StatusUnauthorized, desk.ErrForged.Error()}
	case err == nil && len(delivery.Tickets) > desk.MaxNamed:
		err = fmt.Errorf("%w: it names %d tickets, and no more than %d are taken; the next poll finds them", desk.ErrUnreadable, len(delivery.Tickets), desk.MaxNamed)
		fallthrough
	case err != nil:
		s.tally.unreadable.Add(1)
		s.Log.Warn("webhook refused", "source", source, "err", err)
		return &refusal{http.StatusBadRequest, err.Error()}
	}
	if !local(r) && !s.reached.Swap(true) && s.Token() == "" && s.ProxyHeader == "" {
		s.Log.Warn("webhooks come from elsewhere, so others reach the pages, which are closed now; set web.token", "source", source)
	}
	fresh, err := s.Intake.Receive(r.Context(), source, delivery)
	if err != nil {
		s.tally.failed.Add(1)
		s.Log.Error("webhook not taken", "source", source, "err", err)
		later(w)
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
