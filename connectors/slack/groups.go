package slack

import (
	"context"
	"fmt"
	"slices"
	"strings"

	slackgo "github.com/slack-go/slack"
)

// KeepGroup has a user group, named by its handle or its id, have those as its only
// members whom Slack knows by addresses, and says whether that changed anything: a
// group that has them already isn't written. Whom Slack doesn't know is left out, and
// named in the error once the others are set. A group can't be emptied
// (docs.slack.dev/reference/methods/usergroups.users.update), so it stays as it is where
// Slack knows nobody. An error is an *Error, never Unknown.
func (c *Client) KeepGroup(ctx context.Context, name string, addresses []string) (changed bool, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("keep user group %s: %w", name, repeatable(err))
		}
	}()
	g, err := c.userGroup(ctx, name)
	if err != nil {
		return false, err
	}
	ids, strangers, err := c.accounts(ctx, addresses)
	if err != nil {
		return false, err
	}
	if len(ids) > 0 && !slices.Equal(ids, slices.Sorted(slices.Values(g.Users))) {
		if _, err := c.api().UpdateUserGroupMembersListContext(ctx, g.ID, ids); err != nil {
			return false, err
		}
		changed = true
	}
	if len(strangers) > 0 {
		return changed, unknownPeople(strangers)
	}
	return changed, nil
}

// userGroup is a user group by its handle, with its @, or its id. One that is disabled
// is found, too, to be told from one that isn't there; it is an error as that is.
func (c *Client) userGroup(ctx context.Context, name string) (slackgo.UserGroup, error) {
	all, err := c.api().GetUserGroupsContext(ctx, slackgo.GetUserGroupsOptionIncludeUsers(true), slackgo.GetUserGroupsOptionIncludeDisabled(true))
	if err != nil {
		return slackgo.UserGroup{}, err
	}
	return groupAmong(all, name)
}

func groupAmong(all []slackgo.UserGroup, name string) (slackgo.UserGroup, error) {
	i := slices.IndexFunc(all, func(g slackgo.UserGroup) bool { return g.ID == name || g.Handle == strings.TrimPrefix(name, "@") })
	switch {
	case i < 0:
		return slackgo.UserGroup{}, refused(slackgo.SlackErrorResponse{Err: "no_such_subteam"})
	case all[i].DateDelete != 0:
		return slackgo.UserGroup{}, refused(slackgo.SlackErrorResponse{Err: disabledGroup})
	}
	return all[i], nil
}

// disabledGroup is our word for a user group that people have disabled: Slack lists it,
// and mentions it no more.
const disabledGroup = "subteam_disabled"

// accounts are the ids of those whom Slack knows by addresses, in order and each once,
// and the addresses that it doesn't know.
func (c *Client) accounts(ctx context.Context, addresses []string) (ids, strangers []string, err error) {
	for _, address := range addresses {
		id, err := c.userByEmail(ctx, address)
		switch {
		case err != nil:
			return nil, nil, err
		case id == "":
			strangers = append(strangers, address)
		default:
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), strangers, nil
}

// unknownPeople is the error for addresses without an account.
func unknownPeople(addresses []string) *Error {
	e := &Error{Outcome: Refused, Code: "users_not_found", Err: slackgo.SlackErrorResponse{Err: "users_not_found"}}
	e.advise(say("slack.remedy.no_account", "addresses", strings.Join(addresses, ", ")))
	return e
}
