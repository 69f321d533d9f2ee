package adapt

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"time"
	"vigie/bot/config"
	"vigie/bot/engine"
	"vigie/rules"
	"vigie/rules/oncall"

	"github.com/expr-lang/expr/vm"
)

// What the configuration says of an alert: where it goes, and whom it calls.

// Route picks the first route whose condition holds. One that can't be answered
// is passed over, loudly: the default channel is better than silence.
func Route(s *config.Slack, log *slog.Logger) func(rules.Alert) engine.Routing {
	return func(a rules.Alert) engine.Routing {
		for _, r := range s.Routes {
			holds, err := r.When.Holds(&vm.VM{}, a.Env())
			if err != nil {
				log.Error("route can't be decided", "when", r.When.String(), "err", err)
			}
			if holds && err == nil {
				return engine.Routing{Channel: r.Channel, Language: r.Language, Gather: r.Gather}
			}
		}
		return engine.Routing{Channel: s.Channel, Language: s.Language}
	}
}

// Digests are the configuration's lists at fixed times. A cron spec's times are a
// zone's. One whose condition can't be answered for a ticket leaves it out, loudly.
func Digests(s *config.Slack, zone *time.Location, log *slog.Logger) (list []engine.Digest) {
	for _, d := range s.Digests {
		sum := sha256.Sum256([]byte(d.Channel + "\n" + d.When.String()))
		one := engine.Digest{Key: hex.EncodeToString(sum[:6]), Channel: d.Channel, Language: d.Language, Opening: d.Opening, Closing: d.Closing,
			When: func(a rules.Alert) bool {
				holds, err := d.When.Holds(&vm.VM{}, a.Env())
				if err != nil {
					log.Error("a digest can't be decided", "when", d.When.String(), "err", err)
				}
				return holds && err == nil
			}}
		for _, c := range d.Times {
			one.Times = append(one.Times, InZone{c, zone})
		}
		list = append(list, one)
	}
	return list
}

// InZone counts a schedule in a zone, whatever zone the instant comes in.
type InZone struct {
	config.Cron
	Zone *time.Location
}

func (s InZone) Next(after time.Time) time.Time { return s.Cron.Next(after.In(s.Zone)) }

// Calls has an engine call people as the configuration says.
func Calls(e *engine.Engine, c *config.Config, log *slog.Logger) {
	plan := Plan(c, log)
	e.Chain, e.OnCall, e.Teams = plan.Chain, plan.OnCall, plan.Teams
	table := map[string]string{}
	for _, s := range c.Sources {
		table[s.Name] = s.Vendor.Table
	}
	e.ChatAddress = func(_, address string) string { return c.Address(address, "slack") }
	e.VendorAddress = func(source, address string) string { return c.Address(address, table[source]) }
}

// Plan is whom a configuration calls when. A row that can't be answered is passed
// over, loudly: the next one is better than nobody.
func Plan(c *config.Config, log *slog.Logger) oncall.Plan {
	p := oncall.Plan{
		Chain: func(a rules.Alert) []oncall.Step {
			steps, err := c.Chain(func(when *rules.Condition) (bool, error) { return when.Holds(&vm.VM{}, a.Env()) })
			if err != nil {
				log.Error("a row of calls can't be decided", "err", err)
			}
			return steps
		},
		OnCall: func(rota string, at time.Time) string {
			for _, o := range c.OnCall {
				if o.Name == rota {
					return o.At(at).Who
				}
			}
			return ""
		},
	}
	if c.Slack != nil {
		p.Teams = c.Slack.Teams
	}
	return p
}

// When says of which alarms a hook is told besides being called; nil: of none. A
// condition that can't be answered holds, loudly: too much is better than silence.
func When(name string, when *rules.Condition, log *slog.Logger) func(rules.Alert) bool {
	if when == nil {
		return nil
	}
	return func(a rules.Alert) bool {
		holds, err := when.Holds(&vm.VM{}, a.Env())
		if err != nil {
			log.Error("whether a hook is told can't be decided", "hook", name, "err", err)
		}
		return holds || err != nil
	}
}
