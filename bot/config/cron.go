package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"vigie/rules/tomlfile"
)

// A Cron says when something is done: a cron spec of five fields, six with
// seconds first, or @every 1m, @hourly, @daily and the like. The zero Cron is
// never.
type Cron struct {
	text     string
	schedule cron.Schedule
}

// ParseCron reads a cron spec. It takes no zone of its own: Next counts in the
// zone of the instant it is given.
func ParseCron(text string) (Cron, error) {
	text = strings.TrimSpace(text)
	remedy := `write five fields such as "*/5 * * * *" (minute, hour, day, month, weekday), or "@every 1m"`
	// The library panics at a zone without a blank after it.
	if strings.Contains(text, "TZ=") {
		return Cron{}, fmt.Errorf("%q names a zone; write it without, as the zone is schedule.zone", text)
	}
	parser := cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)
	schedule, err := parser.Parse(text)
	if err != nil {
		return Cron{}, fmt.Errorf("%q is no cron spec: %s; %s", text, err, remedy)
	}
	// The library quietly makes a second of less than one.
	if every, ok := strings.CutPrefix(text, "@every "); ok {
		if d, err := time.ParseDuration(every); err != nil || d < time.Second {
			return Cron{}, fmt.Errorf("%q is shorter than a second; write a longer time, such as \"@every 1m\"", text)
		}
	}
	// Any instant will do: the library looks five years ahead.
	if schedule.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Cron{}, fmt.Errorf("%q never comes (as 30 February); %s", text, remedy)
	}
	return Cron{text, schedule}, nil
}

// String is the spec as it was written, "" for never.
func (c Cron) String() string { return c.text }

// Next is the first time after an instant, in the instant's zone; the zero Time
// for never.
func (c Cron) Next(after time.Time) time.Time {
	if c.schedule == nil {
		return time.Time{}
	}
	return c.schedule.Next(after)
}

// cronKey reads a cron spec; absent it is the default.
func cronKey(t *tomlfile.Table, key, otherwise string) Cron {
	spec, ok := text(t, key)
	if !ok {
		spec = otherwise
	}
	c, err := ParseCron(spec)
	if err != nil {
		t.Add(key, "%s", err)
	}
	return c
}
