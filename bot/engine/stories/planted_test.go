package stories

import (
	"context"
	"flag"
	"slices"
	"testing"
	"time"

	"vigie/bot/engine"
	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
	"vigie/rules"
)

// Bugs that somebody might make, each found by the stories. Those that are quick to be
// found are looked for in every run, all of them with -planted.
var bugs = []bug{
	{name: "trusts an empty list: what can't be read is gone", told: func(_ *world, asks []rules.Ask, r []rules.Reading, err error) ([]rules.Reading, error) {
		if err == nil {
			return r, nil
		}
		for _, a := range asks {
			if !slices.ContainsFunc(r, func(r rules.Reading) bool { return r.ID == a.ID }) {
				r = append(r, rules.Reading{ID: a.ID, Gone: true})
			}
		}
		return r, nil
	}},
	{name: "parks for good what can't be read once", told: func(_ *world, asks []rules.Ask, r []rules.Reading, err error) ([]rules.Reading, error) {
		if err == nil {
			return r, nil
		}
		for _, a := range asks {
			if !slices.ContainsFunc(r, func(r rules.Reading) bool { return r.ID == a.ID }) {
				r = append(r, rules.Reading{ID: a.ID, Err: err})
			}
		}
		return r, nil
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
	{name: "a failed poll counts as news", listed: func(_ *world, p rules.Page, err error) (rules.Page, error) {
		if err != nil {
			return rules.Page{Cursor: p.Cursor}, nil
		}
		return p, nil
	}},
	{name: "a poll moves on before what it found is kept", listed: func(_ *world, p rules.Page, err error) (rules.Page, error) {
		p.Changes = nil
		return p, err
	}},
	{name: "a write that got no answer is taken for done", wrote: func(_ *world, edits []rules.Edit, results []error, err error) ([]error, error) {
		if err != nil {
			return make([]error, len(edits)), nil
		}
		return results, err
	}},
	{name: "a write that failed isn't tried again", wrote: func(_ *world, edits []rules.Edit, results []error, err error) ([]error, error) {
		if err == nil {
			return results, nil
		}
		results = make([]error, len(edits))
		for i := range results {
			results[i] = rules.ErrUntouchable
		}
		return results, nil
	}},
	{name: "keeps the due date at a pause", writes: func(_ *world, edits []rules.Edit) {
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
	{name: "stale tags stay", writes: func(_ *world, edits []rules.Edit) {
		for i := range edits {
			edits[i].RemoveTags = nil
		}
	}},
	{name: "takes people's tags off", writes: func(w *world, edits []rules.Edit) {
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
	{name: "a message that failed isn't tried again", posted: func(_ *world, id, ts string, err error) (string, string, error) {
		if err != nil {
			err = &engine.Failure{Outcome: engine.Refused, Err: err}
		}
		return id, ts, err
	}},
	{name: "an ambiguous post is repeated without looking", blind: true},
	{name: "a line in a thread is repeated without looking", deaf: true},
	{name: "an edit is swallowed now and then", edits: func(w *world, _ chat, _ context.Context, _, _ string, _ rules.Alert) bool {
		return w.lie("edits", 1)%3 == 0
	}},
	{name: "an edit that failed is taken for done", edits: func(_ *world, c chat, ctx context.Context, id, ts string, a rules.Alert) bool {
		_ = c.Edit(ctx, id, ts, a)
		return true
	}},
	{name: "the wrong card is edited", edits: func(w *world, c chat, ctx context.Context, id, _ string, a rules.Alert) bool {
		cards := slices.DeleteFunc(w.Slack().Messages(channel), func(m sandbox.SlackMessage) bool { return m.ThreadTS != "" })
		return c.Edit(ctx, id, cards[len(cards)-1].TS, a) == nil
	}},
	{name: "escalates twice", drafts: func(_ *world, d *engine.Draft) {
		d.Marks = []string{d.Marks[0] + "_" + time.Now().Format("150405")}
	}},
	{name: "an issue's link is taken for made", linked: true},
	{name: "a note is written again without looking", noted: func(w *world, desk *zendesk.Client, ctx context.Context, id string, n rules.Note) error {
		err := desk.Note(ctx, id, n)
		if err != nil {
			w.lie(id+n.Says, 1)
		} else if failed := w.lie(id+n.Says, 0); failed > 0 {
			w.lie(id+n.Says, -failed)
			n.Says += " "
			return desk.Note(ctx, id, n)
		}
		return err
	}},
	{name: "a webhook is acknowledged and forgotten now and then", received: func(w *world, d *rules.Delivery) {
		if w.lie("received", 1)%4 == 0 {
			d.Tickets = nil
		}
	}},
	{name: "a mark that comes while tickets are read is forgotten", received: func(w *world, d *rules.Delivery) {
		if w.lie("reading", 0) > 0 {
			d.Tickets = nil
		}
	}},
	{name: "a poke is lost now and then", pokes: func(w *world, _ string) bool {
		return w.lie("pokes", 1)%7 != 0
	}},
	{name: "a wake-up is late", next: func(_ *world, next time.Time) time.Time { return next.Add(90 * time.Second) }},
	{name: "the nightly comparison is left out", engine: func(e *engine.Engine) { e.Reconcile = nil }},
}

// without leaves out what was done to a ticket, where that is so.
func without(so func(t *rules.Ticket, i int) bool) func(*world, []rules.Ask, []rules.Reading, error) ([]rules.Reading, error) {
	return func(_ *world, _ []rules.Ask, readings []rules.Reading, err error) ([]rules.Reading, error) {
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
func with(change func(*rules.Event)) func(*world, []rules.Ask, []rules.Reading, error) ([]rules.Reading, error) {
	return func(_ *world, _ []rules.Ask, readings []rules.Reading, err error) ([]rules.Reading, error) {
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
const few = 25

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
			for n := range most {
				seed := *first + uint64(n)
				if wrong := verdictOn(t, draw(seed), b, quiet()); len(wrong) > 0 {
					t.Logf("%q is found by story %d, seed %d: %s", b.name, n+1, seed, wrong[0])
					return
				}
			}
			t.Errorf("not found in %d stories", most)
		})
	}
}
