package zendesk_test

import (
	"slices"
	"testing"

	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
	"vigie/rules"
)

// A priority that no row of the policy names is a person's choice all the same, and
// never another one's of the same name.
func TestPriorityThatNoRowNames(t *testing.T) {
	for _, c := range []struct {
		name        string
		read, write map[string]string
		want        string
	}{
		{"named", map[string]string{"high": "haute"}, map[string]string{"haute": "high"}, "haute"},
		{"not named", map[string]string{"urgent": "urgent"}, map[string]string{"urgent": "urgent"}, "high"},
		{"another's name", map[string]string{"urgent": "High"}, map[string]string{"High": "urgent"}, "zendesk:high"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, func(cfg *zendesk.Config, _ *world) { cfg.Priorities, cfg.VendorPriority = c.read, c.write })
			chosen := d.open(t, sandbox.NewTicket{SubmitterEmail: lena, Priority: "high"})
			changed := d.open(t, sandbox.NewTicket{})
			d.step(t, func() error { return d.z.SetPriority(changed, lena, "high") })
			d.step(t, func() error { return d.z.SetPriority(changed, lena, "") })
			if got := d.read(t, chosen).Ticket; got.Priority != c.want || got.VendorPriority != c.want {
				t.Errorf("at creation: got %q, and the field as %q, want %q", got.Priority, got.VendorPriority, c.want)
			}
			var to []string
			for _, e := range d.read(t, changed).Ticket.Events {
				if e.Type == rules.PriorityEvent {
					to = append(to, e.To+" "+e.By)
				}
			}
			if want := []string{c.want + " agent", " agent"}; !slices.Equal(to, want) {
				t.Errorf("changed: got %q, want %q", to, want)
			}
		})
	}
}
