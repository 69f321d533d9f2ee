package jira

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/desk"
	"vigie/rules"
)

// site is the vocabulary that the tests of histories share.
func site() *vocabulary {
	v := &vocabulary{
		Config: Config{
			Name: "jira", URL: "https://acme.atlassian.net/", Email: "bot@acme.example",
			Priorities:      map[string]string{"highest": "haute", "high": "haute", "medium": "moyenne", "low": "faible"},
			VendorPriority:  map[string]string{"haute": "Highest", "moyenne": "Medium", "faible": "Low"},
			UnsetPriorities: []string{"Medium"},
			Automations:     []string{"Automation for Jira"},
			Status:          map[string]rules.Status{"Waiting for Approval": rules.WaitingThirdParty},
			Kinds:           []desk.Kind{{From: "vip", To: "assistance"}, {From: "Assistance technique", To: "assistance"}, {From: "Question", To: "question"}, {From: "Bug", To: "assistance"}},
			Group:           "customfield_10060",
			Channels:        map[string]string{"portal": "web"},
			DueFields:       []rules.DueField{{Metric: rules.FirstReply, ID: "customfield_10050"}},
		},
		self:  user{AccountID: "acc-bot"},
		cloud: true,
		fields: map[string]field{
			"customfield_10002": {"Organizations", "array", "sd-customer-organizations"},
			"customfield_10003": {"Request participants", "array", "sd-request-participants"},
			"customfield_10010": {"Request Type", "sd-customerrequesttype", "vp-origin"},
			"customfield_10050": {"First reply due", "datetime", "datetime"},
			"customfield_10051": {"Due day", "date", "datepicker"},
			"customfield_10054": {"Browser", "string", "textfield"},
			"customfield_10060": {"Team", "option", "select"},
			"duedate":           {"Due date", "date", ""},
		},
		ids:      map[string]string{"team": "customfield_10060", "browser": "customfield_10054"},
		statuses: map[string]string{"1": "new", "3": "indeterminate", "5": "done", "6": "done", "9": "done", "waiting for customer": "indeterminate"},
	}
	return v
}

// people of the tests, as Jira shows them in different places.
const (
	nadia  = `{"accountId":"acc-nadia","accountType":"atlassian","displayName":"Nadia","emailAddress":"nadia@acme.example"}` // an agent
	omar   = `{"accountId":"acc-omar","accountType":"customer","displayName":"Omar","emailAddress":"omar@globex.example","locale":"fr_FR"}`
	robot  = `{"accountId":"acc-robot","accountType":"app","displayName":"Automation"}`
	ours   = `{"accountId":"acc-bot","accountType":"atlassian","displayName":"Vigie"}`
	thinly = `{"accountId":"acc-omar","displayName":"Omar"}` // as changelogs and some comments show Omar
)

