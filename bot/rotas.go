package main

import (
	"slices"
	"time"

	"vigie/bot/config"
	"vigie/bot/engine"
)

// groups are the user groups that follow rotas. One that several name has everybody who
// is on call by any of them.
func groups(c *config.Config) []engine.Group {
	var list []engine.Group
	rotas := map[string][]config.OnCall{}
	for _, o := range c.OnCall {
		if o.Group == "" {
			continue
		}
		if rotas[o.Group] = append(rotas[o.Group], o); len(rotas[o.Group]) == 1 {
			list = append(list, engine.Group{Name: o.Group, OnCall: func(at time.Time) ([]string, time.Time) { return onCall(c, rotas[o.Group], at) }})
		}
	}
	return list
}

// onCall is who is on call by some rotas at an instant, by their addresses in Slack, and
// when that may change; zero for never.
func onCall(c *config.Config, rotas []config.OnCall, at time.Time) (who []string, until time.Time) {
	for _, r := range rotas {
		s := r.At(at)
		if address := c.Address(s.Who, "slack"); s.Who != "" && !slices.Contains(who, address) {
			who = append(who, address)
		}
		if until.IsZero() || !s.To.IsZero() && s.To.Before(until) {
			until = s.To
		}
	}
	return who, until
}
