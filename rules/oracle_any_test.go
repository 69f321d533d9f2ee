package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"vigie/rules"
	"vigie/rules/calendar"
)

// Random policies and tickets for the naive judge and the program to agree on.

// oracleDraws says which situations are drawn; all of them, unless one is looked
// into by itself.
var oracleDraws = struct {
	voidUpdates       bool // update targets, on tickets that are solved without an answer
	openedBy          bool // tickets that an agent or an automation opened
	earlyEvents       bool // events before the creation
	inherited         bool // tags of the ticket before this one
	endsOnReply       bool // waiting that the customer's answer ends
	answered          bool // conditions on answered
	unknownPriorities bool // a person's choice that no policy knows
	changesOnceSolved bool // attributes that change while the ticket counts as solved
	marksOnExcluded   bool // marks beside exclusions
	marksInGrace      bool // marks beside reopen_grace
	leaving           bool // tickets that a policy covers no more
}{true, true, true, true, true, true, true, true, true, true, true}

// oracleEpochs are instants near which the clocks of some zone change, and one
// near which none do.
var oracleEpochs = []string{
	"2026-03-28T12:00:00Z", // Paris and Berlin begin summer time
	"2026-10-24T12:00:00Z", // and end it
	"2026-04-04T06:00:00Z", // Lord Howe goes back by half an hour
	"2026-10-03T06:00:00Z",
	"2026-04-23T12:00:00Z", // Cairo begins summer time at midnight
	"2026-10-29T12:00:00Z",
	"2026-11-27T15:30:00Z",
}

