package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"vigie/bot/store"
	"vigie/rules"
	"vigie/rules/calendar"
)

// teller prints the story and what the program does about it. It is the
// program's log handler, too: what is worth a log line is worth telling.
type teller struct {
	mu  sync.Mutex
	out io.Writer
	now func() time.Time

	seen map[string]bool
}

func newTeller(out io.Writer, now func() time.Time) *teller {
	return &teller{out: out, now: now, seen: map[string]bool{}}
}

func (t *teller) line(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.out, format+"\n", args...)
}

// scene announces an act.
func (t *teller) scene(a act) {
	if a.what != "" {
		t.line("%s  %s", a.at.Format("Mon 15:04"), a.what)
	}
}

func (t *teller) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }
func (t *teller) WithAttrs([]slog.Attr) slog.Handler           { return t }
func (t *teller) WithGroup(string) slog.Handler                { return t }

// Handle prints one thing that the program did. A vendor's failures are told
// once; how they are retried is no part of the story.
func (t *teller) Handle(_ context.Context, r slog.Record) error {
	facts := map[string]string{}
	var rest []string
	r.Attrs(func(a slog.Attr) bool {
		facts[a.Key] = a.Value.String()
		rest = append(rest, a.Key+"="+facts[a.Key])
		return true
	})
	kind, about, _ := strings.Cut(facts["action"], "/")
	text := ""
	switch {
	case r.Message == "wrote":
		text = facts["ticket"] + ": " + strings.Join(changes(facts), ", ")
	case r.Message == "told" && facts["thread"] != "":
		text = "Slack, in the thread: " + kind + " " + about
	case r.Message == "told":
		text = "Slack " + facts["channel"] + ": " + kind + " " + about
	case r.Message == "edited" && facts["kind"] == "":
		text = "Slack, the list " + about + " is brought up to date"
	case r.Message == "edited":
		text = "Slack, the message about " + about + " now says: " + strings.ReplaceAll(facts["kind"], "_", " ")
	case r.Level >= slog.LevelWarn && t.once(r.Message+facts["loop"]+facts["source"]):
		text = "! " + r.Message + " " + strings.Join(rest, " ")
	}
	if text != "" {
		t.line("%s      · %s", t.now().In(storyZone()).Format("Mon 15:04"), text)
	}
	return nil
}

// once is true for the first of its kind.
func (t *teller) once(what string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seen[what] {
		return false
	}
	t.seen[what] = true
	return true
}

// changes lists what was written into a ticket.
func changes(facts map[string]string) (list []string) {
	for _, part := range []struct{ fact, sign string }{{"add", "+"}, {"remove", "-"}} {
		for _, tag := range strings.Fields(strings.Trim(facts[part.fact], "[]")) {
			list = append(list, part.sign+tag)
		}
	}
	for _, field := range strings.Fields(strings.TrimSuffix(strings.TrimPrefix(facts["fields"], "map["), "]")) {
		id, value, _ := strings.Cut(field, ":")
		list = append(list, id+" = "+cmp.Or(value, "(empty)"))
	}
	return list
}

func storyZone() *time.Location {
	zone, err := calendar.LoadZone("Europe/Paris")
	if err != nil {
		return time.UTC
	}
	return zone
}

// summary prints, per ticket, what was written into it and what was said about
// it, as the vendors have it in the end.
func (d *demo) summary(ctx context.Context) error {
	rows, err := d.store.Tickets(ctx)
	if err != nil {
		return err
	}
	said := d.messages()
	d.print.line("\nWhat was written and said, per ticket:")
	for i := range rows {
		r := &rows[i]
		v, err := d.w.engine.Judge(r)
		if err != nil {
			return err
		}
		d.print.line("\n%s  %s", r.Ticket.Ref(), cmp.Or(r.Ticket.Subject, "(its texts are erased)"))
		d.print.line("  %s", standing(&v))
		if tags := d.tags(r.Source, r.ID); len(tags) > 0 {
			d.print.line("  tags    %s", strings.Join(tags, " "))
		}
		for _, field := range slices.Sorted(maps.Keys(fieldNames)) {
			if r.Written[field] != "" {
				d.print.line("  field   %s = %s", fieldNames[field], r.Written[field])
			}
		}
		for _, c := range v.Clocks {
			d.print.line("  clock   %s", clockLine(&c))
		}
		for _, text := range said[r.Ticket.Ref()] {
			d.print.line("  slack   %s", text)
		}
	}
	d.print.line("\nabout no single ticket")
	for _, text := range said[""] {
		d.print.line("  slack   %s", text)
	}
	posts, edits, replies := 0, 0, 0
	for _, channel := range d.sandbox.Slack().Channels() {
		for _, m := range d.sandbox.Slack().Messages(channel) {
			edits += m.Edits
			if m.ThreadTS != "" {
				replies++
			} else {
				posts++
			}
		}
	}
	d.print.line("%s", rules.Counted("en", "\n%d ticket{s}, %d message{s} with %d edit{s} and %d repl{y|ies} in their threads.", len(rows), posts, edits, replies))
	return nil
}

