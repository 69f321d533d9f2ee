package slack

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"vigie/connectors/sandbox/stage"
)

// ackWithin is how long the app has to acknowledge what it is told
// (docs.slack.dev/interactivity/handling-user-interaction).
const ackWithin = 3 * time.Second

// retryAfter is when what wasn't acknowledged is told again: at once, after a minute,
// and after five (docs.slack.dev/apis/events-api).
var retryAfter = []time.Duration{0, time.Minute, 5 * time.Minute}

const mostLost = 1000 // remembered

// delivery is something that the app is told, until it has acknowledged it or Slack
// gives up.
type delivery struct {
	ID      string // of its envelope
	Kind    string
	Payload json.RawMessage
	Reply   reply     // where the app's answer goes
	Attempt int       // how many were made
	Reason  string    // why the last one failed, in Slack's words
	Due     time.Time // real time
	Last    int       // the connection that had it last
	Again   bool      // it was acknowledged, and comes once more

	flying bool // an attempt is being made
}

// reply says where an answer to an interaction goes, and which message an event is
// about.
type reply struct{ User, Channel, View, Message string }

// failure is an attempt that failed.
type failure struct {
	reason string // in Slack's words
	err    error
	final  bool // it isn't tried again
}

// ErrNobody says that there was no connection to tell the app by, and no address.
var ErrNobody = errors.New("the app isn't there: it has no connection and no address")

// tell has the app told something; nil if it has given no way. The lock is held.
func (s *Workspace) tell(kind string, payload object, r reply) *delivery {
	if !s.options.SocketMode && s.address(kind) == "" {
		return nil
	}
	d := &delivery{ID: stage.UUID(), Kind: kind, Payload: stage.JSON(payload), Reply: r, Due: s.Real()}
	if s.Faults.Has(vendor, "late-envelopes") {
		d.Due = d.Due.Add(time.Minute)
	}
	s.state.Waiting = append(s.state.Waiting, d)
	s.Changed()
	return d
}

// hand makes the first attempt at once, as Slack does, but while a manner keeps it
// back. The lock isn't held.
func (s *Workspace) hand(d *delivery) error {
	if d == nil {
		return ErrNobody
	}
	if s.Faults.Has(vendor, "late-envelopes") || s.Faults.Has(vendor, "reorders-envelopes") {
		return nil // until Deliver
	}
	return s.attempt(context.Background(), d)
}

// Deliver makes one attempt of everything that is due, one after the other, and says
// how much was acknowledged. What the app is told by people's acts is attempted at
// once; what remains for Deliver is what the bot's own calls bring about, what is
// told again, and what a manner kept back.
func (s *Workspace) Deliver(ctx context.Context) (acknowledged int, err error) {
	due := s.due()
	if s.Faults.Has(vendor, "reorders-envelopes") {
		slices.Reverse(due)
	}
	var errs []error
	for _, d := range due {
		if err := s.attempt(ctx, d); err != nil {
			errs = append(errs, err)
			continue
		}
		acknowledged++
	}
	return acknowledged, errors.Join(errs...)
}

// deliverAll does as Deliver until ctx ends, several at a time.
func (s *Workspace) deliverAll(ctx context.Context) {
	var flying sync.WaitGroup
	defer flying.Wait()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, d := range s.due() {
			flying.Go(func() { _ = s.attempt(ctx, d) }) // what failed is in the queue or among the lost
		}
	}
}

// due is what waits to be told now.
func (s *Workspace) due() (list []*delivery) {
	s.Lock()
	defer s.Unlock()
	for _, d := range s.state.Waiting {
		if !d.flying && !d.Due.After(s.Real()) {
			list = append(list, d)
		}
	}
	return list
}

// attempt tells the app, and waits until it has acknowledged that. It returns nil if
// somebody else is at it.
func (s *Workspace) attempt(ctx context.Context, d *delivery) error {
	var mine bool
	var told delivery
	s.Do(func() {
		mine = !d.flying && slices.Contains(s.state.Waiting, d)
		if mine {
			d.flying = true
			s.shared(d)
		}
		told = *d
	})
	if !mine {
		return nil
	}
	answer, connection, failed := s.carry(ctx, &told)
	var err error
	s.Do(func() {
		d.flying, d.Last = false, connection
		d.Attempt++
		err = s.settle(d, answer, failed)
		s.Changed()
	})
	return err
}

func (s *Workspace) carry(ctx context.Context, d *delivery) (answer []byte, connection int, f *failure) {
	if s.options.SocketMode {
		return s.overSocket(ctx, d)
	}
	answer, f = s.overHTTP(ctx, d)
	return answer, 0, f
}

// settle takes what was acknowledged off the queue, and has the rest told again or
// lost. Its error is what people see of it. The lock is held.
func (s *Workspace) settle(d *delivery, answer []byte, f *failure) error {
	st := &s.state
	leave := func() { st.Waiting = slices.DeleteFunc(st.Waiting, func(w *delivery) bool { return w == d }) }
	switch {
	case f == nil && d.Again: // its answer has been heard
		leave()
		return nil
	case f == nil && s.Faults.Has(vendor, "repeats-envelopes"):
		d.Again, d.Due = true, s.Real().Add(time.Minute)
		return s.answered(d, answer)
	case f == nil:
		leave()
		return s.answered(d, answer)
	case !f.final && d.Attempt <= len(retryAfter):
		d.Reason, d.Due = f.reason, s.Real().Add(retryAfter[d.Attempt-1])
	default:
		leave()
		st.Lost = append(st.Lost, string(d.Payload))
		st.Lost = st.Lost[max(0, len(st.Lost)-mostLost):]
	}
	return f.err
}

// Lost are the payloads, as JSON, that the app never acknowledged and won't be told
// again, oldest first; of very many, the last ones.
func (s *Workspace) Lost() []string {
	s.Lock()
	defer s.Unlock()
	return slices.Clone(s.state.Lost)
}

// Waiting is how many things the app has still to be told, now or later.
func (s *Workspace) Waiting() int {
	s.Lock()
	defer s.Unlock()
	return len(s.state.Waiting)
}

// after is a wait in real time, or as a test has it.
func (s *Workspace) after(d time.Duration) <-chan time.Time {
	if s.options.After != nil {
		return s.options.After(d)
	}
	return time.After(d)
}
