package desk

import (
	"errors"
	"time"

	"vigie/rules"
)

// The values that pass between the engine and a vendor's connector.

// What a connector can say of its input, for the engine to branch on.
var (
	// ErrForged: a webhook without a valid signature, or with a stale one.
	// Nothing of it is believed or kept.
	ErrForged = errors.New("signature is missing, wrong or stale")
	// ErrUnreadable: a signed webhook whose body makes no sense to us.
	ErrUnreadable = errors.New("body can't be read")
	// ErrNobody: the vendor has no account of whom the ticket was to be assigned to, or
	// none that it can be assigned to. Nothing of the edit was written.
	ErrNobody = errors.New("nobody with that address can be given tickets at the vendor")
	// ErrChanged: the ticket isn't as it was read: somebody has given it to another since.
	// Nothing of the edit was written.
	ErrChanged = errors.New("the ticket has changed since it was read")
	// ErrUntouchable: the ticket is closed, deleted or gone: no edit will ever succeed.
	ErrUntouchable = errors.New("ticket can't be changed any more")
)

// A Change says that a ticket was touched, and gives a version of it: the same
// ticket with the same version needn't be read again.
type Change struct {
	ID      string
	Version string // opaque; empty = unknown, read it
	Row     []byte // opaque: what the list shows of the ticket, for a reading right after it; may be empty
}

// Shown is how a vendor shows a ticket that was read before.
type Shown struct {
	ID        string
	Version   string // as a Reading's
	Requester string // as a Ticket's
}

// AnyVersion is the Version of a ticket in a list of unsolved ones that doesn't
// tell versions: one that is known to be unsolved needn't be read again.
const AnyVersion = "*"

// A Page is one page of a vendor's list of changes. Cursor continues after it,
// now if More, else at the next poll; it is opaque to everyone else.
type Page struct {
	Changes []Change
	Cursor  string
	More    bool
	Stale   bool // nothing on it is new since the list was last at its end, although there should be more: it is no news
	// Stuck says that the vendor's pages go round in circles. What they list is taken,
	// but the list wasn't read to its end: it is no news, and asked for again from the
	// cursor before. Cursor and More mean nothing then.
	Stuck bool
	// Notices are what is to be told about the source as a whole. What holds is what
	// the last page of a poll lists, that is one without More; on others they are not
	// looked at. None = nothing to tell, and what was told before is over.
	Notices []Notice
}

// A Notice is what people must know about a whole source although it can be read:
// that a project is hidden from us, or goes by another key now. It is told once,
// for as long as polls list it, and anew when its text changes; when a later poll no
// longer lists it, what was told says that it is over.
type Notice struct {
	Key  string         // what it is about, within the source: "project/GONE"; one of a key at a time
	Says rules.Sentence // whole sentences, which name the source where that isn't plain
}

// A Delivery is one verified webhook call: ID is the same when the vendor
// repeats it, Tickets are the ids of the tickets it speaks of. Anew says that what
// had been said in them was changed or taken away: nothing that is kept of their
// histories counts any more. Accounts are those of people who were taken away.
type Delivery struct {
	ID       string
	Tickets  []string
	Anew     bool
	Accounts []string
}

// A Reading is one ticket read from its vendor with its whole history, or the
// reason why it couldn't be. Exactly one of Ticket, Same, Gone and Err is set.
type Reading struct {
	ID      string
	Same    string   // the ticket, by its own name, that another reading of the same call tells: ID is only another name of it
	Names   []string // with Ticket: what it was called before, the latest first, if that isn't what it is called now
	Version string
	Ticket  *rules.Ticket
	Gone    bool  // asked for by itself, by somebody whom the vendor knows, and not there
	Deleted bool  // with Gone: the vendor itself says so, by a status or an event. A 404 alone may be a ticket that is hidden: of many at once it isn't believed
	Err     error // this ticket can't be read now; the others can. It stays unread, and is asked for again after a pause
	Acts    []Act // what was read of its history besides what was kept, to be kept
	Whole   bool  // Acts is to take the place of all that was kept of it

	Redacted bool // somebody has taken words out of its past, perhaps some that it was read with before
}

// An Act is what somebody did to a ticket at one instant, as its vendor tells
// it: kept, so that a history can be told again without asking for all of it.
type Act struct {
	Ticket, ID string // the act's own id is the vendor's
	At         time.Time
	Body       string // opaque
}

// A Chronicle is one page of a vendor's list of acts, on all tickets. Cursor and
// More are as a Page's.
type Chronicle struct {
	Acts   []Act
	Cursor string
	More   bool
}

// An Ask is a ticket to be read, with what is known of it already.
type Ask struct {
	ID      string
	Version string // at which it was read last; empty = not known
	Row     []byte // of the list of changes that has just named it; empty = ask for it
	Acts    []Act  // those kept; perhaps not all
}

// An Edit is what is to be written into one ticket: differences, never a whole
// list, so that other people's tags and fields are never touched.
type Edit struct {
	ID         string
	AddTags    []string
	RemoveTags []string
	Fields     map[string]string // the vendor's field id -> text as the vendor shows it; empty clears
	Priority   string            // a policy's priority name; empty leaves the vendor's priority alone
	Assign     *string           // the address of whom the ticket is to be assigned to, "" for nobody; nil leaves the assignee alone
	Assigned   string            // with Assign: whom it was assigned to when it was read, as the reading shows him; else nothing is written, and the result is ErrChanged
	By         string            // who chose Priority, as people read it; empty where Vigie worked it out
}

// Empty says that there is nothing to write.
func (e Edit) Empty() bool {
	return len(e.AddTags) == 0 && len(e.RemoveTags) == 0 && len(e.Fields) == 0 && e.Priority == "" && e.Assign == nil
}

// A Note is what the agents are told in a ticket itself, where the customer
// doesn't see it. What it is about and says of it is kept in it, so that it can be
// looked for before it is repeated: the same about the same is said once in a row.
type Note struct {
	Text  string
	About string // "jira DEV-8"
	Says  string // "In Progress"
}

// Underway is the result of an edit that the vendor has taken and still works
// on. What becomes of it is known by asking about the job later.
type Underway struct{ Job string }

func (u *Underway) Error() string { return "the vendor works on it: job " + u.Job }

// A Handed edit is one that a vendor's job works on.
type Handed struct {
	Job   string
	Edit  Edit
	Since time.Time // when it was handed over
}
