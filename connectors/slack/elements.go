package slack

import "strings"

// What people can click on names the ticket, and what is asked for, and nothing
// else: everybody in a workspace may read it.

// The action_ids of elements.
const (
	TakeAction    = "take"
	ReleaseAction = "release"
	MenuAction    = "menu"
	ChooseAction  = "choose" // of a priority
)

// Element is what a Click's element says: the ticket, as "zendesk:42", and what was
// chosen there; "" for a button.
func (e Event) Element() (ref, choice string) {
	ref, choice, _ = strings.Cut(e.Value, " ")
	return ref, choice
}
