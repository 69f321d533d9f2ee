package words

import (
	"strings"
	"unicode/utf8"
)

// String is the letter as text, to be put into an answer.
func (l *Letter) String() string {
	w := &letterWriter{writer: writer{Language: In(l.Language)}}
	head := w.Say("letter.request", "id", l.Ticket)
	if l.Subject != "" {
		head = w.colon(head, oneLine(l.Subject))
	}
	w.line("%s", head)
	w.say("letter.as_of", "at", w.moment(l.At))
	if l.Policy != "" {
		w.line("%s", l.Policy)
	}
	if l.Priority != "" {
		priority := l.Priority
		if l.Rubric != "" {
			priority = w.colon(priority, l.Rubric)
		}
		w.line("%s", priority)
	}
	if l.Without != "" {
		w.line("")
		w.line("%s", l.Without)
	}
	for i := range l.Promises {
		w.line("")
		w.print(&l.Promises[i])
	}
	return w.String()
}

func (w *letterWriter) print(p *LetterPromise) {
	head := p.Promise
	if p.Clause != "" {
		head += " – " + p.Clause
	}
	w.line("%s", head)
	w.line("  %s", w.Say("letter.target", "target", p.Target))
	for _, sentence := range []string{p.Standing, p.Because, p.Earlier} {
		if sentence != "" {
			w.line("  %s", sentence)
		}
	}
	if len(p.Stretches) == 0 {
		return
	}
	w.line("")
	title := w.Say("letter.counted")
	if p.Zone != "" {
		title += ", " + p.Zone
	}
	total := w.Say("letter.in_all")
	left, right := utf8.RuneCountInString(title), utf8.RuneCountInString(p.Sum)
	for _, s := range p.Stretches {
		left, right = max(left, utf8.RuneCountInString(s.When)), max(right, utf8.RuneCountInString(s.Counted))
	}
	row := func(when, counted, reason string) {
		gap := left - utf8.RuneCountInString(when) + right - utf8.RuneCountInString(counted)
		w.line("%s", strings.TrimRight("    "+when+strings.Repeat(" ", gap+3)+counted+"   "+reason, " "))
	}
	w.line("    %s", title)
	for _, s := range p.Stretches {
		row(s.When, s.Counted, s.Reason)
	}
	row("", p.Sum, total)
}

// oneLine is a text without what could break or hide a line.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, text)), " ")
}
