package answer

import (
	"context"

	"vigie/connectors/slack"
)

// unfurl is called when somebody posts links to tickets. Nothing is shown of them yet.
func (a *Answerer) unfurl(context.Context, slack.Event) (slack.Response, error) {
	return slack.Response{}, nil
}
