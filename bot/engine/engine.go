// Package engine carries a policy out: it takes in what changed, keeps watch
// over deadlines, and sees to it that what should be written and said is.
//
// Three movements, each of which can stop anywhere and be taken up again:
//
//   - in: a webhook or a poll marks tickets changed; Drain reads them from the
//     vendor, whole history included, and judges them. Webhooks are hints, the
//     poll is the truth that replaces them, and both end in the same state.
//     Histories come in bulk where the vendor lists them so (history.go). What
//     can't be read waits beside the others, and is asked for again (read.go).
//   - watch: a judged ticket has a stored instant at which its verdict changes
//     by itself; when it has come, Watch judges the ticket again.
//   - out: a verdict is compared with what is (decide.go); each difference is
//     an action, stored with the verdict in one transaction and carried out
//     afterwards. What happens once ever (a warning) has a key of its own, what
//     is brought up to date (a ticket's tags and fields, a message) one key for
//     all its times.
//
// Each loop (a source's, the deadlines', the chat's) is a round that is run again
// and again, by a Runner: in this process, or on any of several that share a
// state. A round begins nothing more after some seconds and leaves the rest to
// the next, so that none holds its lock for long. At most one round of a loop is
// under way, but different loops judge the same tickets: a verdict is saved only
// if nobody has saved the ticket since it was read, and worked out again
// otherwise.
//
// Nothing is driven by ticks: every question is "due at or before now and not
// done", so a missed tick, a restart or an outage loses nothing. An action is
// marked started before it is carried out; one that was started and has not
// ended may have happened, and is looked for before it is repeated.
package engine

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/oncall"
)

// A Desk is one vendor's tickets, as the engine reads and writes them.
type Desk interface {
	Reader
	Writer
}

// A Reader tells what changed at a vendor and reads tickets.
type Reader interface {
	// Changes lists what changed since the cursor, or since an instant when it is "".
	Changes(ctx context.Context, cursor string, since time.Time) (desk.Page, error)
	// Unsolved lists every ticket that isn't solved yet.
	Unsolved(ctx context.Context, cursor string) (desk.Page, error)
	// Read reads tickets with their history. Beside an error, when the context
	// ends or the vendor stops answering midway, it gives the readings that it
	// has. A ticket that is left out is unread: only a reading that says so has it
	// gone.
	Read(ctx context.Context, ids []string) ([]desk.Reading, error)
}

// A Teller is a Reader to which what is kept of a ticket says more than the vendor
// still tells.
type Teller interface {
	// Tell is Read for tickets of which something is known.
	Tell(ctx context.Context, asks []desk.Ask) ([]desk.Reading, error)
}

// A HistoryLister is a Teller that lists what was done to all tickets, so that their
// histories needn't be fetched one by one.
type HistoryLister interface {
	Teller
	// Acts lists what was done since the cursor, or since an instant when it is "".
	Acts(ctx context.Context, cursor string, since time.Time) (desk.Chronicle, error)
}

// A Writer writes into a vendor's tickets.
type Writer interface {
	// Write carries out edits; the list has an error or nil for each. One that
	// the vendor still works on has a *rules.Underway, from a Follower only.
	Write(ctx context.Context, edits []desk.Edit) ([]error, error)
	// DueFields lists the fields that show due dates.
	DueFields() []rules.DueField
}

// A Runner has rounds run, each by name: at the start, when it is poked, and when
// the instant has come that the last round returned. One round of a name is run
// at a time, by whichever program that shares the work.
type Runner interface {
	Run(ctx context.Context, rounds map[string]func(context.Context) time.Time) error
	// Poke has a round run soon; one that is under way is followed by another.
	Poke(name string)
}

// A Follower is a Writer whose edits may take longer than a call.
type Follower interface {
	// Follow says what has become of edits that were under way, as Write does.
	Follow(ctx context.Context, handed []desk.Handed) ([]error, error)
}

