package rules

import (
	"fmt"

	"github.com/expr-lang/expr/ast"
)

// phraseConstants prepares a condition's searches when it is compiled: the
// phrases written in has(text, "a", "b") and affirms become one constant, which
// the functions then take in their place. So a phrase is parsed once, one that
// can't be found is refused with the file, and one that isn't written out doesn't
// type-check.
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
	callee, ok := call.Callee.(*ast.IdentifierNode)
	if !ok || len(call.Arguments) < 2 || callee.Value != "has" && callee.Value != "affirms" {
		return
	}
	var phrases Phrases
	for _, a := range call.Arguments[1:] {
		text, ok := a.(*ast.StringNode)
		if !ok {
			return // to the type check, which says what is wanted
		}
		p, err := ParsePhrase(text.Value)
		if err != nil && c.err == nil {
			c.err = fmt.Errorf("%s: %w", callee.Value, err)
		}
		phrases = append(phrases, p)
	}
	call.Arguments = []ast.Node{call.Arguments[0], &ast.ConstantNode{Value: phrases}}
}

// Reset and ShouldRepeat have expr run this patch as the last thing before it
// checks the types for good.
func (c *phraseConstants) Reset()             {}
func (c *phraseConstants) ShouldRepeat() bool { return false }
