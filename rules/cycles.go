package rules

import "slices"

// A cycle is one run of a metric's clock, from the step at which it starts to
// the step at which it stops; stop is -1 while it still runs.
type cycle struct {
	n           int // from 1
	start, stop int
	end         int  // resolution only: the step before which a restart ended the cycle, else the number of steps
	unanswered  bool // stopped by being solved, without an answer
}

// cycles lists a metric's cycles in order. In one instant attributes come
// first, then fulfilment, then replies. The list holds until the next is asked for.
func (e *evaluation) cycles(m Metric) []cycle {
	list := e.cyclesFound[:0]
	switch m {
	case FirstReply:
		if c, ok := e.firstReply(); ok {
			list = append(list, c)
		}
	case NextReply:
		list = e.nextReplies(list)
	case Update:
		list = e.updates(list)
	default:
		list = e.resolutions(list)
	}
	e.cyclesFound = list
	return list
}

// firstReply runs from creation to the first public agent reply, or to being
// fulfilled. Of a ticket that an agent opened it runs from the customer's first
// public message on (A20): there is none before, and a reply of that very instant
// answers what was.
func (e *evaluation) firstReply() (c cycle, ok bool) {
	c = cycle{n: 1, stop: -1}
	opened := e.t.OpenedBy == ByAgent
	if opened {
		c.start = slices.IndexFunc(e.h.steps, func(s step) bool { return s.ask })
		if c.start < 0 {
			return c, false
		}
	}
	for k := c.start; k < len(e.h.steps); k++ {
		s := &e.h.steps[k]
		if s.answer && !(opened && k == c.start) || e.fulfilled(FirstReply, k) {
			c.stop, c.unanswered = k, s.done && !s.answer
			break
		}
	}
	return c, true
}

// updates run from creation, or from a public agent reply, to the next one or
// to being fulfilled. What ends fulfilment, a reopening or a workaround that is
// withdrawn, starts one: the customer waits for news again.
func (e *evaluation) updates(list []cycle) []cycle {
	running := false
	start := func(k int) {
		list = append(list, cycle{n: len(list) + 1, start: k, stop: -1})
		running = true
	}
	stop := func(k int) {
		c, s := &list[len(list)-1], &e.h.steps[k]
		c.stop, c.unanswered = k, s.done && !s.answer
		running = false
	}
	start(0)
	for k := range e.h.steps {
		fulfilled := e.fulfilled(Update, k)
		switch {
		case fulfilled && running:
			stop(k)
		case !fulfilled && !running:
			start(k) // with a reply in the same instant: still one
		case !fulfilled && e.h.steps[k].answer:
			stop(k)
			start(k)
		}
	}
	return list
}

// nextReplies run from the oldest unanswered public reply of the customer,
// once the first reply's clock has stopped, to a public agent reply or to being
// fulfilled. A reply while nothing is owed starts one when that ends.
func (e *evaluation) nextReplies(list []cycle) []cycle {
	first, ok := e.firstReply()
	if !ok || first.stop < 0 {
		return list
	}
	running, waiting := false, false // waiting: the customer asked while nothing was owed
	start := func(k int) {
		list = append(list, cycle{n: len(list) + 1, start: k, stop: -1})
		running, waiting = true, false
	}
	stop := func(k int, unanswered bool) {
		c := &list[len(list)-1]
		c.stop, c.unanswered = k, unanswered
		running = false
	}
	for k := first.stop; k < len(e.h.steps); k++ {
		s := &e.h.steps[k]
		fulfilled := e.fulfilled(NextReply, k)
		if fulfilled && running {
			stop(k, s.done && !s.answer)
		}
		if !fulfilled && waiting {
			start(k)
		}
		if s.answer {
			if running {
				stop(k, false)
			}
			waiting = false
		}
		switch {
		case !s.ask || running:
		case fulfilled:
			waiting = true
		default:
			start(k)
		}
	}
	return list
}

// resolutions count while not fulfilled. One cycle, which goes on after a
// reopening; with reopen = "restart" each reopening begins a new one.
func (e *evaluation) resolutions(list []cycle) []cycle {
	list = append(list, cycle{n: 1, stop: -1, end: len(e.h.steps)})
	if e.p.Restart {
		for k := 1; k < len(e.h.steps); k++ {
			if e.h.steps[k-1].done && !e.h.steps[k].done {
				list[len(list)-1].end = k
				list = append(list, cycle{n: len(list) + 1, start: k, stop: -1, end: len(e.h.steps)})
			}
		}
	}
	for i := range list {
		c := &list[i]
		for k := c.end - 1; k >= c.start && e.fulfilled(Resolution, k); k-- {
			c.stop = k
		}
	}
	return list
}
