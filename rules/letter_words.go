package rules

import (
	"fmt"
	"strings"
	"time"

	"vigie/rules/calendar"
)

// The words of a letter to the customer.

func (w *letterWriter) promiseName(m Metric) string {
	if m == NextReply {
		return w.pick("Réponse à votre dernier message", "Reply to your last message")
	}
	return m.In(w.language)
}

// targetOf is "2 business days, that is 16 h within support hours".
func (w *letterWriter) targetOf(tl *Timeline) string {
	text := w.target(tl.TargetAs)
	switch n, unit, business := durationWords(tl.TargetAs); {
	case business && unit == "day":
		return fmt.Sprintf(w.pick("%s, soit %s pendant les heures d'assistance", "%s, that is %s within support hours"), text, w.span(tl.Clock.Target))
	case business:
		return text
	default:
		counted := "compté" // jour is masculine, the other units aren't
		if unit != "day" {
			counted += "e"
		}
		if n > 1 {
			counted += "s"
		}
		return text + w.pick(", "+counted+" jour et nuit", ", counted day and night")
	}
}

// standing says where the promise stands, in one sentence.
func (w *letterWriter) standing(tl *Timeline) string {
	c := &tl.Clock
	due, stop := "", ""
	switch {
	case c.State == StateMet:
		stop, due = w.moments(*c.StoppedAt, *c.Due)
	case c.Stopped() && c.Due != nil:
		due, stop = w.moments(*c.Due, *c.StoppedAt)
	case c.Due != nil:
		due = w.moment(*c.Due)
	}
	switch {
	case c.State == StateVoid:
		return fmt.Sprintf(w.pick("La demande a été résolue le %s, avant qu'une réponse ne soit attendue.", "The request was solved on %s, before an answer was due."), stop)
	case c.State == StateMet:
		return fmt.Sprintf(w.pick("Objectif tenu : fait le %s, prévu au plus tard le %s.", "Target met: done on %s, due by %s."), stop, due)
	case c.State == StateBreached && c.Stopped():
		return fmt.Sprintf(w.pick("Objectif dépassé : prévu au plus tard le %s, fait le %s.", "Target missed: due by %s, done on %s."), due, stop)
	case c.State == StateBreached && c.Paused:
		return fmt.Sprintf(w.pick("Objectif dépassé : prévu au plus tard le %s ; en ce moment, %s.", "Target missed: due by %s; at present %s."), due, w.pausedNow(tl))
	case c.State == StateBreached:
		return fmt.Sprintf(w.pick("Objectif dépassé : prévu au plus tard le %s ; %s.", "Target missed: due by %s; %s."), due, w.present())
	case c.Due == nil && toMinute(c.Elapsed) == 0 && !w.seconds:
		return fmt.Sprintf(w.pick("Pas de date en ce moment : %s. Le délai de %s comptera ensuite en entier.", "No date at present: %s. The whole %s count afterwards."), w.pausedNow(tl), w.span(c.Target))
	case c.Due == nil:
		return fmt.Sprintf(w.pick("Pas de date en ce moment : %s. Utilisé : %s sur %s ; le reste comptera ensuite.", "No date at present: %s. Used: %s of %s; the rest counts afterwards."),
			w.pausedNow(tl), w.span(c.Elapsed), w.span(c.Target))
	}
	return fmt.Sprintf(w.pick("Prévu au plus tard le %s.", "Due by %s."), due)
}

// present says what becomes of an open request: that somebody works on it only where
// somebody is in charge of it or has touched it.
func (w *letterWriter) present() string {
	if w.inHand {
		return w.pick("nous y travaillons toujours", "we are still working on it")
	}
	return w.pick("votre demande est toujours ouverte", "your request is still open")
}

func (w *letterWriter) pausedNow(tl *Timeline) string {
	var status Status
	for _, l := range tl.Lines {
		if l.Why == IsPaused {
			status = l.Status
		}
	}
	switch status {
	case WaitingCustomer:
		return w.pick("nous attendons votre réponse", "we are waiting for your answer")
	case WaitingThirdParty:
		return w.pick("nous attendons un tiers", "we are waiting for a third party")
	}
	return w.pick("le délai est suspendu, comme la politique le prévoit", "the time stands still, as the policy says")
}

// because says which change made the promise late at once.
func (w *letterWriter) because(c *Clock) string {
	if c.ByChange == nil {
		return ""
	}
	what := map[string]string{
		"priority":     w.pick("la priorité de la demande a changé", "the priority of the request was changed"),
		"kind":         w.pick("la demande a changé de catégorie", "the category of the request was changed"),
		"organization": w.pick("la demande a changé de client", "the request was given to another customer account"),
		"group":        w.pick("la demande a changé d'équipe", "the request was handed to another team"),
	}[c.ByChange.What]
	if what == "" {
		what = w.pick("la demande a été reclassée", "the request was classified anew")
	}
	return fmt.Sprintf(w.pick("Cette date était déjà passée quand, le %s, %s.", "This date had already passed when, on %s, %s."), w.moment(c.ByChange.At), what)
}

