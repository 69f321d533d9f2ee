package rules_test

import (
	"slices"
	"strings"
	"testing"

	"vigie/rules"
	"vigie/rules/words"
)

// What a person has changed is said where it differs from the policy's, and only
// there.
func TestExplainSaysWhatPeopleKeep(t *testing.T) {
	p := officeFrom(t, "", row("resolution", "4 business hours", `pause = ["waiting_customer"]`))
	due := []rules.DueField{{Metric: "resolution", ID: "360001"}, {Metric: "resolution", ID: "360002"}, {Metric: "update", ID: "360003"}}
	tag := func(at, by string, add, remove []string) rules.Event {
		return rules.Event{At: when(t, at), Type: rules.TagEvent, Add: add, Remove: remove, By: by}
	}
	field := func(at, by, id, to string) rules.Event {
		return rules.Event{At: when(t, at), Type: rules.FieldEvent, Name: id, To: to, By: by}
	}
	ours := []rules.Event{
		tag("Mon 9:01", rules.ByVigie, []string{"priority_normal"}, nil),
		field("Mon 9:01", rules.ByVigie, "360001", "2026-11-30T12:00:00Z"), field("Mon 9:01", rules.ByVigie, "360002", "2026-11-30"),
	}
	for _, c := range []struct {
		name   string
		events []rules.Event
		want   []string
	}{
		{"nobody", nil, nil},
		{"a tag is taken off", []rules.Event{tag("Mon 9:30", rules.ByAgent, nil, []string{"priority_normal"})},
			[]string{"A person's choice, left as it is: the tag priority_normal, taken off Mon 2026-11-30 09:30 CET"}},
		{"and put on again", []rules.Event{tag("Mon 9:30", rules.ByAgent, nil, []string{"priority_normal"}), tag("Mon 9:40", rules.ByAgent, []string{"priority_normal"}, nil)}, nil},
		{"another is put on", []rules.Event{tag("Mon 9:30", rules.ByAgent, []string{"priority_low", "vip"}, nil)},
			[]string{"A person's choice, left as it is: the tag priority_low, put on Mon 2026-11-30 09:30 CET"}},
		{"by a program, which has no last word on tags", []rules.Event{tag("Mon 9:30", rules.ByAutomation, []string{"priority_low"}, nil)}, nil},
		{"later than now", []rules.Event{tag("Mon 11:30", rules.ByAgent, []string{"priority_low"}, nil), field("Mon 11:30", rules.ByAgent, "360001", "never")}, nil},
		{"a due field", []rules.Event{field("Mon 9:30", rules.ByAgent, "360001", "tomorrow")},
			[]string{"A person's choice, left as it is: field 360001 (Resolution) is “tomorrow” since Mon 2026-11-30 09:30 CET; by the policy it would be “2026-11-30T12:00:00Z”"}},
		{"a due field of dates, emptied by a program", []rules.Event{field("Mon 9:30", rules.ByAutomation, "360002", "")},
			[]string{"Another program's, left as it is: field 360002 (Resolution) is empty since Mon 2026-11-30 09:30 CET; by the policy it would be “2026-11-30”"}},
		{"put back", []rules.Event{field("Mon 9:30", rules.ByAgent, "360001", "tomorrow"), field("Mon 9:40", rules.ByAgent, "360001", "2026-11-30T12:00:00Z")}, nil},
		{"something else is wanted since", []rules.Event{field("Mon 9:30", rules.ByAgent, "360001", "tomorrow"), {At: when(t, "Mon 10:00"), Type: rules.StatusEvent, To: "waiting_customer", By: rules.ByAgent}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			ticket := rules.Ticket{Source: "zendesk", ID: "42", CreatedAt: when(t, "Mon 9:00"), Events: append(slices.Clone(ours), c.events...)}
			x, err := rules.Explain([]*rules.Policy{p}, &ticket, when(t, "Mon 11:00"))
			if err != nil {
				t.Fatal(err)
			}
			x.Keep(due)
			var got []string
			for line := range strings.Lines(words.In("en").Explanation(&x)) {
				if strings.Contains(line, "left as it is") {
					got = append(got, strings.TrimSpace(line))
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if french := strings.Count(words.In("fr").Explanation(&x), "laissé tel quel"); french != len(c.want) {
				t.Errorf("in French: %d", french)
			}
		})
	}
}
