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
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/connectors/sandbox/stage"
)

// JiraOptions are behaviours of Jira that tests and demos choose. The zero
// value is a Cloud site whose search index is never late.
type JiraOptions struct {
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
	Bucket        JiraBucket    // an account's on Data Center, an endpoint's on Cloud; no limit if zero
}

// A JiraBucket has a token for each request that may be made at once, and gets
// more after each interval of real time. Requests beyond are answered 429.
type JiraBucket struct {
	Size, Fill int
	Every      time.Duration // whole seconds
}

// JiraState is the whole Jira site.
type JiraState struct {
	Users    []JiraUser
	Projects []jiraProject
	Issues   []*jiraIssue        // in order of creation
	Choices  map[string][]string // field id -> the values it may have; the place in the list gives the id
	Category map[string]string   // status name -> new, indeterminate or done
	Fields   []jiraField         // custom fields that were made over the API
	Webhooks []jiraWebhook       // registered over the API
	LastID   int                 // of issues, changes, comments, webhooks and made fields; all above 10000

	index  map[string]*jiraIssue  // by id and by key; made when first needed
	writes map[string][]time.Time // by issue key, for PerIssueLimit
	tokens map[string]*jiraTokens // by account or endpoint, for Bucket
}

// A JiraUser is an account of the site. Customers of the service desk have
// accounts of their own kind.
type JiraUser struct {
	Email     string
	Name      string // display name; the e-mail address's local part if empty
	AccountID string // made up if empty
	Customer  bool
	Groups    []string // beside those of the site's licences
	NoLicence bool     // an Atlassian account like the agents', with no licence of this site: a customer's, often
	Inactive  bool     // has left: no licence any more, the groups stay
	Forgotten bool     // shown as accountId "unknown" from now on, as all deleted users that Cloud can't tell any more
	App       bool     // an app's or a rule's account
	TimeZone  string   // Europe/Paris if empty
	Locale    string   // en_US if empty
	Token     string   // lets this user call the API as well; the bot's is in Tokens
}

// A jiraFile is an attachment.
type jiraFile struct {
	ID   int
	By   string // account id
	At   time.Time
	Name string
}

type jiraProject struct {
	ID      int
	Key     string
	OldKeys []string // that it had before; they still lead to it
	Name    string
	Count   int // of issues ever created
}

// called says that the project has that key, or had it.
func (p *jiraProject) called(key string) bool {
	return slices.ContainsFunc(append([]string{p.Key}, p.OldKeys...), func(k string) bool { return strings.EqualFold(k, key) })
}

// jiraIssue is one issue: what its fields hold now, and how they came to.
type jiraIssue struct {
	ID         int
	Key        string
	OldKeys    []string // of the projects that it was moved out of; they still lead to it
	Created    time.Time
	Updated    time.Time
	Values     map[string][]string // field id -> value, see jiraField
	Properties map[string]json.RawMessage
	Changes    []jiraChange  // oldest first
	Comments   []jiraComment // oldest first
	Files      []jiraFile    // attachments, oldest first
	Links      []jiraLink
	SLAs       []JiraSLA
}

// jiraChange is one entry of the changelog: what one account changed at once.
type jiraChange struct {
	ID    int
	By    string // account id
	At    time.Time
	Items []jiraItem
}

type jiraItem struct {
	Field    string // id; "Key" when it was moved
	From, To []string
}

type jiraComment struct {
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
	options *JiraOptions
	bot     *stage.Account
	secret  *string // signs SetWebhook's calls

	state JiraState
}

// New is an empty site. What it is given is looked at anew at each request.
func New(s *stage.Stage, o *JiraOptions, bot *stage.Account, secret *string) *Site {
	return &Site{Stage: s, options: o, bot: bot, secret: secret}
}

// State is everything that a snapshot holds. The lock is held.
func (s *Site) State() *JiraState { return &s.state }

// AddUser adds an account, or replaces the one with that e-mail address, and
// returns its account id.
func (j *Site) AddUser(u JiraUser) (accountID string) {
	j.Do(func() {
		accountID = j.state.addUser(u).AccountID
		j.Changed()
	})
	return accountID
}

// EditUser changes an account, as an administrator does: groups, a licence taken away.
func (j *Site) EditUser(email string, change func(*JiraUser)) {
	j.Do(func() {
		st := &j.state
		u := st.person(email, false)
		change(&u)
		st.addUser(u)
		j.Changed()
	})
}

// AddProject adds a project; its issues will be KEY-1, KEY-2 and so on.
func (j *Site) AddProject(key, name string) {
	j.Do(func() {
		j.state.project(key, name)
		j.Changed()
	})
}

