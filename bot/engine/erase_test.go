package engine_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/robfig/cron/v3"

	"vigie/bot/store"
	"vigie/bot/web"
	"vigie/connectors/sandbox"
	"vigie/rules"
	"vigie/rules/report"
)

// The words of a ticket that is erased. No name of an agent is among them.
const (
	wrote     = "Wolpertinger" // in the subject
	described = "Kaulquappe"   // in the first message
	answered  = "Nacktmull"    // in a later one
	customer  = "zoe.quast"    // in the address
)

var erasedWords = []string{wrote, described, answered, customer}

// An erasable world has a ticket of Zoe's about which Slack has said all that it can:
// a card, lines in its thread, a list.
type erasable struct {
	*world
	id     int64
	log    bytes.Buffer
	report string // of the days before
}

func newErasable(t *testing.T) *erasable {
	t.Helper()
	w := &erasable{world: newWorld(t)}
	w.policy = strings.Replace(acme, "[[priorities]]\nname    = \"urgent\"\n", "[[priorities]]\nname    = \"urgent\"\nwhen    = 'has(text, \""+described+"\") or has(said, \""+answered+"\")'\n", 1)
	w.restart(t)
	w.z.AddUser(sandbox.ZendeskUser{Email: customer + "@acme.example", Name: "Zoe Quast", Organization: "Acme"})
	w.hooks(t)
	w.Engine.Log = slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	id, err := w.z.Open(sandbox.NewTicket{Subject: "A " + wrote + " in the portal", Body: "It is a " + described + ".", Type: "incident", RequesterEmail: customer + "@acme.example", SubmitterEmail: customer + "@acme.example"})
	w.id = id
	w.seen(t, id, err)
	w.until(t, at("Fri 2026-11-27 10:50:00"))
	w.seen(t, id, w.z.Reply(id, customer+"@acme.example", true, "Rather a "+answered+"."))
	w.until(t, at("Fri 2026-11-27 13:10:00"))
	w.expect(t, 1, 2, "missed")
	w.report = w.figures(t)
	for _, word := range erasedWords {
		if len(w.found(t, word)) == 0 {
			t.Fatalf("%q is nowhere, so that it isn't shows nothing", word)
		}
	}
	return w
}

// figures are the report of the time until the ticket was late, without what may go.
func (w *erasable) figures(t *testing.T) string {
	t.Helper()
	r := report.New(at("Fri 2026-11-27 00:00:00"), at("Fri 2026-11-27 13:05:00"), w.Now())
	must(t, web.Compile(t.Context(), w.Store, map[string][]*rules.Policy{"zendesk": w.Sources[0].Policies}, r, nil))
	for i := range r.Breaches {
		r.Breaches[i].Subject = ""
	}
	text, err := json.MarshalIndent(r, "", " ")
	must(t, err)
	return string(text)
}

// found says where a word is: in the state, its log on disk or a copy made now, in
// Slack, in what was logged.
func (w *erasable) found(t *testing.T, word string) (places []string) {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "backup.db")
	must(t, store.Copy(t.Context(), w.file, copied))
	files := []string{copied}
	if !store.IsPostgres(w.file) {
		files = append(files, w.file, w.file+"-wal", w.file+"-shm")
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if bytes.Contains(bytes.ToLower(content), []byte(strings.ToLower(word))) { // what the board searches in is folded
			places = append(places, filepath.Base(file))
		}
	}
	for _, m := range w.Slack().Messages(watch) {
		if strings.Contains(m.Text+string(m.Blocks)+string(m.Metadata), word) {
			places = append(places, "slack "+m.TS)
		}
	}
	if strings.Contains(w.log.String(), word) {
		places = append(places, "the log")
	}
	return places
}

// nothing says that none of the words is anywhere, and no figure has changed.
func (w *erasable) nothing(t *testing.T, words ...string) {
	t.Helper()
	w.figured(t, w.figures(t), words...)
}

func (w *erasable) figured(t *testing.T, figures string, words ...string) {
	t.Helper()
	must(t, w.Store.Flush(t.Context()))
	for _, word := range words {
		if places := w.found(t, word); len(places) > 0 {
			t.Errorf("%q is still in %s", word, strings.Join(places, ", "))
		}
	}
	if diff := cmp.Diff(w.report, figures); diff != "" {
		t.Errorf("the report before and after:\n%s", diff)
	}
}

