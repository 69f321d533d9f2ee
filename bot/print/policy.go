package print

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/triage"
)

// Policies says what each policy means, and each version of it: the newest
// first, as policyfile.Versions has them; before that, whose word on the clocks counts.
func (s *Sheet) Policies(list []*rules.Policy, from calendar.Date) {
	s.Heading(s.Pick("Fuseaux horaires de l'IANA", "Time zones of IANA") + s.colon() + Edition(calendar.ZonesInUse(), s.Pick("fr", "en")))
	for i, p := range list {
		var next, before *rules.Policy
		if i > 0 && list[i-1].Name == p.Name {
			next = list[i-1]
		}
		if i+1 < len(list) && list[i+1].Name == p.Name {
			before = list[i+1]
		}
		s.policy(p, before, next, from)
	}
}

// policy says what a policy means, so that whoever answers for it can compare
// it with its text clause by clause. before and next are its other versions.
func (s *Sheet) policy(p, before, next *rules.Policy, from calendar.Date) {
	s.Heading(s.Pick("Politique ", "Policy ") + p.Name + s.colon() + p.Titles.In(s.Pick("fr", "en")))
	s.Item(s.Pick("texte", "text"), "%s", p.Source)
	s.Item(s.Pick("en vigueur", "in force"), "%s", s.validity(p, before, next))
	s.Item(s.Pick("couvre", "covers"), "%s", condition(p.Covers, s.Pick("tous les tickets", "every ticket")))
	s.Item(s.Pick("jour ouvré", "business day"), s.Pick("%s de temps ouvré, sur tous les calendriers", "%s of business time, on every calendar"), hoursAndMinutes(p.BusinessDay))
	s.calendars(p, from)
	s.priorities(p)
	s.targets(p)
	s.reopening(p)
	for _, x := range p.Excludes {
		s.tagged(s.Pick("hors SLA", "outside the SLA"), x.When, x.Tag, x.Reason, x.Clause)
	}
	for _, m := range p.Marks {
		s.tagged(s.Pick("marque", "mark"), m.When, m.Tag, m.Note, m.Clause)
	}
	for i := range p.Escalates {
		s.escalate(&p.Escalates[i])
	}
}

// escalateTo says what a source's policies have the technical team get, and where.
func (s *Sheet) escalateTo(c *desk.Source, trackers string) {
	if !c.Vendor.Escalates {
		return
	}
	for _, p := range c.Policies {
		for i := range p.Escalates {
			row := &p.Escalates[i]
			if c.EscalateTo == "" {
				s.Item(s.Pick("équipe technique", "technical team"), s.Pick("%s ne transmet rien : escalate_to ne nomme aucun %s", "%s escalates nothing: escalate_to names no %s"), p.Name, trackers)
				continue
			}
			s.Item(s.Pick("équipe technique", "technical team"), s.Pick("dans %s, projet %s, type %s, quand %s", "in %s, project %s, type %s, when %s"), c.EscalateTo, row.Project, row.Type, condition(row.When, ""))
		}
	}
}

// escalate says which tickets the technical team is to have an issue of, and what
// stands in it.
func (s *Sheet) escalate(row *rules.Escalate) {
	parts := []string{fmt.Sprintf(s.Pick("projet %s, type %s", "project %s, type %s"), row.Project, row.Type), s.Pick("priorité", "priority")}
	for _, f := range row.DueFields {
		parts = append(parts, fmt.Sprintf("%s = %s", f.ID, f.Metric))
	}
	if row.TicketsField != "" {
		parts = append(parts, row.TicketsField+" = "+s.Pick("nombre de tickets", "number of tickets"))
	}
	for _, id := range slices.Sorted(maps.Keys(row.Fields)) {
		parts = append(parts, fmt.Sprintf("%s = %q", id, row.Fields[id]))
	}
	if row.Tag != "" {
		parts = append(parts, row.Tag+"_"+string(rules.InProgress)+"…")
	}
	if row.UnlinkedAfter != nil {
		parts = append(parts, fmt.Sprintf(s.Pick("sans demande après %s : un avertissement", "no issue after %s: a warning"), row.UnlinkedAfter))
	}
	s.Item(s.Pick("équipe technique", "technical team"), "%s%s: %s", strings.Join(parts, ", "), Square(row.Clause), condition(row.When, ""))
	if text := row.Note.In(s.Pick("fr", "en")); text != "" {
		s.Item("", "%s", text)
	}
}

// validity says which tickets a version of a policy judges.
func (s *Sheet) validity(p, before, next *rules.Policy) string {
	first := s.date(calendar.DateOf(p.EffectiveFrom))
	text := fmt.Sprintf(s.Pick("à partir du %s", "from %s"), first)
	if next != nil {
		text = fmt.Sprintf(s.Pick("du %s jusqu'au %s, première date de la version suivante (%s)", "from %s until %s, when the next version begins (%s)"),
			first, s.date(calendar.DateOf(next.EffectiveFrom)), next.File)
	}
	older := s.Pick("n'est pas concerné", "isn't covered")
	if before != nil {
		older = s.Pick("garde la version précédente", "keeps the version before") + " (" + before.File + ")"
	}
	return text + s.colon() + s.Pick("un ticket créé avant ", "a ticket created before ") + older
}

