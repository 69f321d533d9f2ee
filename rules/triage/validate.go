package triage

// A Trial is what a model said of an example that it hadn't learned.
type Trial struct {
	Right       string // the example's priority
	Said        string
	Probability float64 // of what was said
}

// folds is into how many parts examples are cut: each is judged by a model that has
// learned the others.
const folds = 5

// Validate judges each example by a model that has learned four fifths of them, it
// not among them. Examples that were written after a look at what it gets wrong
// flatter it: they resemble those.
func Validate(priorities []string, examples []Example) []Trial {
	s := newSet(priorities, examples)
	trials := make([]Trial, 0, len(s.examples))
	for fold := range folds {
		m := s.learn(func(i int) bool { return i%folds != fold })
		for i := fold; i < len(s.examples) && len(m.Priorities) > 0; i += folds {
			trials = append(trials, m.trial(&s.examples[i]))
		}
	}
	return trials
}

// Try judges examples by a model that has learned others.
func (m *Model) Try(examples []Example) []Trial {
	s := newSet(m.Priorities, examples)
	trials := make([]Trial, len(s.examples))
	for i := range s.examples {
		trials[i] = m.trial(&s.examples[i])
	}
	return trials
}

func (m *Model) trial(e *seen) Trial {
	p := m.probabilities(e.whole, e.parts, make([]float64, len(m.Priorities)))
	best := most(p)
	return Trial{Right: m.Priorities[e.right], Said: m.Priorities[best], Probability: p[best]}
}

// A Measure is how well a priority was found.
type Measure struct {
	Priority string
	There    int // have it
	Said     int // were said to have it
	Found    int // both
}

// Precision is the share of what was said that is so; 1 where nothing was said.
func (m Measure) Precision() float64 { return share(m.Found, m.Said) }

// Recall is the share of what is so that was said; 1 where there is none.
func (m Measure) Recall() float64 { return share(m.Found, m.There) }

// Measures are those of each priority, in the order given. What was said with a
// probability below confident counts as not said.
func Measures(priorities []string, trials []Trial, confident func(priority string) float64) []Measure {
	out := make([]Measure, len(priorities))
	for i, p := range priorities {
		out[i].Priority = p
		for _, t := range trials {
			said := t.Said == p && t.Probability >= confident(p)
			if t.Right == p {
				out[i].There++
			}
			if said {
				out[i].Said++
			}
			if said && t.Right == p {
				out[i].Found++
			}
		}
	}
	return out
}

// A Band is how suggestions of some probability did.
type Band struct {
	From, To float64 // of the probability, half-open; the last one has 1 in it
	Said     int
	Right    int
	Claimed  float64 // the mean of their probabilities; 0 where there is none
}

// Reliability cuts trials by their probability into bands of a tenth. Where the
// probabilities mean what they say, Right is Claimed times Said in each.
func Reliability(trials []Trial) []Band {
	out := make([]Band, 10)
	for i := range out {
		out[i].From, out[i].To = float64(i)/10, float64(i+1)/10
	}
	for _, t := range trials {
		b := &out[min(int(t.Probability*10), 9)]
		b.Said++
		b.Claimed += t.Probability
		if t.Said == t.Right {
			b.Right++
		}
	}
	for i := range out {
		out[i].Claimed /= float64(max(1, out[i].Said))
	}
	return out
}

// Covered is how many trials are at least so sure, and how many of those are right.
func Covered(trials []Trial, confident float64) (said, right int) {
	for _, t := range trials {
		if t.Probability >= confident {
			said++
			if t.Said == t.Right {
				right++
			}
		}
	}
	return said, right
}

func share(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}
