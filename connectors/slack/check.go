package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	slackgo "github.com/slack-go/slack"

	"vigie/connectors/findings"
)

// Check asks Slack whether it knows the token, and whether the token may post;
// where the answer doesn't list the token's scopes, nothing is said about them. The
// bot must also be in the channels, given by id or "#name", and be able to read
// there what it has posted, or a post without a clear answer couldn't be looked for:
// channels:history in a public channel, groups:history in a private one. All
// channels in which something is missing are named. An error is an *Error, or
// several joined.
func (c *Client) Check(ctx context.Context, channels ...string) error {
	_, err := c.whoami(ctx)
	if err != nil {
		return err
	}
	return errors.Join(c.members(ctx, channels)...)
}

// Inspect asks all that Check asks, and tells what is well too.
func (c *Client) Inspect(ctx context.Context, channels ...string) []findings.Finding {
	who, err := c.whoami(ctx)
	if err != nil {
		return []findings.Finding{finding(err)}
	}
	all := []findings.Finding{fact(say("slack.check.signed_in", "user", who.User, "team", who.Team))}
	for i, err := range c.members(ctx, channels) {
		if err == nil {
			all = append(all, fact(say("slack.check.member", "channel", channels[i])))
		} else {
			all = append(all, finding(err))
		}
	}
	return all
}

// Findings are told in these two languages, as the other connectors' are.
var inEnglish, inFrench = in("en"), in("fr")

// fact is what is well.
func fact(text remedy) findings.Finding {
	return findings.Finding{Text: text(inEnglish), FR: findings.Advice{Text: text(inFrench)}}
}

// finding is an error with its remedy apart.
func finding(err error) findings.Finding {
	f := findings.Finding{Weight: findings.Wrong, Text: err.Error()}
	var known *Error
	if !errors.As(err, &known) {
		return f
	}
	remedy := known.remedy
	if remedy == nil && known.Code == "" {
		remedy = say("slack.remedy.reach")
	}
	if remedy != nil {
		f.Remedy, f.FR.Remedy = remedy(inEnglish), remedy(inFrench)
		f.Text = strings.TrimSuffix(f.Text, ": "+f.Remedy)
	}
	return f
}

// whoami asks whose the token is, and whether it may post.
func (c *Client) whoami(ctx context.Context) (*slackgo.AuthTestResponse, error) {
	who, err := c.api().AuthTestContext(ctx)
	if err == nil && who.UserID == "" {
		err = errEmpty
	}
	if err != nil {
		return nil, fmt.Errorf("check slack token: %w", repeatable(err))
	}
	return who, granted(who.Header.Get("X-OAuth-Scopes"))
}

// members asks side by side what keeps the bot from working in each channel.
func (c *Client) members(ctx context.Context, channels []string) []error {
	errs := make([]error, len(channels))
	var all sync.WaitGroup
	for i, channel := range channels {
		all.Go(func() {
			if err := c.member(ctx, channel); err != nil {
				errs[i] = fmt.Errorf("%s: %w", channel, repeatable(err))
			}
		})
	}
	all.Wait()
	return errs
}

// member says why the bot can't work in a channel, or nil. An archived channel can be
// read, but not posted to.
func (c *Client) member(ctx context.Context, channel string) error {
	id, err := c.channelID(ctx, channel)
	if err != nil {
		return err
	}
	info, err := c.api().GetConversationInfoContext(ctx, &slackgo.GetConversationInfoInput{ChannelID: id})
	switch {
	case err == nil && info.ID == "":
		return errEmpty
	case err != nil:
		return err
	case info.IsArchived:
		return refused(slackgo.SlackErrorResponse{Err: "is_archived"})
	case !info.IsMember && !info.IsIM:
		return refused(slackgo.SlackErrorResponse{Err: "not_in_channel"})
	}
	page, err := c.api().GetConversationHistoryContext(ctx, &slackgo.GetConversationHistoryParameters{ChannelID: id, Limit: 1})
	if err == nil && (!page.Ok || page.Messages == nil) {
		err = errEmpty
	}
	return err // what is posted there couldn't be looked for
}

// granted says that the scope to post and edit is not in the list that Slack gives,
// if it gives one.
func granted(header string) error {
	scopes := strings.FieldsFunc(header, func(r rune) bool { return r == ',' || r == ' ' })
	if header == "" || slices.Contains(scopes, "chat:write") {
		return nil
	}
	return fmt.Errorf("check slack token: %w", refused(slackgo.SlackErrorResponse{Err: "missing_scope", Needed: "chat:write"}))
}
