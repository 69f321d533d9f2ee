package engine_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
)

// number is a ticket's in an address.
var number = regexp.MustCompile(`\b[0-9]+\b`)

// callTable lists how often each address was asked for, the busiest first, and says how
// many calls that were.
func (w *world) callTable(vendor string) (calls int, table string) {
	times := map[string]int{}
	for _, c := range w.Calls(vendor) {
		method := "GET"
		if c.Write {
			method = "PUT"
		}
		times[method+" "+number.ReplaceAllString(c.Path, "{id}")]++
		calls++
	}
	var b strings.Builder
	for _, path := range slices.SortedFunc(maps.Keys(times), func(a, b string) int {
		if n := times[b] - times[a]; n != 0 {
			return n
		}
		return strings.Compare(a, b)
	}) {
		fmt.Fprintf(&b, "%4d  %s\n", times[path], path)
	}
	return calls, b.String()
}

// A first start on 1,000 tickets asks Zendesk for each thing once: what the export
// has shown is not read again.
func TestCallsOfAFirstStart(t *testing.T) {
	const tickets, most = 1000, 25
	w := freshWorld(t)
	w.backlog(t, tickets, 25)
	w.until(t, w.Now().Add(30*time.Second))
	w.expect(t, 1, 0, fmt.Sprintf("%d open tickets", tickets/5))
	calls, table := w.callTable("zendesk")
	if t.Logf("%d calls:\n%s", calls, table); calls > most {
		t.Errorf("a first start on %d tickets: %d calls, want %d at most:\n%s", tickets, calls, most, table)
	}
}

// meanwhile is Zendesk, something that happens while its first list of changes is under
// way, and what it is asked for after that.
type meanwhile struct {
	*zendesk.Client
	happens func()
	asked   [][]string // the tickets of each call
}

func (m *meanwhile) Changes(ctx context.Context, cursor string, since time.Time) (desk.Page, error) {
	page, err := m.Client.Changes(ctx, cursor, since)
	if m.happens != nil {
		m.happens()
		m.happens = nil
	}
	return page, err
}

func (m *meanwhile) Tell(ctx context.Context, asks []desk.Ask) ([]desk.Reading, error) {
	var ids []string
	for _, a := range asks {
		ids = append(ids, a.ID)
	}
	m.asked = append(m.asked, ids)
	return m.Client.Tell(ctx, asks)
}

// A ticket that changes while the export is under way, and of which a webhook tells, is
// asked for: what the export shows may be old by then.
func TestAFirstStartAsksForWhatChangedMeanwhile(t *testing.T) {
	w := freshWorld(t)
	w.backlog(t, 20, 25)
	const changed = 1 // an open one
	s := w.Source("zendesk")
	s.Desk = &meanwhile{Client: s.Desk.(*zendesk.Client), happens: func() {
		must(t, w.z.Update(changed, lena, sandbox.ZendeskUpdate{Priority: "normal", Comment: "We are on it."}))
		_, err := w.Receive(t.Context(), "zendesk", d("meanwhile", fmt.Sprint(changed)))
		must(t, err)
	}}
	w.settle(t)
	row, err := w.Store.Ticket(t.Context(), "zendesk", fmt.Sprint(changed))
	must(t, err)
	if row.Verdict == nil || row.Verdict.Priority != "normal" {
		t.Errorf("the ticket is known as it was before: %+v", row.Verdict)
	}
	if left, first, err := w.Store.Unread(t.Context(), "zendesk"); err != nil || left+first > 0 {
		t.Errorf("%d are still to be read, %v", left+first, err)
	}
}

// News goes before what a first start has found.
func TestNewsGoesBeforeAFirstStart(t *testing.T) {
	w := freshWorld(t)
	w.backlog(t, 200, 25)
	var news string
	s := w.Source("zendesk")
	m := &meanwhile{Client: s.Desk.(*zendesk.Client), happens: func() {
		id, err := w.z.Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", Priority: "urgent", RequesterEmail: nadia, SubmitterEmail: lena})
		must(t, err)
		news = fmt.Sprint(id)
		_, err = w.Receive(t.Context(), "zendesk", d("news", news))
		must(t, err)
	}}
	s.Desk = m
	w.settle(t)
	if len(m.asked) < 2 || !slices.Equal(m.asked[0], []string{news}) {
		t.Errorf("the first call is about %v, want %s alone", m.asked, news)
	}
}
