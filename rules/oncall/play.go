package oncall

import (
	"cmp"
	"slices"
	"time"

	"vigie/rules"
)

// A Plan is whom a configuration calls when.
type Plan struct {
	Chain  func(rules.Alert) []Step
	OnCall func(rota string, at time.Time) string // the address of whoever is on call; "" for nobody
	Teams  map[string]string                      // the chat's group of each team
}

// A Made call is one that a ticket's history calls for.
type Made struct {
	At   time.Time
	Whom Callee
	Who  string // an address or a group; "" = nobody had that role then. Of whoever has taken the ticket Whom is empty
}

// Play is every call that a ticket's history leads to, up to and including an instant,
// as a program makes them that knows each event at once and that nobody asks for
// anything: who has taken the ticket is known by its assignees. The order is that of
// time, then of the steps. The error is that of a verdict.
func (p Plan) Play(policies []*rules.Policy, t *rules.Ticket, until time.Time) ([]Made, error) {
	alarms, err := rules.Alarms(policies, t, until)
	if err != nil {
		return nil, err
	}
	var due []dueCall
	seen := map[string]bool{}
	began := map[string]time.Time{} // of each topic and cycle: its first alarm
	for _, a := range alarms {
		v, err := rules.Evaluate(policies, t, a.At)
		if err != nil {
			return nil, err
		}
		calls, err := Calls(p.Chain(a), a, func(from time.Time, d rules.Duration) (time.Time, error) { return v.Later(a.Calendar, from, d) })
		if err != nil {
			return nil, err
		}
		clock := a.Topic() + "/" + string(rune(a.Cycle))
		if began[clock].IsZero() {
			began[clock] = a.At
		}
		for _, c := range calls {
			if !seen[c.Key] && !c.At.After(until) {
				seen[c.Key] = true
				if c.At.Before(a.At) {
					c.At = a.At
				}
				due = append(due, dueCall{c, a, began[clock]})
			}
		}
	}
	slices.SortStableFunc(due, func(a, b dueCall) int {
		return cmp.Or(a.call.At.Compare(b.call.At), cmp.Compare(a.call.Number, b.call.Number))
	})
	var made []Made
	for _, d := range due {
		list, err := p.make(policies, t, d)
		if err != nil {
			return made, err
		}
		made = append(made, list...)
	}
	return made, nil
}

type dueCall struct {
	call  Call
	alarm rules.Alert
	began time.Time // when the clock's first alarm called
}

// make is what becomes of a step when its time has come.
func (p Plan) make(policies []*rules.Policy, t *rules.Ticket, d dueCall) ([]Made, error) {
	at := d.call.At
	v, err := rules.Evaluate(policies, t, at)
	if err = cmp.Or(err, v.Err()); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(v.Alerts(t, at), func(a rules.Alert) bool {
		return a.Topic() == d.alarm.Topic() && a.Cycle == d.alarm.Cycle && (a.Kind == rules.Warning || a.Kind == rules.Breached && a.Reason == "")
	})
	if i < 0 {
		return nil, nil // in no danger any more
	}
	then := *t
	then.Events = slices.DeleteFunc(slices.Clone(t.Events), func(e rules.Event) bool { return e.At.After(at) })
	if who, taken := then.TakenSince(d.began); taken {
		if d.call.First {
			return []Made{{At: at, Who: cmp.Or(who.Email, who.Name, who.ID)}}, nil
		}
		return nil, nil
	}
	_, group, assignee, _, _, _ := v.Now()
	var list []Made
	for _, whom := range d.call.Whom {
		m := Made{At: at, Whom: whom, Who: whom.Name}
		switch whom.Kind {
		case Assignee:
			m.Who = assignee
		case Team:
			m.Who = p.Teams[group]
		case ByRota:
			m.Who = p.OnCall(whom.Name, at)
		}
		list = append(list, m)
	}
	return list, nil
}
