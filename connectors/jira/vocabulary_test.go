package jira

import (
	"strings"
	"testing"

	"vigie/rules"
)

func TestStatuses(t *testing.T) {
	for name, tt := range map[string]struct {
		id, name, category string
		want               rules.Status
	}{
		"by configuration, whatever the case": {"3", "waiting for APPROVAL", "indeterminate", rules.WaitingThirdParty},
		"waiting for customer":                {"", "Waiting for customer", "indeterminate", rules.WaitingCustomer},
		"the same, French":                    {"", "En attente du client", "indeterminate", rules.WaitingCustomer},
		"pending is nobody's wait":            {"", "Pending", "indeterminate", rules.WaitingThirdParty},
		"closed":                              {"6", "Closed", "done", rules.Closed},
		"the same, in French":                 {"", "Fermé", "done", rules.Closed},
		"category new":                        {"", "Backlog of ideas", "new", rules.New},
		"category indeterminate":              {"", "In Review", "indeterminate", rules.Open},
		"category done":                       {"", "Shipped", "done", rules.Solved},
		"a past status by its id":             {"9", "Shipped", "", rules.Solved},
		"a past status that is no more":       {"4711", "Canceled", "", rules.Solved},
		"one that says nothing":               {"4711", "Froz", "", rules.Open},
	} {
		t.Run(name, func(t *testing.T) {
			if got := site().status(tt.id, tt.name, tt.category); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestKindsInOrder(t *testing.T) {
	question := `,"customfield_10010":{"requestType":{"name":"Question"}}`
	for name, tt := range map[string]struct{ fields, want string }{
		"request type before issue type": {strings.Replace(base, `"Task"`, `"Bug"`, 1) + question, "question"},
		"a label named first":            {base + question + `,"labels":["VIP"]`, "assistance"},
		"an issue type alone":            {strings.Replace(base, `"Task"`, `"Bug"`, 1), "assistance"},
		"none":                           {base, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tell(t, site(), tt.fields, "", "").Kind; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
