package jira

import (
	"fmt"
	"slices"
	"strings"
)

// A jql is a parsed query, of the part of the language that a poller needs:
// clauses joined by AND, each a field, an operator (=, !=, IN, or >= and < of an
// instant) and its values; then ORDER BY. Everything else is refused in Jira's
// words.
type jql struct {
	clauses []jqlClause
	order   []jqlOrder
}

type jqlClause struct {
	field, op string
	values    []string
}

type jqlOrder struct {
	field string
	desc  bool
}

type jqlToken struct {
	text   string
	quoted bool
	at     int // from 1
}

// parseJQL reads a query, or says why it is refused.
func parseJQL(text string) (q jql, refusal string) {
	tokens, refusal := lexJQL(text)
	if refusal != "" {
		return q, refusal
	}
	p := jqlParser{tokens: tokens}
	if !p.keyword("order") {
		for {
			q.clauses = append(q.clauses, p.clause())
			if p.refusal != "" || p.done() || p.keyword("order") {
				break
			}
			if !p.take("and") {
				p.expect("'AND'")
				break
			}
		}
	}
	if p.refusal == "" && p.take("order") {
		if !p.take("by") {
			p.expect("'BY'")
		}
		for p.refusal == "" {
			o := jqlOrder{field: alias(p.word("a field name"))}
			if p.take("desc") {
				o.desc = true
			} else {
				p.take("asc")
			}
			if !slices.Contains([]string{"updated", "created", "key"}, o.field) && p.refusal == "" {
				p.refusal = fmt.Sprintf("Not able to sort using field '%s'.", o.field)
			}
			q.order = append(q.order, o)
			if p.done() {
				break
			}
			if !p.take(",") {
				p.expect("','")
			}
		}
	}
	if len(q.order) > 7 && p.refusal == "" {
		p.refusal = "The ORDER BY clause can contain a maximum of 7 fields."
	}
	return q, p.refusal
}

var jqlNames = map[string]string{"id": "key", "issue": "key", "issuekey": "key"} // other names of fields

func alias(field string) string {
	field = strings.ToLower(field)
	if name, ok := jqlNames[field]; ok {
		return name
	}
	return field
}

// lexJQL cuts a query into words, quoted strings and signs.
func lexJQL(text string) (tokens []jqlToken, refusal string) {
	for at := 0; at < len(text); {
		c := text[at]
		start := at
		switch {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			at++
			continue
		case c == '"' || c == '\'':
			end := strings.IndexByte(text[at+1:], c)
			if end < 0 {
				return nil, fmt.Sprintf("Error in the JQL Query: The quoted string '%s' has not been completed. (line 1, character %d)", text[at+1:], at+1)
			}
			at += end + 2
			tokens = append(tokens, jqlToken{text[start+1 : at-1], true, start + 1})
			continue
		case strings.IndexByte("(),", c) >= 0:
			at++
		case strings.IndexByte("=!<>~", c) >= 0:
			for at < len(text) && strings.IndexByte("=!<>~", text[at]) >= 0 {
				at++
			}
		default:
			for at < len(text) && strings.IndexByte(" \t\r\n(),=!<>~\"'", text[at]) < 0 {
				at++
			}
		}
		tokens = append(tokens, jqlToken{text[start:at], false, start + 1})
	}
	return tokens, ""
}

type jqlParser struct {
	tokens  []jqlToken
	refusal string
}

func (p *jqlParser) done() bool { return len(p.tokens) == 0 }

// keyword says whether the next token is this word or sign, unquoted.
func (p *jqlParser) keyword(w string) bool {
	return !p.done() && !p.tokens[0].quoted && strings.EqualFold(p.tokens[0].text, w)
}

func (p *jqlParser) take(w string) bool {
	if !p.keyword(w) {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *jqlParser) expect(what string) {
	switch {
	case p.refusal != "":
	case p.done():
		p.refusal = fmt.Sprintf("Error in the JQL Query: Expecting %s before the end of the query.", what)
	default:
		p.refusal = fmt.Sprintf("Error in the JQL Query: Expecting %s but got '%s'. (line 1, character %d)", what, p.tokens[0].text, p.tokens[0].at)
	}
}

// word takes a field name or a value.
func (p *jqlParser) word(what string) string {
	if p.done() || !p.tokens[0].quoted && strings.IndexByte("(),=!<>~", p.tokens[0].text[0]) >= 0 {
		p.expect(what)
		return ""
	}
	w := p.tokens[0].text
	p.tokens = p.tokens[1:]
	return w
}

func (p *jqlParser) clause() jqlClause {
	c := jqlClause{field: alias(p.word("a field name"))}
	if p.refusal != "" {
		return c
	}
	instant := c.field == "updated" || c.field == "created"
	if !instant && jqlWords[c.field] == nil {
		p.refusal = fmt.Sprintf("Field '%s' does not exist or you do not have permission to view it.", c.field)
		return c
	}
	ops := []string{"=", "!="}
	if instant {
		ops = []string{">=", "<"}
	}
	for _, op := range ops {
		if p.take(op) {
			c.op, c.values = op, []string{p.word("either a value, list or function")}
			return c
		}
	}
	c.op = "="
	if instant || !p.take("in") {
		p.expect("operator")
	}
	if !p.take("(") {
		p.expect("'('")
	}
	for p.refusal == "" {
		c.values = append(c.values, p.word("either a value, list or function"))
		if p.take(")") {
			break
		}
		if !p.take(",") {
			p.expect("')' or ','")
		}
	}
	return c
}
