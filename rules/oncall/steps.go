package oncall

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"vigie/rules"
)

// A Step is who is called at one point of a promise that is in danger, until
// somebody has taken the ticket. A chain of them is called one after the other.
type Step struct {
	At    string         // AtWarning, AtBreach, or a threshold as the policy writes it; "" for a step that follows the one before
	After rules.Duration // how long after the step before, on the clock that it names; zero with At
	Call  []Callee
}

// What a Step is At, besides a threshold.
const (
	AtWarning = "warning" // the first threshold
	AtBreach  = "breach"
)

// A Callee is somebody, or something, that a step calls.
type Callee struct {
	Kind CalleeKind
	Name string // empty for the assignee and the team
}

// CalleeKind says how a callee is reached.
type CalleeKind string

const (
	Assignee CalleeKind = "assignee" // of the ticket, at the vendor
	Team     CalleeKind = "team"     // the chat's group of the team that holds the ticket
	ByRota   CalleeKind = "oncall"   // whoever is on call by a rota
	User     CalleeKind = "user"     // by e-mail address
	Group    CalleeKind = "group"    // of the chat, "@support-leads"
	Channel  CalleeKind = "channel"  // "#support-leads"
	Hook     CalleeKind = "hook"
	Mail     CalleeKind = "mail" // by e-mail address
)

var channelID = regexp.MustCompile(`^[CG][A-Z0-9]{2,}$`)

// ParseCallee reads a callee as the configuration writes it: "assignee", "team",
// "oncall:support", "nadia@acme.example", "@support-leads", "#support-leads",
// "hook:pager", "mail:lead@acme.example".
func ParseCallee(text string) (Callee, error) {
	kind, name, named := strings.Cut(text, ":")
	switch {
	case text == string(Assignee) || text == string(Team):
		return Callee{Kind: CalleeKind(text)}, nil
	case named && name != "" && slices.Contains([]CalleeKind{ByRota, Hook, Mail}, CalleeKind(kind)):
		if CalleeKind(kind) == Mail && !strings.Contains(name, "@") {
			break
		}
		return Callee{CalleeKind(kind), name}, nil
	case strings.HasPrefix(text, "@") && len(text) > 1:
		return Callee{Group, text}, nil
	case strings.HasPrefix(text, "#") && len(text) > 1, channelID.MatchString(text):
		return Callee{Channel, text}, nil
	case strings.Contains(text, "@") && !strings.ContainsAny(text, " <>"):
		return Callee{User, text}, nil
	}
	return Callee{}, fmt.Errorf(`%q is nobody who can be called; write "assignee", "team", "oncall:support", "nadia@acme.example", "@support-leads", "#support-leads", "hook:pager" or "mail:lead@acme.example"`, text)
}

// String is the callee as the configuration writes it.
func (c Callee) String() string {
	switch c.Kind {
	case ByRota, Hook, Mail:
		return string(c.Kind) + ":" + c.Name
	case Assignee, Team:
		return string(c.Kind)
	}
	return c.Name
}

// A Call is a step that an alarm calls for.
type Call struct {
	Key    string    // names it for good: the alarm's key at which it is, or which it follows, and the step's number
	Alarm  string    // that key
	Number int       // of the step in its chain, from 1
	At     time.Time // when it is due
	First  bool      // it is at its alarm, rather than some time after another step
	Whom   []Callee
}

// Calls is the steps of a chain that an alarm calls for, and those that follow
// them: each has a key that names it for good, so that it is called once however
// often the alarm is looked at. An alarm that is late at once because of a change
// calls nobody. after adds a duration to an instant on the clock that it names.
func Calls(chain []Step, a rules.Alert, after func(time.Time, rules.Duration) (time.Time, error)) ([]Call, error) {
	if a.Kind != rules.Warning && a.Kind != rules.Breached || a.Kind == rules.Breached && a.Reason != "" {
		return nil, nil
	}
	var list []Call
	var last *Call // what a following step counts from; nil: its step isn't called for yet
	for i, s := range chain {
		c := Call{Number: i + 1, Whom: s.Call}
		switch {
		case s.At != "":
			if c.Alarm, c.First = anchor(s.At, a), true; c.Alarm == "" {
				last = nil
				continue
			}
			c.At = a.Since
		case last == nil:
			continue
		default:
			at, err := after(last.At, s.After)
			if err != nil {
				return list, err
			}
			c.Alarm, c.At = last.Alarm, at
		}
		c.Key = fmt.Sprintf("call/%s/%d", c.Alarm, c.Number)
		list = append(list, c)
		last = &list[len(list)-1]
	}
	return list, nil
}

// anchor is the key of the alarm that a step is at, if it has come up with an alert:
// the alert's own, or an earlier one of the same clock.
func anchor(at string, a rules.Alert) string {
	passed := append(slices.Clone(a.Earlier), a.Key)
	switch at {
	case AtWarning:
		return passed[0]
	case AtBreach:
		if a.Kind != rules.Breached {
			return ""
		}
		return a.Key
	}
	for _, key := range passed {
		name, _, _ := strings.Cut(key, "#")
		if strings.HasSuffix(name, "/"+at) {
			return key
		}
	}
	return ""
}
