package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/rules"
)

// oracleSituations are what the random cases must contain, each with a sign of
// it; what never happens is never compared.
var oracleSituations = []struct {
	name string
	in   func(c *oracleCase, w *oracleWitness) bool
}{
	{"an update that was void", func(_ *oracleCase, w *oracleWitness) bool { return w.clock("update", "void") }},
	{"an update that an agent's solving reply met", func(_ *oracleCase, w *oracleWitness) bool {
		return w.clock("update", "met") && w.moment(func(m *oracleMoment) bool { return m.answer && m.done })
	}},
	{"opened by an agent, no first reply owed yet", func(_ *oracleCase, w *oracleWitness) bool {
		return w.agentOpened() && len(w.spec.cycles("first_reply", w.life)) == 0
	}},
	{"opened by an agent, a first reply owed later", func(_ *oracleCase, w *oracleWitness) bool {
		return w.agentOpened() && slices.ContainsFunc(w.v.Clocks, func(k oracleClock) bool { return k.Metric == "first_reply" && k.Started > w.life[0].at })
	}},
	{"opened by an automation", func(c *oracleCase, _ *oracleWitness) bool { return c.ticket.OpenedBy == rules.ByAutomation }},
	{"an event before the creation", func(c *oracleCase, _ *oracleWitness) bool {
		return slices.ContainsFunc(c.ticket.Events, func(e rules.Event) bool { return e.At.Before(c.ticket.CreatedAt) })
	}},
	{"an inherited tag", func(_ *oracleCase, w *oracleWitness) bool {
		return w.moment(func(m *oracleMoment) bool { return len(m.st.tags) < len(m.st.there) })
	}},
	{"an inherited tag that is set anew", func(_ *oracleCase, w *oracleWitness) bool {
		return w.step(func(a, b *oracleMoment) bool {
			return len(b.st.inherited) < len(a.st.inherited) && len(b.st.there) == len(a.st.there)
		})
	}},
	{"a wait that the customer's answer ended", func(_ *oracleCase, w *oracleWitness) bool {
		return w.waits(func(r *oracleTarget, m *oracleMoment) bool {
			return r.endsOnReply && m.ask && m.st.status == "waiting_customer" && slices.Contains(r.pause, m.st.status) && m.st.answered
		})
	}},
	{"a wait that an agent's word begins again", func(_ *oracleCase, w *oracleWitness) bool {
		return w.waits(func(r *oracleTarget, m *oracleMoment) bool {
			return r.endsOnReply && m.answer && !m.first && m.agentsTurn && m.st.status == "waiting_customer" && slices.Contains(r.pause, m.st.status)
		})
	}},
	{"a condition on answered, and a first answer", func(_ *oracleCase, w *oracleWitness) bool {
		return w.moment(func(m *oracleMoment) bool {
			before := *m.st
			before.answered = false
			return m.first && w.spec.row("update", &before) != w.spec.row("update", m.st)
		})
	}},
	{"an unknown priority", func(_ *oracleCase, w *oracleWitness) bool { return w.v.Unknown != "" }},
	{"a priority that changed once it was solved", func(_ *oracleCase, w *oracleWitness) bool {
		last := w.life[len(w.life)-1]
		return last.done && w.spec.priority(last.st).name != w.v.Priority
	}},
	{"marks on an excluded ticket", func(_ *oracleCase, w *oracleWitness) bool { return w.v.Excluded != "" && len(w.v.Marks) > 0 }},
	{"marks within a grace", func(_ *oracleCase, w *oracleWitness) bool {
		last := w.life[len(w.life)-1]
		return last.done && !oracleDone(last.st.status) && len(w.v.Marks) > 0
	}},
	{"tags left by no policy any more", func(c *oracleCase, w *oracleWitness) bool { return w.v.Policy == "" && len(w.v.Remove) > 0 }},
	{"tags of the other policy", func(_ *oracleCase, w *oracleWitness) bool {
		return w.v.Policy == "second" && slices.ContainsFunc(w.v.Remove, func(tag string) bool { return tag == "gold" || tag == "sla_redirected" })
	}},
	{"an alarm that calls again", func(_ *oracleCase, w *oracleWitness) bool { return w.called("#2", "") }},
	{"a warning that calls again", func(_ *oracleCase, w *oracleWitness) bool { return w.called("#2", "warn/") }},
	{"a question for a priority that is asked again", func(_ *oracleCase, w *oracleWitness) bool { return w.called("#2", "triage/") }},
	{"a breach by a change", func(_ *oracleCase, w *oracleWitness) bool {
		return slices.ContainsFunc(w.calls, func(c oracleCall) bool { return c.ByChange })
	}},
	{"a real breach after one by a change", func(_ *oracleCase, w *oracleWitness) bool {
		return slices.ContainsFunc(w.calls, func(c oracleCall) bool {
			return c.ByChange && slices.ContainsFunc(w.calls, func(d oracleCall) bool { return !d.ByChange && d.Key == c.Key+"#2" })
		})
	}},
}

