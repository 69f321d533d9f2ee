package drawing

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/words"
)

// Heights of a clock's drawing, in pixels.
const (
	laneHeight = 18
	barHeight  = 28
)

// maxPieces is how many pieces of time are drawn each by itself. Of more, which nobody
// could tell apart, each column shows what fills the most of it.
const maxPieces = 240

// maxTold bounds how many pauses the description tells.
const maxTold = 8

// Clock draws one cycle of a clock from its start to its due instant, or to its stop or
// to now where that is later: what counted, pauses, closed time, and what is to come.
// Everything is to scale, closed time too: people wait through it, and it is how far
// away the due instant is. In a cycle of more than daysFrom nights are left out, that
// is to say, its days are drawn whole; a legend says so. The drawing is "" where no
// time has passed and none is to come. id is unique on its page; the zone is that of
// the calendar that counts last.
func Clock(w *words.Language, id string, tl *rules.Timeline, now time.Time) template.HTML {
	d := clock{canvas: canvas{id: id}, w: w, tl: tl, now: now}
	if !d.span() {
		return ""
	}
	d.collect()
	d.mark()
	return d.draw()
}

// A clock is one on its way to paper.
type clock struct {
	canvas
	w     *words.Language
	tl    *rules.Timeline
	now   time.Time
	start time.Time
	end   time.Time
	days  bool // only days are shown, no nights
	scale scale

	pieces []piece
	used   map[string]bool // looks
	marks  []mark
	told   []string // the description
}

// A piece of time that looks alike.
type piece struct {
	from, to int64
	look     string
}

// A mark is an instant with a name.
type mark struct {
	at    time.Time
	class string
	label *label
}

// span finds the drawing's ends; it says whether there is time between them.
func (d *clock) span() bool {
	c := &d.tl.Clock
	zone := c.StartedAt.Location()
	if n := len(d.tl.Lines); n > 0 {
		zone = d.tl.Lines[n-1].To.Location()
	}
	d.now, d.start = d.now.In(zone), c.StartedAt.In(zone)
	d.end = d.now
	if c.StoppedAt != nil {
		d.end = c.StoppedAt.In(zone)
	}
	if c.Due != nil && c.Due.After(d.end) {
		d.end = c.Due.In(zone)
	}
	d.scale = scale{d.start.Unix(), d.end.Unix()}
	d.days = d.end.Sub(d.start) > daysFrom
	return d.scale.from < d.scale.to
}

// look is how a line is drawn.
func (d *clock) look(l *rules.Line) string {
	switch {
	case l.Why == rules.IsPaused:
		return "paused"
	case l.Why != rules.Counts:
		return "still"
	case l.Counted == 0 && !(d.days && l.Closed == calendar.OutsideHours):
		return "closed"
	case l.Late:
		return "late"
	case l.Future && d.tl.Clock.Stopped():
		return "after"
	case l.Future:
		return "later"
	}
	return "counts"
}

// collect makes pieces of the lines.
func (d *clock) collect() {
	d.used = map[string]bool{}
	at := d.scale.from
	for i := range d.tl.Lines {
		l := &d.tl.Lines[i]
		p := piece{max(l.From.Unix(), at), min(l.To.Unix(), d.scale.to), d.look(l)}
		if p.to <= p.from {
			continue
		}
		at = p.to
		d.used[p.look] = true
		if n := len(d.pieces) - 1; n >= 0 && d.pieces[n].look == p.look && d.pieces[n].to == p.from {
			d.pieces[n].to = p.to
			continue
		}
		d.pieces = append(d.pieces, p)
	}
	if len(d.pieces) > maxPieces {
		d.pieces = columns(d.pieces, d.scale)
	}
}

// columns are pieces as columns of equal width show them.
func columns(pieces []piece, s scale) (list []piece) {
	i := 0
	for n := range int64(maxPieces) {
		from, to := s.from+(s.to-s.from)*n/maxPieces, s.from+(s.to-s.from)*(n+1)/maxPieces
		for i < len(pieces) && pieces[i].to <= from {
			i++
		}
		filled, most, look := map[string]int64{}, int64(0), ""
		for k := i; k < len(pieces) && pieces[k].from < to; k++ {
			p := &pieces[k]
			if filled[p.look] += min(p.to, to) - max(p.from, from); filled[p.look] > most {
				most, look = filled[p.look], p.look
			}
		}
		switch last := len(list) - 1; {
		case look == "":
		case last >= 0 && list[last].look == look && list[last].to == from:
			list[last].to = to
		default:
			list = append(list, piece{from, to, look})
		}
	}
	return list
}

