package print

import (
	"cmp"

	"vigie/rules/calendar"
	"vigie/rules/words"
)

// Edition names the time zones' edition and where it is from.
func Edition(z *calendar.Zones, l *words.Language) string {
	source := l.Say("check.zones_built_in")
	if z.Source() != "" {
		source = l.Say("check.zones_from", "source", z.Source())
	}
	return l.Say("check.edition", "version", cmp.Or(z.Version(), l.Say("check.no_edition")), "source", source)
}
