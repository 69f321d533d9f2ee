package words

import "vigie/rules/report"

// Share is how much of what was to be met was met: "81.2%", in French "81,2 %"; "–"
// where there was nothing. It is rounded to the digit that is shown; but "100%" is
// said of all alone, and "0%" of none alone: a target that was missed, or met, among
// thousands is still there to be seen.
func (l *Language) Share(t report.Tally) string {
	all := t.Met + t.Missed
	if all == 0 {
		return "–"
	}
	tenths := (1000*t.Met + all/2) / all
	if t.Met > 0 && t.Missed > 0 {
		tenths = min(max(tenths, 1), 999)
	}
	if tenths%10 == 0 {
		return l.Say("share.whole", "whole", tenths/10)
	}
	return l.Say("share.tenths", "whole", tenths/10, "tenth", tenths%10)
}
