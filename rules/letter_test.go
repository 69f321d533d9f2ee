package rules_test

import (
	"strings"
	"testing"
	"time"

	"vigie/rules"
	"vigie/rules/policyfile"
	"vigie/rules/words"
)

// letterOf is the letter on a scene's ticket, as text.
func letterOf(t *testing.T, p *rules.Policy, s scene, now time.Time, language string) string {
	t.Helper()
	ticket := s.actors(t)
	x, err := rules.Explain([]*rules.Policy{p}, &ticket, now)
	if err != nil {
		t.Fatal(err)
	}
	letter := words.In(language).Letter(&x)
	return letter.String()
}

// What letters say where the golden files have no example of it.
func TestLetters(t *testing.T) {
	for _, c := range []struct {
		name      string
		top, rows string
		scene     scene
		now       string
		en, fr    string // in the text
		not       string // not in it, in either language
	}{
		{
			name: "waiting for a third party, where that pauses", rows: row("resolution", "20 business hours", `pause = ["waiting_third_party"]`),
			scene: scene{events: []string{"Mon 11:00 status waiting_third_party by agent"}}, now: "Tue 10:00",
			en: "No date at present: we are waiting for a third party. Used: 2 h of 20 h;", fr: "Pas de date en ce moment : nous attendons un tiers. Utilisé : 2 h sur 20 h ;",
		},
		{
			name: "waiting, with nothing used yet", rows: row("resolution", "20 business hours", `pause = ["waiting_customer"]`),
			scene: scene{events: []string{"Mon 9:00 status waiting_customer by agent"}}, now: "Tue 10:00",
			en: "No date at present: we are waiting for your answer. The whole 20 h count afterwards.", fr: "Pas de date en ce moment : nous attendons votre réponse. Le délai de 20 h comptera ensuite en entier.",
		},
		{
			name: "solved without an answer", rows: row("first_reply", "8 business hours"),
			scene: scene{events: []string{"Mon 11:00 status solved by agent"}}, now: "Tue 10:00",
			en: "The request was solved on Monday 30 November 2026 at 11:00 (Berlin time), before an answer was due.",
			fr: "La demande a été résolue le lundi 30 novembre 2026 à 11h00 (heure de Berlin), avant qu'une réponse ne soit attendue.",
		},
		{
			name: "no name of the clause: its number is nobody's business", rows: strings.Replace(row("resolution", "2 hours"), `"T"`, `"T-1"`, 1), now: "Mon 10:00",
			en: "Resolution\n  Target: 2 hours, counted day and night\n", fr: "Résolution\n  Objectif : 2 heures, comptées jour et nuit\n", not: "T-1",
		},
		{
			name: "to the second", rows: row("resolution", "90 seconds"), now: "Mon 9:00",
			en: "Due by Monday 30 November 2026 at 09:01:30 (Berlin time)", fr: "au plus tard le lundi 30 novembre 2026 à 09h01min30",
		},
		{
			name: "no seconds of a target that has none: rows add up all the same", rows: row("resolution", "8 business hours", `pause = ["waiting_customer"]`),
			scene: scene{events: []string{"Mon 9:10:40 status waiting_customer by agent", "Mon 10:00:50 status open by agent", "Mon 10:20:30 status waiting_customer by agent"}}, now: "Mon 11:00",
			en: "Mon 30 Nov 2026, 09:00 – 09:10 11 min support hours Mon 30 Nov 2026, 09:10 – 10:00 – we were waiting for your answer Mon 30 Nov 2026, 10:00 – 10:20 19 min support hours Mon 30 Nov 2026, 10:20 – 11:00 – we are waiting for your answer 30 min in all",
			fr: "Pas de date en ce moment : nous attendons votre réponse. Utilisé : 30 min sur 8 h ;", not: "40",
		},
		{
			name: "hours and minutes as people say them", rows: row("resolution", "948 minutes"), now: "Mon 9:00",
			en: "15 h 48 min in all", fr: "15 h 48 en tout",
		},
		{
			name: "missed by seconds: what would look alike has them", rows: row("first_reply", "15 minutes"),
			scene: scene{events: []string{"Mon 9:15:20 reply"}}, now: "Mon 10:00",
			en: "Target missed: due by Monday 30 November 2026 at 09:15:00, done on Monday 30 November 2026 at 09:15:20 (Berlin time).",
			fr: "Objectif dépassé : prévu au plus tard le lundi 30 novembre 2026 à 09h15min00, fait le lundi 30 novembre 2026 à 09h15min20 (heure de Berlin).",
		},
		{
			name: "nobody has touched it: nobody works on it", rows: row("first_reply", "1 hour"), now: "Mon 11:00",
			scene: scene{events: []string{"Mon 9:30 robot", "Mon 9:40 customer"}},
			en:    "Target missed: due by Monday 30 November 2026 at 10:00 (Berlin time); your request is still open.", fr: "(heure de Berlin) ; votre demande est toujours ouverte.", not: "nous y travaillons",
		},
		{
			name: "an agent has it", rows: row("first_reply", "1 hour"), now: "Mon 11:00",
			scene: scene{events: []string{"Mon 9:30 assignee nadia by automation"}},
			en:    "we are still working on it.", fr: "nous y travaillons toujours.",
		},
		{
			name: "an agent has answered", rows: row("resolution", "1 hour"), now: "Mon 11:00",
			scene: scene{events: []string{"Mon 9:30 reply"}},
			en:    "we are still working on it.", fr: "nous y travaillons toujours.",
		},
		{
			name: "days, masculine in French", rows: row("resolution", "9 days"), now: "Mon 11:00",
			en: "Target: 9 days, counted day and night", fr: "Objectif : 9 jours, comptés jour et nuit",
		},
		{
			name: "working days", rows: row("resolution", "2 business days"), now: "Mon 11:00",
			en: "Target: 2 business days, that is 16 h within support hours", fr: "Objectif : 2 jours ouvrés, soit 16 h pendant les heures d'assistance",
		},
		{
			name: "a progress report", rows: row("update", "1 business hour"), now: "Mon 9:10",
			scene: scene{events: []string{"Mon 9:05 reply"}},
			en:    "Status update\n  Target: 1 business hour", fr: "Point d'avancement\n  Objectif : 1 heure ouvrée",
		},
		{
			name: "two teams of one zone: the zone is named once", rows: row("resolution", "6 business hours"),
			scene: scene{events: []string{"Mon 12:00 group night by agent"}}, now: "Mon 19:00",
			en:  "The time counted, Berlin time Mon 30 Nov 2026, 09:00 – 12:00 3 h support hours Mon 30 Nov 2026, 12:00 – 17:00 – outside support hours Mon 30 Nov 2026, 17:00 – 19:00 2 h support hours Mon 30 Nov 2026, 19:00 – 20:00 1 h support hours, still to come 6 h in all",
			not: "night",
		},
		{
			name: "many updates too late: the last ones are told", rows: row("update", "30 minutes"),
			scene: scene{events: []string{"Mon 10:00 reply", "Mon 11:00 reply", "Mon 12:00 reply", "Mon 13:00 reply", "Mon 13:10 reply"}}, now: "Mon 13:15",
			en: "Before that: 1 in time, 4 late (the last ones: due by Monday 30 November 2026 at 10:30,", fr: "Auparavant : 1 dans les temps, 4 en retard (les derniers : prévu au plus tard",
		},
		{
			name: "not covered", top: `covers = 'kind == "other"'`, rows: row("resolution", "2 hours"), now: "Mon 10:00",
			en: "No support policy sets a target for this request.", fr: "Aucune politique d'assistance ne fixe d'objectif pour cette demande.", not: "Local",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := officeFrom(t, c.top, c.rows)
			for language, want := range map[string]string{"en": c.en, "fr": c.fr} {
				got := letterOf(t, p, c.scene, when(t, c.now), language)
				if want != "" && !strings.Contains(spaced(got), spaced(want)) || c.not != "" && strings.Contains(got, c.not) {
					t.Errorf("got\n%s\nwant in it\n%s\nand not %q", got, want, c.not)
				}
			}
		})
	}
}

