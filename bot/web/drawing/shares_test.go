package drawing_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"vigie/bot/web/drawing"
	"vigie/rules/report"
	"vigie/rules/words"
)

func tallies(pairs ...int) (list []report.Tally) {
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, report.Tally{Met: pairs[i], Missed: pairs[i+1]})
	}
	return list
}

func TestShares(t *testing.T) {
	weeks := report.Parts(at("Sun 2026-11-01"), at("Tue 2026-12-01"))
	rows := []drawing.Share{
		{Name: "A-2 First replies", Parts: tallies(3, 0, 40, 2, 38, 0, 0, 0, 41, 9, 5, 1)},
		{Name: "A-3 Resolution", Parts: tallies(0, 2, 20, 0, 999, 1, 12, 12)},
	}
	for _, language := range []string{"en", "fr"} {
		w := words.In(language)
		golden(t, "weeks."+language, drawing.Shares(w, "a", w.Say("report.by_clause"), weeks, rows))
	}
	year := report.Parts(at("Thu 2026-01-01"), at("Fri 2027-01-01"))
	r := rand.New(rand.NewPCG(5, 6))
	var priorities []drawing.Share
	for _, name := range []string{"urgent", "high", "normal"} {
		var list []int
		for range 12 {
			list = append(list, 50+r.IntN(150), r.IntN(20)-8*len(list)/12)
		}
		for i := range list {
			list[i] = max(0, list[i])
		}
		priorities = append(priorities, drawing.Share{Name: name, Parts: tallies(list...)})
	}
	golden(t, "year.fr", drawing.Shares(words.In("fr"), "b", words.In("fr").Say("report.by_priority"), year, priorities))
}

// Whatever was counted, and whatever it is called, makes a drawing within its bounds;
// one part alone makes none.
func TestAnyShares(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 60 {
		from := at("Thu 2026-01-01").AddDate(0, 0, r.IntN(900))
		parts := report.Parts(from, from.AddDate(0, 0, 1+r.IntN(3000)))
		rows := make([]drawing.Share, r.IntN(40))
		for i := range rows {
			rows[i].Name = []string{hostile, strings.Repeat("й", r.IntN(500)), fmt.Sprint(i)}[r.IntN(3)]
			for range r.IntN(len(parts) + 3) {
				rows[i].Parts = append(rows[i].Parts, report.Tally{Met: r.IntN(3) * r.IntN(100_000), Missed: r.IntN(3) * r.IntN(100_000)})
			}
		}
		drawn := drawing.Shares(words.In("en"), "a", "By clause", parts, rows)
		sound(t, drawn, 72<<10)
		if (len(parts) < 2 || len(rows) == 0) != (drawn == "") {
			t.Errorf("%d parts, %d rows: %d bytes", len(parts), len(rows), len(drawn))
		}
	}
}

// Where one of thousands was missed, neither "100%" is said nor a full column shown.
func TestOneMissedIsSeen(t *testing.T) {
	parts := report.Parts(at("Thu 2026-01-01"), at("Fri 2027-01-01"))
	drawn := string(drawing.Shares(words.In("en"), "a", "By clause", parts, []drawing.Share{{Name: "A-1", Parts: tallies(99_999, 1)}}))
	for _, part := range []string{">99.9%<", ">99<", "99.9% met, 1 missed;", `class="lost"`, `height="39"`, ">● 1<", `y="92" text-anchor="middle" class="missed narrow">1<`} {
		if !strings.Contains(drawn, part) {
			t.Errorf("%s is not in\n%s", part, drawn)
		}
	}
}
