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
	"vigie/rules/calendar"
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
	if now.Before(t.CreatedAt) {
		return nil
	}
	s, life := oracleCovering(specs, t, now.Unix())
	var v oracleVerdict
	if s != nil {
		v, _ = s.judge(life)
	}
	return v.falls(specs, t, s, life)
}

func (v *oracleVerdict) falls(specs []*oracleSpec, t *rules.Ticket, covering *oracleSpec, life []oracleMoment) []int64 {
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
	for _, s := range specs {
		if s.grace == nil {
			continue
		}
		its := life
		if s != covering {
			its = s.live(t, life[len(life)-1].at)
		}
		if at := s.graceEnds(its); at != 0 {
			list = append(list, at)
		}
	}
	return list
}

// graceEnds is when the present reopening will count if nothing happens, or 0.
func (s *oracleSpec) graceEnds(life []oracleMoment) int64 {
	last := len(life) - 1
	open := func(m *oracleMoment) bool { return !oracleDone(m.st.status) }
	if !life[last].done || !open(&life[last]) {
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
// other, for what each key has a reason at present, how often it had one, and for
// which of these times it has called.
type oracleWatch struct {
	specs      []*oracleSpec
	ticket     *rules.Ticket
	reason     map[string]string          // "", or why: "passed", "late", "by change"
	times      map[string]int             // how often it had a reason
	called     map[string]int             // the last of these times of which people know
	thresholds map[string]oracleThreshold // what a key is about
	calls      []oracleCall
}

// oracleAlarms are a ticket's alarms up to and including until, in the order of
// time and key. Looking at it at further instants changes nothing.
func oracleAlarms(specs []*oracleSpec, t *rules.Ticket, until time.Time, further []int64) []oracleCall {
	w := &oracleWatch{specs: specs, ticket: t, reason: map[string]string{}, times: map[string]int{}, called: map[string]int{},
		thresholds: map[string]oracleThreshold{}}
	instants := slices.Clone(further)
	for _, e := range t.Events {
		instants = append(instants, e.At.Unix())
	}
	for now := t.CreatedAt.Unix(); now <= until.Unix(); {
		next := until.Unix() + 1
		for _, at := range slices.Concat(instants, w.look(now)) {
			if at > now {
				next = min(next, at)
			}
		}
		now = next
	}
	slices.SortFunc(w.calls, func(a, b oracleCall) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Key, b.Key)) })
	return w.calls
}

// look judges the ticket at one instant; see oracleFalls for what it returns.
func (w *oracleWatch) look(now int64) []int64 {
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
	w.has(triage, map[bool]string{true: "late"}[v.TriageLate])
	if v.TriageLate {
		w.call(triage, now, false)
	}
	return v.falls(w.specs, w.ticket, s, life)
}

// has notes whether a key has a reason at present, and which.
func (w *oracleWatch) has(key, reason string) {
	if before := w.reason[key]; reason != "" && before == "" || before == "by change" && reason == "late" {
		w.times[key]++
	} else if before == "late" && reason != "" {
		reason = before // and no change later takes that away
	}
	w.reason[key] = reason
}

// call tells people of a key, if they don't know.
func (w *oracleWatch) call(key string, now int64, byChange bool) {
	if w.called[key] == w.times[key] {
		return
	}
	w.called[key] = w.times[key]
	name := key
	if n := w.times[key]; n > 1 {
		name = fmt.Sprintf("%s#%d", key, n)
	}
	w.calls = append(w.calls, oracleCall{now, name, byChange})
}

// gone takes all reasons from the clocks of a metric from a cycle on: there are none.
func (w *oracleWatch) gone(metric string, from int) {
	for cycle := from; cycle < 100; cycle++ {
		breach, warning := w.keys(metric, cycle)
		w.has(breach, "")
		for key := range w.thresholds {
			if strings.HasPrefix(key, warning) {
				w.has(key, "")
			}
		}
	}
}

// keys are a cycle's key of a breach, and how those of its warnings begin.
func (w *oracleWatch) keys(metric string, cycle int) (breach, warning string) {
	name := fmt.Sprintf("/%s/%s/%d", w.ticket.Ref(), metric, cycle)
	return "breach" + name, "warn" + name + "/"
}

