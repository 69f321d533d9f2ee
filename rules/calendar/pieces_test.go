package calendar

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPieces(t *testing.T) {
	c := must(t, Spec{
		Zone: "Europe/Berlin", Hours: hours("mon-fri", "09:00-17:00"), Holidays: []string{"DE"},
		Special: map[string][]string{"2026-12-24": {"09:00-12:00"}},
	})
	got := []string{}
	for p := range c.Pieces(at(t, "Wed 2026-12-23 16:00 +01:00"), at(t, "Mon 2026-12-28 10:00 +01:00")) {
		name := ""
		if p.Holiday != nil {
			name = " " + p.Holiday.Local
		}
		got = append(got, fmt.Sprintf("%s %v %s%s", p.From.Format("Mon 15:04"), p.Open, p.Why, name))
	}
	want := []string{
		"Wed 16:00 true hours",
		"Wed 17:00 false outside_hours",
		"Thu 00:00 false special",
		"Thu 09:00 true special",
		"Thu 12:00 false special",
		"Fri 00:00 false holiday 1. Weihnachtstag",
		"Sat 00:00 false holiday 2. Weihnachtstag",
		"Sun 00:00 false weekend",
		"Mon 00:00 false outside_hours",
		"Mon 09:00 true hours",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A night is one piece, and so is a weekend, also over a clock change.
func TestPiecesAreJoined(t *testing.T) {
	c := must(t, Spec{Zone: "Europe/Paris", Hours: hours("mon-fri", "09:00-17:00")})
	var got []string
	for p := range c.Pieces(at(t, "Thu 2026-10-22 17:00 +02:00"), at(t, "Mon 2026-10-26 09:00 +01:00")) {
		got = append(got, fmt.Sprintf("%s %s", p.To.Sub(p.From), p.Why))
	}
	want := []string{"16h0m0s outside_hours", "8h0m0s hours", "7h0m0s outside_hours", "49h0m0s weekend", "9h0m0s outside_hours"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestPiecesStopWhereTheCalendarEnds(t *testing.T) {
	c := must(t, paris)
	n := 0
	for p := range c.Pieces(at(t, "2099-12-31 12:00 +01:00"), at(t, "2100-01-31 12:00 +01:00")) {
		n++
		if p.To.After(at(t, "2100-01-01 00:00 +01:00")) {
			t.Errorf("a piece until %v is beyond what is known", p.To)
		}
	}
	if n != 2 {
		t.Errorf("got %d pieces, want 2", n)
	}
	for range c.Pieces(at(t, "2026-11-28 12:00 Z"), at(t, "2026-11-27 12:00 Z")) {
		t.Error("a reversed range has a piece")
	}
}