// What takes a ticket's words away at Zendesk, and which.
var erasures = map[string]struct {
	act   func(w *erasable) error
	words []string
}{
	"deleted":                          {func(w *erasable) error { return w.z.Delete(w.id) }, erasedWords},
	"deleted permanently":              {func(w *erasable) error { return w.z.Purge(w.id) }, erasedWords},
	"its last message blacked out":     {func(w *erasable) error { return w.z.Redact(w.id, lena, answered) }, []string{answered}},
	"its first message blacked out":    {func(w *erasable) error { return w.z.RedactFirst(w.id, lena, described) }, []string{described}},
	"blacked out by our own account":   {func(w *erasable) error { return w.z.Redact(w.id, w.Tokens.Zendesk.Email, answered) }, []string{answered}},
	"its customer deleted permanently": {func(w *erasable) error { return w.z.DeleteUser(customer+"@acme.example", true) }, []string{customer}},
}

// However Zendesk says it, and if it only shows it, what was said is gone, and every
// figure stays.
func TestErasedAtZendesk(t *testing.T) {
	for name, erasure := range erasures {
		for way, plan := range map[string]struct {
			hooks sandbox.WebhookPlan
			pass  time.Duration
		}{
			"told":       {sandbox.WebhookPlan{}, 2 * time.Minute}, // for the export, which is a minute behind
			"told twice": {sandbox.WebhookPlan{Duplicate: 1}, 2 * time.Minute},
			"never told": {sandbox.WebhookPlan{Drop: 1}, 20 * time.Minute},
		} {
			if way == "never told" && strings.Contains(name, "customer") {
				continue // no list of tickets shows it: TestComparedAtNight
			}
			t.Run(name+", "+way, func(t *testing.T) {
				w := newErasable(t)
				w.flush(t, sandbox.WebhookPlan{Drop: 1})
				must(t, erasure.act(w))
				w.set(w.Now().Add(30 * time.Second))
				w.flush(t, plan.hooks)
				w.settle(t)
				w.until(t, w.Now().Add(plan.pass))
				w.nothing(t, erasure.words...)
			})
		}
	}
}

// A ticket whose deletion nobody told of, of which the export says nothing, and a
// customer who was deleted: the nightly comparison finds both, of solved tickets too.
func TestComparedAtNight(t *testing.T) {
	for name, c := range map[string]struct {
		act   func(w *erasable) error
		words []string
	}{
		"deleted permanently":  {func(w *erasable) error { return w.z.Purge(w.id) }, erasedWords},
		"its customer deleted": {func(w *erasable) error { return w.z.DeleteUser(customer+"@acme.example", true) }, []string{customer}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newErasable(t)
			w.Reconcile = cron.Every(24 * time.Hour)
			for range 150 { // more than are asked for at a time
				w.z.Create(sandbox.NewTicket{Subject: "Other", Type: "task", RequesterEmail: nadia})
			}
			w.seen(t, w.id, w.z.SetStatus(w.id, lena, "solved"))
			w.until(t, w.Now().Add(20*time.Minute))
			must(t, w.Faults.Misbehave("zendesk", "purged-unlisted"))
			must(t, c.act(w))
			w.flush(t, sandbox.WebhookPlan{Drop: 1})
			w.until(t, w.Now().Add(time.Hour))
			if len(w.found(t, c.words[0])) == 0 {
				t.Fatal("it was told some other way, so this shows nothing")
			}
			w.until(t, w.Now().Add(25*time.Hour))
			w.nothing(t, c.words...)
		})
	}
}

// A vendor that shows none of what it showed is not believed: nothing is erased.
func TestComparedWithAStranger(t *testing.T) {
	w := newErasable(t)
	w.Reconcile = cron.Every(24 * time.Hour)
	w.urgent(t)
	w.refuse(404, "/show_many.json") // no list
	w.until(t, w.Now().Add(26*time.Hour))
	if len(w.found(t, described)) == 0 {
		t.Error("the ticket was erased")
	}
}

// What a person asked for is gone whether or not the vendor has it still; whatever is
// read later is dropped; the ticket goes on with its promises. It may be asked for
// beside the program that works on the state.
func TestForget(t *testing.T) {
	for name, gone := range map[string]bool{"the vendor has it": false, "the vendor has it no more": true} {
		t.Run(name, func(t *testing.T) {
			w := newErasable(t)
			if gone {
				must(t, w.z.Delete(w.id))
				w.flush(t, sandbox.WebhookPlan{Drop: 1})
			}
			beside, err := store.OpenBeside(t.Context(), w.file)
			must(t, err)
			other := w.build(t, beside)
			known, err := other.Forget(t.Context(), "zendesk", fmt.Sprint(w.id))
			must(t, errors.Join(err, beside.Close()))
			if !known {
				t.Error("nothing was known of the ticket")
			}
			w.until(t, w.Now().Add(20*time.Minute))
			w.nothing(t, erasedWords...)
			if gone {
				return
			}
			if text := w.cards()[0].Text; !strings.Contains(text, "Ticket erased at the customer's request") {
				t.Errorf("the card says %q", text)
			}
			w.seen(t, w.id, w.z.Reply(w.id, customer+"@acme.example", true, "Still a "+answered+"."))
			w.seen(t, w.id, w.z.Reply(w.id, lena, true, "It is mended."))
			w.until(t, w.Now().Add(20*time.Minute))
			w.nothing(t, erasedWords...)
			row, err := w.Store.Ticket(t.Context(), "zendesk", fmt.Sprint(w.id))
			must(t, err)
			if row.Verdict == nil || row.Verdict.Priority != "urgent" || row.Verdict.Clock(rules.Update).Cycle != 2 {
				t.Errorf("the ticket is judged %+v", row.Verdict)
			}
			w.restart(t)
			w.until(t, w.Now().Add(20*time.Minute))
			w.nothing(t, erasedWords...)
		})
	}
}

