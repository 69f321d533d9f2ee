package jira

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"vigie/connectors/desk"
	"vigie/rules"
)

// ticket tells an issue with its whole changelog, comments and people as a
// rules.Ticket. A part's value at creation is what its first change was from, or
// today's where it never changed. What is older than the issue, as importers leave
// comments and changes with the dates that they had elsewhere, belongs to the
// creation.
func (v *vocabulary) ticket(r *record) (*rules.Ticket, error) {
	i, people := &r.issue, r.people
	created := read[instant](i, "created")
	if created.IsZero() {
		return nil, errors.New("issue has no time of creation")
	}
	status := read[named](i, "status")
	if status.Name == "" && status.ID == "" {
		return nil, errors.New("issue has no status")
	}
	changes := v.changes(i, r.histories, people)

	fields := rules.Fields{}
	for id, raw := range i.Fields {
		if v.part(id) == fieldPart {
			fields[id] = shown(raw, v.fields[id])
		}
	}
	// Walking back, what each part was changed from replaces what it is today.
	first := map[part]change{}
	for _, c := range slices.Backward(changes) {
		if first[c.part] = c; c.part == fieldPart {
			fields[c.field] = c.from
		}
	}
	maps.DeleteFunc(fields, func(_, text string) bool { return text == "" })
	atCreation := func(p part, today string) string {
		if c, ok := first[p]; ok {
			return c.from
		}
		return today
	}

	t := &rules.Ticket{
		Source:       v.Name,
		ID:           i.Key,
		CreatedAt:    created.Time,
		URL:          v.page(i.Key),
		Requester:    people.reporter.who(),
		Subject:      atCreation(summaryPart, read[string](i, "summary")),
		Assignee:     atCreation(assigneePart, people.assignee.who()),
		Organization: atCreation(organizationPart, v.today(i, organizationPart)),
		Group:        atCreation(groupPart, v.today(i, groupPart)),
		OpenedBy:     people.openedBy(),
		Tags:         labels(atCreation(labelsPart, strings.Join(read[[]string](i, "labels"), " "))),
		Fields:       fields,
	}
	description := plainText(i.Fields["description"])
	if c, ok := first[descriptionPart]; ok {
		description = unmark(c.from)
	}
	t.Text = strings.TrimSpace(t.Subject + "\n" + desk.OwnWords(t.Subject, description))
	t.Language = desk.Language(people.reporter.locale(), t.Text, v.Language)
	t.Status = v.status(string(status.ID), status.Name, status.StatusCategory.Key)
	if c, ok := first[statusPart]; ok {
		t.Status = v.status(c.fromID, c.from, "")
	}
	t.VendorPriority = v.priority(read[named](i, "priority").Name)
	t.Priority = v.firstPriority(atCreation(priorityPart, read[named](i, "priority").Name), people)

	// The kind depends on three parts together, so events follows it along.
	requestType := atCreation(requestTypePart, v.today(i, requestTypePart))
	issueType := atCreation(issueTypePart, read[named](i, "issuetype").Name)
	t.Kind = v.kind(t.Tags, requestType, issueType)
	t.Events = append(v.events(t, channelOf(i), requestType, issueType, status, changes), r.replies(t)...)
	slices.SortStableFunc(t.Events, func(a, b rules.Event) int { return a.At.Compare(b.At) })
	for n := range t.Events {
		if e := &t.Events[n]; e.At.Before(t.CreatedAt) {
			e.At = t.CreatedAt
		}
	}
	return t, nil
}

// page is where people see an issue.
func (v *vocabulary) page(key string) string {
	return strings.TrimSuffix(cmp.Or(v.site, v.URL), "/") + "/browse/" + key
}

