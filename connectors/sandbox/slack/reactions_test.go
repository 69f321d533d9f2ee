package slack_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/slack-go/slack"

	"vigie/connectors/sandbox/sandboxtest"
)

func TestReactions(t *testing.T) {
	k := newWorkspace(t)
	app := k.receive()
	nadia := k.s.Slack().AddUser("nadia@acme.example", "Nadia")
	api := k.client()
	_, ts, err := api.PostMessage(k.id, slack.MsgOptionText("card", false))
	if err != nil {
		t.Fatal(err)
	}
	card := slack.NewRefToMessage(k.id, ts)
	if err := api.AddReaction("eyes", card); err != nil {
		t.Fatal(err)
	}
	if err := k.s.Slack().React("nadia@acme.example", "#support-sla", ts, "eyes"); err != nil {
		t.Fatal(err)
	}
	if err := k.s.Slack().React(nadia, k.id, ts, "eyes"); err == nil || err.Error() != "already_reacted" {
		t.Errorf("got %v", err)
	}
	item := ok[slack.ReactedItem](t)(api.GetReactions(card, slack.NewGetReactionsParameters()))
	sandboxtest.Want(t, "reactions", item.Reactions, []slack.ItemReaction{{Name: "eyes", Count: 2, Users: []string{"U0SANDBOX1", nadia}}})
	if got := k.must("conversations.history", "channel", k.id); sandboxtest.At(got, "messages", 0, "reactions", 0, "count") != 2.0 {
		t.Errorf("history: got %v", got)
	}
	if err := k.s.Slack().Unreact(nadia, k.id, ts, "eyes"); err != nil {
		t.Fatal(err)
	}
	items, _, err := api.ListReactions(slack.NewListReactionsParameters())
	if err != nil || len(items) != 1 || items[0].Message.Timestamp != ts {
		t.Errorf("got %+v %v", items, err)
	}
	secret := k.s.Slack().AddChannel("secret")
	other := ok[string](t)(k.s.Slack().Say(secret, nadia, "psst", ""))
	if err := k.s.Slack().Kick(secret); err != nil {
		t.Fatal(err)
	}
	if err := k.s.Slack().React(nadia, secret, other, "eyes"); err != nil {
		t.Fatal(err)
	}
	k.codes(map[string][]string{
		"already_reacted":   {"reactions.add", "channel", k.id, "timestamp", ts, "name", "eyes"},
		"no_reaction":       {"reactions.remove", "channel", k.id, "timestamp", ts, "name", "wave"},
		"invalid_name":      {"reactions.add", "channel", k.id, "timestamp", ts, "name", ":eyes:"},
		"message_not_found": {"reactions.add", "channel", k.id, "timestamp", "1700000000.000001", "name", "eyes"},
		"bad_timestamp":     {"reactions.add", "channel", k.id, "timestamp", "today", "name", "eyes"},
		"no_item_specified": {"reactions.add", "name", "eyes"},
		"not_in_channel":    {"reactions.get", "channel", secret, "timestamp", other},
		"channel_not_found": {"reactions.add", "channel", "#support-sla", "timestamp", ts, "name", "eyes"},
	})
	for n := range 22 {
		k.must("reactions.add", "channel", k.id, "timestamp", ts, "name", fmt.Sprint("e", n))
	}
	k.codes(map[string][]string{"too_many_reactions": {"reactions.add", "channel", k.id, "timestamp", ts, "name", "one_more"}})
	if n := k.s.Slack().Waiting(); n != 23 {
		t.Errorf("%d of the bot's own reactions wait to be told, want 23", n)
	}
	k.deliver()

	// What the bot did is told once it is delivered, what people did at once, and what
	// goes on where the bot isn't never.
	var told []string
	for _, body := range app.bodies() {
		var e struct {
			Event struct {
				Type, User, Reaction string
				Item                 struct{ Channel, TS string }
			}
		}
		if err := json.Unmarshal([]byte(body), &e); err != nil || e.Event.Item.TS != ts || e.Event.Item.Channel != k.id {
			t.Fatalf("%v: %s", err, body)
		}
		told = append(told, e.Event.Type+" "+e.Event.User+" "+e.Event.Reaction)
	}
	sandboxtest.Want(t, "the first told", told[:3], []string{"reaction_added " + nadia + " eyes", "reaction_removed " + nadia + " eyes", "reaction_added U0SANDBOX1 eyes"})
	if len(told) != 25 {
		t.Errorf("%d were told, want 25", len(told))
	}
	k.s.Options.Slack.Scopes = []string{"reactions:write"}
	if err := k.s.Slack().React(nadia, k.id, ts, "wave"); err != nil || len(app.bodies()) != 25 {
		t.Errorf("told of a reaction without reactions:read: %v", err)
	}
}
