package rules_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vigie/rules"
	"vigie/rules/policyfile"
)

// Laws that hold whatever a policy says: each changes a ticket's history in a
// way that must not matter, or matters in one direction only.

// whole is all that a verdict says, the wake-up included.
func whole(t *rapid.T, v *rules.Verdict) string {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s\nwake %d", b, v.Wake.Unix())
}

// same compares the verdicts before and after the events were replaced.
func (c *oracleCase) same(t *rapid.T, now time.Time, law string, events []rules.Event) {
	before := c.evaluate(t, now)
	changed := *c
	changed.ticket.Events = events
	after := changed.evaluate(t, now)
	if diff := gocmp.Diff(whole(t, &before), whole(t, &after)); diff != "" {
		c.fatal(t, now, "%s, but (-before +after):\n%s", law, diff)
	}
}

func TestLawsOfHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyOracleCase(t)
		events := c.ticket.Events
		for _, now := range c.nows(t) {
			seen := slices.DeleteFunc(slices.Clone(events), func(e rules.Event) bool { return e.At.After(now) })
			full, cut := c.evaluate(t, now), c
			cut.ticket.Events = seen
			prefix := cut.evaluate(t, now)
			full.Wake = prefix.Wake // but we wake for what we know will come
			if diff := gocmp.Diff(whole(t, &prefix), whole(t, &full)); diff != "" {
				c.fatal(t, now, "what happens later isn't seen, but (-without +with):\n%s", diff)
			}
			c.same(t, now, "the order of different seconds in the input doesn't matter", shuffled(t, events, func(e rules.Event) string {
				return e.At.String()
			}))
			c.same(t, now, "in one second the order of different things doesn't matter", byTime(shuffled(t, events, func(e rules.Event) string {
				return e.At.String() + string(e.Type) + e.Name
			})))
			if span := now.Sub(c.ticket.CreatedAt); span >= 0 {
				nothing := rules.Event{
					At:   c.ticket.CreatedAt.Add(time.Duration(rapid.Int64Range(0, int64(span/time.Second)).Draw(t, "nothing")) * time.Second),
					Type: rules.ReplyEvent, By: rules.ByAutomation,
				}
				c.same(t, now, "a moment in which nothing changes cuts nothing", byTime(append(slices.Clone(events), nothing)))
			}
		}
	})
}

// shuffled is another order of events, in which those of one key keep theirs.
func shuffled(t *rapid.T, events []rules.Event, key func(rules.Event) string) []rules.Event {
	of := map[string][]rules.Event{}
	for _, e := range events {
		of[key(e)] = append(of[key(e)], e)
	}
	list := rapid.Permutation(events).Draw(t, "order")
	for i, e := range list {
		k := key(e)
		list[i], of[k] = of[k][0], of[k][1:]
	}
	return list
}

func byTime(events []rules.Event) []rules.Event {
	slices.SortStableFunc(events, func(a, b rules.Event) int { return a.At.Compare(b.At) })
	return events
}

func TestLawOfHandovers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyOracleCase(t)
		for i, s := range c.specs { // each team gets a twin on its calendar
			twins := *s
			twins.teams = maps.Clone(s.teams)
			for group, calendar := range s.teams {
				twins.teams[group+" twin"] = calendar
			}
			p, problems := policyfile.Load(s.name, []byte(twins.toml()), nil)
			if err := problems.Err(); err != nil {
				t.Fatal(err)
			}
			c.policies[i] = p
		}
		at := oracleOf(t, "handover", append([]time.Time{c.ticket.CreatedAt}, c.falls(c.last())...))
		group := c.ticket.Group
		for _, e := range c.ticket.Events {
			if e.Type == rules.GroupEvent && !e.At.After(at) {
				group = e.To
			}
		}
		if group == "night" {
			t.Skip("conditions ask for this team")
		}
		handed := byTime(append(slices.Clone(c.ticket.Events), rules.Event{At: at, Type: rules.GroupEvent, To: group + " twin"}))
		for _, now := range c.nows(t) {
			if now.Before(at) {
				continue // nothing has happened yet
			}
			c.same(t, now, "a handover to a team with the same calendar changes nothing", handed)
		}
	})
}

