package calendar

import "time"

// belgium is the ten holidays of the law of 4 January 1974 and its decree. One
// that falls on a Sunday, or on another day that a company doesn't work, is
// made up for on a day that the company chooses, so the calendar must name it.
// The communities' own days are holidays of their administrations alone.
var belgium = []region{
	{code: "BE", from: 1975, until: 2099, holidays: []holiday{
		named("Jour de l’An", "New Year’s Day", "Nieuwjaar", fixed(time.January, 1)),
		named("Lundi de Pâques", "Easter Monday", "Paasmaandag", easter(1)),
		named("Fête du Travail", "Labour Day", "Dag van de Arbeid", fixed(time.May, 1)),
		named("Ascension", "Ascension Day", "Onze-Lieve-Heer-Hemelvaart", easter(39)),
		named("Lundi de Pentecôte", "Whit Monday", "Pinkstermaandag", easter(50)),
		named("Fête nationale", "National Day", "Nationale feestdag", fixed(time.July, 21)),
		named("Assomption", "Assumption Day", "Onze-Lieve-Vrouw-Hemelvaart", fixed(time.August, 15)),
		named("Toussaint", "All Saints’ Day", "Allerheiligen", fixed(time.November, 1)),
		named("Armistice", "Armistice Day", "Wapenstilstand", fixed(time.November, 11)),
		named("Noël", "Christmas Day", "Kerstmis", fixed(time.December, 25)),
	}},
}

// netherlands is the days that the Algemene termijnenwet names and nearly
// every collective agreement gives, which decides here: no law gives a day
// off. So Liberation Day is in the table each fifth year only, when it is
// commonly paid leave, and Good Friday, a working day for most, isn't. The
// King's birthday has been kept on 27 April since 2014, the Queen's on 30 April
// before, and on the Saturday if that is a Sunday.
var netherlands = []region{
	{code: "NL", from: 1980, until: 2099, holidays: []holiday{
		named("Jour de l’An", "New Year’s Day", "Nieuwjaarsdag", fixed(time.January, 1)),
		named("Dimanche de Pâques", "Easter Sunday", "Eerste paasdag", easter(0)),
		named("Lundi de Pâques", "Easter Monday", "Tweede paasdag", easter(1)),
		{name: Name{"Fête de la Reine", "Queen’s Day", "Koninginnedag"}, on: saturdayForSunday(time.April, 30), until: 2013},
		{name: Name{"Fête du Roi", "King’s Day", "Koningsdag"}, on: saturdayForSunday(time.April, 27), from: 2014},
		{name: Name{"Jour de la Libération", "Liberation Day", "Bevrijdingsdag"}, on: fixed(time.May, 5), only: eachFifthYear},
		named("Ascension", "Ascension Day", "Hemelvaartsdag", easter(39)),
		named("Dimanche de Pentecôte", "Whit Sunday", "Eerste pinksterdag", easter(49)),
		named("Lundi de Pentecôte", "Whit Monday", "Tweede pinksterdag", easter(50)),
		named("Noël", "Christmas Day", "Eerste kerstdag", fixed(time.December, 25)),
		named("Lendemain de Noël", "Second Day of Christmas", "Tweede kerstdag", fixed(time.December, 26)),
	}},
}

// luxembourg is the list of the Code du travail, art. L. 232-2, with Europe Day
// by the law of 25 April 2019. One that falls on a Sunday is made up for within
// three months, on a day that is each employee's own.
var luxembourg = []region{
	{code: "LU", from: 1976, until: 2099, holidays: []holiday{
		named("Jour de l’An", "New Year’s Day", "Neijoerschdag", fixed(time.January, 1)),
		named("Lundi de Pâques", "Easter Monday", "Ouschterméindeg", easter(1)),
		named("Fête du Travail", "Labour Day", "Dag vun der Aarbecht", fixed(time.May, 1)),
		named("Ascension", "Ascension Day", "Christi Himmelfaart", easter(39)),
		named("Journée de l’Europe", "Europe Day", "Europadag", fixed(time.May, 9)).since(2019),
		named("Lundi de Pentecôte", "Whit Monday", "Péngschtméindeg", easter(50)),
		named("Fête nationale", "National Day", "Nationalfeierdag", fixed(time.June, 23)),
		named("Assomption", "Assumption Day", "Léiffrawëschdag", fixed(time.August, 15)),
		named("Toussaint", "All Saints’ Day", "Allerhellgen", fixed(time.November, 1)),
		named("Noël", "Christmas Day", "Chrëschtdag", fixed(time.December, 25)),
		named("Saint-Étienne", "St Stephen’s Day", "Stiefesdag", fixed(time.December, 26)),
	}},
}

func saturdayForSunday(month time.Month, day int) func(int) Date {
	return func(year int) Date {
		d := NewDate(year, month, day)
		if d.Weekday() == time.Sunday {
			return d - 1
		}
		return d
	}
}

func eachFifthYear(d Date) bool { return d.Year()%5 == 0 }
