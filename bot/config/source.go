package config

import (
	"cmp"
	"fmt"
	"net/mail"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"vigie/connectors/desk"
	"vigie/rules"
)

// A Source is one ticketing system, as far as all of them are alike.
type Source struct {
	Name  string // unique; names tickets ("zendesk:42") and the webhook's path
	URL   string // without a slash at its end
	Email string // the bot's own account, with an API token; "" = one that names the account by itself
	Token Secret // an API token, an OAuth access token, a personal access token; none with an OAuth client
	// The present one and perhaps the one before. None: webhooks are refused, and
	// polls alone find changes.
	WebhookSecrets []Secret
	Poll           Cron
	SilentAfter    time.Duration // without news for so long people are told; 0 = three polls, and ten minutes at least
	QuotaShare     float64       // of the vendor's rate limit, above 0 to 1
	Policies       []*rules.Policy
	DueFields      []rules.DueField // without their Form, which the vendor tells
	WritePriority  bool
	Language       string // of tickets of which neither the requester's locale nor the text tells one, as "fr"; "" = none

	UnsetPriorities   []string // the vendor's names
	RequesterPriority bool
	Automations       []string                // e-mail addresses or account ids
	Status            map[string]rules.Status // the vendor's name -> ours
	Kinds             []Kind
}

// Zendesk is one [[zendesk]].
type Zendesk struct {
	Source
	ClientID     string // of an OAuth client, by which tokens are fetched; "" = Token
	ClientSecret Secret
	EscalateTo   string // the [[jira]] in which its tickets' issues are made; "" = no issue is
}

// Jira is one [[jira]].
type Jira struct {
	Source
	Projects    []string                // keys
	StaffGroups []string                // Jira's groups whose members answer for the desk; none = the agents by licence
	Group       string                  // what holds the team: a field's id, "component" or "project"; "" = no team
	Channels    map[string]string       // Jira's channel or a label -> ours
	SLAs        map[string]rules.Metric // the name of an SLA of Service Management's own -> the metric that it answers to
}

var (
	nameForm    = regexp.MustCompile(`^[a-z0-9_-]+$`)
	accountForm = regexp.MustCompile(`^[A-Za-z0-9:._-]+$`)
	projectForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`) // also keeps JQL out of it
	apiPath     = regexp.MustCompile(`(/api/v2|/rest/api(/(2|3|latest))?)(/.*)?$`)
	// Where Atlassian takes tokens with scopes for a site.
	siteOfGateway = regexp.MustCompile(`^/ex/jira/[A-Za-z0-9-]+/?$`)
	groupForm     = regexp.MustCompile(`^(customfield_[0-9]+|component|project)$`)
)

// ownNames are what the engine calls its loops that are no source's, and what it
// keeps beside the sources' cursors.
var ownNames = []string{"chat", "compact", "deadlines", "digest"}

func (l *loader) zendesk(t *rules.Table) Zendesk {
	defer t.Close()
	z := Zendesk{Source: l.source(t, "zendesk", "https://acme.zendesk.com"), EscalateTo: t.String("escalate_to"), ClientID: t.String("client_id")}
	secret := t.Has("client_secret")
	z.ClientSecret = l.secret(t, "client_secret", z.variable("zendesk")+"_CLIENT_SECRET")
	z.Token = l.secret(t, "token", z.variable("zendesk")+"_TOKEN")
	client := fmt.Sprintf("client_id = \"vigie\" and client_secret = \"env:%s_CLIENT_SECRET\", of an OAuth client of the kind confidential (%s)", z.variable("zendesk"), OAuthClients)
	switch id := t.Has("client_id"); {
	case id && t.Has("token"):
		t.Add("token", "is one way to sign in, client_id and client_secret are another; keep those, and take token out")
	case (id || secret) && t.Has("email"):
		t.Add("email", "belongs to an API token, and client_id and client_secret sign in without it; take email out")
	case id && !secret:
		t.Add("client_secret", "is missing; write client_secret = \"env:%s_CLIENT_SECRET\" and put the OAuth client's secret into that environment variable", z.variable("zendesk"))
	case secret && !id:
		t.Add("client_id", `is missing; write the OAuth client's identifier, such as client_id = "vigie"`)
	case id && (z.ClientID == "" || strings.ContainsFunc(z.ClientID, unicode.IsSpace)):
		t.Add("client_id", `%q is no OAuth client's identifier; write it as it stands on the client's page, such as "vigie"`, z.ClientID)
	case id && !strings.ContainsFunc(z.ClientID, func(r rune) bool { return r < '0' || r > '9' }):
		t.Warn("client_id", `%q is a number, and Zendesk goes by the client's identifier; see whether that is what stands on the client's page`, z.ClientID)
	case id:
	case t.Has("email") && !t.Has("token"):
		t.Add("token", "is missing, and email is nothing without it; take email out and write %s", client)
	case !t.Has("token"):
		t.Add("client_id", "is missing; write %s", client)
	case t.Has("email") && z.Token.kept != nil:
		t.Warn("token", "is an API token: nobody can make a new one since %s, and all stop on %s; take email and token out and write %s", tokensMadeUntil, tokensEnd, client)
	}
	return z
}

