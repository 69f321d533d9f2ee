package calendar

import "time"

// switzerland is the days that each canton has made equal to Sundays, at most
// eight besides the 1 August (Arbeitsgesetz, art. 20a; Glarus, with the
// Näfelser Fahrt, is commonly said to have nine). "CH" alone is what all of
// them share. A holiday that falls on a weekend isn't made up for.
//
// Left out are days of rest by cantonal law that aren't equal to Sundays and
// those of custom: Berchtold's day where it isn't listed, 1 May in Thurgau and
// Ticino and from noon in Solothurn, the further Catholic days of Appenzell
// Innerrhoden, Jura, Lucerne, Schwyz, Ticino and Uri, 23 June in Jura, 25
// September in Obwalden. So are the parts of a canton that keep other days: of
// Aargau the table has what its districts share; Fribourg is its Catholic part,
// not the communes around Murten; Solothurn without the Bucheggberg. An office
// there lists its days by date or in an iCal file.
var switzerland = []region{
	canton("CH", german, 1994),
	canton("CH-AG", german, 2015, chGoodFriday),
	canton("CH-AI", german, 2015, chGoodFriday, chEasterMonday, chWhitMonday, chCorpusChristi, chStephen.unless(time.Tuesday, time.Saturday)),
	canton("CH-AR", german, 2015, chGoodFriday, chEasterMonday, chWhitMonday, chStephen.unless(time.Tuesday, time.Saturday)),
	canton("CH-BE", german, 2015, chSecondJanuary, chGoodFriday, chEasterMonday, chWhitMonday, chStephen),
	canton("CH-BL", german, 2015, chGoodFriday, chEasterMonday, chLabourDay, chWhitMonday, chStephen),
	canton("CH-BS", german, 2015, chGoodFriday, chEasterMonday, chLabourDay, chWhitMonday, chStephen),
	canton("CH-FR", french, 2015, chGoodFriday, chCorpusChristi, chAssumption, chAllSaints, chConception),
	canton("CH-GE", french, 2015, chGoodFriday, chEasterMonday, chWhitMonday,
		// The Thursday after the first Sunday in September.
		swissDay{"Jeûne genevois", "Geneva Fast", "Genfer Bettag", "Digiuno ginevrino", holiday{on: afterSunday(1, 4)}},
		swissDay{"Restauration de la République", "Restoration of the Republic", "Wiederherstellung der Republik", "Restaurazione della Repubblica",
			holiday{on: fixed(time.December, 31)}}),
	canton("CH-GL", german, 2015,
		swissDay{"Bataille de Näfels", "Battle of Näfels", "Näfelser Fahrt", "Battaglia di Näfels", holiday{on: naefelserFahrt}},
		chGoodFriday, chEasterMonday, chWhitMonday, chAllSaints, chStephen),
	canton("CH-GR", german, 2015, chGoodFriday, chEasterMonday, chWhitMonday, chStephen),
	canton("CH-JU", french, 2023, chGoodFriday, chEasterMonday, chLabourDay, chWhitMonday, chCorpusChristi), // by its law of 31 August 2022
	canton("CH-LU", german, 2015, chGoodFriday, chCorpusChristi, chAssumption, chAllSaints, chStephen),
	canton("CH-NE", french, 2015, chSecondJanuary.unless(butMonday...),
		swissDay{"Instauration de la République", "Republic Day", "Ausrufung der Republik", "Instaurazione della Repubblica",
			holiday{on: fixed(time.March, 1)}},
		chGoodFriday, chLabourDay, chStephen.unless(butMonday...)),
	canton("CH-NW", german, 2015, chGoodFriday, chCorpusChristi, chAssumption, chAllSaints, chConception),
	canton("CH-OW", german, 2015, chGoodFriday, chCorpusChristi, chAssumption, chAllSaints, chConception),
	canton("CH-SG", german, 2015, chGoodFriday, chEasterMonday, chWhitMonday, chAllSaints, chStephen),
	canton("CH-SH", german, 2015, chGoodFriday, chEasterMonday, chLabourDay, chWhitMonday, chStephen),
	canton("CH-SO", german, 2015, chGoodFriday, chCorpusChristi, chAssumption, chAllSaints),
	canton("CH-SZ", german, 2015, chJoseph, chGoodFriday, chCorpusChristi, chAssumption, chAllSaints),
	canton("CH-TG", german, 2015, chSecondJanuary, chGoodFriday, chEasterMonday, chWhitMonday, chStephen),
	canton("CH-TI", italian, 2015, chEpiphany, chEasterMonday, chAssumption, chAllSaints, chStephen),
	canton("CH-UR", german, 2015, chGoodFriday, chCorpusChristi, chAssumption, chAllSaints, chConception),
	canton("CH-VD", french, 2015, chSecondJanuary, chGoodFriday, chEasterMonday, chWhitMonday,
		// The Monday after the third Sunday in September.
		swissDay{"Lundi du Jeûne fédéral", "Monday after the Federal Fast", "Bettagsmontag", "Lunedì del Digiuno federale",
			holiday{on: afterSunday(3, 1)}}),
	canton("CH-VS", french, 2015, chJoseph, chCorpusChristi, chAssumption, chAllSaints, chConception),
	canton("CH-ZG", german, 2015, chGoodFriday, chCorpusChristi, chAssumption, chAllSaints, chConception),
	canton("CH-ZH", german, 2015, chGoodFriday, chEasterMonday, chLabourDay, chWhitMonday, chStephen),
}

