package slack_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vigie/connectors/findings"
	"vigie/connectors/sandbox"
	"vigie/connectors/slack"
	"vigie/rules"
)

// What keeps a bot from working in a channel is found before the first alarm, each
// with what to do.
func TestCheckProvesEachChannel(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name    string
		scopes  []string // nil: all
		given   func(*sandbox.Sandbox, sandbox.Slack) error
		channel string
		want    string // empty: all is well
	}{
		{"a public one", nil, nil, "#support-sla", ""},
		{"a private one", nil, nil, "#astreinte", ""},
		{"a private one by groups:* alone", []string{"chat:write", "groups:read", "groups:history"}, nil, "#astreinte", ""},
		{"a public one by channels:* alone", []string{"chat:write", "channels:read", "channels:history"}, nil, "#support-sla", ""},
		{"not to be read back", []string{"chat:write", "groups:read"}, nil, "#astreinte",
			"#astreinte: missing_scope: the bot token lacks the scope groups:history: add it under OAuth & Permissions and install the app again"},
		{"not to be read back, public", []string{"chat:write", "channels:read"}, nil, "#support-sla",
			"#support-sla: missing_scope: the bot token lacks the scope channels:history: add it under OAuth & Permissions and install the app again"},
		{"not to be found by its name", []string{"chat:write", "groups:read", "groups:history"}, nil, "#support-sla",
			"#support-sla: channel_not_found: no such channel for the bot: check its name in the configuration, and invite the bot if it is private; without the scope channels:read not every channel is found"},
		{"no scope to find any", []string{"chat:write"}, nil, "#support-sla",
			"#support-sla: missing_scope: the bot token lacks the scope channels:read, groups:read: add it under OAuth & Permissions and install the app again"},
		{"outside", nil, func(_ *sandbox.Sandbox, k sandbox.Slack) error { return k.Kick("#support-sla") }, "#support-sla",
			"#support-sla: not_in_channel: invite the bot to the channel"},
		{"outside a private one", nil, func(_ *sandbox.Sandbox, k sandbox.Slack) error { return k.Kick("#astreinte") }, "#astreinte",
			"#astreinte: channel_not_found: no such channel for the bot: check its name in the configuration, and invite the bot if it is private"},
		{"archived", nil, func(_ *sandbox.Sandbox, k sandbox.Slack) error { return k.Archive("#support-sla") }, "#support-sla",
			"#support-sla: is_archived: the channel is archived: name another one in the configuration, or bring it back"},
		{"an organisation's token", nil, func(s *sandbox.Sandbox, _ sandbox.Slack) error { s.Options.Slack.OrgWide = true; return nil }, "#support-sla",
			"#support-sla: missing_argument: the token is the whole organisation's, where a channel's name isn't enough: write the channel's id, such as C024BE91L (channel details, at the bottom)"},
		{"an organisation's token, and the channel's id", nil, func(s *sandbox.Sandbox, _ sandbox.Slack) error { s.Options.Slack.OrgWide = true; return nil }, "C0SANDBOX01", ""},
		{"a proxy before it", nil, func(s *sandbox.Sandbox, _ sandbox.Slack) error { return s.Faults.Misbehave("slack", "proxy-403") }, "#support-sla",
			"check slack token: something before slack answers 403 Forbidden, which slack itself never does"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, client := workspace(t)
			s.Slack().AddChannel("support-sla")
			s.Slack().AddPrivateChannel("astreinte")
			if c.scopes != nil {
				s.Slack().Reinstall("xoxb-next", c.scopes...)
			}
			if c.given != nil {
				must(c.given(s, s.Slack()))
			}
			err := client.Check(t.Context(), c.channel)
			if got := strings.TrimPrefix(fmt.Sprint(err), "<nil>"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			found := client.Inspect(t.Context(), slack.Needs{Channels: []string{c.channel}})
			last := found[len(found)-1]
			if c.want != "" && (last.Weight != findings.Wrong || last.Remedy == "" || last.In("fr").Remedy == "") {
				t.Errorf("check --online says %+v", last)
			}
			if c.want == "" && last.Text != "in "+c.channel {
				t.Errorf("check --online says %+v", last)
			}
		})
	}
}

