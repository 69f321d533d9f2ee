package policytest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/rules"
	"vigie/rules/tomlfile"
	"vigie/rules/words"
)

// texts are the attributes at creation that are plain texts.
var texts = map[string]func(*rules.Ticket) *string{
	"source":       func(t *rules.Ticket) *string { return &t.Source },
	"id":           func(t *rules.Ticket) *string { return &t.ID },
	"kind":         func(t *rules.Ticket) *string { return &t.Kind },
	"priority":     func(t *rules.Ticket) *string { return &t.Priority },
	"channel":      func(t *rules.Ticket) *string { return &t.Channel },
	"organization": func(t *rules.Ticket) *string { return &t.Organization },
	"group":        func(t *rules.Ticket) *string { return &t.Group },
	"assignee":     func(t *rules.Ticket) *string { return &t.Assignee },
	"requester":    func(t *rules.Ticket) *string { return &t.Requester },
	"recipient":    func(t *rules.Ticket) *string { return &t.Recipient },
	"language":     func(t *rules.Ticket) *string { return &t.Language },
	"subject":      func(t *rules.Ticket) *string { return &t.Subject },
	"text":         func(t *rules.Ticket) *string { return &t.Text },
	"opened_by":    func(t *rules.Ticket) *string { return &t.OpenedBy },
}

// attributeNames are all attributes in the order in which a new test lists them.
var attributeNames = []string{
	"created", "source", "id", "kind", "status", "priority", "channel", "organization", "group", "assignee", "requester", "recipient",
	"language", "opened_by", "subject", "text", "attachments", "tags", "inherited_tags", "fields", "issue",
}

// noIssue is how a test says that a ticket has no issue and that one would be
// known of; the others are how far its issue is.
const noIssue = "none"

var issueNames = []string{noIssue, string(rules.ProgressNew), string(rules.InProgress), string(rules.IssueSolved)}

// attributes reads those that are there; they replace what the ticket has.
func (r *reader) attributes(t *tomlfile.Table, ticket *rules.Ticket, s scope) {
	for _, name := range attributeNames {
		t.Any(name) // known, there or not
		if set, ok := texts[name]; ok && t.Has(name) {
			*set(ticket) = t.String(name)
		}
	}
	if t.Has("priority") {
		r.knownPriority(t, "priority", ticket.Priority, s)
	}
	if t.Has("created") {
		ticket.CreatedAt, _ = r.instant(t, "created", s)
	}
	if t.Has("status") {
		ticket.Status = r.status(t, "status")
	}
	if t.Has("tags") {
		ticket.Tags = t.Strings("tags")
	}
	if t.Has("inherited_tags") {
		ticket.Inherited = t.Strings("inherited_tags")
	}
	if t.Has("attachments") {
		ticket.Attachments = r.files(t)
	}
	if who := ticket.OpenedBy; t.Has("opened_by") && !slices.Contains(replies, who) {
		t.Add("opened_by", "%q opens no ticket; %s", who, tomlfile.OneOf(replies, who))
	}
	if t.Has("fields") {
		ticket.Fields = rules.Fields{}
		fields := t.Table("fields")
		for _, name := range fields.Keys() {
			ticket.Fields[name] = fields.String(name)
		}
	}
	if t.Has("issue") {
		ticket.Issue = r.issue(t, "issue", ticket.CreatedAt)
	}
}

// issue is the one that those who repair have of the ticket: solved, as far as it
// is, from the ticket's creation on.
func (r *reader) issue(t *tomlfile.Table, key string, created time.Time) *rules.Issue {
	progress := t.String(key)
	issue := &rules.Issue{Source: "jira", ID: "1", Key: "DEV-1", Status: progress, Progress: rules.Progress(progress)}
	switch {
	case progress == noIssue:
		return &rules.Issue{}
	case progress == string(rules.IssueSolved):
		issue.Solved = &created
	case progress != "" && !slices.Contains(issueNames, progress):
		t.Add(key, "%q is nothing that a test can say of an issue; %s", progress, tomlfile.OneOf(issueNames, progress))
	}
	return issue
}

// files is how many came with a message.
func (r *reader) files(t *tomlfile.Table) int {
	n, _ := t.Number("attachments")
	if n < 0 || n != float64(int(n)) {
		t.Add("attachments", "%v is no number of files; write 1, 2 and so on", n)
	}
	return int(n)
}

