// Package sandbox is a small Zendesk, Jira and Slack behind real HTTP: for the
// demo, for tests, for trying a policy without credentials.
//
// It shares no code and no types with the connectors that talk to it, so that
// client and simulator cannot share a misreading: the shapes here are written
// from the vendors' documents. It is stricter rather than laxer than they are:
// what a vendor may refuse, it refuses, with the vendor's status and body; but for
// the insides of Slack's blocks, of which package slack tells.
//
// What the vendors share, and how time and locking go, is in package stage. What
// people do to tickets are methods of Zendesk, Jira and Slack.
//
// Webhooks are queued by every change and posted by FlushWebhooks or Run.
// Faults makes the vendors fail, and Calls tells what they were asked.
package sandbox

import (
	"encoding/json"
	"fmt"
	"time"

	"vigie/connectors/sandbox/jira"
	"vigie/connectors/sandbox/slack"
	"vigie/connectors/sandbox/stage"
	"vigie/connectors/sandbox/zendesk"
)

// Sandbox is the three vendors together. Its exported fields are set before
// the first request.
type Sandbox struct {
	stage.Stage
	Tokens  Tokens
	Options Options

	zendesk *zendesk.Desk
	jira    *jira.Site
	slack   *slack.Workspace
}

// Zendesk gives access to what people do in Zendesk.
func (s *Sandbox) Zendesk() Zendesk { return s.zendesk }

// Jira gives access to what people do in Jira.
func (s *Sandbox) Jira() Jira { return s.jira }

// Slack gives access to what people do in Slack.
func (s *Sandbox) Slack() Slack { return s.slack }

// Tokens is what callers must present, and what webhooks are signed with.
type Tokens struct {
	Zendesk        Account     // an admin's API token
	ZendeskClient  OAuthClient // which that admin made
	Jira           Account
	Slack          string // bot token
	SlackApp       string // app-level token, for Socket Mode
	ZendeskWebhook string // signing secrets
	JiraWebhook    string
	SlackSigning   string
}

// DefaultTokens are the fixed ones of the demo. They open nothing but a sandbox.
func DefaultTokens() Tokens {
	return Tokens{
		Zendesk:        Account{Email: "bot@acme.example", Token: "sandbox-zendesk-token"},
		ZendeskClient:  OAuthClient{ID: "vigie", Secret: "sandbox-zendesk-client-secret"},
		Jira:           Account{Email: "bot@acme.example", Token: "sandbox-jira-token"},
		Slack:          "xoxb-sandbox-slack-token",
		SlackApp:       "xapp-sandbox-slack-token",
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
	s := &Sandbox{Stage: stage.New(), Tokens: DefaultTokens()}
	t, o := &s.Tokens, &s.Options
	s.zendesk = zendesk.New(&s.Stage, &o.Zendesk, &t.Zendesk, &t.ZendeskClient, &t.ZendeskWebhook)
	s.jira = jira.New(&s.Stage, &o.Jira, &t.Jira, &t.JiraWebhook)
	s.slack = slack.New(&s.Stage, &o.Slack, &t.Slack, &t.SlackApp, &t.SlackSigning)
	s.Join(s.zendesk.Vendor(), s.jira.Vendor(), s.slack.Vendor())
	return s
}

// Manners are the names of a vendor's manners, in order.
func Manners(vendor string) []string { return New().Faults.Manners(vendor) }

// state is everything that a snapshot holds.
type state struct {
	Zendesk zendesk.State
	Jira    jira.State
	Slack   slack.State
	stage.Queue
}

// Snapshot is the whole state as JSON, webhook addresses and webhooks not yet
// posted included; tokens and options aren't part of it.
func (s *Sandbox) Snapshot() ([]byte, error) {
	s.Lock()
	defer s.Unlock()
	b, err := json.Marshal(state{*s.zendesk.State(), *s.jira.State(), *s.slack.State(), s.Queue()})
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
	s.Lock()
	defer s.Unlock()
	*s.zendesk.State(), *s.jira.State(), *s.slack.State() = st.Zendesk, st.Jira, st.Slack
	s.Requeue(st.Queue)
	return nil
}
