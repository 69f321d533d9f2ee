package stories

import (
	"fmt"
	"slices"
	"time"

	"vigie/rules/calendar"
)

// The model: what must be in the end, worked out from what people did. It is written
// from the policy's text, to be plain, and not fast. It shares no code with the
// program; instants are unix seconds.

const hour = 3600

// What the policy promises, in seconds of business time.
var promised = map[string]map[bool]int64{ // by metric, and whether the ticket is urgent
	"update":     {true: 1 * hour, false: 2 * hour},
	"resolution": {true: 2 * hour, false: 4 * hour},
}

// Shares of the target, in percent, at which people are warned.
var warned = map[string][]int64{"update": {50, 75}}

var berlin = func() *time.Location {
	zone, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

// opening is the business hours of the day of an instant, empty at the weekend.
func opening(at int64) (from, to int64) {
	y, m, d := time.Unix(at, 0).In(berlin).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, berlin)
	if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		return 0, 0
	}
	return time.Date(y, m, d, 9, 0, 0, 0, berlin).Unix(), time.Date(y, m, d, 17, 0, 0, 0, berlin).Unix()
}

// tomorrow is the midnight after an instant.
func tomorrow(at int64) int64 {
	y, m, d := time.Unix(at, 0).In(berlin).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, berlin).Unix()
}

// business is the business time between two instants.
func business(from, to int64) (sum int64) {
	for day := from; day < to; day = tomorrow(day) {
		opens, closes := opening(day)
		sum += max(0, min(to, closes)-max(from, opens))
	}
	return sum
}

// after is the first instant at which so much business time has passed since another.
func after(from, much int64) int64 {
	for day := from; ; day = tomorrow(day) {
		opens, closes := opening(day)
		begin := max(from, opens)
		if closes-begin >= much && closes > begin {
			return begin + much
		}
		much -= max(0, closes-begin)
	}
}

// A fact is a ticket after something was done to it.
type fact struct {
	at       int64
	status   string // open, waiting, solved, deleted
	urgent   bool
	question bool // excluded from the SLA
	marked   bool // for those who repair
	answer   bool // an agent has replied in public just now
}

// known is a ticket with what was done to it, its creation first.
type known struct {
	source, id string
	facts      []fact
}

func (k *known) ref() string { return k.source + ":" + k.id }

// until is the ticket as it was known at an instant.
func (k *known) until(now int64) []fact {
	n := 0
	for n < len(k.facts) && k.facts[n].at <= now {
		n++
	}
	return k.facts[:n]
}

// A clock is a cycle of a promise.
type clock struct {
	metric string
	cycle  int
	state  string // running, paused, met, void, breached
	over   bool   // it has been stopped
	due    int64  // 0 while nobody can say
	passed []int64
	next   int64 // when it changes by itself, 0 for never
}

// A run is a cycle from the fact at which it starts to that at which it stops, or -1.
type run struct {
	start, stop int
	void        bool // solved without an answer
}

// runs are the cycles of a metric.
func runs(metric string, facts []fact) []run {
	if metric == "resolution" { // one, which a reopening takes up again
		r := run{0, -1, false}
		for k := len(facts) - 1; k >= 0 && facts[k].status == "solved"; k-- {
			r.stop = k
		}
		return []run{r}
	}
	list := []run{{0, -1, false}}
	for k, f := range facts {
		last, done := &list[len(list)-1], f.status == "solved"
		running := last.stop < 0
		switch {
		case done && running:
			last.stop, last.void = k, !f.answer
		case !done && !running:
			list = append(list, run{k, -1, false})
		case !done && f.answer && k > 0:
			last.stop = k
			list = append(list, run{k, -1, false})
		}
	}
	return list
}

// measure is a cycle at an instant; false where nothing is promised.
func measure(metric string, n int, r run, facts []fact, now int64) (clock, bool) {
	decides := facts[len(facts)-1]
	end := now
	if r.stop >= 0 {
		decides, end = facts[r.stop], facts[r.stop].at
		if metric == "update" && decides.answer { // by what held before the answer
			decides = facts[r.stop-1]
		}
	}
	if decides.question || decides.status == "deleted" {
		return clock{}, false
	}
	target := promised[metric][decides.urgent]
	c := clock{metric: metric, cycle: n, over: r.stop >= 0}
	// at is the instant at which so much of it was used, or will be if all stays as it is; 0: never.
	at := func(much int64) int64 {
		for k := r.start; k < len(facts) && (r.stop < 0 || k < r.stop); k++ {
			from, to := facts[k].at, int64(0)
			if k+1 < len(facts) {
				to = facts[k+1].at
			}
			if facts[k].status == "waiting" || facts[k].status == "solved" {
				continue
			}
			if to == 0 || business(from, to) >= much {
				return after(from, much)
			}
			much -= business(from, to)
		}
		if r.stop >= 0 { // it has the date that it would have had
			return after(facts[r.stop].at, much)
		}
		return 0
	}
	c.due = at(target)
	for _, share := range warned[metric] {
		if when := at(target * share / 100); when != 0 && when <= end {
			c.passed = append(c.passed, share)
		}
	}
	switch waits := facts[len(facts)-1].status == "waiting"; {
	case c.due != 0 && c.due < end:
		c.state = "breached"
	case r.void:
		c.state = "void"
	case c.over:
		c.state = "met"
	case waits:
		c.state = "paused"
		if c.due != 0 {
			c.next = c.due + 1
		}
	default:
		c.state = "running"
		c.next = c.due + 1
		for _, share := range warned[metric] {
			if when := at(target * share / 100); when > now {
				c.next = min(c.next, when)
			}
		}
	}
	return c, true
}

