package slack

import (
	"cmp"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"vigie/rules"
)

// Tasks are tickets as a list of them shows each: what is to be done and by when, its
// link, and who sees to it. The alerts are those of rules.Verdict.Foremost.
type Tasks struct {
	Language string
	Head     string // a sentence of ours, in which whatever comes from elsewhere went through Escape
	Alerts   []rules.Alert
	More     int       // how many are left out
	Board    string    // where those are; empty = nowhere that a link leads to
	At       time.Time // when all this was so
}

// RenderTasks is a list as an answer to one person: the text for notifications and
// screen readers, and the blocks.
func RenderTasks(t Tasks) (text string, blocks []slackgo.Block) {
	w := in(t.Language)
	lines := []string{t.Head}
	for _, a := range t.Alerts {
		lines = append(lines, "• "+w.task(a))
	}
	lines = append(lines, w.more(t.More, t.Board)...)
	for _, part := range pieces(strings.Join(lines, "\n"), sectionLength, 2*sections) {
		blocks = append(blocks, slackgo.NewSectionBlock(markup(part), nil, nil))
	}
	return t.Head, append(blocks, w.asOf(t.At)...)
}

// RenderSaid is a sentence of ours as an answer to one person.
func RenderSaid(said string) (text string, blocks []slackgo.Block) {
	for _, part := range pieces(said, sectionLength, 2*sections) {
		blocks = append(blocks, slackgo.NewSectionBlock(markup(part), nil, nil))
	}
	return said, blocks
}

// RenderTicket is a compact card of a ticket: its link and subject, each promise that
// isn't kept yet, who sees to it, and a link to its page at Vigie, if that is known. The
// alerts are those of rules.Verdict.Alerts; without any nothing is shown.
func RenderTicket(alerts []rules.Alert, page, lang string) (text string, blocks []slackgo.Block) {
	if len(alerts) == 0 {
		return "", nil
	}
	w, first := in(lang), alerts[0]
	lines := []string{link(first.URL, ref(first)) + " " + Escape(shorten(w.subject(first), lineSubject))}
	for _, a := range alerts {
		if a.Metric != "" || !a.Kind.Over() {
			lines = append(lines, w.todo(a))
		}
	}
	if len(lines) == 1 {
		lines = append(lines, Escape(w.Say("task.nothing")))
	}
	if first.Erased == "" {
		lines = append(lines, w.holder(first))
	}
	if page != "" {
		lines = append(lines, link(page, w.Say("task.page")))
	}
	blocks = append(blocks, slackgo.NewSectionBlock(markup(strings.Join(lines, "\n")), nil, nil))
	return strings.Join(lines, "\n"), append(blocks, w.asOf(first.At)...)
}

// task is a ticket in one line of a list.
func (w speech) task(a rules.Alert) string {
	line := w.todo(a) + " – " + link(a.URL, ref(a)) + " " + Escape(shorten(w.subject(a), lineSubject))
	if a.Erased == "" && a.Holder() != "" {
		line += " – " + Escape(name(a.Holder()))
	}
	return line
}

// todo says what is to be done and by when, and how much is left until then.
func (w speech) todo(a rules.Alert) string {
	switch {
	case a.Due.IsZero() || a.Kind.Over(): // nothing is due: it is paused, or over
		return Escape(w.headline(a))
	case a.Metric == "":
		return Escape(w.headline(a)) + " – " + w.due(a, w.moment(a.Due, unit(a)))
	}
	sign := "running"
	switch a.Kind {
	case rules.Warning, rules.Breached:
		sign = string(a.Kind)
	}
	return w.Say("task.sign."+sign) + " " + w.Say("task.todo."+string(a.Metric), "at", w.moment(a.Due, unit(a))) + " (" + Escape(w.stand(a)) + ")"
}

// holder says who sees to a ticket.
func (w speech) holder(a rules.Alert) string {
	switch {
	case a.Taker != "":
		return w.Say("task.taken", "who", Escape(name(a.Taker)))
	case a.Assignee != "":
		return w.Say("task.assigned", "who", Escape(name(a.Assignee)))
	}
	return w.Say("task.nobody")
}

// more says how many are left out, and where they are.
func (w speech) more(n int, board string) []string {
	if n == 0 {
		return nil
	}
	return []string{link(board, w.Say("task.more", "n", n))}
}

// asOf says when what a message shows was so.
func (w speech) asOf(at time.Time) []slackgo.Block {
	if at.IsZero() {
		return nil
	}
	return []slackgo.Block{slackgo.NewContextBlock("", markup(w.Say("slack.as_of", "at", w.moment(at, time.Minute))))}
}

// Duty is who is on call by a rota, as an answer tells it.
type Duty struct {
	Rota  string
	Who   string    // an address; empty: nobody
	Until time.Time // zero: not known
	Next  string    // an address; empty: not known
	From  time.Time // of the next one
}

// RenderDuties says who is on call, now and next.
func RenderDuties(duties []Duty, lang string) (text string, blocks []slackgo.Block) {
	w := in(lang)
	var lines []string
	for _, d := range duties {
		now := cmp.Or(Escape(name(d.Who)), w.Say("slack.nobody"))
		if d.Until.IsZero() {
			now = w.Say("duty.now", "rota", Escape(name(d.Rota)), "who", now)
		} else {
			now = w.Say("duty.until", "rota", Escape(name(d.Rota)), "who", now, "at", w.moment(d.Until, time.Minute))
		}
		if d.Next != "" {
			now += " " + w.Say("duty.next", "who", Escape(name(d.Next)), "at", w.moment(d.From, time.Minute))
		}
		lines = append(lines, "• "+now)
	}
	return RenderSaid(strings.Join(lines, "\n"))
}
