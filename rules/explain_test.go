package rules_test

import (
	"slices"
	"strings"
	"testing"

	"vigie/rules"
	"vigie/rules/words"
)

// What happened, but not to a clock, doesn't cut what people are shown of it; the
// evidence keeps each line, and both add up to the same.
func TestExplainJoinsWhatIsShownAlike(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []string
		now    string
		shown  []string // what the explanation says of each stretch, from its first time on
	}{
		{"a status that doesn't pause", []string{"Mon 11:00 status open by agent"}, "Mon 12:00", []string{
			"09:00 CET – Mon 2026-11-30 12:00 CET     +3h00  counted", "12:00 CET – Mon 2026-11-30 13:00 CET     +1h00  counted (to come)"}},
		{"one pause after another is another", []string{"Mon 10:00 status waiting_customer by agent", "Mon 11:00 status waiting_third_party by agent"}, "Mon 12:00", []string{
			"09:00 CET – Mon 2026-11-30 10:00 CET     +1h00  counted", "10:00 CET – Mon 2026-11-30 11:00 CET         –  paused: waiting for the customer",
			"11:00 CET – Mon 2026-11-30 12:00 CET         –  paused: waiting for a third party"}},
		{"the due instant cuts", []string{"Mon 10:00 status open by agent"}, "Mon 15:00", []string{
			"09:00 CET – Mon 2026-11-30 13:00 CET     +4h00  counted", "13:00 CET – Mon 2026-11-30 15:00 CET     +2h00  counted"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := officeFrom(t, "", row("resolution", "4 business hours", `pause = ["waiting_customer", "waiting_third_party"]`))
			s := scene{events: c.events}
			ticket := s.actors(t)
			x, err := rules.Explain([]*rules.Policy{p}, &ticket, when(t, c.now))
			if err != nil {
				t.Fatal(err)
			}
			var shown []string
			for line := range strings.Lines(words.In("en").Explanation(&x)) {
				if line = strings.TrimSpace(line); strings.HasPrefix(line, "Mon ") {
					shown = append(shown, strings.TrimPrefix(line, "Mon 2026-11-30 "))
				}
			}
			if !slices.Equal(shown, c.shown) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(shown, "\n"), strings.Join(c.shown, "\n"))
			}
			lines, stretches := int64(0), int64(0)
			for _, l := range x.Timelines[0].Lines {
				lines += l.Counted
			}
			for _, l := range x.Timelines[0].Stretches() {
				stretches += l.Counted
			}
			if lines != stretches {
				t.Errorf("lines add up to %d s, stretches to %d s", lines, stretches)
			}
		})
	}
}

// The policy is called by its title in the reader's language.
func TestPolicyTitleInTheReadersLanguage(t *testing.T) {
	p := officeFrom(t, `titles = { fr = "Politique du bureau", en = "Office policy" }`, row("resolution", "90 seconds"))
	s := scene{}
	ticket := s.actors(t)
	x, err := rules.Explain([]*rules.Policy{p}, &ticket, when(t, "Mon 9:01"))
	if err != nil {
		t.Fatal(err)
	}
	for language, want := range map[string][]string{
		"fr": {"\nPolitique du bureau", "objectif 90 secondes (1 min 30 s), calendrier office", "+1 min  compté", "+30 s  compté (à venir)"},
		"en": {"\nOffice policy", "target 90 seconds (1 min 30 s), calendar office", "+1 min  counted", "+30 s  counted (to come)"},
	} {
		for _, part := range want {
			if got := words.In(language).Explanation(&x); !strings.Contains(got, part) {
				t.Errorf("got\n%s\nwant in it %q", got, part)
			}
		}
	}
}

// A person's choice that the policy doesn't know is said, with what counts instead.
func TestExplainSaysAnUnknownPriority(t *testing.T) {
	p := officeFrom(t, "", row("resolution", "2 hours"))
	s := scene{ticket: "priority=Blocker"}
	ticket := s.actors(t)
	x, err := rules.Explain([]*rules.Policy{p}, &ticket, when(t, "Mon 9:01"))
	if err != nil {
		t.Fatal(err)
	}
	if a := x.Verdict.Alerts(&ticket, when(t, "Mon 9:01"))[0]; a.Unknown != "Blocker" || a.Priority != "normal" {
		t.Errorf("the alert says %q, %q", a.Unknown, a.Priority)
	}
	if a := x.Verdict.Latest(&ticket, rules.TriageTopic, 0, when(t, "Mon 9:01")); a.Kind != rules.Triaged {
		t.Errorf("asked for a priority, the message says %s", a.Kind)
	}
	for language, want := range map[string]string{
		"fr": "Priorité : « Blocker », choisie par une personne, inconnue de la politique ; les objectifs de « normal » s'appliquent\n",
		"en": "Priority: “Blocker”, chosen by a person, unknown to the policy; the targets of “normal” apply\n",
	} {
		if got := words.In(language).Explanation(&x); !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant in it %q", got, want)
		}
	}
}

// A policy's words are in French for whoever reads that, in English for all others,
// and in the other of the two where there is only one.
func TestWordsOfAPolicyInALanguage(t *testing.T) {
	both, french, english := rules.Words{FR: "Délais", EN: "Times"}, rules.Words{FR: "Délais"}, rules.Words{EN: "Times"}
	for _, c := range []struct {
		words    rules.Words
		language string
		want     string
	}{
		{both, "fr", "Délais"}, {both, "fr-CA", "Délais"}, {both, "FR", "Délais"}, {both, "en-GB", "Times"}, {both, "de", "Times"}, {both, "", "Times"},
		{french, "en", "Délais"}, {french, "de", "Délais"}, {english, "fr", "Times"}, {rules.Words{}, "fr", ""}, {both, "fro", "Times"},
	} {
		if got := c.words.In(c.language); got != c.want {
			t.Errorf("%+v in %q: %q, want %q", c.words, c.language, got, c.want)
		}
	}
}
