package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	slackgo "github.com/slack-go/slack"
)

// needed are the scopes without which promises of this package break: to post
// and edit, and to look for a message whose post had no clear answer.
var needed = []string{"chat:write", "channels:history"}

// Check asks Slack whether it knows the token, and whether the token may do
// what is needed; the error names what is missing. Where the answer doesn't list
// the token's scopes, nothing is said about them. The bot must also be in the
// channels, given by id or "#name": all that it isn't in are named. An error is
// an *Error, or several joined.
func (c *Client) Check(ctx context.Context, channels ...string) error {
	who, err := c.api().AuthTestContext(ctx)
	if err == nil && who.UserID == "" {
		err = errEmpty
	}
	if err != nil {
		return fmt.Errorf("check slack token: %w", repeatable(err))
	}
	if err := granted(who.Header.Get("X-OAuth-Scopes")); err != nil {
		return err
	}
	var errs []error
	for _, channel := range channels {
		if err := c.member(ctx, channel); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", channel, repeatable(err)))
		}
	}
	return errors.Join(errs...)
}

// member says why the bot can't work in a channel, or nil.
func (c *Client) member(ctx context.Context, channel string) error {
	id, err := c.channelID(ctx, channel)
	if err != nil {
		return err
	}
	info, err := c.api().GetConversationInfoContext(ctx, &slackgo.GetConversationInfoInput{ChannelID: id})
	switch {
	case err != nil:
		return err
	case info.IsArchived:
		return refused(slackgo.SlackErrorResponse{Err: "is_archived"})
	case !info.IsMember:
		return refused(slackgo.SlackErrorResponse{Err: "not_in_channel"})
	}
	return nil
}

// granted says which needed scopes are not in the list that Slack gives, if it
// gives one.
func granted(header string) error {
	if header == "" {
		return nil
	}
	granted := strings.FieldsFunc(header, func(r rune) bool { return r == ',' || r == ' ' })
	missing := slices.DeleteFunc(slices.Clone(needed), func(scope string) bool {
		return slices.Contains(granted, scope)
	})
	if len(missing) > 0 {
		return fmt.Errorf("check slack token: %w", &Error{Outcome: Parked, Code: "missing_scope",
			Remedy: missingScope(strings.Join(missing, ", ")), Err: errors.New("missing_scope")})
	}
	return nil
}
