package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Alarms is every alarm that the policies would have called for a ticket up to
// and including until, in the order of time; Alert.At says when. It looks at
// the ticket as the program would that knew each event at once: at creation, at
// each event, and whenever a verdict changes by itself. Of several thresholds
// passed at one instant the last one calls. An alarm that has called calls again
// only in another episode (see Episodes). The error is Evaluate's, or that of a
// verdict.
func Alarms(policies []*Policy, t *Ticket, until time.Time) ([]Alert, error) {
	created := t.CreatedAt.Unix()
	instants := []int64{created}
	for _, e := range t.Events {
		instants = append(instants, max(e.At.Unix(), created))
	}
	slices.Sort(instants)
	var list []Alert
	episodes, called := Episodes{}, Episodes{}
	for i, now := 0, created; now <= until.Unix(); {
		v, err := Evaluate(policies, t, instant(now))
		if err = cmp.Or(err, v.Err()); err != nil {
			return list, err
		}
		alerts := v.Alerts(t, instant(now))
		episodes.See(&v, t, alerts)
		for _, a := range alerts {
			for _, key := range a.Earlier {
				called[key] = episodes[key]
			}
			if a.Kind.Alarm() && called[a.Key] != episodes[a.Key] {
				called[a.Key] = episodes[a.Key]
				list = append(list, episodes.Name(a))
			}
		}
		for i < len(instants) && instants[i] <= now {
			i++
		}
		switch {
		case i < len(instants) && (v.Wake.IsZero() || instants[i] <= v.Wake.Unix()):
			now = instants[i]
		case !v.Wake.IsZero():
			now = v.Wake.Unix()
		default:
			return list, nil
		}
	}
	return list, nil
}

// Episodes counts how often each alarm has had a reason, by its key. One lasts from
// when its threshold was passed until the clock stands below that threshold again,
// or is gone: the ticket has left the SLA, or its priority has no such target. A
// pause or an answer ends none, and neither passing a later threshold. A breach that
// a change made at once is another than the real one. An alarm calls once in an
// episode (section 5 of the design, Warning); a mark is told once for good.
type Episodes map[string]Episode

// An Episode is the last one of an alarm.
type Episode struct {
	N         int    `json:"n"` // from 1
	Over      bool   `json:"over,omitempty"`
	Metric    Metric `json:"metric,omitempty"` // of the alarm's clock, if it is about one
	Cycle     int    `json:"cycle,omitempty"`
	Threshold string `json:"threshold,omitempty"` // if it is a warning's
	ByChange  bool   `json:"by_change,omitempty"` // a breach that a change made at once, and no other yet
}

// keptCycles is for how many cycles alarms are remembered. An earlier cycle comes
// back only where a reopening turns out to be none, or another policy judges.
const keptCycles = 5

// See brings the count up to date with a verdict and its alerts, which are the
// ticket's at a later instant than those seen before. A verdict that is an error
// says nothing. What an alarm about an earlier cycle has said stays said.
func (e Episodes) See(v *Verdict, t *Ticket, alerts []Alert) {
	if v.Error != "" {
		return
	}
	passed := Episodes{}
	for i := range v.read {
		r := &v.read[i]
		for _, w := range r.warn {
			if r.used >= w.used(r.target.Seconds) {
				passed[alarmKey(t, r.metric, r.cycle, w.text)] = Episode{Metric: r.metric, Cycle: r.cycle, Threshold: w.text}
			}
		}
		if r.late {
			passed[alarmKey(t, r.metric, r.cycle, "")] = Episode{Metric: r.metric, Cycle: r.cycle, ByChange: r.byChange}
		}
	}
	for _, a := range alerts {
		if a.Metric == "" && a.Kind.Alarm() {
			passed[a.Key] = Episode{}
		}
	}
	for key, last := range e {
		if c := v.Clock(last.Metric); c != nil && last.Cycle < c.Cycle {
			if last.Cycle < c.Cycle-keptCycles {
				delete(e, key)
			}
		} else if _, goesOn := passed[key]; !goesOn && !v.past(last) && !strings.HasPrefix(key, flagAlarm) {
			last.Over = true
			e[key] = last
		}
	}
	for key, now := range passed {
		if last := e[key]; last.N == 0 || last.Over || last.ByChange && !now.ByChange {
			now.N = last.N + 1
			e[key] = now
		}
	}
}

