package stories

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"vigie/connectors/sandbox"
)

// soon is within how many seconds people hear of what nothing is in the way of.
const soon = 15

// judge compares what there is in the end with what there must be.
func (st *stage) judge() []string {
	v := &verdict{stage: st, now: time.Now().Unix(), wrong: st.went}
	v.calm = st.story.begin.Unix()
	if st.faults {
		for _, f := range st.story.faults {
			v.calm = max(v.calm, st.story.begin.Unix()+int64(f.at+f.lasts))
		}
		v.calm = max(v.calm, st.back.Unix())
	}
	v.read(st.Slack().Messages(channel))
	for _, k := range st.tickets {
		if k != nil {
			v.ticket(k)
			v.calls(k)
			v.issue(k)
		}
	}
	v.silences()
	for name, n := range v.said {
		if n > 1 {
			v.say("said %d times: %s", n, name)
		}
	}
	for _, p := range st.alive() {
		for name, err := range p.engine.Stalled() {
			if st.ran[name] != p { // what another has run since, this one doesn't know
				continue
			}
			v.say("%s still waits after an error: %v", name, err)
		}
	}
	slices.Sort(v.wrong)
	return v.wrong
}

// A verdict gathers what is wrong.
type verdict struct {
	*stage
	now   int64
	calm  int64 // when the last fault was over
	wrong []string
	said  map[string]int         // how often each key was said
	when  map[string]int64       // when it was said first
	cards map[string]*card       // by ticket and metric
	lists []sandbox.SlackMessage // several alarms in one
	lines map[string][]sandbox.SlackMessage
}

type card struct {
	n     int // how many there are
	cycle int // the last that it called for
	text  string
}

func (v *verdict) say(format string, args ...any) {
	v.wrong = append(v.wrong, fmt.Sprintf(format, args...))
}

func keyOf(m sandbox.SlackMessage) string {
	var meta struct {
		Payload struct {
			Key string `json:"key"`
		} `json:"event_payload"`
	}
	_ = json.Unmarshal(m.Metadata, &meta)
	return meta.Payload.Key
}

// read sorts the channel's messages.
func (v *verdict) read(messages []sandbox.SlackMessage) {
	v.said, v.when, v.cards, v.lines = map[string]int{}, map[string]int64{}, map[string]*card{}, map[string][]sandbox.SlackMessage{}
	for _, m := range messages {
		key := keyOf(m)
		v.said[key]++
		if v.when[key] == 0 {
			v.when[key] = m.At.Unix()
		}
		parts := strings.Split(key, "/")
		switch parts[0] {
		case "warn", "breach":
			topic := parts[1] + "/" + parts[2]
			c := v.cards[topic]
			if c == nil {
				c = &card{}
				v.cards[topic] = c
			}
			cycle, _, _ := strings.Cut(parts[3], "#")
			n, _ := strconv.Atoi(cycle)
			c.cycle = max(c.cycle, n)
			if m.ThreadTS == "" {
				c.n++
				c.text = m.Text
			}
		case "silence":
			if strings.Contains(m.Text, "🔇") {
				v.say("a source is still said to be silent: %s", m.Text)
			}
		case "catchup":
			v.lists = append(v.lists, m)
		case "summary":
		default:
			v.say("nobody knows why this was said: %s %q", key, m.Text)
		}
	}
}

var signs = map[string]string{"⏳": "warning", "🔴": "breached", "✅": "met", "☑️": "late", "⏸️": "paused", "↩️": "eased", "➖": "withdrawn"}

func kindOf(text string) string {
	sign, _, _ := strings.Cut(text, " ")
	return signs[sign]
}

// ticket compares tags, the due field and the cards of a ticket.
func (v *verdict) ticket(k *known) {
	if v.hidden(k) {
		return
	}
	for _, metric := range []string{"update", "resolution"} {
		c := v.cards[k.ref()+"/"+metric]
		if c == nil {
			continue
		}
		if c.n != 1 {
			v.say("%s has %d cards about its %s", k.ref(), c.n, metric)
		}
		if want := k.shows(metric, c.cycle, v.now); kindOf(c.text) != want {
			v.say("%s: the card about its %s shows %q, not %s", k.ref(), metric, c.text, want)
		}
	}
	if k.facts[len(k.facts)-1].status == "deleted" {
		return
	}
	tags, due := v.has(k)
	want := append(k.tags(v.now), "vip")
	if i := v.issueOf(k); i != nil && k.repaired(v.now) {
		progress := map[string]string{"Open": "dev_new", "In Progress": "dev_in_progress"}[i.Status]
		if k.facts[len(k.facts)-1].status == "solved" && slices.Contains(tags, "dev_new") { // nobody follows the issue of a solved ticket
			progress = "dev_new"
		}
		want = append(want, progress)
	}
	slices.Sort(want)
	if !slices.Equal(tags, want) {
		v.say("%s has the tags %s, not %s", k.ref(), strings.Join(tags, " "), strings.Join(want, " "))
	}
	if want := k.due(v.now); due != want {
		v.say("%s has the due date %q, not %q", k.ref(), due, want)
	}
}

