package rules_test

import (
	"cmp"
	"slices"
)

// The naive judge's clocks: when each metric's cycles begin and end, and what
// they count.

type oracleCycle struct {
	start, stop int  // moments; stop -1 while it runs
	unanswered  bool // ended by being solved, without an answer
}

func (s *oracleSpec) cycles(metric string, life []oracleMoment) []oracleCycle {
	var list []oracleCycle
	running := false
	start := func(i int) {
		list = append(list, oracleCycle{start: i, stop: -1})
		running = true
	}
	stop := func(i int, unanswered bool) {
		list[len(list)-1].stop, list[len(list)-1].unanswered = i, unanswered
		running = false
	}
	owed := func(i int) bool { return !s.fulfilled(metric, &life[i]) }
	switch metric {
	case "first_reply":
		for i := range life {
			m := &life[i]
			// An agent who opened the ticket owes the first reply to the
			// customer's first word, and what he says in that very instant
			// answers what was before it.
			opened := m.st.openedBy == "agent"
			begins := !running && (i == 0 && !opened || opened && m.ask)
			if begins {
				start(i)
			}
			answer := m.answer && !(opened && begins)
			if running && (!owed(i) || answer) {
				stop(i, m.done && !m.answer)
				break
			}
		}
	case "update":
		start(0)
		for i := range life {
			if m := &life[i]; running && (!owed(i) || m.answer) {
				stop(i, m.done && !m.answer)
			}
			if !running && owed(i) {
				start(i)
			}
		}
	case "next_reply":
		first := -1
		if list := s.cycles("first_reply", life); len(list) > 0 {
			first = list[0].stop
		}
		asked := false // while nothing was owed
		for i := range life {
			m := &life[i]
			if first < 0 || i < first {
				continue
			}
			if running && !owed(i) {
				stop(i, m.done && !m.answer)
			}
			if asked && owed(i) {
				start(i)
				asked = false
			}
			if m.answer {
				asked = false
				if running {
					stop(i, false)
				}
			}
			if m.ask && !running {
				if owed(i) {
					start(i)
				} else {
					asked = true
				}
			}
		}
	case "resolution":
		start(0)
		for i := range life {
			if i > 0 && s.restart && life[i-1].done && !life[i].done {
				start(i)
			}
			switch c := &list[len(list)-1]; {
			case owed(i):
				c.stop = -1 // it runs on
			case c.stop < 0:
				c.stop = i
			}
		}
	}
	return list
}

// An oracleCount is a cycle counted with one row.
type oracleCount struct {
	used, due int64 // due 0: none
	paused    bool
	warnings  []int64
}

// count adds up a cycle moment by moment, and then minute by minute on the
// calendar of the team that holds the ticket.
func (s *oracleSpec) count(metric string, row *oracleTarget, priority string, c oracleCycle, life []oracleMoment, warn []oracleThreshold) oracleCount {
	target := row.within[priority]
	amount := target.seconds(s.day)
	n := oracleCount{warnings: make([]int64, len(warn))}
	// note sees each second at which another one has been used.
	note := func(at, used int64) {
		if n.due == 0 && used >= amount {
			n.due = at
		}
		for i, w := range warn {
			if n.warnings[i] == 0 && w.passed(used, amount, s.day) {
				n.warnings[i] = at
			}
		}
	}
	pass := func(from, seconds int64, used *int64) {
		soon := *used + seconds
		reached := n.due == 0 && soon >= amount
		for i, w := range warn {
			reached = reached || n.warnings[i] == 0 && w.passed(soon, amount, s.day)
		}
		if reached { // somewhere in this stretch: look second by second
			for i := range seconds {
				note(from+i+1, *used+i+1)
			}
		}
		*used += seconds
	}
	end := c.stop
	if end < 0 {
		end = len(life) - 1
	}
	note(life[c.start].at, 0)
	for i := c.start; i < end; i++ {
		m := &life[i]
		if s.stands(metric, row, m) {
			continue
		}
		pass(m.at, s.counted(m, target.business), &n.used)
	}
	n.paused = c.stop < 0 && slices.Contains(row.pause, life[end].st.status) && s.stands(metric, row, &life[end])
	if n.paused {
		return n
	}
	used := n.used
	calendar := s.calendar(life[end].st)
	for at := life[end].at; n.due == 0; {
		next := at - at%60 + 60
		if !target.business || calendar.open(at) {
			pass(at, next-at, &used)
		}
		at = next
	}
	return n
}

// stands says that a row's clock stands still in a moment.
func (s *oracleSpec) stands(metric string, row *oracleTarget, m *oracleMoment) bool {
	return m.done || m.st.status == "deleted" || metric == "resolution" && s.fulfilled(metric, m) || s.waits(row, m)
}

// waits says that a row's clock is paused in a moment.
func (s *oracleSpec) waits(row *oracleTarget, m *oracleMoment) bool {
	switch {
	case !slices.Contains(row.pause, m.st.status), row.pauseAfterReply && !m.st.answered:
		return false
	case m.st.status == "waiting_customer" && row.endsOnReply:
		return m.agentsTurn
	}
	return true
}

// measure judges one cycle, and says with which row; its state is empty where
// nothing is promised. What an agent's first reply stops is judged as if there
// were none yet.
func (s *oracleSpec) measure(metric string, c oracleCycle, life []oracleMoment) (oracleClock, *oracleTarget) {
	end := c.stop
	if end < 0 {
		end = len(life) - 1
	}
	st := life[end].st
	if c.stop >= 0 && metric != "resolution" && life[end].first {
		before := *st
		before.answered = false
		st = &before
	}
	return s.measureAs(st, metric, c, life)
}

// measureAs judges one cycle by what the ticket is like in a state.
func (s *oracleSpec) measureAs(st *oracleState, metric string, c oracleCycle, life []oracleMoment) (oracleClock, *oracleTarget) {
	row := s.row(metric, st)
	if row == nil || !s.covers.is(&st.oracleView) || s.excluded(st) != "" {
		return oracleClock{}, nil
	}
	priority := s.priority(st).name
	n := s.count(metric, row, priority, c, life, row.warn[priority])
	k := oracleClock{
		Metric: metric, Calendar: s.calendar(st).name, Priority: priority, Paused: n.paused, Due: n.due,
		Target: row.within[priority].seconds(s.day), Elapsed: n.used, Started: life[c.start].at,
	}
	k.Remaining = k.Target - k.Elapsed
	end := len(life) - 1
	if c.stop >= 0 {
		end = c.stop
		k.Stopped = life[end].at
	}
	switch {
	case n.due != 0 && n.due < life[end].at:
		k.State = "breached"
	case c.stop >= 0 && c.unanswered:
		k.State = "void"
	case c.stop >= 0:
		k.State = "met"
	case n.paused:
		k.State = "paused"
	default:
		k.State = "running"
		for i, w := range row.warn[priority] {
			k.Warnings = append(k.Warnings, oracleWarning{w.text, n.warnings[i]})
		}
		slices.SortStableFunc(k.Warnings, func(a, b oracleWarning) int { return cmp.Compare(a.At, b.At) })
	}
	return k, row
}
