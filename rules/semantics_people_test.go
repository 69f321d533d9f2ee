package rules_test

import (
	"strings"
	"testing"

	"vigie/rules"
	"vigie/rules/words"
)

// Who spoke, and what that stops, starts and pauses (sections 3 and 5 of the
// design, decisions A17 and A20).

func TestWaitingEndsWhenTheCustomerAnswers(t *testing.T) {
	rows := row("resolution", "4 business hours", `pause = ["waiting_customer", "waiting_third_party"]`, "pause_ends_on_reply = true")
	asked := []string{"Mon 10:00 reply", "Mon 10:00 status waiting_customer"}
	play(t, []scene{
		{
			name: "until then it stands still", rows: rows, events: asked, now: "Mon 12:00",
			want: []string{"resolution#1 paused, no due, used 1h"},
		},
		{
			name: "his answer ends it, whatever the status says", rows: rows, events: append(asked, "Mon 12:00 customer"), now: "Mon 13:00",
			want: []string{"resolution#1 running, due Mon 15:00, used 2h"},
		},
		{
			name: "the next question pauses again", rows: rows, events: append(asked, "Mon 12:00 customer", "Mon 12:30 reply"), now: "Mon 16:00",
			want: []string{"resolution#1 paused, no due, used 1h30m"},
		},
		{
			name: "an automation's message ends nothing", rows: rows, events: append(asked, "Mon 12:00 robot"), now: "Mon 13:00",
			want: []string{"resolution#1 paused, no due, used 1h"},
		},
		{
			name: "waiting without a word to the customer is no waiting", rows: rows, events: []string{"Mon 10:00 status waiting_customer", "Mon 10:05 note"}, now: "Mon 12:00",
			want: []string{"resolution#1 running, due Mon 13:00, used 3h"},
		},
		{
			name: "an agent who opened the ticket has spoken", rows: rows, ticket: "opened by=agent", events: []string{"Mon 10:00 status waiting_customer"}, now: "Mon 12:00",
			want: []string{"resolution#1 paused, no due, used 1h"},
		},
		{
			name: "waiting for a third party is another matter", rows: rows, events: []string{"Mon 10:00 status waiting_third_party", "Mon 11:00 customer"}, now: "Mon 12:00",
			want: []string{"resolution#1 paused, no due, used 1h"},
		},
		{
			name: "both in one instant: the customer's is the later one", rows: rows, events: append(asked, "Mon 11:00 customer", "Mon 11:00 reply"), now: "Mon 12:00",
			want: []string{"resolution#1 running, due Mon 14:00, used 2h"},
		},
		{
			name: "without the key the status alone decides", rows: row("resolution", "4 business hours", `pause = ["waiting_customer"]`), events: append(asked, "Mon 12:00 customer"), now: "Mon 13:00",
			want: []string{"resolution#1 paused, no due, used 1h"},
		},
	})
}

func TestOpenedByAnAgent(t *testing.T) {
	first, both := row("first_reply", "1 business hour"), row("first_reply", "1 business hour")+row("next_reply", "2 business hours")
	play(t, []scene{
		{
			name: "nothing is owed before the customer's first word", rows: both, ticket: "opened by=agent", events: []string{"Mon 10:00 reply"}, now: "Mon 12:00",
			want: []string{"covered yes"},
		},
		{
			name: "from which the first reply is owed", rows: both, ticket: "opened by=agent", events: []string{"Mon 10:00 reply", "Mon 11:00 customer"}, now: "Mon 11:30",
			want: []string{"first_reply#1 running, due Mon 12:00, used 30m"},
		},
		{
			name: "and met", rows: both, ticket: "opened by=agent", events: []string{"Mon 11:00 customer", "Mon 11:30 reply", "Mon 13:00 customer"}, now: "Mon 14:00",
			want: []string{"first_reply#1 met, due Mon 12:00, used 30m, stopped Mon 11:30", "next_reply#1 running, due Mon 15:00, used 1h"},
		},
		{
			name: "a reply of that very instant answers what was", rows: first, ticket: "opened by=agent", events: []string{"Mon 11:00 customer", "Mon 11:00 reply"}, now: "Mon 11:30",
			want: []string{"first_reply#1 running, due Mon 12:00, used 30m"},
		},
		{
			name: "it counts as answered", rows: row("update", "1 business hour", "when = 'answered'"), ticket: "opened by=agent", now: "Mon 09:30",
			want: []string{"update#1 running, due Mon 10:00, used 30m"},
		},
		{
			name: "conditions see who opened it", rows: row("update", "1 business hour", `when = 'opened_by == "customer"'`), now: "Mon 09:30",
			want: []string{"update#1 running, due Mon 10:00, used 30m"},
		},
		{
			name: "by an automation it is the customer's", rows: first, ticket: "opened by=automation", now: "Mon 09:30",
			want: []string{"first_reply#1 running, due Mon 10:00, used 30m"},
		},
	})
}

