package calendar

import "time"

// ireland is the public holidays of the Organisation of Working Time Act 1997,
// second schedule. Nobody is owed the Monday after one that falls on a weekend:
// the employer chooses another benefit, so the calendar must name the day if
// the office closes. Good Friday is a bank holiday, not a public one.
var ireland = []region{
	{code: "IE", from: 2002, until: 2099, holidays: []holiday{
		irish("Jour de l’An", "New Year’s Day", fixed(time.January, 1)),
		irish("Sainte-Brigitte", "St Brigid’s Day", saintBrigid).since(2023),
		irish("Saint-Patrick", "St Patrick’s Day", fixed(time.March, 17)),
		irish("Lundi de Pâques", "Easter Monday", easter(1)),
		irish("Premier lundi de mai", "May public holiday", nth(1, time.Monday, time.May)),
		irish("Premier lundi de juin", "June public holiday", nth(1, time.Monday, time.June)),
		irish("Premier lundi d’août", "August public holiday", nth(1, time.Monday, time.August)),
		irish("Dernier lundi d’octobre", "October public holiday", nth(-1, time.Monday, time.October)),
		irish("Noël", "Christmas Day", fixed(time.December, 25)),
		irish("Saint-Étienne", "St Stephen’s Day", fixed(time.December, 26)),
		once(Name{"Journée du souvenir et de la reconnaissance", "Day of Remembrance and Recognition", "Day of Remembrance and Recognition"},
			2022, time.March, 18),
	}},
}

func irish(fr, en string, on func(int) Date) holiday { return named(fr, en, en, on) }

// saintBrigid is the first Monday in February, or the first itself if that is
// a Friday.
func saintBrigid(year int) Date {
	if first := NewDate(year, time.February, 1); first.Weekday() == time.Friday {
		return first
	}
	return nth(1, time.Monday, time.February)(year)
}
