package web

import (
	"context"
	"html/template"
	"maps"
	"slices"
	"time"

	"vigie/bot/store"
	"vigie/bot/web/drawing"
	"vigie/rules/calendar"
)

// The week ahead shows so many days, so many teams each in a row of its own, and of a
// team and day so many tickets each by itself.
const (
	weekDays  = 7
	weekTeams = 6
	weekFew   = 3
)

// week draws what falls due in the coming days of what a filter has, by team.
func (s *Server) week(ctx context.Context, p *page, f filter, now time.Time) (template.HTML, error) {
	days := make([]time.Time, weekDays+1)
	for i := range days {
		days[i] = time.Date(now.Year(), now.Month(), now.Day()+i, 0, 0, 0, 0, now.Location())
	}
	view := f.view(s.Addresses)
	view.Now, view.Version = now, s.Version
	ahead, err := s.Store.Ahead(ctx, view, days, weekTeams, weekFew)
	if err != nil {
		return "", err
	}
	var teams []drawing.Team
	names := 0
	for i := range ahead {
		a := &ahead[i]
		switch first := i == 0 || a.Team != ahead[i-1].Team; {
		case first && names < weekTeams:
			teams = append(teams, drawing.Team{Name: a.Team, Open: open(s.hours(a.Team), days), Days: make([]drawing.Day, weekDays)})
			names++
		case first && names == weekTeams: // all others
			teams = append(teams, drawing.Team{Name: p.W.Say("drawing.other_teams"), Days: make([]drawing.Day, weekDays)})
			names++
		}
		day := &teams[len(teams)-1].Days[a.Day]
		day.Tickets += a.Tickets
		if names <= weekTeams {
			day.Due, day.Link = p.due(a.Due), p.Here("team", a.Team, "from", "")
		}
	}
	return drawing.Week(p.W.Language, "week-ahead", now, days, teams), nil
}

func (p *page) due(list []store.Due) (due []drawing.Due) {
	for _, d := range list {
		due = append(due, drawing.Due{Name: d.Source + ":" + d.ID, Link: p.Link(ticketPath(d.Source, d.ID)), At: d.At, AtRisk: d.AtRisk})
	}
	return due
}

// hours is the calendar that a team works by: the first policy's that names the team,
// else the first policy's own; nil where there is none.
func (s *Server) hours(team string) (otherwise *calendar.Calendar) {
	for _, source := range slices.Sorted(maps.Keys(s.Policies)) {
		for _, p := range s.Policies[source] {
			if c := p.Teams[team]; c != nil {
				return c
			}
			if otherwise == nil {
				otherwise = p.Calendar
			}
		}
	}
	return otherwise
}

// open are a calendar's business hours within some days.
func open(c *calendar.Calendar, days []time.Time) (list []drawing.Span) {
	if c == nil {
		return nil
	}
	for piece := range c.Pieces(days[0], days[len(days)-1]) {
		if piece.Open {
			list = append(list, drawing.Span{From: piece.From, To: piece.To})
		}
	}
	return list
}
