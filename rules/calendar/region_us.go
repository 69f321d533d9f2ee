package calendar

import "time"

// unitedStates is the list of 5 U.S.C. 6103, with the days that federal
// offices take off for a Saturday or a Sunday. The birthday of Martin Luther
// King was first kept in 1986. The states' own holidays aren't known.
var unitedStates = []region{
	{code: "US", from: 1986, until: 2099, holidays: []holiday{
		american("Jour de l’An", "New Year’s Day", fixed(time.January, 1)),
		american("Anniversaire de Martin Luther King", "Birthday of Martin Luther King, Jr.", nth(3, time.Monday, time.January)),
		american("Anniversaire de Washington", "Washington’s Birthday", nth(3, time.Monday, time.February)),
		american("Memorial Day", "Memorial Day", nth(-1, time.Monday, time.May)),
		juneteenth,
		american("Fête de l’Indépendance", "Independence Day", fixed(time.July, 4)),
		american("Fête du Travail", "Labor Day", nth(1, time.Monday, time.September)),
		american("Columbus Day", "Columbus Day", nth(2, time.Monday, time.October)),
		american("Jour des anciens combattants", "Veterans Day", fixed(time.November, 11)),
		american("Thanksgiving", "Thanksgiving Day", nth(4, time.Thursday, time.November)),
		american("Noël", "Christmas Day", fixed(time.December, 25)),
	}},
}

var juneteenth = holiday{
	name: Name{"Juneteenth", "Juneteenth", "Juneteenth"},
	on:   fixed(time.June, 19), from: 2021, substitute: nearestWorkday,
}

func american(fr, en string, on func(int) Date) holiday {
	return holiday{name: Name{fr, en, en}, on: on, substitute: nearestWorkday}
}
