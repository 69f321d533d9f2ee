package zendesk

import (
	"encoding/json"
	"time"
)

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
	Purged         bool      `json:"purged,omitempty"`    // deleted for good: no answer shows the person
	Groups         []int64   `json:"member_of,omitempty"` // whose member an agent is, the default one first; none = all there are
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
