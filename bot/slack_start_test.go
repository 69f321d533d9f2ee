package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"vigie/connectors/sandbox"
)

// From a new workspace to the first card that somebody takes, by the manual's own
// configuration and commands: the app has what its manifest asks for, and nothing else.
func TestFromANewWorkspaceToTheFirstCard(t *testing.T) {
	d := newOffice(t)
	const agent = "lea@support.example"
	d.s.Zendesk().AddUser(sandbox.ZendeskUser{Email: agent, Role: "agent"})
	d.s.Slack().AddUser(agent, "Léa")
	text := fmt.Sprintf("[web]\nlisten = \"127.0.0.1:0\"\n[[zendesk]]\nurl = %q\nemail = %q\ntoken = \"env:ZENDESK_TOKEN\"\npolicies = [\"moveon\"]\n", d.url, d.s.Tokens.Zendesk.Email)
	_, shown, _ := strings.Cut(blocks(t, "slack", "toml config")[0], "\n\n") // the source is the simulated one
	text += strings.Replace(shown, "channel ", fmt.Sprintf("api_url = %q\nchannel ", d.url+"/api/"), 1)
	var commands [][]string
	for _, block := range blocks(t, "slack", "sh")[:2] {
		for line := range strings.Lines(block) {
			line, _, _ = strings.Cut(line, " >")
			commands = append(commands, shellWords(strings.TrimPrefix(strings.TrimSpace(line), "vigie ")))
		}
	}
	if len(commands) != 3 {
		t.Fatalf("the manual shows %q", commands)
	}

	t.Chdir(t.TempDir())
	must(t, os.WriteFile("config.toml", []byte(text), 0o600))

	// The app is made from the manifest before there is a token.
	t.Setenv("SLACK_BOT_TOKEN", "")
	var m slackgo.Manifest
	must(t, json.Unmarshal([]byte(done(t, bot(t, "", commands[0]...))), &m))
	o := d.s.Options.Slack
	o.Scopes, o.Events, o.SocketMode, o.Domains = m.OAuthConfig.Scopes.Bot, m.Settings.EventSubscriptions.BotEvents, m.Settings.SocketModeEnabled, m.Features.UnfurlDomains
	d.s.Options.Slack = o
	t.Setenv("SLACK_BOT_TOKEN", d.s.Tokens.Slack)
	t.Setenv("SLACK_APP_TOKEN", d.s.Tokens.SlackApp)
	if out := done(t, bot(t, "", commands[1]...)); !strings.Contains(out, "Slack accepts app_token") || strings.Contains(out, "wrong:") {
		t.Errorf("check says\n%s", out)
	}

	// It serves, by a clock that the test moves.
	var clock atomic.Int64
	now := func() time.Time { return time.Unix(clock.Load(), 0) }
	clock.Store(time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC).Unix())
	d.s.Now = now
	ctx, end := context.WithCancel(t.Context())
	ended, log := make(chan int), lockedBuffer{}
	go func() {
		ended <- live(ctx, life{now: now, sweep: 20 * time.Millisecond, hurry: true}, commands[2], strings.NewReader(""), io.Discard, &log)
	}()
	defer func() { end(); <-ended }()
	told := func() []sandbox.SlackMessage { return d.s.Slack().Messages("#support-sla") }
	eventually(t, "the first start to be told", func() bool { return len(told()) > 0 })
	id, err := d.s.Zendesk().Open(sandbox.NewTicket{Subject: "Portal down", Body: "Nobody gets in.", Type: "incident", Priority: "urgent", RequesterEmail: "nadia@acme.example", SubmitterEmail: agent})
	must(t, err)
	ref := fmt.Sprint("zendesk:", id)
	var card sandbox.SlackMessage
	eventually(t, "a card", func() bool {
		clock.Add(60)
		for _, m := range told() {
			if strings.Contains(m.Text, ref) {
				card = m
				return true
			}
		}
		return false
	})
	// Quicker than any person: the card may not be on record yet, and then 👀 says nothing.
	eventually(t, "the ticket to be taken", func() bool {
		clock.Add(1)
		if d.s.Slack().React(agent, "#support-sla", card.TS, "eyes") != nil {
			must(t, d.s.Slack().Unreact(agent, "#support-sla", card.TS, "eyes"))
		}
		return strings.Contains(log.String(), "asked_for=take")
	})
}
