package desk

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"vigie/connectors/findings"
	"vigie/connectors/rest"
	"vigie/rules"
	"vigie/rules/tomlfile"
)

// A Vendor is one kind of ticketing tool, as those who deal with several look it up:
// its keys in config.toml, and how to speak with it.
type Vendor struct {
	Table   string // of config.toml, and of a policy's [[priorities]]; what a source is called that has no name of its own
	Title   string // as people call it
	Address string // such a tool's, as an example

	Escalates bool // its tickets can have issues with a tracker: it has the key escalate_to, and its Desk notes
	Tracks    bool // it can be that tracker: its Desk is a Tracking

	DueForm        rules.DueForm // of the due fields that setup makes
	LongestWebhook int64         // in bytes; longer ones are refused unread

	Quota func(share float64) *rest.Quota // holds us to a share of what the account may ask
	Calls func(reads, writes int) int     // about how many requests it takes to read and to write so many tickets

	// Keys are the rows of the reference for a source's own keys, those of Decode, and
	// for keys of all that mean something else here. Their Table is left out.
	Keys tomlfile.Keys
	// Decode reads a source's own keys.
	Decode func(*SourceTable) Settings
	// Compare looks at all sources of this vendor, once all are read. Nil: each is
	// right by itself.
	Compare func([]*SourceTable)
}

// Settings are the keys of a source that its vendor alone has.
type Settings interface {
	// Connect returns the source's desk. Nothing is asked of the vendor yet.
	Connect(Connection) Desk
	// About says what the keys mean.
	About(*Source) About
}

// A Connection is what a Desk has to work with.
type Connection struct {
	*Source
	// Transport sends to the source's address alone, within its quota. Connect sets
	// its credentials, and which requests may be repeated.
	Transport *rest.Transport
	Staff     Staff
	Now       func() time.Time                           // ticket time, by which polls are bounded
	Sleep     func(context.Context, time.Duration) error // nil = waits in real time
	Log       *slog.Logger
}

// Staff remembers the accounts that were once seen as staff.
type Staff interface {
	// Staff says which of the accounts are remembered.
	Staff(ctx context.Context, accounts []string) (map[string]bool, error)
	// RememberStaff remembers accounts for good.
	RememberStaff(ctx context.Context, accounts []string) error
	// ReadAgain has the tickets read again, at now, in whose acts one of the accounts
	// stands: they were told while it was taken for a customer's.
	ReadAgain(ctx context.Context, accounts []string, now time.Time) error
}

// A Desk is one source at its vendor. The engine asks some for more, which not every
// vendor has: see engine.Teller, HistoryLister, Follower and Noter.
type Desk interface {
	// Changes lists what changed since the cursor, or since an instant when it is "".
	Changes(ctx context.Context, cursor string, since time.Time) (Page, error)
	// Unsolved lists every ticket that isn't solved yet.
	Unsolved(ctx context.Context, cursor string) (Page, error)
	// Read reads tickets with their history. Of a ticket that is left out nothing is
	// known.
	Read(ctx context.Context, ids []string) ([]Reading, error)
	// Write carries out edits; the list has an error or nil for each.
	Write(ctx context.Context, edits []Edit) ([]error, error)
	// DueFields lists the fields that show due dates, with what Check has learned.
	DueFields() []rules.DueField

	// ParseWebhook checks and reads one: its headers, its raw body and the real time.
	// Its errors are rules.ErrForged and rules.ErrUnreadable.
	ParseWebhook(http.Header, []byte, time.Time) (Delivery, error)

	// Check asks for the least that must be so before anything is written.
	Check(context.Context) error
	// Inspect tells a person who sets Vigie up what is so. webhook is where webhooks
	// should go; empty where nobody could reach that.
	Inspect(ctx context.Context, webhook string) []findings.Finding
	// Plan compares what a source needs with what the vendor has. It changes nothing;
	// the steps do, when they are taken.
	Plan(context.Context, Needs) ([]Step, error)
	// SLA is what the vendor's own SLA says of a ticket; empty where it has none.
	SLA(ctx context.Context, id string) ([]rules.VendorClock, error)
}

// A Tracking desk can hold the issues of another source's tickets.
type Tracking interface {
	// Tracker speaks of the priorities, fields and projects of that source's policies.
	// What the account may ask is shared with the desk.
	Tracker(policies []*rules.Policy) Tracker
}

// About is what a source's own settings mean, as check prints it.
type About struct {
	Account rules.Words // as whom Vigie signs in
	Scope   []Line      // what it watches
	Words   []Line      // what the vendor's words mean to us
}

// A Line is a label and what stands behind it; one without a text isn't printed.
type Line struct {
	Label rules.Words
	Text  rules.Words
}

// Listed is a line of several values; nothing where there are none.
func Listed(fr, en string, values []string) Line {
	text := strings.Join(values, ", ")
	return Line{Label: rules.Words{FR: fr, EN: en}, Text: rules.Words{FR: text, EN: text}}
}

// Pairs lists what stands for what, in the order of the names.
func Pairs[K cmp.Ordered, V ~string](m map[K]V) []string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, fmt.Sprintf("%v → %s", k, m[k]))
	}
	return list
}

// PriorityNames maps the vendor's priority names to the policies' and back; where
// policies differ, the first that covers the source has the word.
func (v *Vendor) PriorityNames(policies []*rules.Policy) (read, write map[string]string) {
	read, write = map[string]string{}, map[string]string{}
	for i := len(policies) - 1; i >= 0; i-- {
		r, w := policies[i].VendorPriorities(v.Table)
		maps.Copy(read, r)
		maps.Copy(write, w)
	}
	return read, write
}
