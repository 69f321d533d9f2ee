package setup

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vigie/connectors/desk"
)

// secret is what we sign a source's webhook with, where the vendor has to be told:
// the configured one, else one on the shelf.
func (s *Run) secret(at Vendor) func() (string, error) {
	switch {
	case len(at.Source.WebhookSecrets) > 0:
		return func() (string, error) { return at.Source.WebhookSecrets[0].Reveal(), nil }
	case s.shelf != nil:
		return func() (string, error) { return s.shelf.invent(at.Name) }
	}
	return nil
}

// hookSecret has the secret of a source's webhook on the shelf, and the line that
// names it in what is to be pasted, unless it is configured already. A webhook that
// is new at Zendesk has a secret of its own, whatever was configured before.
func (s *Run) hookSecret(ctx context.Context, at Vendor, step desk.Step, id string) {
	if id == "" && !(s.dryRun && step.Make != nil) {
		return // there is no webhook, nor will there be one
	}
	configured, secret := desk.Reveal(at.Source.WebhookSecrets), ""
	if step.Secret != nil && id != "" {
		var err error
		if secret, err = step.Secret(ctx, id); err != nil {
			s.fail(at.Name, err)
			return
		}
	}
	switch {
	case len(configured) > 0 && (step.Secret == nil || slices.Contains(configured, secret)):
	case s.shelf == nil && step.Secret != nil:
		s.hand = append(s.hand, at.Name+": run setup with --secrets DIR, which reads the webhook's signing secret into a file; or reveal it on the webhook's page")
	case s.shelf == nil || id != "" && step.Secret == nil && !s.shelf.has(at.Name):
		s.hand = append(s.hand, at.Name+": the webhook's secret can't be read back: put it, or a new one that you give the webhook, into a file, and name that under webhook_secret")
	case s.dryRun && !s.shelf.has(at.Name):
		s.sheet.Item("would write", "its secret into %s", s.shelf.shown(at.Name))
	case s.dryRun:
	default:
		made := step.There == ""
		if step.Secret != nil {
			var err error
			if made, err = s.shelf.keep(at.Name, secret); err != nil {
				s.fail(at.Name, err)
				return
			}
		}
		if made {
			s.sheet.Item("secret", "is in %s", s.shelf.shown(at.Name))
		}
		s.paste = append(s.paste, setLine{at.Name, "webhook_secret = " + strconv.Quote("file:"+s.shelf.shown(at.Name))})
	}
}

// A shelf is a folder of secrets, each in a file that only its owner can read. What
// is there is never overwritten.
type shelf struct {
	dir string
	by  string // the configuration's folder, from which it names files
}

// newShelf is the folder that --secrets names; nil where it names none.
func newShelf(dir, config string) *shelf {
	if dir == "" {
		return nil
	}
	return &shelf{dir, filepath.Dir(config)}
}

func (s *shelf) path(source string) string { return filepath.Join(s.dir, source+"-webhook-secret") }

// shown is the file's path as the configuration would name it.
func (s *shelf) shown(source string) string {
	path := s.path(source)
	if rel, err := filepath.Rel(s.by, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return path
}

func (s *shelf) has(source string) bool {
	_, err := os.Stat(s.path(source))
	return err == nil
}

// keep writes a secret into its file. It is false where the file holds it already,
// and an error where the file holds another one.
func (s *shelf) keep(source, secret string) (made bool, err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return false, err
	}
	path := s.path(source)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		have, err := os.ReadFile(path)
		if err == nil && strings.TrimSpace(string(have)) != secret {
			err = fmt.Errorf("%s holds another secret than the vendor's; move it away and run setup again", path)
		}
		return false, err
	}
	if err != nil {
		return false, err
	}
	_, err = f.WriteString(secret + "\n")
	return true, errors.Join(err, f.Sync(), f.Close())
}

// invent is the secret in the source's file, made up if there is no such file: 32
// random bytes. It is on the disk before anybody is told it.
func (s *shelf) invent(source string) (string, error) {
	have, err := os.ReadFile(s.path(source))
	if err == nil {
		if secret := strings.TrimSpace(string(have)); secret != "" {
			return secret, nil
		}
		return "", fmt.Errorf("%s is empty; remove it and run setup again", s.path(source))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	var b [32]byte
	rand.Read(b[:]) // never fails
	secret := hex.EncodeToString(b[:])
	_, err = s.keep(source, secret)
	return secret, err
}
