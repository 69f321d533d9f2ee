package jira

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/tomlfile"
)

// Vendor is Jira among the ticketing tools: a [[jira]] of config.toml, and the desk
// that it leads to.
var Vendor = &desk.Vendor{
	Table: "jira", Title: "Jira", Address: "https://acme.atlassian.net",
	Tracks: true, DueForm: rules.DateTimeForm, LongestWebhook: LongestWebhook,
	Quota: Quota, Calls: Calls, Keys: keys, Decode: decodeKeys,
}

// Settings are the keys of a [[jira]] that no other vendor has.
type Settings struct {
	Projects    []string                // keys
	StaffGroups []string                // Jira's groups whose members answer for the desk; none = the agents by licence
	Group       string                  // what holds the team: a field's id, "component" or "project"; "" = no team
	Channels    map[string]string       // Jira's channel or a label -> ours
	SLAs        map[string]rules.Metric // the name of an SLA of Service Management's own -> the metric that it answers to
}

var (
	// Where Atlassian takes tokens with scopes for a site.
	siteOfGateway = regexp.MustCompile(`^/ex/jira/[A-Za-z0-9-]+/?$`)
	groupForm     = regexp.MustCompile(`^(customfield_[0-9]+|component|project)$`)
)

func decodeKeys(k *desk.SourceTable) desk.Settings {
	s := &Settings{
		Projects:    desk.RequireStrings(k.Table, "projects", `["SUP"]`),
		StaffGroups: k.Strings("staff_groups"),
		Group:       k.String("group"),
		Channels:    desk.Words(k.Table.Table("channels"), "channel", "web"),
		SLAs:        metrics(k.Table.Table("slas")),
	}
	k.Token = k.Secret("token", true)
	for i, group := range s.StaffGroups {
		if strings.TrimSpace(group) == "" || strings.Contains(group, "@") {
			k.Add(desk.Index("staff_groups", i), `%q is no group; write the name that Jira shows under Groups, such as "jira-servicemanagement-users-acme"`, group)
		}
	}
	if u, _ := url.Parse(k.URL); u != nil && strings.HasSuffix(u.Hostname(), ".atlassian.net") && !k.Has("email") {
		k.Add("email", `is missing; Jira Cloud wants the account that the token belongs to, such as email = "bot@acme.example"`)
	}
	if u, _ := url.Parse(k.URL); u != nil && u.Hostname() == "api.atlassian.com" && !siteOfGateway.MatchString(u.Path) {
		k.Add("url", `doesn't say which site; write "https://api.atlassian.com/ex/jira/<cloudId>", with the cloudId that https://acme.atlassian.net/_edge/tenant_info shows of yours`)
	}
	for i, key := range s.Projects {
		if !projectForm.MatchString(key) {
			k.Add(desk.Index("projects", i), `%q is no project key; write the letters before an issue's number, such as "SUP"`, key)
		}
	}
	if s.Group != "" && !groupForm.MatchString(s.Group) {
		k.Add("group", `%q can't hold the team; write "customfield_10060", "component" or "project"`, s.Group)
	}
	return s
}

func metrics(t *tomlfile.Table) map[string]rules.Metric {
	m := map[string]rules.Metric{}
	for _, from := range t.Keys() {
		to := t.String(from)
		_, ok := t.Any(from).(string)
		if m[from] = rules.Metric(to); ok && !slices.Contains(rules.Metrics, m[from]) {
			t.Add(from, "%q is no metric; write one of first_reply, next_reply, update, resolution", to)
		}
	}
	return m
}

// Connect returns the source's client.
func (s *Settings) Connect(c desk.Connection) desk.Desk {
	read, write := Vendor.PriorityNames(c.Policies)
	c.Transport.Retry = Repeatable
	c.Transport.Authorize = func(r *http.Request) error { return Config{Email: c.Email, Token: c.Token.Reveal()}.Authorize(r) }
	return New(Config{
		Name: c.Name, URL: c.URL, Email: c.Email, WebhookSecrets: func() []string { return desk.Reveal(c.WebhookSecrets) },
		Projects: s.Projects, Priorities: read, VendorPriority: write, UnsetPriorities: c.UnsetPriorities,
		RequesterPriority: c.RequesterPriority, Automations: c.Automations, StaffGroups: s.StaffGroups, Staff: c.Staff,
		Status: c.Status, Kinds: c.Kinds, Group: s.Group, Channels: s.Channels, SLAs: s.SLAs, DueFields: c.DueFields,
		Language: c.Language, Now: c.Now, Log: c.Log,
	}, c.Transport.Client())
}

// Tracker is a client of its own, since its priorities are those of another source's
// policies, and its due fields and projects those that these name.
func (c *Client) Tracker(policies []*rules.Policy) desk.Tracker {
	cfg := c.cfg
	cfg.Priorities, cfg.VendorPriority = Vendor.PriorityNames(policies)
	cfg.Staff, cfg.WebhookSecrets, cfg.DueFields, cfg.Projects = nil, nil, nil, nil
	for _, p := range policies {
		for _, row := range p.Escalates {
			for _, f := range row.DueFields {
				if !slices.Contains(cfg.DueFields, f) {
					cfg.DueFields = append(cfg.DueFields, f)
				}
			}
			if !slices.Contains(cfg.Projects, row.Project) {
				cfg.Projects = append(cfg.Projects, row.Project)
			}
		}
	}
	return New(cfg, c.http)
}

// About says as whom Vigie signs in, and what the words of the site mean.
func (s *Settings) About(c *desk.Source) desk.About {
	a := desk.About{
		Account: rules.Words{FR: "celui du jeton d'accès personnel", EN: "the one of the personal access token"},
		Scope:   []desk.Line{desk.Listed("projets", "projects", s.Projects)},
		Words: []desk.Line{
			{Label: rules.Words{FR: "équipe", EN: "team"}, Text: rules.Words{FR: s.Group, EN: s.Group}},
			desk.Listed("canaux", "channels", desk.Pairs(s.Channels)),
			desk.Listed("SLA", "SLA", desk.Pairs(s.SLAs)),
		},
	}
	if c.Email != "" {
		a.Account = rules.Words{FR: c.Email, EN: c.Email}
	}
	if s.Group == "" {
		a.Words[0].Text = rules.Words{FR: "inconnue, le calendrier de la politique compte", EN: "unknown, the policy's calendar counts"}
	}
	return a
}
