package drawing_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"vigie/bot/web/drawing"
	"vigie/rules/words"
)

// daysFrom are seven days' beginnings and the last one's end.
func daysFrom(first string) (days []time.Time) {
	for d := range 8 {
		day := at(first)
		days = append(days, time.Date(day.Year(), day.Month(), day.Day()+d, 0, 0, 0, 0, berlin))
	}
	return days
}

func due(name, when string, atRisk bool) drawing.Due {
	return drawing.Due{Name: "zendesk:" + name, Link: "/tickets/zendesk/" + name, At: at(when), AtRisk: atRisk}
}

func office9to17(days []time.Time) (open []drawing.Span) {
	for _, day := range days[:len(days)-1] {
		if wd := day.Weekday(); wd != time.Saturday && wd != time.Sunday {
			open = append(open, drawing.Span{From: day.Add(9 * time.Hour), To: day.Add(17 * time.Hour)})
		}
	}
	return open
}

func TestWeek(t *testing.T) {
	days := daysFrom("Mon 2026-11-30")
	teams := []drawing.Team{
		{Name: "Support Berlin", Open: office9to17(days), Days: []drawing.Day{
			{Tickets: 3, Due: []drawing.Due{due("1", "Mon 2026-11-30 15:30", true), due("2", "Mon 2026-11-30 16:15", true), due("3", "Mon 2026-11-30 17:00", false)}},
			{Tickets: 42, Link: "/?team=Support+Berlin"}, {}, {Tickets: 1, Due: []drawing.Due{due("8", "Thu 2026-12-03 11:20", false)}}, {Tickets: 7, Link: "/?team=Support+Berlin"}, {}, {}}},
		{Name: "Support Pune", Open: office9to17(days), Days: []drawing.Day{{}, {Tickets: 1, Due: []drawing.Due{due("9", "Tue 2026-12-01 09:30", true)}}, {Tickets: 1204}}},
		{Days: []drawing.Day{{}, {}, {}, {}, {}, {}, {Tickets: 1, Due: []drawing.Due{due("11", "Sun 2026-12-06 12:00", false)}}}},
	}
	for _, language := range []string{"en", "fr"} {
		golden(t, "week."+language, drawing.Week(words.In(language), "week", at("Mon 2026-11-30 14:10"), days, teams))
	}
}

// Whatever falls due makes a drawing within its bounds.
func TestAnyWeek(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 200 {
		days := daysFrom([]string{"Mon 2026-11-30", "Thu 2026-10-22", "Wed 2026-03-25"}[r.IntN(3)])
		instant := func() time.Time { return days[0].Add(time.Duration(r.IntN(9*86400)-86400) * time.Second) }
		teams := make([]drawing.Team, r.IntN(11))
		for i := range teams {
			teams[i].Name = []string{hostile, strings.Repeat("é", 300), "Support", ""}[r.IntN(4)]
			for range r.IntN(20) {
				teams[i].Open = append(teams[i].Open, drawing.Span{From: instant(), To: instant()})
			}
			for range r.IntN(9) {
				day := drawing.Day{Tickets: r.IntN(3) * r.IntN(100_000), Link: []string{"", "/?team=" + strings.Repeat("x", r.IntN(5000))}[r.IntN(2)]}
				for range r.IntN(5) {
					day.Due, day.Tickets = append(day.Due, drawing.Due{Name: hostile, Link: "/tickets/" + hostile + strings.Repeat("<", r.IntN(300)), At: instant(), AtRisk: r.IntN(2) == 0}), day.Tickets+1
				}
				teams[i].Days = append(teams[i].Days, day)
			}
		}
		sound(t, drawing.Week(words.In("fr"), "a", instant(), days, teams), 56<<10)
	}
}

var markAt = regexp.MustCompile(`<svg x="([\d.]+)%" y="\d+" overflow`)

// A day of 23 or 25 hours is as wide as others, and what falls due on it is where it
// is by that day's own length.
func TestWeekOfAClockChange(t *testing.T) {
	for first, hours := range map[string]float64{"Wed 2026-03-25": 23, "Wed 2026-10-21": 25, "Mon 2026-11-30": 24} {
		days := daysFrom(first) // the fifth is the one of the change
		for hour := range int(hours) {
			at := days[4].Add(time.Duration(hour) * time.Hour)
			drawn := string(drawing.Week(words.In("en"), "a", days[0], days, []drawing.Team{{Days: []drawing.Day{4: {Tickets: 1, Due: []drawing.Due{{At: at, Name: "a", Link: "/"}}}}}}))
			m := markAt.FindStringSubmatch(drawn)
			if m == nil {
				t.Fatalf("nothing is marked:\n%s", drawn)
			}
			if x, want := must(strconv.ParseFloat(m[1], 64)), 100*(4+float64(hour)/hours)/7; math.Abs(x-want) > 0.01 {
				t.Errorf("%s: %v%%, want %v%%", at, x, want)
			}
		}
	}
}

// Seven teams with as much as is listed on each day, by names as long as they get, take
// less than 30 kB.
func TestWeekIsBounded(t *testing.T) {
	days := daysFrom("Mon 2026-11-30")
	var teams []drawing.Team
	for n := range 7 {
		team := drawing.Team{Name: fmt.Sprint("Support ", n), Open: office9to17(days)}
		for d := range 7 {
			day := drawing.Day{Tickets: 3, Link: fmt.Sprint("/?team=Support+", n)}
			for i := range 3 {
				id := fmt.Sprint(1_000_000 + 100*n + 10*d + i)
				day.Due = append(day.Due, drawing.Due{Name: "zendesk:" + id, Link: "/tickets/zendesk/" + id + "?lang=fr", At: days[d].Add(time.Duration(10+i) * time.Hour)})
			}
			team.Days = append(team.Days, day)
		}
		teams = append(teams, team)
	}
	drawn := drawing.Week(words.In("fr"), "a", days[0], days, teams)
	t.Logf("%d bytes", len(drawn))
	sound(t, drawn, 30_000)
	if marks, numbers := strings.Count(string(drawn), `<path class="due"`), strings.Count(string(drawn), `<text class="crowd"`); marks%3 != 0 || marks/3+numbers != 49 {
		t.Errorf("%d marks and %d numbers for 49 days of three", marks, numbers)
	}
}
