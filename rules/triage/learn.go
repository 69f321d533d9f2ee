package triage

import (
	"math"
	"math/rand/v2"
	"slices"
)

const (
	rate      = 0.3    // AdaGrad's first step
	decay     = 1e-4   // L2, each time that a feature is met
	visits    = 12_000 // so many examples are gone through, each five times at least and twenty at most
	smoothing = 0.3    // of counts in naive Bayes: a word that nobody has written yet
	fewParts  = 60     // a text of fewer features than these says little, and nothing surely
	fewWords  = 15     // likewise, of words and pairs
	sharpness = 3      // how far naive Bayes is believed: by this its probabilities mean most nearly what they say
)

// A Model suggests priorities. It may be used by several goroutines.
type Model struct {
	Priorities []string // in the order of Suggestion.Probabilities

	regression []float32 // weights by feature, then by priority
	bias       []float32 // by priority
	bayes      []float32 // weights by feature, then by priority; of whole words and pairs alone
}

// Learn makes a model of examples, always the same one of the same. priorities are
// all that may be suggested, in the policy's order; examples of others are left out.
// Without any example it suggests nothing.
func Learn(priorities []string, examples []Example) *Model {
	return newSet(priorities, examples).learn(func(int) bool { return true })
}

// A set is examples with their features worked out.
type set struct {
	priorities []string
	examples   []seen
}

// A seen is the features of an example, and the place of its priority.
type seen struct {
	whole, parts []uint32
	right        int
}

func newSet(priorities []string, examples []Example) *set {
	s := &set{priorities: priorities}
	for _, e := range examples {
		i := slices.Index(priorities, e.Priority)
		f := featuresOf(e.Subject, e.Text)
		if i >= 0 && f.count() > 0 {
			s.examples = append(s.examples, seen{slices.Clone(f.whole), slices.Clone(f.parts), i})
		}
		f.free()
	}
	// Files are written priority by priority; learned in that order, the last would win.
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(s.examples), func(i, j int) { s.examples[i], s.examples[j] = s.examples[j], s.examples[i] })
	return s
}

// learn makes a model of those examples that are taken.
func (s *set) learn(take func(i int) bool) *Model {
	var list []*seen
	for i := range s.examples {
		if take(i) {
			list = append(list, &s.examples[i])
		}
	}
	if len(list) == 0 {
		return &Model{}
	}
	m := &Model{Priorities: s.priorities}
	m.regress(list)
	m.count(list)
	return m
}

// regress is multinomial logistic regression by stochastic gradient descent with
// AdaGrad's steps, which goes through the examples again and again in one order.
func (m *Model) regress(list []*seen) {
	k := len(m.Priorities)
	m.regression, m.bias = make([]float32, k<<tableBits), make([]float32, k)
	steps, p := make([]float32, k<<tableBits), make([]float64, k) // steps: sums of squared gradients
	for range min(max(5, visits/len(list)), 20) {
		for _, e := range list {
			m.regressed(e.whole, e.parts, p)
			p[e.right]--
			each := float32(evenly(len(e.whole)+len(e.parts), fewParts))
			for _, ids := range [][]uint32{e.whole, e.parts} {
				for _, id := range ids {
					w, sum := m.regression[int(id)*k:][:k], steps[int(id)*k:][:k]
					for c := range w {
						g := float32(p[c])*each + decay*w[c]
						sum[c] += g * g
						w[c] -= rate * g / float32(math.Sqrt(float64(sum[c])+1e-8))
					}
				}
			}
			for c := range m.bias {
				m.bias[c] -= float32(0.02 * p[c])
			}
		}
	}
}

// count is complement naive Bayes (Rennie and others, 2003): a word weighs as much
// for a priority as it is rare among the examples of all others.
func (m *Model) count(list []*seen) {
	k := len(m.Priorities)
	m.bayes = make([]float32, k<<tableBits)
	total, all := make([]float64, k), 0.0
	for _, e := range list {
		for _, id := range e.whole {
			m.bayes[int(id)*k+e.right]++
		}
		total[e.right] += float64(len(e.whole))
		all += float64(len(e.whole))
	}
	distinct := 0.0
	for i := 0; i < len(m.bayes); i += k {
		if sum(m.bayes[i:][:k]) > 0 {
			distinct++
		}
	}
	for i := 0; i < len(m.bayes); i += k {
		row := m.bayes[i:][:k]
		seen := float64(sum(row))
		if seen == 0 {
			continue
		}
		for c := range row {
			row[c] = -float32(math.Log((seen - float64(row[c]) + smoothing) / (all - total[c] + smoothing*distinct)))
		}
		mean := sum(row) / float32(k)
		for c := range row {
			row[c] -= mean
		}
	}
}

func sum(row []float32) (s float32) {
	for _, v := range row {
		s += v
	}
	return s
}

// probabilities fills p: the mean of what the two learners say.
func (m *Model) probabilities(whole, parts []uint32, p []float64) []float64 {
	m.regressed(whole, parts, p)
	q := make([]float64, len(p))
	add(q, m.bayes, whole)
	softmax(q, sharpness*evenly(len(whole), fewWords), nil)
	for c := range p {
		p[c] = (p[c] + q[c]) / 2
	}
	return p
}

// regressed fills p with what logistic regression says: all features weigh equally,
// and a long text no more than a short one.
func (m *Model) regressed(whole, parts []uint32, p []float64) {
	clear(p)
	add(p, m.regression, whole)
	add(p, m.regression, parts)
	softmax(p, evenly(len(whole)+len(parts), fewParts), m.bias)
}

// evenly is what each of n features counts for, so that a long text weighs no more
// than a short one, and a very short one less.
func evenly(n, few int) float64 { return 1 / math.Sqrt(float64(max(n, few))) }

// add adds the weights of features to p, by priority.
func add(p []float64, weights []float32, ids []uint32) {
	k := len(p)
	for _, id := range ids {
		for c, w := range weights[int(id)*k:][:k] {
			p[c] += float64(w)
		}
	}
}

// softmax turns sums of weights into probabilities.
func softmax(p []float64, scale float64, bias []float32) {
	top, sum := math.Inf(-1), 0.0
	for c := range p {
		p[c] *= scale
		if bias != nil {
			p[c] += float64(bias[c])
		}
		top = max(top, p[c])
	}
	for c := range p {
		p[c] = math.Exp(p[c] - top)
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
}
