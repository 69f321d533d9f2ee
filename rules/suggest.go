package rules

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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
	if c, ok := p.confident[priority]; ok {
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

// examples reads which files hold examples, and those. It comes after the priorities.
func (l *policyLoader) examples(root *Table) {
	l.confident(root)
	names := root.Strings("examples")
	if len(names) == 0 {
		return
	}
	var all []triage.Example
	key := sha256.New()
	for _, pr := range l.p.Priorities {
		fmt.Fprintln(key, pr.Name)
	}
	for i, name := range names {
		at := fmt.Sprintf("examples[%d]", i)
		if l.readFile == nil {
			root.Add(at, "files can't be read here; remove it")
			return
		}
		lines, err := l.readFile(name)
		if err != nil {
			root.Add(at, "%v; write a path that can be read, relative to this file", err)
			continue
		}
		fmt.Fprintln(key, len(lines))
		key.Write(lines)
		list, err := triage.Read(bytes.TrimPrefix(lines, []byte("\ufeff")))
		for _, err := range unjoin(err) {
			var line triage.LineError
			errors.As(err, &line)
			root.Add(at, "%s:%d: %v", name, line.Line, line.Err)
		}
		for _, e := range list {
			if l.p.Rank(e.Priority) < 0 {
				l.knownPriority(root, at, e.Priority)
				break
			}
		}
		all = append(all, list...)
	}
	l.p.Lesson = lessonOf(hex.EncodeToString(key.Sum(nil)), l.p.Priorities, all)
}

// confident reads confident = 0.6, for every priority, or confident = { urgent = 0.5 },
// for each its own.
func (l *policyLoader) confident(root *Table) {
	l.p.confident = map[string]float64{}
	read := func(t *Table, key string, priorities ...string) {
		c, ok := t.Number(key)
		if ok && (c < 0 || c > 1) {
			t.Add(key, "%v is no probability; write one from 0 to 1, such as 0.6", c)
		}
		for _, p := range priorities {
			if ok {
				l.p.confident[p] = c
			}
		}
	}
	switch root.values["confident"].(type) {
	case nil:
	case map[string]any:
		t := root.Table("confident")
		for _, priority := range t.Keys() {
			if l.knownPriority(t, priority, priority) {
				read(t, priority, priority)
			}
		}
	default:
		var all []string
		for _, pr := range l.p.Priorities {
			all = append(all, pr.Name)
		}
		read(root, "confident", all...)
	}
	if root.Has("confident") && !root.Has("examples") {
		root.Warn("confident", "changes nothing, since no examples are named; name them, or remove it")
	}
}

// lessons are those that were learned last: the versions of a policy, and the hundreds of
// variants that vigie test makes of one, learn the same.
var lessons struct {
	sync.Mutex
	list []keptLesson // the one used last comes last
}

type keptLesson struct {
	key string
	*Lesson
}

const keptLessons = 8

func lessonOf(key string, priorities []Priority, examples []triage.Example) *Lesson {
	lessons.Lock()
	defer lessons.Unlock()
	if i := slices.IndexFunc(lessons.list, func(k keptLesson) bool { return k.key == key }); i >= 0 {
		k := lessons.list[i]
		lessons.list = append(slices.Delete(lessons.list, i, i+1), k)
		return k.Lesson
	}
	var names []string
	for _, pr := range priorities {
		names = append(names, pr.Name)
	}
	lesson := &Lesson{
		Examples: examples,
		Model:    sync.OnceValue(func() *triage.Model { return triage.Learn(names, examples) }),
		Trials:   sync.OnceValue(func() []triage.Trial { return triage.Validate(names, examples) }),
	}
	if len(lessons.list) == keptLessons {
		lessons.list = slices.Delete(lessons.list, 0, 1)
	}
	lessons.list = append(lessons.list, keptLesson{key, lesson})
	return lesson
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
