package rules

import (
	"reflect"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// Most conditions compare texts of the ticket with words, look for a tag or search a
// text, joined by and, or and not. They are answered directly: the machine of expr-lang
// would box every value and call every function by reflection. Any other condition
// runs on the machine, and a test holds the two to the same answers.

// A direct answers a condition, or a part of one, about a ticket. Nil: the machine has to.
type direct func(*Env) bool

// directOf makes one of a condition that has been compiled.
func directOf(node ast.Node) direct {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		if field := envField(n, reflect.Bool); field >= 0 {
			return func(e *Env) bool { return reflect.ValueOf(e).Elem().Field(field).Bool() }
		}
	case *ast.UnaryNode:
		if part := directOf(n.Node); part != nil && (n.Operator == "not" || n.Operator == "!") {
			return func(e *Env) bool { return !part(e) }
		}
	case *ast.BinaryNode:
		return directBinary(n)
	case *ast.CallNode:
		return directSearch(n)
	}
	return nil
}

func directBinary(n *ast.BinaryNode) direct {
	switch n.Operator {
	case "and", "&&":
		if a, b := directOf(n.Left), directOf(n.Right); a != nil && b != nil {
			return func(e *Env) bool { return a(e) && b(e) }
		}
	case "or", "||":
		if a, b := directOf(n.Left), directOf(n.Right); a != nil && b != nil {
			return func(e *Env) bool { return a(e) || b(e) }
		}
	case "==", "!=":
		text := envText(n.Left)
		if word, ok := n.Right.(*ast.StringNode); ok && text != nil {
			same := n.Operator == "=="
			return func(e *Env) bool { return (text(e) == word.Value) == same }
		}
		if number, ok := n.Right.(*ast.IntegerNode); ok && n.Operator == "==" {
			if field := envField(n.Left, reflect.Int); field >= 0 {
				return func(e *Env) bool { return reflect.ValueOf(e).Elem().Field(field).Int() == int64(number.Value) }
			}
		}
	case "in":
		if word, ok := n.Left.(*ast.StringNode); ok {
			if tags, ok := n.Right.(*ast.IdentifierNode); ok && tags.Value == "tags" {
				return func(e *Env) bool { return slices.Contains(e.Tags, word.Value) }
			}
		}
		text := envText(n.Left)
		if list, ok := n.Right.(*ast.ConstantNode); ok && text != nil {
			if words, ok := list.Value.(map[string]struct{}); ok { // what the compiler makes of ["a", "b"]
				return func(e *Env) bool { _, found := words[text(e)]; return found }
			}
		}
	}
	return nil
}

// directSearch is has or affirms, whose phrases have been made one constant.
func directSearch(n *ast.CallNode) direct {
	if len(n.Arguments) != 2 {
		return nil
	}
	text := envText(n.Arguments[0])
	list, ok := n.Arguments[1].(*ast.ConstantNode)
	if !ok || text == nil {
		return nil
	}
	phrases, ok := list.Value.(Phrases)
	if !ok {
		return nil
	}
	if callee, ok := n.Callee.(*ast.IdentifierNode); ok && callee.Value == "has" {
		return func(e *Env) bool { return e.Has(text(e), phrases) }
	} else if ok && callee.Value == "affirms" {
		return func(e *Env) bool { return e.Affirms(text(e), phrases) }
	}
	return nil
}

// envText reads the text that a node names, subject or fields["contract"]; nil where it
// names none.
func envText(node ast.Node) func(*Env) string {
	if member, ok := node.(*ast.MemberNode); ok {
		fields, ok := member.Node.(*ast.IdentifierNode)
		if name, written := member.Property.(*ast.StringNode); written && ok && fields.Value == "fields" && !member.Optional {
			return func(e *Env) string { return e.Fields[name.Value] }
		}
	}
	field := envField(node, reflect.String)
	if field < 0 {
		return nil
	}
	return func(e *Env) string { return reflect.ValueOf(e).Elem().Field(field).String() }
}

var envFields = reflect.VisibleFields(reflect.TypeFor[Env]())

// envField is the place in Env of the field of a kind that a node names, or -1.
func envField(node ast.Node, kind reflect.Kind) int {
	name, ok := node.(*ast.IdentifierNode)
	if !ok {
		return -1
	}
	return slices.IndexFunc(envFields, func(f reflect.StructField) bool {
		return f.Tag.Get("expr") == name.Value && f.Type.Kind() == kind
	})
}