// mark names the instants that matter, the most important ones first.
func (d *clock) mark() {
	w, c := d.w, &d.tl.Clock
	told := func(id string, at time.Time, values ...any) {
		d.told = append(d.told, w.Say(id, append(values, "at", moment(w, at.In(d.start.Location()), d.now))...))
	}
	told("drawing.told.start", c.StartedAt)
	missed := c.State == rules.StateBreached
	switch {
	case c.Due == nil:
		d.told = append(d.told, w.Say("drawing.told.no_due"))
	case missed && c.ByChange == nil:
		d.add("missed", "drawing.mark.missed", *c.Due)
		told("drawing.told.missed", *c.Due)
	default:
		d.add("due", "drawing.mark.due", *c.Due)
		told("drawing.told.due", *c.Due)
	}
	if c.StoppedAt != nil {
		d.add("stop", "drawing.mark.stop", *c.StoppedAt)
		told("drawing.told.stop", *c.StoppedAt)
	} else {
		d.add("now", "drawing.mark.now", d.now)
		told("drawing.told.now", d.now)
	}
	if missed && c.ByChange != nil {
		d.add("missed", "drawing.mark.missed", c.ByChange.At)
		told("drawing.told.missed_at_once", c.ByChange.At)
	}
	for _, p := range c.Warnings {
		name := w.Target(p.Threshold)
		if share, of := strings.CutSuffix(p.Threshold, "%"); of {
			name = w.Say("share.whole", "whole", share)
		}
		d.add("threshold", "", p.At)
		d.marks[len(d.marks)-1].label.text = name
		told("drawing.told.threshold", p.At, "threshold", name)
	}
	d.stretches()
}

func (d *clock) add(class, says string, at time.Time) {
	at = at.In(d.start.Location())
	l := &label{at: d.scale.x(at.Unix()), class: class}
	if says != "" {
		l.text = d.w.Say(says, "at", d.short(at))
	}
	d.marks = append(d.marks, mark{at, class, l})
}

// short is an instant as briefly as the drawing's length allows.
func (d *clock) short(at time.Time) string {
	switch {
	case d.days:
		return d.w.Time("time.date", at)
	case d.start.Format(time.DateOnly) == d.end.Format(time.DateOnly):
		return hour(d.w, at)
	}
	return d.w.Say("drawing.day_clock", "day", d.w.Time("time.wd", at), "clock", hour(d.w, at))
}

// stretches tells the pauses, and how often nothing counted since it was closed.
func (d *clock) stretches() {
	w, pauses, closed := d.w, 0, 0
	for _, l := range d.tl.Stretches() {
		switch {
		case l.Why == rules.IsPaused:
			if pauses++; pauses <= maxTold {
				d.told = append(d.told, w.Say("drawing.told.paused", "status", w.Status(l.Status),
					"from", moment(w, l.From.In(d.start.Location()), d.now), "to", moment(w, l.To.In(d.start.Location()), d.now)))
			}
		case l.Closed != "":
			closed++
		}
	}
	if pauses > maxTold {
		d.told = append(d.told, w.Say("drawing.told.more_pauses", "n", pauses-maxTold))
	}
	if closed > 0 {
		d.told = append(d.told, w.Say("drawing.told.closed", "n", closed))
	}
}

func (d *clock) draw() template.HTML {
	w, c := d.w, &d.tl.Clock
	var labels []*label
	for i := range d.marks {
		labels = append(labels, d.marks[i].label)
	}
	top := 6 + laneHeight*place(labels)
	bottom := top + barHeight
	a := axisOf(w, d.start, d.end)
	below := 2*laneHeight + 4
	if len(a.hours) == 0 {
		below -= laneHeight
	}
	title := w.Say("drawing.clock", "metric", w.Metric(c.Metric))
	if c.Cycle > 1 {
		title = w.Say("join.semicolon", "first", title, "second", w.Say("ticket.cycle", "n", c.Cycle))
	}
	d.open("figure", "class", "drawing")
	d.begin("img", bottom+below, title, strings.Join(d.told, " "))
	d.define(d.used)
	d.empty("rect", "class", "closed", "y", top+barHeight/2-1, "width", "100%", "height", 2)
	for _, p := range d.pieces {
		if p.look != "closed" {
			x := d.scale.x(p.from)
			d.empty("rect", "class", p.look, "fill", d.fill(p.look), "x", x, "y", top, "width", d.scale.x(p.to)-x, "height", barHeight)
		}
	}
	a.write(&d.canvas, w, d.scale, d.start, top, bottom)
	for _, m := range slices.Backward(d.marks) { // the important ones over the others
		d.pin(&m, top, bottom)
	}
	d.close("svg")
	further := []string{zone(d.start)}
	if d.days {
		further = append(further, w.Say("drawing.whole_days"))
	}
	d.legend(w, d.used, further...)
	d.close("figure")
	return d.done()
}

// signs are the shapes of marks, at the bar's upper edge; each is another one.
var signs = map[string]string{
	"due": "M0-6L6 0L0 6L-6 0Z", "missed": "M0-6L6 0L0 6L-6 0Z", "now": "M-6-5H6L0 5Z", "stop": "M-5-5H5V5H-5Z", "threshold": "M0-4L4 3H-4Z",
}

// pin draws a mark: a line through the bar, from its label on, and its sign.
func (d *clock) pin(m *mark, top, bottom int) {
	l := m.label
	from := top - 6
	if l.shown != nowhere {
		y := top - 10 - laneHeight*l.lane
		l.write(&d.canvas, y)
		from = y - 8
	}
	d.empty("line", "class", m.class+l.shown.class(), "x1", l.at, "x2", l.at, "y1", from, "y2", bottom)
	if l.shown == fromWide {
		d.empty("line", "class", m.class, "x1", l.at, "x2", l.at, "y1", top-6, "y2", bottom)
	}
	d.open("svg", "x", l.at, "y", top, "overflow", "visible")
	d.empty("path", "class", m.class, "d", signs[m.class])
	d.close("svg")
}
