package calendar

import "time"

// france is the list of the Code du travail, art. L3133-1, as it stands since
// the 8 May came back in 1982, and for the Moselle and Alsace art. L3134-13.
// There Good Friday is a holiday in communes with a Protestant church or one
// used by both confessions, which are most; elsewhere the calendar takes it
// away ("-2026-04-03"). Whit Monday is a holiday whether or not a company
// works on it as its "journée de solidarité".
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
}

var alsaceMoselle = []holiday{
	{name: Name{"Vendredi saint", "Good Friday", "Vendredi saint"}, on: easter(-2)},
	{name: Name{"Saint-Étienne", "St Stephen’s Day", "Saint-Étienne"}, on: fixed(time.December, 26)},
}
