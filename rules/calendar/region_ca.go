package calendar

import "time"

// canada is, as "CA", the general holidays of the Canada Labour Code, part III,
// for banks, transport, telecommunications and the federal government, with the
// working day after a weekend for one that falls on it (s. 193(2); an employer
// may choose the day before). Every other employer follows its province, which
// doesn't share all of them: so "CA-ON" and the like stand alone. They are what
// each act on employment standards names, without substitutes but where the act
// sets the day: elsewhere it is agreed with each employee.
//
// Only the four largest provinces are known. Left out are the days that their
// acts leave to the employer (Easter Monday, the August holiday of Ontario and
// Alberta) and the Queen's funeral of 2022, a holiday of public servants.
// Quebec's employers choose Good Friday or Easter Monday; the table has Good
// Friday.
var canada = []region{
	{code: "CA", from: 2000, until: 2099, holidays: []holiday{
		moved(canadaNewYear), canadaGoodFriday, victoriaDay, moved(canadaDay), canadaLabourDay,
		moved(reconciliation).since(2021), canadaThanksgiving, moved(remembrance), moved(canadaChristmas), moved(canadaBoxingDay),
	}},
	{code: "CA-AB", from: 2000, until: 2099, holidays: []holiday{
		canadaNewYear, familyDay, canadaGoodFriday, victoriaDay, canadaDay, canadaLabourDay, canadaThanksgiving, remembrance, canadaChristmas,
	}},
	{code: "CA-BC", from: 2013, until: 2099, holidays: []holiday{
		canadaNewYear,
		{name: familyDay.name, on: nth(2, time.Monday, time.February), until: 2018},
		familyDay.since(2019),
		canadaGoodFriday, victoriaDay, canadaDay,
		named("Fête de la Colombie-Britannique", "British Columbia Day", "British Columbia Day", nth(1, time.Monday, time.August)),
		canadaLabourDay, reconciliation.since(2023), canadaThanksgiving, remembrance, canadaChristmas,
	}},
	{code: "CA-ON", from: 2008, until: 2099, holidays: []holiday{
		canadaNewYear, familyDay, canadaGoodFriday, victoriaDay, canadaDay, canadaLabourDay, canadaThanksgiving, canadaChristmas, canadaBoxingDay,
	}},
	{code: "CA-QC", from: 2003, until: 2099, holidays: []holiday{
		canadaNewYear, canadaGoodFriday,
		named("Journée nationale des patriotes", "National Patriots’ Day", "Journée nationale des patriotes", before(time.Monday, time.May, 25)),
		// By the law of the national holiday, when the 24 June is a Sunday the
		// 25th is off where Sunday isn't worked.
		{name: Name{"Fête nationale du Québec", "Quebec National Holiday", "Fête nationale du Québec"}, on: fixed(time.June, 24), substitute: mondayForSunday},
		{name: canadaDay.name, on: fixed(time.July, 1), substitute: mondayForSunday},
		canadaLabourDay, canadaThanksgiving, canadaChristmas,
	}},
}

var (
	canadaNewYear      = named("Jour de l’An", "New Year’s Day", "New Year’s Day", fixed(time.January, 1))
	familyDay          = named("Fête de la famille", "Family Day", "Family Day", nth(3, time.Monday, time.February))
	canadaGoodFriday   = named("Vendredi saint", "Good Friday", "Good Friday", easter(-2))
	victoriaDay        = named("Fête de Victoria", "Victoria Day", "Victoria Day", before(time.Monday, time.May, 25))
	canadaDay          = named("Fête du Canada", "Canada Day", "Canada Day", fixed(time.July, 1))
	canadaLabourDay    = named("Fête du Travail", "Labour Day", "Labour Day", nth(1, time.Monday, time.September))
	canadaThanksgiving = named("Action de grâce", "Thanksgiving Day", "Thanksgiving Day", nth(2, time.Monday, time.October))
	remembrance        = named("Jour du Souvenir", "Remembrance Day", "Remembrance Day", fixed(time.November, 11))
	canadaChristmas    = named("Noël", "Christmas Day", "Christmas Day", fixed(time.December, 25))
	canadaBoxingDay    = named("Lendemain de Noël", "Boxing Day", "Boxing Day", fixed(time.December, 26))
	reconciliation     = named("Journée nationale de la vérité et de la réconciliation", "National Day for Truth and Reconciliation",
		"National Day for Truth and Reconciliation", fixed(time.September, 30))
)

// moved is a holiday with the next working day for one on a weekend.
func moved(h holiday) holiday {
	h.substitute = nextWorkday
	return h
}

func mondayForSunday(d Date, _ func(Date) bool) Date {
	if d.Weekday() == time.Sunday {
		return d + 1
	}
	return d
}
