package config

import (
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"regexp"
	"strings"
	"unicode"

	"vigie/rules"
)

// A Secret is a token, a signing secret or a URL with a password. Whoever
// prints, logs or encodes it gets "<secret>"; Reveal alone shows it.
type Secret struct {
	// A pointer, because fmt calls no methods on what it reaches through an
	// unexported field: it prints an address then.
	text *string
}

// NewSecret wraps a text that doesn't come from a file.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal is the secret itself, "" if there is none.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
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
func (l *loader) requireSecret(t *rules.Table, key, variable string) Secret {
	if t != nil && !t.Has(key) {
		t.Any(key)
		t.Add(key, "is missing; write %s = \"env:%s\" and put the secret into that environment variable", key, variable)
	}
	return l.secret(t, key, variable)
}

// secret is the secret that a key refers to, the zero Secret when absent. No
// message shows the key's value unless it is a reference: it may be the secret.
func (l *loader) secret(t *rules.Table, key, variable string) Secret {
	if !t.Has(key) {
		t.Any(key)
		return Secret{}
	}
	reference, _ := t.Any(key).(string)
	if !isReference(reference) {
		t.Add(key, "a secret is never written here; write %s = \"env:%s\" and put it into that environment variable, or \"file:PATH\"", key, variable)
		return Secret{}
	}
	return l.follow(t, key, reference)
}

// isReference says that a text is env:NAME or file:PATH.
func isReference(text string) bool {
	if name, ok := strings.CutPrefix(text, "env:"); ok {
		return variable.MatchString(name)
	}
	return strings.HasPrefix(text, "file:") && len(text) > len("file:")
}

// follow reads what a reference leads to.
func (l *loader) follow(t *rules.Table, key, reference string) Secret {
	name, isVariable := strings.CutPrefix(reference, "env:")
	text := ""
	if isVariable {
		if text = l.Env(name); text == "" {
			t.Add(key, "the environment variable %s is not set, or empty; put the secret into it", name)
			return Secret{}
		}
	} else {
		path := l.path(strings.TrimPrefix(reference, "file:"))
		content, mode, err := l.File(path)
		if err != nil {
			t.Add(key, "can't be read: %s; put the secret into that file", err)
			return Secret{}
		}
		if readableByAll(mode) {
			t.Warn(key, "everybody on this machine can read %s; chmod 600 it", path)
		}
		text = strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
		if text == "" {
			t.Add(key, "%s is empty; put the secret into that file", path)
			return Secret{}
		}
	}
	// A pasted blank or a second line makes a vendor answer 401, or breaks
	// the header it is sent in.
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		t.Add(key, "what %s holds has a blank or a line break in it; write the secret alone", reference)
		return Secret{}
	}
	return NewSecret(text)
}

// readableByAll is only a warning's ground: Docker and Kubernetes mount secrets
// as 0444 and 0644 unless told otherwise, in containers that have one user.
func readableByAll(mode fs.FileMode) bool { return mode.Perm()&0o004 != 0 }
