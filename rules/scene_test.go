package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/policyfile"
)

// A scene is a small ticket's life under a small policy, and what the verdict
// must say: the stage for the sentences of the design's section 5.
//
// It plays in the week of Monday, 30 November 2026 in Berlin, where the office
// is open Monday to Friday from 9 to 17. "Tue 15:04" is in that week, "last
// Fri 16:30" in the one before, "next Mon 9:00" in the one after.
type scene struct {
	name   string // the sentence
	top    string // top-level keys of the policy
	rows   string // its tables; row() makes a target
	ticket string // attributes at creation: "kind=task group=pune text='…'"; Monday 09:00 unless created=…
	events []string
	now    string
	want   []string // lines of inLines(); topics that aren't named here aren't compared
}

const officePolicy = `
name             = "office"
effective_from   = 2026-01-01
calendar         = "office"
default_priority = "normal"
%s
[calendars.office]
zone  = "Europe/Berlin"
hours = { mon-fri = ["09:00-17:00"] }
[calendars.night]
zone  = "Europe/Berlin"
hours = { mon-sun = ["17:00-09:00"] }
[teams]
"night" = "night"
[[priorities]]
name = "urgent"
when = 'affirms(text, "down")'
[[priorities]]
name = "normal"
when = 'kind == "bug"'
[[priorities]]
name = "low"
%s`

// row is a [[targets]] table: first_reply, next_reply, update or resolution
// within a time at every priority, and further keys.
func row(metric, within string, more ...string) string {
	return fmt.Sprintf("[[targets]]\nmetric = %q\nwithin = { urgent = %[2]q, normal = %[2]q, low = %[2]q }\nclause = \"T\"\n%s\n",
		metric, within, strings.Join(more, "\n"))
}

func officeFrom(t testing.TB, top, rows string) *rules.Policy {
	t.Helper()
	p, problems := policyfile.Load("office.toml", fmt.Appendf(nil, officePolicy, top, rows), nil)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

var monday = map[string]int{"last": -7, "": 0, "next": 7}

// when reads an instant of a scene.
func when(t testing.TB, text string) time.Time {
	t.Helper()
	zone, err := calendar.LoadZone(berlin)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(text)
	week := ""
	if len(words) == 3 {
		week, words = words[0], words[1:]
	}
	day := slices.Index([]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}, words[0])
	clock, err := time.Parse("15:04:05", words[1]+strings.Repeat(":00", 2-strings.Count(words[1], ":")))
	if err != nil || day < 0 {
		t.Fatalf("%q is no instant of a scene", text)
	}
	return time.Date(2026, 11, 30+day+monday[week], clock.Hour(), clock.Minute(), clock.Second(), 0, zone)
}

// said is an instant as when reads it.
func said(at time.Time) string {
	zone, _ := calendar.LoadZone(berlin)
	at = at.In(zone)
	layout := "Mon 15:04"
	if at.Second() != 0 {
		layout = "Mon 15:04:05"
	}
	start := time.Date(2026, 11, 30, 0, 0, 0, 0, zone)
	for week, days := range monday {
		if from := start.AddDate(0, 0, days); !at.Before(from) && at.Before(from.AddDate(0, 0, 7)) {
			return strings.TrimSpace(week + " " + at.Format(layout))
		}
	}
	return at.Format("2006-01-02 15:04")
}

// event reads "Mon 10:00 status solved by agent", "Mon 10:00 reply", "Mon 10:00
// tag +a -b".
func event(t testing.TB, text string) rules.Event {
	t.Helper()
	words := strings.Fields(text)
	n := 2
	if _, ok := monday[words[0]]; ok {
		n = 3
	}
	e := rules.Event{At: when(t, strings.Join(words[:n], " "))}
	what := words[n]
	rest := words[n+1:]
	if i := slices.Index(rest, "by"); i >= 0 {
		e.By, rest = rest[i+1], rest[:i]
	}
	switch what {
	case "reply", "note":
		e.Type, e.Public, e.By = rules.ReplyEvent, what == "reply", rules.ByAgent
	case "customer":
		e.Type, e.Public, e.By = rules.ReplyEvent, true, rules.ByCustomer
	case "robot":
		e.Type, e.Public, e.By = rules.ReplyEvent, true, rules.ByAutomation
	case "tag":
		e.Type = rules.TagEvent
		for _, tag := range rest {
			if name, ok := strings.CutPrefix(tag, "+"); ok {
				e.Add = append(e.Add, name)
			} else {
				e.Remove = append(e.Remove, tag[1:])
			}
		}
	case "field":
		e.Type = rules.FieldEvent
		e.Name, e.To, _ = strings.Cut(rest[0], "=")
	default:
		e.Type, e.To = rules.EventType(what), strings.Join(rest, " ")
	}
	return e
}

