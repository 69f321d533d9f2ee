package zendesk

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/desk"
	"vigie/rules"
)

// The people and names that histories in tests speak of.
func testNames() *names {
	return &names{
		self: "1", automations: []string{"sync@acme.example"},
		users: map[string]person{
			"1": {"bot@acme.example", "admin", "en-US"},
			"2": {"Sync@acme.example", "agent", "en-US"},
			"3": {"lena@support.example", "agent", "de"},
			"4": {"nadia@acme.example", "end-user", "fr-FR"},
		},
		groups:        map[string]string{"20": "Berlin", "21": "Pune"},
		organizations: map[string]string{"30": "Acme"},
		forms:         map[string]string{"50": "Feature form"},
		statuses:      map[string]customStatus{"70": {"Waiting on engineering", "open"}, "71": {"Solved", "solved"}},
	}
}

const testRow = `{"id":42,"created_at":"2026-11-27T16:30:00Z","updated_at":"2026-11-27T18:00:00Z","subject":"S","description":"D",
	"requester_id":4,"status":"open","via":{"channel":"web"}`

// tell tells a ticket from JSON: members that the row has besides testRow's, and
// its audits.
func tell(t *testing.T, cfg Config, row, audits string) *rules.Ticket {
	t.Helper()
	if row != "" {
		row = "," + row
	}
	w, err := readTicket(json.RawMessage(testRow + row + "}"))
	if err != nil {
		t.Fatal(err)
	}
	var list []wireAudit
	if err := decode([]byte(audits), &list); err != nil {
		t.Fatal(err)
	}
	return cfg.ticket(w, list, testNames())
}