var (
	chNewYear       = swissDay{"Jour de l’An", "New Year’s Day", "Neujahr", "Capodanno", holiday{on: fixed(time.January, 1)}}
	chSecondJanuary = swissDay{"2 janvier", "2 January", "Berchtoldstag", "2 gennaio", holiday{on: fixed(time.January, 2)}}
	chEpiphany      = swissDay{"Épiphanie", "Epiphany", "Heilige Drei Könige", "Epifania", holiday{on: fixed(time.January, 6)}}
	chJoseph        = swissDay{"Saint-Joseph", "St Joseph’s Day", "Josefstag", "San Giuseppe", holiday{on: fixed(time.March, 19)}}
	chGoodFriday    = swissDay{"Vendredi saint", "Good Friday", "Karfreitag", "Venerdì santo", holiday{on: easter(-2)}}
	chEasterMonday  = swissDay{"Lundi de Pâques", "Easter Monday", "Ostermontag", "Lunedì di Pasqua", holiday{on: easter(1)}}
	chLabourDay     = swissDay{"Fête du Travail", "Labour Day", "Tag der Arbeit", "Festa del lavoro", holiday{on: fixed(time.May, 1)}}
	chAscension     = swissDay{"Ascension", "Ascension Day", "Auffahrt", "Ascensione", holiday{on: easter(39)}}
	chWhitMonday    = swissDay{"Lundi de Pentecôte", "Whit Monday", "Pfingstmontag", "Lunedì di Pentecoste", holiday{on: easter(50)}}
	chCorpusChristi = swissDay{"Fête-Dieu", "Corpus Christi", "Fronleichnam", "Corpus Domini", holiday{on: easter(60)}}
	chNational      = swissDay{"Fête nationale", "National Day", "Bundesfeier", "Festa nazionale", holiday{on: fixed(time.August, 1)}}
	chAssumption    = swissDay{"Assomption", "Assumption Day", "Mariä Himmelfahrt", "Assunzione", holiday{on: fixed(time.August, 15)}}
	chAllSaints     = swissDay{"Toussaint", "All Saints’ Day", "Allerheiligen", "Ognissanti", holiday{on: fixed(time.November, 1)}}
	chConception    = swissDay{"Immaculée Conception", "Immaculate Conception", "Mariä Empfängnis", "Immacolata Concezione",
		holiday{on: fixed(time.December, 8)}}
	chChristmas = swissDay{"Noël", "Christmas Day", "Weihnachten", "Natale", holiday{on: fixed(time.December, 25)}}
	chStephen   = swissDay{"Saint-Étienne", "St Stephen’s Day", "Stephanstag", "Santo Stefano", holiday{on: fixed(time.December, 26)}}

	butMonday = []time.Weekday{time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
)

// A swissDay is a holiday with its name in every language in which a canton
// might call it.
type swissDay struct {
	fr, en, de, it string
	rule           holiday
}

// unless keeps a day to the years in which it doesn't fall on such weekdays.
func (s swissDay) unless(weekdays ...time.Weekday) swissDay {
	s.rule.only = func(d Date) bool {
		for _, w := range weekdays {
			if d.Weekday() == w {
				return false
			}
		}
		return true
	}
	return s
}

func german(s swissDay) string  { return s.de }
func french(s swissDay) string  { return s.fr }
func italian(s swissDay) string { return s.it }

// canton is a canton's own days besides those that all have, named in its
// language.
func canton(code string, local func(swissDay) string, from int, own ...swissDay) region {
	r := region{code: code, from: from, until: 2099}
	for _, s := range append([]swissDay{chNewYear, chAscension, chNational, chChristmas}, own...) {
		s.rule.name = Name{s.fr, s.en, local(s)}
		r.holidays = append(r.holidays, s.rule)
	}
	return r
}

// afterSunday is so many days after the n-th Sunday in September.
func afterSunday(n int, days Date) func(int) Date {
	return func(year int) Date { return nth(n, time.Sunday, time.September)(year) + days }
}

// naefelserFahrt is the first Thursday in April, a week later if that lies in
// Holy Week.
func naefelserFahrt(year int) Date {
	d := nth(1, time.Thursday, time.April)(year)
	if d == easterSunday(year)-3 {
		return d + 7
	}
	return d
}
