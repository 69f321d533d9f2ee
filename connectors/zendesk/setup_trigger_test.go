package zendesk

import (
	"testing"

	gozendesk "github.com/nukosuke/go-zendesk/zendesk"
)

// Whether triggers together call a webhook on every update.
func TestPartial(t *testing.T) {
	create, change := onUpdate("Create"), onUpdate("Change")
	solved := gozendesk.TriggerCondition{Field: "status", Operator: "is", Value: "solved"}
	listed := gozendesk.TriggerCondition{Field: "custom_status_id", Operator: "includes", Value: []any{"1", "2"}}
	type conditions = []gozendesk.TriggerCondition
	trigger := func(all, any conditions) (t gozendesk.Trigger) {
		t.Conditions.All, t.Conditions.Any = all, any
		return t
	}
	for _, c := range []struct {
		name    string
		calling []gozendesk.Trigger
		partial bool
	}{
		{"ours", []gozendesk.Trigger{ourTrigger("Vigie zendesk", "W")}, false},
		{"none, of which more is said elsewhere", nil, false},
		{"one for each", []gozendesk.Trigger{trigger(conditions{create}, nil), trigger(nil, conditions{change})}, false},
		{"any of both, or solved", []gozendesk.Trigger{trigger(nil, conditions{create, change, solved})}, false},
		{"created ones alone", []gozendesk.Trigger{trigger(conditions{create}, nil)}, true},
		{"both at once, which never is", []gozendesk.Trigger{trigger(conditions{create, change}, nil)}, true},
		{"solved ones alone", []gozendesk.Trigger{trigger(conditions{solved}, conditions{create, change})}, true},
		{"statuses of a list", []gozendesk.Trigger{trigger(conditions{listed}, conditions{create, change})}, true},
		{"two that are partial", []gozendesk.Trigger{trigger(conditions{create, solved}, nil), trigger(conditions{change}, nil)}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := partial(c.calling); (len(got) > 0) != c.partial {
				t.Errorf("got %v, want partial = %t", got, c.partial)
			}
		})
	}
}
