package web

import (
	"slices"
	"strconv"

	"vigie/rules"
)

// A ticket's page is bounded, however much has happened: of each list it has the
// newest, and links to what came before, and of a long timeline the beginning, the
// end and what is around the due date.
const (
	maxCycles  = 5  // of a metric
	maxLines   = 90 // of a cycle's timeline
	maxActions = 50
	maxLogged  = 20
)

// A cut is the part of a list that a page shows, and the ways to the rest.
type cut struct {
	Earlier, Later string // what the link says; "" where there is nothing
	Before, After  string // the links
}

// cut shows the newest of a list of so many, but for as many as the query's name says.
// It returns which: from the first to before the last.
func (p *page) cut(name string, total, room int) (from, to int, c cut) {
	skip, _ := strconv.Atoi(p.query.Get(name)) // what is no number is 0
	skip = max(0, min(skip, total-1))
	to = total - skip
	from = max(0, to-room)
	if from > 0 {
		c.Earlier, c.Before = p.W.Say("ticket.earlier", "n", from), p.Here(name, strconv.Itoa(skip+room))+"#"+name
	}
	if skip > 0 {
		later := ""
		if skip > room {
			later = strconv.Itoa(skip - room)
		}
		c.Later, c.After = p.W.Say("ticket.later", "n", skip), p.Here(name, later)+"#"+name
	}
	return from, to, c
}

// shown are the cycles of an explanation that the page shows, metric by metric, and
// by metric the ways to the others.
func (p *page) shown(all []rules.Timeline) (some []*rules.Timeline, cuts map[rules.Metric]cut) {
	cuts = map[rules.Metric]cut{}
	for i := 0; i < len(all); {
		end := i
		for end < len(all) && all[end].Metric == all[i].Metric {
			end++
		}
		from, to, c := p.cut(string(all[i].Metric), end-i, maxCycles)
		for k := i + from; k < i+to; k++ {
			some = append(some, &all[k])
		}
		cuts[all[i].Metric] = c
		i = end
	}
	return some, cuts
}

// gaps are the lines of a timeline that aren't shown: stretches of it, each from its
// first line to before its last. around is the line to which a due date belongs.
func gaps(lines, around int) (from, to []int) {
	const part = maxLines / 3
	if lines <= maxLines {
		return nil, nil
	}
	around = max(part/2, min(around, lines-part/2))
	keep := [][2]int{{0, part}, {around - part/2, around + part/2}, {lines - part, lines}}
	slices.SortFunc(keep, func(a, b [2]int) int { return a[0] - b[0] })
	at := 0
	for _, k := range keep {
		if k[0] > at {
			from, to = append(from, at), append(to, k[0])
		}
		at = max(at, k[1])
	}
	return from, to
}
