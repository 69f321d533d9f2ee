// Package zendesk is a small Zendesk Support account: its REST API and OAuth tokens
// as the vendor documents them (developer.zendesk.com/api-reference), its triggers
// and webhooks, and what customers, agents and admins do in it.
//
// An update of a ticket goes one way, whoever asks for it, a person's act, the API, a
// bulk job or a trigger: an input is checked, applied to a copy of the ticket, and
// what differs becomes one audit. Audits are the history; comments, exports, events
// and webhooks are read off them.
//
// The wire types are written from the vendor's pages and are this package's own.
package zendesk

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"vigie/connectors/sandbox/stage"
)

// Options are behaviours of Zendesk that tests and demos choose.
type Options struct {
	Webhooks          WebhookModel  // event subscriptions if empty
	ExportLimit       int           // incremental exports a real minute (the vendor's: 10); 0 = no limit
	RequestsPerMinute int           // all requests a real minute; 0 = no limit
	TokenLife         time.Duration // no access token lives longer, whatever is asked; 0 = no limit
	ResendRows        int           // rows that an export page repeats from before its cursor

	JobLooks       int  // how often a bulk job is asked about until it is done; 2 if 0
	LateJobs       bool // bulk jobs do their work when they are done, not when they are accepted
	NoTicketEvents bool // the account has no ticket events for webhooks to subscribe to
	NoMessaging    bool // nor events of conversations
	NoTriggers     bool // our account may not make triggers, though an admin's

	RefuseRow func(id int64, rows int) bool // has update_many fail a ticket in a request of so many; nil: none
}

// A WebhookModel is one of the two exclusive kinds of Zendesk webhooks.
type WebhookModel string

const (
	EventWebhooks   WebhookModel = "events"  // a JSON envelope per ticket event
	TriggerWebhooks WebhookModel = "trigger" // one call per update, with a body that an admin wrote: all values are strings
)

// State is a whole account. Tickets and users are found by their id's
// place in the list.
type State struct {
	Tickets       []*record
	Users         []*user
	Groups        []*group
	Organizations []*organization
	Fields        []*field
	Statuses      []*customStatus
	Forms         []*form
	Jobs          []*job
	Webhooks      []*webhook
	Triggers      []*trigger
	Tokens        map[string]string // of further agents, by e-mail
	LastAudit     int64             // audits and events share their numbers
	LastJob       int64
	LastToken     int64           // of lists that never end
	Uploads       map[string]file // by token: files that no comment has yet
}

// Where each kind's ids begin, so that one kind's are not mistaken for another's.
const (
	firstUser         = 900001
	firstGroup        = 20001
	firstOrganization = 30001
	firstField        = 360001
	firstStatus       = 7001
	firstForm         = 5001
	firstAudit        = 5_000_001
	triggerID         = 35079792
	firstTrigger      = 25001
	nobody            = -1 // the author of what triggers and the system do
)

// record is a ticket with its history.
type record struct {
	Ticket    Ticket
	Audits    []audit
	Generated time.Time // what exports go by; never before Ticket.UpdatedAt
	SLA       []SLA
	Before    string // the status that it had when it was deleted
	Purged    bool   // deleted permanently
}

// record is the ticket with that id, deleted or not, or nil.
func (z *State) record(id int64) *record {
	if id < 1 || id > int64(len(z.Tickets)) {
		return nil
	}
	return z.Tickets[id-1]
}

// live is the ticket with that id unless it is deleted.
func (z *State) live(id int64) *record {
	if rec := z.record(id); rec != nil && rec.Ticket.Status != "deleted" {
		return rec
	}
	return nil
}

func (z *State) user(id int64) *user {
	if id < firstUser || id >= firstUser+int64(len(z.Users)) {
		return nil
	}
	if u := z.Users[id-firstUser]; !u.Purged {
		return u
	}
	return nil
}

func (z *State) userByEmail(email string) *user {
	i := slices.IndexFunc(z.Users, func(u *user) bool { return strings.EqualFold(u.Email, email) })
	if i < 0 {
		return nil
	}
	return z.Users[i]
}

func (z *State) group(id int64) *group {
	i := slices.IndexFunc(z.Groups, func(g *group) bool { return g.ID == id })
	if i < 0 {
		return nil
	}
	return z.Groups[i]
}

func (z *State) organization(id int64) *organization {
	i := slices.IndexFunc(z.Organizations, func(o *organization) bool { return o.ID == id })
	if i < 0 {
		return nil
	}
	return z.Organizations[i]
}

func (z *State) field(id int64) *field {
	i := slices.IndexFunc(z.Fields, func(f *field) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return z.Fields[i]
}

// status is the custom status that fits, or nil.
func (z *State) status(fits func(*customStatus) bool) *customStatus {
	i := slices.IndexFunc(z.Statuses, fits)
	if i < 0 {
		return nil
	}
	return z.Statuses[i]
}

// nextAudit numbers audits and events.
func (z *State) nextAudit() int64 {
	z.LastAudit++
	return firstAudit + z.LastAudit
}

// vendor is Zendesk's name on the stage.
const vendor = "zendesk"

// Desk is one Zendesk account, and what people do in it, at ticket time. People are
// named by their e-mail address; groups, organisations and custom statuses by name.
// What Zendesk would refuse is an error, and has changed nothing.
type Desk struct {
	*stage.Stage
	options *Options
	admin   *stage.Account
	client  *OAuthClient // the admin's
	secret  *string      // signs webhooks

	state   State
	windows map[string]*window      // requests of the last minute, by limit
	tokens  map[string]*accessToken // access tokens, by their text
	issued  int64                   // how many there have been
}

// New is an empty account. What it is given is looked at anew at each request.
func New(s *stage.Stage, o *Options, admin *stage.Account, client *OAuthClient, secret *string) *Desk {
	return &Desk{Stage: s, options: o, admin: admin, client: client, secret: secret, windows: map[string]*window{}}
}

// State is everything that a snapshot holds. The lock is held.
func (d *Desk) State() *State { return &d.state }

// Vendor is Zendesk as its stage knows it.
func (d *Desk) Vendor() stage.Vendor {
	all := manners()
	maps.Copy(all, oauthManners())
	maps.Copy(all, erasures())
	return stage.Vendor{
		Name: vendor,
		Routes: map[string]func(*http.ServeMux){"/api/v2/": d.routes, "/oauth/": func(mux *http.ServeMux) {
			mux.HandleFunc("POST /oauth/tokens", d.postToken)
		}},
		Writes:  writes,
		Manners: all,
		Hooks:   stage.Hooks{Target: d.target, Sign: d.sign, Repeats: repeats},
	}
}

// writes says whether a request asks for a change: a token is asked for with
// POST.
func writes(r *http.Request) bool {
	return r.Method != http.MethodGet && strings.TrimSuffix(r.URL.Path, "/") != "/oauth/tokens"
}