func (w *oracleWatch) watch(s *oracleSpec, k *oracleClock, row *oracleTarget, life []oracleMoment) {
	now := life[len(life)-1].at
	breach, warning := w.keys(k.Metric, k.Cycle)
	own := map[string]bool{}
	for _, x := range row.warn[k.Priority] {
		w.thresholds[warning+x.text], own[warning+x.text] = x, true
	}
	for key, x := range w.thresholds {
		switch {
		case !strings.HasPrefix(key, warning):
		case !x.passed(k.Elapsed, k.Target, s.day): // also one of an earlier row
			w.has(key, "")
		case own[key]:
			w.has(key, "passed")
		}
	}
	switch {
	case k.State != "breached":
		w.has(breach, "")
	case s.madeAtOnce(k, life):
		w.has(breach, "by change")
	default:
		w.has(breach, "late")
	}
	if k.Stopped != 0 || k.State == "paused" {
		return
	}
	top := ""
	for key := range own { // what is passed already is told with the last of it
		if w.reason[key] != "" && k.State == "breached" {
			w.called[key] = w.times[key]
		}
	}
	if k.State == "breached" {
		w.call(breach, now, s.madeAtOnce(k, life))
		return
	}
	for _, x := range k.Warnings { // in the order of time
		if x.At > now {
			break
		}
		if top != "" {
			w.called[top] = w.times[top]
		}
		top = warning + x.Threshold
	}
	if top != "" {
		w.call(top, now, false)
	}
}

// madeAtOnce says that a change made a target missed: after its due instant there was
// one before which the clock wasn't late, or gone, and it has been late ever since.
func (s *oracleSpec) madeAtOnce(k *oracleClock, life []oracleMoment) bool {
	c := s.cycles(k.Metric, life)[k.Cycle-1]
	late := func(st *oracleState, i int) bool {
		clock, _ := s.measureAs(st, k.Metric, oracleCycle{start: c.start, stop: -1}, life[:i+1])
		return clock.State == "breached" && st.status != "deleted"
	}
	counted := func(i int) *oracleState { // while it is solved that of the solving
		for i > 0 && life[i].done && life[i-1].done {
			i--
		}
		return life[i].st
	}
	last := len(life) - 1
	if c.stop >= 0 {
		last = c.stop
	}
	made := false
	for i := max(1, c.start); i <= last; i++ {
		before, with := counted(i-1), counted(i)
		switch {
		case before == with:
		case !late(with, i):
			made = false
		case !late(before, i):
			made = life[i].at > k.Due
		}
	}
	return made
}

