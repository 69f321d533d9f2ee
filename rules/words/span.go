package words

import (
	"fmt"
	"strconv"
	"strings"
)

// Target is a duration of a policy ("2 business days") in this language. What isn't
// one is returned as it is.
func (l *Language) Target(text string) string {
	n, unit, known := duration(text)
	if !known {
		return text
	}
	return l.name("duration."+strings.ReplaceAll(unit, " ", "_"), text, "n", n)
}

// duration takes apart what the policy's loader has read: "2 business days" is 2
// and "business day".
func duration(text string) (n int64, unit string, known bool) {
	number, unit, _ := strings.Cut(text, " ")
	n, err := strconv.ParseInt(number, 10, 64)
	return n, strings.TrimSuffix(unit, "s"), err == nil
}

// Length is a number of seconds as short as it gets, for columns: "1h30", "45 min",
// "1 min 30 s".
func (l *Language) Length(seconds int64) string {
	return l.Say("length."+shown(seconds), parts(seconds)...)
}

// Span is a number of seconds within a sentence: "15 h 48 min", in French "15 h 48".
func (l *Language) Span(seconds int64) string {
	return l.Say("span."+shown(seconds), parts(seconds)...)
}

// shown names the parts that a length of time has, which is how the texts for it are
// called: "h_min" of 15 h 48 min.
func shown(seconds int64) string {
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	var names []string
	if h > 0 {
		names = append(names, "h")
	}
	if m > 0 || h == 0 && s == 0 {
		names = append(names, "min")
	}
	if s > 0 {
		names = append(names, "s")
	}
	return strings.Join(names, "_")
}

// parts is the values of these texts; {mm} and {ss} have two digits.
func parts(seconds int64) []any {
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	return []any{"h", h, "min", m, "s", s, "mm", fmt.Sprintf("%02d", m), "ss", fmt.Sprintf("%02d", s)}
}

// Apart is how far two instants lie apart: "45 min", "20h00", "6 days 21h00".
func (l *Language) Apart(seconds int64) string {
	const day = 24 * 3600
	if seconds < 2*day {
		return l.Length(seconds)
	}
	days := l.Say("duration.day", "n", seconds/day)
	if rest := seconds % day / 60 * 60; rest > 0 {
		days += " " + l.Length(rest)
	}
	return days
}
