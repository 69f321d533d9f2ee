package drawing

import (
	"cmp"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/rules/words"
)

// A Team is a row of the week ahead.
type Team struct {
	Name string // untrusted
	Open []Span // its business hours
	Days []Day  // as many as the week has
}

// A Span is [From, To).
type Span struct{ From, To time.Time }

// A Day is what falls due on one: Tickets of them, listed where they are few.
type Day struct {
	Tickets int
	Link    string // to the team's tickets; "" = none
	Due     []Due
}

// A Due is a ticket that falls due.
type Due struct {
	Name, Link string // untrusted, and escaped here
	At         time.Time
	AtRisk     bool
}

// Heights of a row of the week, in pixels, from its top on.
const (
	teamAt   = 14
	trackAt  = 20
	trackFor = 34
	teamTall = trackAt + trackFor + 12
	axisTall = 20
	maxMarks = 3 // of a team and day, one above the other
)

// weekRoom is how many bytes the marks of a week may take. Days for whose tickets there
// is no room have their number, as crowded ones do.
const weekRoom = 11 << 10

// Week draws what falls due in the coming days, a row for each team: its business hours
// shaded, a mark for each ticket, which links to it, and the number of tickets where
// they aren't listed. days are the instants at which days begin, and the one at which
// the last ends; a day of a clock change is as wide as others. It is "" where nothing
// falls due. Seven teams and days have less than 30 kB.
func Week(w *words.Language, id string, now time.Time, days []time.Time, teams []Team) template.HTML {
	d := week{canvas: canvas{id: id}, w: w, now: now, days: days, room: weekRoom}
	var told []string
	for i := range teams {
		told = append(told, d.tell(&teams[i]))
	}
	if len(days) < 2 || len(teams) == 0 {
		return ""
	}
	d.open("figure", "class", "drawing week")
	height := axisTall + teamTall*len(teams)
	d.begin("group", height, w.Say("drawing.week"), strings.Join(told, " "))
	d.axis()
	for i := range teams {
		d.team(&teams[i], axisTall+i*teamTall)
	}
	d.close("svg")
	d.legend(w, map[string]bool{"open": true}, w.Say("drawing.week_marks"), zone(days[0]))
	d.close("figure")
	return d.done()
}

type week struct {
	canvas
	w    *words.Language
	now  time.Time
	days []time.Time
	room int // bytes left for marks
}

// x is an instant's place: within its day by how much of it has passed.
func (d *week) x(at time.Time) percent {
	last := len(d.days) - 1
	day, exactly := slices.BinarySearchFunc(d.days, at, time.Time.Compare)
	if !exactly {
		day--
	}
	if day < 0 {
		return 0
	}
	if day >= last {
		return 100
	}
	within := scale{d.days[day].Unix(), d.days[day+1].Unix()}
	return (100*percent(day) + within.x(at.Unix())) / percent(last)
}

// tell is a row in words.
func (d *week) tell(t *Team) string {
	var parts []string
	for i, day := range t.Days[:min(len(t.Days), len(d.days))] {
		if day.Tickets > 0 {
			parts = append(parts, d.w.Say("drawing.told.day", "day", d.w.Time("time.day", d.days[i]), "n", day.Tickets))
		}
	}
	return d.w.Say("drawing.told.row", "name", d.name(t), "parts", strings.Join(parts, " "))
}

func (d *week) name(t *Team) string {
	return cut(cmp.Or(t.Name, d.w.Say("drawing.no_team")), 40)
}

// axis names the days, briefly in a narrow drawing.
func (d *week) axis() {
	for _, day := range d.days[:len(d.days)-1] {
		x := d.x(day)
		d.element("text", d.w.Time("time.wd", day), "class", "axis narrow", "x", x, "y", 13, "dx", gap)
		d.element("text", d.w.Time("time.day", day), "class", "axis wide", "x", x, "y", 13, "dx", gap)
		d.upright("day", x, 2, axisTall-2)
	}
}

// upright is a line from one height to another.
func (d *week) upright(class string, x percent, from, to int) {
	d.empty("line", "class", class, "x1", x, "x2", x, "y1", from, "y2", to)
}

func (d *week) team(t *Team, y int) {
	d.element("text", d.name(t), "class", "name", "x", percent(0), "y", y+teamAt, "dx", gap)
	for _, open := range t.Open {
		if x := d.x(open.From); d.x(open.To) > x {
			d.empty("rect", "class", "open", "x", x, "y", y+trackAt, "width", d.x(open.To)-x, "height", trackFor)
		}
	}
	d.empty("rect", "class", "closed", "y", y+trackAt+trackFor, "width", "100%", "height", 1)
	for _, day := range d.days[:len(d.days)-1] {
		d.upright("day", d.x(day), y+trackAt, y+trackAt+trackFor)
	}
	d.upright("now", d.x(d.now), y+trackAt-4, y+trackAt+trackFor)
	for i := range t.Days[:min(len(t.Days), len(d.days)-1)] {
		d.day(&t.Days[i], i, y+trackAt)
	}
}

// day draws what falls due on the nth day, if there is room for it, else its number.
func (d *week) day(day *Day, n, y int) {
	if day.Tickets == 0 {
		return
	}
	marks, due := canvas{}, day.Due
	if len(due) > maxMarks {
		due = nil
	}
	for i := range due {
		d.mark(&marks, &due[i], y+trackFor/2+10*i-5*(len(due)-1))
	}
	if marks.Len() > 0 && marks.Len() <= d.room {
		d.room -= marks.Len()
		d.WriteString(marks.String())
		return
	}
	width := 100 / percent(len(d.days)-1)
	x := width * percent(n)
	number := canvas{}
	if len(day.Link) <= 300 {
		number.link(day.Link, d.w.Say("drawing.told.day", "day", d.w.Time("time.day", d.days[n]), "n", day.Tickets))
	}
	number.empty("rect", "class", "crowd", "x", x+width/8, "y", y+6, "width", width*3/4, "height", trackFor-12, "rx", 4)
	number.element("text", strconv.Itoa(day.Tickets), "class", "crowd", "x", x+width/2, "y", y+trackFor/2+4, "text-anchor", "middle")
	if len(day.Link) <= 300 {
		number.close("a")
	}
	d.WriteString(number.String())
}

// mark is a ticket: a square, or a triangle where it is at risk.
func (d *week) mark(c *canvas, due *Due, y int) {
	says := "drawing.told.ticket"
	class, shape := "due", "M-4-4H4V4H-4Z"
	if due.AtRisk {
		says, class, shape = "drawing.told.ticket_at_risk", "risk", "M0-5L5 4H-5Z"
	}
	c.link(due.Link, d.w.Say(says, "name", cut(due.Name, 40), "at", moment(d.w, due.At.In(d.days[0].Location()), d.now)))
	c.open("svg", "x", d.x(due.At), "y", y, "overflow", "visible")
	c.empty("path", "class", class, "d", shape)
	c.close("svg")
	c.close("a")
}

func (c *canvas) link(to, title string) {
	c.open("a", "href", to)
	c.element("title", title)
}