// events are what the changes did to a ticket that was created as t says, and
// with that channel, request and issue type; the ticket's channel follows from it
// and from who opened it. Today's status brings its category along.
func (v *vocabulary) events(t *rules.Ticket, channel, requestType, issueType string, today named, changes []change) []rules.Event {
	var events []rules.Event
	tags, kind := t.Tags, t.Kind
	var agents []string // labels of agents: nobody else's say the channel
	if t.OpenedBy == rules.ByAgent {
		agents = tags
	}
	through := func() string { return cmp.Or(v.labelledChannel(agents), v.channel(channel)) }
	t.Channel = through()
	came := t.Channel
	for _, c := range changes {
		e := rules.Event{At: c.at, By: c.by, To: c.to}
		switch c.part {
		case statusPart:
			category := ""
			if c.toID == string(today.ID) {
				category = today.StatusCategory.Key
			}
			e.Type, e.To = rules.StatusEvent, string(v.status(c.toID, c.to, category))
		case priorityPart:
			if c.by == rules.ByCustomer && !v.RequesterPriority {
				continue // a wish, which leaves the priority that a person chose alone
			}
			e.Type, e.To = rules.PriorityEvent, v.priority(c.to)
		case assigneePart:
			e.Type = rules.AssigneeEvent
		case groupPart:
			if c.from == c.to {
				continue // another component, but not the first
			}
			e.Type = rules.GroupEvent
		case organizationPart:
			e.Type = rules.OrganizationEvent
		case fieldPart:
			e.Type, e.Name = rules.FieldEvent, c.field
		case labelsPart:
			was, is := labels(c.from), labels(c.to)
			e.Type, e.To, e.Add, e.Remove = rules.TagEvent, "", without(is, was), without(was, is)
			tags = is
			if agents = without(agents, e.Remove); c.by == rules.ByAgent {
				agents = append(agents, e.Add...)
			}
		case requestTypePart:
			requestType = c.to
		case issueTypePart:
			issueType = c.to
		}
		if e.Type != "" {
			events = append(events, e)
		}
		if to := through(); to != came {
			came = to
			events = append(events, rules.Event{At: c.at, By: c.by, Type: rules.ChannelEvent, To: to})
		}
		if k := v.kind(tags, requestType, issueType); k != kind {
			kind = k
			events = append(events, rules.Event{At: c.at, By: c.by, Type: rules.KindEvent, To: k})
		}
	}
	return events
}

// today is a part's present value, for the parts that the site's fields hold.
func (v *vocabulary) today(i *issue, p part) string {
	switch {
	case p == groupPart && v.Group == "":
		return ""
	case p == groupPart && v.Group == "project":
		return read[named](i, "project").Name
	case p == groupPart && v.Group == "component":
		var list []string
		for _, n := range read[[]named](i, "components") {
			list = append(list, n.Name)
		}
		return firstByName(list)
	case p == groupPart:
		return shown(i.Fields[v.Group], v.fields[v.Group])
	}
	for _, id := range v.find(p) {
		raw := i.Fields[id]
		if p == organizationPart { // a ticket has one; Service Management's first is the requester's
			if list := read[[]json.RawMessage](i, id); len(list) > 0 {
				raw = list[0]
			}
		}
		if s := shown(raw, v.fields[id]); s != "" {
			return s
		}
	}
	return ""
}

// firstPriority is the priority that somebody of the team gave the issue when
// creating it. What the form filled in, what an automation set, and the
// requester's own choice unless configured, are none.
func (v *vocabulary) firstPriority(name string, people *people) string {
	opener := people.openedBy()
	if containsFold(v.UnsetPriorities, name) || people.creator == nil || opener == rules.ByAutomation || opener == "" && !v.RequesterPriority {
		return ""
	}
	return v.priority(name)
}

// channelOf is Service Management's request channel, an issue property.
func channelOf(i *issue) string {
	var p struct {
		Value word `json:"value"`
	}
	raw := i.Properties["request.channel.type"]
	if json.Unmarshal(raw, &p) == nil && p.Value != "" {
		return string(p.Value)
	}
	s, _ := rules.FieldText(raw)
	return s
}

// labels splits a changelog's text of labels: spaces part them, since labels
// hold none.
func labels(s string) []string {
	return strings.Fields(strings.Trim(s, `"`))
}

// without is a without b's.
func without(a, b []string) []string {
	var rest []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			rest = append(rest, s)
		}
	}
	return rest
}
