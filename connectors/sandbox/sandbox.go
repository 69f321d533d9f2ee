// Package sandbox is a small Zendesk, Jira and Slack behind real HTTP: for the
// demo, for tests, for trying a policy without credentials.
//
// It shares no code and no types with the connectors that talk to it, so that
// client and simulator cannot share a misreading: the shapes here are written
// from the vendors' documents. It is stricter rather than laxer than they are:
// what a vendor may refuse, it refuses, with the vendor's status and body.
//
// All state is one value under one lock. An HTTP request is read, answered into
// a buffer with the lock held, and sent after the lock is released; so a
// handler needs no locking, sees a state that nobody else changes, and
// OnChange has run before the caller learns that its change was accepted. What
// people do to tickets are methods of Zendesk, Jira and Slack; they happen at
// ticket time (Now), which may be a fast clock. Signatures and rate limits use
// real time.
//
// Webhooks are queued by every change and posted by FlushWebhooks or Run.
// Faults makes the vendors fail, and Calls tells what they were asked.
package sandbox

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// The vendors, as Faults, Calls and SetWebhook name them.
const (
	zendesk = "zendesk"
	jira    = "jira"
	slack   = "slack"
)

// Sandbox is the three vendors together. Its exported fields are set before
// the first request.
type Sandbox struct {
	Now      func() time.Time // ticket time
	Real     func() time.Time // signatures and rate limits
	Tokens   Tokens
	Faults   Faults
	Log      *slog.Logger
	Options  Options
	OnChange func()       // after every accepted change and before its HTTP answer, without the lock, by several goroutines at once; may be nil
	Client   *http.Client // posts the webhooks

	mu       sync.Mutex // over everything below
	state    state
	dirty    bool // something changed since the lock was taken
	calls    map[string][]Call
	windows  map[string]*window       // requests of the last minute, by limit
	tokens   map[string]*zendeskToken // access tokens, by their text
	issued   int64                    // how many there have been
	flushing sync.Mutex               // one flush at a time
}

// state is everything that a snapshot holds.
type state struct {
	Zendesk  zendeskState
	Jira     jiraState
	Slack    slackState
	Webhooks []queuedWebhook
	Targets  map[string]string // vendor -> where its webhooks go
}

// An Account signs in with an e-mail address and a token.
type Account struct{ Email, Token string }

// Tokens is what callers must present, and what webhooks are signed with.
type Tokens struct {
	Zendesk        Account     // an admin's API token
	ZendeskClient  OAuthClient // which that admin made
	Jira           Account
	Slack          string // bot token
	ZendeskWebhook string // signing secrets
	JiraWebhook    string
	SlackSigning   string
}

// DefaultTokens are the fixed ones of the demo. They open nothing but a sandbox.
func DefaultTokens() Tokens {
	return Tokens{
		Zendesk:        Account{"bot@acme.example", "sandbox-zendesk-token"},
		ZendeskClient:  OAuthClient{"vigie", "sandbox-zendesk-client-secret"},
		Jira:           Account{"bot@acme.example", "sandbox-jira-token"},
		Slack:          "xoxb-sandbox-slack-token",
		ZendeskWebhook: "sandbox-zendesk-webhook-secret",
		JiraWebhook:    "sandbox-jira-webhook-secret",
		SlackSigning:   "sandbox-slack-signing-secret",
	}
}

// Options are behaviours of the vendors that tests and demos choose.
type Options struct {
	Zendesk ZendeskOptions
	Jira    JiraOptions
	Slack   SlackOptions
}

// Limit has the vendors keep the limits that they document: Zendesk's of a plan with
// 400 requests a minute and its ten exports, Jira's writes to one issue and, as its
// document names no figure, a burst of a hundred requests an endpoint; Slack's
// message a second and channel.
func (o *Options) Limit() {
	o.Zendesk.ExportLimit, o.Zendesk.RequestsPerMinute = 10, 400
	o.Jira.PerIssueLimit = true
	o.Jira.Bucket = JiraBucket{Size: 100, Fill: 100, Every: 10 * time.Second}
	o.Slack.OnePerSecond = true
}

// New makes an empty sandbox on real time with the demo's tokens.
func New() *Sandbox {
	return &Sandbox{
		Now:     time.Now,
		Real:    time.Now,
		Tokens:  DefaultTokens(),
		Log:     slog.New(slog.DiscardHandler),
		Client:  &http.Client{Timeout: 12 * time.Second}, // Zendesk's time-out for webhooks
		calls:   map[string][]Call{},
		windows: map[string]*window{},
	}
}

// Handler serves all three vendors: Zendesk below /api/v2/ and /oauth/, Jira below
// /rest/ as its site and below /ex/jira/<cloudId>/rest/ as Atlassian's gateway, Slack
// below /api/; and what switches their manners, below /sandbox/manners.
func (s *Sandbox) Handler() http.Handler {
	mux := http.NewServeMux()
	mount := func(vendor, prefix string, routes func(*http.ServeMux)) {
		own := http.NewServeMux()
		routes(own)
		mux.Handle(prefix, s.serve(vendor, own))
	}
	mount(zendesk, "/api/v2/", s.zendeskRoutes)
	mount(zendesk, "/oauth/", func(mux *http.ServeMux) { mux.HandleFunc("POST /oauth/tokens", s.postToken) })
	mount(jira, "/rest/", s.jiraRoutes)
	mount(jira, "/ex/jira/", s.jiraGateway)
	mount(jira, "/_edge/", s.jiraEdge)
	mount(slack, "/api/", s.slackRoutes)
	s.mannersRoutes(mux)
	return mux
}

// do runs f with the lock held, and then OnChange if f changed something.
func (s *Sandbox) do(f func()) {
	if s.locked(f) && s.OnChange != nil {
		s.OnChange()
	}
}

func (s *Sandbox) locked(f func()) (changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirty = false
	f()
	return s.dirty
}

// changed notes that the state is no longer what it was. The lock is held.
func (s *Sandbox) changed() { s.dirty = true }

// Snapshot is the whole state as JSON, webhook addresses and webhooks not yet
// posted included; tokens and options aren't part of it.
func (s *Sandbox) Snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := json.Marshal(&s.state)
	if err != nil {
		return nil, fmt.Errorf("write snapshot: %w", err)
	}
	return b, nil
}

// Restore replaces the whole state by a snapshot. A snapshot that can't be
// read changes nothing.
func (s *Sandbox) Restore(snapshot []byte) error {
	var st state
	if err := json.Unmarshal(snapshot, &st); err != nil {
		return fmt.Errorf("read snapshot: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = st
	return nil
}