// past says that a warning's clock is past its threshold, by a target that has no
// such threshold of its own.
func (v *Verdict) past(last Episode) bool {
	i := slices.IndexFunc(v.read, func(r reading) bool { return r.metric == last.Metric && r.cycle == last.Cycle })
	if i < 0 || last.Threshold == "" {
		return false
	}
	w, err := ParseThreshold(last.Threshold, v.policy.BusinessDay)
	return err == nil && v.read[i].used >= w.used(v.read[i].target.Seconds)
}

// Catch takes over what was missed: history has episodes of which some began and
// ended while nobody saw the ticket. Of those that go on the number is at least
// history's.
func (e Episodes) Catch(history Episodes) {
	for key, now := range e {
		if !now.Over {
			now.N = max(now.N, history[key].N)
			e[key] = now
		}
	}
}

// Name gives an alert's keys their numbers: "breach/zendesk:42/resolution/1" in the
// first episode, "breach/zendesk:42/resolution/1#2" in the second.
func (e Episodes) Name(a Alert) Alert {
	name := func(key string) string {
		last := e[key]
		if last.Over {
			last.N++ // it has begun since the ticket was seen
		}
		if last.N < 2 {
			return key
		}
		return fmt.Sprintf("%s#%d", key, last.N)
	}
	a.Earlier = slices.Clone(a.Earlier)
	for i := range a.Earlier {
		a.Earlier[i] = name(a.Earlier[i])
	}
	if a.Key != "" {
		a.Key = name(a.Key)
	}
	return a
}

// History counts the episodes as a program would have that watched the ticket all
// along, up to the verdict's instant; v and alerts are the ticket's then. A clock
// comes to stand below a threshold, or goes, only where its target changes: it is
// enough to look at those instants and just before them.
func History(policies []*Policy, t *Ticket, v *Verdict, alerts []Alert, now time.Time) (Episodes, error) {
	episodes := Episodes{}
	for _, at := range turns(policies, t, now) {
		then, err := Evaluate(policies, t, instant(at))
		if err != nil {
			return nil, err
		}
		episodes.See(&then, t, then.Alerts(t, instant(at)))
	}
	episodes.See(v, t, alerts)
	return episodes, nil
}

// maxTurns bounds how many changes of what is promised History looks back on, the
// latest ones: a program may set and take off a tag ten thousand times. Who has
// watched the ticket counts higher by what was seen.
const maxTurns = 50

// turns are the instants before now at which what is promised of the ticket
// changed by an event, or by a reopening that came to count, each with the second
// before it.
func turns(policies []*Policy, t *Ticket, now time.Time) []int64 {
	e := evaluations.Get().(*evaluation)
	defer evaluations.Put(e)
	e.h.read(t, now)
	var list []int64
	add := func(at int64) { list = append(list, at-1, at) }
	for i, p := range policies {
		if slices.ContainsFunc(policies[:i], func(before *Policy) bool { return before.Name == p.Name }) {
			continue
		}
		if p = InForce(policies, p.Name, t.CreatedAt); p == nil {
			continue
		}
		e.begin(p, t)
		for k := 1; k < len(e.h.steps); k++ {
			reopened := e.h.steps[k-1].done && !e.h.steps[k].done
			if reopened || e.turned(e.h.steps[k-1].state, e.h.steps[k].state) {
				add(e.h.steps[k].at)
			}
			if reopened && p.ReopenGrace != nil {
				add(e.passed(k, *p.ReopenGrace))
			}
		}
	}
	slices.Sort(list)
	list = slices.DeleteFunc(slices.Compact(list), func(at int64) bool { return at < t.CreatedAt.Unix() || at >= now.Unix() })
	return list[max(0, len(list)-2*maxTurns):]
}

// turned says whether the policy promises something else in one state than in
// another.
func (e *evaluation) turned(a, b int) bool {
	if a == b {
		return false
	}
	if e.watched(a) != e.watched(b) || e.covered(a) != e.covered(b) || e.standing(a).priority != e.standing(b).priority {
		return true
	}
	return slices.ContainsFunc(Metrics, func(m Metric) bool { return e.row(m, a) != e.row(m, b) })
}

// alarmKey names the alarm of a threshold for good; "" is the breach.
func alarmKey(t *Ticket, m Metric, cycle int, threshold string) string {
	name := fmt.Sprintf("%s/%s/%d", t.Ref(), m, cycle)
	if threshold == "" {
		return "breach/" + name
	}
	return "warn/" + name + "/" + threshold
}
