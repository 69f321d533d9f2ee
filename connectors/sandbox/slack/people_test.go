package slack_test

import (
	"fmt"
	"testing"

	"github.com/slack-go/slack"

	"vigie/connectors/sandbox/sandboxtest"
)

// client is a stranger's client, which shows that the workspace is Slack to others too.
func (k *workspace) client() *slack.Client {
	return slack.New(k.s.Tokens.Slack, slack.OptionAPIURL(k.url+"/api/"), slack.OptionAppLevelToken("xapp-sandbox-slack-token"))
}

// codes holds what a method says to arguments, each with the code of its refusal.
func (k *workspace) codes(cases map[string][]string) {
	k.t.Helper()
	for want, args := range cases {
		if got := k.call(args[0], args[1:]...); got["ok"] != false || got["error"] != want {
			k.t.Errorf("%v: got %v, want %s", args, got, want)
		}
	}
}

func ok[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestPeople(t *testing.T) {
	k := newWorkspace(t)
	nadia := k.s.Slack().AddUser("nadia@acme.example", "Nadia")
	sami := k.s.Slack().AddUser("sami@acme.example", "Sami")
	api := k.client()
	if got := ok[*slack.User](t)(api.GetUserByEmail("Nadia@acme.example")); got.ID != nadia || got.Profile.Email != "nadia@acme.example" || got.Deleted {
		t.Errorf("got %+v", got)
	}
	if err := k.s.Slack().Deactivate("sami@acme.example"); err != nil {
		t.Fatal(err)
	}
	everybody := ok[[]slack.User](t)(api.GetUsers(slack.GetUsersOptionLimit(2)))
	var list []string
	for _, u := range everybody {
		list = append(list, fmt.Sprint(u.ID, " ", u.IsBot, " ", u.Deleted))
	}
	sandboxtest.Want(t, "everybody", list, []string{"U0SANDBOX1 true false", nadia + " false false", sami + " false true"})
	k.codes(map[string][]string{
		"users_not_found":         {"users.lookupByEmail", "email", "sami@acme.example"},
		"user_disabled":           {"conversations.open", "users", sami},
		"user_not_found":          {"conversations.open", "users", "U9"},
		"users_list_not_supplied": {"conversations.open"},
		"cannot_dm_bot":           {"conversations.open", "users", "U0SANDBOX1"},
		"channel_not_found":       {"conversations.open", "channel", k.id},
	})
	ch, noOp, already, err := api.OpenConversation(&slack.OpenConversationParameters{Users: []string{nadia}})
	if err != nil || noOp || already || ch.ID != "D"+nadia[1:] {
		t.Errorf("got %+v %v %v %v", ch, noOp, already, err)
	}
	if _, _, already, err := api.OpenConversation(&slack.OpenConversationParameters{ChannelID: ch.ID}); err != nil || !already {
		t.Errorf("opened again: got %v %v", already, err)
	}
	if id, _, err := api.PostMessage(nadia, slack.MsgOptionText("for you", false)); err != nil || id != ch.ID {
		t.Errorf("posted to a person: got %s %v, want %s", id, err, ch.ID)
	}

	k.s.Slack().Reinstall("xoxb-next", "users:read")
	if got := k.must("users.info", "user", nadia); sandboxtest.At(got, "user", "profile", "email") != nil {
		t.Errorf("without users:read.email the address is shown: %v", got)
	}
	if got := k.call("users.lookupByEmail", "email", "nadia@acme.example"); got["needed"] != "users:read.email" || got["provided"] != "users:read" {
		t.Errorf("got %v", got)
	}
}

func TestUserGroups(t *testing.T) {
	k := newWorkspace(t)
	nadia, sami := k.s.Slack().AddUser("nadia@acme.example", "Nadia"), k.s.Slack().AddUser("sami@acme.example", "Sami")
	gone := k.s.Slack().AddUser("gone@acme.example", "Gone")
	id := ok[string](t)(k.s.Slack().AddGroup("@astreinte", "On call", "nadia@acme.example"))
	if err := k.s.Slack().Deactivate(gone); err != nil {
		t.Fatal(err)
	}
	if _, err := k.s.Slack().AddGroup("@night", "Night", gone); err == nil {
		t.Error("a group took somebody who has left")
	}
	api := k.client()
	groups := ok[[]slack.UserGroup](t)(api.GetUserGroups(slack.GetUserGroupsOptionIncludeUsers(true), slack.GetUserGroupsOptionIncludeCount(true)))
	if len(groups) != 1 || groups[0].ID != id || groups[0].Handle != "astreinte" || groups[0].UserCount != 1 || groups[0].Users[0] != nadia {
		t.Errorf("got %+v", groups)
	}
	if got := ok[slack.UserGroup](t)(api.UpdateUserGroupMembers(id, sami+","+nadia)); got.UserCount != 2 {
		t.Errorf("got %+v", got)
	}
	sandboxtest.Want(t, "members", ok[[]string](t)(api.GetUserGroupMembers(id)), []string{sami, nadia})
	k.codes(map[string][]string{
		"no_such_subteam":   {"usergroups.users.list", "usergroup", "@astreinte"},
		"no_users_provided": {"usergroups.users.update", "usergroup", id, "users", ""},
		"invalid_users":     {"usergroups.users.update", "usergroup", id, "users", nadia + "," + gone},
	})
	sandboxtest.Want(t, "members after refusals", k.s.Slack().Members("@astreinte"), []string{sami, nadia})
	k.s.Options.Slack.Scopes = []string{"usergroups:read"}
	if got := k.call("usergroups.users.update", "usergroup", id, "users", nadia); got["error"] != "missing_scope" || got["needed"] != "usergroups:write" {
		t.Errorf("got %v", got)
	}
}
