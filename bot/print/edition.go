package print

import (
	"vigie/rules/calendar"
)

// Edition names the time zones' edition and where it is from.
func Edition(z *calendar.Zones, language string) string {
	fr := language == "fr"
	version, source := z.Version(), "built in"
	switch {
	case z.Source() != "" && fr:
		source = "de " + z.Source()
	case z.Source() != "":
		source = "from " + z.Source()
	case fr:
		source = "intégrés"
	}
	switch {
	case version == "" && fr:
		version = "édition inconnue"
	case version == "":
		version = "unknown edition"
	}
	return version + ", " + source
}
