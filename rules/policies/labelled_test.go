package policies

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"vigie/rules"
)

// A labelled ticket is an invented one, with the priority that a reader gave it
// by the policy's rubrics before any rule was written, and without knowing any.
// The rules were not written by these tickets, nor changed after the first
// measurement: priorities.txt holds the sentences that they were written by.
type labelled struct {
	Policy, Priority, Kind, Language, Subject, Text string
}

// TestLabelled measures the priority rules: of the tickets that they give a
// priority, how many have it (precision), and of those that have it, how many
// they find (recall). A ticket without a rule has moveon's default; under
// meteorage, whose rules only propose, it is none's.
func TestLabelled(t *testing.T) {
	file, err := os.Open("testdata/labelled.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	policy := map[string]*rules.Policy{}
	for _, name := range Names() {
		policy[name] = load(t, name)
	}
	type pair struct{ policy, want, got string }
	count := map[pair]int{}
	right, all := map[string]int{}, map[string]int{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var l labelled
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		p := policy[l.Policy]
		ticket := rules.Ticket{Kind: l.Kind, Language: l.Language, Subject: l.Subject, Text: l.Subject + "\n" + l.Text}
		got := rulesSay(p, judge(t, p, ticket))
		count[pair{l.Policy, l.Priority, got}]++
		all[l.Policy]++
		if got == l.Priority {
			right[l.Policy]++
		}
	}
	share := func(n, of int) float64 {
		if of == 0 {
			return 1
		}
		return float64(n) / float64(of)
	}
	for _, name := range Names() {
		for _, pr := range policy[name].Priorities {
			var found, given, there int
			for k, n := range count {
				if k.policy != name {
					continue
				}
				if k.got == pr.Name {
					given += n
				}
				if k.want == pr.Name {
					there += n
				}
				if k.got == pr.Name && k.want == pr.Name {
					found += n
				}
			}
			precision, recall := share(found, given), share(found, there)
			t.Logf("%-9s %-7s precision %.2f (%d of %d), recall %.2f (%d of %d)", name, pr.Name, precision, found, given, recall, found, there)
			if f := floors[name+" "+pr.Name]; precision < f.precision || recall < f.recall {
				t.Errorf("%s %s: precision %.2f and recall %.2f, want at least %.2f and %.2f", name, pr.Name, precision, recall, f.precision, f.recall)
			}
		}
		t.Logf("%-9s right: %d of %d", name, right[name], all[name])
	}
}

// floors are the first measurement less a little. It was, as precision and
// recall: moveon urgent 1.00 and 0.27, high 0.71 and 0.33, normal 0.37 and 0.93,
// low 0.91 and 0.67 (33 of 60 right); meteorage haute 1.00 and 0.29, moyenne 0.71
// and 0.71, faible 0.78 and 0.58 (21 of 40 right).
var floors = map[string]struct{ precision, recall float64 }{
	"moveon urgent": {0.95, 0.25}, "moveon high": {0.65, 0.30}, "moveon normal": {0.35, 0.90}, "moveon low": {0.85, 0.60},
	"meteorage haute": {0.95, 0.25}, "meteorage moyenne": {0.65, 0.65}, "meteorage faible": {0.70, 0.55},
}
