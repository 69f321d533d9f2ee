package drawing

import "unicode/utf8"

// A label is a text beside an instant's place, to the right of it, or to the left
// where it would leave the drawing.
type label struct {
	text  string
	at    percent
	class string

	lane  int  // counted from what it belongs to
	left  bool // of its place
	shown shown
}

// shown says at which widths a label is shown.
type shown int

const (
	nowhere shown = iota
	everywhere
	fromWide // only there
	tillWide // only below
)

func (s shown) class() string { return map[shown]string{fromWide: " wide", tillWide: " narrow"}[s] }

const (
	letter = 7.2 // width of a letter of 12 pixels, rather more than less
	gap    = 4   // between a text and its place
	lanes  = 4
)

// reach is from where to where a label is in a drawing of so many pixels.
func (l *label) reach(width float64) (from, to float64) {
	x, w := float64(l.at)*width/100, gap+letter*float64(utf8.RuneCountInString(l.text))
	if l.left {
		return x - w, x
	}
	return x, x + w
}

// fits says that a label touches none of others, nor a line that leads down from them
// to their place, nor has such a line that touches them.
func (l *label) fits(others []*label, width float64) bool {
	from, to := l.reach(width)
	if from < 0 || to > width {
		return false
	}
	for _, o := range others {
		a, b := o.reach(width)
		x, y := float64(l.at)*width/100, float64(o.at)*width/100
		switch {
		case o.lane == l.lane && from < b+gap && a < to+gap,
			o.lane < l.lane && a-2 < x && x < b+2 && x != y,
			o.lane > l.lane && from-2 < y && y < to+2 && x != y:
			return false
		}
	}
	return true
}

// place finds room for labels above what they belong to, the first ones first: each in
// the lowest lane where it fits in a narrow drawing, or below all others; else so in a
// wide one. It returns how many lanes there are.
func place(labels []*label) (used int) {
	var placed []*label
	for _, try := range []struct {
		width float64
		shown shown
	}{{narrow, everywhere}, {wide, fromWide}} {
		for _, l := range labels {
			if l.text != "" && l.shown == nowhere && l.settle(placed, try.width) {
				l.shown, placed = try.shown, append(placed, l)
			}
		}
	}
	for _, l := range placed {
		used = max(used, l.lane+1)
	}
	return used
}

func (l *label) settle(placed []*label, width float64) bool {
	sides := []bool{l.at > 60, l.at <= 60}
	highest := -1
	for l.lane = range lanes {
		for _, l.left = range sides {
			if l.fits(placed, width) {
				return true
			}
		}
	}
	for _, o := range placed {
		highest = max(highest, o.lane)
	}
	if highest+1 == lanes {
		return false
	}
	l.lane = -1 // below all: none is there, and lines of others may be in the way
	for _, l.left = range sides {
		if l.fits(placed, width) {
			for _, o := range append(placed, l) {
				o.lane++
			}
			return true
		}
	}
	return false
}

// row shows those labels of one row that fit beside each other, from the first on:
// others in a narrow drawing than in a wide one. A first one that is only better than
// none is left out where it touches the next.
func row(labels []*label, spare bool) {
	at := map[float64]map[*label]bool{}
	for _, width := range []float64{narrow, wide} {
		at[width] = map[*label]bool{}
		var placed []*label
		for i, l := range labels {
			if spare && i == 0 && len(labels) > 1 && !l.fits(labels[1:2], width) {
				continue
			}
			if l.fits(placed, width) {
				placed, at[width][l] = append(placed, l), true
			}
		}
	}
	for _, l := range labels {
		switch inNarrow, inWide := at[narrow][l], at[wide][l]; {
		case inNarrow && inWide:
			l.shown = everywhere
		case inNarrow:
			l.shown = tillWide
		case inWide:
			l.shown = fromWide
		}
	}
}

// write puts a label's text on a canvas.
func (l *label) write(c *canvas, y int) {
	anchor, dx := "", gap
	if l.left {
		anchor, dx = "end", -gap
	}
	c.element("text", l.text, "class", l.class+l.shown.class(), "x", l.at, "y", y, "dx", dx, "text-anchor", anchor)
}
