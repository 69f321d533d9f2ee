package calendar

import "time"

// italy is the list of the law of 27 May 1949, n. 260, since the Republic's day
// came back in 2001, with St Francis by the law of 8 October 2025, n. 151. Left
// out are the patron saint of each commune (Milan 7 December, Rome 29 June) and
// Whit Monday in South Tyrol.
var italy = []region{
	{code: "IT", from: 2001, until: 2099, holidays: []holiday{
		named("Jour de l’An", "New Year’s Day", "Capodanno", fixed(time.January, 1)),
		named("Épiphanie", "Epiphany", "Epifania", fixed(time.January, 6)),
		named("Dimanche de Pâques", "Easter Sunday", "Pasqua", easter(0)),
		named("Lundi de Pâques", "Easter Monday", "Lunedì dell’Angelo", easter(1)),
		named("Fête de la Libération", "Liberation Day", "Anniversario della Liberazione", fixed(time.April, 25)),
		named("Fête du Travail", "Labour Day", "Festa del Lavoro", fixed(time.May, 1)),
		named("Fête de la République", "Republic Day", "Festa della Repubblica", fixed(time.June, 2)),
		named("Assomption", "Assumption Day", "Assunzione di Maria Vergine", fixed(time.August, 15)),
		named("Saint-François d’Assise", "St Francis of Assisi", "San Francesco d’Assisi", fixed(time.October, 4)).since(2026),
		named("Toussaint", "All Saints’ Day", "Ognissanti", fixed(time.November, 1)),
		named("Immaculée Conception", "Immaculate Conception", "Immacolata Concezione", fixed(time.December, 8)),
		named("Noël", "Christmas Day", "Natale", fixed(time.December, 25)),
		named("Saint-Étienne", "St Stephen’s Day", "Santo Stefano", fixed(time.December, 26)),
		once(Name{"150 ans de l’unité", "150 years of unity", "150º anniversario dell’Unità d’Italia"}, 2011, time.March, 17),
	}},
}