// An oracleWitness is what the naive judge sees of a case at one instant.
type oracleWitness struct {
	v     oracleVerdict
	spec  *oracleSpec // the one that covers the ticket, else the last one
	life  []oracleMoment
	calls []oracleCall // up to then
}

func (w *oracleWitness) clock(metric, state string) bool {
	return slices.ContainsFunc(w.v.Clocks, func(k oracleClock) bool { return k.Metric == metric && k.State == state })
}

func (w *oracleWitness) agentOpened() bool { return w.life[0].st.openedBy == rules.ByAgent }

func (w *oracleWitness) moment(is func(*oracleMoment) bool) bool {
	return slices.ContainsFunc(w.life, func(m oracleMoment) bool { return is(&m) })
}

func (w *oracleWitness) step(is func(a, b *oracleMoment) bool) bool {
	for i := range w.life[1:] {
		if is(&w.life[i], &w.life[i+1]) {
			return true
		}
	}
	return false
}

func (w *oracleWitness) waits(is func(*oracleTarget, *oracleMoment) bool) bool {
	return w.moment(func(m *oracleMoment) bool {
		return slices.ContainsFunc(w.spec.targets, func(r *oracleTarget) bool { return is(r, m) && w.spec.row(r.metric, m.st) == r })
	})
}

func (w *oracleWitness) called(suffix, prefix string) bool {
	return slices.ContainsFunc(w.calls, func(c oracleCall) bool { return strings.HasSuffix(c.Key, suffix) && strings.HasPrefix(c.Key, prefix) })
}

// Every situation happens in the random cases, or comparing them shows nothing.
func TestTheNaiveJudgeSeesEverySituation(t *testing.T) {
	cases := rapid.Custom(anyOracleCase)
	seen := map[string]bool{}
	for seed := 0; len(seen) < len(oracleSituations) && seed < 1000; seed++ {
		c := cases.Example(seed)
		nows := []time.Time{c.last().Add(time.Duration(seed) * time.Minute)}
		if n := len(c.ticket.Events); n > 0 {
			nows = append(nows, c.ticket.Events[seed%n].At)
		}
		for _, now := range nows {
			if now.Before(c.ticket.CreatedAt) {
				continue
			}
			w := oracleWitness{v: oracleJudge(c.specs, &c.ticket, now), calls: oracleAlarms(c.specs, &c.ticket, now, nil)}
			if w.spec, w.life = oracleCovering(c.specs, &c.ticket, now.Unix()); w.spec == nil {
				w.spec = c.specs[len(c.specs)-1]
			}
			for _, s := range oracleSituations {
				if !seen[s.name] && s.in(&c, &w) {
					seen[s.name] = true
					t.Logf("case %d: %s", seed, s.name)
				}
			}
		}
	}
	for _, s := range oracleSituations {
		if !seen[s.name] {
			t.Errorf("never: %s", s.name)
		}
	}
}