// clock is an instant of Friday 2026-11-27.
func clock(s string) time.Time {
	t, err := time.Parse(time.DateTime, "2026-11-27 "+s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestEvents(t *testing.T) {
	const created = `{"id":1,"author_id":4,"created_at":"2026-11-27T16:30:00Z","via":{"channel":"web"},"events":[{"type":"Comment","public":true,"body":"D"}]},`
	tests := []struct {
		name        string
		cfg         Config
		row, audits string
		want        []rules.Event
	}{
		{"an audit older than its ticket", Config{}, `"priority":"high"`, `[` + created +
			`{"id":2,"author_id":3,"created_at":"2026-11-27T16:29:58Z","events":[{"type":"Change","field_name":"priority","value":"high","previous_value":null}]}]`,
			[]rules.Event{{At: clock("16:30:00"), Type: "priority", To: "high", By: "agent"}}},
		{"an audit twice, in the wrong order", Config{}, `"group_id":21`, `[` +
			`{"id":3,"author_id":3,"created_at":"2026-11-27T17:00:00Z","events":[{"type":"Change","field_name":"group_id","value":"21","previous_value":"20"}]},` +
			`{"id":3,"author_id":3,"created_at":"2026-11-27T17:00:00Z","events":[{"type":"Change","field_name":"group_id","value":"21","previous_value":"20"}]},` +
			strings.TrimSuffix(created, ",") + `]`,
			[]rules.Event{{At: clock("17:00:00"), Type: "group", To: "Pune", By: "agent"}}},
		{"a trigger inside an agent's audit", Config{}, `"status":"pending","tags":["auto"]`, `[` + created +
			`{"id":2,"author_id":3,"created_at":"2026-11-27T17:00:00Z","via":{"channel":"web"},"events":[
				{"type":"Comment","public":true,"body":"x","author_id":3},
				{"type":"Change","field_name":"status","value":"pending","previous_value":"open"},
				{"type":"Change","field_name":"tags","value":["auto"],"previous_value":[],"via":{"channel":"rule"}},
				{"type":"Notification","body":"x"}]}]`,
			[]rules.Event{
				{At: clock("17:00:00"), Type: "reply", By: "agent", Public: true},
				{At: clock("17:00:00"), Type: "tag", Add: []string{"auto"}, By: "automation"},
				{At: clock("17:00:00"), Type: "status", To: "waiting_customer", By: "agent"}}},
		{"our own write", Config{}, `"tags":["vip","sla_update_breached"],"custom_fields":[{"id":360001,"value":"2026-11-30T08:30:00Z"}]`, `[` + created +
			`{"id":2,"author_id":1,"created_at":"2026-11-27T17:00:00Z","via":{"channel":"api"},"events":[
				{"type":"Change","field_name":"tags","value":["vip","sla_update_breached"],"previous_value":["vip"]},
				{"type":"Change","field_name":"360001","value":"2026-11-30T08:30:00Z","previous_value":null},
				{"type":"Comment","public":false,"body":"Jira: in progress"}]}]`,
			[]rules.Event{
				{At: clock("17:00:00"), Type: "tag", Add: []string{"sla_update_breached"}, By: "vigie"},
				{At: clock("17:00:00"), Type: "field", Name: "360001", To: "2026-11-30T08:30:00Z", By: "vigie"},
				{At: clock("17:00:00"), Type: "reply", By: "automation"}}},
		{"a listed account", Config{}, `"priority":"low"`, `[` + created +
			`{"id":2,"author_id":2,"created_at":"2026-11-27T17:00:00Z","events":[{"type":"Comment","public":true,"body":"We got it."},
				{"type":"Change","field_name":"priority","value":"low","previous_value":null}]}]`,
			[]rules.Event{
				{At: clock("17:00:00"), Type: "reply", By: "automation", Public: true},
				{At: clock("17:00:00"), Type: "priority", To: "low", By: "automation"}}},
		{"the system", Config{}, `"status":"closed"`, `[` + created +
			`{"id":2,"author_id":-1,"created_at":"2026-11-27T17:00:00Z","via":{"channel":"rule"},"events":[{"type":"Change","field_name":"status","value":"closed","previous_value":"solved"}]}]`,
			[]rules.Event{{At: clock("17:00:00"), Type: "status", To: "closed", By: "automation"}}},
		{"merged into another", Config{}, `"status":"closed","tags":["closed_by_merge"]`, `[` + created +
			`{"id":2,"author_id":3,"created_at":"2026-11-27T17:00:00Z","events":[{"type":"Change","field_name":"status","value":"closed","previous_value":"open"},
				{"type":"Change","field_name":"tags","value":["closed_by_merge"],"previous_value":[]}]}]`,
			[]rules.Event{
				{At: clock("17:00:00"), Type: "tag", Add: []string{"closed_by_merge"}, By: "agent"},
				{At: clock("17:00:00"), Type: "status", To: "deleted", By: "agent"}}},
		{"a custom status of the same category", Config{Status: map[string]rules.Status{"Waiting on engineering": rules.WaitingThirdParty}}, `"custom_status_id":70`, `[` + created +
			`{"id":2,"author_id":3,"created_at":"2026-11-27T17:00:00Z","events":[{"type":"Change","field_name":"custom_status_id","value":70,"previous_value":69}]}]`,
			[]rules.Event{{At: clock("17:00:00"), Type: "status", To: "waiting_third_party", By: "agent"}}},
		{"a person changes a due field", Config{}, `"custom_fields":[{"id":360001,"value":null}]`, `[` + created +
			`{"id":2,"author_id":3,"created_at":"2026-11-27T17:00:00Z","events":[{"type":"Change","field_name":"360001","value":null,"previous_value":"x"}]}]`,
			[]rules.Event{{At: clock("17:00:00"), Type: "field", Name: "360001", By: "agent"}}},
		{"the customer's priority counts for nothing", Config{}, `"priority":"urgent"`, `[` + created +
			`{"id":2,"author_id":4,"created_at":"2026-11-27T17:00:00Z","events":[{"type":"Change","field_name":"priority","value":"urgent","previous_value":"low"}]}]`, nil},
		{"unless it is to count", Config{RequesterPriority: true}, `"priority":"urgent"`, `[` + created +
			`{"id":2,"author_id":4,"created_at":"2026-11-27T17:00:00Z","events":[{"type":"Change","field_name":"priority","value":"urgent","previous_value":"low"}]}]`,
			[]rules.Event{{At: clock("17:00:00"), Type: "priority", To: "urgent", By: "customer"}}},
		{"an agent who is the requester", Config{}, `"requester_id":3`, `[` + created +
			`{"id":2,"author_id":3,"created_at":"2026-11-27T17:00:00Z","events":[{"type":"Comment","public":true,"body":"And?"}]}]`,
			[]rules.Event{{At: clock("17:00:00"), Type: "reply", By: "customer", Public: true, Text: "And?"}}},
		{"an account that is gone is nobody's answer", Config{}, ``, `[` + created +
			`{"id":2,"author_id":99,"created_at":"2026-11-27T17:00:00Z","events":[{"type":"Comment","public":true,"body":"x"}]}]`,
			[]rules.Event{{At: clock("17:00:00"), Type: "reply", By: "customer", Public: true, Text: "x"}}},
		{"what the audits don't explain", Config{}, `"status":"pending","group_id":20`, `[` + created +
			`{"id":2,"author_id":3,"created_at":"2026-11-27T17:00:00Z","events":[{"type":"Change","field_name":"status","value":"open","previous_value":"new"}]}]`,
			[]rules.Event{
				{At: clock("17:00:00"), Type: "status", To: "open", By: "agent"},
				{At: clock("18:00:00"), Type: "status", To: "waiting_customer", By: "automation"}}},
		{"audits younger than the row", Config{}, `"status":"new"`, `[` + created +
			`{"id":2,"author_id":3,"created_at":"2026-11-27T18:00:05Z","events":[{"type":"Change","field_name":"status","value":"open","previous_value":"new"}]}]`,
			[]rules.Event{{At: clock("18:00:05"), Type: "status", To: "open", By: "agent"}}},
		{"type, form and tag make the kind", Config{Kinds: []desk.Kind{{From: "billing", To: "commercial"}, {From: "feature form", To: "feature"}}}, `"type":"incident","ticket_form_id":50,"tags":["billing"]`, `[` + created +
			`{"id":2,"author_id":3,"created_at":"2026-11-27T17:00:00Z","events":[{"type":"Change","field_name":"type","value":"incident","previous_value":"question"}]},
			 {"id":3,"author_id":3,"created_at":"2026-11-27T17:10:00Z","events":[{"type":"Change","field_name":"ticket_form_id","value":"50","previous_value":"49"}]},
			 {"id":4,"author_id":4,"created_at":"2026-11-27T17:20:00Z","events":[{"type":"Change","field_name":"tags","value":"billing","previous_value":""}]}]`,
			[]rules.Event{
				{At: clock("17:00:00"), Type: "field", Name: "type", To: "incident", By: "agent"}, // a policy may ask whether somebody has given one
				{At: clock("17:00:00"), Type: "kind", To: "incident", By: "agent"},
				{At: clock("17:10:00"), Type: "kind", To: "feature", By: "agent"},
				{At: clock("17:20:00"), Type: "tag", Add: []string{"billing"}, By: "customer"},
				{At: clock("17:20:00"), Type: "kind", To: "commercial", By: "customer"}}},
		{"events that don't matter, and odd ones", Config{}, ``, `[` + created +
			`{"id":2,"author_id":3,"created_at":"2026-11-27T17:00:00Z","events":[{"type":"Change","field_name":"brand_id","value":"1"},{"type":7,"field_name":{},"value":{}},
				{"type":"Change","field_name":"subject","value":"T","previous_value":"S"},"odd",null,{"type":"Cc"}]},null,{"events":"none"}]`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tell(t, tt.cfg, tt.row, tt.audits)
			if diff := cmp.Diff(tt.want, got.Events); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAtCreation(t *testing.T) {
	// Created by author A with priority P; a day of changes came later.
	creation := func(author string) string {
		return `[{"id":1,"author_id":` + author + `,"created_at":"2026-11-27T16:30:00Z","via":{"channel":"web"},"events":[
			{"type":"Create","field_name":"subject","value":"First subject"},{"type":"Create","field_name":"status","value":"new"},
			{"type":"Create","field_name":"priority","value":"normal"},{"type":"Create","field_name":"tags","value":["a","b"]},
			{"type":"Create","field_name":"group_id","value":"20"},{"type":"Create","field_name":"organization_id","value":"30"},
			{"type":"Create","field_name":"assignee_id","value":null},{"type":"Create","field_name":"360009","value":true},
			{"type":"Comment","public":true,"body":"Nobody gets in.\n-- \nNadia, Acme"}]},
			{"id":2,"author_id":3,"created_at":"2026-11-27T17:00:00Z","events":[
			{"type":"Change","field_name":"type","value":"problem","previous_value":"incident"},
			{"type":"Change","field_name":"priority","value":"urgent","previous_value":"normal"},
			{"type":"Change","field_name":"tags","value":["c"],"previous_value":["a","b"]}]}]`
	}
	row := `"type":"problem","priority":"urgent","status":"new","tags":["c"],"group_id":20,"organization_id":30,
		"custom_fields":[{"id":360009,"value":true},{"id":360010,"value":745},{"id":360011,"value":["x","y"]},{"id":360012,"value":{"odd":1}},{"id":null},7,{"id":360013,"value":null}]`
	want := &rules.Ticket{
		Source: "zendesk", ID: "42", Kind: "incident", Status: "new", Priority: "normal", VendorPriority: "urgent", Channel: "web", Organization: "Acme", Group: "Berlin",
		Requester: "nadia@acme.example", Language: "fr", Subject: "S", Text: "First subject\nNobody gets in.", Tags: []string{"a", "b"},
		Fields:    rules.Fields{"360009": "true", "360010": "745", "360011": "x,y", "360012": `{"odd":1}`, "type": "incident"},
		CreatedAt: clock("16:30:00"), URL: "https://acme.zendesk.com/agent/tickets/42", OpenedBy: "agent",
	}
	got := tell(t, Config{Name: "zendesk", URL: "https://acme.zendesk.com"}, row, creation("3"))
	got.Events = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	for _, tt := range []struct {
		name, author string
		cfg          Config
		want         string
	}{
		{"an agent's choice", "3", Config{}, "normal"},
		{"an agent's choice that means none yet", "3", Config{UnsetPriorities: []string{"Normal"}}, ""},
		{"in the policy's words", "3", Config{Priorities: map[string]string{"normal": "moyenne"}}, "moyenne"},
		{"the customer's choice", "4", Config{}, ""},
		{"the customer's choice where it counts", "4", Config{RequesterPriority: true}, "normal"},
		{"a listed account's", "2", Config{}, ""},
		{"our own", "1", Config{}, ""},
		{"nobody's", "-1", Config{}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tell(t, tt.cfg, row, creation(tt.author)).Priority; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}

	t.Run("without audits", func(t *testing.T) {
		got := tell(t, Config{}, row, `[]`)
		if got.Kind != "problem" || got.Priority != "urgent" || len(got.Events) != 0 || got.Text != "S\nD" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestStatuses(t *testing.T) {
	c := &Config{Status: map[string]rules.Status{"Waiting on engineering": rules.WaitingThirdParty, "hold": rules.Open, "solved": rules.Solved}}
	for _, tt := range []struct {
		status, custom string
		want           rules.Status
	}{
		{"new", "", "new"}, {"open", "", "open"}, {"Open", "", "open"}, {"pending", "", "waiting_customer"}, {"hold", "", "open"},
		{"solved", "", "solved"}, {"closed", "71", "closed"}, {"deleted", "", "deleted"}, {"", "", "new"}, {"invented", "", "open"},
		{"open", "70", "waiting_third_party"}, {"pending", "70", "waiting_customer"}, {"open", "999", "open"},
	} {
		if got := c.statusOf(values{"status": tt.status, "custom_status_id": tt.custom}, testNames()); got != tt.want {
			t.Errorf("%q with custom status %q: got %q, want %q", tt.status, tt.custom, got, tt.want)
		}
	}
}

func FuzzHistory(f *testing.F) {
	f.Add([]byte(testRow+"}"), []byte(`[{"id":1,"author_id":4,"created_at":"2026-11-27T16:30:00Z","events":[{"type":"Create","field_name":"tags","value":"a b"}]}]`))
	f.Add([]byte(`{"id":"42","created_at":"2026-11-27T16:30:00Z","tags":7,"custom_fields":{}}`), []byte(`[{"events":[{"type":"Change","field_name":"status","value":{}}]}]`))
	cfg := Config{Kinds: []desk.Kind{{From: "a", To: "b"}}, Status: map[string]rules.Status{"x": rules.Open}}
	f.Fuzz(func(t *testing.T, row, audits []byte) {
		w, err := readTicket(row)
		if err != nil {
			return
		}
		var list []wireAudit
		_ = decode(audits, &list)
		got := cfg.ticket(w, list, testNames())
		for _, e := range got.Events {
			if e.At.Before(got.CreatedAt) {
				t.Errorf("event before creation: %+v", e)
			}
		}
	})
}
