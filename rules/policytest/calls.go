package policytest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/rules"
	"vigie/rules/oncall"
	"vigie/rules/tomlfile"
	"vigie/rules/words"
)

// called is a call as a test file writes it: "oncall:support nadia@acme.example", with
// the instant before it where that matters. Who it is may be left out, and so may the
// role: the address alone. "nobody" is who it is where nobody had the role.
type called struct {
	at        time.Time // zero: whenever
	role, who string
}

func (c called) in(zone *time.Location) string {
	text := strings.TrimSpace(c.role + " " + c.who)
	if c.at.IsZero() {
		return text
	}
	return words.In("en").Moment(c.at.In(zone)) + " " + text
}

// is says whether a call is the one that is wanted.
func (c called) is(want called) bool {
	return (want.at.IsZero() || want.at.Equal(c.at)) && (want.role == c.role || want.role == "" && want.who != "") && (want.who == "" || want.who == c.who)
}

// nobody is who is called where nobody has the role.
const nobody = "nobody"

// made is a call that was made. A person, a group, a channel is its own name.
func made(m oncall.Made) called {
	c := called{at: m.At, role: m.Whom.String(), who: m.Who}
	switch {
	case m.Whom == oncall.Callee{}:
		c.role = ""
	case m.Whom.Kind != oncall.Assignee && m.Whom.Kind != oncall.Team && m.Whom.Kind != oncall.ByRota:
		c.who = ""
	case c.who == "":
		c.who = nobody
	}
	return c
}

// calls reads the list of all calls up to the instant, in their order.
func (r *reader) calls(t *tomlfile.Table, key string, s scope) (string, judge) {
	if r.plan == nil {
		t.Add(key, `needs to know who is called; write config = "config.toml" at the top: the configuration with [[calls]], relative to this file`)
		return "", nil
	}
	var wants []called
	var texts []string
	for i, text := range t.Strings(key) {
		c, err := parseCalled(text, s.zone)
		if err != nil {
			t.Add(fmt.Sprintf("%s[%d]", key, i), "%v", err)
			continue
		}
		wants, texts = append(wants, c), append(texts, c.in(s.zone))
	}
	plan := *r.plan
	return silence(texts), func(o *observation) (string, string, bool) {
		list, err := plan.Play([]*rules.Policy{o.policy}, o.ticket, o.at)
		if err != nil {
			return "an error: " + err.Error(), "", false
		}
		same := len(list) == len(wants)
		var got, missing, extra []string
		for i, m := range list {
			c := made(m)
			got = append(got, c.in(o.zone))
			if !slices.ContainsFunc(wants, c.is) {
				extra = append(extra, c.in(o.zone))
			}
			same = same && c.is(wants[i])
		}
		for _, w := range wants {
			if !slices.ContainsFunc(list, func(m oncall.Made) bool { return made(m).is(w) }) {
				missing = append(missing, w.in(o.zone))
			}
		}
		difference := differing(missing, extra)
		if difference == "" && !same {
			difference = "in another order, or more than once"
		}
		return silence(got), difference, same
	}
}

func parseCalled(text string, zone *time.Location) (called, error) {
	parts := strings.Fields(text)
	first := slices.IndexFunc(parts, func(w string) bool { _, err := oncall.ParseCallee(w); return err == nil })
	if first < 0 || len(parts)-first > 2 {
		return called{}, fmt.Errorf(`%q is no call; write whom, such as "assignee", "oncall:support nadia@acme.example" or "#support-leads", with the instant before it if it matters`, text)
	}
	c := called{role: parts[first]}
	if len(parts)-first == 2 {
		c.who = parts[first+1]
	} else if callee, _ := oncall.ParseCallee(c.role); callee.Kind == oncall.User {
		c = called{who: c.role} // of a step that names him, or as whoever has taken the ticket
	}
	if first > 0 {
		var err error
		if c.at, err = words.ParseLocal(strings.Join(parts[:first], " "), zone); err != nil {
			return called{}, err
		}
	}
	return c, nil
}
