// Package stage is what the simulated vendors share: one clock, one lock, the
// faults that they are given, the record of what they were asked, and the queue of
// the webhooks that they post. It names no vendor; each tells what is its own in a
// Vendor, and the sandbox joins them.
//
// All state is one value under one lock. An HTTP request is read, answered into
// a buffer with the lock held, and sent after the lock is released; so a
// handler needs no locking, sees a state that nobody else changes, and
// OnChange has run before the caller learns that its change was accepted. What
// people do to tickets happens at ticket time (Now), which may be a fast clock.
// Signatures and rate limits use real time.
package stage

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Stage is where the vendors act. Its exported fields are set before the first
// request.
type Stage struct {
	Now      func() time.Time // ticket time
	Real     func() time.Time // signatures and rate limits
	Faults   Faults
	Log      *slog.Logger
	OnChange func()       // after every accepted change and before its HTTP answer, without the lock, by several goroutines at once; may be nil
	Client   *http.Client // posts the webhooks

	mu       sync.Mutex // over everything below, and over the vendors' states
	vendors  map[string]Vendor
	dirty    bool // something changed since the lock was taken
	calls    map[string][]Call
	queue    Queue
	flushing sync.Mutex // one flush at a time
}

// A Vendor is what the stage knows of one. Its functions are called with the lock
// held, but for Sign and Repeats.
type Vendor struct {
	Name    string
	Routes  map[string]func(*http.ServeMux) // by the path's beginning
	Open    map[string]http.Handler         // by the path's beginning: served as they are, without the lock, for connections that last; may be nil
	Run     func(context.Context)           // goes on beside the webhooks until the context ends; may be nil
	Writes  func(*http.Request) bool        // whether a request asks for a change
	Manners map[string]Manner               // by name
	Hooks                                   // empty for a vendor that posts no webhooks
}

// An Account signs in with an e-mail address and a token.
type Account struct{ Email, Token string }

// New is a stage on real time, with nobody on it.
func New() Stage {
	return Stage{
		Now:    time.Now,
		Real:   time.Now,
		Log:    slog.New(slog.DiscardHandler),
		Client: &http.Client{Timeout: 12 * time.Second}, // Zendesk's time-out for webhooks
		calls:  map[string][]Call{},
	}
}

// Join brings vendors onto the stage, before the first request.
func (s *Stage) Join(vendors ...Vendor) {
	s.vendors, s.Faults.manners = map[string]Vendor{}, map[string]map[string]Manner{}
	for _, v := range vendors {
		s.vendors[v.Name], s.Faults.manners[v.Name] = v, v.Manners
	}
}

// Handler serves all vendors, and what switches their manners, below
// /sandbox/manners.
func (s *Stage) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, v := range s.vendors {
		for prefix, routes := range v.Routes {
			own := http.NewServeMux()
			routes(own)
			mux.Handle(prefix, s.serve(v, own))
		}
		for prefix, h := range v.Open {
			mux.Handle(prefix, h)
		}
	}
	s.mannersRoutes(mux)
	return mux
}

// Lock is taken to look at a vendor's state from outside its handlers.
func (s *Stage) Lock() { s.mu.Lock() }

// Unlock ends what Lock began.
func (s *Stage) Unlock() { s.mu.Unlock() }

// Do runs f with the lock held, and then OnChange if f changed something.
func (s *Stage) Do(f func()) {
	if s.locked(f) && s.OnChange != nil {
		s.OnChange()
	}
}

func (s *Stage) locked(f func()) (changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirty = false
	f()
	return s.dirty
}

// Changed notes that the state is no longer what it was. The lock is held.
func (s *Stage) Changed() { s.dirty = true }
