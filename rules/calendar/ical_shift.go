package calendar

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Shift is a time for which somebody is named.
type Shift struct {
	From, To time.Time // [From, To)
	Who      string    // an e-mail address
}

// ReadShifts reads an iCal file (RFC 5545) of shifts: each event that isn't cancelled,
// each time it comes again, in the order of the file.
//
//   - Whom an event names is the one e-mail address in its summary ("On call:
//     nadia@acme.example"), or, where there is none, its only attendee who hasn't
//     declined.
//   - A time counts in its TZID, in UTC with a Z, and without either, or as a whole
//     day, in the zone that is given; results are in that zone.
//   - A repetition ends by the wall clock at the time of day at which the first one
//     does, so that a night of 20:00-08:00 has an hour more or less at a clock change.
//     RFC 5545 (3.8.5.3) would keep its length, and let its end move.
//   - A changed repetition (RECURRENCE-ID) takes its place in its series (UID).
//   - Whether an event fills somebody's time (TRANSP) doesn't matter: calendar
//     programs call every event of whole days TRANSPARENT.
//
// What can't be read exactly is refused, not guessed. The error says everything that
// is wrong, a line each.
func ReadShifts(content []byte, zone *time.Location) ([]Shift, error) {
	if len(content) > ICalSize {
		return nil, fmt.Errorf("it has %d MB: one of more than %d MB isn't read; export the coming year alone", len(content)>>20, ICalSize>>20)
	}
	written, err := icalEvents(content)
	if err != nil {
		return nil, err
	}
	r := &shiftReader{zone: zone, zones: map[string]*time.Location{}, replaced: map[string][]time.Time{}, work: icalWork}
	var wrong []error
	for _, read := range []func(icalEvent) error{r.replacement, r.occurrences} {
		for _, e := range written {
			if err := read(e); err != nil {
				wrong = append(wrong, fmt.Errorf("line %d: event %q: %w", e.line, short(e.first("SUMMARY")), err))
			}
			if len(wrong) == icalMistakes || r.work < 0 {
				return nil, errors.Join(wrong...)
			}
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return r.list, nil
}

// A shiftReader is one reading of one file.
type shiftReader struct {
	zone     *time.Location            // of what is written without one
	zones    map[string]*time.Location // those of TZIDs so far
	replaced map[string][]time.Time    // by UID, the beginnings that other events stand for
	work     int                       // how many days may still be looked at
	list     []Shift
}

// replacement notes which repetition of its series an event stands for, if any.
func (r *shiftReader) replacement(e icalEvent) error {
	instead, err := r.instants(e, "RECURRENCE-ID")
	if err == nil && len(instead) > 0 && param(e.params["RECURRENCE-ID"][0], "RANGE") != "" {
		err = errors.New("RECURRENCE-ID with a RANGE isn't understood: end the series, and begin another")
	}
	r.replaced[e.first("UID")] = append(r.replaced[e.first("UID")], instead...)
	return err
}

// occurrences lists an event each time it takes place.
func (r *shiftReader) occurrences(e icalEvent) error {
	if strings.EqualFold(e.first("STATUS"), "CANCELLED") {
		return nil
	}
	zone, err := r.zoneOf(e, "DTSTART", 0)
	if err != nil {
		return err
	}
	end, err := r.zoneOf(e, "DTEND", 0)
	if err != nil {
		return err
	}
	from, to, err := e.span(zone)
	switch {
	case err != nil:
		return err
	case e.first("DTEND") != "" && end != time.UTC && end.String() != zone.String():
		return fmt.Errorf("it begins by the clock of %s and ends by that of %s: write both in one zone", zone, end)
	case e.first("EXRULE") != "" || e.first("RDATE") != "":
		return errors.New("EXRULE and RDATE aren't understood: write EXDATE, and an event for each further time")
	case to.date < from.date || to.date == from.date && to.second <= from.second:
		return fmt.Errorf("it ends at %s, and begins at %s: write an end after its beginning", to.clock(), from.clock())
	case to.date > from.date+366:
		return fmt.Errorf("it lasts longer than a year, from %s until %s", from.date, to.date)
	}
	except, err := r.exceptions(e, from)
	if err != nil {
		return err
	}
	starts, rule := []Date{from.date}, &recurrence{}
	if text := e.first("RRULE"); text != "" {
		if rule, err = readRecurrence(text, from, zone); err != nil {
			return err
		}
		if starts, err = rule.from(from.date, &r.work); err != nil {
			return err
		}
	}
	who, ok := e.who()
	if !ok {
		return fmt.Errorf("on %s it doesn't say who is on call: write one e-mail address into its summary, or invite one person alone", from.date)
	}
	for _, d := range starts {
		if r.work -= 16 + len(except); r.work < 0 {
			return errTooMuch
		}
		s := Shift{d.At(int64(from.second), zone).In(r.zone), (d + to.date - from.date).At(int64(to.second), zone).In(r.zone), who}
		over := rule.until == d && !rule.last.allDay && from.second > rule.last.second
		if !over && s.To.After(s.From) && !slices.ContainsFunc(except, s.From.Equal) {
			r.list = append(r.list, s)
		}
	}
	return nil
}

// exceptions are the beginnings that an event of its own beginning hasn't: those that
// are taken out, and those that other events stand for.
func (r *shiftReader) exceptions(e icalEvent, from moment) ([]time.Time, error) {
	for _, text := range e.all("EXDATE") {
		if !from.allDay && len(text) == len("20260601") {
			return nil, fmt.Errorf("EXDATE %q is a whole day, and the event isn't: write the time at which that repetition begins", short(text))
		}
	}
	except, err := r.instants(e, "EXDATE")
	if e.first("RECURRENCE-ID") == "" {
		except = append(except, r.replaced[e.first("UID")]...)
	}
	return except, err
}

// zoneOf is the zone that a property's i-th value is written in.
func (r *shiftReader) zoneOf(e icalEvent, name string, i int) (*time.Location, error) {
	if values := e.all(name); i < len(values) && strings.HasSuffix(strings.ToUpper(values[i]), "Z") {
		return time.UTC, nil
	}
	if i >= len(e.params[name]) || param(e.params[name][i], "TZID") == "" {
		return r.zone, nil
	}
	id := param(e.params[name][i], "TZID")
	if zone, ok := r.zones[id]; ok {
		return zone, nil
	}
	zone, ok := ZonesInUse().load(id)
	if !ok {
		return nil, fmt.Errorf("TZID %q is no time zone that is known: export it in UTC, or with IANA names such as Europe/Paris", short(id))
	}
	r.zones[id] = zone
	return zone, nil
}

// instants are a property's values; a whole day is its midnight.
func (r *shiftReader) instants(e icalEvent, name string) ([]time.Time, error) {
	var list []time.Time
	for i, values := range e.all(name) {
		zone, err := r.zoneOf(e, name, i)
		if err != nil {
			return nil, err
		}
		for text := range strings.SplitSeq(values, ",") {
			m, err := icalMoment(text, zone)
			if err != nil {
				return nil, err
			}
			list = append(list, m.date.At(int64(m.second), zone))
		}
	}
	return list, nil
}

// address is an e-mail address within a text.
var address = regexp.MustCompile(`[^\s<>()\[\]{},;:"'@]+@[^\s<>()\[\]{},;:"'@]*[^\s<>()\[\]{},;:"'@.!?]`)

// who is the one person whom an event names, false if there is none or several.
func (e icalEvent) who() (string, bool) {
	named := slices.Compact(address.FindAllString(e.summary(), -1))
	if len(named) == 0 {
		for i, attendee := range e.all("ATTENDEE") {
			if !strings.EqualFold(param(e.params["ATTENDEE"][i], "PARTSTAT"), "DECLINED") {
				named = append(named, address.FindString(attendee))
			}
		}
	}
	return strings.Join(named, ""), len(named) == 1 && named[0] != ""
}
