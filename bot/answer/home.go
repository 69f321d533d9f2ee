package answer

import (
	"context"

	"vigie/connectors/slack"
)

// home is called when somebody opens the app's home. Nothing is shown there yet.
func (a *Answerer) home(context.Context, slack.Event) (slack.Response, error) {
	return slack.Response{}, nil
}
