package rules_test

import (
	"strings"
	"testing"
	"time"

	"vigie/rules"
	"vigie/rules/policyfile"
)

// toDev sends what an agent has tagged to those who repair.
const toDev = `
[[escalate]]
when           = '"dev" in tags'
project        = "DEV"
type           = "Bug"
due_fields     = { resolution = "duedate" }
tickets_field  = "customfield_10070"
fields         = { customfield_10071 = "Office" }
tag            = "dev"
unlinked_after = "2 business hours"
clause         = "E-1"
`

// perhaps is an instant of the scenes' week, or nil.
func perhaps(t *testing.T, text string) *time.Time {
	if text == "" {
		return nil
	}
	instant := when(t, text)
	return &instant
}

func TestEscalation(t *testing.T) {
	p := officeFrom(t, "", row("resolution", "2 business days")+"[[exclude]]\nwhen = 'kind == \"wish\"'\ntag = \"out\"\n"+toDev)
	for _, c := range []struct {
		name     string
		events   []string
		issue    string // its progress; "none" for none, "" where nobody would know
		solved   string
		unlinked string
		now      string
		want     string // since, by when an issue should be there
		alert    rules.AlertKind
		tags     string
	}{
		{name: "not marked", issue: "none", now: "Mon 10:00"},
		{name: "marked", events: []string{"Mon 10:00 tag +dev"}, issue: "none", now: "Mon 11:59:59", want: "Mon 10:00 by Mon 12:00"},
		{name: "marked for too long", events: []string{"Mon 10:00 tag +dev"}, issue: "none", now: "Mon 12:00", want: "Mon 10:00 by Mon 12:00 late", alert: rules.Unlinked},
		{name: "over the night", events: []string{"Mon 16:00 tag +dev"}, issue: "none", now: "Tue 9:59", want: "Mon 16:00 by Tue 10:00"},
		{name: "marked again: from then", events: []string{"Mon 10:00 tag +dev", "Mon 11:00 tag -dev", "Mon 11:30 tag +dev"}, issue: "none", now: "Mon 12:00", want: "Mon 11:30 by Mon 13:30"},
		{name: "nobody would know of an issue", events: []string{"Mon 10:00 tag +dev"}, now: "Mon 16:00", want: "Mon 10:00"},
		{name: "linked", events: []string{"Mon 10:00 tag +dev"}, issue: "new", now: "Mon 16:00", want: "Mon 10:00", tags: "+dev_new"},
		{name: "in progress", events: []string{"Mon 10:00 tag +dev +dev_new"}, issue: "in_progress", now: "Mon 16:00", want: "Mon 10:00", tags: "+dev_in_progress -dev_new"},
		{name: "a person's tag stays theirs", events: []string{"Mon 10:00 tag +dev +dev_new by agent", "Mon 10:30 tag +dev_in_progress by vigie", "Mon 10:40 tag -dev_in_progress by agent"}, issue: "in_progress", now: "Mon 16:00", want: "Mon 10:00"},
		{name: "solved there, not here", events: []string{"Mon 10:00 tag +dev"}, issue: "solved", solved: "Mon 15:00", now: "Mon 16:00", want: "Mon 10:00", alert: rules.Repaired, tags: "+dev_solved"},
		{name: "solved in both", events: []string{"Mon 10:00 tag +dev", "Mon 15:30 status solved"}, issue: "solved", solved: "Mon 15:00", now: "Mon 16:00", want: "Mon 10:00", tags: "+dev_solved"},
		{name: "solved without an issue", events: []string{"Mon 10:00 tag +dev", "Mon 11:00 status solved"}, issue: "none", now: "Mon 16:00", want: "Mon 10:00"},
		{name: "a person has taken the issue away: from then", events: []string{"Mon 10:00 tag +dev"}, issue: "new", unlinked: "Mon 14:00", now: "Mon 15:00", want: "Mon 10:00 by Mon 16:00"},
		{name: "and for too long", events: []string{"Mon 10:00 tag +dev"}, issue: "new", unlinked: "Mon 14:00", now: "Mon 16:00", want: "Mon 10:00 by Mon 16:00 late", alert: rules.Unlinked},
		{name: "its issue isn't known again yet", events: []string{"Mon 10:00 tag +dev", "Mon 10:30 tag +dev_solved by vigie"}, issue: "none", now: "Mon 11:00", want: "Mon 10:00 by Mon 12:00"},
		{name: "nobody would know any more", events: []string{"Mon 10:00 tag +dev", "Mon 10:30 tag +dev_new by vigie"}, now: "Mon 11:00", want: "Mon 10:00"},
		{name: "taken away by a person, its tag goes", events: []string{"Mon 10:00 tag +dev", "Mon 10:30 tag +dev_new by vigie"}, issue: "new", unlinked: "Mon 14:00", now: "Mon 15:00", want: "Mon 10:00 by Mon 16:00", tags: "-dev_new"},
		{name: "no longer marked, its tag goes", events: []string{"Mon 10:00 tag +dev", "Mon 10:30 tag +dev_new by vigie", "Mon 11:00 tag -dev"}, issue: "new", now: "Mon 15:00", tags: "-dev_new"},
		{name: "outside the SLA", events: []string{"Mon 10:00 tag +dev", "Mon 11:00 kind wish"}, issue: "none", now: "Mon 16:00", tags: "+out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ticket := &rules.Ticket{Source: "zendesk", ID: "42", Status: rules.Open, CreatedAt: when(t, "Mon 9:00")}
			for _, text := range c.events {
				ticket.Events = append(ticket.Events, event(t, text))
			}
			switch c.issue {
			case "":
			case "none":
				ticket.Issue = &rules.Issue{}
			default:
				ticket.Issue = &rules.Issue{ID: "10042", Key: "DEV-8", Progress: rules.Progress(c.issue), Solved: perhaps(t, c.solved), Unlinked: perhaps(t, c.unlinked)}
			}
			now := when(t, c.now)
			v, err := rules.Evaluate([]*rules.Policy{p}, ticket, now)
			if err != nil || v.Error != "" {
				t.Fatal(err, v.Error)
			}
			got := ""
			if x := v.Escalation; x != nil {
				got = said(x.Since)
				if x.LinkBy != nil {
					got += " by " + said(*x.LinkBy)
					if !x.Late && (v.Wake.IsZero() || v.Wake.After(*x.LinkBy)) {
						t.Errorf("it isn't looked at again at %s, but at %s", x.LinkBy, v.Wake)
					}
				}
				if x.Late {
					got += " late"
				}
			}
			if want := strings.ReplaceAll(c.want, " 9:", " 09:"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			var alert rules.AlertKind
			for _, a := range v.Alerts(ticket, now) {
				if a.Topic() == rules.EscalationTopic {
					alert = a.Kind
				}
			}
			if alert != c.alert {
				t.Errorf("got the alert %q, want %q", alert, c.alert)
			}
			tags := ""
			for _, tag := range v.Tags.Add {
				if tag != "priority_normal" {
					tags += " +" + tag
				}
			}
			for _, tag := range v.Tags.Remove {
				tags += " -" + tag
			}
			if strings.TrimSpace(tags) != c.tags {
				t.Errorf("got the tags %q, want %q", tags, c.tags)
			}
		})
	}
}

