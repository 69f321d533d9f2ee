package main

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

// A demo is a story being told: the vendors, how far it is told, and the
// program that watches over it.
type demo struct {
	sandbox *sandbox.Sandbox
	clock   demoClock
	story   []act
	told    int    // how many acts are played
	address string // where the vendors listen, host:port; the same after a restart, if it is still free
	file    string // where vendors and progress are kept
	saving  saver
	speed   float64
	once    bool

	watch watch
	store *store.Store
	print *print.Teller
}

// A watch is the program as the story needs it.
type watch interface {
	// Settle has it do all there is to do now, and says when there is more.
	Settle(context.Context) (next time.Time, err error)
	Judge(*store.Row) (rules.Verdict, error)
}

// newDemo takes up the story that was begun beside a file, or begins it.
func newDemo(st *store.Store, file string, out io.Writer) (*demo, error) {
	d := &demo{sandbox: sandbox.New(), store: st, file: file + ".sandbox"}
	d.print = print.NewTeller(out, d.now)
	story, err := tell()
	if err != nil {
		return nil, err
	}
	d.story = story
	if err := d.restore(); err != nil {
		return nil, err
	}
	d.sandbox.Options.Zendesk.RequestsPerMinute = 900_000 // the story is told faster than life
	d.sandbox.OnChange = d.save
	return d, nil
}

// play tells the story to its end: the clock goes from one instant at which
// something happens to the next.
//
// watch is the program that watches over it, and address where its board is.
func (d *demo) play(ctx context.Context, watch watch, address string) error {
	d.watch = watch
	for ctx.Err() == nil {
		for d.told < len(d.story) && !d.story[d.told].at.After(d.clock.Now()) {
			if err := d.act(d.story[d.told]); err != nil {
				return fmt.Errorf("the story at %s: %w", d.story[d.told].at, err)
			}
		}
		next, err := d.settle(ctx)
		if err != nil {
			return err
		}
		if d.told < len(d.story) && (next.IsZero() || d.story[d.told].at.Before(next)) {
			next = d.story[d.told].at
		}
		if d.told == len(d.story) && next.After(d.end()) {
			break
		}
		if !d.once {
			d.wait(ctx, next)
		}
		d.clock.set(next)
		d.save()
	}
	if ctx.Err() != nil {
		return nil
	}
	end, err := d.ending(ctx)
	if err != nil {
		return err
	}
	d.print.End(end)
	if d.once {
		return d.saving.err
	}
	d.print.Line("The story is told; the board stays at %s/ until Ctrl-C.", address)
	<-ctx.Done()
	return nil
}

// end is when the story has run out.
func (d *demo) end() time.Time { return d.story[len(d.story)-1].at }

// untidy is how webhooks arrive: some twice, some never, the last first.
var untidy = sandbox.WebhookPlan{Duplicate: 3, Drop: 5, Reverse: true}

// settle lets the program do all there is to do at this instant, its own
// writes' webhooks included.
func (d *demo) settle(ctx context.Context) (next time.Time, err error) {
	for range 10 {
		delivered, err := d.sandbox.FlushWebhooks(ctx, untidy)
		if err != nil {
			return next, err
		}
		if next, err = d.watch.Settle(ctx); err != nil {
			return next, err
		}
		if delivered == 0 {
			break
		}
	}
	return next, ctx.Err()
}

// wait lets the time until an instant pass, faster than life.
func (d *demo) wait(ctx context.Context, until time.Time) {
	timer := time.NewTimer(time.Duration(float64(until.Sub(d.clock.Now())) / d.speed))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// act plays one act. That it is played is kept with what it changed, so that a
// demo that was killed plays each act once.
func (d *demo) act(a act) error {
	d.saving.mu.Lock()
	d.told++
	d.saving.mu.Unlock()
	d.print.Scene(a.at, a.what)
	err := a.do(d)
	d.save()
	return err
}
