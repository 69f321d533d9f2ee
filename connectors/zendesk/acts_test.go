package zendesk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vigie/connectors/desk"
	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
	"vigie/rules"
)

// A keeper keeps histories as the store does.
type keeper struct {
	*world
	cursor   string
	acts     map[string]map[string]desk.Act // by ticket and id
	versions map[string]string
}

func (k *keeper) keep(acts []desk.Act) {
	for _, a := range acts {
		if k.acts[a.Ticket] == nil {
			k.acts[a.Ticket] = map[string]desk.Act{}
		}
		if _, ok := k.acts[a.Ticket][a.ID]; !ok {
			k.acts[a.Ticket][a.ID] = a
		}
	}
}

// export reads the list of acts to its end.
func (k *keeper) export(t rapid.TB, since time.Time) {
	for more := true; more; {
		page, err := k.client.Acts(context.Background(), k.cursor, since)
		if err != nil {
			t.Fatal(err)
		}
		k.keep(page.Acts)
		k.cursor, more = page.Cursor, page.More
	}
}

// audits is how many tickets' audits were asked for after so many calls. A call
// that the network cuts off is repeated, and counts once.
func (k *keeper) audits(calls int) int {
	asked := map[string]bool{}
	for _, c := range k.Calls("zendesk")[calls:] {
		if strings.HasSuffix(c.Path, "/audits.json") {
			asked[c.Path] = true
		}
	}
	return len(asked)
}

// tell reads tickets by what is kept of them.
func (k *keeper) tell(t rapid.TB, asks []desk.Ask) []desk.Reading {
	for i := range asks {
		a := &asks[i]
		a.Version = k.versions[a.ID]
		for _, act := range k.acts[a.ID] {
			a.Acts = append(a.Acts, act)
		}
	}
	list, err := k.client.Tell(context.Background(), asks)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		k.keep(r.Acts)
		k.versions[r.ID] = r.Version
	}
	return list
}

// compare checks that readings are as if all audits had been asked for.
func (k *keeper) compare(t rapid.TB, list []desk.Reading) {
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i] = r.ID
	}
	want, err := k.client.Read(context.Background(), ids)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range list {
		r.Acts, want[i].Acts, r.Whole, want[i].Whole = nil, nil, false, false
		r.Deleted = want[i].Deleted // only a row says so
		if diff := cmp.Diff(want[i], r); diff != "" {
			t.Fatalf("ticket %s at %s: by its audits against as it is told:\n%s", r.ID, k.now.Format(time.TimeOnly), diff)
		}
	}
}

