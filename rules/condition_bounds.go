package rules

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// A condition asks a question about a ticket; it is no program. What is left
// out here could make one of a few lines run for years or fill the memory:
// ranges, texts and lists that grow from one another, loops within loops.

// conditionFunctions are the functions of expr-lang that conditions may call,
// besides has and affirms. None of them makes a text longer.
var conditionFunctions = []string{
	"all", "any", "count", "filter", "find", "none", "one", // of a list
	"abs", "first", "float", "get", "hasPrefix", "hasSuffix", "indexOf", "int", "keys", "last", "lastIndexOf", "len",
	"lower", "max", "min", "round", "trim", "trimPrefix", "trimSuffix", "upper", "values",
}

const (
	maxBrackets = 100 // open at once
	maxLoops    = 2   // one within another
)

// tooDeep says whether so many brackets are open at once that parsing them
// would be the harm.
func tooDeep(text string) bool {
	open := 0
	for i := range len(text) {
		if strings.IndexByte("([{", text[i]) >= 0 {
			open++
		} else if strings.IndexByte(")]}", text[i]) >= 0 && open > 0 {
			open--
		}
		if open > maxBrackets {
			return true
		}
	}
	return false
}

// conditionBounds refuses what a condition may not contain. It is an
// ast.Visitor for expr.Patch, which shows it a node's parts before the node.
type conditionBounds struct {
	err   error
	loops map[*ast.PredicateNode]int // how many lie within one another, itself included
}

func (b *conditionBounds) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if n.Value == "$env" {
			b.refuse(node, "$env, which is everything, has no place in a condition; name what you ask about, such as kind")
		}
	case *ast.BinaryNode:
		switch {
		case n.Operator == "..":
			b.refuse(node, "a range a..b has no place in a condition; compare with < and >")
		case n.Operator == "+" && !number(n.Left) && !number(n.Right):
			b.refuse(node, "+ joins only numbers in a condition; compare the texts one by one")
		}
	case *ast.BuiltinNode:
		if !slices.Contains(conditionFunctions, n.Name) {
			b.refuse(node, fmt.Sprintf("the function %s has no place in a condition; there are has, affirms, %s", n.Name, strings.Join(conditionFunctions, ", ")))
		}
	case *ast.MapNode:
		b.refuse(node, "{ } has no place in a condition; write a list such as [\"a\", \"b\"]")
	case *ast.ArrayNode:
		for _, e := range n.Nodes {
			if t := e.Type(); t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Map) {
				b.refuse(node, "a list within a list has no place in a condition; write two comparisons")
				return
			}
		}
	case *ast.PredicateNode:
		depth := 1
		ast.Find(n.Node, func(part ast.Node) bool {
			if p, ok := part.(*ast.PredicateNode); ok {
				depth = max(depth, b.loops[p]+1)
			}
			return false
		})
		if b.loops[n] = depth; depth > maxLoops {
			b.refuse(node, fmt.Sprintf("more than %d loops such as any(tags, …) lie within one another; write a simpler one", maxLoops))
		}
	}
}

// refuse keeps the first reason, and takes the node out so that nobody works
// on it.
func (b *conditionBounds) refuse(node *ast.Node, reason string) {
	if b.err == nil {
		b.err = fmt.Errorf("%s", reason)
	}
	*node = &ast.NilNode{}
}

func number(n ast.Node) bool {
	t := n.Type()
	return t != nil && (t.Kind() == reflect.Int || t.Kind() == reflect.Float64)
}
