package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"vigie/bot/print"
	"vigie/bot/store"
	"vigie/connectors/sandbox"
)

// ending is, per ticket, what was written into it and what was said about it, as the
// vendors have it in the end.
func (d *Demo) ending(ctx context.Context) (*print.Ending, error) {
	rows, err := d.store.Tickets(ctx)
	if err != nil {
		return nil, err
	}
	told := d.messages()
	e := &print.Ending{Said: told[""]}
	for i := range rows {
		r := &rows[i]
		v, err := d.watch.Judge(r)
		if err != nil {
			return nil, err
		}
		t := print.EndingTicket{Ref: r.Ticket.Ref(), Subject: r.Ticket.Subject, Verdict: v, Tags: d.tags(r.Source, r.ID), Said: told[r.Ticket.Ref()]}
		for _, field := range slices.Sorted(maps.Keys(fieldNames)) {
			if r.Written[field] != "" {
				t.Fields = append(t.Fields, [2]string{fieldNames[field], r.Written[field]})
			}
		}
		e.Tickets = append(e.Tickets, t)
	}
	for _, channel := range d.Sandbox.Slack().Channels() {
		for _, m := range d.Sandbox.Slack().Messages(channel) {
			e.Edits += m.Edits
			if m.ThreadTS != "" {
				e.Replies++
			} else {
				e.Posts++
			}
		}
	}
	return e, nil
}

// fieldNames are the due fields as the simulated vendors show them.
var fieldNames = map[string]string{
	"360001": "update due", "360002": "resolution due", "360003": "resolution due (date)", "customfield_10050": "first reply due",
}

// tags is Vigie's own tags of a ticket, as the vendor has them.
func (d *Demo) tags(source, id string) []string {
	var all, own []string
	if source == "jira" {
		issue, _ := d.Sandbox.Jira().Issue(id)
		all = issue.Labels
	} else {
		for _, t := range d.Sandbox.Zendesk().Tickets() {
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

var mentions = regexp.MustCompile(`<(@|!subteam\^)[A-Z0-9]+>`)

// messages is what Slack shows, by the ticket it is about, told by the key that
// each message carries; under "" what is about none.
func (d *Demo) messages() map[string][]print.Said {
	told := map[string][]print.Said{}
	channels, names := d.Sandbox.Slack().Channels(), d.Sandbox.Slack().Names()
	for _, name := range slices.Sorted(maps.Keys(channels)) {
		for _, m := range d.Sandbox.Slack().Messages(channels[name]) {
			kind, about := keyOf(m)
			if kind == "" {
				continue
			}
			where := "#" + name
			if m.ThreadTS != "" {
				where += " (thread)"
			}
			text := m.Text
			switch {
			case kind.Traits().Alarm():
				text, _, _ = strings.Cut(text, "\n")
			case kind == store.Call:
				text = mentions.ReplaceAllStringFunc(text, func(m string) string {
					return "@" + strings.TrimPrefix(names[strings.Trim(m, "<>@!subteam^")], "@")
				})
			}
			told[about] = append(told[about], print.Said{Where: where, Text: text})
		}
	}
	return told
}

// keyOf is what kind of message one is and, of an alarm or a call, which ticket it is
// about, as its key tells; nothing for what Vigie didn't say.
func keyOf(m sandbox.SlackMessage) (kind store.Kind, ref string) {
	var meta struct {
		Payload struct {
			Key string `json:"key"`
		} `json:"event_payload"`
	}
	if json.Unmarshal(m.Metadata, &meta) != nil {
		return "", ""
	}
	key := meta.Payload.Key
	first, rest, _ := strings.Cut(key, "/")
	if kind = store.Kind(first); kind == store.Call { // the key of its alarm follows
		first, rest, _ = strings.Cut(rest, "/")
	}
	if store.Kind(first).Traits().Alarm() {
		ref, _, _ = strings.Cut(rest, "/")
	}
	return kind, ref
}
