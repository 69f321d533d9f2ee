package slack

import (
	"context"
	"fmt"

	slackgo "github.com/slack-go/slack"

	"vigie/rules"
)

// Preview is what a link in a message leads to.
type Preview struct {
	Link   string        // as the message has it
	Alerts []rules.Alert // of the ticket, those of rules.Verdict.Alerts
	Page   string        // the ticket's page at Vigie; empty: none
}

// Unfurl shows under a message what its links lead to, in a language; everybody who
// reads the message sees it. It may be done any number of times. An error is an *Error.
//
// Work Objects (slack-go has them since 0.17) aren't used: an entity needs a panel that
// the app fills when somebody opens it, and shows no more than the card does.
func (c *Client) Unfurl(ctx context.Context, channelID, ts, lang string, previews []Preview) error {
	unfurls := map[string]slackgo.Attachment{}
	for _, p := range previews {
		text, blocks := RenderTicket(p.Alerts, p.Page, lang)
		if len(blocks) > 0 {
			unfurls[p.Link] = slackgo.Attachment{Fallback: text, Blocks: slackgo.Blocks{BlockSet: blocks}}
		}
	}
	if len(unfurls) == 0 {
		return nil
	}
	if _, _, _, err := c.api().UnfurlMessageContext(ctx, channelID, ts, unfurls); err != nil {
		return fmt.Errorf("show links in %s: %w", channelID, repeatable(err))
	}
	return nil
}