// OAuthClients is where an admin makes one.
const OAuthClients = "Admin Center > Apps and integrations > APIs > OAuth clients"

// The days on which Zendesk ends its API tokens
// (https://developer.zendesk.com/documentation/authentication/oauth-migration).
const (
	tokensMadeUntil = "2026-10-27"
	tokensEnd       = "2027-04-30"
)

// escalateTo checks that each Jira that tickets are escalated to is one of the
// file's, and that something says which tickets those are.
func escalateTo(root *rules.Table, c *Config) {
	var names []string
	for i := range c.Jira {
		names = append(names, c.Jira[i].Name)
	}
	for i, t := range root.Tables("zendesk") {
		to := c.Zendesk[i].EscalateTo
		says := slices.ContainsFunc(c.Zendesk[i].Policies, func(p *rules.Policy) bool { return len(p.Escalates) > 0 })
		switch {
		case to == "":
		case len(names) == 0:
			t.Add("escalate_to", "there is no [[jira]] that %q could name; add one", to)
		case !slices.Contains(names, to):
			t.Add("escalate_to", "no [[jira]] is named %q; %s", to, rules.OneOf(names, to))
		case len(c.Zendesk[i].Policies) > 0 && !says:
			t.Warn("escalate_to", "no policy of this source has an [[escalate]] row: no issue is made")
		}
	}
}

func (l *loader) jira(t *rules.Table) Jira {
	defer t.Close()
	j := Jira{
		Source:      l.source(t, "jira", "https://acme.atlassian.net"),
		Projects:    requireStrings(t, "projects", `["SUP"]`),
		StaffGroups: t.Strings("staff_groups"),
		Group:       t.String("group"),
		Channels:    words(t.Table("channels"), "channel", "web"),
		SLAs:        metrics(t.Table("slas")),
	}
	j.Token = l.requireSecret(t, "token", j.variable("jira")+"_TOKEN")
	for i, group := range j.StaffGroups {
		if strings.TrimSpace(group) == "" || strings.Contains(group, "@") {
			t.Add(index("staff_groups", i), `%q is no group; write the name that Jira shows under Groups, such as "jira-servicemanagement-users-acme"`, group)
		}
	}
	if u, _ := url.Parse(j.URL); u != nil && strings.HasSuffix(u.Hostname(), ".atlassian.net") && !t.Has("email") {
		t.Add("email", `is missing; Jira Cloud wants the account that the token belongs to, such as email = "bot@acme.example"`)
	}
	if u, _ := url.Parse(j.URL); u != nil && u.Hostname() == "api.atlassian.com" && !siteOfGateway.MatchString(u.Path) {
		t.Add("url", `doesn't say which site; write "https://api.atlassian.com/ex/jira/<cloudId>", with the cloudId that https://acme.atlassian.net/_edge/tenant_info shows of yours`)
	}
	for i, key := range j.Projects {
		if !projectForm.MatchString(key) {
			t.Add(index("projects", i), `%q is no project key; write the letters before an issue's number, such as "SUP"`, key)
		}
	}
	if j.Group != "" && !groupForm.MatchString(j.Group) {
		t.Add("group", `%q can't hold the team; write "customfield_10060", "component" or "project"`, j.Group)
	}
	return j
}

