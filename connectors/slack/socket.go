package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
	"golang.org/x/sync/errgroup"
)

// Slack has no more for an app whose connections are all closed: it keeps nothing for
// later. It closes each connection every few hours, and slack-go opens another only
// then. So there are two, each of which reconnects for ever while the other goes on.
//
// slack-go's own pauses between attempts grow to five minutes, and it gives up at some
// refusals; so a connection that fails is begun anew from here, after a pause of
// ours.

const (
	connections  = 2
	atOnce       = 16                     // events of one connection that are handled at the same time
	shortPause   = 500 * time.Millisecond // after a connection's first failure
	longPause    = 30 * time.Second       // after many
	longestFrame = 1 << 20                // bytes that Slack may tell at once
)

// Run takes in what Slack tells by Socket Mode until ctx ends.
func (in *Inbox) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for n := range connections {
		g.Go(func() error { return in.hold(ctx, n) })
	}
	return g.Wait()
}

// hold keeps one connection until ctx ends.
func (in *Inbox) hold(ctx context.Context, n int) error {
	for failures := 0; ; failures++ {
		wasUp, err := in.connect(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if wasUp {
			failures = 0
		}
		pause := min(shortPause<<min(failures, 10), longPause)
		var tooMany *slackgo.RateLimitedError
		if errors.As(err, &tooMany) {
			pause = max(pause, tooMany.RetryAfter)
		}
		report := in.log().InfoContext
		if failures > 0 || hopeless(err) {
			report = in.log().WarnContext
		}
		report(ctx, "connection to slack ended", "connection", n, "again_in", pause.String(), "err", cmp.Or(err, errors.New("closed")))
		if in.pause(ctx, pause) != nil {
			return nil
		}
	}
}

func (in *Inbox) pause(ctx context.Context, d time.Duration) error {
	if in.Pause != nil {
		return in.Pause(ctx, d)
	}
	return realSleep(ctx, d)
}

// connect opens a connection, and takes in what comes by it and by those that slack-go
// opens in its place, until one can't be opened. wasUp says that one was.
func (in *Inbox) connect(outer context.Context) (wasUp bool, err error) {
	ctx, end := context.WithCancelCause(outer)
	defer end(nil)
	c := in.Client
	base := strings.TrimRight(cmp.Or(c.APIURL, DefaultAPIURL), "/") + "/"
	api := slackgo.New(c.Token(), slackgo.OptionAPIURL(base), slackgo.OptionHTTPClient(c.HTTP), slackgo.OptionAppLevelToken(in.AppToken()))
	socket := socketmode.New(api, socketmode.OptionReadLimit(longestFrame), socketmode.OptionLog(log.New(io.Discard, "", 0)))

	ran := make(chan error, 1)
	go func() { ran <- socket.RunContext(ctx) }()
	var under errgroup.Group
	under.SetLimit(atOnce)
	open := false
	defer func() {
		if open {
			in.opened(-1)
		}
		under.Wait()
	}()
	for {
		select {
		case err := <-ran:
			return wasUp, cmp.Or(context.Cause(ctx), err)
		case e := <-socket.Events:
			switch e.Type {
			case socketmode.EventTypeConnecting:
				if open {
					open = false
					in.opened(-1)
				}
			case socketmode.EventTypeHello:
				if !open {
					open, wasUp = true, true
					in.opened(1)
				}
			case socketmode.EventTypeConnectionError:
				cause := errors.New("can't connect")
				if failed, ok := e.Data.(*slackgo.ConnectionErrorEvent); ok {
					cause = failed.ErrorObj
				}
				end(cause)
			default:
				if happened, ok := told(e); ok && e.Request != nil {
					under.Go(func() error { // what was begun is ended, whatever becomes of the connection
						in.take(outer, socket, *e.Request, happened)
						return nil
					})
				}
			}
		}
	}
}

// told is what an envelope tells. ok is false for what is no envelope; one that is of
// no concern has an event without a kind.
func told(e socketmode.Event) (event Event, ok bool) {
	switch v := e.Data.(type) {
	case slackevents.EventsAPIEvent:
		return happened(v), true
	case slackgo.InteractionCallback:
		return interaction(v), true
	case slackgo.SlashCommand:
		return slash(v), true
	}
	return Event{}, false
}

// take handles an event, and acknowledges it.
func (in *Inbox) take(ctx context.Context, socket *socketmode.Client, envelope socketmode.Request, e Event) {
	var said Response
	if e.Kind != "" {
		var err error
		if said, err = in.handle(ctx, e); err != nil {
			in.log().ErrorContext(ctx, "event not taken; slack tells it again", "event", e.Key, "kind", string(e.Kind), "err", err)
			return
		}
	}
	var payload any
	if p := said.acknowledged(e); p != nil {
		payload, said = p, Response{}
	}
	if err := socket.AckCtx(ctx, envelope.EnvelopeID, payload); err != nil {
		in.log().WarnContext(ctx, "event not acknowledged; slack tells it again", "event", e.Key, "err", err)
		return
	}
	in.tell(ctx, e, said)
}

// handle has an event handled; a panic is an error of this one event.
func (in *Inbox) handle(ctx context.Context, e Event) (said Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return in.Handle(ctx, e)
}

// opened counts the open connections. Until the first of them is open nothing is heard.
func (in *Inbox) opened(n int) {
	in.mu.Lock()
	in.up += n
	first := n > 0 && in.up == 1
	in.mu.Unlock()
	if first {
		in.missed()
	}
}
