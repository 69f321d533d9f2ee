package rules

import (
	"strings"
	"testing"
	"time"
)

func TestConditionReads(t *testing.T) {
	for condition, want := range map[string]reads{
		`has(text, "down") and language == "fr"`:            readsTexts,
		`"vip" in tags`:                                     readsTags,
		`any(tags, # startsWith "sla_")`:                    readsTags,
		`fields["contract"] == "premium" and not answered`:  readsFields | readsTexts | readsAnswered,
		`let k = kind; k == "task" or priority == "urgent"`: readsKind | readsPriority,
		`status == "open" ? group == "a" : assignee == "b"`: readsStatus | readsGroup | readsAssignee | readsTexts,
		`status_by == "agent" or channel == "phone"`:        readsStatusBy | readsChannel,
		`awaiting_reply and unanswered contains "?"`:        readsAwaiting | readsTexts,
		`created_in_hours and organization == "Acme"`:       readsOrganization,
	} {
		c, err := CompileCondition(condition, Env{})
		if err != nil {
			t.Errorf("%s: %v", condition, err)
			continue
		}
		if c.reads != want {
			t.Errorf("%s reads %b, want %b", condition, c.reads, want)
		}
	}
}

// Every attribute that changes in a history is seen by a condition that reads
// it, in the very second, and its going back too.
func TestConditionsSeeEveryChange(t *testing.T) {
	created := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	for condition, event := range map[string]Event{
		`status == "open"`:          {Type: StatusEvent, To: "open"},
		`status_by == "agent"`:      {Type: StatusEvent, To: "new", By: ByAgent},
		`answered`:                  {Type: ReplyEvent, Public: true, By: ByAgent},
		`priority == "low"`:         {Type: PriorityEvent, To: "low", By: "Nadia"},
		`kind == "task"`:            {Type: KindEvent, To: "task"},
		`channel == "phone"`:        {Type: ChannelEvent, To: "phone"},
		`organization == "Acme"`:    {Type: OrganizationEvent, To: "Acme"},
		`group == "b"`:              {Type: GroupEvent, To: "b"},
		`assignee == "Nadia"`:       {Type: AssigneeEvent, To: "Nadia"},
		`"vip" in tags`:             {Type: TagEvent, Add: []string{"vip"}},
		`fields["contract"] == "x"`: {Type: FieldEvent, Name: "contract", To: "x"},
	} {
		c, err := CompileCondition(condition, Env{})
		if err != nil {
			t.Fatal(err)
		}
		event.At = created.Add(time.Second)
		ticket := &Ticket{CreatedAt: created, Kind: "bug", Tags: []string{"a"}, Events: []Event{
			event, {At: created.Add(2 * time.Second), Type: AssigneeEvent, To: "Lena"}, {At: created.Add(3 * time.Second), Type: TagEvent, Add: []string{"b"}, Remove: []string{"vip"}},
		}}
		e := &evaluation{answers: map[*Condition]lastAnswer{}}
		e.t, e.envState = ticket, -1
		e.h.read(ticket, created.Add(time.Minute))
		for round := range 2 { // the second round goes from the end to the beginning
			for i := range e.h.steps {
				k := i
				if round == 1 {
					k = e.h.last() - i
				}
				state := e.h.steps[k].state
				fresh := &evaluation{answers: map[*Condition]lastAnswer{}, t: ticket, h: e.h, envState: -1}
				if got, want := e.holds(c, state, e.h.states[state].priority), fresh.holds(c, state, e.h.states[state].priority); got != want {
					t.Errorf("%s at step %d: got %v, want %v", condition, k, got, want)
				}
			}
		}
	}
}

// The whole of what a condition may ask about is no question.
func TestConditionsCantHaveEverything(t *testing.T) {
	for _, text := range []string{
		`all(tags, $env[#] == "x")`, `has`, `any(1..9999999, true)`, `repeat(subject, 99999999) == ""`, `any(map(tags, # + "x"), true)`, `len(split(text, "")) > 3`,
		`any(tags, any(tags, any(tags, true)))`, `sum(tags) > 3`, `reduce(tags, #acc + #) == ""`,
	} {
		if c, err := CompileCondition(text, Env{}); err == nil {
			t.Errorf("%s is taken; it reads %b", text, c.reads)
		} else if strings.Contains(text, "$env") && !strings.Contains(err.Error(), "$env") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
