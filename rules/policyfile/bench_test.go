package policyfile

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkLoad reads a large company's file: 300 rows of targets, 50
// calendars.
func BenchmarkLoad(b *testing.B) {
	text := []byte(largePolicy(300, 50))
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := Load("large.toml", text, nil); problems.Err() != nil {
			b.Fatal(problems)
		}
	}
}

func largePolicy(rows, calendars int) string {
	var b strings.Builder
	before, after, _ := strings.Cut(sound, "[[priorities]]")
	b.WriteString(before)
	for i := range calendars {
		fmt.Fprintf(&b, "[calendars.team%d]\nzone = \"Europe/Paris\"\nhours = { mon-fri = [\"09:00-12:00\", \"13:00-17:00\"], sat = [\"22:00-06:00\"] }\nholidays = [\"DE\", \"2026-11-30\"]\n", i)
	}
	b.WriteString("[teams]\n")
	for i := range calendars {
		fmt.Fprintf(&b, "\"Team %d\" = \"team%d\"\n", i, i)
	}
	b.WriteString("[[priorities]]" + after)
	for i := range rows {
		fmt.Fprintf(&b, "[[targets]]\nmetric = \"resolution\"\nwhen = 'organization == \"Customer %d\" and not (\"vip\" in tags)'\nwithin = { urgent = \"%d business hours\", normal = \"%d business days\" }\nwarn = [\"50%%\"]\nclause = \"C-%d\"\n", i, i+1, i+1, i)
	}
	return b.String()
}