// Asked for before anything was heard of the ticket, or by a name that nobody has.
func TestForgetUnheardOf(t *testing.T) {
	w := newErasable(t)
	known, err := w.Forget(t.Context(), "zendesk", fmt.Sprint(w.id+1))
	if must(t, err); known {
		t.Error("an unheard-of ticket is known")
	}
	id, err := w.z.Open(sandbox.NewTicket{Subject: "The Axolotl", Body: "An Axolotl.", Type: "incident", RequesterEmail: nadia})
	w.seen(t, id, err)
	w.until(t, w.Now().Add(20*time.Minute))
	w.nothing(t, "Axolotl")
	if _, err := w.Forget(t.Context(), "nobody", "1"); err == nil {
		t.Error("a source that isn't there was taken")
	}
}

// A ticket that comes back after its deletion is read like any other.
func TestUndeletedTicketIsReadAgain(t *testing.T) {
	w := newErasable(t)
	w.seen(t, w.id, w.z.Delete(w.id))
	w.until(t, w.Now().Add(20*time.Minute))
	w.nothing(t, erasedWords...)
	w.seen(t, w.id, w.z.Restore(w.id))
	w.until(t, w.Now().Add(20*time.Minute))
	row, err := w.Store.Ticket(t.Context(), "zendesk", fmt.Sprint(w.id))
	must(t, err)
	if row.Ticket.Bare() || !strings.Contains(row.Ticket.Text, described) {
		t.Errorf("it is %+v", row.Ticket)
	}
	if text := w.cards()[0].Text; !strings.Contains(text, wrote) {
		t.Errorf("the card says %q", text)
	}
}

// An erasure survives whatever ends the program in the midst of it, and a chat that
// is away for hours: nothing is said twice, and all of it is gone in the end.
func TestErasureIsCarriedThrough(t *testing.T) {
	for name, fault := range map[string]func(w *erasable, k int){
		"killed before": func(w *erasable, k int) { w.killAtSlack(k, false) },
		"killed after":  func(w *erasable, k int) { w.killAtSlack(k, true) },
		"slack fails":   func(w *erasable, k int) { w.failAt("slack", k, sandbox.Fault{Status: 500}) },
		"slack is away": func(w *erasable, k int) { w.Faults.Down("slack", true) },
	} {
		for k := range 5 { // the card's edit, the thread, two lines
			if name == "slack is away" && k > 0 || testing.Short() && k > 1 {
				break
			}
			t.Run(fmt.Sprintf("%s, at request %d", name, k), func(t *testing.T) {
				w := newErasable(t)
				fault(w, k)
				w.seen(t, w.id, w.z.Purge(w.id))
				w.until(t, w.Now().Add(3*time.Hour))
				if name == "slack is away" {
					for _, word := range erasedWords { // the state doesn't wait for Slack
						for _, place := range w.found(t, word) {
							if !strings.HasPrefix(place, "slack ") {
								t.Errorf("%q is still in %s", word, place)
							}
						}
					}
				}
				w.onRequest(nil)
				w.Faults.Down("slack", false)
				w.until(t, w.Now().Add(2*time.Hour))
				w.nothing(t, erasedWords...)
				w.expect(t, 1, 2, "")
			})
		}
	}
}

// killAtSlack kills the engine at its kth request to Slack from now on.
func (w *erasable) killAtSlack(k int, done bool) {
	n := 0
	w.onRequest(func(vendor string, _ bool) {
		if vendor != "slack" {
			return
		}
		if n == k {
			w.Faults.FailNext("slack", 1, sandbox.Fault{Drop: true, AfterWork: done})
			w.kill()
		}
		n++
	})
}