// A message about an issue is brought up to date with what became of it.
func TestEscalationMessage(t *testing.T) {
	p := officeFrom(t, "", row("resolution", "2 business days")+toDev)
	now := when(t, "Mon 16:00")
	for _, c := range []struct {
		tag   string
		issue *rules.Issue
		want  rules.AlertKind
	}{
		{"dev", &rules.Issue{}, rules.Unlinked},
		{"dev", &rules.Issue{ID: "1", Key: "DEV-1", Progress: rules.ProgressNew}, rules.Linked},
		{"dev", &rules.Issue{ID: "1", Key: "DEV-1", Progress: rules.IssueSolved, Solved: &now}, rules.Repaired},
		{"other", &rules.Issue{}, rules.Unescalated},
	} {
		ticket := &rules.Ticket{Source: "zendesk", ID: "42", Tags: []string{c.tag}, CreatedAt: when(t, "Mon 9:00"), Issue: c.issue}
		v, err := rules.Evaluate([]*rules.Policy{p}, ticket, now)
		if err != nil {
			t.Fatal(err)
		}
		if a := v.Latest(ticket, rules.EscalationTopic, 0, now); a.Kind != c.want || a.Topic() != rules.EscalationTopic || a.Issue != c.issue.Key {
			t.Errorf("%s %+v: got %+v, want %s", c.tag, c.issue, a, c.want)
		}
	}
}

func TestEscalateMistakes(t *testing.T) {
	for change, want := range map[string]string{
		`when           = '"dev" in tags' -> `:                              `escalate[0].when: is missing`,
		`project        = "DEV" -> project = "DEV OR 1"`:                    `escalate[0].project: "DEV OR 1" is no project's key`,
		`type           = "Bug" -> `:                                        `escalate[0].type: is missing`,
		`resolution = "duedate" -> resolution = "due"`:                      `escalate[0].due_fields.resolution: "due" is no field`,
		`resolution = "duedate" -> resolutoin = "duedate"`:                  `escalate[0].due_fields.resolutoin: unknown key`,
		`tickets_field  = "customfield_10070" -> tickets_field = "duedate"`: `escalate[0].tickets_field: field duedate already holds escalate[0].due_fields.resolution`,
		`customfield_10071 = "Office" -> summary = "Office"`:                `escalate[0].fields.summary: "summary" is no field`,
		`tag            = "dev" -> tag = "Dév"`:                             `escalate[0].tag: "Dév" can't begin a tag`,
		`unlinked_after = "2 business hours" -> unlinked_after = "soon"`:    `escalate[0].unlinked_after: "soon" is no duration`,
		`clause         = "E-1" -> claus = "E-1"`:                           `escalate[0].claus: unknown key`,
	} {
		before, after, _ := strings.Cut(change, " -> ")
		if !strings.Contains(toDev, before) {
			t.Fatalf("%q isn't there to be changed", before)
		}
		text := strings.Replace(officePolicy, "%s", "", 1)
		text = strings.Replace(text, "%s", row("resolution", "2 business days")+strings.Replace(toDev, before, after, 1), 1)
		_, problems := policyfile.Load("office.toml", []byte(text), nil)
		if err := problems.Err(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "office.toml:") {
			t.Errorf("%s: got %v, want %q", change, err, want)
		}
	}
}