// spaced makes columns one blank wide.
func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// A letter to somebody without a policy's zone names the instant's own.
func TestLetterWithoutAZone(t *testing.T) {
	ticket := rules.Ticket{ID: "1", CreatedAt: time.Unix(1e9, 0)}
	x, err := rules.Explain(nil, &ticket, time.Date(2026, 11, 30, 9, 0, 0, 0, time.FixedZone("", 3600)))
	if err != nil {
		t.Fatal(err)
	}
	letter := words.In("en").Letter(&x)
	if got := letter.String(); !strings.Contains(got, "As of Monday 30 November 2026 at 09:00 (UTC+01:00)") {
		t.Errorf("got %s", got)
	}
}

// Titles of clauses and of the policy are optional; one that nothing cites is a
// warning, since it is most likely misspelt.
func TestTitlesOfClauses(t *testing.T) {
	text := func(clauses string) []byte {
		return []byte(strings.NewReplacer("%s\n[calendars.office]", "titles = { fr = \"Politique du bureau\" }\n[calendars.office]", "%s", row("resolution", "2 hours")).Replace(officePolicy) + clauses)
	}
	p, problems := policyfile.Load("office.toml", text("[clauses]\nT = { fr = \"Délais\", en = \"Times\" }\n"), nil)
	if len(problems) > 0 || p.Clauses["T"].EN != "Times" || p.Titles.In("en") != "Politique du bureau" {
		t.Errorf("got %v, %+v, %+v", problems, p.Clauses, p.Titles)
	}
	_, problems = policyfile.Load("office.toml", text("[clauses]\nX = { fr = \"Délais\" }\n"), nil)
	if got := problems.Error(); problems.Err() != nil || !strings.HasSuffix(got, `clauses.X: warning: no [[priorities]], [[targets]] or [[exclude]] row cites clause "X"; correct it, or remove it`) {
		t.Errorf("got %s", got)
	}
}