// The naive judge's own word on the cases that the design's sentences come from,
// worked out by hand: 8 hours from Monday 9:00 are Monday 17:00.
func TestTheNaiveAlarms(t *testing.T) {
	berlinZone, err := calendar.LoadZone(berlin)
	if err != nil {
		t.Fatal(err)
	}
	hours := func(n int64) oracleDuration { return oracleDuration{n, true, "hours"} }
	half := oracleThreshold{permille: 500, text: "50%"}
	left := oracleThreshold{left: oracleDuration{30, true, "minutes"}, text: "30 business minutes"}
	spec := func(metric string, urgent, normal, low int64, warn ...oracleThreshold) *oracleSpec {
		office := &oracleCalendar{name: "office", zone: berlinZone, plans: []oraclePlan{{}}, known: map[int64]bool{}}
		for day := time.Monday; day <= time.Friday; day++ {
			office.plans[0].hours[day] = [][2]int{{9 * 60, 17 * 60}}
		}
		return &oracleSpec{
			name: "hand", calendars: []*oracleCalendar{office}, day: 8 * 3600, standard: "normal",
			priorities: []oraclePriority{{name: "urgent"}, {name: "normal"}, {name: "low"}},
			targets: []*oracleTarget{{metric: metric, pause: []string{"waiting_customer"},
				within: map[string]oracleDuration{"urgent": hours(urgent), "normal": hours(normal), "low": hours(low)},
				warn:   map[string][]oracleThreshold{"urgent": warn, "normal": warn, "low": warn}}},
			excludes: []oracleTagged{{&oracleCondition{"", func(v *oracleView) bool { return slices.Contains(v.tags, "waived") }}, "sla_exempt"}},
		}
	}
	mistaken := spec("resolution", 1, 8, 40, half)
	triaged := spec("first_reply", 1, 2, 24, half)
	triaged.standard, triaged.propose, triaged.triage = "urgent", true, &oracleDuration{30, true, "minutes"}
	for _, c := range []struct {
		name, priority string
		spec           *oracleSpec
		events         []string
		until          string
		want           []string
	}{
		{"a mistaken priority", "normal", mistaken, []string{"Mon 11:00 priority urgent", "Mon 11:05 priority normal"}, "Tue 09:00", []string{
			"Mon 11:00 breach/resolution/1 by change", "Mon 13:00 warn/resolution/1/50%#2", "Mon 17:00:01 breach/resolution/1#2"}},
		{"two mistakes in a row", "normal", spec("resolution", 1, 8, 2), []string{"Mon 12:00 priority urgent", "Mon 12:02 priority low", "Mon 12:03 kind bug", "Mon 12:05 priority normal"}, "Mon 16:00", []string{
			"Mon 12:00 breach/resolution/1 by change"}},
		{"a mistake that outlasts the right target", "normal", spec("resolution", 1, 3, 40), []string{"Mon 11:00 priority urgent", "Mon 13:00 priority normal"}, "Mon 15:00", []string{
			"Mon 11:00 breach/resolution/1 by change", "Mon 13:00 breach/resolution/1#2"}},
		{"a longer target", "urgent", spec("resolution", 2, 8, 40, half, left), []string{"Mon 10:45 priority low"}, "next Mon 09:00", []string{
			"Mon 10:00 warn/resolution/1/50%", "Mon 10:30 warn/resolution/1/30 business minutes", "Wed 13:00 warn/resolution/1/50%#2",
			"Fri 16:30 warn/resolution/1/30 business minutes#2", "Fri 17:00:01 breach/resolution/1"}},
		{"triaged, then really late", "", triaged, []string{"Mon 10:10 priority normal"}, "Mon 12:00", []string{
			"Mon 09:30 triage", "Mon 09:30 warn/first_reply/1/50%", "Mon 10:00:01 breach/first_reply/1", "Mon 11:00:01 breach/first_reply/1#2"}},
		{"asked for a priority again", "", triaged, []string{"Mon 09:40 status solved", "Mon 10:00 status open"}, "Mon 10:00", []string{
			"Mon 09:30 triage", "Mon 09:30 warn/first_reply/1/50%", "Mon 10:00 triage#2"}},
		{"a waiver that ends", "normal", spec("resolution", 1, 8, 40), []string{"Tue 09:00 tag +waived", "Thu 09:00 tag -waived"}, "Fri 09:00", []string{
			"Mon 17:00:01 breach/resolution/1", "Thu 09:00 breach/resolution/1#2 by change"}},
		{"a pause never makes it call again", "normal", mistaken, []string{"Mon 14:00 status waiting_customer", "Mon 15:00 status open", "Mon 15:10 status solved", "Mon 15:20 status open"}, "Mon 16:00", []string{
			"Mon 13:00 warn/resolution/1/50%"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ticket := rules.Ticket{Source: "x", ID: "1", Kind: "question", Status: rules.Open, Priority: c.priority, CreatedAt: when(t, "Mon 09:00")}
			for _, e := range c.events {
				ticket.Events = append(ticket.Events, event(t, e))
			}
			var got []string
			for _, call := range oracleAlarms([]*oracleSpec{c.spec}, &ticket, when(t, c.until), []int64{when(t, "Mon 11:01").Unix(), when(t, "Tue 12:00").Unix()}) {
				text := said(time.Unix(call.At, 0)) + " " + strings.NewReplacer("/x:1", "").Replace(call.Key)
				if call.ByChange {
					text += " by change"
				}
				got = append(got, text)
			}
			if diff := gocmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
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
		// The two count times in which nobody could be called, as the clock stood still,
		// in different ways: the number is a name, which no two calls of a key share.
		for _, calls := range [][]oracleCall{want, got} {
			seen := map[string]bool{}
			for i := range calls {
				if seen[calls[i].Key] {
					c.fatal(t, until, "%s calls twice", calls[i].Key)
				}
				seen[calls[i].Key] = true
				calls[i].Key, _, _ = strings.Cut(calls[i].Key, "#")
			}
		}
		if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			c.fatal(t, until, "(-naive +program):\n%s", diff)
		}
	})
}
