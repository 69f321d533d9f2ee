package config

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"unicode"

	"vigie/connectors/desk"
	"vigie/rules/tomlfile"
)

// A Secret is a token, a signing secret or a URL with a password. Whoever
// prints, logs or encodes it gets "<secret>"; Reveal alone shows it, as it is at
// that instant: Config.Reload may change it, so nobody keeps what Reveal shows.
type Secret struct {
	// A pointer, because fmt calls no methods on what it reaches through an
	// unexported field: it prints an address then.
	kept *kept
}

// kept is a secret and where it comes from.
type kept struct {
	text  atomic.Pointer[string]
	from  string                                  // env:NAME or file:PATH
	fetch func(warn func(string)) (string, error) // asks there again; nil: it never changes
}

// NewSecret wraps a text that doesn't come from a file.
func NewSecret(text string) Secret {
	k := &kept{}
	k.text.Store(&text)
	return Secret{k}
}

// Reveal is the secret itself, "" if there is none.
func (s Secret) Reveal() string {
	if s.kept == nil {
		return ""
	}
	return *s.kept.text.Load()
}

// Reload asks for all secrets anew where they came from. Those that changed hold
// from now on, and are named by their references; one that can't be had keeps its
// old text, and is told why; warn is told what is unsafe about the others. The
// store's URL stays as it is: its connections are open. The environment doesn't
// change while a program runs, so a secret that is to be changed meanwhile is best
// in a file.
func (c *Config) Reload(warn func(string)) (changed []string, failed []error) {
	for _, k := range c.secrets {
		text, err := k.fetch(warn)
		switch {
		case err != nil:
			failed = append(failed, fmt.Errorf("%s: %w", k.from, err))
		case text != *k.text.Load():
			k.text.Store(&text)
			changed = append(changed, k.from)
		}
	}
	if problem := guessable(c.Web.Token.Reveal()); len(changed) > 0 && problem != "" {
		warn("web.token " + problem)
	}
	return changed, failed
}

// Secrets are all that the configuration refers to, as they are now, and the password
// in the state's URL.
func (c *Config) Secrets() []string {
	var texts []string
	for _, k := range c.secrets {
		texts = append(texts, *k.text.Load())
	}
	if u, err := url.Parse(c.Store.URL.Reveal()); err == nil {
		if password, set := u.User.Password(); set {
			texts = append(texts, password)
		}
	}
	return texts
}

const hidden = "<secret>"

func (Secret) String() string               { return hidden }
func (Secret) GoString() string             { return hidden }
func (Secret) Format(w fmt.State, _ rune)   { io.WriteString(w, hidden) }
func (Secret) LogValue() slog.Value         { return slog.StringValue(hidden) }
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// requireSecret is a secret that must be there; variable is the name proposed
// for its environment variable.
func (l *loader) requireSecret(t *tomlfile.Table, key, variable string) Secret {
	if t != nil && !t.Has(key) {
		t.Any(key)
		t.Add(key, "is missing; write %s = \"env:%s\" and put the secret into that environment variable", key, variable)
	}
	return l.secret(t, key, variable)
}

// secret is the secret that a key refers to, the zero Secret when absent.
func (l *loader) secret(t *tomlfile.Table, key, variable string) Secret {
	if !t.Has(key) {
		t.Any(key)
		return Secret{}
	}
	return l.refer(t, key, t.Any(key), key+` = "env:`+variable+`"`)
}

// rotating is one secret, or the present one and the one before, which both hold
// while the vendor is told of the new one. None when absent.
func (l *loader) rotating(t *tomlfile.Table, key, variable string) []desk.Secret {
	list, several := t.Any(key).([]any)
	if !several {
		if s := l.secret(t, key, variable); s.kept != nil {
			return []desk.Secret{s}
		}
		return nil
	}
	if len(list) != 2 {
		t.Add(key, `has %d secrets; write one, or the present one and the one before: ["file:secret", "file:secret.before"]`, len(list))
		return nil
	}
	var secrets []desk.Secret
	for i, reference := range list {
		secrets = append(secrets, l.refer(t, desk.Index(key, i), reference, `"env:`+variable+`"`))
	}
	return secrets
}

// refer is the secret that a value of a key refers to; remedy is what to write. No
// message shows the value unless it is a reference: it may be the secret.
func (l *loader) refer(t *tomlfile.Table, key string, value any, remedy string) Secret {
	reference, _ := value.(string)
	if !isReference(reference) {
		t.Add(key, "a secret is never written here; write %s and put it into that environment variable, or \"file:PATH\"", remedy)
		return Secret{}
	}
	s := l.follow(t, key, reference)
	if s.kept != nil {
		l.secrets = append(l.secrets, s.kept)
	}
	return s
}

// isReference says that a text is env:NAME or file:PATH.
func isReference(text string) bool {
	if name, ok := strings.CutPrefix(text, "env:"); ok {
		return variable.MatchString(name)
	}
	return strings.HasPrefix(text, "file:") && len(text) > len("file:")
}

// follow reads what a reference leads to.
func (l *loader) follow(t *tomlfile.Table, key, reference string) Secret {
	text, err := l.fetch(reference, func(warning string) { t.Warn(key, "%s", warning) })
	if err != nil {
		t.Add(key, "%s", err)
		return Secret{}
	}
	s := NewSecret(text)
	s.kept.from = reference
	s.kept.fetch = func(warn func(string)) (string, error) { return l.fetch(reference, warn) }
	return s
}

// fetch asks for a secret where it is. The error never shows it.
func (l *loader) fetch(reference string, warn func(string)) (string, error) {
	text := ""
	if name, ok := strings.CutPrefix(reference, "env:"); ok {
		if text = l.Env(name); text == "" {
			return "", fmt.Errorf("the environment variable %s is not set, or empty; put the secret into it", name)
		}
	} else {
		path := l.path(strings.TrimPrefix(reference, "file:"))
		content, mode, err := l.File(path)
		switch {
		case err != nil:
			return "", fmt.Errorf("can't be read: %w; put the secret into that file", err)
		case mode.Perm()&0o002 != 0:
			return "", fmt.Errorf("everybody on this machine can change %s; chmod 600 it, and renew the secret", path)
		case mode.Perm()&0o004 != 0:
			// Not refused: Docker and Kubernetes mount secrets as 0444 and 0644
			// unless told otherwise, in containers that have one user.
			warn("everybody on this machine can read " + path + "; chmod 600 it")
		}
		text = strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
		if text == "" {
			return "", fmt.Errorf("%s is empty; put the secret into that file", path)
		}
	}
	// A pasted blank or a second line makes a vendor answer 401, or breaks
	// the header it is sent in.
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "", fmt.Errorf("what %s holds has a blank or a line break in it; write the secret alone", reference)
	}
	return text, nil
}
