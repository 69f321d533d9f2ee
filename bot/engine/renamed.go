package engine

import (
	"context"
	"slices"

	"vigie/connectors/desk"
)

// A ticket keeps here the name under which it became known, whatever its vendor calls
// it later: an issue that is moved to another project gets another key, and so do all
// issues of a project whose key is edited. What was said of it, written into it and
// called for stands under that name.

// tellByKnownName has a vendor tell tickets, each under the name that it is known by here.
func (e *Engine) tellByKnownName(ctx context.Context, s *Source, t Teller, asks []desk.Ask) ([]desk.Reading, error) {
	readings, err := t.Tell(ctx, asks)
	for i := range readings {
		r := &readings[i]
		if r.Ticket == nil || len(r.Names) == 0 {
			continue
		}
		name, unknown := e.knownAs(ctx, s, r)
		if unknown != nil {
			return nil, unknown
		}
		if name == r.Ticket.ID {
			continue
		}
		own := r.Ticket.ID
		r.Ticket.ID = name
		for a := range r.Acts {
			r.Acts[a].Ticket = name
		}
		for n := range readings {
			if readings[n].Same == own {
				readings[n].Same = name
			}
		}
		// It is told under the name that is asked for, if that is the one it has here.
		if n := slices.IndexFunc(readings, func(o desk.Reading) bool { return o.ID == name && o.Same == name }); n >= 0 {
			readings[n], readings[i] = *r, desk.Reading{ID: r.ID, Same: name}
			readings[n].ID = name
		}
	}
	return readings, err
}

// knownAs is the name that a ticket has here: the one that the vendor calls it by now,
// unless only an earlier one is known.
func (e *Engine) knownAs(ctx context.Context, s *Source, r *desk.Reading) (string, error) {
	for _, name := range append([]string{r.Ticket.ID}, r.Names...) {
		row, err := e.Store.Ticket(ctx, s.Name, name)
		if err != nil {
			return "", err
		}
		if row != nil && row.Ticket != nil {
			return name, nil
		}
	}
	return r.Ticket.ID, nil
}
