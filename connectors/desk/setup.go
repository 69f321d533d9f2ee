package desk

import (
	"context"
	"errors"
	"vigie/connectors/findings"
	"vigie/rules"
)

// The values that pass between `setup` and the connectors: what a vendor lacks for a
// configuration.

// Needs is what a source needs at its vendor.
type Needs struct {
	Source    string           // its name in the configuration
	DueFields []rules.DueField // those to be there, found by Title; without ids
	Webhook   string           // the address that webhooks go to; empty = none wanted
	// Secret is what webhooks are signed with, where the vendor is told it: the same
	// at each call, and kept where the caller says. Nil: there is none to be had.
	Secret func() (string, error)
}

// A Step is one thing that a source needs at its vendor: there, to be made or
// mended, or for a person to make.
type Step struct {
	What    string       // such as `ticket field "SLA update due" (text)`
	Metric  rules.Metric // of a due field; empty = it is none
	Webhook bool         // it is the webhook, whose secret is to be kept
	There   string       // the vendor's id for it; empty = it isn't there
	Found   string       // what Make mends of what is there, such as "inactive"; empty = nothing
	// Make makes it, or mends what is there. Nil where there is nothing to do, or where
	// the vendor's API can't, or our account may not. An error that is ErrNotOffered
	// says that this account has no such thing, whoever asks; no id and no error, that it
	// isn't made, since what it belongs to isn't.
	Make func(context.Context) (id string, err error)
	Else []Step // made instead where the account has no such thing
	// Secret reads back what the webhook with that id is signed with; nil where the
	// vendor doesn't tell.
	Secret  func(ctx context.Context, id string) (string, error)
	Hand    []string           // what a person does: instead of Make, or after it
	Remarks []findings.Finding // what isn't as it should be with what is there, and isn't ours to change
}

// ErrNotOffered: an account doesn't have what was to be made in it.
var ErrNotOffered = errors.New("this account doesn't have that")
