package rules

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// A Condition is a question about a ticket, written in expr-lang
// (expr-lang.org) over the values that an Env lists, and type-checked when its
// file is loaded. The zero of what a ticket doesn't have is what it reads.
type Condition struct {
	text    string
	program *vm.Program
	direct  direct // answers it without the program, if it asks about an Env and is plain
	reads   reads
}

// Env is everything a condition can ask about.
type Env struct {
	Source         string            `expr:"source"`
	ID             string            `expr:"id"`
	Kind           string            `expr:"kind"`
	Status         string            `expr:"status"`
	StatusBy       string            `expr:"status_by"`      // who set it last: "agent", "customer", "automation", "vigie", a name; "" at creation. Of a closed ticket who solved it
	Answered       bool              `expr:"answered"`       // an agent has replied in public
	Awaiting       bool              `expr:"awaiting_reply"` // the customer's last public message, the first one too, is unanswered; what he writes once it is solved counts if that reopens it
	Unanswered     string            `expr:"unanswered"`     // what he wrote since the last public answer; "" where he awaits none
	Priority       string            `expr:"priority"`
	Channel        string            `expr:"channel"`
	Organization   string            `expr:"organization"`
	Group          string            `expr:"group"`
	Assignee       string            `expr:"assignee"`
	Requester      string            `expr:"requester"`
	Recipient      string            `expr:"recipient"`
	Language       string            `expr:"language"`
	OpenedBy       string            `expr:"opened_by"` // who wrote the first public message: "customer", "agent", "automation"
	Subject        string            `expr:"subject"`
	Text           string            `expr:"text"`
	Said           string            `expr:"said"`        // the text, and what the customer wrote in public since
	Attachments    int               `expr:"attachments"` // how many files the customer sent with all that
	Tags           []string          `expr:"tags"`
	Fields         map[string]string `expr:"fields"`
	CreatedInHours bool              `expr:"created_in_hours"`

	Has     func(text string, phrases Phrases) bool `expr:"has"`
	Affirms func(text string, phrases Phrases) bool `expr:"affirms"`
}

// maxCondition bounds a condition's text, maxNodes what it may grow into.
const (
	maxCondition = 16 << 10
	maxNodes     = 2000
)

// CompileCondition checks and prepares a condition over env, a pointer to or a
// value of a struct such as Env.
func CompileCondition(text string, env any) (*Condition, error) {
	if len(text) > maxCondition {
		return nil, fmt.Errorf("is longer than %d KiB; shorten it", maxCondition>>10)
	}
	if tooDeep(text) {
		return nil, fmt.Errorf("has more than %d brackets open at once; write a simpler one", maxBrackets)
	}
	var reads reads
	bounds, searches := &conditionBounds{loops: map[*ast.PredicateNode]int{}}, &phraseConstants{}
	program, err := expr.Compile(text, expr.Env(env), expr.AsBool(), expr.MaxNodes(maxNodes), expr.Patch(bounds), expr.Patch(&reads), expr.Patch(searches))
	if err := cmp.Or(bounds.err, searches.err); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%s", explainCompile(err))
	}
	c := &Condition{text: text, program: program, reads: reads}
	if _, ok := env.(Env); ok {
		c.direct = directOf(program.Node())
	}
	return c, nil
}

// explainCompile puts expr's multi-line message on one line, with the place in
// the condition.
func explainCompile(err error) string {
	const example = `a condition reads like kind == "problem" and not ("vip" in tags)`
	e, ok := err.(*file.Error)
	if !ok {
		return strings.Join(strings.Fields(err.Error()), " ") + "; " + example
	}
	at := ""
	if e.Line > 1 {
		at = fmt.Sprintf(" (line %d, column %d of it)", e.Line, e.Column+1)
	} else if e.Column > 0 {
		at = fmt.Sprintf(" (column %d of it)", e.Column+1)
	}
	message, _, _ := strings.Cut(e.Message, "\n")
	return fmt.Sprintf("%s%s; %s", strings.TrimSpace(message), at, example)
}

// String is the condition as it was written.
func (c *Condition) String() string {
	if c == nil {
		return "true"
	}
	return c.text
}

// Holds answers the condition. A nil condition always holds. The machine may be
// reused by one goroutine, to save its allocation.
func (c *Condition) Holds(machine *vm.VM, env any) (bool, error) {
	if c == nil {
		return true, nil
	}
	if ticket, ok := env.(*Env); ok && c.direct != nil {
		return c.direct(ticket), nil
	}
	answer, err := machine.Run(c.program, env)
	if err != nil {
		return false, fmt.Errorf("condition %s: %s", short(c.text), strings.Join(strings.Fields(err.Error()), " "))
	}
	return answer.(bool), nil
}
