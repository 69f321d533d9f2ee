package triage

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var few = []Example{
	{Priority: "high", Subject: "Portail en panne", Text: "Plus personne ne peut se connecter."},
	{Priority: "high", Subject: "Portal down", Text: "Nobody can log in."},
	{Priority: "high", Text: "Tout est en panne, personne ne travaille."},
	{Priority: "low", Subject: "Coquille", Text: "Une faute d'orthographe dans le menu."},
	{Priority: "low", Subject: "Typo", Text: "There is a typo in the menu."},
	{Priority: "low", Text: "Où trouver le guide ?"},
	{Priority: "unheard-of", Text: "panne panne panne"},
}

func TestSuggest(t *testing.T) {
	m := Learn([]string{"high", "low"}, few)
	for _, c := range []struct{ subject, text, want, word string }{
		{"PANNE", "le portail est en panne", "high", "PANNE"},
		{"", "Panne générale depuis ce matin", "high", "Panne"},
		{"", "faute d’orthographe", "low", "orthographe"},
		{"", "une faute d'ORTHOGRAPHE", "low", "ORTHOGRAPHE"}, // without regard to case
		{"", "e\u0301cran en panne", "high", "panne"},         // an accent of its own
		{"", "", "", ""},
		{"", " … !? ", "", ""},
	} {
		s := m.Suggest(c.subject, c.text)
		if s.Priority != c.want || c.word != "" && !slices.Contains(s.Words, c.word) {
			t.Errorf("%q, %q: %s moved by %q, want %s by %q", c.subject, c.text, s.Priority, s.Words, c.want, c.word)
		}
		if c.want == "" {
			continue
		}
		sum := 0.0
		for _, p := range s.Probabilities {
			sum += p
		}
		if math.Abs(sum-1) > 1e-9 || s.Probability < 0.5 || s.Probability > 1 || len(s.Words) > 3 {
			t.Errorf("%q: probabilities %v of sum %v, words %q", c.text, s.Probabilities, sum, s.Words)
		}
	}
}

func TestNothingLearned(t *testing.T) {
	for _, m := range []*Model{Learn([]string{"high", "low"}, nil), Learn([]string{"high"}, few[3:4]), Learn(nil, few)} {
		if s := m.Suggest("Portail", "en panne"); !reflect.DeepEqual(s, Suggestion{}) {
			t.Errorf("without examples: %+v", s)
		}
	}
	if got := Validate([]string{"high"}, nil); len(got) != 0 {
		t.Errorf("without examples: %v", got)
	}
}

// The same examples always give the same model, also while others are learned.
func TestLearnIsDeterministic(t *testing.T) {
	examples := shippedExamples(t, "meteorage")[:200]
	want := Learn(shipped["meteorage"], examples)
	got := make(chan *Model)
	for range 2 {
		go func() { got <- Learn(shipped["meteorage"], examples) }()
	}
	for range 2 {
		if m := <-got; !reflect.DeepEqual(m, want) {
			t.Error("the same examples give another model")
		}
	}
}

// What a text is padded with by a signature, or repeats, weighs no more than once.
func TestLongTexts(t *testing.T) {
	m := Learn([]string{"high", "low"}, few)
	once, often := m.Suggest("", "en panne"), m.Suggest("", strings.Repeat("en panne ", 1000))
	if often.Priority != "high" || math.Abs(often.Probability-once.Probability) > 0.2 {
		t.Errorf("once %.2f, a thousand times %.2f", once.Probability, often.Probability)
	}
	if s := m.Suggest("", strings.Repeat("é", 1<<20)); len(s.Probabilities) != 2 {
		t.Errorf("a word of a megabyte: %+v", s)
	}
}

func TestRead(t *testing.T) {
	got, err := Read([]byte(`{"priority": "low", "text": "Où ?", "why": "unknown keys are somebody's notes"}

{"priority": "high", "subject": "Panne", "language": "fr", "kind": "incident"}
`))
	want := []Example{{Priority: "low", Text: "Où ?"}, {Priority: "high", Subject: "Panne", Language: "fr", Kind: "incident"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	_, err = Read([]byte("{\n{\"text\": \"x\"}\n\n{\"priority\": \"low\"}\n"))
	for i, want := range []string{"line 1: unexpected", "line 2: priority is missing", "line 4: subject and text are empty"} {
		if err == nil || !strings.Contains(strings.Split(err.Error(), "\n")[i], want) {
			t.Errorf("error %v lacks %q", err, want)
		}
	}
	if line := (LineError{}); !errors.As(err, &line) || line.Line != 1 {
		t.Errorf("%+v", line)
	}
}

func TestMeasures(t *testing.T) {
	trials := []Trial{
		{"high", "high", 0.9}, {"high", "high", 0.55}, {"high", "low", 0.8}, {"low", "low", 1}, {"low", "high", 0.95},
	}
	got := Measures([]string{"high", "low"}, trials, func(p string) float64 { return map[string]float64{"high": 0.6}[p] })
	want := []Measure{{"high", 3, 2, 1}, {"low", 2, 2, 1}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if m := got[0]; m.Precision() != 0.5 || m.Recall() != 1.0/3 || (Measure{}).Precision() != 1 || (Measure{}).Recall() != 1 {
		t.Errorf("precision %v, recall %v", m.Precision(), m.Recall())
	}
	if said, right := Covered(trials, 0.8); said != 4 || right != 2 {
		t.Errorf("%d of %d", right, said)
	}
	bands := Reliability(trials)
	if b := bands[9]; b.Said != 3 || b.Right != 2 || math.Abs(b.Claimed-0.95) > 1e-9 || bands[3] != (Band{From: 0.3, To: 0.4}) {
		t.Errorf("%+v", bands)
	}
}

// Every example is judged once, by a model that hasn't learned it: of examples
// without anything in common nothing is known.
func TestValidate(t *testing.T) {
	var examples []Example
	for i := range 40 {
		examples = append(examples, Example{Priority: []string{"high", "low"}[i%2], Text: strings.Repeat(string('α'+rune(i)), 5)})
	}
	trials := Validate([]string{"high", "low"}, examples)
	if said, right := Covered(trials, 0); said != 40 || right > 25 {
		t.Errorf("%d of %d right", right, said)
	}
}

func BenchmarkSuggest(b *testing.B) {
	examples := shippedExamples(b, "moveon")
	m := Learn(shipped["moveon"], examples)
	var text string
	for i := 0; len(text) < 1500; i += 7 {
		text += examples[i%len(examples)].Text + "\n"
	}
	text = text[:1500]
	b.ReportAllocs()
	for b.Loop() {
		m.Suggest("Portail en panne", text)
	}
}

func BenchmarkLearn(b *testing.B) {
	examples := shippedExamples(b, "moveon")
	for _, n := range []int{len(examples), 20_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var list []Example
			for len(list) < n {
				list = append(list, examples...)
			}
			for b.Loop() {
				Learn(shipped["moveon"], list[:n])
			}
		})
	}
}
