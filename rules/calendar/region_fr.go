package calendar

import "time"

// france is the list of the Code du travail, art. L3133-1, as it stands since
// the 8 May came back in 1982, for the Moselle and Alsace art. L3134-13, and
// overseas the days of the abolition of slavery, art. L3422-2, on dates that a
// decree of 1983 sets, and one of 2012 for Saint-Barthélemy and Saint-Martin.
//
// In the Moselle and Alsace Good Friday is a holiday in communes with a
// Protestant church or one used by both confessions, which are most; elsewhere
// the calendar takes it away ("-2026-04-03"). Whit Monday is a holiday whether
// or not a company works on it as its "journée de solidarité". Left out are
// days that are kept overseas by custom or for the State's offices alone (Good
// Friday, Mi-Carême, Victor Schœlcher on 21 July, Carnival), and the Pacific,
// which has a labour code of its own.
var france = []region{
	{code: "FR", from: 1982, until: 2099, holidays: []holiday{
		{name: Name{"Jour de l’An", "New Year’s Day", "Jour de l’An"}, on: fixed(time.January, 1)},
		{name: Name{"Lundi de Pâques", "Easter Monday", "Lundi de Pâques"}, on: easter(1)},
		{name: Name{"Fête du Travail", "Labour Day", "Fête du Travail"}, on: fixed(time.May, 1)},
		{name: Name{"Victoire de 1945", "Victory in Europe Day", "Victoire de 1945"}, on: fixed(time.May, 8)},
		{name: Name{"Ascension", "Ascension Day", "Ascension"}, on: easter(39)},
		{name: Name{"Lundi de Pentecôte", "Whit Monday", "Lundi de Pentecôte"}, on: easter(50)},
		{name: Name{"Fête nationale", "Bastille Day", "Fête nationale"}, on: fixed(time.July, 14)},
		{name: Name{"Assomption", "Assumption Day", "Assomption"}, on: fixed(time.August, 15)},
		{name: Name{"Toussaint", "All Saints’ Day", "Toussaint"}, on: fixed(time.November, 1)},
		{name: Name{"11 Novembre / Armistice", "Armistice Day", "11 Novembre / Armistice"}, on: fixed(time.November, 11)},
		{name: Name{"Noël", "Christmas Day", "Noël"}, on: fixed(time.December, 25)},
	}},
	{code: "FR-57", within: "FR", from: 1982, until: 2099, holidays: alsaceMoselle},
	{code: "FR-67", within: "FR", from: 1982, until: 2099, holidays: alsaceMoselle},
	{code: "FR-68", within: "FR", from: 1982, until: 2099, holidays: alsaceMoselle},
	{code: "FR-971", within: "FR", from: 1984, until: 2099, holidays: []holiday{abolition(time.May, 27)}},      // Guadeloupe
	{code: "FR-972", within: "FR", from: 1984, until: 2099, holidays: []holiday{abolition(time.May, 22)}},      // Martinique
	{code: "FR-973", within: "FR", from: 1984, until: 2099, holidays: []holiday{abolition(time.June, 10)}},     // Guyane
	{code: "FR-974", within: "FR", from: 1984, until: 2099, holidays: []holiday{abolition(time.December, 20)}}, // La Réunion
	{code: "FR-976", within: "FR", from: 1984, until: 2099, holidays: []holiday{abolition(time.April, 27)}},    // Mayotte
	{code: "FR-BL", within: "FR", from: 2013, until: 2099, holidays: []holiday{abolition(time.October, 9)}},    // Saint-Barthélemy
	{code: "FR-MF", within: "FR", from: 2013, until: 2099, holidays: []holiday{abolition(time.May, 28)}},       // Saint-Martin
}

func abolition(month time.Month, day int) holiday {
	return named("Abolition de l’esclavage", "Abolition of Slavery", "Abolition de l’esclavage", fixed(month, day))
}

var alsaceMoselle = []holiday{
	{name: Name{"Vendredi saint", "Good Friday", "Vendredi saint"}, on: easter(-2)},
	{name: Name{"Saint-Étienne", "St Stephen’s Day", "Saint-Étienne"}, on: fixed(time.December, 26)},
}
