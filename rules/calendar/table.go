package calendar

import "math/bits"

// A table holds the open segments among the instants from..to, each by two
// numbers: where it ends, and how many open seconds lie before that end. Its
// beginning follows from the numbers before. It never changes.
type table struct {
	from, to int64
	ends     ladder // Unix seconds
	sums     ladder // open seconds since from
}

func newTable(c *Calendar, r span64) *table {
	t := &table{from: r.from, to: r.to}
	var ends, sums []int64
	var sum int64
	a := almanac{plans: c.plans}
	for s := range stretches(r, c.zone) {
		for _, hours := range a.day(s.date).open {
			seg := s.open(hours)
			if seg.to <= seg.from {
				continue
			}
			sum += seg.to - seg.from
			if n := len(ends); n > 0 && ends[n-1] == seg.from {
				ends[n-1], sums[n-1] = seg.to, sum
				continue
			}
			ends, sums = append(ends, seg.to), append(sums, sum)
		}
	}
	t.ends, t.sums = newLadder(r.from, ends), newLadder(0, sums)
	return t
}

// total is the open time of the whole table, in seconds.
func (t *table) total() int64 { return t.sums.before(len(t.sums.rungs)) }

// openBefore returns the open seconds from the table's beginning to at.
func (t *table) openBefore(at int64) int64 {
	i := t.ends.above(at)
	before := t.sums.before(i)
	if i == len(t.ends.rungs) {
		return before
	}
	return max(before, t.sums.rungs[i]-(t.ends.rungs[i]-at))
}

// reaches returns the first instant at which openBefore is sum, for a sum from
// 1 to total.
func (t *table) reaches(sum int64) int64 {
	i := t.sums.above(sum - 1)
	return t.ends.rungs[i] - (t.sums.rungs[i] - sum)
}

// segment returns the first open segment that ends after at, and false if the
// table has none.
func (t *table) segment(at int64) (from, to int64, ok bool) {
	i := t.ends.above(at)
	if i == len(t.ends.rungs) {
		return 0, 0, false
	}
	to = t.ends.rungs[i]
	return to - (t.sums.rungs[i] - t.sums.before(i)), to, true
}

// A ladder is a rising sequence of numbers that finds the first one above a
// given number at once: its range is cut into cells about as wide as the mean
// distance between two rungs, and each cell knows its first rung.
type ladder struct {
	rungs []int64
	foot  int64 // a number below all rungs
	shift uint  // a cell is 1<<shift wide
	first []int32
}

func newLadder(foot int64, rungs []int64) ladder {
	l := ladder{rungs: rungs, foot: foot}
	if len(rungs) == 0 {
		return l
	}
	reach := rungs[len(rungs)-1] - foot
	l.shift = uint(bits.Len64(uint64(reach / int64(len(rungs)))))
	l.first = make([]int32, reach>>l.shift+2)
	rung := 0
	for cell := range l.first {
		for rung < len(rungs) && rungs[rung] <= foot+int64(cell)<<l.shift {
			rung++
		}
		l.first[cell] = int32(rung)
	}
	return l
}

// above returns the index of the first rung above x, the number of rungs if
// there is none. x isn't below the foot.
func (l *ladder) above(x int64) int {
	cell := (x - l.foot) >> l.shift
	if cell+1 >= int64(len(l.first)) {
		return len(l.rungs)
	}
	lo, hi := int(l.first[cell]), int(l.first[cell+1])
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if l.rungs[mid] > x {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// before returns the rung under rung i, 0 under the lowest.
func (l *ladder) before(i int) int64 {
	if i == 0 {
		return 0
	}
	return l.rungs[i-1]
}