// fieldNames are the due fields as the simulated vendors show them.
var fieldNames = map[string]string{
	"360001": "update due", "360002": "resolution due", "360003": "resolution due (date)", "customfield_10050": "first reply due",
}

// standing says where a ticket's verdict stands.
func standing(v *rules.Verdict) string {
	switch {
	case !v.Covered():
		return "not covered"
	case v.Status == rules.Deleted:
		return "deleted: no clocks"
	case v.Excluded != nil:
		return fmt.Sprintf("outside the SLA [%s]: %s", v.Excluded.Clause, v.Excluded.Reason.In("en"))
	}
	return fmt.Sprintf("%s, priority %s (%s)", *v.Policy, v.Priority, v.PriorityFrom)
}

func clockLine(c *rules.Clock) string {
	line := fmt.Sprintf("%-11s %-8s", c.Metric, c.State)
	if c.Due != nil {
		line += " due " + c.Due.Format("Mon 2006-01-02 15:04 MST")
	}
	if c.Cycle > 1 {
		line += fmt.Sprintf(", cycle %d", c.Cycle)
	}
	missed := 0
	for _, p := range c.Past {
		if p.State == rules.StateBreached {
			missed++
		}
	}
	if missed > 0 {
		line += fmt.Sprintf(", %d of the earlier ones missed", missed)
	}
	if c.ByChange != nil {
		line += ", missed at once by a change of " + c.ByChange.What
	}
	return line + " [" + c.Clause + "]"
}

// tags is Vigie's own tags of a ticket, as the vendor has them.
func (d *demo) tags(source, id string) []string {
	var all, own []string
	if source == "jira" {
		issue, _ := d.sandbox.Jira().Issue(id)
		all = issue.Labels
	} else {
		for _, t := range d.sandbox.Zendesk().Tickets() {
			if fmt.Sprint(t.ID) == id {
				all = t.Tags
			}
		}
	}
	for _, tag := range all {
		if strings.HasPrefix(tag, "priority_") || strings.HasPrefix(tag, "sla_") || strings.HasPrefix(tag, "intake_") || strings.HasPrefix(tag, "service_") || strings.HasPrefix(tag, "commercial") {
			own = append(own, tag)
		}
	}
	slices.Sort(own)
	return own
}

// markup is Slack's for links and dates, each with the words to show.
var markup = regexp.MustCompile(`<[^<>|]*\|([^<>]*)>`)

// readable is a message as a person sees it, lines under one another.
func readable(text string) string {
	return strings.ReplaceAll(markup.ReplaceAllString(text, "$1"), "\n", "\n            ")
}

// messages is what Slack shows, by the ticket it is about, told by the key that
// each message carries; under "" what is about none.
func (d *demo) messages() map[string][]string {
	said := map[string][]string{}
	channels := d.sandbox.Slack().Channels()
	for _, name := range slices.Sorted(maps.Keys(channels)) {
		for _, m := range d.sandbox.Slack().Messages(channels[name]) {
			var meta struct {
				Payload struct {
					Key string `json:"key"`
				} `json:"event_payload"`
			}
			if json.Unmarshal(m.Metadata, &meta) != nil {
				continue
			}
			parts := strings.Split(meta.Payload.Key, "/")
			if len(parts) < 2 {
				continue
			}
			where := "#" + name
			if m.ThreadTS != "" {
				where += " (thread)"
			}
			about, text := parts[1], m.Text
			if store.Kind(parts[0]).Traits().Alarm() {
				text, _, _ = strings.Cut(text, "\n")
			} else {
				about = ""
			}
			said[about] = append(said[about], where+"  "+readable(text))
		}
	}
	return said
}
