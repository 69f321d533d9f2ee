package print

import (
	"slices"
	"strings"
	"time"
	"vigie/bot/config"
	"vigie/rules/calendar"
	"vigie/rules/oncall"
	"vigie/rules/words"
)

// A Duty is what is said of one rota.
type Duty struct {
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

// NewDuty is what is said of a rota at an instant, with the handovers of so many days. It looks as far beyond the days as it takes to tell when the last handover's
// time ends.
func NewDuty(r *oncall.Rota, at time.Time, days int) Duty {
	at = at.Truncate(time.Second).In(r.Zone)
	until := at.AddDate(0, 0, days)
	end := until.AddDate(1, 0, 0)
	d := Duty{Name: r.Name, Zone: r.Zone.String(), At: at, Now: newStretch(r.At(at), time.Time{}), Handovers: []dutyStretch{}, rota: r}
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

// Duty shows who is on call now, and the handovers as a table.
func (s *Sheet) Duty(d Duty) {
	l := s.in()
	s.Heading(l.Say("oncall.heading", "name", d.Name, "at", l.Moment(d.At)))
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
		s.Heading("  " + l.Say("oncall.handovers"))
		s.Table(rows)
	}
}

// onDuty says who is on call now and next, and in which hours.
func (s *Sheet) onDuty(d Duty) {
	l := s.in()
	now := s.whom(d.Now)
	if d.Now.Until != nil {
		now = l.Say("oncall.who_until", "who", now, "until", l.Moment(*d.Now.Until))
	}
	s.Item(l.Say("oncall.at"), "%s", now)
	if d.Next != nil {
		s.Item(l.Say("oncall.next"), "%s", l.Say("oncall.who_from", "who", *d.Next.Who, "from", l.Moment(d.Next.From)))
	}
	if d.rota.Hours != nil {
		s.week(l.Say("oncall.hours"), d.rota.Hours, calendar.DateOf(d.At))
	}
}

// whom is who is on call, or why nobody is.
func (s *Sheet) whom(d dutyStretch) string {
	who := ""
	if d.Who != nil {
		who = *d.Who
	}
	return s.in().Say("oncall.why."+string(d.Why), "who", who)
}

// checkedDays is how far ahead check looks for times when nobody is on call, and
// checkedGaps how many of them it lists.
const (
	checkedDays = 90
	checkedGaps = 5
)

// onCalls says of each rota who is on call, and when nobody is in the coming 90 days.
// at is the instant to say it of; zero: when the date begins.
func (s *Sheet) onCalls(c *config.Config, from calendar.Date, at time.Time) {
	l := s.in()
	for _, o := range c.OnCall {
		now := at.In(o.Zone)
		if at.IsZero() {
			now = from.At(0, o.Zone)
		}
		to := now.AddDate(0, 0, checkedDays)
		d := NewDuty(o.Rota, now, 1)
		s.Heading(l.Say("oncall.heading", "name", d.Name, "at", l.Moment(d.At)))
		s.onDuty(d)
		s.list(l.Say("oncall.people"), o.People)
		if len(o.People) > 0 {
			s.Item(l.Say("oncall.turn"), "%s", l.Say("oncall.turns", "length", length(l, o.Turn), "since", l.Moment(o.Since.In(o.Zone))))
		}
		s.list(l.Say("oncall.files"), o.Files)
		if o.Group != "" {
			s.Item(l.Say("oncall.group"), "%s", l.Say("oncall.kept", "group", o.Group))
		}
		for _, i := range o.Overrides {
			if i.To.After(now) {
				s.Item(l.Say("oncall.override"), "%s", l.Say("oncall.stands_in", "who", i.Who, "from", l.Moment(i.From), "until", l.Moment(i.To)))
			}
		}
		s.gaps(o.Rota.Gaps(now, to), to, "gap")
		if o.Hours != nil {
			s.gaps(unattended(o.Rota, now, to, c), to, "unattended")
		}
		// Everybody has had a turn once all have, and the hours have gone round a week.
		round := now.Add(time.Duration(len(o.People)) * max(o.Turn, 7*24*time.Hour))
		if idle := o.Idle(now, latest(round, to)); len(idle) > 0 {
			s.Item(l.Say("oncall.label.idle"), "%s", l.Say("oncall.idle", "who", strings.Join(idle, ", "), "until", l.Moment(latest(round, to))))
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
func (s *Sheet) gaps(list []oncall.Stretch, end time.Time, kind string) {
	l := s.in()
	label := l.Say("oncall.label." + kind)
	if len(list) == 0 {
		s.Item(label, "%s", l.Say("oncall.none."+kind, "n", checkedDays))
	}
	for i, g := range list {
		if i == checkedGaps {
			s.Item("", "%s", l.Say("oncall.more", "n", len(list)-i))
			return
		}
		until := l.Say("oncall.open_end", "n", checkedDays)
		if g.To.Before(end) {
			until = l.Moment(g.To)
		}
		s.Item(label, "%s", l.Say("oncall.some."+kind, "from", l.Moment(g.From), "until", until))
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
