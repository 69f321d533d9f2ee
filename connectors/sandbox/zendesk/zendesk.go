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
	"encoding/json"
	"slices"
	"strings"
	"time"
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

// Ticket is a ticket as the API shows it, but for url. Instants are cut
// to the second.
type Ticket struct {
	URL                 string     `json:"url"`
	ID                  int64      `json:"id"`
	ExternalID          *string    `json:"external_id"`
	Via                 Via        `json:"via"`
	CreatedAt           time.Time  `json:"created_at"`
	UpdatedAt           time.Time  `json:"updated_at"`
	GeneratedTimestamp  int64      `json:"generated_timestamp,omitempty"` // exports only
	Type                *string    `json:"type"`
	Subject             string     `json:"subject"`
	RawSubject          string     `json:"raw_subject"`
	Description         string     `json:"description"`
	Priority            *string    `json:"priority"`
	Status              string     `json:"status"`
	CustomStatusID      int64      `json:"custom_status_id"`
	Recipient           *string    `json:"recipient"`
	RequesterID         int64      `json:"requester_id"`
	SubmitterID         int64      `json:"submitter_id"`
	AssigneeID          *int64     `json:"assignee_id"`
	OrganizationID      *int64     `json:"organization_id"`
	GroupID             *int64     `json:"group_id"`
	CollaboratorIDs     []int64    `json:"collaborator_ids"`
	FollowerIDs         []int64    `json:"follower_ids"`
	EmailCCIDs          []int64    `json:"email_cc_ids"`
	ForumTopicID        *int64     `json:"forum_topic_id"`
	ProblemID           *int64     `json:"problem_id"`
	HasIncidents        bool       `json:"has_incidents"`
	IsPublic            bool       `json:"is_public"`
	DueAt               *time.Time `json:"due_at"`
	Tags                []string   `json:"tags"`
	CustomFields        []Value    `json:"custom_fields"`
	SatisfactionRating  *string    `json:"satisfaction_rating"`
	SharingAgreementIDs []int64    `json:"sharing_agreement_ids"`
	Fields              []Value    `json:"fields"` // the same as custom_fields
	FollowupIDs         []int64    `json:"followup_ids"`
	TicketFormID        int64      `json:"ticket_form_id"`
	BrandID             int64      `json:"brand_id"`
	AllowChannelback    bool       `json:"allow_channelback"`
	AllowAttachments    bool       `json:"allow_attachments"`
}

// Value is what a ticket holds in one custom field: JSON of any kind.
type Value struct {
	ID    int64           `json:"id"`
	Value json.RawMessage `json:"value"`
}

// Via says on which way something came.
type Via struct {
	Channel string    `json:"channel"`
	Source  viaSource `json:"source"`
}

type viaSource struct {
	From map[string]any `json:"from"`
	To   map[string]any `json:"to"`
	Rel  *string        `json:"rel"`
}

// Field is the JSON value of a custom field, "null" when the ticket has none.
func (t Ticket) Field(id int64) string {
	for _, f := range t.CustomFields {
		if f.ID == id {
			return string(f.Value)
		}
	}
	return "null"
}

type audit struct {
	ID        int64     `json:"id"`
	TicketID  int64     `json:"ticket_id"`
	CreatedAt time.Time `json:"created_at"`
	AuthorID  int64     `json:"author_id"`
	Metadata  metadata  `json:"metadata"`
	Events    []event   `json:"events"`
	Via       Via       `json:"via"`
}

type metadata struct {
	System map[string]any `json:"system"`
	Custom map[string]any `json:"custom"`
}

// event is one event of an audit: a Create or Change of a field, a
// Comment, a Notification, or what was done to a comment later. A value may be null and is then still there.
type event struct {
	ID            int64           `json:"id"`
	Type          string          `json:"type"`
	FieldName     string          `json:"field_name,omitempty"`
	Value         json.RawMessage `json:"value,omitempty"`
	PreviousValue json.RawMessage `json:"previous_value,omitempty"`
	AuthorID      int64           `json:"author_id,omitempty"`
	Subject       string          `json:"subject,omitempty"`
	Body          string          `json:"body,omitempty"`
	HTMLBody      string          `json:"html_body,omitempty"`
	PlainBody     string          `json:"plain_body,omitempty"`
	Public        *bool           `json:"public,omitempty"`
	Attachments   *[]file         `json:"attachments,omitempty"`
	CommentID     int64           `json:"comment_id,omitempty"`
	AttachmentID  int64           `json:"attachment_id,omitempty"`
	AuditID       int64           `json:"audit_id,omitempty"`
	Recipients    []int64         `json:"recipients,omitempty"`
	Via           *Via            `json:"via,omitempty"`
}

type user struct {
	ID             int64     `json:"id"`
	URL            string    `json:"url"`
	Name           string    `json:"name"`
	Email          string    `json:"email"`
	Role           string    `json:"role"` // end-user, agent, admin
	Locale         string    `json:"locale"`
	TimeZone       string    `json:"time_zone"`
	IANATimeZone   string    `json:"iana_time_zone"`
	OrganizationID *int64    `json:"organization_id"`
	DefaultGroupID *int64    `json:"default_group_id"`
	Active         bool      `json:"active"`
	Verified       bool      `json:"verified"`
	Suspended      bool      `json:"suspended"`
	Tags           []string  `json:"tags"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
	Purged         bool      `json:"purged,omitempty"` // deleted for good: no answer shows the person
}

// staff says whether the user answers customers rather than being one.
func (u *user) staff() bool { return u.Role != "end-user" }

type group struct {
	ID        int64     `json:"id"`
	URL       string    `json:"url"`
	Name      string    `json:"name"`
	Deleted   bool      `json:"deleted"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

type organization struct {
	ID        int64          `json:"id"`
	URL       string         `json:"url"`
	Name      string         `json:"name"`
	Tags      []string       `json:"tags"`
	Fields    map[string]any `json:"organization_fields"`
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"`
}

type field struct {
	ID        int64     `json:"id"`
	URL       string    `json:"url"`
	Type      string    `json:"type"`
	Title     string    `json:"title"`
	RawTitle  string    `json:"raw_title"`
	Active    bool      `json:"active"`
	Removable bool      `json:"removable"`
	Tag       *string   `json:"tag"`
	Options   []option  `json:"custom_field_options,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

type form struct {
	ID             int64     `json:"id"`
	URL            string    `json:"url"`
	Name           string    `json:"name"`
	RawName        string    `json:"raw_name"`
	DisplayName    string    `json:"display_name"`
	RawDisplayName string    `json:"raw_display_name"`
	Active         bool      `json:"active"`
	Default        bool      `json:"default"`
	EndUserVisible bool      `json:"end_user_visible"`
	InAllBrands    bool      `json:"in_all_brands"`
	Position       int       `json:"position"`
	TicketFieldIDs []int64   `json:"ticket_field_ids"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
}

type option struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

type customStatus struct {
	ID             int64     `json:"id"`
	URL            string    `json:"url"`
	StatusCategory string    `json:"status_category"`
	AgentLabel     string    `json:"agent_label"`
	EndUserLabel   string    `json:"end_user_label"`
	Active         bool      `json:"active"`
	Default        bool      `json:"default"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
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
