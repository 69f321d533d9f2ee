package config

import (
	"fmt"
	"slices"
	"strings"

	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/oncall"
	"vigie/rules/tomlfile"
)

// A Calls row is who is called, step by step, about the promises for which its
// condition holds. The first row that holds counts.
type Calls struct {
	When  *rules.Condition // nil = always
	Steps []oncall.Step
}

// callable is whom steps can name beside those who need no other table.
type callable struct {
	slack, teams bool
	names        map[oncall.CalleeKind][]string // of rotas and the like
}

func (l *loader) calls(root *tomlfile.Table, whom callable) []Calls {
	var list []Calls
	always := ""
	for _, t := range root.Tables("calls") {
		c := Calls{}
		if text := t.String("when"); text != "" {
			var err error
			if c.When, err = l.Condition(text); err != nil {
				t.Add("when", "%s", err)
			}
		} else if always == "" {
			always = t.Path()
		}
		if always != "" && always != t.Path() {
			t.Warn("", "is never reached, as %s has no when and so always holds; put it last", always)
		}
		steps := t.Tables("steps")
		if len(steps) == 0 && !slices.ContainsFunc(t.Problems(), func(p tomlfile.Problem) bool { return p.Under(t.At("steps")) }) {
			t.Add("steps", `is missing; write who is called when, such as steps = [{ at = "breach", call = ["team"] }]`)
		}
		for i, s := range steps {
			c.Steps = append(c.Steps, step(s, i == 0, whom))
		}
		t.Close()
		list = append(list, c)
	}
	return list
}

// step reads one step. Which thresholds there are is the policies' to say, and may
// differ from one target to another.
func step(t *tomlfile.Table, first bool, whom callable) oncall.Step {
	defer t.Close()
	var s oncall.Step
	at, hasAt := text(t, "at")
	after, hasAfter := text(t, "after")
	switch {
	case hasAt && hasAfter:
		t.Add("after", "stands beside at; a step is either at an alarm, or some time after the step before: keep one of the two")
	case !hasAt && !hasAfter && !t.Has("at") && !t.Has("after"):
		t.Add("at", `is missing; write "warning", "breach" or a threshold such as "75%%", or after = "15 minutes"`)
	case hasAfter && first:
		t.Add("after", `stands in the first step, before which there is none; write at = "warning", "breach" or a threshold such as "75%%"`)
	case hasAt:
		s.At = at
		if at != oncall.AtWarning && at != oncall.AtBreach {
			threshold, err := rules.ParseThreshold(at, eightHours)
			if err != nil {
				t.Add("at", `%q is no alarm; write "warning" for the first threshold, "breach", or a threshold such as "75%%" or "30 business minutes"`, at)
			}
			s.At = threshold.String()
		}
	case hasAfter:
		d, err := rules.ParseDuration(after, eightHours)
		switch {
		case err != nil:
			t.Add("after", `%q is no length of time; write one such as "15 minutes" or "1 business hour"`, after)
		case d.Business && strings.Contains(after, "day"):
			t.Add("after", `%q: how long a business day is, each policy says; write business hours, such as "8 business hours"`, after)
		}
		s.After = d
	}
	named := map[string]bool{}
	list := t.Strings("call")
	if len(list) == 0 && !t.Has("call") {
		t.Add("call", `is missing; write whom it calls, such as call = ["assignee", "oncall:support"]`)
	} else if len(list) == 0 {
		t.Add("call", `calls nobody; write whom, such as call = ["assignee", "oncall:support"], or take the step out`)
	}
	for i, text := range list {
		key := desk.Index("call", i)
		c, err := oncall.ParseCallee(text)
		switch {
		case err != nil:
			t.Add(key, "%s", err)
		case named[text]:
			t.Add(key, "%q is called by this step already; name everybody once", text)
		default:
			whom.check(t, key, c)
			s.Call = append(s.Call, c)
		}
		named[text] = true
	}
	return s
}

// eightHours is the length of a business day where no policy says another.
const eightHours = 8 * 3600

// check says whether somebody can be called.
func (w callable) check(t *tomlfile.Table, key string, c oncall.Callee) {
	tables := map[oncall.CalleeKind]string{oncall.ByRota: "[[oncall]]", oncall.Hook: "[[hooks]]", oncall.Mail: "[mail]"}
	names, named := w.names[c.Kind]
	switch {
	case c.Kind == oncall.Mail && !named:
		t.Add(key, "%q is called by mail, and there is no [mail]; add that table", c)
	case c.Kind == oncall.Mail && !isEmail(c.Name):
		t.Add(key, `%q is no e-mail address; write one such as "mail:lead@acme.example"`, c.Name)
	case c.Kind == oncall.Mail:
	case c.Kind == oncall.ByRota || c.Kind == oncall.Hook:
		if !slices.Contains(names, c.Name) {
			hint := "there is none at all"
			if len(names) > 0 {
				hint = tomlfile.OneOf(names, c.Name)
			}
			t.Add(key, "no %s is named %q; %s", tables[c.Kind], c.Name, hint)
		}
	case !w.slack:
		t.Add(key, "%q is called in Slack, and there is no [slack]; add that table", c)
	case c.Kind == oncall.Team && !w.teams:
		t.Add(key, `"team" calls the user group of the team that holds the ticket, and no team has one; write teams = { "Support Berlin" = "@support-berlin" } under [slack]`)
	case c.Kind == oncall.Group && !groupForm.MatchString(c.Name):
		t.Add(key, `%q is no user group; write its handle such as "@support-leads"`, c.Name)
	case c.Kind == oncall.Channel && !channelForm.MatchString(c.Name):
		t.Add(key, `%q is no channel; write its name such as "#support-leads", or its id such as "C024BE91L"`, c.Name)
	case c.Kind == oncall.User && !isEmail(c.Name):
		t.Add(key, `%q is no e-mail address; write one such as "nadia@acme.example"`, c.Name)
	}
}

// teams are the user groups of teams, by the team's name at the vendor.
func teams(t *tomlfile.Table) map[string]string {
	if t == nil {
		return nil
	}
	groups := map[string]string{}
	for _, team := range t.Keys() {
		group, ok := text(t, team)
		if ok && !groupForm.MatchString(group) {
			t.Add(team, `%q is no user group; write its handle such as "@support-berlin", or its id such as "S0614TZR7"`, group)
		}
		groups[team] = group
	}
	return groups
}

// callable is whom the steps of a configuration can name.
func (c *Config) callable() callable {
	w := callable{slack: c.Slack != nil, names: map[oncall.CalleeKind][]string{}}
	w.teams = w.slack && len(c.Slack.Teams) > 0
	for _, o := range c.OnCall {
		w.names[oncall.ByRota] = append(w.names[oncall.ByRota], o.Name)
	}
	c.reachable(w.names)
	return w
}

// Chain is the steps by which an alert calls people: those of the first row that
// holds. The error is of a row whose condition can't be answered, which is passed over.
func (c *Config) Chain(holds func(*rules.Condition) (bool, error)) (steps []oncall.Step, err error) {
	for i, row := range c.Calls {
		ok, failed := holds(row.When)
		if failed != nil {
			err = fmt.Errorf("calls[%d]: %w", i, failed)
			continue
		}
		if ok {
			return row.Steps, err
		}
	}
	return nil, err
}
