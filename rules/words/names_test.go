package words_test

import (
	"testing"

	"vigie/rules"
	"vigie/rules/words"
)

// Each constant of rules that people are shown has a name of its own in each language.
func TestNames(t *testing.T) {
	for _, l := range words.All() {
		for _, m := range rules.Metrics {
			if l.Metric(m) == string(m) {
				t.Errorf("%s: no name for the metric %s", l.Tag, m)
			}
		}
		for _, s := range rules.Statuses {
			if !l.Has("status." + string(s)) {
				t.Errorf("%s: no name for the status %s", l.Tag, s)
			}
		}
		for _, s := range []rules.State{rules.StateRunning, rules.StatePaused, rules.StateMet, rules.StateBreached, rules.StateVoid} {
			if !l.Has("state." + string(s)) {
				t.Errorf("%s: no name for the state %s", l.Tag, s)
			}
		}
		for _, from := range []rules.PriorityFrom{rules.FromPerson, rules.FromRule, rules.FromExamples, rules.FromDefault} {
			if !l.Has("origin." + string(from)) {
				t.Errorf("%s: no text for a priority from %s", l.Tag, from)
			}
		}
	}
	fr := words.In("fr")
	for _, c := range []struct{ got, want string }{
		{fr.Metric("handling"), "handling"},
		{fr.Status("odd"), "odd"},
		{fr.State(rules.FirstReply, rules.StateVoid), "sans objet (résolu sans réponse)"},
		{fr.State(rules.Update, rules.StateVoid), "sans objet (résolu sans nouvelle réponse)"},
		{fr.Change("tags or fields"), "les étiquettes ou les champs ont changé"},
		{fr.Change("something else"), "le ticket a changé"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestSpans(t *testing.T) {
	for _, c := range []struct {
		seconds            int64
		length, spanEN, fr string
	}{
		{0, "0 min", "0 min", "0 min"},
		{5, "5 s", "5 s", "5 s"},
		{90, "1 min 30 s", "1 min 30 s", "1 min 30 s"},
		{45 * 60, "45 min", "45 min", "45 min"},
		{7200, "2h00", "2 h", "2 h"},
		{7205, "2h00m05", "2 h 5 s", "2 h 5 s"},
		{5400, "1h30", "1 h 30 min", "1 h 30"},
		{3665, "1h01m05", "1 h 1 min 5 s", "1 h 1 min 5 s"},
		{948 * 60, "15h48", "15 h 48 min", "15 h 48"},
		{100*3600 + 60, "100h01", "100 h 1 min", "100 h 01"},
	} {
		en, fr := words.In("en"), words.In("fr")
		if a, b := en.Length(c.seconds), fr.Length(c.seconds); a != c.length || b != c.length {
			t.Errorf("length of %d s: %q, %q, want %q", c.seconds, a, b, c.length)
		}
		if a, b := en.Span(c.seconds), fr.Span(c.seconds); a != c.spanEN || b != c.fr {
			t.Errorf("span of %d s: %q, %q, want %q, %q", c.seconds, a, b, c.spanEN, c.fr)
		}
	}
	for text, want := range map[string]string{
		"1 business hour": "1 heure ouvrée", "2 business days": "2 jours ouvrés", "1 business days": "1 jour ouvré",
		"90 seconds": "90 secondes", "30 minutes": "30 minutes", "75%": "75%", "": "", "9 lives": "9 lives",
	} {
		if got := words.In("fr").Target(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := words.In("en").Apart(6*24*3600 + 21*3600); got != "6 days 21h00" {
		t.Errorf("got %q", got)
	}
}
