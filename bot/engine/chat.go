package engine

import (
	"context"
	"time"

	"vigie/rules"
)

// A Chat is where people are told. Its errors are Failures where it knows more
// than that something went wrong.
type Chat interface {
	Cards
	Threads
	Lists
	Roundups
	Finder
	Caller
	People
	GroupKeeper
}

// Cards are tickets' messages, as alarms and edits need them.
type Cards interface {
	// Post puts up a ticket's message, carrying the alert's key.
	Post(ctx context.Context, channel string, a rules.Alert) (channelID, ts string, err error)
	// Edit brings a message up to date.
	Edit(ctx context.Context, channelID, ts string, a rules.Alert) error
}

// Threads are what stands under cards, as alarms that follow one and erasures need them.
type Threads interface {
	// Reply adds a line to a message's thread, carrying the alert's key; it
	// calls people as an edit doesn't.
	Reply(ctx context.Context, channelID, ts string, a rules.Alert, broadcast bool) (string, error)
	// EditReply brings such a line up to date.
	EditReply(ctx context.Context, channelID, ts string, a rules.Alert) error
	// EraseThread has all that was added to a message's thread say only that the
	// ticket was erased, which may be done any number of times.
	EraseThread(ctx context.Context, channelID, ts string, a rules.Alert) error
	// FindReply looks for what carries a key in a message's thread: a reply, or the
	// message itself.
	FindReply(ctx context.Context, channelID, threadTS, key string) (ts string, found bool, err error)
}

// Lists are messages about several tickets, or none, as notices need them.
type Lists interface {
	// List puts up a notice, carrying a key: a sentence of ours, then a line for each
	// alert.
	List(ctx context.Context, channel, key, language, head string, alerts []rules.Alert) (channelID, ts string, err error)
	// Amend has a notice say something else.
	Amend(ctx context.Context, channelID, ts, language, head string, alerts []rules.Alert) error
}

// Roundups are lists that digests post, and that are taken over.
type Roundups interface {
	// PostRoundup puts up such a list, carrying its key.
	PostRoundup(ctx context.Context, channel string, r rules.Roundup) (channelID, ts string, err error)
	// EditRoundup brings one up to date.
	EditRoundup(ctx context.Context, channelID, ts string, r rules.Roundup) error
}

// A Finder is asked by whatever may have been sent before.
type Finder interface {
	// Find looks for a message that carries a key.
	Find(ctx context.Context, channel, key string, since time.Time) (channelID, ts string, found bool, err error)
}

// A Failure is an error of a Chat, and what it means for the action.
type Failure struct {
	Outcome Outcome
	After   time.Duration // Wait, Unknown: at least this long
	Unfit   bool          // Refused: for what the message is, not for where it goes or who sends it
	Locked  bool          // Refused: for who sends it, so whatever it is and wherever it goes
	Err     error

	channel string // where it was, once the engine has said so
}

func (f *Failure) Error() string          { return f.Err.Error() }
func (f *Failure) Unwrap() error          { return f.Err }
func (f *Failure) RetryIn() time.Duration { return f.After }

// Outcome says what became of a message that didn't go out well.
type Outcome string

const (
	Unknown Outcome = "unknown" // perhaps posted: look for it before posting again
	Wait    Outcome = "wait"    // not posted; may be tried again
	Gone    Outcome = "gone"    // the message is no more: post afresh
	Closed  Outcome = "closed"  // the thread takes no replies: post a message of its own
	Refused Outcome = "refused" // until a person does something about it
)