func TestAReplyHasNoEffectOnWhatItStops(t *testing.T) {
	rows := row("update", "1 business hour", "when = 'answered'")
	play(t, []scene{
		{
			name: "the time before the first answer was under no such target", rows: rows, events: []string{"Mon 12:00 reply"}, now: "Mon 12:30",
			want: []string{"update#2 running, due Mon 13:00, used 30m"},
		},
		{
			name: "answered and solved at once: it never was", rows: rows, events: []string{"Mon 12:00 reply", "Mon 12:00 status solved"}, now: "Mon 12:30",
			want: []string{"covered yes"},
		},
		{
			name: "a target until the first answer holds for what that stops", rows: row("first_reply", "4 business hours", "when = 'not answered'"), events: []string{"Mon 12:00 reply"}, now: "Mon 12:30",
			want: []string{"first_reply#1 met, due Mon 13:00, used 3h, stopped Mon 12:00"},
		},
	})
}

func TestInheritedTags(t *testing.T) {
	rows := row("resolution", "4 business hours", `until = '"workaround" in tags'`)
	born := "tags=workaround,priority_low; inherited=workaround,priority_low"
	play(t, []scene{
		{
			name: "nobody has given this ticket a workaround", rows: rows, ticket: born, now: "Mon 10:00",
			want: []string{"resolution#1 running, due Mon 13:00, used 1h"},
		},
		{
			name: "until somebody sets it anew", rows: rows, ticket: born, events: []string{"Mon 10:00 tag +workaround by agent"}, now: "Mon 11:00",
			want: []string{"resolution#1 met, due Mon 13:00, used 1h, stopped Mon 10:00"},
		},
		{
			name: "taken off and put on", rows: rows, ticket: born, events: []string{"Mon 10:00 tag -workaround by agent", "Mon 11:00 tag +workaround by agent"}, now: "Mon 12:00",
			want: []string{"resolution#1 met, due Mon 13:00, used 2h, stopped Mon 11:00"},
		},
		{
			name: "what is written sees them all", rows: rows, ticket: born, now: "Mon 10:00",
			want: []string{"tags +priority_normal -priority_low"},
		},
	})
}

// Who reads an explanation, or a letter, of a ticket that an agent opened is told why
// there is no clock yet, or why it begins later.
func TestOpenedByAnAgentIsExplained(t *testing.T) {
	p := []*rules.Policy{officeFrom(t, "", row("first_reply", "1 business hour"))}
	opened := rules.Ticket{Source: "zendesk", ID: "42", Kind: "bug", OpenedBy: rules.ByAgent, CreatedAt: when(t, "Mon 09:00")}
	asked := opened
	asked.Events = []rules.Event{event(t, "Mon 10:00 customer")}
	for _, c := range []struct {
		name            string
		ticket          rules.Ticket
		explain, letter string
	}{
		{"before the customer's first message", opened, "Ouvert par un agent pour le client : la première réponse est due à compter du premier message du client.", "l'objectif de première réponse court à compter de votre premier message"},
		{"after it", asked, "Ouvert par un agent pour le client : la première réponse est due à compter du premier message du client.", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, err := rules.Explain(p, &c.ticket, when(t, "Mon 10:30"))
			if err != nil {
				t.Fatal(err)
			}
			if got := words.In("fr").Explanation(&x); !strings.Contains(got, c.explain) {
				t.Errorf("explained as\n%s", got)
			}
			if got := words.In("fr").Letter(&x).Without; !strings.Contains(got, c.letter) || (got == "") != (c.letter == "") {
				t.Errorf("the letter says %q", got)
			}
		})
	}
}
