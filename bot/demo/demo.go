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
	d := &Demo{Sandbox: sandbox.New(), store: st, file: file + ".sandbox"}
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
	d.Sandbox.OnChange = d.save
	return d, nil
}

// Play tells the story to its end: the clock goes from one instant at which
// something happens to the next.
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
		next, err := d.settle(ctx)
		if err != nil {
			return err
		}
		if d.told < len(d.Story) && (next.IsZero() || d.Story[d.told].At.Before(next)) {
			next = d.Story[d.told].At
		}
		if d.told == len(d.Story) && next.After(d.End()) {
			break
		}
		if !d.Once {
			d.wait(ctx, next)
		}
		d.Clock.Set(next)
		d.save()
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
	d.Print.Line("The story is told; the board stays at %s/ until Ctrl-C.", address)
	<-ctx.Done()
	return nil
}

// End is when the story has run out.
func (d *Demo) End() time.Time { return d.Story[len(d.Story)-1].At }

// untidy is how webhooks arrive: some twice, some never, the last first.
var untidy = sandbox.WebhookPlan{Duplicate: 3, Drop: 5, Reverse: true}

// settle lets the program do all there is to do at this instant, its own
// writes' webhooks included.
func (d *Demo) settle(ctx context.Context) (next time.Time, err error) {
	for range 10 {
		delivered, err := d.Sandbox.FlushWebhooks(ctx, untidy)
		if err != nil {
			return next, err
		}
		if next, err = d.watch.RunUntilIdle(ctx); err != nil {
			return next, err
		}
		if delivered == 0 {
			break
		}
	}
	return next, ctx.Err()
}

// wait lets the time until an instant pass, faster than life.
func (d *Demo) wait(ctx context.Context, until time.Time) {
	timer := time.NewTimer(time.Duration(float64(until.Sub(d.Clock.Now())) / d.Speed))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
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
