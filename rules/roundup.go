package rules

import "time"

// A Roundup is a message about several tickets: what awaits somebody, or what one team
// hands to the next.
type Roundup struct {
	Key      string // names it for good
	Language string
	Head     string  // a sentence of ours
	Alerts   []Alert // from the top; one whose kind is over tells what became of it
	Handover bool    // somebody is asked to take it over
	Taker    string  // who has, by name; empty: nobody yet
	TakenAt  time.Time
}
