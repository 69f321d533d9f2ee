package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot/config"
	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/oncall"
	"vigie/rules/words"
)

type oncallCommand struct {
	Name   string `arg:"" optional:"" help:"A rota by its name; all without it."`
	Config string `default:"config.toml" type:"path" placeholder:"F" help:"The configuration."`
	At     string `placeholder:"T" help:"At this instant: RFC 3339, or a local time of the rota (\"2026-12-24 20:00\"); now by default."`
	Days   int    `default:"28" placeholder:"N" help:"Show the handovers of so many days."`
	Lang   string `default:"auto" enum:"auto,en,fr" help:"The language (en, fr); by default that of the messages in Slack."`
	JSON   bool   `help:"Print it as JSON."`
}

func (oncallCommand) Help() string {
	return `Says for each [[oncall]] of the configuration who is on call, and lists the coming handovers. A line goes from one handover to
the next: the hours in which nobody is called, because the team is there, aren't counted. Gaps, in which nobody is on
call though somebody should be, are marked.

Examples:
  vigie oncall
  vigie oncall support --at "2026-12-24 20:00"
  vigie oncall --days 90 --json`
}

// A duty is what is said of one rota.
type duty struct {
	Name      string        `json:"name"`
	Zone      string        `json:"zone"`
	At        time.Time     `json:"at"`
	Now       dutyStretch   `json:"now"`
	Next      *dutyStretch  `json:"next"` // somebody else, as far as anybody is named
	Handovers []dutyStretch `json:"handovers"`

	rota *oncall.Rota
}

// A dutyStretch is a time with one answer. Until is nil where nothing changes for a
// year; Who is nil where nobody is on call.
type dutyStretch struct {
	From  time.Time  `json:"from"`
	Until *time.Time `json:"until"`
	Who   *string    `json:"who"`
	Why   oncall.Why `json:"why"`
}

func newStretch(s oncall.Stretch, end time.Time) dutyStretch {
	d := dutyStretch{From: s.From, Why: s.Why}
	if s.Who != "" {
		d.Who = &s.Who
	}
	if !s.To.IsZero() && !s.To.Equal(end) {
		d.Until = &s.To
	}
	return d
}

// newDuty looks as far beyond the days as it takes to tell when the last handover's
// time ends.
func newDuty(r *oncall.Rota, at time.Time, days int) duty {
	at = at.Truncate(time.Second).In(r.Zone)
	until := at.AddDate(0, 0, days)
	end := until.AddDate(1, 0, 0)
	d := duty{Name: r.Name, Zone: r.Zone.String(), At: at, Now: newStretch(r.At(at), time.Time{}), Handovers: []dutyStretch{}, rota: r}
	if next, ok := r.Next(at); ok {
		s := newStretch(next, time.Time{})
		d.Next = &s
	}
	for _, s := range r.Handovers(at, end) {
		if s.From.Before(until) {
			d.Handovers = append(d.Handovers, newStretch(s, end))
		}
	}
	return d
}

func (c *oncallCommand) Run(p *program) error {
	if c.Days < 1 || c.Days > 3660 {
		return usageError{fmt.Errorf("--days %d is no number of days from 1 to 3660", c.Days)}
	}
	cfg, err := loadConfig(p, c.Config)
	if err != nil {
		return err
	}
	rotas, err := c.rotas(cfg)
	if err != nil {
		return usageError{err}
	}
	var duties []duty
	for _, r := range rotas {
		at := p.life.now().Truncate(time.Minute)
		if c.At != "" {
			if at, err = rules.ParseLocal(c.At, r.Zone); err != nil {
				return usageError{fmt.Errorf("--at: %w", err)}
			}
		}
		duties = append(duties, newDuty(r, at, c.Days))
	}
	if c.JSON {
		return toJSON(p.stdout, duties)
	}
	s := newSheet(p.stdout, c.language(cfg))
	for _, d := range duties {
		s.duty(d)
	}
	return s.flush()
}

func (c *oncallCommand) language(cfg *config.Config) string {
	switch {
	case c.Lang != "auto":
		return c.Lang
	case cfg.Slack != nil:
		return cfg.Slack.Language
	}
	return "en"
}

// rotas are those that are asked for.
func (c *oncallCommand) rotas(cfg *config.Config) ([]*oncall.Rota, error) {
	var all []*oncall.Rota
	var names []string
	for _, o := range cfg.OnCall {
		all, names = append(all, o.Rota), append(names, o.Name)
	}
	i := slices.Index(names, c.Name)
	switch {
	case len(all) == 0:
		return nil, fmt.Errorf("%s has no [[oncall]]; vigie policy keys oncall shows what to write", c.Config)
	case c.Name == "":
		return all, nil
	case i < 0:
		return nil, fmt.Errorf("no rota is named %q; %s", c.Name, rules.OneOf(names, c.Name))
	}
	return all[i : i+1], nil
}

// say is the sheet's language.
func (s *sheet) say() *words.Language { return words.In(s.pick("fr", "en")) }

