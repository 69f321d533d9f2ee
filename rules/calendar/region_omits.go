package calendar

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An Omission is what a calendar's region leaves out, so that people can add it.
type Omission struct {
	Region string
	FR, EN string
}

// Omissions tells what the regions leave out that count from one date to
// another: the days of a region's parts, where the calendar names none of them,
// and days that are in no table.
func (c *Calendar) Omissions(from, to Date) []Omission {
	var list []Omission
	add := func(o Omission) {
		if o.FR != "" && !slices.Contains(list, o) {
			list = append(list, o)
		}
	}
	for i, p := range c.plans {
		if p.from > to || i+1 < len(c.plans) && c.plans[i+1].from <= from {
			continue
		}
		var codes []string
		for _, s := range p.holidays {
			if r, ok := s.(region); ok {
				codes = append(codes, r.code)
			}
		}
		for _, code := range codes {
			if !slices.ContainsFunc(codes, func(other string) bool { return strings.HasPrefix(other, code+"-") }) {
				add(leftToParts(code, from, to))
			}
			add(inNoTable(code))
		}
	}
	return list
}

// leftToParts is what the parts of a region keep within a time besides what the
// region itself has; empty where it has no parts, or they keep nothing more.
func leftToParts(code string, from, to Date) Omission {
	own := tables[code].between(from, to)
	var parts, fr, en []string
	for _, part := range Regions() {
		if !strings.HasPrefix(part, code+"-") {
			continue
		}
		parts = append(parts, part)
		kept := tables[part].between(from, to)
		for _, d := range slices.Sorted(maps.Keys(kept)) {
			name := strings.TrimSuffix(kept[d].EN, substituteEN)
			if _, too := own[d]; !too && !slices.Contains(en, name) {
				fr, en = append(fr, strings.TrimSuffix(kept[d].FR, substituteFR)), append(en, name)
			}
		}
	}
	if len(en) == 0 {
		return Omission{}
	}
	return Omission{code,
		fmt.Sprintf("les jours propres à ses parties (%s) ; si l’équipe y travaille, écrire sa région à elle : %s", strings.Join(fr, ", "), strings.Join(parts, ", ")),
		fmt.Sprintf("the days of its parts alone (%s); write the one where the team works: %s", strings.Join(en, ", "), strings.Join(parts, ", "))}
}

// between is a region's holidays from one date to another, both included.
func (r region) between(from, to Date) map[Date]Name {
	days := map[Date]Name{}
	for year := from.Year(); year <= to.Year(); year++ {
		r.inYear(year, func(d Date, n Name) {
			if _, first := days[d]; !first && d >= from && d <= to {
				days[d] = n
			}
		})
	}
	return days
}

// inNoTable is what the tables leave out of a region, see the comment of each.
func inNoTable(code string) Omission {
	for _, o := range omissions {
		if slices.Contains(strings.Fields(o.Region), code) {
			return Omission{code, o.FR, o.EN}
		}
	}
	return Omission{}
}

// omissions has several regions in a row where they leave out the same; a region
// stands in one row.
var omissions = []Omission{
	{"AT", "le Vendredi saint et les fêtes des saints patrons des Länder", "Good Friday, and the days of the states’ patron saints"},
	{"BE", "le jour qui remplace un férié tombé un week-end, que l’entreprise choisit, et les fêtes des communautés",
		"the day off for a holiday on a weekend, which the company chooses, and the communities’ days"},
	{"CA", "les jours des provinces et territoires dont il n’y a pas de table", "the days of the provinces and territories that have no table"},
	{"CA-AB", "le lundi de Pâques et le congé d’août, que l’employeur peut donner", "Easter Monday and the August holiday, which are the employer’s choice"},
	{"CA-ON", "le lundi de Pâques et le congé d’août, que l’employeur peut donner", "Easter Monday and the August holiday, which are the employer’s choice"},
	{"CA-QC", "le lundi de Pâques, que l’employeur peut donner à la place du Vendredi saint", "Easter Monday, which an employer may give instead of Good Friday"},
	{"CH-AG", "les jours propres aux districts", "the districts’ own days"},
	{"CH-AI CH-LU CH-SZ CH-UR", "les autres fêtes catholiques d’usage, qui ne valent pas un dimanche", "further Catholic days of custom, which aren’t equal to Sundays"},
	{"CH-FR", "les jours propres aux communes autour de Morat", "the days of the communes around Murten"},
	{"CH-JU", "le 23 juin et les autres fêtes catholiques d’usage", "23 June, and further Catholic days of custom"},
	{"CH-OW", "le 25 septembre", "25 September"},
	{"CH-SO", "le 1er mai à partir de midi ; dans le Bucheggberg d’autres jours valent", "1 May from noon; in the Bucheggberg other days hold"},
	{"CH-TG", "le 1er mai", "1 May"},
	{"CH-TI", "le 1er mai et les autres fêtes catholiques d’usage", "1 May, and further Catholic days of custom"},
	{"DE-BY", "la fête de la Paix d’Augsbourg (8 août) ; l’Assomption (15 août) est comptée, mais pas fériée dans les communes à majorité protestante : l’y retirer (\"-2027-08-15\")",
		"the Augsburg peace festival (8 August); the Assumption (15 August) is counted, but is no holiday in communes with more Protestants: take it away there (\"-2027-08-15\")"},
	{"DE-SN DE-TH", "la Fête-Dieu, fériée dans quelques communes catholiques", "Corpus Christi, a holiday in some Catholic communes"},
	{"ES", "les jours que les communautés et les communes fixent chaque année", "the days that the communities and communes settle each year"},
	{"FR-57 FR-67 FR-68", "rien, mais le Vendredi saint, compté, n’est pas férié dans les communes sans temple protestant : l’y retirer (\"-2027-03-26\")",
		"nothing, but Good Friday, which is counted, is no holiday in communes without a Protestant church: take it away there (\"-2027-03-26\")"},
	{"FR-971 FR-972 FR-973 FR-974 FR-976 FR-BL FR-MF", "les jours d’usage (Vendredi saint, Mi-Carême, Carnaval, Victor Schœlcher)",
		"days of custom (Good Friday, Mi-Carême, Carnival, Victor Schœlcher)"},
	{"IE", "le Vendredi saint, et le jour qui remplace un férié tombé un week-end, que l’employeur choisit",
		"Good Friday, and the day off for a holiday on a weekend, which the employer chooses"},
	{"IT", "le saint patron de la commune (Milan le 7 décembre, Rome le 29 juin) et le lundi de Pentecôte dans le Haut-Adige",
		"the commune’s patron saint (Milan 7 December, Rome 29 June), and Whit Monday in South Tyrol"},
	{"LU", "le jour qui remplace un férié tombé un dimanche, que chacun choisit", "the day off for a holiday on a Sunday, which is each employee’s own"},
	{"NL", "le Vendredi saint, et le 5 mai sauf tous les cinq ans", "Good Friday, and 5 May but each fifth year"},
	{"PL", "le jour qui remplace un férié tombé un samedi, que l’employeur choisit", "the day off for a holiday on a Saturday, which the employer chooses"},
	{"PT", "le Mardi gras, la fête de la commune (Lisbonne le 13 juin) et les jours des Açores et de Madère",
		"Shrove Tuesday, the commune’s day (Lisbon 13 June), and the days of the Azores and Madeira"},
	{"US", "les jours propres aux États", "the states’ own holidays"},
}
