package zendesk

import (
	"context"
	"errors"
	"time"

	"vigie/connectors/rest"
)

// attempts is how often in a call less and less is asked for. More would be a storm
// where Zendesk is away; what is left is for the next call, which begins there.
const attempts = 3

// paced asks for at most so many rows, and for half of that while Zendesk can't
// answer and there is time. Each attempt has half of what is left of the time.
func (c *Client) paced(ctx context.Context, p *rest.Portion, most int, ask func(ctx context.Context, rows int) error) error {
	for n := 1; ; n++ {
		rows := min(most, p.Size())
		limited, cancel := within(rest.Once(ctx), 0.5)
		err := ask(limited, rows)
		cancel()
		switch {
		case err == nil:
			p.Answered(rows)
			return nil
		case !tooMuch(err):
			return err
		}
		if p.TooMany(rows); rows == 1 || n == attempts || ctx.Err() != nil {
			return err
		}
	}
}

// tooMuch says that an error is what Zendesk has for too large a question: no answer
// in time, or that of the gateway before it.
func tooMuch(err error) bool {
	var foreign *rest.NotTheAPI
	return rest.Ambiguous(err) && !errors.As(err, &foreign)
}

// within is a context for a share, from 0 to 1, of what is left of the time, if that
// is limited.
func within(ctx context.Context, share float64) (context.Context, context.CancelFunc) {
	if deadline, limited := ctx.Deadline(); limited {
		return context.WithTimeout(ctx, time.Duration(float64(time.Until(deadline))*share))
	}
	return context.WithCancel(ctx)
}

// before is a context that ends so long before another does.
func before(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if deadline, limited := ctx.Deadline(); limited {
		return context.WithDeadline(ctx, deadline.Add(-d))
	}
	return context.WithCancel(ctx)
}