// clocks are the cycles of a metric that count, the present one last; false if nothing
// is promised now.
func (k *known) clocks(metric string, now int64) (list []clock, ok bool) {
	facts := k.until(now)
	all := runs(metric, facts)
	for i, r := range all {
		var c clock
		if c, ok = measure(metric, i+1, r, facts, now); ok {
			list = append(list, c)
		}
	}
	return list, ok
}

// calls says what a clock calls people for: a share of its target, "breach", or "".
func (c *clock) calls() string {
	switch {
	case c.state == "breached" && !c.over:
		return "breach"
	case c.state == "running" && len(c.passed) > 0:
		return fmt.Sprint(c.passed[len(c.passed)-1], "%")
	}
	return ""
}

// kind is what a card about a clock shows.
func (c *clock) kind() string {
	switch {
	case c.state == "breached" && c.over:
		return "late"
	case c.state == "breached":
		return "breached"
	case c.state == "void":
		return "withdrawn"
	case c.state == "running" && len(c.passed) > 0:
		return "warning"
	case c.state == "running":
		return "eased"
	}
	return c.state // met, paused
}

// shows is what a card must show at an instant that was last about some cycle.
func (k *known) shows(metric string, cycle int, now int64) string {
	list, ok := k.clocks(metric, now)
	if !ok {
		return "withdrawn"
	}
	c := list[len(list)-1]
	if c.cycle > cycle && c.calls() == "" {
		for _, past := range list {
			if past.cycle == cycle {
				return past.kind()
			}
		}
	}
	return c.kind()
}

// A call is an alarm that people must hear of.
type call struct {
	at   int64
	key  string // as messages carry it, without the number of the episode
	n    int    // which episode
	last int64  // when it no longer held; a later share of the target ends it, too
}

// heard is every alarm of a ticket up to an instant, as somebody says them who knows
// everything at once.
func (k *known) heard(end int64) []*call {
	type episode struct {
		n      int
		on     bool
		called bool
		metric string
		cycle  int
	}
	episodes := map[string]*episode{}
	var list []*call
	for now := k.facts[0].at; now <= end; {
		next, holds := end+1, map[string]bool{}
		for _, f := range k.facts {
			if f.at > now {
				next = min(next, f.at)
			}
		}
		for _, metric := range []string{"update", "resolution"} {
			all, ok := k.clocks(metric, now)
			passed := map[string]bool{}
			c := clock{}
			if ok {
				c = all[len(all)-1]
				if c.next > now {
					next = min(next, c.next)
				}
				name := fmt.Sprintf("%s/%s/%d", k.ref(), metric, c.cycle)
				for _, share := range c.passed {
					passed[fmt.Sprintf("warn/%s/%d%%", name, share)] = true
				}
				if c.state == "breached" {
					passed["breach/"+name] = true
				}
			}
			for key, e := range episodes {
				if e.metric == metric && !passed[key] && (!ok || c.cycle == e.cycle) {
					e.on = false
				}
			}
			for key := range passed {
				e := episodes[key]
				if e == nil {
					e = &episode{metric: metric, cycle: c.cycle}
					episodes[key] = e
				}
				if !e.on {
					e.n, e.on, e.called = e.n+1, true, false
				}
			}
			if !ok || c.calls() == "" {
				continue
			}
			key := fmt.Sprintf("warn/%s/%s/%d/%s", k.ref(), metric, c.cycle, c.calls())
			if c.calls() == "breach" {
				key = fmt.Sprintf("breach/%s/%s/%d", k.ref(), metric, c.cycle)
			}
			holds[key] = true
			if e := episodes[key]; !e.called {
				list = append(list, &call{at: now, key: key, n: e.n})
			}
			for _, share := range warned[metric] { // earlier ones have been said with it
				earlier := fmt.Sprintf("warn/%s/%s/%d/%d%%", k.ref(), metric, c.cycle, share)
				if e := episodes[earlier]; e != nil {
					e.called = true
				}
				if earlier == key {
					break
				}
			}
			episodes[key].called = true
		}
		for _, said := range list {
			if said.last == 0 && !holds[said.key] {
				said.last = now
			}
		}
		now = next
	}
	return list
}

// tags are those of the program's that a ticket must have.
func (k *known) tags(now int64) []string {
	facts := k.until(now)
	last := facts[len(facts)-1]
	if last.question {
		return []string{"sla_exempt"}
	}
	list := []string{"priority_normal"}
	if last.urgent {
		list[0] = "priority_urgent"
	}
	for _, metric := range []string{"update", "resolution"} {
		if all, ok := k.clocks(metric, now); ok {
			switch c := all[len(all)-1]; {
			case c.state == "breached":
				list = append(list, "sla_"+metric+"_breached")
			case c.kind() == "warning":
				list = append(list, "sla_"+metric+"_at_risk")
			}
		}
	}
	slices.Sort(list)
	return list
}

// due is what the field for the update's due date must hold.
func (k *known) due(now int64) string {
	all, ok := k.clocks("update", now)
	if !ok || all[len(all)-1].due == 0 {
		return ""
	}
	return time.Unix(all[len(all)-1].due, 0).UTC().Format(time.RFC3339)
}

// repaired says whether the ticket shows how far those who repair it are.
func (k *known) repaired(now int64) bool {
	facts := k.until(now)
	last := facts[len(facts)-1]
	return last.marked && !last.question
}

// escalated says whether somebody marked the ticket for those who repair while it was
// open and under the SLA, and whether it still is.
func (k *known) escalated(now int64) (ever, still bool) {
	for _, f := range k.until(now) {
		still = f.marked && !f.question && (f.status == "open" || f.status == "waiting")
		ever = ever || still
	}
	return ever, still
}