// source reads the keys that both vendors have.
func (l *loader) source(t *rules.Table, vendor, example string) Source {
	s := Source{
		Name:          cmp.Or(t.String("name"), vendor),
		URL:           address(t, "url", example),
		Poll:          cronKey(t, "poll", "@every 1m"),
		SilentAfter:   plainTime(t, "silent_after", 0),
		QuotaShare:    0.5,
		Policies:      l.loadPolicies(t),
		DueFields:     dueFields(t.Table("due_fields")),
		WritePriority: t.Bool("write_priority"),
		Language:      spoken(t),

		UnsetPriorities:   t.Strings("unset_priorities"),
		RequesterPriority: t.Bool("requester_priority"),
		Automations:       t.Strings("automations"),
		Status:            statuses(t.Table("status")),
		Kinds:             kinds(t.Table("kinds")),
	}
	s.WebhookSecrets = l.rotating(t, "webhook_secret", s.variable(vendor)+"_WEBHOOK_SECRET")

	if u, err := url.Parse(s.URL); len(s.WebhookSecrets) > 0 && l.open && err == nil && !loopback(u.Hostname()) {
		// nginx since 1.29.7 passes requests on like that, unless told otherwise.
		t.Warn("webhook_secret", `lets %s in through a proxy, and one that says nothing of itself would show the pages to everybody; write token = "env:VIGIE_TOKEN" under [web]`, u.Hostname())
	}

	if api := apiPath.FindString(s.URL); api != "" {
		t.Add("url", "has %q at its end, which Vigie adds by itself; write what stands before it", api)
	}
	for _, f := range s.DueFields {
		promises := func(p *rules.Policy) bool {
			return slices.ContainsFunc(p.Targets, func(row rules.Target) bool { return row.Metric == f.Metric })
		}
		if len(s.Policies) > 0 && !slices.ContainsFunc(s.Policies, promises) {
			t.Warn("due_fields."+string(f.Metric), "no policy of this source has a target for it: field %s stays empty", f.ID)
		}
	}
	if !t.Has("url") {
		t.Add("url", "is missing; write url = %q", example)
	}
	switch {
	case !nameForm.MatchString(s.Name):
		t.Add("name", "%q is no name; write small letters, digits, - and _, such as %q", s.Name, vendor)
	case slices.Contains(ownNames, s.Name):
		t.Add("name", "%q is what Vigie calls a part of itself; write a different name here", s.Name)
	case l.names[s.Name]:
		t.Add("name", "another source is named %q; write a different name here", s.Name)
	}
	l.names[s.Name] = true
	if email, ok := text(t, "email"); ok {
		if s.Email = email; !isEmail(email) {
			t.Add("email", `%q is no e-mail address; write one such as "bot@acme.example"`, email)
		}
	}
	if share, ok := t.Number("quota_share"); ok {
		if s.QuotaShare = share; !(share > 0 && share <= 1) {
			t.Add("quota_share", "%v is no share; write a number above 0 and up to 1, such as 0.5", share)
		}
	}
	for i, who := range s.Automations {
		if !isEmail(who) && !accountForm.MatchString(who) {
			t.Add(index("automations", i), `%q is neither an e-mail address nor an account's id; write "bot@acme.example"`, who)
		}
	}
	return s
}

// variable begins the names that are proposed for a source's environment variables.
func (s *Source) variable(vendor string) string {
	name := vendor
	if nameForm.MatchString(s.Name) {
		name = s.Name
	}
	return strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// spoken is the language that the source's tickets are written in for the most part.
func spoken(t *rules.Table) string {
	name, ok := text(t, "language")
	if !ok {
		return ""
	}
	language := desk.LocaleLanguage(name)
	if language == "" {
		t.Add("language", `%q is no language; write its code, such as "fr"`, name)
	}
	return language
}

func (l *loader) loadPolicies(t *rules.Table) []*rules.Policy {
	var loaded []*rules.Policy
	for i, name := range requireStrings(t, "policies", `["moveon"]`) {
		if strings.ContainsAny(name, `/\`) || filepath.Ext(name) == ".toml" {
			name = l.path(name)
		}
		p, ok := l.policy(name)
		switch {
		case !ok:
			t.Add(index("policies", i), `there is no policy %q; write a built-in policy's name or a file, such as "moveon" or "policies/acme.toml"`, name)
		case p != nil:
			loaded = append(loaded, p)
		}
	}
	loaded, problems := rules.Versions(loaded)
	for _, p := range problems {
		if !slices.Contains(l.problems, p) { // another source that names the same files has told it
			l.problems = append(l.problems, p)
		}
	}
	return loaded
}

// policy loads a policy once, however many sources name it: nil if it has
// mistakes, false if there is none.
func (l *loader) policy(name string) (*rules.Policy, bool) {
	if p, ok := l.policies[name]; ok {
		return p, true
	}
	p, problems := l.Policy(name)
	if p == nil && len(problems) == 0 {
		return nil, false
	}
	l.policies[name] = p
	l.problems = append(l.problems, problems...)
	return p, true
}

// requireStrings is a list that must have something in it.
func requireStrings(t *rules.Table, key, example string) []string {
	texts := t.Strings(key)
	if raw, isList := t.Any(key).([]any); !t.Has(key) || isList && len(raw) == 0 {
		t.Add(key, "is missing; write %s = %s", key, example)
	}
	return texts
}

func isEmail(text string) bool {
	a, err := mail.ParseAddress(text)
	return err == nil && a.Address == text
}
