package calendar

import "time"

// germany is what the holiday acts of the sixteen states give to the whole
// state, since the Buß- und Bettag was given up in all but Saxony in 1995.
// "DE" alone is what all of them share.
//
// Holidays of single communes are left out: the Augsburg peace festival, and
// Corpus Christi in parts of Saxony and Thuringia. The Assumption is a holiday
// in the communes of Bavaria with more Catholics than Protestants, some 1,700
// of 2,056, so it is in the table; elsewhere the calendar takes it away
// ("-2026-08-15").
var germany = []region{
	{code: "DE", from: 1995, until: 2099, holidays: []holiday{
		{name: Name{"Jour de l’An", "New Year’s Day", "Neujahr"}, on: fixed(time.January, 1)},
		{name: Name{"Vendredi saint", "Good Friday", "Karfreitag"}, on: easter(-2)},
		{name: Name{"Lundi de Pâques", "Easter Monday", "Ostermontag"}, on: easter(1)},
		{name: Name{"Fête du Travail", "Labour Day", "Tag der Arbeit"}, on: fixed(time.May, 1)},
		{name: Name{"Ascension", "Ascension Day", "Christi Himmelfahrt"}, on: easter(39)},
		{name: Name{"Lundi de Pentecôte", "Whit Monday", "Pfingstmontag"}, on: easter(50)},
		{name: Name{"Jour de l’Unité allemande", "German Unity Day", "Tag der Deutschen Einheit"}, on: fixed(time.October, 3)},
		{name: Name{"Noël", "Christmas Day", "1. Weihnachtstag"}, on: fixed(time.December, 25)},
		{name: Name{"Lendemain de Noël", "Second Day of Christmas", "2. Weihnachtstag"}, on: fixed(time.December, 26)},
		// 500 years of Reformation, by a law of each state.
		once(reformation, 2017, time.October, 31),
	}},
	{code: "DE-BB", within: "DE", from: 1995, until: 2099, holidays: []holiday{
		{name: Name{"Dimanche de Pâques", "Easter Sunday", "Ostersonntag"}, on: easter(0)},
		{name: Name{"Dimanche de Pentecôte", "Whit Sunday", "Pfingstsonntag"}, on: easter(49)},
		reformationDay,
	}},
	{code: "DE-BE", within: "DE", from: 1995, until: 2099, holidays: []holiday{
		womensDay(2019),
		once(Name{"Jour de la Libération", "Liberation Day", "Tag der Befreiung"}, 2020, time.May, 8),
		once(Name{"Jour de la Libération", "Liberation Day", "Tag der Befreiung"}, 2025, time.May, 8),
		once(Name{"Soulèvement du 17 juin 1953", "Uprising of 17 June 1953", "Jahrestag des Aufstandes vom 17. Juni 1953"},
			2028, time.June, 17),
	}},
	{code: "DE-BW", within: "DE", from: 1995, until: 2099, holidays: []holiday{epiphany, corpusChristi, allSaints}},
	{code: "DE-BY", within: "DE", from: 1995, until: 2099, holidays: []holiday{epiphany, corpusChristi, assumption, allSaints}},
	{code: "DE-HB", within: "DE", from: 1995, until: 2099, holidays: []holiday{reformationDay2018}},
	{code: "DE-HE", within: "DE", from: 1995, until: 2099, holidays: []holiday{corpusChristi}},
	{code: "DE-HH", within: "DE", from: 1995, until: 2099, holidays: []holiday{reformationDay2018}},
	{code: "DE-MV", within: "DE", from: 1995, until: 2099, holidays: []holiday{womensDay(2023), reformationDay}},
	{code: "DE-NI", within: "DE", from: 1995, until: 2099, holidays: []holiday{reformationDay2018}},
	{code: "DE-NW", within: "DE", from: 1995, until: 2099, holidays: []holiday{corpusChristi, allSaints}},
	{code: "DE-RP", within: "DE", from: 1995, until: 2099, holidays: []holiday{corpusChristi, allSaints}},
	{code: "DE-SH", within: "DE", from: 1995, until: 2099, holidays: []holiday{reformationDay2018}},
	{code: "DE-SL", within: "DE", from: 1995, until: 2099, holidays: []holiday{corpusChristi, assumption, allSaints}},
	{code: "DE-SN", within: "DE", from: 1995, until: 2099, holidays: []holiday{reformationDay,
		{name: Name{"Jour de pénitence et de prière", "Day of Repentance and Prayer", "Buß- und Bettag"},
			on: before(time.Wednesday, time.November, 23)},
	}},
	{code: "DE-ST", within: "DE", from: 1995, until: 2099, holidays: []holiday{epiphany, reformationDay}},
	{code: "DE-TH", within: "DE", from: 1995, until: 2099, holidays: []holiday{reformationDay,
		{name: Name{"Journée de l’enfance", "World Children’s Day", "Weltkindertag"}, on: fixed(time.September, 20), from: 2019},
	}},
}

var (
	reformation = Name{"Fête de la Réformation", "Reformation Day", "Reformationstag"}

	reformationDay     = holiday{name: reformation, on: fixed(time.October, 31)}
	reformationDay2018 = holiday{name: reformation, on: fixed(time.October, 31), from: 2018}
	epiphany           = holiday{name: Name{"Épiphanie", "Epiphany", "Heilige Drei Könige"}, on: fixed(time.January, 6)}
	corpusChristi      = holiday{name: Name{"Fête-Dieu", "Corpus Christi", "Fronleichnam"}, on: easter(60)}
	assumption         = holiday{name: Name{"Assomption", "Assumption Day", "Mariä Himmelfahrt"}, on: fixed(time.August, 15)}
	allSaints          = holiday{name: Name{"Toussaint", "All Saints’ Day", "Allerheiligen"}, on: fixed(time.November, 1)}
)

func womensDay(from int) holiday {
	return holiday{
		name: Name{"Journée internationale des femmes", "International Women’s Day", "Internationaler Frauentag"},
		on:   fixed(time.March, 8), from: from,
	}
}
