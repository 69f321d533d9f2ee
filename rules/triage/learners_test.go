package triage

import (
	"math"
	"os"
	"testing"
)

var shipped = map[string][]string{
	"moveon":    {"urgent", "high", "normal", "low"},
	"meteorage": {"haute", "moyenne", "faible"},
}

func shippedExamples(t testing.TB, policy string) []Example {
	t.Helper()
	lines, err := os.ReadFile("../policies/" + policy + ".examples.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	examples, err := Read(lines)
	if err != nil {
		t.Fatal(err)
	}
	return examples
}

// A learner is one way to make probabilities of a model.
type learner struct {
	name string
	says func(m *Model, e *seen, p []float64)
}

var learners = []learner{
	{"regression", func(m *Model, e *seen, p []float64) { m.regressed(e.whole, e.parts, p) }},
	{"Bayes", func(m *Model, e *seen, p []float64) {
		clear(p)
		add(p, m.bayes, e.whole)
		softmax(p, sharpness*evenly(len(e.whole), fewWords), nil)
	}},
	{"mean", func(m *Model, e *seen, p []float64) { m.probabilities(e.whole, e.parts, p) }},
}

// TestLearners gives the table of the package comment, and holds what was decided by
// it: the mean of both learners is right at least as often as either, less one in a
// hundred, and what it is sure of is so.
func TestLearners(t *testing.T) {
	for policy, priorities := range shipped {
		s := newSet(priorities, shippedExamples(t, policy))
		trials := make([][]Trial, len(learners))
		for fold := range folds {
			m := s.learn(func(i int) bool { return i%folds != fold })
			for i := fold; i < len(s.examples); i += folds {
				e, p := &s.examples[i], make([]float64, len(priorities))
				for j, l := range learners {
					l.says(m, e, p)
					trials[j] = append(trials[j], Trial{Right: priorities[e.right], Said: priorities[most(p)], Probability: p[most(p)]})
				}
			}
		}
		accuracy := make([]float64, len(learners))
		for j, l := range learners {
			n, right := Covered(trials[j], 0)
			sure, sureRight := Covered(trials[j], 0.6)
			accuracy[j] = share(right, n)
			t.Logf("%-9s %-10s right %d of %d (%.1f %%); at least 0.6 sure of %.0f %%, right %.1f %%; off by %.3f",
				policy, l.name, right, n, 100*accuracy[j], 100*share(sure, n), 100*share(sureRight, sure), off(trials[j]))
		}
		if accuracy[2] < max(accuracy[0], accuracy[1])-0.01 {
			t.Errorf("%s: the mean is right of %.3f, regression of %.3f, Bayes of %.3f", policy, accuracy[2], accuracy[0], accuracy[1])
		}
		for _, b := range Reliability(trials[2]) {
			if b.From >= 0.6 && float64(b.Right) < (b.Claimed-0.1)*float64(b.Said) {
				t.Errorf("%s: of %d suggestions of %.1f to %.1f %d are right", policy, b.Said, b.From, b.To, b.Right)
			}
		}
	}
}

// off is the mean distance between what suggestions claim and how many are right.
func off(trials []Trial) float64 {
	sum := 0.0
	for _, b := range Reliability(trials) {
		sum += math.Abs(b.Claimed*float64(b.Said) - float64(b.Right))
	}
	return sum / float64(len(trials))
}
