package policytest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func listed(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}

// differing tells what is missing from one list and what is too many.
func differing(want, got []string) string {
	var parts []string
	for _, part := range []struct {
		name      string
		has, lack []string
	}{{"missing", want, got}, {"too many", got, want}} {
		var only []string
		for _, s := range part.has {
			if !slices.Contains(part.lack, s) {
				only = append(only, s)
			}
		}
		if len(only) > 0 {
			parts = append(parts, part.name+": "+strings.Join(only, ", "))
		}
	}
	return strings.Join(parts, "; ")
}

// later says how far a date is from the one that was expected.
func later(seconds int64) string { return apart(seconds, "later", "earlier") }

func more(seconds int64) string { return apart(seconds, "more", "less") }

func apart(seconds int64, above, below string) string {
	word := above
	if seconds < 0 {
		seconds, word = -seconds, below
	}
	var parts []string
	for _, unit := range []struct {
		seconds int64
		name    string
	}{{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}} {
		n := seconds / unit.seconds
		seconds %= unit.seconds
		switch {
		case n == 1:
			parts = append(parts, "1 "+unit.name)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", n, unit.name))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, " ") + " " + word
}

// length is seconds as a test file writes them: "7h", "1h30m", "-20m".
func length(seconds int64) string {
	text := (time.Duration(seconds) * time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
