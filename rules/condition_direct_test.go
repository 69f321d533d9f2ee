package rules

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/expr-lang/expr/vm"

	"vigie/rules/policies"
)

// Whether a condition is answered directly or by the machine, the answer is the same.
func TestDirectConditions(t *testing.T) {
	directly := []string{
		`kind == "bug"`, `kind != "bug"`, `status in ["open", "new"]`, `status in ["open"]`, `status not in ["open", "new"]`, `not (channel in ["", "web"])`,
		`"vip" in tags`, `"vip" not in tags`, `answered`, `!answered`, `not created_in_hours and awaiting_reply`, `kind == "bug" && answered || subject == ""`,
		`has(text, "down", "en panne") and answered`, `affirms(text, "down")`, `not has(said, "merci", "portal") or affirms(unanswered, "en panne")`,
		`fields["contract"] == "gold"`, `fields["contract"] in ["gold", ""]`, `fields.contract != ""`, `has(fields["contract"], "gold")`, `attachments == 1`,
	}
	byMachine := []string{
		`any(tags, # == "vip")`, `kind == subject`, `attachments > 1`, `let k = subject; k == "bug"`, `text contains "down"`, `subject in tags`, `has(lower(text), "portal")`,
		`"contract" in keys(fields)`, `fields[kind] == "" and answered`, `len(tags) == 0 and answered`, `assignee == "" ? answered : kind == "bug"`, `get(fields, "contract") == "gold"`,
	}
	e := newEvaluation()
	var tickets []Env
	for _, kind := range []string{"bug", "task"} {
		for _, text := range []string{"The portal is down", "Not down. Merci", "Rien n'est en panne"} {
			for _, tags := range []string{"", "vip", "a vip bug"} {
				for _, contract := range []string{"", "gold", "none"} {
					for i := range 16 {
						env := Env{
							Kind: kind, Text: text, Said: text + " Bonjour", Unanswered: text, Tags: strings.Fields(tags), Attachments: i % 3, Answered: i&1 > 0,
							CreatedInHours: i&2 > 0, Awaiting: i&4 > 0, Has: e.has, Affirms: e.affirms,
						}
						if i&8 > 0 {
							env.Status, env.Channel, env.Subject, env.Assignee = "open", "phone", "bug", "Nadia"
						}
						if contract != "" {
							env.Fields = Fields{"contract": contract}
						}
						tickets = append(tickets, env)
					}
				}
			}
		}
	}
	for i, text := range append(directly, byMachine...) {
		c, err := CompileCondition(text, Env{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := c.direct != nil, i < len(directly); got != want {
			t.Errorf("%s: answered directly: %t, want %t", text, got, want)
		}
		answers := map[bool]bool{}
		machine := &Condition{text: text, program: c.program}
		for i := range tickets {
			got, err := c.Holds(&vm.VM{}, &tickets[i])
			want, machineErr := machine.Holds(&vm.VM{}, &tickets[i])
			if got != want || fmt.Sprint(err) != fmt.Sprint(machineErr) {
				t.Fatalf("%s of %+v: got %t (%v), the machine says %t (%v)", text, tickets[i], got, err, want, machineErr)
			}
			answers[got] = true
		}
		if len(answers) < 2 {
			t.Errorf("%s: all tickets have the same answer, %v", text, answers)
		}
	}
}

// conditionInFile is a condition as a policy's file writes it.
var conditionInFile = regexp.MustCompile(`(?m)^ *(?:when|until|covers) *= *'([^']+)'`)

// The two agree on the conditions of the policies that come with the program, too.
func TestDirectConditionsOfPolicies(t *testing.T) {
	e, asked := newEvaluation(), 0
	for _, name := range policies.Names() {
		text, _ := policies.Read(name)
		for _, written := range conditionInFile.FindAllStringSubmatch(string(text), -1) {
			c, err := CompileCondition(written[1], Env{})
			if err != nil {
				t.Fatal(err)
			}
			if c.direct == nil {
				continue
			}
			asked++
			machine := &Condition{text: c.text, program: c.program}
			for _, env := range []Env{
				{}, {Kind: "problem", Tags: []string{"workaround", "technical_team", "data_change"}, Text: "Down", Said: "Down", Channel: "phone", CreatedInHours: true},
				{Kind: "question", Status: "open", Text: "Une question", Said: "Une question", Channel: "email", Fields: Fields{"type": ""}, Attachments: 1}, {Kind: "task", Channel: "web"},
			} {
				env.Has, env.Affirms = e.has, e.affirms
				got, err := c.Holds(&vm.VM{}, &env)
				if want, _ := machine.Holds(&vm.VM{}, &env); got != want || err != nil {
					t.Errorf("%s: %s of %+v: got %t (%v), the machine says %t", name, c, env, got, err, want)
				}
			}
		}
	}
	if asked < 20 {
		t.Errorf("%d conditions are answered directly, want most", asked)
	}
}
