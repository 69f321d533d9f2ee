package main

import (
	"fmt"
	"strings"
	"time"

	"vigie/rules"
)

type dueCommand struct {
	policyFlag
	Priority string   `required:"" placeholder:"X" help:"The priority that a person chose."`
	Created  string   `required:"" placeholder:"T" help:"When it is created: RFC 3339, or local to the policy's calendar (\"2026-11-27 16:30\")."`
	Kind     string   `help:"The kind of ticket; the first that the policy covers by default."`
	Group    string   `help:"The team that holds it."`
	Channel  string   `help:"How it came in."`
	Org      string   `name:"organization" help:"The requester's organisation."`
	Tag      []string `help:"A tag it has; may be repeated."`
	Lang     string   `default:"en" enum:"en,fr" help:"The language of the explanation (en, fr)."`
	JSON     bool     `help:"Print the verdict as JSON."`
}

func (dueCommand) Help() string {
	return `Shows the target's time piece by piece, on the policy's calendar, up to the instant at which it is used up.

Examples:
  bot due --policy moveon --priority urgent --created "2026-11-27 16:30"
  bot due --policy meteorage --priority haute --created 2026-11-27T17:00:00+01:00 --json`
}

func (c *dueCommand) Run(p *program) error {
	policies, err := c.load(p)
	if err != nil {
		return err
	}
	policy := policies[0]
	created, err := localTime(c.Created, policy.Calendar.Zone())
	if err != nil {
		return usageError{fmt.Errorf("--created: %w", err)}
	}
	if version := rules.InForce(policies, policy.Name, created); version != nil {
		policy = version
	}
	if policy.Rank(c.Priority) < 0 {
		var names []string
		for _, pr := range policy.Priorities {
			names = append(names, pr.Name)
		}
		return usageError{fmt.Errorf("--priority: %s has no priority %q; write one of %s", policy.Name, c.Priority, strings.Join(names, ", "))}
	}
	t := &rules.Ticket{Source: "what-if", ID: "1", Subject: "", Kind: c.Kind, Priority: c.Priority, Group: c.Group,
		Channel: c.Channel, Organization: c.Org, Tags: c.Tag, CreatedAt: created}
	x, err := c.covered(policies, t, created)
	if err != nil {
		return err
	}
	if x.Verdict.Error != "" {
		return fmt.Errorf("no verdict: %s", x.Verdict.Error)
	}
	if c.JSON {
		return toJSON(p.stdout, x.Verdict)
	}
	_, err = fmt.Fprint(p.stdout, x.Print(c.Lang))
	return err
}

// covered explains the ticket as the kind asked for, or else as the first kind
// that gives it a clock.
func (c *dueCommand) covered(policies []*rules.Policy, t *rules.Ticket, now time.Time) (x rules.Explanation, err error) {
	kinds := []string{t.Kind}
	if t.Kind == "" {
		kinds = []string{"", "problem", "incident", "question", "assistance", "task"}
	}
	for _, kind := range kinds {
		t.Kind = kind
		if x, err = rules.Explain(policies, t, now); err != nil || len(x.Verdict.Clocks) > 0 || x.Verdict.Error != "" {
			return x, err
		}
	}
	return x, nil
}

// localTime reads an instant with its offset, or a local time of a zone. A
// local time that the zone skips or has twice is refused.
func localTime(text string, zone *time.Location) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		wall, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		var found []time.Time
		for _, offset := range offsetsNear(wall, zone) {
			if at := wall.Add(-offset).In(zone); at.Format(time.DateTime) == wall.Format(time.DateTime) {
				found = append(found, at)
			}
		}
		switch len(found) {
		case 1:
			return found[0], nil
		case 0:
			return time.Time{}, fmt.Errorf("%s doesn't exist in %s: clocks skip it; write it with its offset", text, zone)
		}
		return time.Time{}, fmt.Errorf("%s comes twice in %s; write %s or %s", text, zone, found[0].Format(time.RFC3339), found[1].Format(time.RFC3339))
	}
	return time.Time{}, fmt.Errorf("%q is no instant; write one such as 2026-11-27T16:30:00+01:00 or \"2026-11-27 16:30\"", text)
}

// offsetsNear is the different offsets of a zone within a day of a wall time.
func offsetsNear(wall time.Time, zone *time.Location) []time.Duration {
	var list []time.Duration
	for _, near := range []time.Duration{-26 * time.Hour, 26 * time.Hour} {
		_, seconds := wall.Add(near).In(zone).Zone()
		offset := time.Duration(seconds) * time.Second
		if len(list) == 0 || list[0] != offset {
			list = append(list, offset)
		}
	}
	return list
}
