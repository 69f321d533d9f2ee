package answer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestHome: what I see to, then what my team has to see to; a row's button takes the
// ticket or gives it back.
func TestHome(t *testing.T) {
	r := newRoom(t)
	his := r.open(t, "Portal *down*", "normal", berlin, lena)
	others := r.open(t, "Export empty", "urgent", berlin, "")
	r.open(t, "Login slow", "urgent", pune, omar)
	home := func(who string) string {
		t.Helper()
		must(t, r.Slack().OpenHome(who))
		blocks := blocksOf(t, r.Slack().Home(who))
		r.fits(t, blocks)
		return textsOf(blocks)
	}
	lines(t, home(lena), "What I see to", "Give back", "🟢 …zendesk:"+fmt.Sprint(his)+"…Portal ∗down∗", "What Support Berlin has to see to", "I see to it", "🟢 …zendesk:"+fmt.Sprint(others), "As of")
	lines(t, home(omar), "Ce dont je m'occupe", "Rendre", "…Login slow", "Ce dont Support Pune doit s'occuper", "Il n'y a rien d'autre", "Situation au")

	must(t, r.Slack().ClickHome(lena, "take", fmt.Sprint("zendesk:", others)))
	r.settle(t)
	lines(t, home(lena), "What I see to", "Give back", "…zendesk:"+fmt.Sprint(others)+"…– Lena", "Give back", "…Portal", "What Support Berlin has to see to", "Nothing else", "As of")

	// A group in Slack says whose team it is, whatever his tickets are.
	r.answers.Engine.Teams = map[string]string{pune: "@pune"}
	_, err := r.Slack().AddGroup("pune", "Pune", lena)
	must(t, err)
	if got := home(lena); !strings.Contains(got, "What Support Pune has to see to\nI see to it\n🟢 ") {
		t.Errorf("got\n%s", got)
	}
}

// TestUnfurl: a link shows the ticket that it leads to, to whoever reads the message,
// unless another company reads it, too.
func TestUnfurl(t *testing.T) {
	r := newRoom(t)
	id := r.open(t, "Portal <!channel> down", "urgent", berlin, lena)
	row, err := r.answers.Store.Ticket(t.Context(), "zendesk", fmt.Sprint(id))
	must(t, err)
	address := row.Ticket.URL
	page := fmt.Sprint("https://vigie.example/tickets/zendesk/", id)
	shown := func(text string) (links []string) {
		t.Helper()
		ts, err := r.Slack().Paste(omar, lobby, text)
		must(t, err)
		for _, m := range r.Slack().Messages(lobby) {
			if m.TS != ts {
				continue
			}
			for link, content := range m.Unfurls {
				blocks := blocksOf(t, content)
				r.fits(t, blocks)
				if got := textsOf(blocks); !strings.Contains(got, "Send news by") || !strings.Contains(got, "Assigned to "+lena) || strings.Contains(got, "<!channel>") {
					t.Errorf("%s shows\n%s", link, got)
				}
				links = append(links, link)
			}
		}
		slices.Sort(links)
		return links
	}
	if got := shown("see " + address + " and " + page); !slices.Equal(got, []string{address, page}) {
		t.Errorf("shown are %q", got)
	}
	if got := shown("see " + address + "?brand=1#c"); len(got) != 1 {
		t.Errorf("with a query shown are %q", got)
	}
	for _, link := range []string{strings.Replace(address, "/tickets/", "/users/", 1), address + "0", "https://vigie.example/reports/zendesk/" + fmt.Sprint(id), "https://vigie.example/", "https://vigie.example/tickets/zendesk/"} {
		if got := shown("see " + link); len(got) != 0 {
			t.Errorf("%s shows a ticket", link)
		}
	}

	must(t, r.Slack().Share(lobby))
	if got := shown("see " + address); len(got) != 0 {
		t.Error("another company is shown a ticket")
	}
}

// TestErasedTicketsHaveNoSubject: what is erased isn't shown under a link, by a command
// or on the home.
func TestErasedTicketsHaveNoSubject(t *testing.T) {
	r := newRoom(t)
	id := r.open(t, "The secret of Acme", "urgent", berlin, lena)
	row, err := r.answers.Store.Ticket(t.Context(), "zendesk", fmt.Sprint(id))
	must(t, err)
	must(t, r.Zendesk().Purge(id))
	r.later(t, 2*time.Minute)
	r.later(t, 24*time.Hour)
	ts, err := r.Slack().Paste(omar, lobby, "see "+row.Ticket.URL)
	must(t, err)
	for _, m := range r.Slack().Messages(lobby) {
		if m.TS == ts && strings.Contains(fmt.Sprintf("%s", m.Unfurls), "secret") {
			t.Errorf("shown is %s", m.Unfurls)
		}
	}
	if got := r.types(t, lena, fmt.Sprint("/sla ticket zendesk:", id)); strings.Contains(got, "secret") || strings.Contains(got, lena) {
		t.Errorf("answered is\n%s", got)
	}
}

// blocksOf are those of a view or an attachment.
func blocksOf(t testing.TB, content json.RawMessage) json.RawMessage {
	t.Helper()
	var v struct{ Blocks json.RawMessage }
	must(t, json.Unmarshal(content, &v))
	return v.Blocks
}
