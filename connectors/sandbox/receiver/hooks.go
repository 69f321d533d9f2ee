// Package receiver simulates those who are told besides the chat: a receiver of
// Standard Webhooks, PagerDuty's Events API v2, and a mail server. Each keeps what it
// was told and fails as it is asked to. It is written by their documents, and knows
// nothing of how Vigie speaks to them.
package receiver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Fault is what becomes of one request in the place of a good answer.
type Fault struct {
	Work   bool        // the request is carried out all the same
	Status int         // 0: no answer, the connection is cut
	Header http.Header // of that answer
	Body   string
}

// Hooks are the receivers of hooks: POST /standard and POST /v2/enqueue.
type Hooks struct {
	Secret     string // of Standard Webhooks, "whsec_…"
	RoutingKey string // of PagerDuty's integration

	mu        sync.Mutex
	faults    []Fault
	before    func(*http.Request)
	messages  []Message
	events    []Event
	incidents []*Incident
}

// A Message is one that a receiver of Standard Webhooks took.
type Message struct {
	ID, Type string
	Again    bool // it was there before
	Data     struct {
		Key, Incident, Summary string
		Ticket                 struct{ Ref, Subject, State, Taker string }
		Waiting                []struct{ Ref string }
	}
	Raw string
}

// An Event is one that PagerDuty took.
type Event struct{ Action, DedupKey, Severity, Summary string }

// An Incident is one of PagerDuty's.
type Incident struct{ DedupKey, State string }

// Fail has the next requests end so.
func (h *Hooks) Fail(faults ...Fault) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults = append(h.faults, faults...)
}

// Before has f called at each request; nil: nothing.
func (h *Hooks) Before(f func(*http.Request)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.before = f
}

// Messages are those that were taken, in their order.
func (h *Hooks) Messages() []Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Message(nil), h.messages...)
}

// Events are PagerDuty's, in their order.
func (h *Hooks) Events() []Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Event(nil), h.events...)
}

// Incidents are PagerDuty's, as they stand.
func (h *Hooks) Incidents() []Incident {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []Incident
	for _, i := range h.incidents {
		list = append(list, *i)
	}
	return list
}

func (h *Hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	before := h.before
	h.mu.Unlock()
	if before != nil {
		before(r)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	answer := h.pager
	if !strings.HasPrefix(r.URL.Path, "/v2/") {
		answer = h.standard
	}
	if len(h.faults) == 0 {
		status, text := answer(r, body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, text)
		return
	}
	f := h.faults[0]
	h.faults = h.faults[1:]
	if f.Work {
		answer(r, body)
	}
	if f.Status == 0 {
		panic(http.ErrAbortHandler)
	}
	for name, values := range f.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(f.Status)
	io.WriteString(w, f.Body)
}

// tolerance is how far a signature's time may be from ours.
const tolerance = 5 * time.Minute

// standard takes a message whose signature is right, as the specification's "Verifying
// webhook authenticity" asks for.
func (h *Hooks) standard(r *http.Request, body []byte) (int, string) {
	id, stamp := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	sent, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || id == "" || strings.Contains(id, ".") {
		return http.StatusBadRequest, `{"error":"headers"}`
	}
	if away := time.Since(time.Unix(sent, 0)).Abs(); away > tolerance {
		return http.StatusBadRequest, `{"error":"timestamp"}`
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(h.Secret, "whsec_"))
	if err != nil {
		return http.StatusInternalServerError, `{"error":"secret"}`
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, stamp, body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); !hmac.Equal([]byte(want), []byte(r.Header.Get("webhook-signature"))) {
		return http.StatusUnauthorized, `{"error":"signature"}`
	}
	m := Message{ID: id, Raw: string(body)}
	if err := json.Unmarshal(body, &m); err != nil || m.Type == "" {
		return http.StatusBadRequest, `{"error":"body"}`
	}
	m.ID = id
	for _, earlier := range h.messages {
		m.Again = m.Again || earlier.ID == id
	}
	h.messages = append(h.messages, m)
	return http.StatusOK, `{}`
}

// pager takes an event as PagerDuty's Events API v2 does.
func (h *Hooks) pager(_ *http.Request, body []byte) (int, string) {
	var e struct {
		RoutingKey  string `json:"routing_key"`
		EventAction string `json:"event_action"`
		DedupKey    string `json:"dedup_key"`
		Payload     *struct{ Summary, Source, Severity string }
	}
	wrong := func(what string) (int, string) {
		return http.StatusBadRequest, fmt.Sprintf(`{"status":"invalid event","message":"Event object is invalid","errors":[%q]}`, what)
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return wrong("JSON cannot be parsed")
	}
	switch {
	case e.RoutingKey != h.RoutingKey:
		return wrong("Invalid routing key")
	case len(e.DedupKey) > 255:
		return wrong("Length of 'dedup_key' is over 255")
	case e.EventAction == "trigger" && (e.Payload == nil || e.Payload.Summary == "" || len([]rune(e.Payload.Summary)) > 1024 || e.Payload.Source == ""):
		return wrong("'payload' is missing or incomplete")
	case e.EventAction == "trigger" && !strings.Contains(" critical error warning info ", " "+e.Payload.Severity+" "):
		return wrong("'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')")
	case e.EventAction != "trigger" && (e.EventAction != "acknowledge" && e.EventAction != "resolve" || e.DedupKey == ""):
		return wrong("'event_action' is invalid")
	}
	took := Event{Action: e.EventAction, DedupKey: e.DedupKey}
	if e.Payload != nil {
		took.Severity, took.Summary = e.Payload.Severity, e.Payload.Summary
	}
	h.events = append(h.events, took)
	var open *Incident
	for _, i := range h.incidents {
		if i.DedupKey == e.DedupKey && i.State != "resolved" {
			open = i
		}
	}
	switch {
	case e.EventAction == "trigger" && open == nil:
		h.incidents = append(h.incidents, &Incident{DedupKey: e.DedupKey, State: "triggered"})
	case e.EventAction == "acknowledge" && open != nil:
		open.State = "acknowledged"
	case e.EventAction == "resolve" && open != nil:
		open.State = "resolved"
	}
	return http.StatusAccepted, fmt.Sprintf(`{"status":"success","message":"Event processed","dedup_key":%q}`, e.DedupKey)
}
