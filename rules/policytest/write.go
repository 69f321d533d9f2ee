package policytest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/rules"
	"vigie/rules/words"
)

// Write is a test file's text with one test: a real ticket's history, and as
// expectations what the policy says of it at an instant. Texts, people and
// whatever else the policy doesn't ask about are left out, so that the test can
// be shown to anybody; what only they explain is expected in a comment, and a
// priority that the rules read in the text stands as a person's. policy is how
// the file names the policy.
func Write(policy string, p *rules.Policy, t *rules.Ticket, at time.Time) (string, error) {
	at = at.Truncate(time.Second)
	w := &writer{policy: p, zone: p.Calendar.Zone(), people: map[string]string{}}
	bare := w.bare(t)
	real, err := see(p, t, at, w.zone)
	if err != nil {
		return "", fmt.Errorf("%s can't be judged: %w", t.Ref(), err)
	}
	if from := real.verdict.PriorityFrom; from == rules.FromRule || from == rules.FromExamples {
		bare.Priority = real.verdict.Priority // what is read in the text that is left out
	}
	now, err := see(p, bare, at, w.zone)
	if err != nil {
		return "", err
	}
	wants := w.verdict(real, t)
	w.line("policy = %s", quoted(policy))
	w.line("zone   = %s", quoted(w.zone.String()))
	w.line("")
	w.line("[[test]]")
	w.line("name     = %s", quoted("a real ticket of "+t.CreatedAt.In(w.zone).Format("Monday 2006-01-02")+": say what it shows"))
	w.line("clauses  = [%s]", strings.Join(w.clauses(&real.verdict), ", "))
	w.line("ticket   = { %s }", strings.Join(w.ticket(bare), ", "))
	if entries := w.timeline(bare.Events); len(entries) > 0 {
		w.line("timeline = [")
		for _, e := range entries {
			w.line("  { %s },", e)
		}
		w.line("]")
	}
	w.line("expect = [")
	there, lost := w.verdict(now, bare), []string{}
	for _, group := range wants {
		text := fmt.Sprintf("{ at = %s, %s },", quoted(w.local(at)), strings.Join(group, ", "))
		if slices.ContainsFunc(there, func(g []string) bool { return slices.Equal(g, group) }) {
			w.line("  %s", text)
		} else {
			lost = append(lost, text)
		}
	}
	if len(lost) > 0 {
		w.line("  # By a text or a name that is left out here; write one like it, and this holds, too:")
	}
	for _, text := range lost {
		w.line("  # %s", text)
	}
	w.line("]")
	return w.String(), nil
}

func see(p *rules.Policy, t *rules.Ticket, at time.Time, zone *time.Location) (*observation, error) {
	c := &Case{ticket: *t, zone: zone}
	return c.observe(p, at)
}

type writer struct {
	strings.Builder
	policy *rules.Policy
	zone   *time.Location
	people map[string]string // their names here
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// quoted is a text as TOML has it; JSON's escapes are TOML's, too.
func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(s) // a text: never fails
	return strings.TrimSuffix(b.String(), "\n")
}

