package calendar

import "time"

// poland is the list of the law of 18 January 1951 as amended: with 3 May and
// 11 November since 1990, Epiphany since 2011 and Christmas Eve since 2025. For
// one on a Saturday an employer gives another day off, which the calendar must
// name.
var poland = []region{
	{code: "PL", from: 1990, until: 2099, holidays: []holiday{
		named("Jour de l’An", "New Year’s Day", "Nowy Rok", fixed(time.January, 1)),
		named("Épiphanie", "Epiphany", "Święto Trzech Króli", fixed(time.January, 6)).since(2011),
		named("Dimanche de Pâques", "Easter Sunday", "Wielkanoc", easter(0)),
		named("Lundi de Pâques", "Easter Monday", "Poniedziałek Wielkanocny", easter(1)),
		named("Fête du Travail", "Labour Day", "Święto Państwowe", fixed(time.May, 1)),
		named("Fête de la Constitution", "Constitution Day", "Święto Narodowe Trzeciego Maja", fixed(time.May, 3)),
		named("Dimanche de Pentecôte", "Whit Sunday", "Zielone Świątki", easter(49)),
		named("Fête-Dieu", "Corpus Christi", "Boże Ciało", easter(60)),
		named("Assomption", "Assumption Day", "Wniebowzięcie Najświętszej Maryi Panny", fixed(time.August, 15)),
		named("Toussaint", "All Saints’ Day", "Wszystkich Świętych", fixed(time.November, 1)),
		named("Fête de l’Indépendance", "Independence Day", "Narodowe Święto Niepodległości", fixed(time.November, 11)),
		named("Veille de Noël", "Christmas Eve", "Wigilia Bożego Narodzenia", fixed(time.December, 24)).since(2025),
		named("Noël", "Christmas Day", "Boże Narodzenie", fixed(time.December, 25)),
		named("Lendemain de Noël", "Second Day of Christmas", "Drugi dzień Bożego Narodzenia", fixed(time.December, 26)),
		once(Name{"Centenaire de l’indépendance", "Centenary of Independence", "Święto Narodowe z okazji stulecia niepodległości"},
			2018, time.November, 12),
	}},
}
