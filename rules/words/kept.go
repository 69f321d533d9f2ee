package words

import "vigie/rules"

// Kept says what a person, or another program, has changed and Vigie leaves.
func (l *Language) Kept(k *rules.Kept) string {
	what := ""
	switch {
	case k.Field != "":
		what = l.Say("kept.field", "field", k.Field, "metric", l.Metric(k.Metric), "is", l.held(k.Is), "at", l.Moment(k.At), "wanted", l.held(k.Wanted))
	case k.Removed:
		what = l.Say("kept.off", "tag", k.Tag, "at", l.Moment(k.At))
	default:
		what = l.Say("kept.on", "tag", k.Tag, "at", l.Moment(k.At))
	}
	if k.Program {
		return l.Say("kept.program", "what", what)
	}
	return l.Say("kept.person", "what", what)
}

// held is what a field holds.
func (l *Language) held(value string) string {
	if value == "" {
		return l.Say("kept.empty")
	}
	return l.quote(value)
}
