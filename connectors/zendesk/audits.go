package zendesk

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// An audit is everything that one act did to a ticket, at one instant.
type audit struct {
	at     time.Time
	id     string
	author string
	via    string // the channel it came by
	merge  bool   // a merge of tickets left it behind
	chosen string // whose choice it is, if Vigie wrote it for somebody; as the metadata have it
	events []wireEvent
}

// system is the author of what no account did.
const system = "-1"

// sorted puts audits into order, oldest first, each one once. An audit that is
// older than its ticket, as clocks inside Zendesk have it, is put at the
// creation; one without a readable time is there too, rather than lost.
func sorted(list []wireAudit, created time.Time) []audit {
	var out []audit
	seen := map[string]bool{}
	for _, w := range list {
		id := w.ID.id()
		if len(w.Events) == 0 || id != "" && seen[id] {
			continue
		}
		seen[id] = true
		at, err := instant(w.CreatedAt)
		if err != nil || at.Before(created) {
			at = created
		}
		out = append(out, audit{at: at, id: id, author: string(w.AuthorID), via: string(w.Via.Channel), merge: w.Via.merge(), chosen: string(w.Metadata.Custom.By), events: w.Events})
	}
	slices.SortStableFunc(out, func(a, b audit) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(len(a.id), len(b.id)), cmp.Compare(a.id, b.id))
	})
	return out
}

// catchUp adds an audit of the system's for what the ticket's row shows and its
// audits don't explain, at the row's updated_at: a history that ends in another
// state than the ticket's would stay wrong for good. The row is read before the
// audits, so audits that are younger than it are right and the row is not.
func catchUp(w wireTicket, audits []audit, created time.Time) []audit {
	updated, err := instant(w.UpdatedAt)
	if err != nil || len(audits) == 0 || audits[len(audits)-1].at.After(updated) {
		return audits
	}
	row := w.current()
	odd := unexplained(row, audits, false)
	extra := audit{at: later(updated, created), author: system}
	for _, name := range slices.Sorted(maps.Keys(odd)) {
		extra.events = append(extra.events, wireEvent{
			Type: "Change", FieldName: text(name), Value: quote(row[name]), Previous: quote(odd[name]),
		})
	}
	if len(extra.events) == 0 {
		return audits
	}
	return append(audits, extra)
}

// atCreation is what the ticket was like when it was created: by the Create
// events of the first audit, else by what the first change of a field changed,
// else what it still is.
func atCreation(row values, audits []audit) values {
	start := maps.Clone(row)
	known := map[string]bool{}
	for i, a := range audits {
		for _, e := range a.events {
			name := string(e.FieldName)
			switch {
			case known[name]:
				continue
			case e.Type == "Create" && i == 0:
				start.set(name, fieldValue(name, e.Value))
			case e.Type == "Change", e.Type == "Create":
				start.set(name, fieldValue(name, e.Previous))
			default:
				continue
			}
			known[name] = true
		}
	}
	return start
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
