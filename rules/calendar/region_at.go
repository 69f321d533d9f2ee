package calendar

import "time"

// austria is the list of the Feiertagsruhegesetz and the Arbeitsruhegesetz,
// § 7. Left out are the days of the states' patron saints, on which schools and
// state offices close, and Good Friday, which until 2018 was a holiday of
// Protestants and Old Catholics alone.
var austria = []region{
	{code: "AT", from: 1970, until: 2099, holidays: []holiday{
		named("Jour de l’An", "New Year’s Day", "Neujahr", fixed(time.January, 1)),
		named("Épiphanie", "Epiphany", "Heilige Drei Könige", fixed(time.January, 6)),
		named("Lundi de Pâques", "Easter Monday", "Ostermontag", easter(1)),
		named("Fête du Travail", "Labour Day", "Staatsfeiertag", fixed(time.May, 1)),
		named("Ascension", "Ascension Day", "Christi Himmelfahrt", easter(39)),
		named("Lundi de Pentecôte", "Whit Monday", "Pfingstmontag", easter(50)),
		named("Fête-Dieu", "Corpus Christi", "Fronleichnam", easter(60)),
		named("Assomption", "Assumption Day", "Mariä Himmelfahrt", fixed(time.August, 15)),
		named("Fête nationale", "National Day", "Nationalfeiertag", fixed(time.October, 26)),
		named("Toussaint", "All Saints’ Day", "Allerheiligen", fixed(time.November, 1)),
		named("Immaculée Conception", "Immaculate Conception", "Mariä Empfängnis", fixed(time.December, 8)),
		named("Noël", "Christmas Day", "Christtag", fixed(time.December, 25)),
		named("Saint-Étienne", "St Stephen’s Day", "Stefanitag", fixed(time.December, 26)),
	}},
}
