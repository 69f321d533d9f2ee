package desk

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"vigie/rules"
	"vigie/rules/tomlfile"
)

// A Source is one table of config.toml that names a ticketing tool, checked: what all
// tools have of it, and its vendor's own Settings.
type Source struct {
	Vendor   *Vendor  `json:"-"`
	Settings Settings // the vendor's own keys

	Name  string // unique; names tickets ("zendesk:42") and the webhook's path
	URL   string // without a slash at its end
	Email string // the bot's own account, with an API token; "" = one that names the account by itself
	Token Secret // an API token, an OAuth access token, a personal access token; reveals "" where there is none, as with an OAuth client
	// The present one and perhaps the one before. None: webhooks are refused, and
	// polls alone find changes.
	WebhookSecrets []Secret
	Poll           Schedule
	SilentAfter    time.Duration // without news for so long people are told; 0 = three polls, and ten minutes at least
	QuotaShare     float64       // of the vendor's rate limit, above 0 to 1
	Policies       []*rules.Policy
	DueFields      []rules.DueField // without their Form, which the vendor tells
	WritePriority  bool
	Language       string // of tickets of which neither the requester's locale nor the text tells one, as "fr"; "" = none
	EscalateTo     string // the source in which its tickets' issues are made; "" = no issue is

	UnsetPriorities   []string // the vendor's names
	RequesterPriority bool
	Automations       []string                // e-mail addresses or account ids
	Status            map[string]rules.Status // the vendor's name -> ours
	Kinds             []Kind
}

// A Kind maps what a vendor says of a ticket (a tag or label, a form or request
// type, a type) to a ticket's kind. Kinds are looked for in the order of the
// file: a ticket with two of them has the first.
type Kind struct{ From, To string }

// A Secret is asked for each time that it is needed: it may have been renewed
// meanwhile. It is "" where there is none.
type Secret interface{ Reveal() string }

// Reveal are the secrets that hold now.
func Reveal(secrets []Secret) []string {
	texts := make([]string, len(secrets))
	for i, s := range secrets {
		texts[i] = s.Reveal()
	}
	return texts
}

// A Schedule says when something is done again; String is how the file writes it.
type Schedule interface {
	// Next is the first time after an instant, in the instant's zone; the zero Time for never.
	Next(after time.Time) time.Time
	String() string
}

// A SourceTable is a source's table in config.toml, for its vendor to read its own keys of.
// What isn't right is noted at its key (Add, Warn), and reading goes on with what
// stands there.
type SourceTable struct {
	*tomlfile.Table
	*Source // what all tools have, read before
	// Secret is the secret that a key refers to. One that is required and isn't there is
	// noted as missing.
	Secret func(key string, required bool) Secret
}

// Variable is the name of the environment variable that is proposed for a secret.
func (s *Source) Variable(key string) string {
	name := s.Vendor.Table
	if NameForm.MatchString(s.Name) {
		name = s.Name
	}
	return strings.ToUpper(strings.ReplaceAll(name, "-", "_") + "_" + key)
}

// NameForm is what a source can be called.
var NameForm = regexp.MustCompile(`^[a-z0-9_-]+$`)

var wordForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Words reads a table of the vendor's words to ours; what is what ours are.
func Words(t *tomlfile.Table, what, example string) map[string]string {
	m := map[string]string{}
	for _, from := range t.Keys() {
		to := t.String(from)
		_, ok := t.Any(from).(string)
		if m[from] = to; ok && !wordForm.MatchString(to) {
			t.Add(from, "%q is no %s; write small letters, digits and _, such as %q", to, what, example)
		}
	}
	return m
}

// RequireStrings is a list that must have something in it.
func RequireStrings(t *tomlfile.Table, key, example string) []string {
	texts := t.Strings(key)
	if raw, isList := t.Any(key).([]any); !t.Has(key) || isList && len(raw) == 0 {
		t.Add(key, "is missing; write %s = %s", key, example)
	}
	return texts
}

// Index names a value of a list, for what is noted at it.
func Index(key string, i int) string { return fmt.Sprintf("%s[%d]", key, i) }
