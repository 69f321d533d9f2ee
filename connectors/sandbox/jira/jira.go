// Package jira is a small Jira site, on Cloud or on Data Center, with Service
// Management: as much of the REST API, versions 2 and 3, as the vendor's pages tell
// (developer.atlassian.com/cloud/jira/platform/rest), JQL, webhooks, and what people
// do in it.
//
// An issue is what its fields hold now and a changelog of how they came to, field by
// field; how it was is reckoned back from there, for a search index that is late.
// A field's value is a list of texts, and its kind says how that is read and shown;
// a view shows an issue to one caller, in his zone and version.
//
// The wire types are written from the vendor's pages and are this package's own.
package jira

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"cmp"

	"vigie/connectors/sandbox/stage"
)

// Options are behaviours of Jira that tests and demos choose. The zero
// value is a Cloud site whose search index is never late.
type Options struct {
	DataCenter    bool          // bearer tokens, version 2 only, /search with startAt, users by name
	URL           string        // in self links; https://acme.atlassian.net if empty
	IndexLag      time.Duration // ticket time until a search sees a change; reconcileIssues sees it at once
	BulkOf100     bool          // a bulk fetch of issues names 100 at most, as it once was, whatever is asked of them
	NotAdmin      bool          // no Administer projects or Jira: an edit with notifyUsers=false is answered 204 and silently ignored
	Lacks         []string      // further permissions that the callers don't have, by their keys
	PerIssueLimit bool          // 20 writes to one issue in 2 seconds of real time, 100 in 30, then 429
	HideEmails    bool          // users are shown without their e-mail addresses
	Hidden        []string      // keys of projects that the callers aren't shown, as if there were none
	Scopes        []string      // of the bot's token, which then is taken by Atlassian's gateway alone, Basic or as a bearer; none: a token without scopes
	Bucket        Bucket        // an account's on Data Center, an endpoint's on Cloud; no limit if zero
}

// A Bucket has a token for each request that may be made at once, and gets
// more after each interval of real time. Requests beyond are answered 429.
type Bucket struct {
	Size, Fill int
	Every      time.Duration // whole seconds
}

// State is the whole Jira site.
type State struct {
	Users    []User
	Projects []project
	Issues   []*issue            // in order of creation
	Choices  map[string][]string // field id -> the values it may have; the place in the list gives the id
	Category map[string]string   // status name -> new, indeterminate or done
	Fields   []field             // custom fields that were made over the API
	Webhooks []webhook           // registered over the API
	LastID   int                 // of issues, changes, comments, webhooks and made fields; all above 10000

	index  map[string]*issue      // by id and by key; made when first needed
	writes map[string][]time.Time // by issue key, for PerIssueLimit
	tokens map[string]*tokens     // by account or endpoint, for Bucket
}

// A file is an attachment.
type file struct {
	ID   int
	By   string // account id
	At   time.Time
	Name string
}

type project struct {
	ID      int
	Key     string
	OldKeys []string // that it had before; they still lead to it
	Name    string
	Count   int // of issues ever created
}

// called says that the project has that key, or had it.
func (p *project) called(key string) bool {
	return slices.ContainsFunc(append([]string{p.Key}, p.OldKeys...), func(k string) bool { return strings.EqualFold(k, key) })
}

// issue is one issue: what its fields hold now, and how they came to.
type issue struct {
	ID         int
	Key        string
	OldKeys    []string // of the projects that it was moved out of; they still lead to it
	Created    time.Time
	Updated    time.Time
	Values     map[string][]string // field id -> value, see field
	Properties map[string]json.RawMessage
	Changes    []change  // oldest first
	Comments   []comment // oldest first
	Files      []file    // attachments, oldest first
	Links      []link
	SLAs       []SLA
}

// change is one entry of the changelog: what one account changed at once.
type change struct {
	ID    int
	By    string // account id
	At    time.Time
	Items []item

	Metadata json.RawMessage `json:",omitempty"` // what the writer said about the entry; none if empty
}

type item struct {
	Field    string // id; "Key" when it was moved
	From, To []string
}

type comment struct {
	ID     int
	By     string // account id
	At     time.Time
	Body   string
	Public bool // shown to the customer
}

// vendor is Jira's name on the stage.
const vendor = "jira"

// Site is one Jira site, and where people act on its issues, at ticket time.
type Site struct {
	*stage.Stage
	options *Options
	bot     *stage.Account
	secret  *string // signs SetWebhook's calls

	state State
}

// New is an empty site. What it is given is looked at anew at each request.
func New(s *stage.Stage, o *Options, bot *stage.Account, secret *string) *Site {
	return &Site{Stage: s, options: o, bot: bot, secret: secret}
}

