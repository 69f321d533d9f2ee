package stories

import (
	"context"
	"errors"
	"flag"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/bot/adapt"
	"vigie/bot/engine"
	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
	"vigie/rules"
)

// Bugs that somebody might make, each found by the stories. Those that are quick to be
// found are looked for in every run, all of them with -planted.
var bugs = []bug{
	{name: "trusts an empty list: what can't be read is gone", told: func(_ *world, asks []desk.Ask, r []desk.Reading, err error) ([]desk.Reading, error) {
		if err == nil {
			return r, nil
		}
		for _, a := range asks {
			if !slices.ContainsFunc(r, func(r desk.Reading) bool { return r.ID == a.ID }) {
				r = append(r, desk.Reading{ID: a.ID, Gone: true})
			}
		}
		return r, nil
	}},
	{name: "parks for good what can't be read once", shows: fails("zendesk", "jira"), told: func(w *world, asks []desk.Ask, r []desk.Reading, err error) ([]desk.Reading, error) {
		for _, a := range asks {
			read := slices.IndexFunc(r, func(r desk.Reading) bool { return r.ID == a.ID })
			switch {
			case read < 0:
				w.lie("unread "+a.ID, 1)
			case w.lie("unread "+a.ID, 0) > 0:
				r[read] = desk.Reading{ID: a.ID, Err: errors.New("it couldn't be read once")}
			}
		}
		return r, err
	}},
	{name: "ignores a reopening", told: without(func(t *rules.Ticket, i int) bool {
		solved := false
		for _, e := range t.Events[:i] {
			if e.Type == rules.StatusEvent {
				solved = solved || e.To == string(rules.Solved)
			}
		}
		return solved && t.Events[i].Type == rules.StatusEvent
	})},
	{name: "a note to colleagues counts as a word to the customer", told: with(func(e *rules.Event) {
		if e.Type == rules.ReplyEvent {
			e.Public = true
		}
	})},
	{name: "the customer's own word counts as an answer", told: with(func(e *rules.Event) {
		if e.By == rules.ByCustomer {
			e.By = rules.ByAgent
		}
	})},
	{name: "a failed poll counts as news", shows: fails("zendesk", "jira"), listed: func(_ *world, p desk.Page, err error) (desk.Page, error) {
		if err != nil {
			return desk.Page{Cursor: p.Cursor}, nil
		}
		return p, nil
	}},
	{name: "a poll moves on before what it found is kept", shows: has("webhooks lost", "webhooks late", "asleep"), listed: func(_ *world, p desk.Page, err error) (desk.Page, error) {
		p.Changes = nil
		return p, err
	}},
	{name: "a write that got no answer is taken for done", shows: fails("zendesk", "jira"), wrote: failing(nil)},
	{name: "a write that failed isn't tried again", shows: fails("zendesk", "jira"), wrote: failing(desk.ErrUntouchable)},
	{name: "keeps the due date at a pause", writes: func(_ *world, edits []desk.Edit) {
		for i := range edits {
			fields := map[string]string{}
			for id, text := range edits[i].Fields {
				if text != "" {
					fields[id] = text
				}
			}
			edits[i].Fields = fields
		}
	}},
	{name: "stale tags stay", writes: func(_ *world, edits []desk.Edit) {
		for i := range edits {
			edits[i].RemoveTags = nil
		}
	}},
	{name: "takes people's tags off", writes: func(w *world, edits []desk.Edit) {
		if w.lie("writes", 1)%3 == 0 {
			edits[0].RemoveTags = append(edits[0].RemoveTags, "vip")
		}
	}},
	{name: "a message is done before it is sent", posted: func(_ *world, id, ts string, err error) (string, string, error) {
		if err != nil {
			return "C1", "1.000001", nil
		}
		return id, ts, nil
	}},
	{name: "a message that failed isn't tried again", shows: fails("slack"), posted: func(_ *world, id, ts string, err error) (string, string, error) {
		if err != nil {
			err = &engine.Failure{Outcome: engine.Refused, Err: err}
		}
		return id, ts, err
	}},
	{name: "an ambiguous post is repeated without looking", blind: true},
	{name: "a line in a thread is repeated without looking", deaf: true},
	{name: "an edit is swallowed now and then", edits: func(w *world, _ adapt.Chat, _ context.Context, _, _ string, _ rules.Alert) bool {
		return w.lie("edits", 1)%3 == 0
	}},
	{name: "an edit that failed is taken for done", shows: fails("slack"), edits: func(_ *world, c adapt.Chat, ctx context.Context, id, ts string, a rules.Alert) bool {
		_ = c.Edit(ctx, id, ts, a)
		return true
	}},
	{name: "the wrong card is edited", edits: func(w *world, c adapt.Chat, ctx context.Context, id, _ string, a rules.Alert) bool {
		cards := slices.DeleteFunc(w.Slack().Messages(channel), func(m sandbox.SlackMessage) bool { return m.ThreadTS != "" })
		return c.Edit(ctx, id, cards[len(cards)-1].TS, a) == nil
	}},
	{name: "escalates twice", shows: marks("jira"), drafts: func(_ *world, d *engine.Draft) {
		d.Marks = []string{d.Marks[0] + "_" + time.Now().Format("150405")}
	}},
	{name: "an issue's link is taken for made", shows: marks("jira"), linked: true},
	{name: "a note is written again without looking", shows: marks("zendesk"), noted: func(w *world, desk *zendesk.Client, ctx context.Context, id string, n desk.Note) error {
		n.About += strings.Repeat("'", w.lie(id+n.About+n.Says, 1)-1) // is looked for as it is now, not as it was
		return desk.Note(ctx, id, n)
	}},
	{name: "a webhook is acknowledged and forgotten now and then", received: func(w *world, d *desk.Delivery) {
		if w.lie("received", 1)%4 == 0 {
			d.Tickets = nil
		}
	}},
	{name: "what changes while a ticket is read is taken for read", shows: has("slow", "late", "hangs", "hangs after", "429", "meanwhile", "500", "cut", "manner"),
		received: func(w *world, d *desk.Delivery) {
			reading := w.lie("reading", 0) > 0
			for _, id := range d.Tickets { // until it changes again
				w.lie("passed over "+id, -w.lie("passed over "+id, 0))
				if reading {
					w.lie("passed over "+id, 1)
				}
			}
			if reading {
				d.Tickets = nil
			}
		},
		listed: func(w *world, p desk.Page, err error) (desk.Page, error) {
			p.Changes = slices.DeleteFunc(p.Changes, func(c desk.Change) bool { return w.lie("passed over "+c.ID, 0) > 0 })
			return p, err
		}},
	{name: "a poke is lost now and then", pokes: func(w *world, _ string) bool {
		return w.lie("pokes", 1)%7 != 0
	}},
	{name: "a wake-up is late", next: func(_ *world, next time.Time) time.Time { return next.Add(90 * time.Second) }},
	{name: "the nightly comparison is left out", shows: unseen, engine: func(e *engine.Engine) { e.Reconcile = nil }},
}

