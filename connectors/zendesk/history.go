package zendesk

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"vigie/rules"
)

// ticket tells a ticket's history from its row and its audits, in any order.
func (c *Config) ticket(w wireTicket, list []wireAudit, n *names) *rules.Ticket {
	created, _ := instant(w.CreatedAt) // checked by readTicket
	audits := sorted(list, created)
	audits = catchUp(w, audits, created)
	start := atCreation(w.current(), audits)

	h := &teller{cfg: c, names: n, requester: w.RequesterID.id(), now: start}
	t := &rules.Ticket{
		Source:         c.Name,
		ID:             string(w.ID),
		Kind:           c.kindOf(start, n),
		Status:         c.statusOf(start, n),
		Priority:       h.priorityAtCreation(audits),
		VendorPriority: c.priority(string(w.Priority)),
		Channel:        channelOf(string(w.Via.Channel)),
		Organization:   n.organization(start["organization_id"]),
		Group:          n.group(start["group_id"]),
		Assignee:       n.email(start["assignee_id"]),
		Requester:      n.email(w.RequesterID.id()),
		Recipient:      string(cmp.Or(w.Recipient, w.Via.Source.To.Address)),
		Language:       language(n.users[w.RequesterID.id()].locale),
		Subject:        string(w.Subject),
		Text:           strings.TrimSpace(cmp.Or(start["subject"], string(w.Subject)) + "\n" + firstMessage(w, audits)),
		Tags:           strings.Fields(start["tags"]),
		Fields:         rules.Fields{},
		CreatedAt:      created,
		URL:            c.URL + "/agent/tickets/" + string(w.ID),
		Problem:        w.ProblemID.id(),
	}
	for name, v := range start {
		if custom(name) || name == "due_at" {
			t.Fields[name] = v
		}
	}
	h.now = maps.Clone(start)
	for i, a := range audits {
		h.tell(a, i == 0)
	}
	t.Events = h.told
	return t
}

// firstMessage is the ticket's first comment, which Zendesk calls its
// description.
func firstMessage(w wireTicket, audits []audit) string {
	body := string(w.Description)
	if len(audits) > 0 {
		for _, e := range audits[0].events {
			if e.comment() && (e.Body != "" || e.PlainBody != "") {
				body = string(cmp.Or(e.Body, e.PlainBody))
				break
			}
		}
	}
	return ownWords(body)
}

// A teller goes through a ticket's audits and tells what changed.
type teller struct {
	cfg       *Config
	names     *names
	requester string
	now       values
	told      []rules.Event
}

func (h *teller) add(e rules.Event) { h.told = append(h.told, e) }

// tell adds the events of one audit. The comments of the first are the
// description, which is no reply.
func (h *teller) tell(a audit, first bool) {
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
			if who != rules.ByCustomer || h.cfg.RequesterPriority {
				h.add(rules.Event{At: a.at, Type: rules.PriorityEvent, To: h.cfg.priority(value), By: who})
			}
		case name == "tags":
			h.tags(a, fieldValue(name, e.Previous), value, who)
		case name == "due_at" || custom(name):
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

// derive adds an event if the attribute that of takes from the fields is
// another one than before the audit.
func (h *teller) derive(a audit, before values, by map[string]string, typ rules.EventType, fields []string, of func(values) string) {
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

func (h *teller) tags(a audit, before, after, who string) {
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

// reply adds a comment. The requester's is a customer's even where the
// requester is an agent, as in Zendesk's own reply metrics.
func (h *teller) reply(a audit, e wireEvent, who string) {
	switch {
	case who == rules.ByVigie:
		who = rules.ByAutomation
	case who == rules.ByAgent && h.requester != "" && cmp.Or(e.AuthorID.id(), a.author) == h.requester:
		who = rules.ByCustomer
	}
	h.add(rules.Event{At: a.at, Type: rules.ReplyEvent, By: who, Public: e.Public == "true"})
}

// by says who did an event: its author and channel are its audit's unless it
// names its own, as what a trigger added to somebody's act does.
func (h *teller) by(a audit, e wireEvent) string {
	via := a.via
	if e.Via != nil {
		via = cmp.Or(string(e.Via.Channel), via)
	}
	return h.names.by(cmp.Or(e.AuthorID.id(), a.author), via)
}

// priorityAtCreation is the priority that a person chose when creating the
// ticket, or empty.
func (h *teller) priorityAtCreation(audits []audit) string {
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
