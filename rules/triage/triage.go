// Package triage learns from examples which priority a ticket's text suggests.
//
// An example is a ticket's text with the priority that a person gave it. Learn
// makes a model of some hundreds of them in a moment, always the same one of the
// same examples; Suggest says for a text how probable each priority is, and which
// words moved it. Nothing is read, written or remembered in between.
//
// A text is seen as a set of features (features.go): its words, pairs of
// neighbours, beginnings of words and groups of letters, folded and hashed into a
// table of fixed size. Two learners (learn.go) look at it: multinomial logistic
// regression at all of them, complement naive Bayes at words and pairs. The mean of
// their probabilities is the suggestion. They err on different texts, regression
// where a single word misleads, Bayes where a text is long, and neither alone is as
// good on words that it hasn't seen. Validate (validate.go) measures all that on
// examples that a model hasn't learned.
//
// The learners compared by cross-validation over the examples that are shipped, five
// parts, as TestLearners gives it ("off": the mean distance between what suggestions
// claim and what is right):
//
//	                        right          0.6 sure and more    of these right   off
//	moveon     regression   987 of 1154    81 %                 91.0 %           0.063
//	           Bayes        958 of 1154    83 %                 89.8 %           0.018
//	           mean         1003 of 1154   80 %                 93.9 %           0.078
//	meteorage  regression   594 of 665     89 %                 94.8 %           0.062
//	           Bayes        600 of 665     93 %                 92.4 %           0.028
//	           mean         608 of 665     91 %                 94.9 %           0.050
//
// Where the mean is off, it claims too little. Some of the examples were written after
// a look at what had been got wrong, and resemble those, which flatters all three; many
// are written to mislead, which does the opposite. What tickets say that nobody has
// looked at is measured by TestLabelled in rules/policies.
package triage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// An Example is a ticket with the priority that a person gave it.
type Example struct {
	Priority string `json:"priority"`
	Subject  string `json:"subject,omitempty"`
	Text     string `json:"text"` // the first message, without the subject
	Language string `json:"language,omitempty"`
	Kind     string `json:"kind,omitempty"`
}

// Read reads examples, one JSON object a line; empty lines don't count. Its error
// joins one for each line that is none, or has no priority, or no words.
func Read(lines []byte) ([]Example, error) {
	var out []Example
	var errs []error
	n := 0
	for line := range bytes.Lines(lines) {
		n++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var e Example
		err := json.Unmarshal(line, &e)
		switch {
		case err != nil:
			err = fmt.Errorf(`%w; a line reads like {"priority": "urgent", "subject": "Portal down", "text": "Nobody can log in."}`, err)
		case e.Priority == "":
			err = errors.New(`priority is missing; write the one that a person gave the ticket`)
		case e.Subject == "" && e.Text == "":
			err = errors.New(`subject and text are empty; write what the customer wrote, or remove the line`)
		}
		if err != nil {
			errs = append(errs, LineError{Line: n, Err: err})
			continue
		}
		out = append(out, e)
	}
	return out, errors.Join(errs...)
}

// A LineError is what is wrong with a line, counted from 1, of a file of examples.
type LineError struct {
	Line int
	Err  error
}

func (e LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e LineError) Unwrap() error { return e.Err }

// A Suggestion is what a text says.
type Suggestion struct {
	Priority      string    // the most probable; "" where the text has no words, or nothing was learned
	Probability   float64   // of it, 0 to 1
	Probabilities []float64 // of all, in the order of Model.Priorities
	Words         []string  // that moved it most, as they are written, the strongest first; three at most
}

// Suggest is the priority that a ticket's subject and text suggest.
func (m *Model) Suggest(subject, text string) Suggestion {
	f := featuresOf(subject, text)
	defer f.free()
	if f.count() == 0 || len(m.Priorities) == 0 {
		return Suggestion{}
	}
	p := m.probabilities(f.whole, f.parts, make([]float64, len(m.Priorities)))
	best := most(p)
	return Suggestion{Priority: m.Priorities[best], Probability: p[best], Probabilities: p, Words: m.moved(f, best)}
}

// most is the place of the greatest, the more urgent one where two are equal.
func most(p []float64) int {
	best := 0
	for i := range p {
		if p[i] > p[best] {
			best = i
		}
	}
	return best
}

const (
	shownWords   = 3
	shownLetters = 3 // a shorter word moves a suggestion only together with its neighbours, and says nothing to people
)

// moved are the words whose features speak most for a priority.
func (m *Model) moved(f *features, best int) []string {
	votes := make([]float32, len(f.words))
	k := len(m.Priorities)
	vote := func(weights []float32, ids []uint32, of []int32) {
		for i, id := range ids {
			row := weights[int(id)*k:][:k]
			votes[of[i]] += row[best] - sum(row)/float32(k)
		}
	}
	vote(m.regression, f.whole, f.ofWhole)
	vote(m.regression, f.parts, f.ofParts)
	vote(m.bayes, f.whole, f.ofWhole)
	var words []string
	for len(words) < shownWords {
		strongest, vote := "", float32(0)
		for i, w := range f.words {
			if votes[i] > vote && utf8.RuneCountInString(w) >= shownLetters && !slices.Contains(words, w) {
				strongest, vote = w, votes[i]
			}
		}
		if strongest == "" {
			break
		}
		words = append(words, strongest)
	}
	return words
}