func TestLawOfPauses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyOracleCase(t)
		s := c.specs[len(c.specs)-1]
		s.covers, s.excludes, s.marks, s.grace = nil, nil, nil, nil
		r := anyOracleTarget(t, oraclePriorities)
		r.metric, r.when, r.until, r.pause, r.pauseAfterReply = "resolution", nil, nil, []string{"waiting_customer"}, false
		r.endsOnReply = false
		r.within["normal"] = anyOracleDuration(t, r.within[slices.Sorted(maps.Keys(r.within))[0]].business)
		s.targets, s.standard, s.propose = []*oracleTarget{r}, "normal", true
		p, problems := policyfile.Load(s.name, []byte(s.toml()), nil)
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		handovers := slices.DeleteFunc(slices.Clone(c.ticket.Events), func(e rules.Event) bool { return e.Type != rules.GroupEvent })
		created := c.ticket.CreatedAt
		in := func(label string, from int) int { return rapid.IntRange(from, 4*86400).Draw(t, label) }
		begin := in("begin", 0)
		end := in("end", begin)
		longer := in("longer", end)
		now := created.Add(time.Duration(in("now", longer)) * time.Second)
		due := func(until int) time.Time {
			ticket := rules.Ticket{Source: "x", ID: "1", Status: rules.Open, Group: c.ticket.Group, CreatedAt: created, Events: append(slices.Clone(handovers),
				rules.Event{At: created.Add(time.Duration(begin) * time.Second), Type: rules.StatusEvent, To: "waiting_customer"},
				rules.Event{At: created.Add(time.Duration(until) * time.Second), Type: rules.StatusEvent, To: "open"})}
			v, err := rules.Evaluate([]*rules.Policy{p}, &ticket, now)
			if err != nil || v.Error != "" || len(v.Clocks) != 1 || v.Clocks[0].Due == nil {
				t.Fatalf("%v %s %+v", err, v.Error, v.Clocks)
			}
			return *v.Clocks[0].Due
		}
		if short, long := due(end), due(longer); long.Before(short) {
			c.fatal(t, now, "paused from %ds to %ds it is due %s, to %ds already %s", begin, end, short, longer, long)
		}
	})
}

// What people are shown adds up: the lines of a timeline follow one another from
// the start, and those up to the due instant sum to the target.
func TestLawsOfExplanations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyOracleCase(t)
		for _, now := range c.nows(t) {
			x, err := rules.Explain(c.policies, &c.ticket, now)
			if err != nil {
				t.Fatal(err)
			}
			clocks := 0
			for _, k := range x.Verdict.Clocks {
				clocks += 1 + len(k.Past)
			}
			if clocks != len(x.Timelines) {
				c.fatal(t, now, "%d clocks and past cycles, %d timelines", clocks, len(x.Timelines))
			}
			for _, tl := range x.Timelines {
				k := tl.Clock
				if k.StartedAt.Before(c.ticket.CreatedAt) || k.Due != nil && k.Due.Before(k.StartedAt) {
					c.fatal(t, now, "%s %d: starts at %s, due %s, created %s", tl.Metric, tl.Cycle, k.StartedAt, k.Due, c.ticket.CreatedAt)
				}
				end := now
				if k.StoppedAt != nil {
					end = *k.StoppedAt
				}
				var total, sum int64
				at := k.StartedAt
				for _, line := range tl.Lines {
					if !line.From.Equal(at) || !line.To.After(line.From) {
						c.fatal(t, now, "%s %d: a line from %s to %s after one until %s", tl.Metric, tl.Cycle, line.From, line.To, at)
					}
					if at = line.To; !line.Late {
						sum += line.Counted
					}
					if !line.Future {
						total += line.Counted
					}
				}
				want := k.Elapsed
				if k.Due != nil {
					want = k.Target
					end = time.Unix(max(end.Unix(), k.Due.Unix()), 0)
				}
				if sum != want || tl.Sum != want || total != k.Elapsed {
					c.fatal(t, now, "%s %d: the lines sum to %d, said to be %d, want %d; %d of them are past, want %d", tl.Metric, tl.Cycle, sum, tl.Sum, want, total, k.Elapsed)
				}
				if cmp.Compare(at.Unix(), end.Unix()) != 0 {
					c.fatal(t, now, "%s %d: the lines end at %s, want %s", tl.Metric, tl.Cycle, at, end)
				}
			}
		}
	})
}