var (
	oracleZones      = []string{"UTC", "Europe/Paris", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata", "America/New_York"}
	oracleGroups     = []string{"", "office", "night", "pune"}
	oraclePriorities = []string{"urgent", "normal", "low"}
	oracleKinds      = []string{"bug", "task", "feature"}
	oracleStatuses   = []string{"open", "open", "waiting_customer", "waiting_customer", "waiting_third_party", "solved", "solved", "closed", "new", "deleted"}
	oracleTags       = []string{"workaround", "vip", "sla_exempt", "service_request", "priority_urgent", "priority_low", "sla_update_breached", "sla_resolution_at_risk", "sla_redirected", "gold"}
	oracleTexts      = []string{"", "the system is down", "hello", "printer on fire"}
)

func oracleOneIn(t *rapid.T, n int, label string) bool {
	return rapid.IntRange(1, n).Draw(t, label) == 1
}

func oracleOf[V any](t *rapid.T, label string, values []V) V {
	return rapid.SampledFrom(values).Draw(t, label)
}

// anyOracleCondition is one or two questions joined. Where the priority is what
// is asked for, it is no part of the question.
func anyOracleCondition(t *rapid.T, priority bool) *oracleCondition {
	tagged := func(tag string) oracleCondition {
		return oracleCondition{fmt.Sprintf("%q in tags", tag), func(v *oracleView) bool { return slices.Contains(v.tags, tag) }}
	}
	atoms := []oracleCondition{
		{`kind == "bug"`, func(v *oracleView) bool { return v.kind == "bug" }},
		{`kind in ["task", "feature"]`, func(v *oracleView) bool { return v.kind == "task" || v.kind == "feature" }},
		{`created_in_hours`, func(v *oracleView) bool { return v.createdInHours }},
		{`organization == "Acme"`, func(v *oracleView) bool { return v.organization == "Acme" }},
		{`channel == "phone"`, func(v *oracleView) bool { return v.channel == "phone" }},
		{`group == "night"`, func(v *oracleView) bool { return v.group == "night" }},
		{`status == "waiting_customer"`, func(v *oracleView) bool { return v.status == "waiting_customer" }},
		{`status == "solved"`, func(v *oracleView) bool { return v.status == "solved" }},
		{`fields["sev"] == "1"`, func(v *oracleView) bool { return v.fields["sev"] == "1" }},
		{`has(text, "down", "fire")`, func(v *oracleView) bool { return strings.Contains(v.text, "down") || strings.Contains(v.text, "fire") }},
		tagged("workaround"), tagged("vip"), tagged("workaround"),
	}
	if oracleDraws.answered {
		answered := oracleCondition{`answered`, func(v *oracleView) bool { return v.answered }}
		atoms = append(atoms, answered, answered)
	}
	if oracleDraws.openedBy {
		for _, by := range []string{"agent", "customer"} {
			atoms = append(atoms, oracleCondition{fmt.Sprintf("opened_by == %q", by), func(v *oracleView) bool { return v.openedBy == by }})
		}
	}
	if priority {
		atoms = append(atoms, oracleCondition{`priority == "urgent"`, func(v *oracleView) bool { return v.priority == "urgent" }})
	}
	atom := func(label string) oracleCondition {
		a := oracleOf(t, label, atoms)
		if oracleOneIn(t, 4, label+" not") {
			return oracleCondition{"not (" + a.text + ")", func(v *oracleView) bool { return !a.holds(v) }}
		}
		return a
	}
	a := atom("condition")
	switch rapid.IntRange(0, 5).Draw(t, "and or") {
	case 0:
		b := atom("second")
		return &oracleCondition{"(" + a.text + ") and " + b.text, func(v *oracleView) bool { return a.holds(v) && b.holds(v) }}
	case 1:
		b := atom("second")
		return &oracleCondition{a.text + " or (" + b.text + ")", func(v *oracleView) bool { return a.holds(v) || b.holds(v) }}
	}
	return &a
}

// maybeOracleCondition is nil as often as not.
func maybeOracleCondition(t *rapid.T, label string, priority bool) *oracleCondition {
	if rapid.Bool().Draw(t, label) {
		return nil
	}
	return anyOracleCondition(t, priority)
}

// anyOracleCalendar draws intervals of quarters of an hour; nights end by 06:00
// and days begin then, so that they don't overlap.
func anyOracleCalendar(t *rapid.T, name string, epoch time.Time) *oracleCalendar {
	zone, err := calendar.LoadZone(oracleOf(t, "zone", oracleZones))
	if err != nil {
		t.Fatal(err)
	}
	c := &oracleCalendar{name: name, zone: zone, special: map[int][][2]int{}, known: map[int64]bool{}}
	day := func(from, to int) [][2]int {
		cuts := rapid.SliceOfNDistinct(rapid.IntRange(from, to), 0, 4, rapid.ID[int]).Draw(t, "hours")
		slices.Sort(cuts)
		var list [][2]int
		for i := 0; i+1 < len(cuts); i += 2 {
			list = append(list, [2]int{cuts[i] * 15, cuts[i+1] * 15})
		}
		return list
	}
	plan := func(from int) oraclePlan {
		p := oraclePlan{from: from}
		switch rapid.IntRange(0, 3).Draw(t, "plan") {
		case 0:
			for d := range 7 {
				p.hours[d] = [][2]int{{0, 1440}}
			}
		case 1:
			for d := 1; d <= 5; d++ {
				p.hours[d] = [][2]int{{9 * 60, 17 * 60}}
			}
		default:
			for d := range 7 {
				p.hours[d] = day(24, 84)
				if rapid.Bool().Draw(t, "night") {
					p.hours[d] = append(p.hours[d], [2]int{22 * 60, rapid.IntRange(1, 24).Draw(t, "until") * 15})
				}
			}
			p.hours[3] = [][2]int{{8 * 60, 18 * 60}} // never empty
		}
		return p
	}
	near := func(label string) int {
		y, m, d := epoch.AddDate(0, 0, rapid.IntRange(-3, 8).Draw(t, label)).Date()
		return y*10000 + int(m)*100 + d
	}
	c.plans = []oraclePlan{plan(0)}
	if oracleOneIn(t, 4, "version") {
		c.plans = append(c.plans, plan(near("from")))
	}
	for range rapid.IntRange(0, 2).Draw(t, "holidays") {
		if date := near("holiday"); !slices.Contains(c.holidays, date) {
			c.holidays = append(c.holidays, date)
		}
	}
	if oracleOneIn(t, 2, "special") {
		c.special[near("special day")] = day(0, 96)
	}
	return c
}

func anyOracleDuration(t *rapid.T, business bool) oracleDuration {
	d := oracleDuration{business: business, unit: oracleOf(t, "unit", []string{"seconds", "minutes", "minutes", "hours", "hours", "days"})}
	d.n = rapid.Int64Range(1, map[string]int64{"seconds": 5000, "minutes": 300, "hours": 30, "days": 3}[d.unit]).Draw(t, "amount")
	return d
}

func anyOracleSpec(t *rapid.T, name string, epoch time.Time) *oracleSpec {
	s := &oracleSpec{
		name: name, teams: map[string]int{}, day: int64(oracleOf(t, "business day", []int{480, 420, 450})) * 60,
		standard: oracleOf(t, "default", []string{"urgent", "normal", "low"}),
		propose:  oracleOneIn(t, 4, "propose"), restart: oracleOneIn(t, 3, "restart"),
	}
	if name == "first" || oracleOneIn(t, 3, "covers") && oracleDraws.leaving {
		s.covers = anyOracleCondition(t, false)
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "calendars") {
		s.calendars = append(s.calendars, anyOracleCalendar(t, string(rune('a'+i)), epoch))
	}
	for _, group := range oracleGroups[1:] {
		if rapid.Bool().Draw(t, "team") {
			s.teams[group] = rapid.IntRange(0, len(s.calendars)-1).Draw(t, "its calendar")
		}
	}
	if oracleOneIn(t, 2, "grace") {
		d := anyOracleDuration(t, rapid.Bool().Draw(t, "business"))
		s.grace = &d
	}
	if oracleOneIn(t, 2, "triage") {
		d := anyOracleDuration(t, rapid.Bool().Draw(t, "business"))
		s.triage = &d
	}
	for _, p := range oraclePriorities {
		s.priorities = append(s.priorities, oraclePriority{p, maybeOracleCondition(t, "rule", false)})
	}
	excludes, mark := []string{"sla_exempt", "sla_best_effort"}, "service_request"
	if name == "first" { // it has tags of its own, and may know fewer priorities
		excludes, mark = []string{"sla_redirected", "sla_exempt"}, "gold"
		if oracleOneIn(t, 2, "fewer priorities") && oracleDraws.unknownPriorities {
			s.priorities, s.standard = s.priorities[:2], oracleOf(t, "default of two", oraclePriorities[:2])
		}
	}
	for range rapid.IntRange(1, 7).Draw(t, "targets") {
		r := anyOracleTarget(t, oraclePriorities[:len(s.priorities)])
		if r.metric == "update" && !oracleDraws.voidUpdates {
			r.metric = "resolution"
		}
		s.targets = append(s.targets, r)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "excludes") * rapid.IntRange(0, 1).Draw(t, "any") {
		s.excludes = append(s.excludes, oracleTagged{anyOracleCondition(t, true), excludes[i]})
	}
	if (len(s.excludes) == 0 || oracleDraws.marksOnExcluded) && (s.grace == nil || oracleDraws.marksInGrace) {
		for range rapid.IntRange(0, 1).Draw(t, "marks") {
			when := anyOracleCondition(t, true)
			if oracleOneIn(t, 3, "mark of what is solved") {
				when = &oracleCondition{`status == "solved"`, func(v *oracleView) bool { return v.status == "solved" }}
			}
			s.marks = append(s.marks, oracleTagged{when, mark})
		}
	}
	return s
}

func anyOracleTarget(t *rapid.T, priorities []string) *oracleTarget {
	r := &oracleTarget{
		metric: oracleOf(t, "metric", []string{"first_reply", "next_reply", "update", "update", "resolution", "resolution"}),
		when:   maybeOracleCondition(t, "when", true), within: map[string]oracleDuration{}, warn: map[string][]oracleThreshold{},
		pauseAfterReply: oracleOneIn(t, 3, "pause after reply"), endsOnReply: oracleOneIn(t, 2, "pause ends on reply") && oracleDraws.endsOnReply,
	}
	if oracleOneIn(t, 3, "until") {
		r.until = anyOracleCondition(t, true)
	}
	business := rapid.Bool().Draw(t, "business")
	for _, p := range priorities {
		if !oracleOneIn(t, 5, "unnamed") {
			r.within[p] = anyOracleDuration(t, business)
		}
	}
	if len(r.within) == 0 {
		r.within["normal"] = anyOracleDuration(t, business)
	}
	for _, p := range priorities {
		if _, named := r.within[p]; !named {
			continue
		}
		for range rapid.IntRange(0, 2).Draw(t, "warnings") {
			var w oracleThreshold
			if rapid.Bool().Draw(t, "share") {
				w.permille = rapid.Int64Range(1, 999).Draw(t, "permille")
				w.text = strings.TrimSuffix(fmt.Sprintf("%.1f", float64(w.permille)/10), ".0") + "%"
			} else {
				w.left = anyOracleDuration(t, business)
				w.text = w.left.String()
			}
			r.warn[p] = append(r.warn[p], w)
		}
	}
	for _, status := range []string{"waiting_customer", "waiting_third_party", "new"} {
		if oracleOneIn(t, 2, "pause "+status) {
			r.pause = append(r.pause, status)
		}
	}
	return r
}

// anyOracleTicket is a life of up to 30 events, many of them in one instant.
func anyOracleTicket(t *rapid.T, epoch time.Time) rules.Ticket {
	pick := func(label string, values ...string) string { return oracleOf(t, label, values) }
	ticket := rules.Ticket{
		Source: "zendesk", ID: "42", Kind: oracleOf(t, "kind", oracleKinds), Group: oracleOf(t, "group", oracleGroups),
		Priority: oracleOf(t, "priority", append([]string{"", ""}, oracleChoices()...)), Organization: pick("organization", "", "Acme"),
		Channel: pick("channel", "", "phone"), Text: oracleOf(t, "text", oracleTexts),
		CreatedAt: epoch.Add(time.Duration(rapid.IntRange(-36*60, 36*60).Draw(t, "created")) * time.Minute),
	}
	if oracleOneIn(t, 4, "status at creation") {
		ticket.Status = rules.Status(oracleOf(t, "status", oracleStatuses))
	}
	if oracleOneIn(t, 3, "tags at creation") {
		ticket.Tags = rapid.SliceOfNDistinct(rapid.SampledFrom(oracleTags), 1, 3, rapid.ID[string]).Draw(t, "tags")
		if oracleOneIn(t, 2, "inherited") && oracleDraws.inherited {
			ticket.Inherited = ticket.Tags[:rapid.IntRange(1, len(ticket.Tags)).Draw(t, "of them")]
		}
	}
	if oracleOneIn(t, 3, "not by the customer") && oracleDraws.openedBy {
		ticket.OpenedBy = pick("opened by", rules.ByAgent, rules.ByAgent, rules.ByAutomation, rules.ByCustomer)
	}
	if oracleOneIn(t, 4, "fields at creation") {
		ticket.Fields = rules.Fields{"sev": "1"}
	}
	at := ticket.CreatedAt
	if oracleOneIn(t, 6, "early") && oracleDraws.earlyEvents {
		for range rapid.IntRange(1, 3).Draw(t, "early events") {
			ticket.Events = append(ticket.Events, anyOracleEvent(t, at.Add(-time.Duration(rapid.IntRange(1, 9000).Draw(t, "before"))*time.Second)))
		}
		slices.SortStableFunc(ticket.Events, func(a, b rules.Event) int { return a.At.Compare(b.At) })
	}
	for range rapid.IntRange(0, 30).Draw(t, "events") {
		switch rapid.IntRange(0, 9).Draw(t, "gap") {
		case 0, 1, 2:
		case 3:
			at = at.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "seconds")) * time.Second)
		case 4, 5, 6:
			at = at.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "minutes")) * time.Minute)
		default:
			at = at.Add(time.Duration(rapid.IntRange(1, 14).Draw(t, "hours")) * time.Hour)
		}
		ticket.Events = append(ticket.Events, anyOracleEvent(t, at))
		if oracleOneIn(t, 15, "mistake") { // a priority that is put right soon
			ticket.Events = append(ticket.Events, rules.Event{At: at, Type: rules.PriorityEvent, To: "urgent", By: "agent"})
			at = at.Add(time.Duration(rapid.IntRange(1, 60).Draw(t, "soon")) * time.Minute)
			ticket.Events = append(ticket.Events, rules.Event{At: at, Type: rules.PriorityEvent, To: oracleOf(t, "right", oraclePriorities[1:]), By: "agent"})
		}
	}
	if oracleOneIn(t, 3, "thanks") { // solved, reopened by the customer's word, passed on by a trigger, perhaps solved again
		for _, e := range []rules.Event{
			{Type: rules.StatusEvent, To: "solved", By: "agent"},
			{Type: rules.StatusEvent, To: "open", By: "customer"},
			{Type: rules.GroupEvent, To: oracleOf(t, "passed on to", oracleGroups), By: "automation"},
			{Type: rules.StatusEvent, To: oracleOf(t, "and then", oracleStatuses), By: "customer"},
		} {
			at = at.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "a while")) * time.Minute)
			e.At = at
			ticket.Events = append(ticket.Events, e)
		}
	}
	return ticket
}