// failing has writes that got no answer, or a bad one, end in some other way.
func failing(as error) func(*world, []desk.Edit, []error, error) ([]error, error) {
	return func(_ *world, edits []desk.Edit, results []error, err error) ([]error, error) {
		if results == nil {
			results = make([]error, len(edits))
		}
		for i := range results {
			var underway *desk.Underway
			if err != nil || results[i] != nil && !errors.As(results[i], &underway) {
				results[i] = as
			}
		}
		return results, nil
	}
}

// fails are the stories in which one of some vendors fails, or the program is killed.
func fails(vendors ...string) func(story) bool {
	return func(s story) bool {
		return slices.ContainsFunc(s.faults, func(f fault) bool {
			return strings.HasPrefix(f.kind, "killed") || slices.Contains(vendors, f.vendor)
		})
	}
}

// marks are those in which moreover a ticket is marked for those who repair.
func marks(vendors ...string) func(story) bool {
	return func(s story) bool {
		return fails(vendors...)(s) && slices.ContainsFunc(s.acts, func(a act) bool { return a.do == "mark" && s.tickets[a.ticket] == "zendesk" })
	}
}

// has are those with a fault of some kinds.
func has(kinds ...string) func(story) bool {
	return func(s story) bool {
		return slices.ContainsFunc(s.faults, func(f fault) bool { return slices.Contains(kinds, f.kind) })
	}
}

// unseen are those in which something is deleted while webhooks are lost.
func unseen(s story) bool {
	return slices.ContainsFunc(s.acts, func(a act) bool {
		return a.do == "delete" && slices.ContainsFunc(s.faults, func(f fault) bool { return f.kind == "webhooks lost" && f.on(a.at) })
	})
}

// without leaves out what was done to a ticket, where that is so.
func without(so func(t *rules.Ticket, i int) bool) func(*world, []desk.Ask, []desk.Reading, error) ([]desk.Reading, error) {
	return func(_ *world, _ []desk.Ask, readings []desk.Reading, err error) ([]desk.Reading, error) {
		for _, r := range readings {
			if r.Ticket == nil {
				continue
			}
			var kept []rules.Event
			for i, e := range r.Ticket.Events {
				if !so(r.Ticket, i) {
					kept = append(kept, e)
				}
			}
			r.Ticket.Events = kept
		}
		return readings, err
	}
}

// with changes what was done to tickets.
func with(change func(*rules.Event)) func(*world, []desk.Ask, []desk.Reading, error) ([]desk.Reading, error) {
	return func(_ *world, _ []desk.Ask, readings []desk.Reading, err error) ([]desk.Reading, error) {
		for _, r := range readings {
			if r.Ticket != nil {
				for i := range r.Ticket.Events {
					change(&r.Ticket.Events[i])
				}
			}
		}
		return readings, err
	}
}

var within = flag.Int("within", 2000, "how many stories a planted bug may take to be found")

// few is how many it may take in every run, for those that take no more.
const few = 30

func TestPlantedBugs(t *testing.T) {
	quick := map[string]bool{
		"an ambiguous post is repeated without looking": true, "a message is done before it is sent": true, "trusts an empty list: what can't be read is gone": true,
		"a wake-up is late": true, "a poke is lost now and then": true,
	}
	for _, b := range bugs {
		if !*planted && !quick[b.name] {
			continue
		}
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			most := few
			if *planted {
				most = *within
			}
			tried := 0
			_ = tried
			for n := range most {
				seed := *first + uint64(n)
				s := draw(seed)
				var wrong []string
				switch {
				case b.shows == nil:
					wrong = verdictOn(t, s, b, quiet())
				case b.shows(s): // the others needn't be played to know
					wrong, tried = play(t, s, true, b, quiet()), tried+1
				}
				if len(wrong) > 0 {
					t.Logf("%q is found by story %d, seed %d (of %d that can show it): %s", b.name, n+1, seed, tried, wrong[0])
					return
				}
			}
			t.Errorf("%q is not found in %d stories (of which %d could show it)", b.name, most, tried)
		})
	}
}
