// Package jira keeps Vigie's view of a Jira (Cloud or Data Center, with or
// without Service Management) and writes labels, due dates and priorities into
// it.
//
// Changes and Unsolved say which issues to look at; ParseWebhook says the same
// of a webhook, which is only ever a hint. Read then fetches those issues with
// their whole changelog and comments, and tells each as a rules.Ticket: its
// attributes at creation, found by walking the changelog back from today's
// values, and one event for each change since. Write sends differences, never
// a whole list, and never in a way that mails watchers; where Jira's answer is
// lost, it looks whether the edit was made. SLA asks what Service Management's own SLA
// says of an issue, for a person who compares. Escalate gives a ticket an issue of
// its own with the technical team, once, and Link links the two.
//
// Searches only say which issues there are, since their index may be behind; what
// an issue holds is read by its key. Requests are few: on Cloud, a hundred issues
// with their changelogs and comments in one, and of a long list a thousand
// versions.
//
// What Jira's words mean is settled in one place, the vocabulary: the
// configuration together with what the site says of its fields, statuses and
// our own account, asked once and again when an unknown status turns up.
//
// One model of text serves Cloud and Data Center: version 2 of the REST API,
// where descriptions and comments are wiki text. Requests are built and sent by
// go-jira; where its types lose what is needed (search pages, changelogs, edits
// with verbs) the package decodes them itself, a field at a time, so that one
// odd field of one issue costs nothing but itself.
package jira

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	gojira "github.com/andygrunwald/go-jira"

	"vigie/connectors/desk"
	"vigie/connectors/rest"
	"vigie/rules"
)

// Config says which Jira to watch and what its words mean.
type Config struct {
	Name         string // the source's name in config.toml
	URL          string // the site, with the context path where there is one; or https://api.atlassian.com/ex/jira/<cloudId>, where tokens with scopes are taken
	Email, Token string // both: an API token of Cloud; Token alone: a personal access token of Data Center, or at api.atlassian.com a service account's bearer

	// WebhookSecrets are those that hold now: the present one, and while it is being
	// changed the one before. None, or nil, refuses every webhook.
	WebhookSecrets func() []string

	Projects []string // keys; none = every project the account sees

	Priorities        map[string]string // Jira's priority name in lower case -> the policy's
	VendorPriority    map[string]string // the policy's priority name -> Jira's, to write
	Language          string            // of a ticket of which neither the requester's locale nor the text tells one; may be empty
	UnsetPriorities   []string          // Jira's names that mean "none yet" on a new issue
	RequesterPriority bool              // the requester's own choice counts as a person's
	Automations       []string          // accounts whose acts are nobody's: e-mail, account id, user or display name
	StaffGroups       []string          // groups whose members answer for the desk; none = who has an agent's licence of Service Management
	Staff             desk.Staff        // who was once seen as staff; nil remembers nobody

	Status    map[string]rules.Status // Jira's status name -> ours, before the built-in mapping
	Kinds     []desk.Kind             // in order; the first that fits
	Group     string                  // what holds the team: a field's id, "component" or "project"; empty = nothing does
	Channels  map[string]string       // Service Management's channel -> ours, before the built-in mapping
	SLAs      map[string]rules.Metric // Service Management's own SLA by its name -> the metric that it answers to, before the names it sets up
	DueFields []rules.DueField        // ids; Form is learned from the site
	Lookback  time.Duration           // overlap of one poll with the last; 3 minutes by default, 2 at least
	Patience  time.Duration           // for one request of those that read many issues, which asks for fewer after it; by default three tenths of the time that the caller has, 25 s at most

	Now func() time.Time // the clock that the polls are bounded by; time.Now by default
	Log *slog.Logger     // nothing is logged by default
}

// Authorize sets the credentials on a request: for rest.Transport.
func (c Config) Authorize(r *http.Request) error {
	if c.Email != "" {
		r.SetBasicAuth(c.Email, c.Token)
	} else {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	return nil
}

// gateway says that the address is Atlassian's, at which tokens with scopes are taken.
func (c Config) gateway() bool { return strings.Contains(c.URL, "/ex/jira/") }

// Repeatable says that a request may be sent again after an ambiguous failure:
// for rest.Transport. Jira's searches and bulk reads are POSTs that change
// nothing, and a remote link replaces itself. An edit isn't repeated unseen: Write looks first whether it was made.
func Repeatable(r *http.Request) bool {
	switch path.Base(r.URL.Path) {
	case "jql", "search", "bulkfetch", "remotelink":
		return true
	}
	return rest.Idempotent(r) && r.Method != http.MethodPut
}

// Client is one Jira. Its methods may be called by several goroutines.
type Client struct {
	cfg  Config
	http *http.Client // what api sends through
	api  *gojira.Client
	bad  error // the URL can't be used; every call says so

	noLong atomic.Bool // the site has refused to tell a thousand versions at once

	mu       sync.Mutex
	vocab    *vocabulary     // nil until asked for
	unlisted map[word]bool   // ids of statuses that the site was asked again for
	quiet    map[string]bool // project key -> an edit without notifications has been seen to work

	standings map[string]standing   // by account: what the site said of it
	staff     map[string]bool       // accounts that are remembered as staff
	assignees map[string]assignable // by project and address

	projects projects     // what the site says of those that are configured
	reads    rest.Portion // issues that are read at once
	logs     rest.Portion // changelogs that are
}

// New returns a client that sends through hc, whose transport sets the
// credentials, waits for rate limits and turns answers of 400 and above into a
// *rest.StatusError.
func New(cfg Config, hc *http.Client) *Client {
	cfg.Lookback = max(cmp.Or(cfg.Lookback, 3*time.Minute), 2*time.Minute)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{cfg: cfg, http: hc, unlisted: map[word]bool{}, quiet: map[string]bool{}, standings: map[string]standing{}, staff: map[string]bool{}, assignees: map[string]assignable{}}
	c.projects.begin(cfg.Projects)
	u, err := url.Parse(cfg.URL)
	switch {
	case err != nil || u.Host == "":
		c.bad = errors.New("url: want the site's address, such as https://acme.atlassian.net")
	default:
		c.api, c.bad = gojira.NewClient(hc, cfg.URL)
	}
	c.reads.Most, c.logs.Most = bulk, bulkLogs
	c.reads.Steady, c.logs.Steady = answersBeforeGrowing, answersBeforeGrowing
	return c
}

// status is the HTTP status that err stands for, or 0.
func status(err error) int {
	var s *rest.StatusError
	if errors.As(err, &s) {
		return s.Status
	}
	return 0
}

func containsFold(list []string, s string) bool {
	for _, l := range list {
		if strings.EqualFold(l, s) {
			return true
		}
	}
	return false
}

// DueFields lists the configured due fields, each with the form that the site
// gives it; before the first answer of the site, as configured.
func (c *Client) DueFields() []rules.DueField {
	c.mu.Lock()
	defer c.mu.Unlock()
	due := make([]rules.DueField, len(c.cfg.DueFields))
	for i, d := range c.cfg.DueFields {
		if c.vocab != nil {
			d.Form = cmp.Or(c.vocab.form(d.ID), d.Form)
		}
		due[i] = d
	}
	return due
}
