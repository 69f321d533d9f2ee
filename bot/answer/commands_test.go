package answer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vigie/rules/oncall"
)

// lines compares texts line by line, each as the beginning of a line, or a part of it
// after an ellipsis.
func lines(t *testing.T, got string, want ...string) {
	t.Helper()
	list := strings.Split(got, "\n")
	ok := len(list) == len(want)
	for i := 0; ok && i < len(want); i++ {
		for _, part := range strings.Split(want[i], "…") {
			ok = ok && strings.Contains(list[i], part)
		}
	}
	if !ok {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// TestCommands: what each command answers, in the language of whoever gives it.
func TestCommands(t *testing.T) {
	r := newRoom(t)
	first := r.open(t, "Portal <!channel> down", "normal", berlin, lena)
	second := r.open(t, "Export empty", "urgent", berlin, "")
	third := r.open(t, "Login slow", "urgent", pune, omar)
	ref := func(id int64) string { return fmt.Sprint("zendesk:", id) }

	lines(t, r.types(t, lena, "/sla mine"), "You see to 1 ticket:", "• 🟢 Send news by <!date^…"+ref(first)+"…Portal &lt;!channel&gt; down – "+lena, "As of")
	lines(t, r.types(t, omar, "/sla"), "Ce qu'on peut écrire :", "• `/sla moi` – ", "• `/sla équipe [NOM]` – ", "• `/sla aujourd'hui` – ", "• `/sla ticket zendesk:42` – ", "• `/sla qui` – ",
		"• `/sla prendre zendesk:42` – je m'en occupe", "• `/sla rendre zendesk:42` – ", "• `/sla reporter zendesk:42 [30m|1h|ouverture]` – ", "• `/sla aide` – cette liste")
	lines(t, r.types(t, omar, "/sla moi"), "Vous vous occupez de 1 ticket :", "• 🟢 Donner des nouvelles, échéance…"+ref(third), "Situation au")
	lines(t, r.types(t, lena, "/sla équipe support berlin"), "support berlin has 2 tickets to see to:", "• …"+ref(second), "• …"+ref(first), "As of")
	lines(t, r.types(t, lena, "/sla team"), "Support Berlin has 2 tickets to see to:", "• …"+ref(second), "• …"+ref(first), "As of")
	lines(t, r.types(t, lena, "/sla team <!here>"), "&lt;!here&gt; has no ticket that still promises something.")
	lines(t, r.types(t, lena, "/sla today"), "2 tickets are due today, or were missed:", "…"+ref(second), "…"+ref(first), "As of")
	lines(t, r.types(t, lena, "/sla who"), "There is no rota")
	lines(t, r.types(t, lena, "/sla tick "+ref(first)), "“tick” isn't known here. Perhaps `/sla ticket zendesk:42`?", "What can", "•", "•", "•", "•", "•", "•", "•", "•", "•")
	lines(t, r.types(t, lena, "/sla ticket "+fmt.Sprint(first)), "…"+ref(first), "🟢 Send news by", "Assigned to "+lena, "<https://vigie.example/tickets/zendesk/"+fmt.Sprint(first), "As of")
	lines(t, r.types(t, lena, "/sla ticket 4711"), "Vigie doesn't know the ticket 4711.")
	lines(t, r.types(t, lena, "/sla take"), "Which ticket? Write `/sla take zendesk:42`, or a link to it.")
	lines(t, r.types(t, lena, "/sla snooze "+ref(first)+" <!channel>"), "“&lt;!channel&gt;” is no length of time here: write 30m, 1h, or open.")
}

// TestCommandsAct: a ticket is taken, snoozed and given back by a command; what is asked
// for twice is done once.
func TestCommandsAct(t *testing.T) {
	r := newRoom(t)
	id := r.open(t, "Export empty", "urgent", berlin, "")
	ref := fmt.Sprint("zendesk:", id)
	lines(t, r.types(t, lena, "/sla take "+ref), ref+": you see to it from now on.")
	r.settle(t)
	row, err := r.answers.Store.Ticket(t.Context(), "zendesk", fmt.Sprint(id))
	must(t, err)
	if holder, _, taken := row.Ticket.Holder(); !taken || holder.Email != lena {
		t.Errorf("taken by %+v, want Lena", holder)
	}
	lines(t, r.types(t, lena, "/sla mine"), "You see to 1 ticket:", "…"+ref+"…– Lena", "As of")
	lines(t, r.types(t, lena, "/sla snooze "+ref+" 1h"), ref+": calls wait for 60 minutes, until it is due at the latest.")
	r.settle(t)
	row, err = r.answers.Store.Ticket(t.Context(), "zendesk", fmt.Sprint(id))
	must(t, err)
	if until := row.Ticket.SnoozedUntil(r.now); !until.Equal(r.now.Add(time.Hour)) {
		t.Errorf("snoozed until %v, want an hour", until)
	}
	lines(t, r.types(t, lena, "/sla release "+ref), ref+": given back.")
	for range 5 { // until it is nobody's at the vendor, too
		r.later(t, time.Minute)
	}
	lines(t, r.types(t, lena, "/sla mine"), "You see to no ticket")
	must(t, r.Zendesk().SetStatus(id, lena, "solved"))
	r.later(t, time.Minute)
	lines(t, r.types(t, lena, "/sla take "+ref), "Nothing is left to do about "+ref)
}

// TestLongListsAreShort: fifteen tickets are named, and how many more there are.
func TestLongListsAreShort(t *testing.T) {
	r := newRoom(t)
	for n := range 17 {
		r.open(t, fmt.Sprint("Ticket ", n), "normal", berlin, lena)
	}
	got := r.types(t, lena, "/sla mine")
	if n := strings.Count(got, "•"); n != listShown || !strings.Contains(got, "You see to 17 tickets:") || !strings.Contains(got, "<https://vigie.example|2 more on the board>") {
		t.Errorf("%d tickets in\n%s", n, got)
	}
	if i, j := strings.Index(got, "Ticket 0 "), strings.Index(got, "Ticket 14 "); i < 0 || j < i {
		t.Errorf("the most pressing isn't first in\n%s", got)
	}
}

// TestWhoIsOnCall: each rota, now and next.
func TestWhoIsOnCall(t *testing.T) {
	r := newRoom(t)
	r.answers.Rotas = []*oncall.Rota{oncall.New(oncall.Spec{Name: "support", Zone: r.answers.Zone, People: []string{lena, omar}, Turn: 7 * 24 * time.Hour, Since: at(t, "Mon 2026-11-23 08:00")})}
	lines(t, r.types(t, lena, "/sla who"), "• support: "+lena+" until <!date^1796022000^…(then "+omar+" from <!date^1796022000^")
}