// An organisation's token posts, edits, answers and looks in a channel by its id; and
// a bot with the rights for private channels alone does so by a private one's name.
func TestEveryKindOfToken(t *testing.T) {
	for _, c := range []struct {
		name, channel string
		given         func(*sandbox.Sandbox)
	}{
		{"an organisation's", "C0SANDBOX01", func(s *sandbox.Sandbox) { s.Options.Slack.OrgWide = true }},
		{"for private channels alone", "#astreinte", func(s *sandbox.Sandbox) {
			s.Slack().Reinstall("xoxb-next", "chat:write", "groups:read", "groups:history")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, client := workspace(t)
			id := s.Slack().AddPrivateChannel("astreinte")
			c.given(s)
			ctx, start := t.Context(), time.Now()
			a := rules.Alert{Key: "warn/zendesk:42/update/1/50%", Kind: rules.Warning, Source: "zendesk", ID: "42", Metric: rules.Update, At: start}
			s.Faults.FailNext("slack", 1, sandbox.Fault{AfterWork: true, Drop: true})
			if _, _, err := client.Post(ctx, c.channel, a); slack.OutcomeOf(err) != slack.Unknown {
				t.Fatalf("lost answer: got %v", err)
			}
			at, ts, found, err := client.Find(ctx, c.channel, a.Key, start)
			if err != nil || !found || at != id {
				t.Fatalf("find: got %q, %v, %v", at, found, err)
			}
			if err := client.Edit(ctx, at, ts, a); err != nil {
				t.Error(err)
			}
			a.Key = "breach/zendesk:42/update/1"
			reply, err := client.Reply(ctx, at, ts, a, true)
			if err != nil {
				t.Error(err)
			}
			if got, found, err := client.FindReply(ctx, at, ts, a.Key); err != nil || !found || got != reply {
				t.Errorf("find reply: got %q, %v, %v", got, found, err)
			}
		})
	}
}

// Lists that don't end are left, with what was found in them or with an error: that
// it isn't there nobody says.
func TestEndlessLists(t *testing.T) {
	for _, manner := range []string{"pages-loop", "pages-ever-fresh"} {
		t.Run(manner, func(t *testing.T) {
			s, client := workspace(t)
			ctx, start := t.Context(), time.Now()
			id := s.Slack().AddChannel("support-sla")
			a := rules.Alert{Key: "warn/zendesk:42/update/1/50%", Kind: rules.Warning, Source: "zendesk", ID: "42", Metric: rules.Update, At: start}
			_, ts, err := client.Post(ctx, id, a)
			if err != nil {
				t.Fatal(err)
			}
			a.Key = "breach/zendesk:42/update/1"
			if _, err := client.Reply(ctx, id, ts, a, false); err != nil {
				t.Fatal(err)
			}
			if err := s.Faults.Misbehave("slack", manner); err != nil {
				t.Fatal(err)
			}
			before := len(s.Calls("slack"))
			if _, got, found, err := client.Find(ctx, "#support-sla", "warn/zendesk:42/update/1/50%", start); err != nil || !found || got != ts {
				t.Errorf("what is there: got %q, %v, %v", got, found, err)
			}
			if _, found, err := client.FindReply(ctx, id, ts, a.Key); err != nil || !found {
				t.Errorf("the reply that is there: got %v, %v", found, err)
			}
			_, _, foundCard, errCard := client.Find(ctx, id, "another", start)
			_, foundReply, errReply := client.FindReply(ctx, id, ts, "another")
			errChannel := client.Check(ctx, "#nowhere")
			for what, err := range map[string]error{"card": errCard, "reply": errReply, "channel": errChannel} {
				if slack.OutcomeOf(err) != slack.Wait || !strings.Contains(err.Error(), "list doesn't end") {
					t.Errorf("%s: got %v, want an error that may be tried again", what, err)
				}
			}
			if foundCard || foundReply {
				t.Error("found what isn't there")
			}
			if n := len(s.Calls("slack")) - before; n > 50 {
				t.Errorf("%d calls", n)
			}
		})
	}
}

// A post whose 503 says when to come back may be there all the same: it isn't
// repeated, and is found.
func TestPostedThough503(t *testing.T) {
	for _, manner := range []string{"503-after-posting", "503-after-posting-no-time", "403-after-posting", "html-after-posting"} {
		t.Run(manner, func(t *testing.T) {
			s, client := workspace(t)
			id := s.Slack().AddChannel("support-sla")
			if err := s.Faults.Misbehave("slack", manner); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			a := rules.Alert{Key: "warn/zendesk:42/update/1/50%", Kind: rules.Warning, Source: "zendesk", ID: "42", Metric: rules.Update, At: start}
			if _, _, err := client.Post(t.Context(), id, a); slack.OutcomeOf(err) != slack.Unknown {
				t.Errorf("got %v (%v), want unknown", slack.OutcomeOf(err), err)
			}
			if n := len(s.Slack().Messages(id)); n != 1 {
				t.Errorf("it stands there %d times", n)
			}
			if _, _, found, err := client.Find(t.Context(), id, a.Key, start); err != nil || !found {
				t.Errorf("find: got %v, %v", found, err)
			}
		})
	}
}
