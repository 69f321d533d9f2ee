package rules

import (
	"fmt"
	"strconv"
	"strings"
)

// A Duration is a length of time on one of two clocks: all seconds, or the open
// seconds of a calendar. The unit alone says which.
type Duration struct {
	Seconds  int64
	Business bool
	text     string
}

// String is the duration as it was written: "30 business minutes".
func (d Duration) String() string { return d.text }

// longest bounds a duration, so that no arithmetic on it can overflow.
const longest = 50 * 366 * 24 * 3600

// ParseDuration reads "N [business] seconds|minutes|hours|days", N a whole
// number above zero. A business day is businessDay seconds long, a plain day
// 24 hours.
func ParseDuration(text string, businessDay int64) (Duration, error) {
	d := Duration{text: strings.Join(strings.Fields(text), " ")}
	words := strings.Fields(text)
	if len(words) == 3 && words[1] == "business" {
		d.Business = true
		words = []string{words[0], words[2]}
	}
	wrong := fmt.Errorf(`%q is no duration; write a number and a unit, such as "30 minutes", "2 hours", "1 business hour" or "2 business days"`, short(text))
	if len(words) != 2 {
		return Duration{}, wrong
	}
	n, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil || strings.HasPrefix(words[0], "+") {
		return Duration{}, wrong
	}
	unit := map[string]int64{"second": 1, "minute": 60, "hour": 3600, "day": 86400}[strings.TrimSuffix(words[1], "s")]
	if d.Business && unit == 86400 {
		unit = businessDay
	}
	switch {
	case unit == 0:
		return Duration{}, wrong
	case n <= 0:
		return Duration{}, fmt.Errorf("%q is not above zero; a target needs some time", short(text))
	case n > longest/unit:
		return Duration{}, fmt.Errorf("%q is longer than 50 years; write a shorter one", short(text))
	}
	d.Seconds = n * unit
	return d, nil
}

// A Threshold is a point of a target at which people are warned: a share used,
// or a time left.
type Threshold struct {
	left Duration // unless pct is set
	pct  float64
	text string
}

// String is the threshold as it was written: "75%", "30 business minutes".
func (w Threshold) String() string { return w.text }

// ParseThreshold reads "75%" or the time left as a duration.
func ParseThreshold(text string, businessDay int64) (Threshold, error) {
	text = strings.TrimSpace(text)
	if number, ok := strings.CutSuffix(text, "%"); ok {
		pct, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(pct > 0 && pct < 100) {
			return Threshold{}, fmt.Errorf(`%q is no share; write one between 0%% and 100%%, such as "75%%"`, short(text))
		}
		return Threshold{pct: pct, text: text}, nil
	}
	left, err := ParseDuration(text, businessDay)
	if err != nil {
		return Threshold{}, fmt.Errorf(`%q is no threshold; write a share such as "75%%", or the time left such as "30 business minutes"`, short(text))
	}
	return Threshold{left: left, text: left.text}, nil
}

// Fits is the error of a time left that counts on another clock than its target.
func (w Threshold) Fits(target Duration) error {
	if w.pct > 0 || w.left.Business == target.Business {
		return nil
	}
	unit := "plain time"
	if target.Business {
		unit = "business time"
	}
	return fmt.Errorf("%q counts on another clock than the target %q; write the time left in %s", w.text, target, unit)
}

// used is how many seconds of the target are used when the threshold passes;
// zero or less: from the start.
func (w Threshold) used(target int64) int64 {
	if w.pct > 0 {
		return ceil(float64(target) * w.pct / 100)
	}
	return target - w.left.Seconds
}

// AtOnce says that the threshold passes as soon as the clock of a target starts.
func (w Threshold) AtOnce(target Duration) bool { return w.used(target.Seconds) <= 0 }

// ceil is the first whole second at which the share is used. The tolerance
// undoes binary fractions: 35 % of 3600 is 1260, not 1261.
func ceil(seconds float64) int64 {
	n := int64(seconds)
	if seconds-float64(n) > 1e-6 {
		n++
	}
	return n
}

// short keeps a quoted value readable in a message.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}
