package calendar

import "time"

// spain is the national holidays of the Estatuto de los Trabajadores, art. 37.2,
// and Royal Decree 2001/1983, art. 45, with Epiphany, which every community
// keeps though it might not. Left out are the days that the communities and
// communes settle anew each year, the Monday after a Sunday and Maundy Thursday
// among them: a calendar lists them by date, or from the iCal file that its
// community publishes.
var spain = []region{
	{code: "ES", from: 2008, until: 2099, holidays: []holiday{
		named("Jour de l’An", "New Year’s Day", "Año Nuevo", fixed(time.January, 1)),
		named("Épiphanie", "Epiphany", "Epifanía del Señor", fixed(time.January, 6)),
		named("Vendredi saint", "Good Friday", "Viernes Santo", easter(-2)),
		named("Fête du Travail", "Labour Day", "Fiesta del Trabajo", fixed(time.May, 1)),
		named("Assomption", "Assumption Day", "Asunción de la Virgen", fixed(time.August, 15)),
		named("Fête nationale", "National Day", "Fiesta Nacional de España", fixed(time.October, 12)),
		named("Toussaint", "All Saints’ Day", "Todos los Santos", fixed(time.November, 1)),
		named("Fête de la Constitution", "Constitution Day", "Día de la Constitución Española", fixed(time.December, 6)),
		named("Immaculée Conception", "Immaculate Conception", "Inmaculada Concepción", fixed(time.December, 8)),
		named("Noël", "Christmas Day", "Natividad del Señor", fixed(time.December, 25)),
	}},
}

// portugal is the obligatory holidays of the Código do Trabalho, art. 234. Law
// 23/2012 suspended four of them, law 8/2016 gave them back, so that they are
// missing from 2013 to 2015. Left out are Shrove Tuesday, the communes' day
// (Lisbon 13 June) and the days of the Azores and Madeira.
var portugal = []region{
	{code: "PT", from: 1980, until: 2099, holidays: []holiday{
		named("Jour de l’An", "New Year’s Day", "Ano Novo", fixed(time.January, 1)),
		named("Vendredi saint", "Good Friday", "Sexta-Feira Santa", easter(-2)),
		named("Dimanche de Pâques", "Easter Sunday", "Domingo de Páscoa", easter(0)),
		named("Fête de la Liberté", "Freedom Day", "Dia da Liberdade", fixed(time.April, 25)),
		named("Fête du Travail", "Labour Day", "Dia do Trabalhador", fixed(time.May, 1)),
		suspended("Fête-Dieu", "Corpus Christi", "Corpo de Deus", easter(60)),
		named("Fête du Portugal", "Portugal Day", "Dia de Portugal", fixed(time.June, 10)),
		named("Assomption", "Assumption Day", "Assunção de Nossa Senhora", fixed(time.August, 15)),
		suspended("Proclamation de la République", "Republic Day", "Implantação da República", fixed(time.October, 5)),
		suspended("Toussaint", "All Saints’ Day", "Todos os Santos", fixed(time.November, 1)),
		suspended("Restauration de l’indépendance", "Restoration of Independence", "Restauração da Independência", fixed(time.December, 1)),
		named("Immaculée Conception", "Immaculate Conception", "Imaculada Conceição", fixed(time.December, 8)),
		named("Noël", "Christmas Day", "Natal", fixed(time.December, 25)),
	}},
}

func suspended(fr, en, local string, on func(int) Date) holiday {
	h := named(fr, en, local, on)
	h.only = func(d Date) bool { return d.Year() < 2013 || d.Year() > 2015 }
	return h
}
