package zendesk

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"vigie/connectors/desk"
	"vigie/rules"
)

// ticket builds a ticket and its history from its row and its audits, in any order.
func (c *Config) ticket(w wireTicket, list []wireAudit, n *names) *rules.Ticket {
	created, _ := instant(w.CreatedAt) // checked by readTicket
	audits := sorted(list, created)
	audits = catchUp(w, audits, created)
	start := atCreation(w.current(), audits)
	tags := strings.Fields(start["tags"])
	inherited := n.inherited(w, list, tags)
	start.set("tags", without(start["tags"], inherited))

	h := &historyBuilder{cfg: c, names: n, private: madePrivate(audits), inherited: inherited, now: maps.Clone(start)}
	said := h.talk(audits)
	first := h.firstMessage(w, audits, said.opening(created))
	subject := cmp.Or(start["subject"], string(w.Subject))
	words := strings.TrimSpace(subject + "\n" + desk.OwnWords(subject, first.text))
	t := &rules.Ticket{
		Source:         c.Name,
		ID:             string(w.ID),
		Kind:           c.kindOf(start, n),
		Status:         c.statusOf(start, n),
		Priority:       h.priorityAtCreation(audits),
		VendorPriority: c.priority(string(w.Priority)),
		Channel:        n.channel(w, list),
		OpenedBy:       first.by,
		Organization:   n.organization(start["organization_id"]),
		Group:          n.group(start["group_id"]),
		Assignee:       n.email(start["assignee_id"]),
		Requester:      n.email(w.RequesterID.id()),
		Recipient:      string(cmp.Or(w.Recipient, w.Via.Source.To.Address)),
		Language:       desk.Language(n.users[w.RequesterID.id()].locale, words, c.Language),
		Subject:        string(w.Subject),
		Text:           words,
		Tags:           tags,
		Inherited:      inherited,
		Attachments:    first.files,
		Fields:         rules.Fields{},
		CreatedAt:      created,
		URL:            c.URL + "/agent/tickets/" + string(w.ID),
		Problem:        w.ProblemID.id(),
	}
	for name, v := range start {
		if custom(name) || name == "due_at" || name == "type" { // the type, where there is one: its absence tells a mail that nobody has sorted from a question
			t.Fields[name] = v
		}
	}
	for i, a := range audits {
		h.addAudit(a, i == 0)
	}
	h.converse(said, created)
	t.Events = h.events
	return t
}

// A historyBuilder goes through a ticket's audits and adds an event for each change.
type historyBuilder struct {
	cfg       *Config
	names     *names
	private   map[string]bool // comments that were made private later
	inherited []string        // tags of a follow-up that nobody has set anew: conditions and mappings don't see them
	now       values          // without the inherited tags
	events    []rules.Event
}

func (h *historyBuilder) add(e rules.Event) { h.events = append(h.events, e) }

// addAudit adds the events of one audit. The comments of the first are the description,
// which is no reply.
func (h *historyBuilder) addAudit(a audit, first bool) {
	for _, e := range a.events { // whose ticket it is says who speaks
		if e.Type == "Change" && e.FieldName == "requester_id" {
			h.now.set("requester_id", fieldValue("requester_id", e.Value))
		}
	}
	before := maps.Clone(h.now)
	by := map[string]string{} // field name -> who changed it, an agent before a trigger that followed
	for _, e := range a.events {
		who := h.by(a, e)
		if e.comment() {
			if !first {
				h.reply(a, e, who)
			}
			continue
		}
		if e.Type != "Change" && (e.Type != "Create" || first) {
			continue
		}
		name := string(e.FieldName)
		value := fieldValue(name, e.Value)
		if by[name] != rules.ByAgent {
			by[name] = who
		}
		switch {
		case name == "priority":
			if who == rules.ByVigie && a.chosen != "" {
				who = desk.Chooser(a.chosen)
			}
			if who != rules.ByCustomer || h.cfg.RequesterPriority {
				h.add(rules.Event{At: a.at, Type: rules.PriorityEvent, To: h.cfg.priority(value), By: who})
			}
		case name == "tags":
			h.tags(a, fieldValue(name, e.Previous), value, who)
			had := strings.Fields(value)
			h.inherited = slices.DeleteFunc(slices.Clone(h.inherited), func(tag string) bool { return !slices.Contains(had, tag) })
			value = without(value, h.inherited)
		case name == "due_at" || name == "type" || custom(name):
			h.add(rules.Event{At: a.at, Type: rules.FieldEvent, Name: name, To: value, By: who})
		}
		h.now.set(name, value)
	}
	// What is derived from several fields is compared once, after the whole act.
	h.derive(a, before, by, rules.StatusEvent, []string{"status", "custom_status_id", "tags"}, func(v values) string { return string(h.cfg.statusOf(v, h.names)) })
	h.derive(a, before, by, rules.KindEvent, []string{"type", "ticket_form_id", "tags"}, func(v values) string { return h.cfg.kindOf(v, h.names) })
	h.derive(a, before, by, rules.GroupEvent, []string{"group_id"}, func(v values) string { return h.names.group(v["group_id"]) })
	h.derive(a, before, by, rules.OrganizationEvent, []string{"organization_id"}, func(v values) string { return h.names.organization(v["organization_id"]) })
	h.derive(a, before, by, rules.AssigneeEvent, []string{"assignee_id"}, func(v values) string { return h.names.email(v["assignee_id"]) })
}

// derive adds an event if the attribute that of works out from the fields differs from
// what it was before the audit.
func (h *historyBuilder) derive(a audit, before values, by map[string]string, typ rules.EventType, fields []string, of func(values) string) {
	to := of(h.now)
	if to == of(before) {
		return
	}
	e := rules.Event{At: a.at, Type: typ, To: to}
	for _, name := range fields {
		if h.now[name] != before[name] {
			e.By = cmp.Or(e.By, by[name])
		}
	}
	h.add(e)
}

func (h *historyBuilder) tags(a audit, before, after, who string) {
	old, now := strings.Fields(before), strings.Fields(after)
	e := rules.Event{At: a.at, Type: rules.TagEvent, By: who}
	for _, tag := range now {
		if !slices.Contains(old, tag) {
			e.Add = append(e.Add, tag)
		}
	}
	for _, tag := range old {
		if !slices.Contains(now, tag) {
			e.Remove = append(e.Remove, tag)
		}
	}
	if len(e.Add)+len(e.Remove) > 0 {
		h.add(e)
	}
}

// by says who did an event: the audit's author over its channel, unless the event names
// its own, as what a trigger added to somebody's act does.
func (h *historyBuilder) by(a audit, e wireEvent) string {
	via := a.via
	if e.Via != nil {
		via = cmp.Or(string(e.Via.Channel), via)
	}
	return h.names.by(cmp.Or(e.AuthorID.id(), a.author), via)
}

// priorityAtCreation is the priority that a person chose when creating the
// ticket, or empty.
func (h *historyBuilder) priorityAtCreation(audits []audit) string {
	v := h.now["priority"]
	if v == "" || slices.ContainsFunc(h.cfg.UnsetPriorities, func(s string) bool { return strings.EqualFold(s, v) }) {
		return ""
	}
	if len(audits) > 0 {
		a := audits[0]
		chosen := wireEvent{}
		for _, e := range a.events {
			if e.Type == "Create" && e.FieldName == "priority" {
				chosen = e
			}
		}
		switch h.by(a, chosen) {
		case rules.ByCustomer:
			if !h.cfg.RequesterPriority {
				return ""
			}
		case rules.ByAutomation, rules.ByVigie:
			return ""
		}
	}
	return h.cfg.priority(v)
}