// State is everything that a snapshot holds. The lock is held.
func (s *Site) State() *State { return &s.state }

// AddProject adds a project; its issues will be KEY-1, KEY-2 and so on.
func (s *Site) AddProject(key, name string) {
	s.Do(func() {
		s.state.project(key, name)
		s.Changed()
	})
}

// AddStatus adds a status to every workflow; its category is new,
// indeterminate or done.
func (s *Site) AddStatus(name, category string) {
	s.Do(func() {
		st := &s.state
		st.setUp()
		st.choose("status", name)
		st.Category[name] = category
		s.Changed()
	})
}

// AddChoice adds a value that an option field, the organisations or the
// request types can have. Acts of people add theirs themselves.
func (s *Site) AddChoice(field, name string) {
	s.Do(func() {
		st := &s.state
		st.setUp()
		st.choose(field, name)
		s.Changed()
	})
}

// setUp gives a new site its priorities, statuses and resolutions.
func (st *State) setUp() {
	if st.Choices != nil {
		return
	}
	st.LastID = 10000
	st.Choices = map[string][]string{
		"priority":   {"Highest", "High", "Medium", "Low", "Lowest"},
		"resolution": {"Done"},
		"issuetype":  {"Task", "Bug", "Story", "Service Request", "Incident"},
	}
	st.Category = map[string]string{}
	for _, s := range []struct{ name, category string }{
		{"Open", "new"}, {"To Do", "new"},
		{"In Progress", "indeterminate"}, {"Waiting for support", "indeterminate"}, {"Waiting for customer", "indeterminate"},
		{"Waiting for third party", "indeterminate"}, {"Pending", "indeterminate"}, {"Escalated", "indeterminate"},
		{"Resolved", "done"}, {"Done", "done"}, {"Closed", "done"}, {"Canceled", "done"},
	} {
		st.choose("status", s.name)
		st.Category[s.name] = s.category
	}
}

func (st *State) nextID() int {
	st.LastID++
	return st.LastID
}

// choose adds a value to those that a field can have.
func (st *State) choose(field, name string) {
	if !slices.Contains(st.Choices[field], name) {
		st.Choices[field] = append(st.Choices[field], name)
	}
}

// choiceID is the id of one of a field's values. Priorities count from 1 as on
// every Jira site.
func (st *State) choiceID(field, name string) string {
	first := 10001
	if field == "priority" {
		first = 1
	}
	return strconv.Itoa(first + slices.Index(st.Choices[field], name))
}

// choice finds one of a field's values by id or by name.
func (st *State) choice(field, id, name string) (string, bool) {
	for _, c := range st.Choices[field] {
		if id != "" && st.choiceID(field, c) == id || id == "" && strings.EqualFold(c, name) {
			return c, true
		}
	}
	return "", false
}

// project finds a project, adding it if there is none.
func (st *State) project(key, name string) *project {
	st.setUp()
	if p := st.findProject(key); p != nil {
		p.Name = cmp.Or(name, p.Name)
		return p
	}
	st.Projects = append(st.Projects, project{ID: 10000 + len(st.Projects), Key: key, Name: cmp.Or(name, key)})
	return &st.Projects[len(st.Projects)-1]
}

// findProject finds a project by key or id; nil if there is none.
func (st *State) findProject(ref string) *project {
	for i := range st.Projects {
		if p := &st.Projects[i]; p.called(ref) || strconv.Itoa(p.ID) == ref {
			return p
		}
	}
	return nil
}

// issue finds an issue by id or key, in any case; nil if there is none.
func (st *State) issue(ref string) *issue {
	if st.index == nil {
		st.index = map[string]*issue{}
		for _, i := range st.Issues {
			st.enter(i)
		}
	}
	return st.index[strings.ToUpper(ref)]
}

func (st *State) enter(i *issue) {
	for _, key := range append(i.OldKeys, i.Key) {
		st.index[key] = i
	}
	st.index[strconv.Itoa(i.ID)] = i
}

// Vendor is Jira as its stage knows it.
func (s *Site) Vendor() stage.Vendor {
	return stage.Vendor{
		Name:    vendor,
		Routes:  map[string]func(*http.ServeMux){"/rest/": s.routes, "/ex/jira/": s.gateway, "/_edge/": s.edge},
		Writes:  writes,
		Manners: manners(),
		Hooks:   stage.Hooks{Target: s.target, Sign: sign, Repeats: repeats},
	}
}

// writes says whether a request asks for a change: Jira also reads with POST.
func writes(r *http.Request) bool {
	path := strings.TrimSuffix(r.URL.Path, "/")
	return r.Method != http.MethodGet && !strings.Contains(path, "/search") && !strings.HasSuffix(path, "/bulkfetch")
}