func (s *scene) actors(t testing.TB) rules.Ticket {
	t.Helper()
	ticket := rules.Ticket{Source: "zendesk", ID: "42", Kind: "bug", CreatedAt: when(t, "Mon 9:00")}
	for part := range strings.SplitSeq(s.ticket, "; ") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "":
		case "created":
			ticket.CreatedAt = when(t, value)
		case "kind":
			ticket.Kind = value
		case "group":
			ticket.Group = value
		case "priority":
			ticket.Priority = value
		case "status":
			ticket.Status = rules.Status(value)
		case "text":
			ticket.Text = value
		case "tags":
			ticket.Tags = strings.Split(value, ",")
		case "inherited":
			ticket.Inherited = strings.Split(value, ",")
		case "opened by":
			ticket.OpenedBy = value
		default:
			t.Fatalf("a scene's ticket has no %q", name)
		}
	}
	for _, e := range s.events {
		ticket.Events = append(ticket.Events, event(t, e))
	}
	return ticket
}

func (s *scene) play(t *testing.T) {
	p := officeFrom(t, s.top, s.rows)
	ticket := s.actors(t)
	v, err := rules.Evaluate([]*rules.Policy{p}, &ticket, when(t, s.now))
	if err != nil {
		t.Fatal(err)
	}
	topic := func(line string) string {
		return strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '#' })[0]
	}
	var topics []string
	for _, line := range s.want {
		topics = append(topics, topic(line))
	}
	got := slices.DeleteFunc(inLines(&v), func(line string) bool { return !slices.Contains(topics, topic(line)) })
	if diff := cmp.Diff(s.want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// inLines says a verdict in lines, each beginning with its topic. A clock's
// earlier cycles stand before it.
func inLines(v *rules.Verdict) []string {
	if v.Error != "" {
		return []string{"error " + v.Error}
	}
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	switch {
	case v.Policy == nil:
		say("covered no")
	default:
		say("covered yes")
		priority := v.Priority + " (" + string(v.PriorityFrom) + ")"
		if v.Unknown != "" {
			priority += ", unknown " + v.Unknown
		}
		if v.Proposed != nil {
			priority += ", proposed " + *v.Proposed
		}
		say("priority %s", priority)
	}
	if v.Excluded != nil {
		say("excluded %s [%s]", v.Excluded.Tag, v.Excluded.Clause)
	} else {
		say("excluded no")
	}
	for _, m := range rules.Metrics {
		c := v.Clock(m)
		if c == nil {
			say("%s none", m)
			continue
		}
		for i := range c.Past {
			say("%s", clockLine(&c.Past[i]))
		}
		say("%s", clockLine(c))
	}
	triage := "none"
	if v.Triage != nil {
		if triage = said(v.Triage.At); v.Triage.Late {
			triage += " late"
		}
	}
	say("triage %s", triage)
	tags := ""
	for _, tag := range v.Tags.Add {
		tags += " +" + tag
	}
	for _, tag := range v.Tags.Remove {
		tags += " -" + tag
	}
	say("tags%s", tags)
	if v.Wake.IsZero() {
		say("wake never")
	} else {
		say("wake %s", said(v.Wake))
	}
	return lines
}

func clockLine(c *rules.Clock) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s#%d %s", c.Metric, c.Cycle, c.State)
	if c.Paused && c.State != rules.StatePaused {
		b.WriteString(" and paused")
	}
	if c.Due == nil {
		b.WriteString(", no due")
	} else {
		b.WriteString(", due " + said(*c.Due))
	}
	used := (time.Duration(c.Elapsed) * time.Second).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(used, zero) {
			used = used[:len(used)-2]
		}
	}
	b.WriteString(", used " + used)
	if c.StoppedAt != nil {
		b.WriteString(", stopped " + said(*c.StoppedAt))
	}
	for _, w := range c.Warnings {
		fmt.Fprintf(&b, ", %s at %s", w.Threshold, said(w.At))
	}
	if c.ByChange != nil {
		fmt.Fprintf(&b, ", by %s at %s", c.ByChange.What, said(c.ByChange.At))
	}
	return b.String()
}

func play(t *testing.T, scenes []scene) {
	for _, s := range scenes {
		t.Run(s.name, s.play)
	}
}