// earlier says how the promises of the same kind before this one ended.
func (w *letterWriter) earlier(past []Clock) string {
	kept := 0
	var missed []string
	for i := range past {
		switch c := &past[i]; {
		case c.State == StateMet:
			kept++
		case c.State == StateBreached && c.StoppedAt != nil:
			due, stop := w.moments(*c.Due, *c.StoppedAt)
			missed = append(missed, fmt.Sprintf(w.pick("prévu au plus tard le %s, fait le %s", "due by %s, done on %s"), due, stop))
		}
	}
	var parts []string
	if kept > 0 {
		parts = append(parts, fmt.Sprintf(w.pick("%d dans les temps", "%d in time"), kept))
	}
	if len(missed) > 0 {
		last, lead := missed, ""
		if n := len(missed); n > 3 {
			last, lead = missed[n-3:], w.pick("les derniers : ", "the last ones: ")
		}
		parts = append(parts, fmt.Sprintf(w.pick("%d en retard (%s%s)", "%d late (%s%s)"), len(missed), lead, strings.Join(last, w.pick(" ; ", "; "))))
	}
	if len(parts) == 0 {
		return ""
	}
	return w.pick("Auparavant : ", "Before that: ") + strings.Join(parts, ", ") + "."
}

// reason says in plain words what a stretch was.
func (w *letterWriter) reason(tl *Timeline, l *Line) string {
	switch l.Why {
	case IsPaused:
		switch {
		case tl.PausedNow && l.To.Unix() == w.now.Unix():
			return w.pausedNow(tl)
		case l.Status == WaitingCustomer:
			return w.pick("nous attendions votre réponse", "we were waiting for your answer")
		case l.Status == WaitingThirdParty:
			return w.pick("nous attendions un tiers", "we were waiting for a third party")
		}
		return w.pick("délai suspendu, comme la politique le prévoit", "time stood still, as the policy says")
	case IsSolved:
		return w.pick("la demande était résolue", "the request was solved")
	case Fulfilled:
		return w.pick("une solution provisoire était en place", "a workaround was in place")
	case WasDeleted:
		return w.pick("la demande était retirée", "the request was withdrawn")
	}
	text := ""
	switch {
	case l.Closed == calendar.Holiday && l.Holiday != nil && l.Holiday.EN == "closing day":
		return w.pick("jour de fermeture", "closing day")
	case l.Closed == calendar.Holiday && l.Holiday != nil:
		return w.pick("jour férié : "+l.Holiday.FR, "public holiday: "+l.Holiday.EN)
	case l.Closed == calendar.Weekend && !weekendOnly(l):
		return w.pick("pas d'assistance ce jour-là", "no support on that day")
	case l.Closed != "":
		return w.closed(l.Closed)
	case tl.Clock.Business:
		text = w.pick("heures d'assistance", "support hours")
	default:
		text = w.pick("toutes les heures comptent", "all hours count")
	}
	if l.Future {
		text += w.pick(", à venir", ", still to come")
	}
	return text
}

// closed names closed time that is no holiday.
func (w *letterWriter) closed(why calendar.Why) string {
	switch why {
	case calendar.Weekend:
		return w.pick("week-end", "weekend")
	case calendar.Special:
		return w.pick("fermeture exceptionnelle", "exceptionally closed")
	}
	return w.pick("hors des heures d'assistance", "outside support hours")
}

// weekendOnly says that a line lies between a Friday and a Monday.
func weekendOnly(l *Line) bool {
	for at := l.From; at.Before(l.To); at = at.AddDate(0, 0, 1) {
		if d := at.Weekday(); d != time.Saturday && d != time.Sunday {
			return false
		}
	}
	return true
}

