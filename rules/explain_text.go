package rules

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"vigie/rules/calendar"
)

// Print is the explanation as text, in French ("fr") or English: for a support
// lead, and fit to be sent to the customer.
func (x *Explanation) Print(language string) string {
	w := &writer{fr: language == "fr"}
	v := &x.Verdict
	w.line("%s:%s  %s", v.Source, v.ID, x.Ticket.Subject)
	switch {
	case v.Error != "":
		w.line("%s%s%s", w.pick("Pas de verdict", "No verdict"), w.colon(), v.Error)
		return w.String()
	case v.Policy == nil:
		w.line("%s", w.pick("Aucune politique ne couvre ce ticket.", "No policy covers this ticket."))
		w.alone(x.Drift)
		return w.String()
	}
	w.line("%s", x.Policy.In(language)+brackets(x.Text))
	w.line("%s%s%s%s", w.pick("Priorité", "Priority"), w.colon(), w.priority(v), w.rubric(x.Rubric.In(language)))
	if s := x.Suggested; s != nil {
		w.line("%s", w.suggested(s))
	}
	if v.Excluded != nil {
		w.line(w.pick("Hors SLA", "Outside the SLA")+w.colon()+"%s [%s]", v.Excluded.Reason.In(language), v.Excluded.Clause)
	}
	for _, m := range v.Marks {
		w.line("%s%s%s%s", m.Tag, w.colon(), m.Note.In(language), square(m.Clause))
		if m.Proposed != "" {
			w.line("  %s%s%s", w.pick("à écrire au client", "to write to the customer"), w.colon(), m.Proposed)
		}
	}
	if v.Escalation != nil {
		w.line(w.pick("À l'équipe technique", "With the technical team")+w.colon()+"%s%s", w.escalation(v.Escalation), square(v.Escalation.Clause))
	}
	for i := range x.Kept {
		w.line("%s", x.Kept[i].In(w.language()))
	}
	if v.FromFirst {
		w.line("%s", w.pick("Ouvert par un agent pour le client : la première réponse est due à compter du premier message du client.", "Opened by an agent for the customer: the first reply is owed from the customer's first message on."))
	}
	for i := range x.Timelines {
		w.line("")
		w.timeline(&x.Timelines[i])
		w.drift(x.Drift, &x.Timelines[i].Clock)
	}
	if v.Triage != nil {
		w.line("")
		w.line(w.pick("Priorité à choisir avant le %s.", "Priority to be chosen by %s."), w.moment(v.Triage.At))
	}
	w.alone(x.Drift)
	return w.String()
}

// escalation says which issue a ticket has, or that it should have one.
func (w *writer) escalation(x *Escalation) string {
	since := fmt.Sprintf(w.pick("marqué le %s", "marked %s"), w.moment(x.Since))
	switch {
	case x.Issue != nil && x.Issue.URL != "":
		return fmt.Sprintf("%s (%s), %s, %s", x.Issue.Key, x.Issue.Status, since, x.Issue.URL)
	case x.Issue != nil:
		return fmt.Sprintf("%s (%s), %s", x.Issue.Key, x.Issue.Status, since)
	case x.LinkBy != nil:
		return fmt.Sprintf(w.pick("%s, encore sans demande liée, attendue avant le %s", "%s, no issue linked yet, expected by %s"), since, w.moment(*x.LinkBy))
	}
	return fmt.Sprintf(w.pick("%s, projet %s", "%s, project %s"), since, x.Project)
}

type writer struct {
	strings.Builder
	fr bool
}

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(w, format, args...)
	w.WriteByte('\n')
}

// colon stands between a word and what is said of it.
func (w *writer) colon() string { return w.pick(" : ", ": ") }

func (w *writer) pick(fr, en string) string {
	if w.fr {
		return fr
	}
	return en
}

// priority is the priority in force and where it comes from.
func (w *writer) priority(v *Verdict) string {
	from := w.pick("par défaut", "by default")
	switch {
	case v.Unknown != "":
		return UnknownPriority(w.language(), v.Unknown, v.Priority)
	case v.PriorityFrom == FromPerson:
		from = w.pick("choisie par une personne", "chosen by a person")
	case v.PriorityFrom == FromExamples:
		from = w.pick("suggérée par le texte", "suggested by the text")
	case v.PriorityFrom == FromRule:
		from = w.pick("d'après les règles", "by the rules")
	case v.Proposed != nil:
		from += fmt.Sprintf(w.pick(" ; la politique propose %s", "; the policy proposes %s"), *v.Proposed)
	}
	return v.Priority + " (" + from + ")"
}

// suggested says what the text suggests, how surely and by which words.
func (w *writer) suggested(s *Suggested) string {
	words := make([]string, len(s.Words))
	for i, word := range s.Words {
		words[i] = w.pick("« "+word+" »", "“"+word+"”")
	}
	text := fmt.Sprintf(w.pick("Le texte suggère %s à %d %%", "The text suggests %s, %d%% sure"), s.Priority, int(s.Probability*100))
	if len(words) > 0 {
		text += w.colon() + strings.Join(words, ", ")
	}
	if !s.Confident {
		text += w.pick(" ; trop peu pour décider", "; too little to decide")
	}
	return text
}

// UnknownPriority says, in French ("fr") or English, that a person chose a priority
// that the policy doesn't know, and which one's targets apply instead.
func UnknownPriority(language, chosen, applied string) string {
	w := &writer{fr: language == "fr"}
	return fmt.Sprintf(w.pick("« %s », choisie par une personne, inconnue de la politique ; les objectifs de « %s » s'appliquent",
		"“%s”, chosen by a person, unknown to the policy; the targets of “%s” apply"), chosen, applied)
}

