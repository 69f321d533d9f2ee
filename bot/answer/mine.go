package answer

import (
	"context"
	"strings"

	"vigie/bot/store"
	"vigie/connectors/slack"
	"vigie/rules/words"
)

// mineOf lists the open tickets that whoever asks has taken.
func (a *Answerer) mineOf(ctx context.Context, l *words.Language, e slack.Event) (slack.Response, error) {
	lines := []string{l.Say("answer.mine")}
	err := a.Store.EachOpen(ctx, func(row *store.Row) error {
		if row.Ticket == nil {
			return nil
		}
		if who, _, taken := row.Ticket.Holder(); taken && who.ID == e.User && len(lines) < 20 {
			lines = append(lines, "• "+slack.Escape(row.Ticket.Ref())+" "+slack.Escape(row.Ticket.Subject))
		}
		return nil
	})
	if err != nil || len(lines) > 1 {
		return slack.Response{Text: strings.Join(lines, "\n")}, err
	}
	return say(l.Say("answer.nothing")), nil
}
