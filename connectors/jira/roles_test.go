package jira

import (
	"strings"
	"testing"

	"vigie/rules"
)

func TestWhoReplies(t *testing.T) {
	hugo := `{"accountId":"acc-hugo","accountType":"atlassian","displayName":"Hugo"}`
	reported := strings.ReplaceAll(base, omar, hugo) // by a colleague
	comment := func(author, more string) string {
		return `{"author":` + author + `,"created":"2026-11-24T12:00:00.000+0000"` + more + `}`
	}
	for name, tt := range map[string]struct {
		fields, changelog, talk string
		by                      string
		public                  bool
	}{
		"an agent":                              {base, "", comment(nadia, ""), "agent", true},
		"an agent, internally":                  {base, "", comment(nadia, `,"jsdPublic":false`), "agent", false},
		"an agent, to a role":                   {base, "", comment(nadia, `,"jsdPublic":true,"visibility":{"type":"role","value":"Administrators"}`), "agent", false},
		"a customer":                            {base, "", comment(omar, `,"jsdPublic":true`), "customer", true},
		"a customer who isn't the reporter":     {reported, "", comment(omar, ""), "customer", true},
		"a participant":                         {base + `,"customfield_10003":[` + hugo + `]`, "", comment(hugo, ""), "customer", true},
		"a colleague who asks":                  {reported, "", comment(hugo, ""), "customer", true},
		"the reporter is the assignee":          {reported + `,"assignee":` + hugo, "", comment(hugo, ""), "agent", true},
		"the reporter was the assignee":         {reported, entry("10:30", nadia, `{"field":"assignee","fieldId":"assignee","from":"acc-hugo","fromString":"Hugo","to":null}`), comment(hugo, ""), "agent", true},
		"the reporter who wrote internally too": {reported, "", comment(hugo, "") + "," + comment(hugo, `,"jsdPublic":false`), "agent", true},
		"a portal customer made assignee":       {base + `,"assignee":` + omar, "", comment(thinly, ""), "customer", true},
		"an app":                                {base, "", comment(robot, ""), "automation", true},
		"us":                                    {base, "", comment(ours, ""), "automation", true},
		"nobody":                                {base, "", comment("null", ""), "automation", true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, e := range tell(t, site(), tt.fields, tt.changelog, tt.talk).Events {
				if e.Type != rules.ReplyEvent {
					continue
				}
				if e.By != tt.by || e.Public != tt.public {
					t.Errorf("got by %s, public %v; want %s, %v", e.By, e.Public, tt.by, tt.public)
				}
				break
			}
		})
	}
}
