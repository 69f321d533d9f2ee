package rules_test

import (
	"encoding/json"
	"testing"
	"time"

	"vigie/rules"
	"vigie/rules/policies"
	"vigie/rules/policyfile"
	"vigie/rules/words"
)

func FuzzTicketLine(f *testing.F) {
	f.Add(`{"source":"zendesk","id":"42","kind":"problem","status":"open","created_at":"2026-11-27T16:30:00+01:00","fields":{"a":1,"b":[1,"x",null]},"events":[{"at":"2026-11-27T16:40:00Z","type":"reply","by":"agent","public":true},{"at":"2026-11-27T16:40:00Z","type":"tag","add":["workaround"]},{"at":"2026-11-28T16:40:00Z","type":"status","to":"solved"}],"now":"2026-11-30T12:00:00Z"}`)
	f.Add(`{"created_at":"0001-01-01T00:00:00Z","now":"9999-12-31T23:59:59Z"}`)
	f.Add(`{"created_at":"2026-11-27T16:30:00Z","priority":"urgent","now":"2299-01-01T00:00:00Z","events":[{"at":"2250-01-01T00:00:00Z","type":"reply"}]}`)
	var all []*rules.Policy
	for _, name := range policies.Names() {
		text, _ := policies.Read(name)
		p, problems := policyfile.Load(name, text, policies.ReadFile)
		if problems.Err() != nil {
			f.Fatal(problems)
		}
		all = append(all, p)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var line struct {
			rules.Ticket
			Now time.Time `json:"now"`
		}
		if json.Unmarshal([]byte(text), &line) != nil {
			return
		}
		v, err := rules.Evaluate(all, &line.Ticket, line.Now)
		if err != nil {
			return
		}
		if _, err := json.Marshal(&v); err != nil {
			t.Error(err)
		}
		for _, c := range v.Clocks {
			if c.Elapsed < 0 || c.Target <= 0 || c.Due != nil && c.Due.Before(c.StartedAt) {
				t.Errorf("%+v", c)
			}
		}
		v.Alerts(&line.Ticket, line.Now)
		if x, err := rules.Explain(all, &line.Ticket, line.Now); err == nil {
			words.In("fr").Explanation(&x)
		}
	})
}
