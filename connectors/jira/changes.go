package jira

import (
	"slices"
	"time"

	"vigie/connectors/desk"
	"vigie/rules"
)

// A change is one changelog item in our words: what a part was, and became.
type change struct {
	at       time.Time
	by       string
	part     part
	field    string // the field's id
	from, to string
	fromID   string // statuses and people: what the changelog calls them by
	toID     string
}

// sortHistories sorts a changelog, the oldest entry first.
func sortHistories(histories []history) {
	slices.SortStableFunc(histories, func(a, b history) int { return a.Created.Compare(b.Created.Time) })
}

// changes are the changelog's items that touch a part of the ticket, oldest
// first.
func (v *vocabulary) changes(i *issue, histories []history, people *people) []change {
	var changes []change
	seen := map[word]bool{}
	for _, h := range histories {
		if h.ID != "" && seen[h.ID] { // a page repeated, or an issue split over pages with an overlap
			continue
		}
		seen[h.ID] = true
		for _, it := range h.Items {
			id := v.fieldID(it)
			p := v.part(id)
			if p == noPart || p == attachmentPart {
				continue
			}
			by := people.editor(h.Author)
			if v.ofCustomers(it) {
				by = people.speaker(h.Author)
			}
			if by == rules.ByVigie && p == priorityPart && h.Metadata.Type == chosenType {
				by = desk.Chooser(h.Metadata.Actor.Name)
			}
			c := change{at: h.Created.Time, by: by, part: p, field: id, fromID: string(it.From), toID: string(it.To),
				from: string(it.FromText), to: string(it.ToText)}
			switch p {
			case assigneePart:
				c.from, c.to = people.name(c.fromID, c.from), people.name(c.toID, c.to)
			case fieldPart, groupPart:
				// A date's display text follows the site's settings; its other
				// form is the one to read.
				c.from, c.to = canonical(v.fields[id], c.fromID, c.from), canonical(v.fields[id], c.toID, c.to)
			}
			changes = append(changes, c)
		}
	}
	if v.Group == "component" {
		firstComponents(i, changes)
	}
	v.useCurrentValues(i, changes)
	return changes
}

// useCurrentValues gives the last change of each field the value that the issue shows
// today: the changelog has display texts, which for request types, organisations and dates
// differ from the values. A change later than the issue as it was read keeps its own.
func (v *vocabulary) useCurrentValues(i *issue, changes []change) {
	updated := read[instant](i, "updated").Add(time.Second)
	done := map[string]bool{}
	for n := len(changes) - 1; n >= 0; n-- {
		c := &changes[n]
		raw, ok := i.Fields[c.field]
		if done[c.field] || !ok {
			continue
		}
		done[c.field] = true
		if c.at.After(updated) {
			continue
		}
		switch c.part {
		case fieldPart:
			c.to = shown(raw, v.fields[c.field])
		case groupPart, requestTypePart, organizationPart:
			c.to = v.today(i, c.part)
		}
	}
}

// firstComponents turns the changes of an issue's list of components, one
// component each, into changes of the first one by name, going back from
// today's list.
func firstComponents(i *issue, changes []change) {
	var list []string
	for _, n := range read[[]named](i, "components") {
		list = append(list, n.Name)
	}
	for n := len(changes) - 1; n >= 0; n-- {
		c := &changes[n]
		if c.part != groupPart {
			continue
		}
		added, removed := c.to, c.from
		c.to = firstByName(list)
		list = without(list, []string{added})
		if removed != "" {
			list = append(list, removed)
		}
		c.from = firstByName(list)
	}
}

func firstByName(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return slices.Min(list)
}
