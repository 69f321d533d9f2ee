package answer

import (
	"context"

	"vigie/connectors/slack"
)

// mostLinks bounds how many links of a message are looked at.
const mostLinks = 10

// unfurl shows under a message what its links lead to, where that is a ticket that is
// known. Not in a channel that is shared with another company: its people may read
// nothing of ours.
func (a *Answerer) unfurl(ctx context.Context, e slack.Event) (slack.Response, error) {
	if e.Outside {
		return slack.Response{}, nil
	}
	var previews []slack.Preview
	for _, text := range e.Links[:min(len(e.Links), mostLinks)] {
		link := webLink(text)
		if link == nil {
			continue
		}
		row, err := a.linked(ctx, link)
		if err != nil {
			return slack.Response{}, err
		}
		if row == nil {
			continue
		}
		alerts, err := a.standing(row)
		if err != nil {
			a.Log.WarnContext(ctx, "a link isn't shown", "ticket", row.Source+":"+row.ID, "err", err)
			continue
		}
		previews = append(previews, slack.Preview{Link: text, Alerts: alerts, Page: a.page(row.Source, row.ID)})
	}
	return slack.Response{}, a.Slack.Unfurl(ctx, e.Channel, e.TS, a.Language, previews)
}
