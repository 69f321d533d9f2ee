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
	who, err := c.token(ctx)
	if err == nil {
		err = granted(who.Header.Get("X-OAuth-Scopes"))
	}
	if err != nil {
		return err
	}
	return errors.Join(c.members(ctx, channels)...)
}

// Needs is what a configuration needs of Slack, to be looked at.
type Needs struct {
	App      App
	Channels []string
	AppToken func() string // for Socket Mode; nil or empty: none
	Signed   bool          // a signing secret is there, for calls by HTTP
	People   []string      // their addresses
	Groups   []string      // user groups' handles with @, or ids
}

// Inspect asks all that Check asks, and whether the rest is there that is needed; it
// tells what is well, too.
func (c *Client) Inspect(ctx context.Context, n Needs) []findings.Finding {
	who, err := c.token(ctx)
	if err != nil {
		return []findings.Finding{finding(err)}
	}
	all := []findings.Finding{fact(say("slack.check.signed_in", "user", who.User, "team", who.Team))}
	lacks := missingScopes(n.App, who.Header.Get("X-OAuth-Scopes"))
	all = append(all, lacks...)
	all = append(all, c.wayIn(ctx, n)...)
	for i, err := range c.members(ctx, n.Channels) {
		if err == nil {
			all = append(all, fact(say("slack.check.member", "channel", n.Channels[i])))
		} else {
			all = append(all, finding(err))
		}
	}
	for _, f := range append(c.findPeople(ctx, n.People), c.findGroups(ctx, n.Groups)...) {
		if len(lacks) == 0 || !strings.Contains(f.Text, "missing_scope") { // each scope is named once
			all = append(all, f)
		}
	}
	return all
}

// missingScopes are the scopes that an app needs and a token's list lacks, and what
// won't work without. Those of channels are told with each channel.
func missingScopes(a App, header string) (lacks []findings.Finding) {
	has := listed(header)
	for _, s := range a.Scopes() {
		if len(has) == 0 || slices.Contains(has, s.Name) || s.ofChannels {
			continue
		}
		text := func(w speech) string { return w.Say("slack.check.lacks", "scope", s.Name, "purpose", s.For(w.Tag)) }
		lacks = append(lacks, advised(findings.Wrong, text, say("slack.remedy.add_scope")))
	}
	return lacks
}

// wayIn says how Slack tells what people do, as far as that can be seen from here.
func (c *Client) wayIn(ctx context.Context, n Needs) []findings.Finding {
	token := ""
	if n.AppToken != nil {
		token = n.AppToken()
	}
	switch {
	case token != "":
		_, _, err := c.api(slackgo.OptionAppLevelToken(token)).StartSocketModeContext(ctx)
		var refusal slackgo.SlackErrorResponse
		switch {
		case err == nil:
			return []findings.Finding{fact(say("slack.check.socket"))}
		case errors.As(err, &refusal) && refused(refusal).Outcome == Refused:
			return []findings.Finding{advised(findings.Wrong, func(speech) string { return "app_token: " + refusal.Err }, say("slack.remedy.app_token"))}
		}
		return []findings.Finding{finding(fmt.Errorf("app_token: %w", repeatable(err)))}
	case n.Signed && n.App.CalledAt == "":
		return []findings.Finding{advised(findings.Wrong, say("slack.check.uncalled"), say("slack.remedy.uncalled"))}
	case n.Signed:
		return []findings.Finding{advised(findings.Doubt, say("slack.check.called", "url", n.App.CalledAt), say("slack.remedy.called"))}
	}
	return nil
}

// findPeople says whether Slack knows people by addresses. Those whom it doesn't know are
// named.
func (c *Client) findPeople(ctx context.Context, addresses []string) []findings.Finding {
	if len(addresses) == 0 {
		return nil
	}
	_, strangers, err := c.accounts(ctx, addresses)
	if err == nil && len(strangers) > 0 {
		err = unknownPeople(strangers)
	}
	if err != nil {
		return []findings.Finding{finding(fmt.Errorf("people: %w", repeatable(err)))}
	}
	return []findings.Finding{fact(say("slack.check.people", "n", len(addresses)))}
}

// findGroups says whether there are user groups, each that isn't by its name.
func (c *Client) findGroups(ctx context.Context, names []string) (all []findings.Finding) {
	if len(names) == 0 {
		return nil
	}
	groups, err := c.api().GetUserGroupsContext(ctx, slackgo.GetUserGroupsOptionIncludeDisabled(true))
	if err != nil {
		return []findings.Finding{finding(fmt.Errorf("user groups: %w", repeatable(err)))}
	}
	for _, name := range names {
		if _, err := groupAmong(groups, name); err != nil {
			all = append(all, finding(fmt.Errorf("%s: %w", name, err)))
		}
	}
	if len(all) == 0 {
		all = append(all, fact(say("slack.check.groups", "n", len(names))))
	}
	return all
}

// Findings are told in these two languages, as the other connectors' are.
var inEnglish, inFrench = in("en"), in("fr")

// fact is what is well.
func fact(text remedy) findings.Finding {
	return findings.Finding{Text: text(inEnglish), FR: findings.Advice{Text: text(inFrench)}}
}

// advised is what isn't as it should be, with what to do.
func advised(weight findings.Weight, text, remedy remedy) findings.Finding {
	return findings.Finding{Weight: weight, Text: text(inEnglish), Remedy: remedy(inEnglish), FR: findings.Advice{Text: text(inFrench), Remedy: remedy(inFrench)}}
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

// token asks whose the token is.
func (c *Client) token(ctx context.Context) (*slackgo.AuthTestResponse, error) {
	who, err := c.api().AuthTestContext(ctx)
	if err == nil && who.UserID == "" {
		err = errEmpty
	}
	if err != nil {
		return nil, fmt.Errorf("check slack token: %w", repeatable(err))
	}
	return who, nil
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
	if header == "" || slices.Contains(listed(header), "chat:write") {
		return nil
	}
	return fmt.Errorf("check slack token: %w", refused(slackgo.SlackErrorResponse{Err: "missing_scope", Needed: "chat:write"}))
}

// listed are the scopes that Slack names in an answer's header; none where it names none.
func listed(header string) []string {
	return strings.FieldsFunc(header, func(r rune) bool { return r == ',' || r == ' ' })
}
