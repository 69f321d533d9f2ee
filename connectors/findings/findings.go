// Package findings holds what looking at a configuration has shown, in a form that every
// connector and whoever asks them speak.
package findings

import (
	"cmp"
	"errors"
)

// A Weight says what a Finding means for the configuration.
type Weight int

const (
	Fact  Weight = iota // as it should be, or just so
	Doubt               // works, but perhaps not as meant
	Wrong               // something won't work until a person acts
)

// A Finding is one thing that a vendor has shown of the configuration. It is an
// error too, so that what is wrong can go where only errors go.
type Finding struct {
	Weight Weight
	Text   string // what is so
	Remedy string // what to do about it; empty for facts
	FR     Advice // the same in French, where that isn't a vendor's own words
}

// Advice is what a Finding says in one language.
type Advice struct{ Text, Remedy string }

// In is what the finding says in a language ("fr", "en"): in English what isn't
// there in French.
func (f Finding) In(language string) Advice {
	if language == "fr" {
		return Advice{cmp.Or(f.FR.Text, f.Text), cmp.Or(f.FR.Remedy, f.Remedy)}
	}
	return Advice{f.Text, f.Remedy}
}

func (f Finding) Error() string {
	if f.Remedy == "" {
		return f.Text
	}
	return f.Text + ": " + f.Remedy
}

// Findings takes joined errors apart. What is no Finding is one that is Wrong,
// without a remedy of its own.
func Of(err error) []Finding {
	if err == nil {
		return nil
	}
	var f Finding
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var all []Finding
		for _, one := range several.Unwrap() {
			all = append(all, Of(one)...)
		}
		return all
	}
	if errors.As(err, &f) {
		return []Finding{f}
	}
	return []Finding{{Weight: Wrong, Text: err.Error()}}
}

// Joined is the findings as one error, which Findings takes apart again; nil for none.
func Join(list []Finding) error {
	errs := make([]error, len(list))
	for i, f := range list {
		errs[i] = f
	}
	return errors.Join(errs...)
}