// Whatever happens to tickets, and whenever the list of acts is read, a ticket is
// told as by its audits; and those that nothing has happened to for a minute are
// told without asking for them.
func TestToldAsByAudits(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		k := &keeper{acts: map[string]map[string]desk.Act{}, versions: map[string]string{}}
		var text, check int64
		d := newDesk(t, func(c *zendesk.Config, d *world) {
			text, check = d.z.AddField("Note", "text"), d.z.AddField("Urgent", "checkbox")
			d.z.AddStatus("open", "Waiting on engineering")
			c.Status = map[string]rules.Status{"waiting on engineering": rules.WaitingThirdParty}
			c.Kinds = append(c.Kinds, desk.Kind{From: "feature", To: "feature"})
		})
		k.world = d
		started := d.now
		var ids []int64
		who := rapid.SampledFrom([]string{lena, nadia, sandbox.Trigger, d.Tokens.Zendesk.Email})
		acts := map[string]func(id int64, by string) error{
			"reply": func(id int64, by string) error { return d.z.Reply(id, by, rapid.Bool().Draw(r, "public"), "hm") },
			"status": func(id int64, by string) error {
				return d.z.SetStatus(id, by, rapid.SampledFrom([]string{"open", "pending", "solved", "Waiting on engineering"}).Draw(r, "status"))
			},
			"priority": func(id int64, by string) error {
				return d.z.SetPriority(id, by, rapid.SampledFrom([]string{"", "low", "urgent"}).Draw(r, "priority"))
			},
			"type": func(id int64, by string) error {
				return d.z.SetType(id, by, rapid.SampledFrom([]string{"", "incident", "task"}).Draw(r, "type"))
			},
			"group": func(id int64, by string) error {
				return d.z.SetGroup(id, by, rapid.SampledFrom([]string{"Support Pune", "Support Berlin"}).Draw(r, "group"))
			},
			"assign": func(id int64, by string) error { return d.z.Assign(id, by, lena) },
			"tags": func(id int64, by string) error {
				return d.z.Update(id, by, sandbox.ZendeskUpdate{AddTags: []string{rapid.SampledFrom([]string{"a", "b", "feature"}).Draw(r, "add")}, RemoveTags: []string{"c"}})
			},
			"untag": func(id int64, by string) error { return d.z.RemoveTags(id, by, "a", "feature") },
			"text": func(id int64, by string) error {
				return d.z.SetField(id, by, text, rapid.SampledFrom([]any{nil, "x", 745}).Draw(r, "text"))
			},
			"check": func(id int64, by string) error { return d.z.SetField(id, by, check, rapid.Bool().Draw(r, "check")) },
			"all": func(id int64, by string) error {
				return d.z.Update(id, by, sandbox.ZendeskUpdate{Comment: "so", Status: "open", Priority: "high", AddTags: []string{"c"}})
			},
			"triggered": func(id int64, by string) error {
				return d.z.Update(id, by, sandbox.ZendeskUpdate{Comment: "so", Trigger: &sandbox.ZendeskUpdate{Priority: "low", AddTags: []string{"b"}, Comment: "We have it.", Group: "Support Pune"}})
			},
			"touch":  func(id int64, _ string) error { return d.z.Touch(id) },
			"delete": func(id int64, _ string) error { return d.z.Delete(id) },
		}
		names := []string{"reply", "reply", "status", "status", "priority", "type", "group", "assign", "tags", "untag", "text", "check", "all", "triggered", "touch", "delete"}
		act := func() {
			if len(ids) > 0 {
				name := rapid.SampledFrom(names).Draw(r, "act")
				_ = acts[name](rapid.SampledFrom(ids).Draw(r, "ticket"), who.Draw(r, "who")) // a refusal changes nothing
			}
		}
		for range rapid.IntRange(0, 3).Draw(r, "old") {
			ids = append(ids, d.open(t, sandbox.NewTicket{Tags: []string{"a"}}))
			d.now = d.now.Add(time.Minute)
			act()
		}
		d.now = d.now.Add(time.Minute)
		cursor, since := "", d.now.Add(-time.Minute) // what came before isn't in the list of acts
		for range rapid.IntRange(5, 60).Draw(r, "steps") {
			d.now = d.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 20, 70, 400}).Draw(r, "seconds")) * time.Second)
			switch rapid.IntRange(0, 9).Draw(r, "step") {
			case 0, 1:
				if len(ids) < 6 {
					ids = append(ids, d.open(t, sandbox.NewTicket{Priority: rapid.SampledFrom([]string{"", "normal"}).Draw(r, "priority"), Tags: []string{"a"}, SubmitterEmail: rapid.SampledFrom([]string{"", lena}).Draw(r, "by")}))
				}
			case 2: // a poll
				page, err := d.client.Changes(context.Background(), cursor, started)
				if err != nil {
					r.Fatal(err)
				}
				cursor = page.Cursor
				k.export(r, since)
				before := len(k.Calls("zendesk"))
				var asks []desk.Ask
				gaps := 0
				for _, c := range page.Changes {
					asks = append(asks, desk.Ask{ID: c.ID, Row: c.Row})
					id := 0
					fmt.Sscan(c.ID, &id)
					if row, _ := d.z.Ticket(int64(id)); row.CreatedAt.Before(since) {
						gaps++
					}
				}
				list := k.tell(r, asks)
				if n := k.audits(before); n > gaps {
					r.Fatalf("a poll asked for the audits of %d tickets, of which %d were older than the list of acts", n, gaps)
				}
				k.compare(r, list)
			case 3: // a webhook
				if len(ids) > 0 {
					k.compare(r, k.tell(r, []desk.Ask{{ID: fmt.Sprint(rapid.SampledFrom(ids).Draw(r, "hook"))}}))
				}
			default:
				act()
			}
		}
		d.now = d.now.Add(2 * time.Minute)
		k.export(r, since)
		var asks []desk.Ask
		for _, id := range ids {
			asks = append(asks, desk.Ask{ID: fmt.Sprint(id)})
		}
		k.compare(r, k.tell(r, asks))
	})
}
