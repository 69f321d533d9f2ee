package print

import (
	"strings"

	"vigie/bot/config"
	"vigie/rules"
	"vigie/rules/oncall"
	"vigie/rules/words"
)

// calls says in words who is called when.
func (s *Sheet) calls(c *config.Config) {
	l := s.in()
	if c.Slack == nil && len(c.Calls) == 0 {
		return
	}
	s.Heading(l.Say("calls.heading"))
	if len(c.Calls) == 0 {
		s.Item(l.Say("calls.whom"), "%s", l.Say("calls.nobody"))
	}
	for _, row := range c.Calls {
		when := l.Say("calls.always")
		if row.When != nil {
			when = l.Say("calls.if", "condition", row.When)
		}
		s.Item(l.Say("calls.row"), "%s", when)
		for _, step := range row.Steps {
			s.Item("", "%s", l.Say("calls.step", "when", stepWhen(l, step), "whom", stepWhom(l, step)))
		}
	}
	if len(c.Calls) > 0 {
		s.Item("", "%s", l.Say("calls.taken"))
	}
}

func stepWhen(l *words.Language, step oncall.Step) string {
	switch step.At {
	case oncall.AtWarning, oncall.AtBreach:
		return l.Say("calls.at." + step.At)
	case "":
		return l.Say("calls.after", "length", l.Target(step.After.String()))
	}
	if _, share := strings.CutSuffix(step.At, "%"); share {
		return l.Say("calls.at.share", "share", step.At)
	}
	left, err := rules.ParseDuration(step.At, 8*3600)
	if err != nil {
		return step.At
	}
	return l.Say("calls.at.left", "length", l.Target(left.String()))
}

func stepWhom(l *words.Language, step oncall.Step) string {
	return strings.Join(whomOf(l, step.Call), ", ")
}

// whomOf is callees in words.
func whomOf(l *words.Language, callees []oncall.Callee) (list []string) {
	for _, c := range callees {
		list = append(list, l.Say("calls.callee."+string(c.Kind), "name", c.Name))
	}
	return list
}