var (
	letterDays   = [7][2]string{{"dimanche", "Sunday"}, {"lundi", "Monday"}, {"mardi", "Tuesday"}, {"mercredi", "Wednesday"}, {"jeudi", "Thursday"}, {"vendredi", "Friday"}, {"samedi", "Saturday"}}
	frenchMonths = [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	shortMonths  = [12]string{"janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."}
)

// moment is "Thursday 3 December 2026 at 13:00 (Berlin time)".
func (w *letterWriter) moment(t time.Time) string { return w.bare(t) + " (" + w.place(t) + ")" }

// moments are two instants of one sentence, whose zone is named once if it is
// the same. They have their seconds where they would look alike without.
func (w *letterWriter) moments(a, b time.Time) (first, second string) {
	if !a.Equal(b) && a.Truncate(time.Minute).Equal(b.Truncate(time.Minute)) {
		w = &letterWriter{writer: writer{fr: w.fr}, seconds: true}
	}
	first = w.bare(a)
	if !sameZone(a, b) {
		first = w.moment(a)
	}
	return first, w.moment(b)
}

func (w *letterWriter) bare(t time.Time) string {
	return w.pick(letterDays[t.Weekday()][0], letterDays[t.Weekday()][1]) + " " + w.date(t) + w.pick(" à ", " at ") + w.clock(t)
}

// date is "3 December 2026".
func (w *letterWriter) date(t time.Time) string {
	return fmt.Sprintf("%s %s %d", w.ordinal(t), w.pick(frenchMonths[t.Month()-1], t.Month().String()), t.Year())
}

func (w *letterWriter) ordinal(t time.Time) string {
	if w.fr && t.Day() == 1 {
		return "1er"
	}
	return fmt.Sprint(t.Day())
}

// day is "Thu 3 Dec 2026".
func (w *letterWriter) day(t time.Time) string {
	name := letterDays[t.Weekday()]
	return fmt.Sprintf("%s %s %s %d", w.pick(name[0][:3]+".", name[1][:3]), w.ordinal(t), w.pick(shortMonths[t.Month()-1], t.Format("Jan")), t.Year())
}

// clock is "13:00", in French "13h00". Seconds are cut off: a due instant is never
// told later than it is.
func (w *letterWriter) clock(t time.Time) string {
	layout := w.pick("15h04", "15:04")
	if w.seconds {
		layout = w.pick("15h04min05", time.TimeOnly)
	}
	return t.Format(layout)
}

// place names a zone by its city: "Berlin time"; one without a name by its
// distance from UTC.
func (w *letterWriter) place(t time.Time) string {
	zone := t.Location().String()
	if zone == "" || zone == "Local" {
		return t.Format("UTC-07:00")
	}
	city := strings.ReplaceAll(zone[strings.LastIndexByte(zone, '/')+1:], "_", " ")
	if city == "UTC" {
		return city
	}
	return w.pick("heure de "+city, city+" time")
}

// when is the time of a stretch, or the days of a row.
func (w *letterWriter) when(s *LetterStretch) string {
	if s.days > 0 {
		last := s.To.Add(-time.Second) // midnight belongs to the day after
		if sameDay(s.From, last) {
			return w.day(s.From)
		}
		return w.day(s.From) + " – " + w.day(last)
	}
	if sameDay(s.From, s.To) {
		return w.day(s.From) + ", " + w.clock(s.From) + " – " + w.clock(s.To)
	}
	return w.day(s.From) + ", " + w.clock(s.From) + " – " + w.day(s.To) + ", " + w.clock(s.To)
}

// part says which part of its day a piece is; empty if it is all of it.
func (w *letterWriter) part(s *LetterStretch) string {
	begins, ends := s.From.Format(time.TimeOnly) == "00:00:00", !sameDay(s.From, s.To)
	switch {
	case begins && ends:
		return ""
	case begins:
		return w.pick(" jusqu'à ", " until ") + w.clock(s.To)
	case ends:
		return w.pick(" à partir de ", " from ") + w.clock(s.From) + w.pick("", " on")
	}
	return w.pick(" de ", " from ") + w.clock(s.From) + w.pick(" à ", " to ") + w.clock(s.To)
}

// counted is the time of a row. Rows are rounded together: what they say adds up to
// the sum, of which before is what the rows before have.
func (w *letterWriter) counted(s *LetterStretch, before int64) string {
	shown := s.Seconds
	if !w.seconds {
		shown = toMinute(before+shown) - toMinute(before)
	}
	switch {
	case s.Seconds == 0:
		return "–"
	case s.days > 1 && shown%(60*int64(s.days)) == 0:
		return fmt.Sprintf("%d × %s = %s", s.days, w.span(shown/int64(s.days)), w.span(shown))
	}
	return w.span(shown)
}

// span is a length of time, to the minute: "15 h 48 min", in French "15 h 48".
func (w *letterWriter) span(seconds int64) string {
	if !w.seconds {
		seconds = toMinute(seconds)
	}
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	var parts []string
	if h > 0 {
		parts = append(parts, fmt.Sprint(h, " h"))
	}
	switch {
	case m > 0 && w.fr && h > 0 && s == 0:
		parts = append(parts, fmt.Sprintf("%02d", m))
	case m > 0:
		parts = append(parts, fmt.Sprint(m, " min"))
	}
	if s > 0 {
		parts = append(parts, fmt.Sprint(s, " s"))
	}
	if len(parts) == 0 {
		return "0 min"
	}
	return strings.Join(parts, " ")
}

// toMinute rounds seconds to whole minutes.
func toMinute(seconds int64) int64 { return (seconds + 30) / 60 * 60 }
