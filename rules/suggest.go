package rules

import (
	"strings"
	"time"

	"vigie/rules/triage"
)

// What a ticket's text suggests is learned from examples (package triage). It goes
// after the rules, which look at facts, and where it isn't confident it decides
// nothing.

// A Lesson is a policy's examples and what is learned of them, when it is first
// asked for: a policy that nobody asks costs nothing.
type Lesson struct {
	Examples []triage.Example
	Model    func() *triage.Model
	Trials   func() []triage.Trial // what cross-validation says, one for each example
}

// defaultConfident is how probable a suggestion must be where the policy doesn't say.
const defaultConfident = 0.6

// Confident is how probable a suggestion of a priority must be to decide.
func (p *Policy) Confident(priority string) float64 {
	if c, ok := p.Confidence[priority]; ok {
		return c
	}
	return defaultConfident
}

// A Suggested is what a ticket's text suggests.
type Suggested struct {
	Priority    string   `json:"priority"`
	Probability float64  `json:"probability"`
	Words       []string `json:"words,omitempty"` // that moved it most
	Confident   bool     `json:"confident"`       // else it is shown, and decides nothing
}

// Suggest is what the text of a ticket suggests, nil where that is nothing: there is
// no text, or the policy names no examples.
func (p *Policy) Suggest(t *Ticket) *Suggested {
	if p.Lesson == nil || t.Text == "" {
		return nil
	}
	text := strings.TrimPrefix(t.Text, t.Subject)
	s := p.Lesson.Model().Suggest(t.Subject, text)
	if s.Priority == "" {
		return nil
	}
	return &Suggested{s.Priority, s.Probability, s.Words, s.Probability >= p.Confident(s.Priority)}
}

// suggested is the priority that the ticket's text suggests confidently, or did while
// it was there; "" for none.
func (e *evaluation) suggested() string {
	if e.suggestionKnown {
		return e.suggestion
	}
	e.suggestionKnown, e.suggestion = true, ""
	if e.t.Erased != nil {
		if answers := e.t.Erased.Answers[e.p.suggestionKey()]; len(answers) > 0 {
			e.suggestion = answers[0].As
			return e.suggestion
		}
	}
	if s := e.p.Suggest(e.t); s != nil && s.Confident {
		e.suggestion = s.Priority
	}
	return e.suggestion
}

// suggestionKey is where an erased ticket remembers what its text suggested.
func (p *Policy) suggestionKey() string { return "examples of " + p.Name }

// suggestionAnswer is that, as an answer that holds for all of the ticket's life.
func (e *evaluation) suggestionAnswer() []Answer {
	return []Answer{{At: e.t.CreatedAt.Unix(), As: e.suggested(), Holds: true}}
}

// An Example is a ticket as others may learn from it, and false where it is none: no
// person chose its priority, it has no text, or it is an incident of a problem and
// says what others say. At is the instant as of which it is looked at.
func (t *Ticket) Example(at time.Time) (triage.Example, bool) {
	if t.Text == "" || t.Problem != "" || t.check() != nil {
		return triage.Example{}, false
	}
	var h history
	h.read(t, at)
	last := h.at(h.last())
	if last.priority == "" || last.status == Deleted {
		return triage.Example{}, false
	}
	text := strings.TrimSpace(strings.TrimPrefix(t.Text, t.Subject))
	return triage.Example{Priority: last.priority, Subject: t.Subject, Text: text, Language: t.Language, Kind: last.kind}, true
}