func (s *Sheet) tagged(label string, when *rules.Condition, tag string, words rules.Words, clause string) {
	s.Item(label, "%s%s: %s", tag, Square(clause), condition(when, ""))
	if text := words.In(s.Pick("fr", "en")); text != "" {
		s.Item("", "%s", text)
	}
}

var dayNames = map[bool][7]string{
	false: {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	true:  {"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
}

func (s *Sheet) priorities(p *rules.Policy) {
	s.Heading(s.Pick("  Priorités, la plus urgente d'abord", "  Priorities, most urgent first"))
	for _, pr := range p.Priorities {
		s.Item(pr.Name, "%s%s", s.either(pr.Rubric != rules.Words{}, pr.Rubric.In(s.Pick("fr", "en")), s.Pick("sans définition", "not described")), Square(pr.Clause))
		var names []string
		for _, vendor := range slices.Sorted(maps.Keys(pr.Vendors)) {
			names = append(names, vendor+": "+strings.Join(pr.Vendors[vendor], ", "))
		}
		s.list("", names)
		no := s.Pick("proposée par aucune règle", "proposed by no rule")
		if p.Lesson != nil {
			no = s.Pick("suggérée par le texte, avec une probabilité d'au moins ", "suggested by the text, with a probability of at least ") + s.share(p.Confident(pr.Name))
		}
		s.Item("", "%s", s.either(pr.When != nil, s.Pick("proposée si ", "proposed if ")+condition(pr.When, ""), no))
	}
	rulings := s.either(p.Propose,
		s.Pick("une personne ; les règles ne font que proposer. D'ici là : ", "a person; the rules only propose. Until then: "),
		s.Pick("une personne, sinon la première règle qui vaut, sinon : ", "a person, else the first rule that holds, else: "))
	if p.Lesson != nil {
		rulings = s.either(p.Propose,
			s.Pick("une personne ; les règles et le texte ne font que proposer. D'ici là : ", "a person; rules and text only propose. Until then: "),
			s.Pick("une personne, sinon la première règle qui vaut, sinon ce que le texte suggère, sinon : ", "a person, else the first rule that holds, else what the text suggests, else: "))
	}
	s.Item(s.Pick("qui décide", "who decides"), "%s", rulings+p.DefaultPriority)
	s.examples(p)
	if p.Triage != nil {
		s.Item(s.Pick("tri", "triage"), s.Pick("aucune personne n'a choisi la priorité après %s : un avertissement", "no person has chosen the priority after %s: a warning"), p.Triage)
	}
}

func (s *Sheet) reopening(p *rules.Policy) {
	s.Heading(s.Pick("  Réouvertures, exclusions, marques", "  Reopenings, exclusions, marks"))
	text := s.either(p.Restart, s.Pick("la résolution repart de zéro", "resolution begins anew"), s.Pick("la résolution reprend où elle s'était arrêtée", "resolution goes on where it stopped"))
	if p.ReopenGrace != nil {
		text += fmt.Sprintf(s.Pick(" ; résolu de nouveau en %s sans acte d'un agent, rien ne s'est passé", "; solved again within %s without an agent's act, it never happened"), p.ReopenGrace)
	}
	s.Item(s.Pick("réouverture", "reopening"), "%s", text)
}

// condition is a condition on one line; a long one stands in the file.
func condition(c *rules.Condition, always string) string {
	if c == nil {
		return always
	}
	text := strings.TrimSpace(c.String())
	if lines := strings.Count(text, "\n") + 1; lines > 2 || len(text) > 200 {
		return rules.Counted("en", "%s … (%d line{s} in the file)", Wrap(text, 60)[0], lines)
	}
	return strings.Join(strings.Fields(text), " ")
}

func hoursAndMinutes(seconds int64) string {
	if seconds%3600 == 0 {
		return fmt.Sprintf("%d h", seconds/3600)
	}
	return fmt.Sprintf("%d h %02d", seconds/3600, seconds/60%60)
}

func Square(clause string) string {
	if clause == "" {
		return ""
	}
	return " [" + clause + "]"
}

// share is a probability, as percent.
func (s *Sheet) share(p float64) string { return fmt.Sprintf(s.Pick("%.0f %%", "%.0f%%"), 100*p) }

// fewExamples is from how many on learning is worth it, measured on the examples that
// are shipped with moveon and meteorage: of their others right are, when 80 of them are
// learned, 54 and 66 in 100; of 240, 72 and 80; of 480, 81 and 90.
const fewExamples = 500

// examples says how many there are and what cross-validation says of them.
func (s *Sheet) examples(p *rules.Policy) {
	if p.Lesson == nil {
		return
	}
	trials := p.Lesson.Trials()
	said, right := triage.Covered(trials, 0)
	s.Item(s.Pick("exemples", "examples"), s.Pick("%d ; en validation croisée, %d %% des suggestions sont justes (vigie triage --policy %s dit lesquelles)", "%d; by cross-validation %d%% of the suggestions are right (vigie triage --policy %s says which)"),
		len(p.Lesson.Examples), 100*right/max(1, said), p.Name)
	if len(p.Lesson.Examples) < fewExamples {
		s.Item("", s.Pick("moins de %d n'apprennent pas assez : vigie export --examples écrit les vôtres", "fewer than %d don't teach enough: vigie export --examples writes your own"), fewExamples)
	}
}
