package calendar

import "time"

// unitedKingdom is the bank holidays of the Banking and Financial Dealings Act
// 1971 and of royal proclamations, as gov.uk/bank-holidays lists them. "GB"
// alone is what England, Wales, Scotland and Northern Ireland share. Scotland has had St Andrew's Day since
// 2007, so the tables begin there.
var unitedKingdom = []region{
	{code: "GB", from: 2007, until: 2099, holidays: []holiday{
		british("Jour de l’An", "New Year’s Day", fixed(time.January, 1)),
		british("Vendredi saint", "Good Friday", easter(-2)),
		{name: earlyMay, on: nth(1, time.Monday, time.May), until: 2019},
		once(earlyMay, 2020, time.May, 8), // moved to the 75th anniversary of VE Day
		{name: earlyMay, on: nth(1, time.Monday, time.May), from: 2021},
		{name: spring, on: nth(-1, time.Monday, time.May), until: 2011},
		once(spring, 2012, time.June, 4), // moved beside the Diamond Jubilee
		{name: spring, on: nth(-1, time.Monday, time.May), from: 2013, until: 2021},
		once(spring, 2022, time.June, 2), // moved beside the Platinum Jubilee
		{name: spring, on: nth(-1, time.Monday, time.May), from: 2023},
		british("Noël", "Christmas Day", fixed(time.December, 25)),
		british("Lendemain de Noël", "Boxing Day", fixed(time.December, 26)),
		once(Name{"Mariage royal", "Royal wedding", "Royal wedding"}, 2011, time.April, 29),
		once(Name{"Jubilé de diamant", "Diamond Jubilee", "Diamond Jubilee"}, 2012, time.June, 5),
		once(Name{"Jubilé de platine", "Platinum Jubilee", "Platinum Jubilee"}, 2022, time.June, 3),
		once(Name{"Funérailles de la reine", "State Funeral of Queen Elizabeth II", "State Funeral of Queen Elizabeth II"},
			2022, time.September, 19),
		once(Name{"Couronnement", "Coronation of King Charles III", "Coronation of King Charles III"}, 2023, time.May, 8),
	}},
	{code: "GB-ENG", within: "GB", from: 2007, until: 2099, holidays: []holiday{easterMonday, lateSummer}},
	{code: "GB-WLS", within: "GB", from: 2007, until: 2099, holidays: []holiday{easterMonday, lateSummer}},
	{code: "GB-NIR", within: "GB", from: 2007, until: 2099, holidays: []holiday{easterMonday, lateSummer,
		british("Saint-Patrick", "St Patrick’s Day", fixed(time.March, 17)),
		british("Bataille de la Boyne", "Battle of the Boyne", fixed(time.July, 12)),
	}},
	{code: "GB-SCT", within: "GB", from: 2007, until: 2099, holidays: []holiday{
		british("2 janvier", "2nd January", fixed(time.January, 2)),
		british("Jour férié d’été", "Summer bank holiday", nth(1, time.Monday, time.August)),
		british("Saint-André", "St Andrew’s Day", fixed(time.November, 30)),
		once(Name{"Coupe du monde", "World Cup bank holiday", "World Cup bank holiday"}, 2026, time.June, 15), // proclaimed for Scotland alone
	}},
}

var (
	earlyMay     = Name{"Jour férié de mai", "Early May bank holiday", "Early May bank holiday"}
	spring       = Name{"Jour férié de printemps", "Spring bank holiday", "Spring bank holiday"}
	easterMonday = british("Lundi de Pâques", "Easter Monday", easter(1))
	lateSummer   = british("Jour férié d’été", "Summer bank holiday", nth(-1, time.Monday, time.August))
)

func british(fr, en string, on func(int) Date) holiday {
	return holiday{name: Name{fr, en, en}, on: on, substitute: nextWorkday}
}
