package stories

import (
	"strings"
	"testing"
)

// Stories that found something, shrunk.
func TestFoundBefore(t *testing.T) {
	for name, s := range map[string]story{
		"answers to writes that aren't Jira's for two minutes": {
			seed: 20099, begin: instant("Fri 2026-11-27 09:00:00"), end: 9*hour + 39*60, tickets: []string{"jira"}, replicas: 1,
			acts:   []act{{37*60 + 45, 0, "open urgent"}, {3*hour + 12*60 + 59, 0, "reply"}},
			faults: []fault{{at: 4*hour + 10*60 + 34, lasts: 9000, kind: "manner", vendor: "jira", name: "empty-object"}},
		},
		"a list of acts without an end, after a page of changes": {
			seed: 205, begin: instant("Wed 2026-12-02 13:30:00"), end: 7*hour + 2*60, tickets: []string{"zendesk"}, replicas: 1,
			acts:   []act{{27*60 + 27, 0, "open question"}, {31*60 + 41, 0, "delete"}},
			faults: []fault{{at: 33*60 + 30, lasts: 5400, kind: "manner", vendor: "zendesk", name: "pages-loop"}},
		},
		"deleted unseen, and found by the nightly comparison": {
			seed: 125, begin: instant("Fri 2026-11-27 14:30:00"), end: 28*hour + 17*60 + 8, tickets: []string{"jira"}, replicas: 1,
			acts:   []act{{35*60 + 21, 0, "open"}, {4*hour + 7*60 + 23, 0, "delete"}},
			faults: []fault{{at: 4*hour + 7*60 + 18, lasts: 60, kind: "webhooks lost"}},
		},
	} {
		if wrong := verdictOn(t, s, bug{}, quiet()); len(wrong) > 0 {
			t.Errorf("%s: %s", name, strings.Join(wrong, "\n"))
		}
	}
}
