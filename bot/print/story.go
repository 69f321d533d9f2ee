package print

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"vigie/rules"
)

// Teller prints the story and what the program does about it. It is the
// program's log handler, too: what is worth a log line is worth telling.
type Teller struct {
	mu  sync.Mutex
	out io.Writer
	now func() time.Time

	seen map[string]bool
}

func NewTeller(out io.Writer, now func() time.Time) *Teller {
	return &Teller{out: out, now: now, seen: map[string]bool{}}
}

func (t *Teller) Line(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.out, format+"\n", args...)
}

// Scene announces an act.
func (t *Teller) Scene(at time.Time, what string) {
	if what != "" {
		t.Line("%s  %s", at.Format("Mon 15:04"), what)
	}
}

func (t *Teller) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }
func (t *Teller) WithAttrs([]slog.Attr) slog.Handler           { return t }
func (t *Teller) WithGroup(string) slog.Handler                { return t }

// Handle prints one thing that the program did. A vendor's failures are told
// once; how they are retried is no part of the story.
func (t *Teller) Handle(_ context.Context, r slog.Record) error {
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
		t.Line("%s      · %s", t.now().Format("Mon 15:04"), text)
	}
	return nil
}

// once is true for the first of its kind.
func (t *Teller) once(what string) bool {
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

// An Ending is what a story has come to, as the vendors have it.
type Ending struct {
	Tickets               []EndingTicket
	Said                  []Said // about no single ticket
	Posts, Edits, Replies int
}

// An EndingTicket is what became of a ticket.
type EndingTicket struct {
	Ref, Subject string
	Verdict      rules.Verdict
	Tags         []string    // the program's own
	Fields       [][2]string // name and value
	Said         []Said
}

// A Said thing is a message of Slack's, and the channel it stands in.
type Said struct{ Where, Text string }

// End prints, per ticket, what was written into it and what was said about it.
func (t *Teller) End(e *Ending) {
	t.Line("\nWhat was written and said, per ticket:")
	for i := range e.Tickets {
		r := &e.Tickets[i]
		t.Line("\n%s  %s", r.Ref, cmp.Or(r.Subject, "(its texts are erased)"))
		t.Line("  %s", standing(&r.Verdict))
		if len(r.Tags) > 0 {
			t.Line("  tags    %s", strings.Join(r.Tags, " "))
		}
		for _, field := range r.Fields {
			t.Line("  field   %s = %s", field[0], field[1])
		}
		for _, c := range r.Verdict.Clocks {
			t.Line("  clock   %s", clockLine(&c))
		}
		t.quote(r.Said)
	}
	t.Line("\nabout no single ticket")
	t.quote(e.Said)
	t.Line("%s", rules.Counted("en", "\n%d ticket{s}, %d message{s} with %d edit{s} and %d repl{y|ies} in their threads.", len(e.Tickets), e.Posts, e.Edits, e.Replies))
}

func (t *Teller) quote(list []Said) {
	for _, m := range list {
		t.Line("  slack   %s  %s", m.Where, readable(m.Text))
	}
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

// markup is Slack's for links and dates, each with the words to show.
var markup = regexp.MustCompile(`<[^<>|]*\|([^<>]*)>`)

// readable is a message as a person sees it, lines under one another.
func readable(text string) string {
	return strings.ReplaceAll(markup.ReplaceAllString(text, "$1"), "\n", "\n            ")
}
