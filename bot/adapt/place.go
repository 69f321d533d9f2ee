package adapt

import (
	"context"
	"errors"

	"vigie/bot/engine"
	"vigie/connectors/hook"
	"vigie/connectors/mail"
	"vigie/rules"
)

// A Hook is a hook as the engine sees it.
type Hook struct{ Client *hook.Client }

func (h Hook) Tell(ctx context.Context, n rules.News) error {
	err := h.Client.Tell(ctx, n)
	var known *hook.Error
	if errors.As(err, &known) {
		return placeFailure(known, known.Final, known.Unknown, engine.Failure{After: known.After})
	}
	return err
}

// A Mail is the mail server as the engine sees it.
type Mail struct{ Client *mail.Client }

func (m Mail) Tell(ctx context.Context, n rules.News) error {
	err := m.Client.Tell(ctx, n)
	var known *mail.Error
	if errors.As(err, &known) {
		return placeFailure(known, known.Final, known.Unknown, engine.Failure{})
	}
	return err
}

// placeFailure is an error of a hook or a mail as the engine acts on it.
func placeFailure(err error, final, unknown bool, f engine.Failure) error {
	f.Err, f.Outcome = err, engine.Wait
	switch {
	case final:
		f.Outcome = engine.Refused
	case unknown:
		f.Outcome = engine.Unknown
	}
	return &f
}
