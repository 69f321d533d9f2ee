package rules

import (
	"fmt"
	"strings"
)

// Says is a row in one line, without the vendor's name and the vendor's due
// instant, in French ("fr") or English: "6h00 later: its target is 8h00, ours 2h00".
// Our due instant is what it is compared with.
func (r *DriftRow) Says(language string) string {
	w := &writer{fr: language == "fr"}
	switch {
	case r.theirs == nil:
		return w.pick("ne mesure pas cet objectif", "has no clock for this")
	case r.ours == nil:
		return w.pick("la politique n'a pas d'objectif correspondant", "the policy has no clock to match")
	}
	text := ""
	switch {
	case r.Due == nil && r.OurDue == nil:
		text = w.pick("pas d'échéance, comme ici", "no due date, like ours")
	case r.Due == nil:
		text = w.pick("pas d'échéance", "no due date")
	case r.OurDue == nil:
		text = w.pick("ici pas d'échéance", "ours has no due date")
	case *r.By == 0:
		text = w.pick("la même échéance", "the same")
	case r.Agrees:
		text = w.pick("la même échéance à la minute près", "the same to the minute")
	case *r.By > 0:
		text = fmt.Sprintf(w.pick("%s plus tard", "%s later"), w.apart(*r.By))
	default:
		text = fmt.Sprintf(w.pick("%s plus tôt", "%s earlier"), w.apart(-*r.By))
	}
	var why []string
	for _, reason := range r.Why {
		if reason != OnlyRounded {
			why = append(why, w.reason(reason, r))
		}
	}
	if len(why) > 0 && !r.Explained {
		why = append(why, w.pick("cela n'explique pas tout", "that isn't all of it"))
	}
	if len(why) > 0 {
		text += w.colon() + strings.Join(why, w.pick(" ; ", "; "))
	}
	if r.Doubt {
		text += w.pick(". Doute : une réponse est-elle prise ici pour un message du client, ou l'inverse ?",
			". Doubt: is an answer taken for a customer's word here, or a customer's word for an answer?")
	}
	return text
}

// reason says in what the vendor's clock, "its", differs from ours.
func (w *writer) reason(reason Reason, r *DriftRow) string {
	c, v := r.ours, r.theirs
	switch reason {
	case OtherTarget:
		return fmt.Sprintf(w.pick("son objectif est de %s, le nôtre de %s", "its target is %s, ours %s"), length(v.Target), length(c.Target))
	case OtherStart:
		return fmt.Sprintf(w.pick("il a démarré %s, le nôtre %s", "it started %s, ours %s"), w.moment(v.StartedAt.In(c.StartedAt.Location())), w.moment(c.StartedAt))
	case OtherHours:
		switch {
		case v.Business == nil && c.Business: // what it would do with other hours isn't known
			return w.pick("jusqu'à son échéance toutes les heures comptent, ici les heures ouvrées", "up to its date all hours count, ours business hours")
		case v.Business == nil:
			return w.pick("jusqu'à son échéance seules les heures ouvrées comptent, ici toutes les heures", "up to its date business hours count, ours all hours")
		case c.Business:
			return w.pick("il compte toutes les heures, le nôtre les heures ouvrées", "it counts all hours, ours business hours")
		}
		return w.pick("il compte les heures ouvrées, le nôtre toutes les heures", "it counts business hours, ours all hours")
	case OtherPauses:
		if v.AllPauses && len(v.Pauses) > 0 {
			return w.pick("il n'a pas été en pause aux mêmes moments que le nôtre", "it was paused at other times than ours")
		}
		return w.pick("il compte les pauses du nôtre", "it counts the time in which ours was paused")
	case OtherCalendar:
		return w.pick("son calendrier n'est pas le nôtre (horaires ou jours fériés)", "its calendar isn't ours (hours or holidays)")
	case OtherTime:
		return w.pick("son calendrier ou ses pauses ne sont pas les nôtres", "its calendar or its pauses aren't ours")
	case OtherStop:
		return fmt.Sprintf(w.pick("il s'est arrêté %s, le nôtre %s", "it ended %s, ours %s"), w.moment(v.StoppedAt.In(c.StartedAt.Location())), w.moment(*c.StoppedAt))
	case PausedThere:
		return w.pick("il est en pause, le nôtre en cours", "it is paused, ours isn't")
	case PausedHere:
		return w.pick("le nôtre est en pause, pas lui", "ours is paused, it isn't")
	case StoppedThere:
		return w.pick("il est arrêté, pas le nôtre", "it has ended, ours hasn't")
	case StoppedHere:
		return w.pick("le nôtre est arrêté, pas lui", "ours has ended, it hasn't")
	}
	return string(reason)
}

// Silence says why there is nothing to compare, in one line; "" where there is.
func (d *Drift) Silence(language string) string {
	w := &writer{fr: language == "fr"}
	text := ""
	switch {
	case d.Unknown == NoRight:
		text = w.pick("%s ne montre pas son propre SLA à ce compte.", "%s doesn't show its own SLA to this account.")
	case d.Unknown == TooSlow:
		text = w.pick("%s n'a pas donné son propre SLA à temps.", "%s didn't tell its own SLA in time.")
	case d.Unknown != "":
		text = w.pick("%s n'a pas pu donner son propre SLA.", "%s couldn't tell its own SLA.")
	case len(d.Rows) == 0:
		text = w.pick("%s n'a pas de SLA propre sur ce ticket.", "%s has no SLA of its own on this ticket.")
	default:
		return ""
	}
	return fmt.Sprintf(text, d.Vendor)
}

// apart is how far two dates lie apart, in plain time: "45m", "20h00", "6 days 21h00".
func (w *writer) apart(n int64) string {
	const day = 24 * 3600
	if n < 2*day {
		return length(n)
	}
	days := fmt.Sprintf(w.pick("%d jours", "%d days"), n/day)
	if rest := n % day / 60 * 60; rest > 0 {
		days += " " + length(rest)
	}
	return days
}

// drift writes the vendor's clocks that belong to a clock of ours.
func (w *writer) drift(d *Drift, c *Clock) {
	for _, r := range d.Of(c) {
		if r.theirs == nil {
			w.line("  %s %s", d.Vendor, r.Says(w.language()))
			continue
		}
		w.line("  %s (%s)%s%s, %s", d.Vendor, r.Name, w.colon(), w.standing(&r), r.Says(w.language()))
	}
}

// alone writes what there is besides.
func (w *writer) alone(d *Drift) {
	if d == nil {
		return
	}
	rows, silence := d.Alone(), d.Silence(w.language())
	if len(rows) > 0 || silence != "" {
		w.line("")
	}
	for _, r := range rows {
		w.line("%s (%s)%s%s, %s", d.Vendor, r.Name, w.colon(), w.standing(&r), r.Says(w.language()))
	}
	if silence != "" {
		w.line("%s", silence)
	}
}

// standing is the vendor's state and due instant.
func (w *writer) standing(r *DriftRow) string {
	text := w.state(&Clock{State: r.State})
	if r.Due == nil {
		return text
	}
	return text + ", " + w.pick("échéance", "due") + " " + w.moment(*r.Due)
}

func (w *writer) language() string { return w.pick("fr", "en") }