// hidden says that the program may not know yet that an issue was deleted.
func (v *verdict) hidden(k *known) bool { return v.now < v.unseen(k) }

// unseen is until when the program may not know that an issue was deleted: no list of
// Jira's tells of that, so where the webhook was lost the nightly comparison finds it.
func (v *verdict) unseen(k *known) int64 {
	last := k.facts[len(k.facts)-1]
	if !v.faults || k.source != "jira" || last.status != "deleted" {
		return 0
	}
	return nightly{}.Next(time.Unix(max(last.at, v.calm), 0)).Unix() + patience
}

// has is a ticket's tags, but for those that people use, and its due field.
func (v *verdict) has(k *known) (tags []string, due string) {
	if k.source == "zendesk" {
		id, _ := strconv.ParseInt(k.id, 10, 64)
		t, _ := v.z.Ticket(id)
		tags = t.Tags
		_ = json.Unmarshal([]byte(t.Field(dueText)), &due)
	} else {
		i, _ := v.j.Issue(k.id)
		tags, due = i.Labels, i.Fields[dueDate]
	}
	tags = slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return tag == "dev" || tag == "stuck" || strings.HasPrefix(tag, "seen_") })
	slices.Sort(tags)
	return tags, due
}

// calls compares what people were called for with what they had to be.
func (v *verdict) calls(k *known) {
	want := k.heard(v.now)
	expected := map[string]bool{}
	for _, c := range want {
		key := c.key
		if c.n > 1 {
			key = fmt.Sprintf("%s#%d", key, c.n)
		}
		expected[key] = true
		if !v.faults {
			switch at := v.when[key]; {
			case at == 0 && c.at < v.now-soon && (c.last == 0 || c.last > c.at+soon): // else it was over before it was to be said
				v.say("never said: %s, of %s", key, clockTime(c.at))
			case at != 0 && (at < c.at || at > c.at+soon):
				v.say("said at %s, not at %s: %s", clockTime(at), clockTime(c.at), key)
			}
			continue
		}
		v.inTime(k, c, key)
	}
	for key, at := range v.when {
		if !strings.Contains(key, "/"+k.ref()+"/") || strings.HasPrefix(key, "catchup") || at < v.unseen(k) {
			continue
		}
		// With faults people may hear of what only looked so while they lasted.
		plain, _, _ := strings.Cut(key, "#")
		late := v.faults && at > v.calm+patience && !slices.ContainsFunc(want, func(c *call) bool { return c.key == plain })
		if late || !v.faults && !expected[key] && !(expected[plain] && k.lowered(at)) {
			v.say("said without a reason at %s: %s", clockTime(at), key)
		}
	}
}

// lowered says that a ticket was made less urgent just before an instant: a breach that
// only the higher priority had made calls anew where it now is one by the clock alone.
func (k *known) lowered(at int64) bool {
	for i := 1; i < len(k.facts); i++ {
		if f := k.facts[i]; k.facts[i-1].urgent && !f.urgent && f.at <= at && at <= f.at+soon {
			return true
		}
	}
	return false
}

// patience is within how many seconds people must hear of something once all works.
const patience = 40 * 60

// inTime sees to it that an alarm that held long enough after the faults was said.
func (v *verdict) inTime(k *known, c *call, key string) {
	by := max(c.at, v.calm) + patience
	if c.at > v.calm+patience {
		by = c.at + soon
	}
	if by > v.now || c.last != 0 && c.last <= by {
		return // it wasn't for long enough
	}
	at := v.when[key]
	for said, when := range v.when { // under the number of another episode
		if plain, _, _ := strings.Cut(said, "#"); plain == c.key && (at == 0 || when < at) && when >= c.at {
			at = when
		}
	}
	if at == 0 {
		at = v.listed(k, c)
	}
	switch {
	case at == 0:
		v.say("never said: %s, of %s", key, clockTime(c.at))
	case at > by:
		v.say("said at %s, of %s, though all has worked since %s: %s", clockTime(at), clockTime(c.at), clockTime(v.calm), key)
	}
}

