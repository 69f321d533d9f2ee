package rules

import (
	"fmt"

	"github.com/expr-lang/expr/ast"
)

// phraseConstants prepares a condition's searches when it is compiled: the
// phrases written in has(text, "a", "b") and affirms(text, …) become one
// constant, Phrases, which the functions then take in their place. So a phrase
// is parsed once, one that can't be found is refused with the file, and one
// that isn't written out doesn't type-check.
type phraseConstants struct {
	err error // the first phrase that is none
}

// Visit makes it an ast.Visitor, for expr.Patch.
func (c *phraseConstants) Visit(node *ast.Node) {
	call, ok := (*node).(*ast.CallNode)
	if !ok {
		return
	}
	// The check before a patch ignores mistakes, and the one after it trusts a
	// call whose type is known: else an unknown name in a call is never seen.
	call.SetType(nil)
	name, ok := call.Callee.(*ast.IdentifierNode)
	if !ok || name.Value != "has" && name.Value != "affirms" || len(call.Arguments) < 2 {
		return
	}
	list := make([]string, len(call.Arguments)-1)
	for i, a := range call.Arguments[1:] {
		s, ok := a.(*ast.StringNode)
		if !ok {
			return
		}
		list[i] = s.Value
	}
	phrases, err := ParsePhrases(list...)
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("%s: %w", name.Value, err)
	}
	call.Arguments = []ast.Node{call.Arguments[0], &ast.ConstantNode{Value: phrases}}
}

// Reset and ShouldRepeat have expr run this patch as the last thing before it
// checks the types for good.
func (c *phraseConstants) Reset()             {}
func (c *phraseConstants) ShouldRepeat() bool { return false }
