package drawing

import (
	"html/template"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"vigie/rules/report"
	"vigie/rules/words"
)

// A Share is a row of a drawing of shares: what was met and missed in each part of a
// period.
type Share struct {
	Name  string
	Parts []report.Tally
}

// Heights of a row of shares, in pixels, from its top on.
const (
	nameAt      = 14
	numberAt    = 32
	columnAt    = 38
	columnTall  = 40
	missedAt    = columnAt + columnTall + 14
	rowTall     = missedAt + 10
	maxShares   = 12 // rows; the tables have all
	numbersUpTo = 6  // parts, that leave room for "98.2%" in a narrow drawing
)

// Shares draws the parts of a period beside each other, for each row: a column for each
// part, whose full height is all targets that were decided in it, filled as far as they
// were met and striped above. It is "" where there is nothing to compare.
func Shares(w *words.Language, id, title string, parts []report.Part, rows []Share) template.HTML {
	d := shares{canvas: canvas{id: id}, w: w, parts: parts}
	left := max(0, len(rows)-maxShares)
	rows = rows[:len(rows)-left]
	if len(parts) < 2 || len(rows) == 0 {
		return ""
	}
	var told []string
	used := map[string]bool{}
	for i := range rows {
		told = append(told, d.tell(&rows[i], used))
	}
	d.open("figure", "class", "drawing")
	d.begin("img", rowTall*len(rows)+laneHeight, w.Say("drawing.over_time", "by", title), strings.Join(told, " "))
	d.define(used)
	for i := range rows {
		d.row(&rows[i], i*rowTall)
	}
	d.axis(rowTall * len(rows))
	d.close("svg")
	further := []string{w.Say("drawing.missed_below")}
	if left > 0 {
		further = append(further, w.Say("drawing.more_rows", "n", left))
	}
	d.legend(w, used, further...)
	d.close("figure")
	return d.done()
}

type shares struct {
	canvas
	w     *words.Language
	parts []report.Part
}

// tell is a row in words. It notes which looks it has.
func (d *shares) tell(row *Share, used map[string]bool) string {
	var told []string
	for i, p := range d.parts {
		t := row.of(i)
		if t.Met+t.Missed == 0 {
			continue
		}
		used["met"], used["lost"] = used["met"] || t.Met > 0, used["lost"] || t.Missed > 0
		told = append(told, d.w.Say("drawing.told.part", "from", d.w.Time("time.date", p.From), "to", d.w.Time("time.date", p.To.Add(-time.Second)), "share", d.w.Share(t), "missed", t.Missed))
	}
	return d.w.Say("drawing.told.row", "name", cut(row.Name, 60), "parts", strings.Join(told, " "))
}

// of is a row's tally of a part; one with nothing where it has none.
func (s *Share) of(part int) (t report.Tally) {
	if part < len(s.Parts) {
		t = s.Parts[part]
	}
	return t
}

func (d *shares) row(row *Share, y int) {
	n := percent(len(d.parts))
	d.element("text", cut(row.Name, 40), "class", "name", "x", percent(0), "y", y+nameAt)
	d.empty("rect", "class", "closed", "y", y+columnAt+columnTall, "width", "100%", "height", 1)
	for i := range d.parts {
		t, x := row.of(i), 100*percent(i)/n
		middle := x + 50/n
		d.number(t, middle, y+numberAt)
		if t.Met+t.Missed == 0 {
			continue
		}
		met := columnTall * t.Met / (t.Met + t.Missed)
		if t.Met > 0 && t.Missed > 0 {
			met = min(max(met, 1), columnTall-1) // one among thousands is there to be seen
		}
		d.column("met", x+15/n, 70/n, y+columnAt+columnTall-met, met)
		d.column("lost", x+15/n, 70/n, y+columnAt, columnTall-met)
		if t.Missed > 0 {
			d.either(strconv.Itoa(t.Missed), "● "+strconv.Itoa(t.Missed), "missed", middle, y+missedAt)
		}
	}
}

func (d *shares) column(look string, x, width percent, y, height int) {
	if height > 0 {
		d.empty("rect", "class", look, "fill", d.fill(look), "x", x, "y", y, "width", width, "height", height)
	}
}

// number writes a share; a narrow drawing may have it in whole percents.
func (d *shares) number(t report.Tally, x percent, y int) {
	whole := d.w.Share(t)
	if all := t.Met + t.Missed; all > 0 {
		whole = strconv.Itoa(100 * t.Met / all)
		if t.Met > 0 && 100*t.Met < all {
			whole = "1"
		}
	}
	d.either(whole, d.w.Share(t), "", x, y)
}

// either writes one of two texts: the brief one in a narrow drawing of many parts, else
// the full one.
func (d *shares) either(brief, full, class string, x percent, y int) {
	at := []any{"x", x, "y", y, "text-anchor", "middle"}
	if len(d.parts) <= numbersUpTo {
		d.element("text", full, append(at, "class", class)...)
		return
	}
	d.element("text", brief, append(at, "class", strings.TrimSpace(class+tillWide.class()))...)
	d.element("text", full, append(at, "class", strings.TrimSpace(class+fromWide.class()))...)
}

// axis names the parts: each, or every second or third where that is what fits.
func (d *shares) axis(y int) {
	pattern := "time.date"
	if p := d.parts[len(d.parts)/2]; p.To.Sub(p.From) > 7*24*time.Hour+time.Hour {
		pattern = "time.month"
	}
	longest := 0
	texts := make([]string, len(d.parts))
	for i, p := range d.parts {
		texts[i] = d.w.Time(pattern, p.From)
		longest = max(longest, utf8.RuneCountInString(texts[i]))
	}
	every := func(width float64) int {
		return 1 + int((letter*float64(longest)+2*gap)*float64(len(texts))/width)
	}
	inNarrow, inWide := every(narrow), every(wide)
	for i, text := range texts {
		l := label{text: text, at: 100 * (percent(i) + 0.5) / percent(len(texts))}
		switch a, b := i%inNarrow == 0, i%inWide == 0; {
		case a && b:
			l.shown = everywhere
		case a:
			l.shown = tillWide
		case b:
			l.shown = fromWide
		default:
			continue
		}
		anchor, column := "middle", percent(len(texts))
		if letter*float64(longest)*float64(len(texts)) > narrow { // nothing stands out at the sides
			switch i {
			case 0:
				l.at, anchor = 15/column, ""
			case len(texts) - 1:
				l.at, anchor = 100-15/column, "end"
			}
		}
		d.element("text", text, "class", "axis"+l.shown.class(), "x", l.at, "y", y+12, "text-anchor", anchor)
	}
}
