package print

import (
	"strings"

	"vigie/bot/config"
	"vigie/rules/oncall"
)

// places says in words who is told besides Slack.
func (s *Sheet) places(c *config.Config) {
	l := s.in()
	var fallback []oncall.Callee
	if c.Slack != nil {
		fallback = c.Slack.Fallback
	}
	if len(c.Hooks) == 0 && c.Mail == nil && len(fallback) == 0 {
		return
	}
	s.Heading(l.Say("places.heading"))
	for _, h := range c.Hooks {
		kind, says := l.Say("places.kind."+string(h.Kind)), "places.called"
		if h.When != nil {
			says = "places.also"
		}
		s.Item(l.Say("places.hook", "name", h.Name), "%s", l.Say(says, "kind", kind, "condition", h.When))
	}
	if c.Mail != nil {
		s.Item(l.Say("places.mail"), "%s", l.Say("places.by", "from", c.Mail.From, "server", c.Mail.SMTP))
	}
	if len(fallback) > 0 {
		s.Item(l.Say("places.fallback"), "%s", l.Say("places.after", "whom", strings.Join(whomOf(l, fallback), ", ")))
	}
}
