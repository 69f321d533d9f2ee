package policytest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"

	"vigie/rules"
)

// An edit is a value written differently, and what is different.
type edit struct{ text, what string }

// nudged is a duration a minute shorter and longer, or a share a percent lower
// and higher. What is no longer than a minute moves by a second.
func (m *mutator) nudged(text string) []edit {
	if number, ok := strings.CutSuffix(text, "%"); ok {
		n, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return nil
		}
		return []edit{{fmt.Sprintf("%v%%", n-1), "a percent earlier"}, {fmt.Sprintf("%v%%", n+1), "a percent later"}}
	}
	d, err := rules.ParseDuration(text, m.policy.BusinessDay)
	if err != nil {
		return nil
	}
	step, unit := int64(60), "minute"
	if d.Seconds <= 60 {
		step, unit = 1, "second"
	}
	business := ""
	if d.Business {
		business = "business "
	}
	return []edit{
		{fmt.Sprintf("%d %sseconds", d.Seconds-step, business), "a " + unit + " less"},
		{fmt.Sprintf("%d %sseconds", d.Seconds+step, business), "a " + unit + " more"},
	}
}

// otherUnit is a duration on the other clock.
func otherUnit(text string) edit {
	if strings.Contains(text, "business") {
		return edit{strings.Replace(text, "business ", "", 1), "elapsed time"}
	}
	return edit{strings.Replace(text, " ", " business ", 1), "business time"}
}

// otherUnits changes the unit of every duration in a value.
func otherUnits(v any) any {
	switch v := v.(type) {
	case string:
		if !strings.HasSuffix(v, "%") {
			return otherUnit(v).text
		}
	case []any:
		for i := range v {
			v[i] = otherUnits(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = otherUnits(v[k])
		}
	}
	return v
}

// A literal is a text that a condition compares with, and the condition with
// another one in its place.
type literal struct{ value, changed string }

// literals lists them from left to right. What has and affirms search for are
// none: phrases are tested by the texts that they are for.
func literals(condition string) []literal {
	tree, err := parser.Parse(condition)
	if err != nil {
		return nil
	}
	found := &compared{phrases: map[ast.Node]bool{}}
	ast.Walk(&tree.Node, found)
	var list []literal
	letters := []rune(condition)
	for _, n := range found.texts {
		from, to := n.Location().From, n.Location().To
		if found.phrases[n] || from < 0 || to > len(letters) || from >= to {
			continue
		}
		list = append(list, literal{n.Value, string(letters[:from]) + `"mutant"` + string(letters[to:])})
	}
	return list
}

// compared collects a condition's texts.
type compared struct {
	texts   []*ast.StringNode
	phrases map[ast.Node]bool
}

// Visit makes it an ast.Visitor.
func (c *compared) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.StringNode:
		c.texts = append(c.texts, n)
	case *ast.CallNode:
		if name, ok := n.Callee.(*ast.IdentifierNode); ok && (name.Value == "has" || name.Value == "affirms") {
			for _, a := range n.Arguments {
				c.phrases[a] = true
			}
		}
	}
}
