package words_test

import (
	"testing"

	"vigie/rules/report"
	"vigie/rules/words"
)

// A share is rounded to the digit that is shown; all is said of all alone, and
// nothing of nothing alone.
func TestShare(t *testing.T) {
	for _, c := range []struct {
		tally  report.Tally
		en, fr string
	}{
		{report.Tally{Met: 3, Missed: 3}, "50%", "50\u00a0%"}, {report.Tally{Met: 13, Missed: 3}, "81.3%", "81,3\u00a0%"}, {report.Tally{Met: 7, Missed: 2}, "77.8%", "77,8\u00a0%"},
		{report.Tally{Met: 2, Missed: 1}, "66.7%", "66,7\u00a0%"}, {report.Tally{Met: 9_996, Missed: 4}, "99.9%", "99,9\u00a0%"}, {report.Tally{Met: 1, Missed: 9_999}, "0.1%", "0,1\u00a0%"},
		{report.Tally{Met: 2}, "100%", "100\u00a0%"}, {report.Tally{Missed: 2, AtOnce: 1}, "0%", "0\u00a0%"}, {report.Tally{Void: 1}, "–", "–"},
	} {
		if en, fr := words.In("en").Share(c.tally), words.In("fr").Share(c.tally); en != c.en || fr != c.fr {
			t.Errorf("%+v: got %s, %s", c.tally, en, fr)
		}
	}
}
