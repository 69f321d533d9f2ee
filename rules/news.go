package rules

import "time"

// News is what is told besides the chat: by a hook, or by mail.
type News struct {
	Key      string // names it for good, so that whoever hears it twice knows it
	Kind     NewsKind
	Incident string // what it is about: one name from the first alarm of a cycle to its end
	To       string // of a mail: the address
	Language string // a tag of rules/words
	At       time.Time
	Alert    Alert     // of the ticket's events
	Since    time.Time // of the chat's: since when it has been away
	Waiting  []Alert   // of ChatAway: the alarms that couldn't be said, the most urgent first
	More     int       // and how many besides those
}

// NewsKind is what has happened.
type NewsKind string

const (
	Triggered    NewsKind = "triggered"    // a promise is in danger
	Acknowledged NewsKind = "acknowledged" // somebody has taken the ticket
	Resolved     NewsKind = "resolved"     // it no longer is in danger, or the ticket is gone
	ChatAway     NewsKind = "chat_away"    // nobody could be told of what waits
	ChatBack     NewsKind = "chat_back"
)
