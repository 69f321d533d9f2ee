package calendar

import "errors"

// A Problem is one thing that is wrong with a [Spec].
type Problem struct {
	Field string // "zone", "hours.mon", "holidays[2]", "special.2026-12-24", "versions[0].hours.sat"
	Text  string // what is wrong, and what to write instead
}

func (p *Problem) Error() string { return p.Field + ": " + p.Text }

// problems collects what is wrong in one part of a Spec.
type problems struct {
	field string
	all   *[]error
}

// in narrows down the part.
func (p *problems) in(field string) *problems {
	if p.field != "" && field != "" && field[0] != '[' {
		field = "." + field
	}
	return &problems{p.field + field, p.all}
}

// add notes a problem with a field of the part, or with the part itself if
// field is empty.
func (p *problems) add(field, text string) {
	*p.all = append(*p.all, &Problem{p.in(field).field, text})
}

func (p *problems) err() error { return errors.Join(*p.all...) }
