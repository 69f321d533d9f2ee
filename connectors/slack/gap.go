package slack

import (
	"context"
	"fmt"

	slackgo "github.com/slack-go/slack"
)

// What people do while nothing hears them, Slack tells nobody later: the program
// wasn't running, no connection was open, or what came couldn't be kept. Clicks fail
// before people's eyes then, but an emoji under a message stands there all the same. So
// a message is looked at once more, the first time that anything is to be done about
// it after each such gap, and no other: nobody's silence costs a request.

// mostLooked bounds what is remembered of looks; beyond, some are made again.
const mostLooked = 10_000

// missed notes that something may not have been heard until now.
func (in *Inbox) missed() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.gaps++
	in.looked = nil
}

// Look is who has put an emoji under a message, in that order, if something may have
// been missed since the last look at it; nobody otherwise. It needs the scope
// reactions:read. An error is an *Error, after which the next look asks again.
func (in *Inbox) Look(ctx context.Context, channelID, ts, emoji string) (users []string, err error) {
	key := channelID + "/" + ts
	in.mu.Lock()
	seen, gaps := in.looked[key], in.gaps
	in.mu.Unlock()
	if seen {
		return nil, nil
	}
	item, err := in.Client.api().GetReactionsContext(ctx, slackgo.NewRefToMessage(channelID, ts), slackgo.GetReactionsParameters{Full: true})
	if err != nil {
		return nil, fmt.Errorf("look at a message in %s: %w", channelID, repeatable(err))
	}
	for _, r := range item.Reactions {
		if r.Name == emoji {
			users = r.Users
		}
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.gaps == gaps {
		if in.looked == nil || len(in.looked) >= mostLooked {
			in.looked = map[string]bool{}
		}
		in.looked[key] = true
	}
	return users, nil
}
