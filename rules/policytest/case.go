package policytest

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"vigie/rules"
	"vigie/rules/tomlfile"
	"vigie/rules/words"
)

// A scope is what the instants and names of one test are read by.
type scope struct {
	zone   *time.Location
	policy *rules.Policy // of the test's variant
}

// shared is what [[test]] and [[table]] have in common.
type shared struct {
	scope
	name    string
	clauses []string
	variant string
	ticket  rules.Ticket
	each    []func(*rules.Ticket) string
}

// test reads one [[test]], which is one case, or one for each value of `each`.
func (r *reader) test(t *tomlfile.Table) {
	s := r.shared(t)
	for _, vary := range s.each {
		c := r.begin(t, s, vary)
		r.creation(t, c)
		c.ticket.Events = r.events(t, s.scope, c.ticket.CreatedAt)
		for _, e := range t.Tables("expect") {
			at := c.ticket.CreatedAt
			if e.Has("at") {
				at, _ = r.instant(e, "at", s.scope)
			}
			c.wants = append(c.wants, r.wants(e, plainName, at, s.scope)...)
			e.Close()
		}
		r.Cases = append(r.Cases, c)
	}
	t.Close()
}

// table reads one [[table]], each row of which is a case.
func (r *reader) table(t *tomlfile.Table) {
	s := r.shared(t)
	known := t.Strings("columns")
	unknown := false
	for i, column := range known {
		if !slices.Contains(columnNames, column) {
			t.Add(fmt.Sprintf("columns[%d]", i), "%q is no column; %s", column, tomlfile.OneOf(columnNames, column))
			unknown = true
		}
	}
	rows := t.Rows("columns", "rows")
	var tableAt time.Time
	if t.Has("at") {
		tableAt, _ = r.instant(t, "at", s.scope)
	}
	if unknown {
		t.Any("timeline")
		t.Any("rows")
		t.Close()
		return
	}
	for _, row := range rows {
		for _, vary := range s.each {
			c := r.begin(row, s, vary)
			c.Name += ": " + label(row, known)
			r.attributes(row, &c.ticket, s.scope)
			r.creation(row, c)
			c.ticket.Events = r.events(t, s.scope, c.ticket.CreatedAt)
			at := c.ticket.CreatedAt
			switch {
			case row.Has("at"):
				at, _ = r.instant(row, "at", s.scope)
			case !tableAt.IsZero():
				at = tableAt
			}
			c.wants = r.wants(row, columnName, at, s.scope)
			r.Cases = append(r.Cases, c)
		}
	}
	t.Close()
}

// label tells a row from its neighbours: by what it says of the ticket.
func label(row *tomlfile.Table, columns []string) string {
	var parts []string
	for _, column := range columns {
		if slices.Contains(attributeNames, column) && row.Has(column) {
			parts = append(parts, short(fmt.Sprint(row.Any(column))))
		}
	}
	return strings.Join(parts, ", ")
}

func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

func (r *reader) shared(t *tomlfile.Table) shared {
	s := shared{scope: scope{zone: r.zone, policy: r.policies[""]}, ticket: r.Suite.ticket,
		name: t.Require("name", `"a name that says what must hold"`), clauses: t.Strings("clauses")}
	if zone := r.readZone(t); zone != nil {
		s.zone = zone
	}
	if s.zone == nil {
		t.Add("zone", `is missing; write zone = "Europe/Paris" here or once at the top: the zone of all local times`)
		s.zone = time.UTC
	}
	for i, clause := range s.clauses {
		if !bytes.Contains(r.Policy.Text, []byte(clause)) {
			t.Warn(fmt.Sprintf("clauses[%d]", i), "%s never mentions %q", r.Policy.File, clause)
		}
	}
	if s.variant = t.String("variant"); s.variant != "" {
		if p, ok := r.policies[s.variant]; !ok {
			t.Add("variant", "%q is not in this file; %s", s.variant, tomlfile.OneOf(slices.Sorted(maps.Keys(r.variants)), s.variant))
		} else if p != nil {
			s.policy = p
		}
	}
	if ticket := t.Table("ticket"); ticket != nil {
		r.attributes(ticket, &s.ticket, s.scope)
		ticket.Close()
	}
	s.each = r.each(t, s.scope)
	return s
}

// each lists the ways in which a test's ticket is varied: one that does
// nothing, or every combination of the values under `each`. A way returns what
// it did, for the case's name.
func (r *reader) each(t *tomlfile.Table, s scope) []func(*rules.Ticket) string {
	ways := []func(*rules.Ticket) string{func(*rules.Ticket) string { return "" }}
	each := t.Table("each")
	for _, name := range each.KeysInOrder() {
		set, ok := texts[name]
		if !ok {
			each.Add(name, "%q is no text of a ticket; %s", name, tomlfile.OneOf(slices.Sorted(maps.Keys(texts)), name))
			continue
		}
		var more []func(*rules.Ticket) string
		for i, value := range each.Strings(name) {
			if name == "priority" {
				r.knownPriority(each, fmt.Sprintf("priority[%d]", i), value, s)
			}
			for _, before := range ways {
				more = append(more, func(ticket *rules.Ticket) string {
					done := before(ticket)
					*set(ticket) = value
					return done + ", " + cmp.Or(value, `""`)
				})
			}
		}
		ways = more
	}
	return ways
}

// begin is a case without its own particulars.
func (r *reader) begin(t *tomlfile.Table, s shared, vary func(*rules.Ticket) string) *Case {
	c := &Case{Name: s.name, Line: t.Line(""), Clauses: s.clauses, variant: s.variant, zone: s.zone, ticket: s.ticket}
	c.Name += vary(&c.ticket)
	return c
}

// creation checks that the ticket begins some time.
func (r *reader) creation(t *tomlfile.Table, c *Case) {
	if c.ticket.CreatedAt.IsZero() && !t.Has("created") && !t.Table("ticket").Has("created") { // else it is wrong, and noted
		t.Add("", `doesn't say when the ticket was created; write ticket = { created = "2026-11-30 09:00" }, or a column "created"`)
	}
}

// instant reads a local time of the test's zone.
func (r *reader) instant(t *tomlfile.Table, key string, s scope) (time.Time, bool) {
	text := t.String(key)
	if text == "" {
		if v := t.Any(key); v == nil || v == "" { // what isn't even a text has been noted
			t.Add(key, `is missing; write a local time such as %s = "Mon 2026-11-30 09:00"`, key)
		}
		return time.Time{}, false
	}
	zone := s.zone
	if zone == nil {
		zone = time.UTC // and its absence is a problem of each test
	}
	at, err := words.ParseLocal(text, zone)
	if err != nil {
		t.Add(key, "%v", err)
		return time.Time{}, false
	}
	return at, true
}
