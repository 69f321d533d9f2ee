package config

import (
	"cmp"
	"net"
	"slices"
	"strconv"

	"vigie/connectors/desk"
	"vigie/connectors/hook"
	"vigie/rules"
	"vigie/rules/oncall"
	"vigie/rules/tomlfile"
)

// A Hook is another program that is told of promises in danger.
type Hook struct {
	Name   string
	Kind   hook.Kind
	URL    Secret           // many are a secret by themselves
	Secret Secret           // signs what is sent; of PagerDuty the integration's key
	When   *rules.Condition // of which alarms it is told besides being called; nil = of none
}

// Mail is the server that mails go by.
type Mail struct {
	SMTP     string // host:port
	User     string // "" = the server asks nobody who he is
	Password Secret
	From     string // an address
}

func (l *loader) hooks(root *tomlfile.Table) []Hook {
	var list []Hook
	names := map[string]bool{}
	for _, t := range root.Tables("hooks") {
		name := t.Require("name", `"pager"`)
		switch {
		case name == "":
		case !desk.NameForm.MatchString(name):
			t.Add("name", `%q is no name; write small letters, digits, - and _, such as "pager"`, name)
		case names[name]:
			t.Add("name", "another hook is named %q; write a different name here", name)
		}
		names[name] = true
		list = append(list, l.hook(t, name))
	}
	return list
}

func (l *loader) hook(t *tomlfile.Table, name string) Hook {
	defer t.Close()
	h := Hook{Name: name, Kind: hook.Standard}
	if kind, ok := text(t, "kind"); ok {
		if h.Kind = hook.Kind(kind); !slices.Contains(hook.Kinds, h.Kind) {
			t.Add("kind", `%q is no kind of hook; write "standard" (Standard Webhooks) or "pagerduty"`, kind)
		}
	}
	h.URL = l.hookURL(t, h.Kind)
	h.Secret = l.requireSecret(t, "secret", "PAGER_SECRET")
	if h.Secret.kept != nil {
		if err := hook.ValidSecret(h.Kind, h.Secret.Reveal()); err != nil {
			t.Add("secret", "%s", err)
		}
	}
	if condition := t.String("when"); condition != "" {
		var err error
		if h.When, err = l.Condition(condition); err != nil {
			t.Add("when", "%s", err)
		}
	}
	return h
}

// hookURL is a hook's address, or where to find it: no message shows it.
func (l *loader) hookURL(t *tomlfile.Table, kind hook.Kind) Secret {
	written, ok := text(t, "url")
	var s Secret
	switch {
	case !ok && t.Has("url"): // noted as what it is
		return s
	case !ok && kind != hook.Standard:
		return NewSecret(hook.PagerDutyURL)
	case !ok:
		t.Add("url", `is missing; write url = "env:PAGER_URL" and put the address into that environment variable, or write the address itself if nobody can misuse it`)
		return s
	case isReference(written):
		s = l.refer(t, "url", written, `url = "env:PAGER_URL"`)
	default:
		s = NewSecret(written)
	}
	if s.kept == nil {
		return s
	}
	if err := hook.Safe(s.Reveal()); err != nil {
		t.Add("url", "%s", err)
	}
	return s
}

func (l *loader) mail(t *tomlfile.Table) *Mail {
	if t == nil {
		return nil
	}
	defer t.Close()
	m := &Mail{SMTP: t.Require("smtp", `"smtp.acme.example:587"`), User: t.String("user"), From: t.Require("from", `"vigie@acme.example"`)}
	m.Password = l.secret(t, "password", "SMTP_PASSWORD")
	if m.From != "" {
		mailed(t, "from", m.From)
	}
	host, port, err := net.SplitHostPort(m.SMTP)
	if _, bad := strconv.ParseUint(port, 10, 16); m.SMTP != "" && (err != nil || bad != nil || host == "") {
		t.Add("smtp", `%q is no mail server; write host:port, such as "smtp.acme.example:587"`, m.SMTP)
	}
	switch {
	case m.User != "" && !t.Has("password"):
		t.Add("user", `has no password beside it; write password = "env:SMTP_PASSWORD" and put it into that environment variable, or take user out`)
	case t.Has("password") && !t.Has("user"):
		t.Add("password", `stands without a user; write user = "vigie@acme.example", or take it out`)
	}
	return m
}

// fallback is who is told that Slack is away: nobody whom Slack would have to tell.
func fallback(t *tomlfile.Table, whom callable) (list []oncall.Callee) {
	named := map[string]bool{}
	for i, text := range t.Strings("fallback") {
		key := desk.Index("fallback", i)
		c, err := oncall.ParseCallee(text)
		switch {
		case err != nil || c.Kind != oncall.Hook && c.Kind != oncall.Mail:
			t.Add(key, `%q can't be told while Slack is away; write "mail:lead@acme.example" or "hook:pager"`, text)
		case named[text]:
			t.Add(key, "%q is told already; name everybody once", text)
		default:
			whom.check(t, key, c)
			list = append(list, c)
		}
		named[text] = true
	}
	return list
}

// reachable adds to whom steps can name the hooks, and mail if there is a server.
func (c *Config) reachable(names map[oncall.CalleeKind][]string) {
	for _, h := range c.Hooks {
		if h.Name != "" && !slices.Contains(names[oncall.Hook], h.Name) {
			names[oncall.Hook] = append(names[oncall.Hook], h.Name)
		}
	}
	if c.Mail != nil {
		names[oncall.Mail] = []string{cmp.Or(c.Mail.From, "mail")}
	}
}

var hookKeys = tomlfile.Keys{
	{Name: "hooks", Type: "rows [[hooks]]", Meaning: "Other programs that are told of promises in danger, such as a pager."},
	{Table: "hooks", Name: "name", Type: "text", Required: true, Example: `"pager"`,
		Meaning: "Names it in a step (\"hook:pager\") and in fallback: small letters, digits, - and _."},
	{Table: "hooks", Name: "kind", Type: `"standard" or "pagerduty"`, Default: `"standard"`, Example: `"pagerduty"`,
		Meaning: "Signed JSON by Standard Webhooks, or PagerDuty's Events API v2."},
	{Table: "hooks", Name: "url", Type: "web address, or " + secretType, Example: `"env:PAGER_URL"`,
		Meaning: "Where it is told; https alone, but on this machine. Required, but with PagerDuty, which has one address outside the EU."},
	{Table: "hooks", Name: "secret", Type: secretType, Required: true, Example: `"env:PAGER_SECRET"`,
		Meaning: "What signs the JSON, whsec_ and base64; for PagerDuty the integration key."},
	{Table: "hooks", Name: "when", Type: "condition", Example: `'alert in ["breached"]'`,
		Meaning: "Of which alarms it is told besides being called, by the nouns of routes; of none without it."},
}

var mailKeys = tomlfile.Keys{
	{Name: "mail", Type: "table [mail]", Meaning: "By which server mails go; none are sent without it."},
	{Table: "mail", Name: "smtp", Type: "host:port", Required: true, Example: `"smtp.acme.example:587"`,
		Meaning: "The mail server. TLS begins at once on port 465, elsewhere by STARTTLS; it is only left out on this machine."},
	{Table: "mail", Name: "user", Type: "text", Example: `"vigie@acme.example"`,
		Meaning: "As whom to sign in there; without it nobody does."},
	{Table: "mail", Name: "password", Type: secretType, Example: `"env:SMTP_PASSWORD"`,
		Meaning: "The user's. Required beside user."},
	{Table: "mail", Name: "from", Type: "e-mail address", Required: true, Example: `"vigie@acme.example"`,
		Meaning: "Who the mails come from."},
}
