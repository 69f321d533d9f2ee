// Package drawing draws time as inline SVG: a clock's cycle, the week ahead, the
// months of a report. Data and an instant come in, markup goes out.
//
// A drawing is as wide as its place, and its heights are fixed: horizontal places are
// percentages, all else is in pixels. So it is to scale at any width, and its texts
// never shrink, which a viewBox would have them do on a telephone. Labels are placed
// so that they don't touch in a drawing of narrow pixels; what finds room only from
// wide on has a class that the style sheet hides below (labels.go). Since distances
// grow with the width and texts don't, what fits once fits at every greater width.
//
// Colours come from the style sheet's classes, for light and dark. They only help: a
// pause is hatched, what is late is striped, what is to come is dashed, closed time
// is left empty. There is no style attribute and no script, which the pages' policy
// forbids. Each drawing says the same in words, as its title and description; each
// text passes through an escape, since names come from tickets.
package drawing

import (
	"html"
	"html/template"
	"strconv"
	"strings"
	"time"

	"vigie/rules/words"
)

// Widths in pixels that labels are placed for: of a page of 390, and of one from which
// on the style sheet shows what is of the class "wide".
const (
	narrow = 300
	wide   = 640
)

// A percent is a place, or a width, as a part of the drawing's width.
type percent float64

func (p percent) String() string {
	text := strconv.FormatFloat(float64(p), 'f', 3, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + "%"
}

// A scale says where instants lie between two, to the second.
type scale struct{ from, to int64 }

// x is an instant's place; one beyond either end is at that end.
func (s scale) x(at int64) percent {
	if s.to <= s.from {
		return 0
	}
	return 100 * percent(min(max(at, s.from), s.to)-s.from) / percent(s.to-s.from)
}

// A canvas takes markup in. Every value is escaped.
type canvas struct {
	strings.Builder
	id string // of the drawing, by which the ids within it begin
}

// open begins an element, whose attributes come as names and values.
func (c *canvas) open(name string, attributes ...any) { c.tag(name, ">", attributes) }

// empty is an element without content.
func (c *canvas) empty(name string, attributes ...any) { c.tag(name, "/>", attributes) }

func (c *canvas) tag(name, end string, attributes []any) {
	c.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		if text := valueOf(attributes[i+1]); text != "" {
			c.WriteString(" " + attributes[i].(string) + `="` + escaped(text) + `"`)
		}
	}
	c.WriteString(end)
}

func valueOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case percent:
		return v.String()
	}
	return ""
}

func (c *canvas) close(name string) { c.WriteString("</" + name + ">") }

// element is one that holds a text.
func (c *canvas) element(name, text string, attributes ...any) {
	c.open(name, attributes...)
	c.WriteString(escaped(text))
	c.close(name)
}

// escaped is a text as markup says it, in HTML and in XML, which has no place for most
// control characters.
func escaped(text string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, text))
}

// begin opens the drawing with its text alternative. role is "img" for one that is
// looked at as a whole, "group" for one with links.
func (c *canvas) begin(role string, height int, title, description string) {
	c.open("svg", "xmlns", "http://www.w3.org/2000/svg", "width", "100%", "height", height, "role", role, "aria-labelledby", c.id+"-title", "aria-describedby", c.id+"-desc")
	c.element("title", title, "id", c.id+"-title")
	c.element("desc", description, "id", c.id+"-desc")
}

// looks are the ways in which a stretch of time is drawn, by their class, in the order
// of the legend; by each the text of the legend.
var looks = []struct{ class, says string }{
	{"counts", "drawing.counts"}, {"later", "drawing.later"}, {"after", "ticket.after_end"}, {"met", "drawing.met"}, {"lost", "clock.breached"}, {"late", "drawing.late"}, {"paused", "drawing.paused"}, {"still", "drawing.still"}, {"closed", "drawing.closed"}, {"open", "drawing.open"},
}

// patterns are the paths of looks that colour alone doesn't tell, on a tile of 8 pixels.
var patterns = map[string]string{
	"paused": "M-2 10L10-2M-6 6L6-6M2 14L14 2",
	"late":   "M2 0V8M6 0V8",
	"lost":   "M2 0V8M6 0V8",
	"still":  "M1 2H3M5 6H7",
}

// fill is the pattern of a look; "" where its class says its colour.
func (c *canvas) fill(look string) string {
	if patterns[look] == "" {
		return ""
	}
	return "url(#" + c.id + "-" + look + ")"
}

// define writes the patterns of the looks that occur.
func (c *canvas) define(used map[string]bool) {
	c.open("defs")
	for _, look := range looks {
		if path := patterns[look.class]; path != "" && used[look.class] {
			c.open("pattern", "id", c.id+"-"+look.class, "width", 8, "height", 8, "patternUnits", "userSpaceOnUse")
			c.empty("rect", "class", look.class+"-ground", "width", 8, "height", 8)
			c.empty("path", "class", look.class+"-lines", "d", path)
			c.close("pattern")
		}
	}
	c.close("defs")
}

// legend says what the looks that occur mean, and then further words. It is text beside
// the drawing, which wraps where there is little room.
func (c *canvas) legend(w *words.Language, used map[string]bool, further ...string) {
	c.open("figcaption")
	for _, look := range looks {
		if used[look.class] {
			c.open("span")
			c.open("svg", "width", 20, "height", 12, "aria-hidden", "true")
			y, height := 1, 10
			if look.class == "closed" { // nothing but the line on which the others stand
				y, height = 5, 2
			}
			c.empty("rect", "class", look.class, "fill", c.fill(look.class), "x", 1, "y", y, "width", 18, "height", height)
			c.close("svg")
			c.WriteString(" " + escaped(w.Say(look.says)))
			c.close("span")
			c.WriteString(" ")
		}
	}
	for _, text := range further {
		c.element("span", text)
		c.WriteString(" ")
	}
	c.close("figcaption")
}

func (c *canvas) done() template.HTML { return template.HTML(c.String()) }

// moment is an instant in words, in its own zone.
func moment(w *words.Language, at, now time.Time) string {
	date := w.Time("time.day", at)
	if at.Year() != now.In(at.Location()).Year() {
		date = w.Time("time.short", at)
	}
	return w.Say("page.moment", "date", date, "clock", hour(w, at))
}

// hour is an instant's time of day, with seconds where there are any.
func hour(w *words.Language, at time.Time) string {
	if at.Second() != 0 {
		return w.Time("time.exact", at)
	}
	return w.Time("time.clock", at)
}

// zone is what an instant's zone is called, as the pages call it.
func zone(at time.Time) string {
	if name := at.Location().String(); name != "" && name != "Local" {
		return name
	}
	return at.Format("MST")
}

// cut bounds a name.
func cut(name string, runes int) string {
	if r := []rune(name); len(r) > runes {
		return string(r[:runes-1]) + "…"
	}
	return name
}
