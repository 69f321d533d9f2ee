package store

import (
	"time"

	"vigie/rules"
)

// A Step says which step of a chain of calls an action is.
type Step struct {
	Alarm  string   // the key of the alarm that it is at, or that the step is at which it follows
	Number int      // in its chain, from 1
	First  bool     // it is at its alarm
	Whom   []string // as the configuration writes them
}

// A Request is what somebody asked for where he was told of a ticket.
type Request struct {
	What     Want
	By       rules.Person
	At       time.Time
	Until    time.Time // of a Snooze; zero = until the team opens
	Priority string    // of a Choose: the policy's name
	Channel  string    // where to answer him, and where he asked
	TS       string    // of the message that he asked in; "" = none
}

// Want is what a Request is for.
type Want string

const (
	Take    Want = "take"    // the ticket is his
	Release Want = "release" // it is nobody's any more
	Snooze  Want = "snooze"  // nobody is called for a while
	Choose  Want = "choose"  // the ticket has this priority
)
