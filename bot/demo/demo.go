// Package demo is a story of two invented companies' tickets, from a Friday before a
// weekend to the Wednesday after, told to the program in a simulated Zendesk, Jira and
// Slack behind real HTTP.
//
// Everything but the vendors and the clock is the program that serves a real
// configuration. The clock goes from one instant at which something happens to the
// next. What the vendors hold and how far the story is told are kept together after
// each change, so that a demo that was killed goes on where it was.
package demo

import (
	"context"
	"fmt"
	"io"
	"time"

	"vigie/bot/print"
	"vigie/bot/store"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// A Demo is a story being told: the vendors, how far it is told, and the
// program that watches over it.
type Demo struct {
	Sandbox *sandbox.Sandbox
	Clock   Clock
	Story   []Act
	told    int    // how many acts are played
	Address string // where the vendors listen, host:port; the same after a restart, if it is still free
	file    string // where vendors and progress are kept
	saving  saver
	stirred chan struct{} // a vendor's state has changed since the program last looked
	Speed   float64
	Once    bool

	watch watch
	store *store.Store
	Print *print.Teller
}

// A watch is the program as the story needs it.
type watch interface {
	// RunUntilIdle has it do all there is to do now, and says when there is more.
	RunUntilIdle(context.Context) (next time.Time, err error)
	Judge(*store.Row) (rules.Verdict, error)
}

// New takes up the story that was begun beside a file, or begins it.
func New(st *store.Store, file string, out io.Writer) (*Demo, error) {
	d := &Demo{Sandbox: sandbox.New(), store: st, file: file + ".sandbox", stirred: make(chan struct{}, 1)}
	d.Print = print.NewTeller(out, d.now)
	story, err := tell()
	if err != nil {
		return nil, err
	}
	d.Story = story
	if err := d.restore(); err != nil {
		return nil, err
	}
	d.Sandbox.Options.Zendesk.RequestsPerMinute = 900_000 // the story is told faster than life
	d.Sandbox.OnChange = func() {
		d.save()
		d.stir()
	}
	return d, nil
}

// Play tells the story to its end: the clock goes from one instant at which
// something happens to the next. Then it goes on, slower, for whoever plays with it.
//
// watch is the program that watches over it, and address where its board is.
func (d *Demo) Play(ctx context.Context, watch watch, address string) error {
	d.watch = watch
	for ctx.Err() == nil {
		for d.told < len(d.Story) && !d.Story[d.told].At.After(d.Clock.Now()) {
			if err := d.act(d.Story[d.told]); err != nil {
				return fmt.Errorf("the story at %s: %w", d.Story[d.told].At, err)
			}
		}
		next, err := d.settle(ctx, untidy)
		if err != nil {
			return err
		}
		if d.told < len(d.Story) && (next.IsZero() || d.Story[d.told].At.Before(next)) {
			next = d.Story[d.told].At
		}
		if d.told == len(d.Story) && next.After(d.End()) {
			break
		}
		d.pass(ctx, next, d.Speed)
	}
	if ctx.Err() != nil {
		return nil
	}
	end, err := d.ending(ctx)
	if err != nil {
		return err
	}
	d.Print.End(end)
	if d.Once {
		return d.saving.err
	}
	d.Print.Line("The story is told. The clock goes on, a minute a second; the board stays at %s/ until Ctrl-C.", address)
	return d.goOn(ctx)
}

// goOn lets people play: the clock goes on, and what they do on the vendors' pages
// arrives as it should.
func (d *Demo) goOn(ctx context.Context) error {
	for ctx.Err() == nil {
		next, err := d.settle(ctx, sandbox.WebhookPlan{})
		if err != nil {
			return err
		}
		if next.IsZero() {
			next = d.Clock.Now().Add(time.Hour)
		}
		d.pass(ctx, next, afterwards)
	}
	return nil
}

// afterwards is how many times faster than life the clock goes when the story is told.
const afterwards = 60

// End is when the story has run out.
func (d *Demo) End() time.Time { return d.Story[len(d.Story)-1].At }

// untidy is how webhooks arrive: some twice, some never, the last first.
var untidy = sandbox.WebhookPlan{Duplicate: 3, Drop: 5, Reverse: true}

// settle lets the program do all there is to do at this instant, its own
// writes' webhooks included, and what Slack tells it.
func (d *Demo) settle(ctx context.Context, plan sandbox.WebhookPlan) (next time.Time, err error) {
	for range 10 {
		select { // whatever changes from here on is looked at again
		case <-d.stirred:
		default:
		}
		delivered, err := d.Sandbox.FlushWebhooks(ctx, plan)
		if err != nil {
			return next, err
		}
		heard, _ := d.Sandbox.Slack().Deliver(ctx) // what wasn't acknowledged is told again, or lost
		if next, err = d.watch.RunUntilIdle(ctx); err != nil {
			return next, err
		}
		if delivered+heard == 0 {
			break
		}
	}
	return next, ctx.Err()
}

// stir has the program look before the clock has gone to where it was to.
func (d *Demo) stir() {
	select {
	case d.stirred <- struct{}{}:
	default:
	}
}

// pass lets the time until an instant pass, so many times faster than life; only until
// somebody does something, if that comes before.
func (d *Demo) pass(ctx context.Context, until time.Time, speed float64) {
	now := until
	if !d.Once {
		now = d.wait(ctx, until, speed)
	}
	d.Clock.Set(now)
	d.save()
}

// wait says to which instant it has waited.
func (d *Demo) wait(ctx context.Context, until time.Time, speed float64) time.Time {
	from, began := d.Clock.Now(), time.Now()
	for tick := time.Second; ; {
		left := until.Sub(d.Clock.Now())
		timer := time.NewTimer(min(tick, time.Duration(float64(left)/speed)))
		stirred := false
		select {
		case <-ctx.Done():
		case <-d.stirred:
			stirred = true
		case <-timer.C:
		}
		timer.Stop()
		at := from.Add(time.Duration(float64(time.Since(began)) * speed))
		if !at.Before(until) {
			return until
		}
		if stirred || ctx.Err() != nil {
			return at
		}
		d.Clock.Set(at) // pages tell it
	}
}

// act plays one act. That it is played is kept with what it changed, so that a
// demo that was killed plays each act once.
func (d *Demo) act(a Act) error {
	d.saving.mu.Lock()
	d.told++
	d.saving.mu.Unlock()
	d.Print.Scene(a.At, a.what)
	err := a.do(d)
	d.save()
	return err
}