func quotedList(list []string) string {
	var texts []string
	for _, s := range list {
		texts = append(texts, quoted(s))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// local is an instant as a test file has it.
func (w *writer) local(t time.Time) string {
	t = t.In(w.zone)
	text := t.Format("Mon 2006-01-02 15:04")
	if t.Second() != 0 {
		text = t.Format("Mon 2006-01-02 15:04:05")
	}
	if at, err := words.ParseLocal(text, w.zone); err != nil || at.Unix() != t.Unix() {
		text += t.Format(" -07:00")
	}
	return text
}

// ticket is the attributes at creation.
func (w *writer) ticket(t *rules.Ticket) []string {
	parts := []string{"created = " + quoted(w.local(t.CreatedAt))}
	for _, name := range attributeNames {
		set, ok := texts[name]
		if name == "source" || name == "id" {
			continue
		}
		switch {
		case ok && *set(t) != "":
			parts = append(parts, name+" = "+quoted(*set(t)))
		case name == "status" && t.Status != "":
			parts = append(parts, "status = "+quoted(string(t.Status)))
		case name == "tags" && len(t.Tags) > 0:
			parts = append(parts, "tags = "+quotedList(t.Tags))
		case name == "inherited_tags" && len(t.Inherited) > 0:
			parts = append(parts, "inherited_tags = "+quotedList(t.Inherited))
		case name == "attachments" && t.Attachments > 0:
			parts = append(parts, fmt.Sprint("attachments = ", t.Attachments))
		case name == "fields" && len(t.Fields) > 0:
			parts = append(parts, "fields = "+fieldTable(t.Fields))
		case name == "issue" && t.Issue.Linked():
			parts = append(parts, "issue = "+quoted(string(t.Issue.Progress)))
		case name == "issue" && t.Issue != nil:
			parts = append(parts, "issue = "+quoted(noIssue))
		}
	}
	return parts
}

func fieldTable(fields rules.Fields) string {
	var parts []string
	for name, value := range fields {
		parts = append(parts, quoted(name)+" = "+quoted(value))
	}
	slices.Sort(parts)
	return "{ " + strings.Join(parts, ", ") + " }"
}

// An entry is one instant of the timeline, and what one person does in it.
type entry struct {
	at    time.Time
	by    string
	keys  []string
	parts []string
}

// timeline puts what happens at one instant by one person into one entry.
func (w *writer) timeline(events []rules.Event) []string {
	var entries []*entry
	for _, e := range events {
		key, value := string(e.Type), quoted(e.To)
		switch e.Type {
		case rules.TagEvent:
			var list []string
			for _, tag := range e.Add {
				list = append(list, "+"+tag)
			}
			for _, tag := range e.Remove {
				list = append(list, "-"+tag)
			}
			key, value = "tag", quotedList(list)
			if len(list) == 1 {
				value = quoted(list[0])
			}
		case rules.FieldEvent:
			value = fieldTable(rules.Fields{e.Name: e.To})
		case rules.ReplyEvent:
			if value = quoted(e.By); !e.Public {
				key = "note"
			}
		}
		i := len(entries) - 1
		if i < 0 || !entries[i].at.Equal(e.At) || entries[i].by != e.By || slices.Contains(entries[i].keys, key) {
			entries = append(entries, &entry{at: e.At, by: e.By})
			i++
		}
		entries[i].keys = append(entries[i].keys, key)
		entries[i].parts = append(entries[i].parts, key+" = "+value)
		if e.Attachments > 0 {
			entries[i].parts = append(entries[i].parts, fmt.Sprint("attachments = ", e.Attachments))
		}
	}
	var lines []string
	for _, e := range entries {
		parts := append([]string{"at = " + quoted(w.local(e.at))}, e.parts...)
		said := func(key string) bool { return key == "reply" || key == "note" }
		if e.by != "" && !(len(e.keys) == 1 && said(e.keys[0])) { // a reply says by whom
			parts = append(parts, "by = "+quoted(e.by))
		}
		lines = append(lines, strings.Join(parts, ", "))
	}
	return lines
}

// verdict is all that can be expected, what belongs together in one group.
func (w *writer) verdict(o *observation, t *rules.Ticket) [][]string {
	v := &o.verdict
	if !v.Covered() {
		return [][]string{{"covered = false"}}
	}
	whole := []string{"priority = " + quoted(v.Priority), "priority_from = " + quoted(string(v.PriorityFrom))}
	if x := v.Excluded; x != nil {
		whole = append(whole, "excluded = "+quoted(cmp.Or(x.Clause, x.Tag)))
	}
	groups := [][]string{whole}
	for _, c := range v.Clocks {
		due := none
		if c.Due != nil {
			due = w.local(*c.Due)
		}
		clock := []string{fmt.Sprintf("%s_state = %s", c.Metric, quoted(string(c.State))), fmt.Sprintf("%s_due = %s", c.Metric, quoted(due)),
			fmt.Sprintf("%s_elapsed = %s", c.Metric, quoted(length(c.Elapsed)))}
		if c.Cycle > 1 {
			clock = append(clock, fmt.Sprintf("%s_cycle = %d", c.Metric, c.Cycle))
		}
		groups = append(groups, clock)
	}
	kept := slices.DeleteFunc(tags(o), func(tag string) bool { return w.asked(tag) == "" })
	groups = append(groups, []string{"tags = " + quotedList(kept)})
	if alarms, err := rules.Alarms([]*rules.Policy{o.policy}, t, o.at); err == nil {
		var list []string
		for _, a := range alarms {
			m := alarm(a)
			list = append(list, w.local(m.at)+" "+m.text)
		}
		groups = append(groups, []string{"messages = " + quotedList(list)})
	}
	return groups
}

// clauses are those that the verdict rests on.
func (w *writer) clauses(v *rules.Verdict) []string {
	var list []string
	add := func(clause string) {
		if clause != "" && !slices.Contains(list, quoted(clause)) {
			list = append(list, quoted(clause))
		}
	}
	for _, c := range v.Clocks {
		add(c.Clause)
	}
	if v.Excluded != nil {
		add(v.Excluded.Clause)
	}
	for _, m := range v.Marks {
		add(m.Clause)
	}
	if v.Escalation != nil {
		add(v.Escalation.Clause)
	}
	return list
}
