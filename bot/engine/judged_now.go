package engine

import (
	"context"

	"vigie/bot/store"
	"vigie/rules"
)

// judgedNow is a stored ticket and its verdict at now; the verdict is nil if it can't be
// judged, and the row too if the ticket isn't stored.
func (e *Engine) judgedNow(ctx context.Context, source, id string) (*store.Row, *rules.Verdict, error) {
	row, err := e.Store.Ticket(ctx, source, id)
	if err != nil || row == nil || row.Ticket == nil {
		return row, nil, err
	}
	v, err := e.Judge(row)
	switch {
	case err == nil && v.Error == "":
		return row, &v, nil
	case row.Ticket.Bare(): // erased: its messages are edited all the same
		return row, &rules.Verdict{Source: source, ID: id, Status: rules.Deleted}, nil
	}
	return row, nil, nil // parked when it was judged, or of a source that isn't in the configuration any more
}