// duty shows who is on call now, and the handovers as a table.
func (s *sheet) duty(d duty) {
	l := s.say()
	s.heading(l.Say("oncall.heading", "name", d.Name, "at", l.Moment(d.At)))
	s.onDuty(d)
	rows := [][]string{{l.Say("oncall.from"), l.Say("oncall.until"), l.Say("oncall.who")}}
	for _, h := range d.Handovers {
		until := ""
		if h.Until != nil {
			until = l.Moment(*h.Until)
		}
		rows = append(rows, []string{l.Moment(h.From), until, s.whom(h)})
	}
	if len(rows) > 1 {
		s.heading("  " + l.Say("oncall.handovers"))
		s.table(rows)
	}
}

// onDuty says who is on call now and next, and in which hours.
func (s *sheet) onDuty(d duty) {
	l := s.say()
	now := s.whom(d.Now)
	if d.Now.Until != nil {
		now = l.Say("oncall.who_until", "who", now, "until", l.Moment(*d.Now.Until))
	}
	s.item(l.Say("oncall.at"), "%s", now)
	if d.Next != nil {
		s.item(l.Say("oncall.next"), "%s", l.Say("oncall.who_from", "who", *d.Next.Who, "from", l.Moment(d.Next.From)))
	}
	if d.rota.Hours != nil {
		s.week(l.Say("oncall.hours"), d.rota.Hours, calendar.DateOf(d.At))
	}
}

// whom is who is on call, or why nobody is.
func (s *sheet) whom(d dutyStretch) string {
	who := ""
	if d.Who != nil {
		who = *d.Who
	}
	return s.say().Say("oncall.why."+string(d.Why), "who", who)
}

// checkedDays is how far ahead check looks for times when nobody is on call, and
// checkedGaps how many of them it lists.
const (
	checkedDays = 90
	checkedGaps = 5
)

// onCalls says of each rota who is on call, and when nobody is in the coming 90 days.
// at is the instant to say it of; zero: when the date begins.
func (s *sheet) onCalls(c *config.Config, from calendar.Date, at time.Time) {
	l := s.say()
	for _, o := range c.OnCall {
		now := at.In(o.Zone)
		if at.IsZero() {
			now = from.At(0, o.Zone)
		}
		to := now.AddDate(0, 0, checkedDays)
		d := newDuty(o.Rota, now, 1)
		s.heading(l.Say("oncall.heading", "name", d.Name, "at", l.Moment(d.At)))
		s.onDuty(d)
		s.list(l.Say("oncall.people"), o.People)
		if len(o.People) > 0 {
			s.item(l.Say("oncall.turn"), "%s", l.Say("oncall.turns", "length", length(l, o.Turn), "since", l.Moment(o.Since.In(o.Zone))))
		}
		s.list(l.Say("oncall.files"), o.Files)
		for _, i := range o.Overrides {
			if i.To.After(now) {
				s.item(l.Say("oncall.override"), "%s", l.Say("oncall.stands_in", "who", i.Who, "from", l.Moment(i.From), "until", l.Moment(i.To)))
			}
		}
		s.gaps(o.Rota.Gaps(now, to), to, "gap")
		if o.Hours != nil {
			s.gaps(unattended(o.Rota, now, to, c), to, "unattended")
		}
		// Everybody has had a turn once all have, and the hours have gone round a week.
		round := now.Add(time.Duration(len(o.People)) * max(o.Turn, 7*24*time.Hour))
		if idle := o.Idle(now, latest(round, to)); len(idle) > 0 {
			s.item(l.Say("oncall.label.idle"), "%s", l.Say("oncall.idle", "who", strings.Join(idle, ", "), "until", l.Moment(latest(round, to))))
		}
	}
}

// unattended are the times outside a rota's hours when no team of the policies is at
// work either.
func unattended(r *oncall.Rota, from, to time.Time, c *config.Config) []oncall.Stretch {
	var teams []*calendar.Calendar
	for _, p := range c.Policies() {
		teams = append(teams, p.Calendar)
		for _, team := range p.Teams {
			teams = append(teams, team)
		}
	}
	return slices.DeleteFunc(r.Gaps(from, to, teams...), func(s oncall.Stretch) bool { return s.Why == oncall.Gap })
}

// gaps lists the times when nobody is there, the first of them where there are many.
func (s *sheet) gaps(list []oncall.Stretch, end time.Time, kind string) {
	l := s.say()
	label := l.Say("oncall.label." + kind)
	if len(list) == 0 {
		s.item(label, "%s", l.Say("oncall.none."+kind, "n", checkedDays))
	}
	for i, g := range list {
		if i == checkedGaps {
			s.item("", "%s", l.Say("oncall.more", "n", len(list)-i))
			return
		}
		until := l.Say("oncall.open_end", "n", checkedDays)
		if g.To.Before(end) {
			until = l.Moment(g.To)
		}
		s.item(label, "%s", l.Say("oncall.some."+kind, "from", l.Moment(g.From), "until", until))
		label = ""
	}
}

// length is a turn in the largest unit of which it is a whole number.
func length(l *words.Language, d time.Duration) string {
	switch {
	case d%(24*time.Hour) == 0:
		return l.Say("duration.day", "n", int(d/(24*time.Hour)))
	case d%time.Hour == 0:
		return l.Say("duration.hour", "n", int(d/time.Hour))
	case d%time.Minute == 0:
		return l.Say("duration.minute", "n", int(d/time.Minute))
	}
	return l.Say("duration.second", "n", int(d/time.Second))
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
