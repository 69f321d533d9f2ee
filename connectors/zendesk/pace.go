package zendesk

import (
	"context"
	"errors"
	"sync"
	"time"

	"vigie/connectors/rest"
)

// A pace is how many rows of a kind are asked for at once. What Zendesk can't put
// together in time it answers with a 504 after a minute, or not at all, however
// often the same is asked (github.com/airbytehq/airbyte/issues/52059): so half is
// asked for then, down to one, and a little more again after each good answer.
type pace struct {
	most int

	mu  sync.Mutex
	now int // most, if 0
}

func (p *pace) size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now == 0 {
		return p.most
	}
	return p.now
}

// faster follows a good answer to so many rows. That to fewer than might have been
// asked for says nothing of more.
func (p *pace) faster(asked int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now > 0 && asked >= p.now {
		p.now = min(p.most, p.now+max(1, p.most/20))
	}
}

// slower follows a request for so many rows that Zendesk couldn't answer; false if
// there is nothing less to ask for.
func (p *pace) slower(asked int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = max(1, asked/2)
	return asked > 1
}

// attempts is how often in a call less and less is asked for. More would be a storm
// where Zendesk is away; what is left is for the next call, which begins there.
const attempts = 3

// paced asks for at most so many rows, and for half of that while Zendesk can't
// answer and there is time. Each attempt has half of what is left of the time.
func (c *Client) paced(ctx context.Context, p *pace, most int, ask func(ctx context.Context, rows int) error) error {
	for n := 1; ; n++ {
		rows := min(most, p.size())
		limited, cancel := within(rest.Once(ctx), 0.5)
		err := ask(limited, rows)
		cancel()
		switch {
		case err == nil:
			p.faster(rows)
			return nil
		case !tooMuch(err), !p.slower(rows), n == attempts, ctx.Err() != nil:
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