// A list that named the ticket among others names it no more, and the others still.
func TestListsForgetErasedTickets(t *testing.T) {
	w := &erasable{world: newWorld(t)}
	w.Engine.Log = slog.New(slog.NewTextHandler(&w.log, nil))
	w.z.AddUser(sandbox.ZendeskUser{Email: customer + "@acme.example", Organization: "Acme"})
	w.Faults.Down("slack", true)
	for i := range 5 {
		id, err := w.z.Open(sandbox.NewTicket{Subject: []string{wrote, "Other"}[min(i, 1)], Body: described, Type: "incident", Priority: "urgent", RequesterEmail: customer + "@acme.example", SubmitterEmail: lena})
		w.seen(t, id, err)
		if i == 0 {
			w.id = id
		}
	}
	w.until(t, at("Fri 2026-11-27 13:30:00"))
	w.Faults.Down("slack", false)
	w.until(t, at("Fri 2026-11-27 14:30:00"))
	w.report = w.figures(t)
	list := w.cards()[0].Text
	if !strings.Contains(list, wrote) || !strings.Contains(list, "Other") {
		t.Fatalf("there is no list: %s", texts(w.cards()))
	}
	w.seen(t, w.id, w.z.Purge(w.id))
	w.until(t, w.Now().Add(time.Hour))
	w.nothing(t, wrote)
	if list := w.cards()[0].Text; !strings.Contains(list, "Ticket deleted, its texts are erased") || strings.Count(list, "Other") != 4 {
		t.Errorf("the list says %s", list)
	}
}

// What is taken away at a Jira: an issue, a comment, a person's name. A comment that
// was deleted was said all the same, and counts by what it said; so it does where
// somebody has asked for the issue to be forgotten.
func TestErasedAtJira(t *testing.T) {
	for name, c := range map[string]struct {
		act   func(w *erasable, j sandbox.Jira, key string) error
		words []string
	}{
		"deleted":           {func(w *erasable, j sandbox.Jira, key string) error { return j.Delete(key) }, erasedWords},
		"a comment deleted": {func(w *erasable, j sandbox.Jira, key string) error { return j.DeleteComment(key, lena, 0) }, []string{answered}},
		"its customer anonymised": {func(w *erasable, j sandbox.Jira, key string) error {
			j.Anonymize(customer + "@acme.example")
			return nil
		}, []string{customer}},
		"forgotten, a comment deleted": {func(w *erasable, j sandbox.Jira, key string) error {
			_, err := w.Forget(t.Context(), "jira", key)
			return errors.Join(err, j.DeleteComment(key, lena, 0))
		}, erasedWords},
	} {
		for _, dataCenter := range []bool{false, true} {
			if testing.Short() && dataCenter {
				continue
			}
			t.Run(fmt.Sprintf("%s, Data Center %v", name, dataCenter), func(t *testing.T) {
				w := &erasable{world: freshWorld(t)}
				w.Options.Jira.DataCenter = dataCenter
				w.policy = strings.Replace(acme, "[[priorities]]\nname    = \"urgent\"\n", "[[priorities]]\nname    = \"urgent\"\nwhen    = 'has(said, \""+answered+"\")'\n", 1)
				w.restart(t)
				j := w.addJira(t)
				w.Reconcile = cron.Every(24 * time.Hour)
				w.Engine.Log = slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				w.settle(t)
				j.AddUser(sandbox.JiraUser{Email: customer + "@acme.example", Name: customer, Customer: true})
				key := j.Create(sandbox.NewIssue{Project: "SUP", Reporter: customer + "@acme.example", RequestType: "Incident", Summary: wrote, Description: described})
				w.until(t, at("Fri 2026-11-27 09:20:00"))
				must(t, j.Comment(key, customer+"@acme.example", "Rather a "+answered, true))
				w.until(t, at("Fri 2026-11-27 13:50:00"))
				w.report = w.jiraFigures(t)
				if !strings.Contains(w.report, `"missed": 1`) {
					t.Fatalf("nothing was missed: %s", w.report)
				}
				must(t, c.act(w, j, key))
				w.until(t, w.Now().Add(50*time.Hour)) // two nights
				w.figured(t, w.jiraFigures(t), c.words...)
			})
		}
	}
}

func (w *erasable) jiraFigures(t *testing.T) string {
	t.Helper()
	r := report.New(at("Fri 2026-11-27 00:00:00"), at("Fri 2026-11-27 13:45:00"), w.Now())
	must(t, web.Compile(t.Context(), w.Store, map[string][]*rules.Policy{"jira": w.Sources[1].Policies}, r, nil))
	for i := range r.Breaches {
		r.Breaches[i].Subject = ""
	}
	text, err := json.MarshalIndent(r, "", " ")
	must(t, err)
	return string(text)
}