// AddStatus adds a status to every workflow; its category is new,
// indeterminate or done.
func (j *Site) AddStatus(name, category string) {
	j.Do(func() {
		st := &j.state
		st.setUp()
		st.choose("status", name)
		st.Category[name] = category
		j.Changed()
	})
}

// AddChoice adds a value that an option field, the organisations or the
// request types can have. Acts of people add theirs themselves.
func (j *Site) AddChoice(field, name string) {
	j.Do(func() {
		st := &j.state
		st.setUp()
		st.choose(field, name)
		j.Changed()
	})
}

// setUp gives a new site its priorities, statuses and resolutions.
func (st *JiraState) setUp() {
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

func (st *JiraState) nextID() int {
	st.LastID++
	return st.LastID
}

// choose adds a value to those that a field can have.
func (st *JiraState) choose(field, name string) {
	if !slices.Contains(st.Choices[field], name) {
		st.Choices[field] = append(st.Choices[field], name)
	}
}

// choiceID is the id of one of a field's values. Priorities count from 1 as on
// every Jira site.
func (st *JiraState) choiceID(field, name string) string {
	first := 10001
	if field == "priority" {
		first = 1
	}
	return strconv.Itoa(first + slices.Index(st.Choices[field], name))
}

// choice finds one of a field's values by id or by name.
func (st *JiraState) choice(field, id, name string) (string, bool) {
	for _, c := range st.Choices[field] {
		if id != "" && st.choiceID(field, c) == id || id == "" && strings.EqualFold(c, name) {
			return c, true
		}
	}
	return "", false
}

func (st *JiraState) addUser(u JiraUser) JiraUser {
	st.setUp()
	local, _, _ := strings.Cut(u.Email, "@")
	u.Name = cmp.Or(u.Name, local)
	u.TimeZone = cmp.Or(u.TimeZone, "Europe/Paris")
	u.Locale = cmp.Or(u.Locale, "en_US")
	i := slices.IndexFunc(st.Users, func(v JiraUser) bool { return strings.EqualFold(v.Email, u.Email) })
	if i >= 0 {
		u.AccountID = cmp.Or(u.AccountID, st.Users[i].AccountID)
		st.Users[i] = u
		return u
	}
	if u.AccountID == "" {
		form := "5c5f8806:%06d"
		if u.Customer {
			form = "qm:5c5f8806:%06d"
		}
		u.AccountID = fmt.Sprintf(form, len(st.Users)+1)
	}
	st.Users = append(st.Users, u)
	return u
}

// key is what Data Center calls the account in changelogs: not its name.
func (u JiraUser) key() string {
	return "JIRAUSER" + u.AccountID[strings.LastIndexByte(u.AccountID, ':')+1:]
}

// user finds an account by its account id; false if there is none.
func (st *JiraState) user(accountID string) (JiraUser, bool) {
	for _, u := range st.Users {
		if u.AccountID == accountID {
			return u, true
		}
	}
	return JiraUser{}, false
}

// person is the account of an e-mail address; a stranger gets one.
func (st *JiraState) person(email string, customer bool) JiraUser {
	for _, u := range st.Users {
		if strings.EqualFold(u.Email, email) {
			return u
		}
	}
	return st.addUser(JiraUser{Email: email, Customer: customer})
}

// project finds a project, adding it if there is none.
func (st *JiraState) project(key, name string) *jiraProject {
	st.setUp()
	if p := st.findProject(key); p != nil {
		p.Name = cmp.Or(name, p.Name)
		return p
	}
	st.Projects = append(st.Projects, jiraProject{ID: 10000 + len(st.Projects), Key: key, Name: cmp.Or(name, key)})
	return &st.Projects[len(st.Projects)-1]
}

// findProject finds a project by key or id; nil if there is none.
func (st *JiraState) findProject(ref string) *jiraProject {
	for i := range st.Projects {
		if p := &st.Projects[i]; p.called(ref) || strconv.Itoa(p.ID) == ref {
			return p
		}
	}
	return nil
}

// issue finds an issue by id or key, in any case; nil if there is none.
func (st *JiraState) issue(ref string) *jiraIssue {
	if st.index == nil {
		st.index = map[string]*jiraIssue{}
		for _, i := range st.Issues {
			st.enter(i)
		}
	}
	return st.index[strings.ToUpper(ref)]
}

func (st *JiraState) enter(i *jiraIssue) {
	for _, key := range append(i.OldKeys, i.Key) {
		st.index[key] = i
	}
	st.index[strconv.Itoa(i.ID)] = i
}
