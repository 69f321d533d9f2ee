package answer

import (
	"context"

	"vigie/connectors/slack"
	"vigie/rules/words"
)

// command answers a slash command.
func (a *Answerer) command(ctx context.Context, e slack.Event) (slack.Response, error) {
	return say(words.In(a.Language).Say("answer.help", "command", e.Command)), nil
}
