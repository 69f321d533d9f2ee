package config

import (
	"cmp"
	"net/mail"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/policyfile"
	"vigie/rules/tomlfile"
)

var (
	accountForm = regexp.MustCompile(`^[A-Za-z0-9:._-]+$`)
	apiPath     = regexp.MustCompile(`(/api/v2|/rest/api(/(2|3|latest))?)(/.*)?$`)
)

// ownNames are what the engine calls its loops that are no source's.
var ownNames = []string{"chat", "deadlines"}

// sources reads the tables of all vendors, and what is to be said of several of them.
func (l *loader) sources(root *tomlfile.Table) (list []*desk.Source) {
	var all []*desk.SourceTable
	for _, v := range l.Vendors {
		for _, t := range root.Tables(v.Table) {
			all = append(all, l.source(t, v))
		}
	}
	escalateTo(all, l.Vendors)
	for _, v := range l.Vendors {
		if v.Compare != nil {
			v.Compare(slices.DeleteFunc(slices.Clone(all), func(k *desk.SourceTable) bool { return k.Vendor != v }))
		}
	}
	if !slices.ContainsFunc(l.Vendors, func(v *desk.Vendor) bool { return root.Has(v.Table) }) {
		root.Add("", "%s", noSource(l.Vendors))
	}
	for _, k := range all {
		list = append(list, k.Source)
	}
	return list
}

// escalateTo checks that each source that tickets are escalated to is one of the
// file's, and that something says which tickets those are.
func escalateTo(tables []*desk.SourceTable, vendors []*desk.Vendor) {
	var names []string
	for _, k := range tables {
		if k.Vendor.Tracks {
			names = append(names, k.Name)
		}
	}
	for _, k := range tables {
		to := k.EscalateTo
		says := slices.ContainsFunc(k.Policies, func(p *rules.Policy) bool { return len(p.Escalates) > 0 })
		switch {
		case to == "":
		case len(names) == 0:
			k.Add("escalate_to", "there is no %s that %q could name; add one", trackers(vendors), to)
		case !slices.Contains(names, to):
			k.Add("escalate_to", "no %s is named %q; %s", trackers(vendors), to, tomlfile.OneOf(names, to))
		case len(k.Policies) > 0 && !says:
			k.Warn("escalate_to", "no policy of this source has an [[escalate]] row: no issue is made")
		}
	}
}

// trackers are the tables that escalate_to can name, as the file writes them: "[[jira]]".
func trackers(vendors []*desk.Vendor) string {
	var names []string
	for _, v := range vendors {
		if v.Tracks {
			names = append(names, "[["+v.Table+"]]")
		}
	}
	return strings.Join(names, " or ")
}

// noSource says which tables could be added.
func noSource(vendors []*desk.Vendor) string {
	var names []string
	for _, v := range vendors {
		names = append(names, "a [["+v.Table+"]]")
	}
	return "there is no source of tickets; add " + strings.Join(names, " or ") + " table"
}

// source reads one table: the keys that all vendors have, then the vendor's own.
func (l *loader) source(t *tomlfile.Table, v *desk.Vendor) *desk.SourceTable {
	defer t.Close()
	k := &desk.SourceTable{Table: t, Source: l.common(t, v)}
	k.Secret = func(key string, required bool) desk.Secret {
		if required {
			return l.requireSecret(t, key, k.Variable(key))
		}
		return l.secret(t, key, k.Variable(key))
	}
	k.Settings = v.Decode(k)
	return k
}

// common reads the keys that all vendors have.
func (l *loader) common(t *tomlfile.Table, v *desk.Vendor) *desk.Source {
	s := &desk.Source{
		Vendor:        v,
		Token:         Secret{},
		Name:          cmp.Or(t.String("name"), v.Table),
		URL:           address(t, "url", v.Address),
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
	s.WebhookSecrets = l.rotating(t, "webhook_secret", s.Variable("webhook_secret"))
	if v.Escalates {
		s.EscalateTo = t.String("escalate_to")
	}

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
		t.Add("url", "is missing; write url = %q", v.Address)
	}
	switch {
	case !desk.NameForm.MatchString(s.Name):
		t.Add("name", "%q is no name; write small letters, digits, - and _, such as %q", s.Name, v.Table)
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
			t.Add(desk.Index("automations", i), `%q is neither an e-mail address nor an account's id; write "bot@acme.example"`, who)
		}
	}
	return s
}

// spoken is the language that the source's tickets are written in for the most part.
func spoken(t *tomlfile.Table) string {
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

func (l *loader) loadPolicies(t *tomlfile.Table) []*rules.Policy {
	var loaded []*rules.Policy
	for i, name := range desk.RequireStrings(t, "policies", `["moveon"]`) {
		if strings.ContainsAny(name, `/\`) || filepath.Ext(name) == ".toml" {
			name = l.path(name)
		}
		p, ok := l.policy(name)
		switch {
		case !ok:
			t.Add(desk.Index("policies", i), `there is no policy %q; write a built-in policy's name or a file, such as "moveon" or "policies/acme.toml"`, name)
		case p != nil:
			loaded = append(loaded, p)
		}
	}
	loaded, problems := policyfile.Versions(loaded)
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

func isEmail(text string) bool {
	a, err := mail.ParseAddress(text)
	return err == nil && a.Address == text
}
