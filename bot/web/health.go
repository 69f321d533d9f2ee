package web

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"
)

// health is what /healthz and /readyz say. They are open to everyone, so
// sources have no names here; they come in the order of their names.
type health struct {
	Status    string         `json:"status"` // ok, hanging (restart it) or unavailable (the state can't be reached, or takes no change)
	Sources   []sourceHealth `json:"sources"`
	Deadlines loopHealth     `json:"deadlines"`
	Chat      loopHealth     `json:"chat"`
	Hanging   int            `json:"hanging"` // rounds of work that have not ended for minutes
	Webhooks  webhookHealth  `json:"webhooks"`
}

// The loops that are no source's.
const (
	deadlines = "deadlines"
	chat      = "chat"
)

type sourceHealth struct {
	LastNews *int64 `json:"last_news_seconds"` // since it was last read; null before the first time
	Stalled  bool   `json:"stalled"`           // waits after an error
}

type loopHealth struct {
	Stalled bool `json:"stalled"` // waits after an error
}

type webhookHealth struct {
	Fresh      int64 `json:"fresh"`
	Repeated   int64 `json:"repeated"`
	Forged     int64 `json:"forged"`
	Unreadable int64 `json:"unreadable"`
	Failed     int64 `json:"failed"`
	Limited    int64 `json:"limited"`
}

// healthz is for whoever restarts Vigie: it is 200 as long as the program
// answers and works, and 503 if a round of its work hangs, which nothing else
// would end. A vendor that is down, or a store that can't be reached, shows in
// the body but is no reason to restart: a restart wouldn't bring it back.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) error {
	h, _ := s.health(r.Context())
	if h.Hanging > 0 {
		return writeHealth(w, http.StatusServiceUnavailable, h)
	}
	return writeHealth(w, http.StatusOK, h)
}

// readyz is for whoever sends requests here: 200 if a webhook would be taken
// now. It is 503 while the store can't be reached, takes no change or lacks our
// tables; not while a vendor is down, whose news is what the webhooks bring. A server that is to end takes no new
// connections.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	h, err := s.health(r.Context())
	if err != nil {
		return writeHealth(w, http.StatusServiceUnavailable, h)
	}
	return writeHealth(w, http.StatusOK, h)
}

// reachTime is how long the store may take to answer anything at all.
const reachTime = 2 * time.Second

// reach says why the store can't be reached, takes no change or lacks our tables.
func (s *Server) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	return s.Store.Ping(ctx)
}

// health is what is known without the store, and the error that kept it from
// being asked.
func (s *Server) health(ctx context.Context) (health, error) {
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	h := health{Status: "ok", Sources: []sourceHealth{}, Webhooks: webhookHealth{
		Fresh: s.tally.fresh.Load(), Repeated: s.tally.repeated.Load(), Forged: s.tally.forged.Load(),
		Unreadable: s.tally.unreadable.Load(), Failed: s.tally.failed.Load(), Limited: s.tally.limited.Load(),
	}}
	err := s.Store.Ping(ctx)
	stalled := s.stalled(ctx)
	for _, name := range slices.Sorted(maps.Keys(s.Policies)) {
		_, waits := stalled[name]
		source := sourceHealth{Stalled: waits}
		if err == nil {
			var read time.Time
			if _, read, err = s.Store.Cursor(ctx, name); err == nil && !read.IsZero() {
				age := max(0, int64(s.Now().Sub(read)/time.Second))
				source.LastNews = &age
			}
		}
		h.Sources = append(h.Sources, source)
	}
	h.Deadlines.Stalled, h.Chat.Stalled = stalled[deadlines] != nil, stalled[chat] != nil
	if s.Hung != nil {
		h.Hanging = s.Hung(s.clock())
	}
	if h.Hanging > 0 {
		h.Status = "hanging"
	}
	if err != nil {
		h.Status = "unavailable"
		s.Log.Error("store not reached", "err", err)
	}
	return h, err
}

func writeHealth(w http.ResponseWriter, status int, h health) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(h)
}
