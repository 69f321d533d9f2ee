package policytest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"vigie/rules/calendar"
)

// calendar lists the changes to one calendar: zone, hours, days, holidays.
func (m *mutator) calendar(name string) {
	path, key := []any{"calendars", name}, "calendars."+name
	table, _ := at(m.tree, path).(map[string]any)
	c := m.policy.Calendars[name]
	for _, zone := range zonesLike(c.Zone()) {
		m.set(path, "zone", key+".zone", zone.what, zone.text)
	}
	hours, _ := table["hours"].(map[string]any)
	for _, days := range slices.Sorted(maps.Keys(hours)) {
		intervals, _ := hours[days].([]any)
		for i, text := range intervals {
			for _, e := range shifted(fmt.Sprint(text)) {
				m.add(append(slices.Clone(path), "hours"), fmt.Sprintf("%s.hours.%s", key, days), e.what, func(t map[string]any) {
					t[days].([]any)[i] = e.text
				})
			}
		}
	}
	m.days(path, key, hours)
	m.holidays(path, key, table, c)
	for _, part := range []string{"special", "versions"} {
		switch v := table[part].(type) {
		case map[string]any:
			for _, date := range slices.Sorted(maps.Keys(v)) {
				m.remove(fmt.Sprintf("%s.special.%s", key, date), "no special hours", append(slices.Clone(path), "special", date)...)
			}
		case []any:
			for i := range v {
				m.add(path, fmt.Sprintf("%s.versions[%d]", key, i), "version removed", func(t map[string]any) {
					t["versions"] = slices.Delete(t["versions"].([]any), i, i+1)
				})
			}
		}
	}
}

var dayNames = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// days closes each open weekday, and opens each closed one.
func (m *mutator) days(path []any, key string, hours map[string]any) {
	week, under := map[string]any{}, map[string]string{}
	var usual any
	for _, written := range slices.Sorted(maps.Keys(hours)) {
		first, last, ranged := strings.Cut(written, "-")
		if !ranged {
			last = first
		}
		for i := slices.Index(dayNames, first); ; i = (i + 1) % 7 {
			week[dayNames[i]], under[dayNames[i]] = hours[written], written
			if dayNames[i] == last {
				break
			}
		}
		usual = hours[written]
	}
	for _, day := range dayNames {
		changed, change, line := maps.Clone(week), day+" open", key+".hours"
		if _, open := week[day]; open {
			delete(changed, day)
			change, line = day+" closed", key+".hours."+under[day]
		} else {
			changed[day] = usual
		}
		m.set(path, "hours", line, change, changed)
	}
}

// holidays takes away each entry, and each holiday on a working day of which a
// case speaks; and adds one in the middle of the longest case.
func (m *mutator) holidays(path []any, key string, table map[string]any, c *calendar.Calendar) {
	list, _ := table["holidays"].([]any)
	key += ".holidays"
	with := func(change, entry string) {
		m.set(path, "holidays", key, change, append(slices.Clone(list), entry))
	}
	for i, entry := range list {
		m.add(path, fmt.Sprintf("%s[%d]", key, i), fmt.Sprintf("without %v", entry), func(t map[string]any) {
			t["holidays"] = slices.Delete(t["holidays"].([]any), i, i+1)
		})
	}
	works := func(date calendar.Date) bool { return len(c.Week(date)[date.Weekday()]) > 0 }
	var known []calendar.NamedDate
	var longest [2]calendar.Date
	for _, sp := range m.spans {
		from, to := calendar.DateOf(sp.from.In(c.Zone())), calendar.DateOf(sp.to.In(c.Zone()))
		if to-from > longest[1]-longest[0] {
			longest = [2]calendar.Date{from, to}
		}
		known = append(known, c.Holidays(from, to)...)
	}
	slices.SortFunc(known, func(a, b calendar.NamedDate) int { return int(a.Date - b.Date) })
	for _, h := range slices.CompactFunc(known, func(a, b calendar.NamedDate) bool { return a.Date == b.Date }) {
		if works(h.Date) {
			with(fmt.Sprintf("%s, %s, a working day", h.Date, h.Name.EN), "-"+h.Date.String())
		}
	}
	for date := longest[0] + (longest[1]-longest[0])/2; date < longest[1]; date++ {
		if _, holiday := c.HolidayOn(date); !holiday && works(date) {
			with(date.String()+", a working day, a holiday", date.String())
			break
		}
	}
}

// shifted is an interval that begins or ends a minute earlier or later.
func shifted(interval string) []edit {
	first, last, ok := strings.Cut(interval, "-")
	if !ok {
		return nil
	}
	var list []edit
	for _, by := range []struct {
		minutes int
		what    string
	}{{-1, "a minute earlier"}, {1, "a minute later"}} {
		if clock, ok := moved(first, by.minutes); ok {
			list = append(list, edit{clock + "-" + last, interval + " opens " + by.what})
		}
		if clock, ok := moved(last, by.minutes); ok {
			list = append(list, edit{first + "-" + clock, interval + " closes " + by.what})
		}
	}
	return list
}

// moved is a clock time some minutes on, and false beyond the day.
func moved(clock string, minutes int) (string, bool) {
	var h, m int
	if _, err := fmt.Sscanf(clock, "%d:%d", &h, &m); err != nil {
		return "", false
	}
	n := h*60 + m + minutes
	return fmt.Sprintf("%02d:%02d", n/60, n%60), n >= 0 && n <= 24*60
}

// steady are cities without summer time, by their offset in minutes.
var steady = map[int]string{
	-600: "Pacific/Honolulu", -420: "America/Phoenix", -360: "America/Costa_Rica", -300: "America/Bogota", -240: "America/Puerto_Rico",
	-180: "America/Sao_Paulo", 0: "Africa/Abidjan", 60: "Africa/Lagos", 120: "Africa/Maputo", 180: "Asia/Riyadh", 240: "Asia/Dubai",
	300: "Asia/Karachi", 330: "Asia/Kolkata", 360: "Asia/Dhaka", 420: "Asia/Bangkok", 480: "Asia/Singapore", 540: "Asia/Tokyo", 600: "Australia/Brisbane",
}

// zonesLike are a zone with the same clock in winter but no summer time, which
// is what "CET" says and nobody means, and one whose clock is another always.
func zonesLike(zone *time.Location) []edit {
	offset := func(month time.Month) int {
		_, seconds := time.Date(2026, month, 15, 12, 0, 0, 0, zone).Zone()
		return seconds / 60
	}
	winter, summer := min(offset(time.January), offset(time.July)), max(offset(time.January), offset(time.July))
	var list []edit
	if city, ok := steady[winter]; ok && winter != summer {
		list = append(list, edit{city, city + ", without summer time"})
	}
	other := "UTC"
	if winter <= 0 && summer >= 0 {
		other = steady[180]
	}
	return append(list, edit{other, other})
}