// listed is when an alarm was said in a list; 0 if it wasn't.
func (v *verdict) listed(k *known, c *call) int64 {
	metric := "Status update"
	if strings.Contains(c.key, "/resolution/") {
		metric = "Resolution"
	}
	for _, m := range v.lists {
		for _, line := range strings.Split(string(m.Blocks)+m.Text, "•") {
			if strings.Contains(line, metric) && strings.Contains(line, k.ref()) && m.At.Unix() >= c.at {
				return m.At.Unix()
			}
		}
	}
	return 0
}

// silences sees to it that people were told of a source that nobody could read for
// long, where nothing else was in the way.
func (v *verdict) silences() {
	if !v.faults {
		for key := range v.said {
			if strings.HasPrefix(key, "silence/") {
				v.say("said without a reason: %s", key)
			}
		}
		return
	}
	for _, f := range v.story.faults {
		if f.kind != "down" && f.kind != "401" && !(f.kind == "manner" && nobodysAnswers[f.name]) || f.vendor == "slack" {
			continue
		}
		begin := v.story.begin.Add(time.Duration(f.at) * time.Second)
		by := begin
		for range map[bool]int{true: 1, false: 3}[f.kind == "401"] { // what is refused is told at once
			by = hours{poll}.Next(by)
		}
		by = by.Add(2 * time.Minute)
		if !by.Before(begin.Add(time.Duration(f.lasts)*time.Second)) || v.disturbed(f, by) {
			continue
		}
		told := false
		for key, at := range v.when {
			told = told || strings.HasPrefix(key, "silence/"+f.vendor+"/") && at <= by.Unix()
		}
		if !told {
			v.say("nobody was told by %s that %s is silent", clockTime(by.Unix()), f.vendor)
		}
	}
}

// nobodysAnswers are the manners in which a vendor gives no answer of its API's at all.
var nobodysAnswers = map[string]bool{"empty-object": true, "empty-list": true, "null": true, "error-object": true, "html": true, "nothing": true}

// disturbed says whether something else than a fault of a source went on before an
// instant that could keep the program from telling of it.
func (v *verdict) disturbed(by fault, until time.Time) bool {
	return v.back.After(v.story.begin) || slices.ContainsFunc(v.story.faults, func(f fault) bool {
		other := f != by && (f.vendor == "" && !strings.HasPrefix(f.kind, "webhooks") || f.vendor == "slack" || f.vendor == by.vendor)
		return other && v.story.begin.Add(time.Duration(f.at)*time.Second).Before(until)
	})
}

func clockTime(at int64) string { return time.Unix(at, 0).In(berlin).Format("Mon 15:04:05") }

// issueOf is the issue that a ticket has, nil if it has none.
func (v *verdict) issueOf(k *known) *sandbox.JiraIssue {
	for _, i := range v.j.Issues() {
		if of(i, k) && strings.HasPrefix(i.Key, "DEV-") {
			return &i
		}
	}
	return nil
}

// issue sees to it that a ticket that was marked has one issue, and notes that aren't
// doubled.
func (v *verdict) issue(k *known) {
	n := 0
	for _, i := range v.j.Issues() {
		if strings.HasPrefix(i.Key, "DEV-") && (of(i, k) || strings.Contains(i.Description, k.ref()+"\n")) {
			n++
			if !of(i, k) {
				v.say("%s isn't linked to %s", i.Key, k.ref())
			}
		}
	}
	ever, still := k.escalated(v.now)
	if n > 1 || still && n != 1 || !ever && n > 0 || !v.faults && ever && n != 1 {
		v.say("%s has %d issues (was it marked: %v, is it still: %v)", k.ref(), n, ever, still)
	}
	if k.source != "zendesk" {
		return
	}
	id, _ := strconv.ParseInt(k.id, 10, 64)
	notes := slices.DeleteFunc(v.z.Notes(id), func(n string) bool { return !strings.Contains(n, "[vigie") })
	marks := map[string]bool{}
	for _, note := range notes {
		mark := strings.Join(strings.FieldsFunc(note[strings.LastIndexByte(note, '['):], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
		if marks[mark] {
			v.say("%s has this note twice: %s", k.ref(), mark)
		}
		marks[mark] = true
	}
}