// rubric is the policy's own words for a priority, after its name.
func (w *writer) rubric(text string) string {
	if text == "" {
		return ""
	}
	return w.pick(" « "+text+" »", " “"+text+"”")
}

func (w *writer) timeline(t *Timeline) {
	c := &t.Clock
	cycle := ""
	if t.Cycle > 1 || len(c.Past) > 0 {
		cycle = fmt.Sprintf(w.pick(", cycle %d", ", cycle %d"), t.Cycle)
	}
	w.line("%s%s%s%s%s", t.Metric.In(w.language()), cycle, w.colon(), w.state(c), square(t.Clause))
	w.line("  %s %s (%s), %s %s", w.pick("objectif", "target"), w.target(t.TargetAs), length(c.Target), w.pick("calendrier", "calendar"), c.Calendar)
	var sum int64
	marked := false
	for _, l := range t.Stretches() {
		if l.Late && !marked {
			w.due(c, sum)
			marked = true
		}
		sum += l.Counted
		w.line("  %s – %s  %8s  %s", w.moment(l.From), w.moment(l.To), counted(l), w.why(&l))
	}
	if !marked {
		w.due(c, sum)
	}
	if c.ByChange != nil {
		w.line(w.pick("  Dépassé d'emblée parce que %s, le %s : personne n'a laissé passer l'échéance.", "  Missed at once because %s, on %s: nobody let it slip."), c.ByChange.In(w.language()), w.moment(c.ByChange.At))
	}
}

func (w *writer) due(c *Clock, sum int64) {
	if c.Due == nil {
		w.line("  %s %s%s%s", w.pick("compté", "counted"), length(sum), w.pick(" ; ", "; "), w.pick("pas d'échéance tant que le délai est suspendu", "no due date while the clock is paused"))
		return
	}
	w.line("  = %s → %s %s", length(sum), w.pick("échéance", "due"), w.moment(*c.Due))
}

func counted(l Line) string {
	if l.Counted == 0 {
		return "–"
	}
	return "+" + length(l.Counted)
}

func (w *writer) why(l *Line) string {
	text := ""
	switch {
	case l.Why == IsPaused:
		text = w.pick("en pause, ", "paused: ") + w.status(l.Status)
	case l.Why == IsSolved:
		text = w.pick("résolu", "solved")
	case l.Why == Fulfilled:
		text = w.pick("solution de contournement en place", "a workaround is in place")
	case l.Why == WasDeleted:
		text = w.pick("supprimé", "deleted")
	case l.Closed == calendar.Holiday && l.Holiday != nil:
		text = w.pick("jour férié : "+l.Holiday.FR, "holiday: "+l.Holiday.EN)
	case l.Closed == calendar.Weekend:
		text = w.pick("jour non ouvré", "not a business day")
	case l.Closed != "":
		text = w.pick("hors heures ouvrées", "outside business hours")
	default:
		text = w.pick("compté", "counted")
	}
	if l.Team != "" {
		text += ", " + l.Team
	}
	if l.Future {
		text += w.pick(" (à venir)", " (to come)")
	}
	return text
}

func (w *writer) state(c *Clock) string {
	switch c.State {
	case StateMet:
		return w.pick("objectif tenu", "met")
	case StateVoid:
		if c.Metric != FirstReply { // there may have been answers before
			return w.pick("sans objet (résolu sans nouvelle réponse)", "void (solved without a further answer)")
		}
		return w.pick("sans objet (résolu sans réponse)", "void (solved without an answer)")
	case StatePaused:
		return w.pick("en pause", "paused")
	case StateBreached:
		return w.pick("objectif dépassé", "missed")
	}
	return w.pick("en cours", "running")
}

func (w *writer) status(s Status) string {
	switch s {
	case WaitingCustomer:
		return w.pick("en attente du client", "waiting for the customer")
	case WaitingThirdParty:
		return w.pick("en attente d'un tiers", "waiting for a third party")
	}
	return string(s)
}

// target says a duration as the policy writes it, in the reader's language.
func (w *writer) target(text string) string {
	if !w.fr {
		return text
	}
	n, unit, business := durationWords(text)
	fr := "%d " + map[string]string{"second": "seconde", "minute": "minute", "hour": "heure", "day": "jour"}[unit] + "{s}"
	switch {
	case business && unit == "day":
		fr += " ouvré{s}"
	case business:
		fr += " ouvrée{s}"
	}
	return Counted("fr", fr, n)
}

// durationWords are the parts of a duration that the policy's loader has read: "2
// business days" is 2 and "day", of business time.
func durationWords(text string) (n int64, unit string, business bool) {
	words := strings.Fields(text)
	n, _ = strconv.ParseInt(words[0], 10, 64)
	return n, strings.TrimSuffix(words[len(words)-1], "s"), len(words) > 2
}

func (w *writer) moment(t time.Time) string { return MomentIn(w.language(), t) }

// length is seconds for people: "1h30", "45 min", "1 min 30 s", "2h00m05".
func length(n int64) string {
	h, m, s := n/3600, n/60%60, n%60
	switch {
	case h == 0 && m == 0 && s != 0:
		return fmt.Sprintf("%d s", s)
	case h == 0 && s != 0:
		return fmt.Sprintf("%d min %d s", m, s)
	case h == 0:
		return fmt.Sprintf("%d min", m)
	case s != 0:
		return fmt.Sprintf("%dh%02dm%02d", h, m, s)
	}
	return fmt.Sprintf("%dh%02d", h, m)
}

func brackets(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func square(s string) string {
	if s == "" {
		return ""
	}
	return " [" + s + "]"
}