// oracleChoices are priorities that a person may set.
func oracleChoices() []string {
	if oracleDraws.unknownPriorities {
		return append([]string{"unknown"}, oraclePriorities...)
	}
	return slices.Clone(oraclePriorities)
}

// oracleStillOnceSolved leaves out the instants that find a ticket solved, closed
// or deleted and leave it so.
func oracleStillOnceSolved(ticket *rules.Ticket) {
	var kept []rules.Event
	status := string(ticket.Status)
	for i, j := 0, 0; i < len(ticket.Events); i = j {
		before := status
		for j = i; j < len(ticket.Events) && ticket.Events[j].At.Equal(ticket.Events[i].At); j++ {
			if e := ticket.Events[j]; e.Type == rules.StatusEvent {
				status = e.To
			}
		}
		if oracleDone(before) && oracleDone(status) {
			status = before
		} else {
			kept = append(kept, ticket.Events[i:j]...)
		}
	}
	ticket.Events = kept
}

func oracleDone(status string) bool {
	return slices.Contains([]string{"solved", "closed", "deleted"}, status)
}

func anyOracleEvent(t *rapid.T, at time.Time) rules.Event {
	e := rules.Event{At: at, By: oracleOf(t, "by", []string{"", "agent", "customer", "automation", "vigie", "nadia@acme.example"})}
	switch rapid.IntRange(0, 17).Draw(t, "type") {
	case 0, 1, 2, 3, 4:
		e.Type, e.To = rules.StatusEvent, oracleOf(t, "status", oracleStatuses)
	case 5, 6, 7, 8, 9:
		e.Type, e.Public = rules.ReplyEvent, !oracleOneIn(t, 5, "private")
		e.By = oracleOf(t, "author", []string{"agent", "agent", "customer", "customer", "automation"})
	case 10, 11:
		e.Type, e.To = rules.PriorityEvent, oracleOf(t, "to", append([]string{""}, oracleChoices()...))
	case 12:
		e.Type, e.To = rules.GroupEvent, oracleOf(t, "to", oracleGroups)
	case 13:
		e.Type, e.To = rules.KindEvent, oracleOf(t, "to", oracleKinds)
	case 14:
		e.Type, e.To = rules.OrganizationEvent, oracleOf(t, "to", []string{"", "Acme"})
	case 15:
		e.Type, e.Name, e.To = rules.FieldEvent, "sev", oracleOf(t, "to", []string{"", "1", "2"})
	default:
		e.Type = rules.TagEvent
		tag := oracleOf(t, "tag", oracleTags)
		if rapid.Bool().Draw(t, "add") {
			e.Add = []string{tag}
		} else {
			e.Remove = []string{tag}
		}
	}
	return e
}