// A Source is one Desk under the name and rules that the configuration gives it.
type Source struct {
	Name          string
	Vendor        string // as people call it, as in "Zendesk"
	Desk          Desk
	Policies      []*rules.Policy
	Poll          cron.Schedule
	SilentAfter   time.Duration // without news for so long it is said to be silent; 0: three polls, and ten minutes at least
	WritePriority bool          // the vendor's priority field too, where no person has set it
	Tracker       Tracker       // where the technical team has issues for its tickets; nil: nowhere
	TrackerName   string        // the source of that tracker
	Follow        cron.Schedule // when it is seen how far the issues are
	// AskTracker learns from the tracker what must be known of it before an issue is
	// made, such as the form of its fields. It is called until it has succeeded once;
	// its error ends the round. Nil: nothing to learn.
	AskTracker func(context.Context) error
	// Ask learns from the vendor what must be known of it before anything is
	// written, such as the form of its due fields. It is called before each poll
	// until it has succeeded once; its error is logged. Nil: nothing to learn.
	Ask func(context.Context) error

	// Takes says about how long it will take to read and to write so many tickets, at
	// the pace that the vendor's quota allows. Nil: nobody knows.
	Takes func(reads, writes int) time.Duration

	trackerAsked bool // AskTracker has succeeded; only the escalations' loop uses it

	// Only the loop that watches for silent sources uses these.
	silent       bool      // the source was silent when that was last checked
	silenceEnded time.Time // when its last silence was found to be over

	// Only the source's own loop uses these.
	nextPart            int              // the part that the next round begins with
	polled, vendorAsked bool             // no poll is due; Ask has succeeded
	pollDue             time.Time        // since when a poll is due that couldn't be made; zero: none is
	everPolled          bool             // a poll has succeeded since the start
	extraPollAt         time.Time        // when to poll besides the schedule; zero: never
	lastReadSaved       time.Time        // when something was last read, as the store has it
	readSize, retrySize int              // how many tickets a call can read in its time: changed ones, and ones that couldn't be read; 0: not known yet
	historyCaughtUp     bool             // the list of acts has been read to its end since the start
	historyBehind       bool             // the list of acts is to be read on: time ran out before its end, or tickets wait for it
	marksWhenListed     map[string]int64 // of the tickets in the first start's list of open ones, which comes before its list of changes
	prefetched          []prefetched     // tickets still to be read whose rows came with the list of changes
	flooded             bool             // more tickets have changed than are read one by one
	heldUntil           time.Time        // until when some of those wait for the list of acts; zero: none does
}

// An Engine works on the sources' tickets. Its exported fields are set before
// Run.
type Engine struct {
	Store   *store.Store
	Runner  Runner // nil: nothing runs but what Settle does
	Sources []*Source
	Chat    Chat // nil: nobody is told
	// Route names the channel for an alert, and whether it can wait until the
	// team's calendar opens.
	Route func(rules.Alert) Routing
	// Chain is the steps by which an alert calls people; nil: nobody is called.
	Chain func(rules.Alert) []oncall.Step
	// OnCall is the address, as the chat knows it, of whoever is on call by a rota at an
	// instant; "" for nobody.
	OnCall func(rota string, at time.Time) string
	Teams  map[string]string // the chat's group of a team, by the team's name
	// Places are the hooks and the mail server, by which people are told besides the
	// chat: HookPlace of a hook's name, MailPlace.
	Places   map[string]Place
	Fallback []oncall.Callee // of those: who is told that the chat is away, and of what
	// ChatAddress and VendorAddress translate the address of a person between a source
	// and the chat; nil: it is the same.
	ChatAddress, VendorAddress func(source, address string) string

	Groups []Group // the chat's user groups that are kept to who is on call

	Channel  string // for notices about no ticket
	Language string // of those notices: "fr" or "en"
	Backfill time.Duration
	Keep     time.Duration // how long what no open ticket needs is kept; 0: for ever
	DryRun   bool          // judge everything, write and say nothing
	// Version names all that verdicts depend on besides the tickets: program,
	// configuration, policies. Of programs that share a state the one that began
	// last has the word; those of other versions leave the work to it.
	Version string

	Digests   []Digest      // by route
	Digest    cron.Schedule // the day's overview; nil: none
	Reconcile cron.Schedule // nil: none

	Now   func() time.Time // ticket time; may be a fast clock in a demo
	Log   *slog.Logger
	Meter Meter // nil: nobody counts

	begin sync.Mutex
	begun bool
	// When it began to ask whether a source is silent, and last did; only the
	// deadlines' loop looks.
	began, lastSilenceCheck time.Time
	groupsLooked            bool                       // since the start; only the deadlines' loop looks
	refusals                map[string]map[string]bool // what refuses, and why, as far as the log has said it as an error; only the chat's loop looks
	chatFailed              bool                       // something in the chat's present round suggests that it is away; only its loop looks
	stalls                  sync.Mutex
	stalled                 map[string]stall // loops whose last round ended with an error, by name

	underWay underWay
}

// A Routing is where an alert goes.
type Routing struct {
	Channel  string
	Language string
	Gather   bool // out of hours: hold it until the team's calendar opens
}

// Source is the source of a name, or nil.
func (e *Engine) Source(name string) *Source {
	for _, s := range e.Sources {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Judge evaluates a stored ticket as its source's policies say at now.
func (e *Engine) Judge(r *store.Row) (rules.Verdict, error) {
	s := e.Source(r.Source)
	if s == nil {
		return rules.Verdict{}, fmt.Errorf("source %q is not in the configuration", r.Source)
	}
	return rules.Evaluate(s.Policies, r.Ticket, e.Now())
}
