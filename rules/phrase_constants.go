package rules

import (
	"fmt"
	"maps"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// phraseConstants prepares a condition's searches when it is compiled: the
// phrases written in has(text, "a", "b"), affirms, together and apart, and the
// lists named there, become one constant, which the functions then take
// in their place. So a phrase is parsed once, one that can't be found is refused
// with the file, and one that isn't written out doesn't type-check.
type phraseConstants struct {
	lists PhraseLists
	err   error // the first phrase that is none
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
	if !ok || len(call.Arguments) < 2 {
		return
	}
	name := callee.Value
	sentences := name == "together" || name == "apart"
	if name != "has" && name != "affirms" && !sentences {
		return
	}
	each := make([]Phrases, len(call.Arguments)-1)
	for i, a := range call.Arguments[1:] {
		phrase, ok := c.phrase(name, a)
		if !ok {
			if sentences { // whose type the check would put in words that help nobody
				c.fail(name, fmt.Errorf("%s is neither a phrase in quotes nor a list under [phrases]", a))
			}
			return
		}
		each[i] = Phrases{phrase}
	}
	var searched any = slices.Concat(each...)
	if sentences {
		searched = each
	}
	call.Arguments = []ast.Node{call.Arguments[0], &ast.ConstantNode{Value: searched}}
}

// phrase is an argument as a phrase: a text, or a list by its name. What is
// neither is left to the type check.
func (c *phraseConstants) phrase(function string, argument ast.Node) (Phrase, bool) {
	switch a := argument.(type) {
	case *ast.StringNode:
		p, err := c.lists.parse(a.Value)
		c.fail(function, err)
		return p, true
	case *ast.IdentifierNode:
		if list := c.lists[a.Value]; list != nil {
			return Phrase{words: []phraseWord{{lists: []*PhraseList{list}}}}, true
		}
		if near := nearest(a.Value, slices.Sorted(maps.Keys(c.lists))); near != "" {
			c.fail(function, fmt.Errorf("%s is no list under [phrases]; did you mean %q?", a.Value, near))
		}
	}
	return Phrase{}, false
}

func (c *phraseConstants) fail(function string, err error) {
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("%s: %w", function, err)
	}
}

// Reset and ShouldRepeat have expr run this patch as the last thing before it
// checks the types for good.
func (c *phraseConstants) Reset()             {}
func (c *phraseConstants) ShouldRepeat() bool { return false }