func (r *reader) status(t *tomlfile.Table, key string) rules.Status {
	s := rules.Status(t.String(key))
	if s != "" && !slices.Contains(rules.Statuses, s) {
		var names []string
		for _, known := range rules.Statuses {
			names = append(names, string(known))
		}
		t.Add(key, "%q is no status; %s", s, tomlfile.OneOf(names, string(s)))
	}
	return s
}

func (r *reader) knownPriority(t *tomlfile.Table, key, name string, s scope) {
	if name == "" || s.policy.Rank(name) >= 0 {
		return
	}
	var names []string
	for _, p := range s.policy.Priorities {
		names = append(names, p.Name)
	}
	t.Add(key, "policy %s has no priority %q; %s", s.policy.Name, name, tomlfile.OneOf(names, name))
}

// events reads the timeline, which goes from top to bottom. An entry is one
// instant, in which several things may happen.
func (r *reader) events(t *tomlfile.Table, s scope, created time.Time) []rules.Event {
	var events []rules.Event
	before := created
	for i, e := range t.Tables("timeline") {
		at, ok := r.instant(e, "at", s)
		switch {
		case ok && i == 0 && at.Before(created):
			e.Add("at", "is before the ticket's creation at %s; write a later time", words.In("en").Moment(created))
		case ok && at.Before(before):
			e.Add("at", "is before the entry above; write the timeline from top to bottom")
		case ok:
			before = at
		}
		happened := r.entry(e, at, s)
		if len(happened) == 0 {
			e.Add("", `nothing happens in it; write what, such as status = "open", reply = "agent" or tag = "+workaround"`)
		}
		events = append(events, happened...)
		e.Close()
	}
	return events
}

// replies are who may write in a ticket.
var replies = []string{rules.ByAgent, rules.ByCustomer, rules.ByAutomation}

func (r *reader) entry(e *tomlfile.Table, at time.Time, s scope) []rules.Event {
	by := e.String("by")
	var events []rules.Event
	for _, kind := range []rules.EventType{
		rules.StatusEvent, rules.PriorityEvent, rules.GroupEvent, rules.KindEvent, rules.ChannelEvent, rules.OrganizationEvent, rules.AssigneeEvent,
	} {
		key := string(kind)
		if e.Any(key) == nil {
			continue
		}
		to := e.String(key)
		switch kind {
		case rules.StatusEvent:
			r.status(e, key)
		case rules.PriorityEvent:
			r.knownPriority(e, key, to, s)
		}
		events = append(events, rules.Event{At: at, Type: kind, To: to, By: by})
	}
	if e.Any("tag") != nil {
		change := rules.Event{At: at, Type: rules.TagEvent, By: by}
		list := []string{""}
		if text, one := e.Any("tag").(string); one {
			list[0] = text
		} else {
			list = e.Strings("tag")
		}
		for _, tag := range list {
			switch name := strings.TrimLeft(tag, "+-"); {
			case name == "" || len(name) != len(tag)-1:
				e.Add("tag", `%q doesn't say whether the tag comes or goes; write "+%s" or "-%s"`, tag, name, name)
			case tag[0] == '+':
				change.Add = append(change.Add, name)
			default:
				change.Remove = append(change.Remove, name)
			}
		}
		events = append(events, change)
	}
	fields := e.Table("field")
	for _, name := range fields.Keys() {
		events = append(events, rules.Event{At: at, Type: rules.FieldEvent, Name: name, To: fields.String(name), By: by})
	}
	for _, key := range []string{"reply", "note"} {
		if e.Any(key) == nil {
			continue
		}
		who := e.String(key)
		if !slices.Contains(replies, who) {
			e.Add(key, "%q is nobody who writes; %s", who, tomlfile.OneOf(replies, who))
		}
		reply := rules.Event{At: at, Type: rules.ReplyEvent, By: who, Public: key == "reply"}
		if who == rules.ByCustomer && reply.Public {
			reply.Text, reply.Attachments = e.String("text"), r.files(e)
		}
		events = append(events, reply)
	}
	return events
}

// parseLength reads "7h", "1h30m", "-20m" as seconds.
func parseLength(text string) (int64, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d%time.Second != 0 {
		return 0, fmt.Errorf(`%q is no length of time; write one such as "7h", "1h30m" or "-20m"`, text)
	}
	return int64(d / time.Second), nil
}
