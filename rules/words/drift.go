package words

import (
	"vigie/rules"
)

// Difference is a row of the comparison with the vendor's own SLA in one line,
// without the vendor's name and the vendor's due instant: "6h00 later: its target is
// 8h00, ours 2h00". Our due instant is what it is compared with.
func (l *Language) Difference(r *rules.DriftRow) string {
	switch {
	case r.Theirs == nil:
		return l.Say("drift.only_ours")
	case r.Ours == nil:
		return l.Say("drift.only_theirs")
	}
	var why []string
	for _, reason := range r.Why {
		if reason != rules.OnlyRounded {
			why = append(why, l.reason(reason, r))
		}
	}
	if len(why) > 0 && !r.Explained {
		why = append(why, l.Say("drift.partly"))
	}
	text := l.apart(r)
	if len(why) > 0 {
		text = l.colon(text, l.semicolons(why))
	}
	if r.Doubt {
		text += ". " + l.Say("drift.doubt")
	}
	return text
}

// apart says how the vendor's due instant lies to ours.
func (l *Language) apart(r *rules.DriftRow) string {
	switch {
	case r.Due == nil && r.OurDue == nil:
		return l.Say("drift.neither_due")
	case r.Due == nil:
		return l.Say("drift.no_due")
	case r.OurDue == nil:
		return l.Say("drift.ours_no_due")
	case *r.By == 0:
		return l.Say("drift.same")
	case r.Agrees:
		return l.Say("drift.same_minute")
	case *r.By > 0:
		return l.Say("drift.later", "length", l.Apart(*r.By))
	}
	return l.Say("drift.earlier", "length", l.Apart(-*r.By))
}

// reason says in what the vendor's clock differs from ours.
func (l *Language) reason(reason rules.Reason, r *rules.DriftRow) string {
	c, v := r.Ours, r.Theirs
	switch reason {
	case rules.OtherTarget:
		return l.Say("drift.reason.target", "theirs", l.Length(v.Target), "ours", l.Length(c.Target))
	case rules.OtherStart:
		return l.Say("drift.reason.start", "theirs", l.Moment(v.StartedAt.In(c.StartedAt.Location())), "ours", l.Moment(c.StartedAt))
	case rules.OtherStop:
		return l.Say("drift.reason.stop", "theirs", l.Moment(v.StoppedAt.In(c.StartedAt.Location())), "ours", l.Moment(*c.StoppedAt))
	case rules.OtherHours:
		switch {
		case v.Business == nil && c.Business: // what it would do with other hours isn't known
			return l.Say("drift.reason.hours_due_all")
		case v.Business == nil:
			return l.Say("drift.reason.hours_due_open")
		case c.Business:
			return l.Say("drift.reason.hours_all")
		}
		return l.Say("drift.reason.hours_open")
	case rules.OtherPauses:
		if v.AllPauses && len(v.Pauses) > 0 {
			return l.Say("drift.reason.pauses_other")
		}
	}
	return l.name("drift.reason."+string(reason), string(reason))
}

// Silence says why there is nothing to compare with the vendor's own SLA, in one
// line; "" where there is something.
func (l *Language) Silence(d *rules.Drift) string {
	switch {
	case d.Unknown == rules.NoRight:
		return l.Say("drift.no_right", "vendor", d.Vendor)
	case d.Unknown == rules.TooSlow:
		return l.Say("drift.too_slow", "vendor", d.Vendor)
	case d.Unknown != "":
		return l.Say("drift.no_answer", "vendor", d.Vendor)
	case len(d.Rows) == 0:
		return l.Say("drift.no_sla", "vendor", d.Vendor)
	}
	return ""
}

// beside writes the vendor's clocks that belong to a clock of ours.
func (w *writer) beside(d *rules.Drift, c *rules.Clock) {
	for _, r := range d.Of(c) {
		if r.Theirs == nil {
			w.line("  %s %s", d.Vendor, w.Difference(&r))
			continue
		}
		w.line("  %s", w.row(d, &r))
	}
}

// alone writes what there is besides.
func (w *writer) alone(d *rules.Drift) {
	if d == nil {
		return
	}
	rows, silence := d.Alone(), w.Silence(d)
	if len(rows) > 0 || silence != "" {
		w.line("")
	}
	for _, r := range rows {
		w.line("%s", w.row(d, &r))
	}
	if silence != "" {
		w.line("%s", silence)
	}
}

// row is a clock of the vendor's: its name, state and due instant, and the
// difference.
func (w *writer) row(d *rules.Drift, r *rules.DriftRow) string {
	standing := w.State(rules.FirstReply, r.State)
	if r.Due != nil {
		standing = w.Say("drift.due", "state", standing, "at", w.Moment(*r.Due))
	}
	return w.Say("drift.row", "vendor", d.Vendor, "name", r.Name, "standing", standing, "difference", w.Difference(r))
}
