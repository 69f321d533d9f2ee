package calendar

import (
	"maps"
	"slices"
	"strings"
)

// A region is a country or a part of one, with the holidays that its law gives
// to everybody there.
type region struct {
	code        string // ISO 3166: "DE", "DE-BW"
	within      string // the region whose holidays it has too, or empty
	from, until int    // the years for which the table is right
	holidays    []holiday
}

// tables are all regions by their code. They are never written to.
var tables = func() map[string]region {
	all := map[string]region{}
	for _, table := range [][]region{
		austria, belgium, canada, france, germany, ireland, italy, luxembourg, netherlands, poland, portugal, spain,
		switzerland, unitedKingdom, unitedStates,
	} {
		for _, r := range table {
			all[r.code] = r
		}
	}
	return all
}()

// Regions lists the codes of all regions whose holidays are known.
func Regions() []string { return slices.Sorted(maps.Keys(tables)) }

// regionsNear lists what may have been meant by a code that isn't known: the
// regions of its country, or all countries.
func regionsNear(code string) []string {
	country, _, _ := strings.Cut(strings.ToUpper(code), "-")
	if _, ok := tables[country]; !ok {
		return slices.DeleteFunc(Regions(), func(c string) bool { return strings.Contains(c, "-") })
	}
	return slices.DeleteFunc(Regions(), func(c string) bool { return c != country && !strings.HasPrefix(c, country+"-") })
}

// rules are the region's own holidays after those it shares.
func (r region) rules() []holiday {
	if r.within == "" {
		return r.holidays
	}
	return slices.Concat(tables[r.within].rules(), r.holidays)
}

// inYear is the source interface.
func (r region) inYear(year int, add func(Date, Name)) {
	rules := r.rules()
	r.datesOf(rules, year, add)
	// The substitute of a 1 January may be a 31 December.
	r.datesOf(rules, year+1, add)
}

// What a substitute's name has after its holiday's.
const (
	substituteFR = " (jour de remplacement)"
	substituteEN = " (substitute day)"
)

// datesOf gives all dates first and the substitutes then, because a substitute
// gives way to every holiday of the year, also to one further down the table.
func (r region) datesOf(rules []holiday, year int, add func(Date, Name)) {
	taken := map[Date]bool{}
	for _, h := range rules {
		if h.in(year) {
			taken[h.on(year)] = true
			add(h.on(year), h.name)
		}
	}
	for _, h := range rules {
		if h.substitute == nil || !h.in(year) {
			continue
		}
		d := h.on(year)
		instead := h.substitute(d, func(d Date) bool { return taken[d] })
		if instead != d {
			taken[instead] = true
			add(instead, Name{
				FR:    h.name.FR + substituteFR,
				EN:    h.name.EN + substituteEN,
				Local: h.name.Local + substituteEN,
			})
		}
	}
}