// tell reads an issue with a changelog and comments in Jira's own form.
func tell(t *testing.T, v *vocabulary, fields, changelog, talk string) *rules.Ticket {
	t.Helper()
	var i issue
	raw := `{"id":"10001","key":"SUP-1","properties":{"request.channel.type":{"value":"portal"}},"fields":{` + fields + `}}`
	var hs []history
	var cs comments
	for text, into := range map[string]any{raw: &i, "[" + changelog + "]": &hs, " [" + talk + "]": &cs} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	r := &record{issue: i, histories: hs, comments: cs.Comments}
	r.people = v.people(r)
	r.people.roll = map[string]bool{"acc-nadia": true}
	ticket, err := v.ticket(r)
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

// base are the fields that every issue needs.
const base = `"created":"2026-11-24T10:00:00.000+0100","updated":"2026-11-24T18:00:00.000+0100","summary":"Portal down",
	"status":{"id":"3","name":"In Progress","statusCategory":{"key":"indeterminate"}},
	"priority":{"id":"3","name":"Medium"},"issuetype":{"id":"1","name":"Task"},"project":{"id":"1","key":"SUP","name":"Support"},
	"reporter":` + omar + `,"creator":` + omar

func at(hhmm string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", "2026-11-24 "+hhmm)
	if err != nil {
		panic(err)
	}
	return t
}

// entry is a changelog entry as per-issue changelogs give it.
func entry(hhmm, author, items string) string {
	return `{"id":"` + hhmm + author[14:20] + `","author":` + author + `,"created":"2026-11-24T` + hhmm + `:00.000+0000","items":[` + items + `]}`
}

func TestTicketOfAWholeLife(t *testing.T) {
	got := tell(t, site(),
		`"created":"2026-11-24T10:00:00.123+0100","updated":"2026-11-24T16:00:00.000+0000","summary":"Portal down again",
		"description":"h1. Hello\nThe *portal* is down.\n-- \nOmar","status":{"id":"5","name":"Resolved","statusCategory":{"key":"done"}},
		"priority":{"name":"High"},"issuetype":{"name":"Bug"},"labels":["web","urgent"],"reporter":`+omar+`,"creator":`+omar+`,"assignee":`+nadia+`,
		"customfield_10002":[{"id":"1","name":"Globex, Inc."},{"id":"2","name":"Initech"}],
		"customfield_10010":{"requestType":{"id":"7","name":"Assistance technique"}},
		"customfield_10050":"2026-11-24T12:00:00.000+0100","customfield_10051":"2026-11-30","customfield_10054":"Firefox 140",
		"customfield_10060":{"id":"9","value":"Pune"},"customfield_10070":{"odd":[]}`,
		strings.Join([]string{
			entry("11:00", nadia, `{"field":"priority","fieldId":"priority","from":"3","fromString":"Medium","to":"2","toString":"High"},
				{"field":"assignee","fieldId":"assignee","from":null,"fromString":null,"to":"acc-nadia","toString":"Nadia"}`),
			entry("09:30", ours, `{"field":"labels","fieldId":"labels","fromString":"web slow","toString":"web urgent"},
				{"field":"First reply due","fieldtype":"custom","fieldId":"customfield_10050","from":null,"fromString":null,"to":"2026-11-24T11:00:00+0000","toString":"24/Nov/26 12:00 PM"}`),
			entry("12:00", nadia, `{"field":"status","fieldId":"status","from":"1","fromString":"Open","to":"77","toString":"Waiting for customer"},
				{"field":"Team","fieldId":"customfield_10060","fieldtype":"custom","fromString":"Paris","toString":"Pune"}`),
			entry("15:00", nadia, `{"field":"status","fieldId":"status","from":"77","fromString":"Waiting for customer","to":"5","toString":"Resolved"},
				{"field":"resolution","fieldId":"resolution","toString":"Done"},
				{"field":"summary","fieldId":"summary","fromString":"Portal down","toString":"Portal down again"}`),
			entry("13:00", robot, `{"field":"Request Type","fieldId":"customfield_10010","fromString":"Question","toString":"sup/8f2"},
				{"field":"issuetype","fieldId":"issuetype","fromString":"Task","toString":"Bug"},
				{"field":"duedate","fieldId":"duedate","from":"2026-12-01","fromString":"2026-12-01 00:00:00.0","to":null,"toString":null}`),
		}, ","),
		strings.Join([]string{
			`{"id":"1","author":` + nadia + `,"created":"2026-11-24T11:30:00.000+0000","jsdPublic":true}`,
			`{"id":"2","author":` + thinly + `,"created":"2026-11-24T14:00:00.000Z","jsdPublic":true}`,
			`{"id":"3","author":` + nadia + `,"created":1795532400000,"jsdPublic":false}`,
			`{"id":"4","author":` + robot + `,"created":"2026-11-24T09:01:00.000+0000","jsdPublic":true}`,
			`{"id":"5","author":` + ours + `,"created":"2026-11-24T15:30:00.000+0000","jsdPublic":false}`,
		}, ","))
	want := &rules.Ticket{
		Source: "jira", ID: "SUP-1", Kind: "question", Status: rules.New, Priority: "", VendorPriority: "haute", Channel: "web",
		Organization: "Globex, Inc.", Group: "Paris", Requester: "omar@globex.example", Language: "fr",
		Subject: "Portal down", Text: "Portal down\nHello\nThe portal is down.", Tags: []string{"web", "slow"},
		Fields:    rules.Fields{"customfield_10051": "2026-11-30", "customfield_10054": "Firefox 140", "duedate": "2026-12-01"},
		CreatedAt: time.Date(2026, 11, 24, 9, 0, 0, 123e6, time.UTC), URL: "https://acme.atlassian.net/browse/SUP-1",
		Events: []rules.Event{
			{At: at("09:01"), Type: rules.ReplyEvent, By: "automation", Public: true},
			{At: at("09:30"), Type: rules.TagEvent, Add: []string{"urgent"}, Remove: []string{"slow"}, By: "vigie"},
			{At: at("09:30"), Type: rules.FieldEvent, Name: "customfield_10050", To: "2026-11-24T11:00:00Z", By: "vigie"},
			{At: at("11:00"), Type: rules.PriorityEvent, To: "haute", By: "agent"},
			{At: at("11:00"), Type: rules.AssigneeEvent, To: "nadia@acme.example", By: "agent"},
			{At: at("11:30"), Type: rules.ReplyEvent, By: "agent", Public: true},
			{At: at("12:00"), Type: rules.StatusEvent, To: "waiting_customer", By: "agent"},
			{At: at("12:00"), Type: rules.GroupEvent, To: "Pune", By: "agent"},
			{At: at("13:00"), Type: rules.KindEvent, To: "assistance", By: "automation"},
			{At: at("13:00"), Type: rules.FieldEvent, Name: "duedate", By: "automation"},
			{At: at("14:00"), Type: rules.ReplyEvent, By: "customer", Public: true},
			{At: at("15:00"), Type: rules.StatusEvent, To: "solved", By: "agent"},
			{At: at("15:00"), Type: rules.ReplyEvent, By: "agent"},
			{At: at("15:30"), Type: rules.ReplyEvent, By: "automation"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPriorityAtCreation(t *testing.T) {
	high := strings.Replace(base, `"Medium"`, `"High"`, 1)
	by := func(fields, creator string) string {
		return strings.Replace(fields, `"creator":`+omar, `"creator":`+creator, 1)
	}
	for name, tt := range map[string]struct {
		fields    string
		requester bool
		want      string
	}{
		"Jira's default":                       {by(base, nadia), true, ""},
		"the requester's choice":               {high, false, ""},
		"the requester's choice, if it counts": {high, true, "haute"},
		"an agent's choice for a customer":     {by(high, nadia), false, "haute"},
		"an automation's":                      {by(high, robot), true, ""},
		"our own":                              {by(high, ours), true, ""},
		"a colleague asking for himself":       {strings.ReplaceAll(high, omar, nadia), false, ""},
		"a priority that no policy knows":      {by(strings.Replace(base, `"Medium"`, `"Blocker"`, 1), nadia), false, "Blocker"},
		"one that the policy calls another by": {by(strings.Replace(base, `"Medium"`, `"Haute"`, 1), nadia), false, "jira:Haute"},
	} {
		t.Run(name, func(t *testing.T) {
			v := site()
			v.RequesterPriority = tt.requester
			if got := tell(t, v, tt.fields, "", "").Priority; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPriorityChanges(t *testing.T) {
	change := `{"field":"priority","fieldId":"priority","fromString":"Low","toString":"Highest"}`
	for name, tt := range map[string]struct {
		author    string
		requester bool
		want      []rules.Event
	}{
		"by an agent":         {nadia, false, []rules.Event{{At: at("11:00"), Type: rules.PriorityEvent, To: "haute", By: "agent"}}},
		"by an automation":    {robot, false, []rules.Event{{At: at("11:00"), Type: rules.PriorityEvent, To: "haute", By: "automation"}}},
		"by us":               {ours, false, []rules.Event{{At: at("11:00"), Type: rules.PriorityEvent, To: "haute", By: "vigie"}}},
		"a wish":              {omar, false, nil},
		"a wish that counts":  {omar, true, []rules.Event{{At: at("11:00"), Type: rules.PriorityEvent, To: "haute", By: "customer"}}},
		"by a listed account": {`{"accountId":"acc-auto","displayName":"automation for jira"}`, false, []rules.Event{{At: at("11:00"), Type: rules.PriorityEvent, To: "haute", By: "automation"}}},
	} {
		t.Run(name, func(t *testing.T) {
			v := site()
			v.RequesterPriority = tt.requester
			if diff := cmp.Diff(tt.want, tell(t, v, base, entry("11:00", tt.author, change), "").Events); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGroups(t *testing.T) {
	groups := func(t *testing.T, group, fields, changelog string) []string {
		v := site()
		v.Group = group
		ticket := tell(t, v, base+fields, changelog, "")
		list := []string{ticket.Group}
		for _, e := range ticket.Events {
			if e.Type == rules.GroupEvent {
				list = append(list, e.To)
			}
		}
		return list
	}
	component := func(hhmm, from, to string) string {
		return entry(hhmm, nadia, `{"field":"Component","fieldId":"components","fromString":`+from+`,"toString":`+to+`}`)
	}
	for name, tt := range map[string]struct {
		group, fields, changelog string
		want                     []string
	}{
		"none configured":       {"", `,"components":[{"name":"Paris"}]`, "", []string{""}},
		"a field never changed": {"customfield_10060", `,"customfield_10060":{"value":"Paris"}`, "", []string{"Paris"}},
		"a component":           {"component", `,"components":[{"name":"Paris"}]`, "", []string{"Paris"}},
		"components handed over": {"component", `,"components":[{"name":"Pune"}]`,
			component("11:00", "null", `"Paris"`) + "," + component("12:00", `"Paris"`, "null") + "," + component("13:00", "null", `"Pune"`),
			[]string{"", "Paris", "", "Pune"}},
		"a component taken off": {"component", `,"components":[{"name":"Pune"}]`,
			component("11:00", "null", `"Zürich"`) + "," + component("12:00", `"Paris"`, "null"), []string{"Paris", "Pune"}},
		"several components: the first by name": {"component", `,"components":[{"name":"Pune"},{"name":"Paris"}]`,
			component("11:00", "null", `"Paris"`), []string{"Pune", "Paris"}},
		"a moved issue": {"project", "", entry("11:00", nadia, `{"field":"project","fieldId":"project","from":"2","fromString":"Desk","to":"1","toString":"Support"},
			{"field":"Key","fromString":"DESK-9","toString":"SUP-1"}`), []string{"Desk", "Support"}},
		"Data Center's items have names only": {"customfield_10060", `,"customfield_10060":{"value":"Pune"}`,
			entry("11:00", nadia, `{"field":"Team","fieldtype":"custom","fromString":"Paris","toString":"Pune"}`), []string{"Paris", "Pune"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, groups(t, tt.group, tt.fields, tt.changelog)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDueFieldChangedByAPerson(t *testing.T) {
	// Only the display text, which follows the site's settings: the issue says
	// what it is now, the past stays as shown.
	got := tell(t, site(), base+`,"customfield_10050":"2026-11-24T15:00:00.000+0100"`,
		entry("11:00", nadia, `{"field":"First reply due","fieldId":"customfield_10050","fromString":"24/Nov/26 1:00 PM","toString":"24/Nov/26 3:00 PM"}`), "")
	want := []rules.Event{{At: at("11:00"), Type: rules.FieldEvent, Name: "customfield_10050", To: "2026-11-24T14:00:00Z", By: "agent"}}
	if diff := cmp.Diff(want, got.Events); diff != "" {
		t.Error(diff)
	}
}

func TestRepeatedHistoriesCountOnce(t *testing.T) {
	h := entry("11:00", nadia, `{"field":"labels","fieldId":"labels","fromString":"","toString":"a"}`)
	if got := tell(t, site(), base, h+","+h, "").Events; len(got) != 1 {
		t.Errorf("got %d events, want 1", len(got))
	}
}

func TestOddFieldsCostOnlyThemselves(t *testing.T) {
	odd := base + `,"labels":"not a list","assignee":[],"description":{"type":7},"components":3,"customfield_10002":"x","customfield_10050":"soon","customfield_10054":["a",{"value":"b"},[1]]`
	got := tell(t, site(), odd, "", "")
	if got.Subject != "Portal down" || got.Status != rules.Open || got.Fields["customfield_10050"] != "soon" || got.Fields["customfield_10054"] != "a,b,1" {
		t.Errorf("got %+v", got)
	}
}

// Metadata of other programs, whatever they hold, name nobody.
func TestMetadataOfOthers(t *testing.T) {
	change := entry("09:10", ours, `{"field":"priority","fieldId":"priority","from":"3","fromString":"Medium","to":"1","toString":"Highest"}`)
	for metadata, want := range map[string]string{
		`null`: rules.ByVigie, `"odd"`: rules.ByVigie, `{"type":7}`: rules.ByVigie, `{"type":"vigie","actor":"odd"}`: rules.ByVigie,
		`{"type":"rule","actor":{"displayName":"Lena"}}`:  rules.ByVigie,
		`{"type":"vigie","actor":{"displayName":"Lena"}}`: "Lena",
	} {
		got := tell(t, site(), base, strings.Replace(change, `"items"`, `"historyMetadata":`+metadata+`,"items"`, 1), "")
		if len(got.Events) != 1 || got.Events[0].By != want {
			t.Errorf("%s: got %+v, want it by %q", metadata, got.Events, want)
		}
	}
}
