package rules

import (
	"cmp"
	"context"
	"errors"
)

// The values that pass between `check --online` and `setup` and the connectors:
// what a vendor shows of a configuration, and what it lacks for it.

// A Weight says what a Finding means for the configuration.
type Weight int

const (
	Fact  Weight = iota // as it should be, or just so
	Doubt               // works, but perhaps not as meant
	Wrong               // something won't work until a person acts
)

// A Finding is one thing that a vendor has shown of the configuration. It is an
// error too, so that what is wrong can go where only errors go.
type Finding struct {
	Weight Weight
	Text   string // what is so
	Remedy string // what to do about it; empty for facts
	FR     Advice // the same in French, where that isn't a vendor's own words
}

// Advice is what a Finding says in one language.
type Advice struct{ Text, Remedy string }

// In is what the finding says in a language ("fr", "en"): in English what isn't
// there in French.
func (f Finding) In(language string) Advice {
	if language == "fr" {
		return Advice{cmp.Or(f.FR.Text, f.Text), cmp.Or(f.FR.Remedy, f.Remedy)}
	}
	return Advice{f.Text, f.Remedy}
}

func (f Finding) Error() string {
	if f.Remedy == "" {
		return f.Text
	}
	return f.Text + ": " + f.Remedy
}

// Findings takes joined errors apart. What is no Finding is one that is Wrong,
// without a remedy of its own.
func Findings(err error) []Finding {
	if err == nil {
		return nil
	}
	var f Finding
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var all []Finding
		for _, one := range several.Unwrap() {
			all = append(all, Findings(one)...)
		}
		return all
	}
	if errors.As(err, &f) {
		return []Finding{f}
	}
	return []Finding{{Weight: Wrong, Text: err.Error()}}
}

// Joined is the findings as one error, which Findings takes apart again; nil for none.
func Joined(list []Finding) error {
	errs := make([]error, len(list))
	for i, f := range list {
		errs[i] = f
	}
	return errors.Join(errs...)
}

// Needs is what a source needs at its vendor.
type Needs struct {
	Source    string     // its name in the configuration
	DueFields []DueField // those to be there, found by Title; without ids
	Webhook   string     // the address that webhooks go to; empty = none wanted
	// Secret is what webhooks are signed with, where the vendor is told it: the same
	// at each call, and kept where the caller says. Nil: there is none to be had.
	Secret func() (string, error)
}

// Title is the name of a due field that we make, by which it is found again.
func (f DueField) Title() string {
	title := map[Metric]string{FirstReply: "SLA first reply due", NextReply: "SLA next reply due", Update: "SLA update due", Resolution: "SLA resolution due"}[f.Metric]
	if f.Form == DateForm {
		title += " date"
	}
	return title
}

// A Step is one thing that a source needs at its vendor: there, to be made or
// mended, or for a person to make.
type Step struct {
	What    string // such as `ticket field "SLA update due" (text)`
	Metric  Metric // of a due field; empty = it is none
	Webhook bool   // it is the webhook, whose secret is to be kept
	There   string // the vendor's id for it; empty = it isn't there
	Found   string // what Make mends of what is there, such as "inactive"; empty = nothing
	// Make makes it, or mends what is there. Nil where there is nothing to do, or where
	// the vendor's API can't, or our account may not. An error that is ErrNotOffered
	// says that this account has no such thing, whoever asks; no id and no error, that it
	// isn't made, since what it belongs to isn't.
	Make func(context.Context) (id string, err error)
	Else []Step // made instead where the account has no such thing
	// Secret reads back what the webhook with that id is signed with; nil where the
	// vendor doesn't tell.
	Secret  func(ctx context.Context, id string) (string, error)
	Hand    []string  // what a person does: instead of Make, or after it
	Remarks []Finding // what isn't as it should be with what is there, and isn't ours to change
}

// ErrNotOffered: an account doesn't have what was to be made in it.
var ErrNotOffered = errors.New("this account doesn't have that")
