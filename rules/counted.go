package rules

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

// Counted is fmt.Sprintf for sentences with counts, so that one thing is said as
// one. What stands in braces goes with the last count before it: "%d ticket{s}" is
// "1 ticket" and "2 tickets", "%d {is|are} at risk" has a form for one and another
// for several. Counts are arguments of integer types. English counts none as
// several; any language but "en" is French, which counts it as one.
func Counted(language, format string, args ...any) string {
	several, left := false, args
	return fmt.Sprintf(countedParts.ReplaceAllStringFunc(format, func(part string) string {
		if one, many, choice := strings.Cut(strings.Trim(part, "{}"), "|"); part[0] == '{' {
			switch {
			case several && choice:
				return many
			case several || choice:
				return one
			}
			return ""
		}
		if part != "%%" && len(left) > 0 {
			if v := reflect.ValueOf(left[0]); v.CanInt() {
				several = v.Int() > 1 || v.Int() == 0 && language == "en"
			}
			left = left[1:]
		}
		return part
	}), args...)
}

// countedParts are the verbs of a format, and its braces.
var countedParts = regexp.MustCompile(`%[-+# 0-9.]*[a-z%]|\{[^{}]*\}`)
