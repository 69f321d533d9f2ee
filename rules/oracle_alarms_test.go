package rules_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"vigie/rules"
)

// The naive judge's alarms (section 5 of the design, Warning): it judges the
// ticket at one instant after the other, and remembers who was called.

// An oracleCall is one alarm.
type oracleCall struct {
	At       int64
	Key      string
	ByChange bool // a breach that a change made at once
}

// oracleFalls are the instants, also past ones, at which a verdict says that
// something changes by itself: a threshold, the due instant and the second after
// it, a missing priority, the end of a grace.
func oracleFalls(specs []*oracleSpec, t *rules.Ticket, now time.Time) []int64 {
	v := oracleJudge(specs, t, now)
	var list []int64
	for _, k := range v.Clocks {
		if k.Due != 0 {
			list = append(list, k.Due, k.Due+1)
		}
		for _, w := range k.Warnings {
			list = append(list, w.At)
		}
	}
	if v.TriageAt != 0 {
		list = append(list, v.TriageAt)
	}
	if now.Before(t.CreatedAt) {
		return list
	}
	for _, s := range specs {
		if at := s.graceEnds(s.live(t, now.Unix())); at != 0 {
			list = append(list, at)
		}
	}
	return list
}

// graceEnds is when the present reopening will count if nothing happens, or 0.
func (s *oracleSpec) graceEnds(life []oracleMoment) int64 {
	last := len(life) - 1
	open := func(m *oracleMoment) bool { return !oracleDone(m.st.status) }
	if s.grace == nil || !life[last].done || !open(&life[last]) {
		return 0
	}
	left := s.grace.seconds(s.day)
	for i := last; life[i].st.status != "solved" && life[i].st.status != "closed"; i-- {
		if open(&life[i]) {
			left -= s.counted(&life[i], s.grace.business)
		}
	}
	m := life[last]
	for left > 0 {
		m.to = m.at - m.at%60 + 60
		n := s.counted(&m, s.grace.business)
		if n >= left {
			return m.at + left
		}
		left -= n
		m.at = m.to
	}
	return m.at
}

// An oracleWatch remembers, while a ticket is judged at one instant after the
// other, which keys have called.
type oracleWatch struct {
	specs      []*oracleSpec
	ticket     *rules.Ticket
	used       map[string]bool            // keys that call no more
	usedChange map[string]bool            // breaches by a change that were told
	thresholds map[string]oracleThreshold // what a key is about
	times      map[string]int             // how often a key has called
	calls      []oracleCall
}

// oracleAlarms are a ticket's alarms up to and including until, in the order of
// time and key. Looking at it at further instants changes nothing.
func oracleAlarms(specs []*oracleSpec, t *rules.Ticket, until time.Time, further []int64) []oracleCall {
	w := &oracleWatch{specs: specs, ticket: t, used: map[string]bool{}, usedChange: map[string]bool{},
		thresholds: map[string]oracleThreshold{}, times: map[string]int{}}
	instants := slices.Clone(further)
	for _, e := range t.Events {
		instants = append(instants, e.At.Unix())
	}
	for now := t.CreatedAt.Unix(); now <= until.Unix(); {
		w.look(now)
		next := until.Unix() + 1
		for _, at := range slices.Concat(instants, oracleFalls(specs, t, time.Unix(now, 0))) {
			if at > now {
				next = min(next, at)
			}
		}
		now = next
	}
	slices.SortFunc(w.calls, func(a, b oracleCall) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Key, b.Key)) })
	return w.calls
}

// look judges the ticket at one instant.
func (w *oracleWatch) look(now int64) {
	s, life := oracleCovering(w.specs, w.ticket, now)
	var v oracleVerdict
	var rows []*oracleTarget
	if s != nil {
		v, rows = s.judge(life)
	}
	for _, metric := range oracleMetrics {
		i := slices.IndexFunc(v.Clocks, func(k oracleClock) bool { return k.Metric == metric })
		if i < 0 {
			w.gone(metric, 1)
		} else {
			w.gone(metric, v.Clocks[i].Cycle+1)
			w.watch(s, &v.Clocks[i], rows[i], life)
		}
	}
	triage := "triage/" + w.ticket.Ref()
	if !v.TriageLate {
		delete(w.used, triage)
	} else if !w.used[triage] {
		w.call(triage, now, false)
	}
}

func (w *oracleWatch) call(key string, now int64, byChange bool) {
	w.times[key]++
	name := key
	if n := w.times[key]; n > 1 {
		name = fmt.Sprintf("%s#%d", key, n)
	}
	w.calls = append(w.calls, oracleCall{now, name, byChange})
	if byChange {
		w.usedChange[key] = true
	} else {
		w.used[key] = true
	}
}

// gone lets the clocks of a metric from a cycle on call again: there are none.
func (w *oracleWatch) gone(metric string, from int) {
	for cycle := from; cycle < 100; cycle++ {
		breach, warning := w.keys(metric, cycle)
		w.forget(breach)
		for key := range w.thresholds {
			if strings.HasPrefix(key, warning) {
				w.forget(key)
			}
		}
	}
}

func (w *oracleWatch) forget(key string) {
	delete(w.used, key)
	delete(w.usedChange, key)
}

// keys are a cycle's key of a breach, and how those of its warnings begin.
func (w *oracleWatch) keys(metric string, cycle int) (breach, warning string) {
	name := fmt.Sprintf("/%s/%s/%d", w.ticket.Ref(), metric, cycle)
	return "breach" + name, "warn" + name + "/"
}

func (w *oracleWatch) watch(s *oracleSpec, k *oracleClock, row *oracleTarget, life []oracleMoment) {
	now := life[len(life)-1].at
	breach, warning := w.keys(k.Metric, k.Cycle)
	thresholds := row.warn[k.Priority]
	for _, x := range thresholds {
		w.thresholds[warning+x.text] = x
	}
	for key, x := range w.thresholds { // those of an earlier row, too
		if strings.HasPrefix(key, warning) && !x.passed(k.Elapsed, k.Target, s.day) {
			delete(w.used, key)
		}
	}
	switch k.State {
	case "breached":
		if k.Stopped != 0 {
			return
		}
		for _, x := range thresholds {
			w.used[warning+x.text] = true
		}
		if byChange := s.madeAtOnce(k, life); !w.used[breach] && !(byChange && w.usedChange[breach]) {
			w.call(breach, now, byChange)
		}
		return
	case "running":
		last := ""
		for _, x := range k.Warnings { // in the order of time
			if x.At > now {
				break
			}
			if last != "" {
				w.used[last] = true
			}
			last = warning + x.Threshold
		}
		if last != "" && !w.used[last] {
			w.call(last, now, false)
		}
	}
	w.forget(breach)
}

// madeAtOnce says that a change made a target missed: after the due instant there
// was one before which the clock wasn't late, and with which it was.
func (s *oracleSpec) madeAtOnce(k *oracleClock, life []oracleMoment) bool {
	c := s.cycles(k.Metric, life)[k.Cycle-1]
	late := func(st *oracleState, i int) bool {
		clock, _ := s.measureAs(st, k.Metric, oracleCycle{start: c.start, stop: -1}, life[:i+1])
		return clock.State == "breached"
	}
	for i := max(1, c.start); i < len(life); i++ {
		before, with := life[i-1].st, life[i].st
		if life[i].at > k.Due && before != with && !late(before, i) && late(with, i) {
			return true
		}
	}
	return false
}

func TestAlarmsAgainstTheNaiveJudge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyOracleCase(t)
		until := c.last().Add(time.Duration(rapid.IntRange(0, 2*86400).Draw(t, "until")) * time.Second)
		var further []int64
		for range rapid.IntRange(0, 5).Draw(t, "further looks") {
			further = append(further, c.ticket.CreatedAt.Unix()+rapid.Int64Range(0, 5*86400).Draw(t, "look"))
		}
		alarms, err := rules.Alarms(c.policies, &c.ticket, until)
		if err != nil {
			t.Fatal(err)
		}
		var got []oracleCall
		for _, a := range alarms {
			got = append(got, oracleCall{a.At.Unix(), a.Key, a.Reason != ""})
		}
		slices.SortStableFunc(got, func(a, b oracleCall) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Key, b.Key)) })
		want := oracleAlarms(c.specs, &c.ticket, until, further)
		if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			c.fatal(t, until, "(-naive +program):\n%s", diff)
		}
	})
}
