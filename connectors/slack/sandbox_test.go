package slack_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vigie/connectors/contract"
	"vigie/connectors/sandbox"
	"vigie/connectors/slack"
	"vigie/rules"
)

// workspace is a simulated Slack that takes one message a second and channel, and a
// client of it, on one clock that goes on when the client waits.
func workspace(t *testing.T) (*sandbox.Sandbox, *slack.Client) {
	t.Helper()
	s := sandbox.New()
	s.Options.Slack.OnePerSecond = true
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	now := time.Now()
	s.Real = func() time.Time { return now }
	c := slack.New(s.Tokens.Slack)
	c.Token = func() string { return s.Tokens.Slack }
	c.APIURL, c.Language, c.Now = server.URL+"/api/", "fr", s.Real
	wait := func(ctx context.Context, d time.Duration) error {
		now = now.Add(d)
		return ctx.Err()
	}
	c.Sleep = wait
	transport := slack.Transport()
	transport.Base, transport.Sleep = contract.Check(t), wait
	c.HTTP = transport.Client()
	return s, c
}

// TestSandbox lives through one promise on a simulated Slack that was written
// without knowledge of this client.
func TestSandbox(t *testing.T) {
	ctx := t.Context()
	s, c := workspace(t)
	channel := s.Slack().AddChannel("support-sla")
	if err := c.Check(ctx); err != nil {
		t.Fatal(err)
	}

	start := time.Now()
	a := rules.Alert{
		Key: "warn/zendesk:42/resolution/1/50%", Kind: rules.Warning, Source: "zendesk", ID: "42",
		URL: "https://acme.zendesk.com/agent/tickets/42", Subject: "<!channel> *panne* & co", Priority: "urgent", PriorityFrom: "person",
		Metric: rules.Resolution, Due: start.Add(time.Hour), Target: 2 * time.Hour, Used: time.Hour, Remaining: time.Hour, At: start,
	}

	// A post whose answer is lost is found, not repeated.
	s.Faults.FailNext("slack", 1, sandbox.Fault{AfterWork: true, Drop: true})
	_, _, err := c.Post(ctx, "#support-sla", a)
	if slack.OutcomeOf(err) != slack.Unknown {
		t.Fatalf("lost answer: got %v", err)
	}
	id, ts, found, err := c.Find(ctx, "#support-sla", a.Key, start)
	if err != nil || !found || id != channel {
		t.Fatalf("find: got %q, %q, %v, %v", id, ts, found, err)
	}

	// The edit survives an outage of one try; the reply is found in its thread.
	a.Kind = rules.Breached
	a.Remaining = -time.Minute
	s.Faults.FailNext("slack", 1, sandbox.Fault{Status: 503})
	if err := c.Edit(ctx, id, ts, a); err != nil {
		t.Fatal(err)
	}
	a.Key = "breach/zendesk:42/resolution/1"
	s.Faults.FailNext("slack", 1, sandbox.Fault{AfterWork: true, Status: 500})
	if _, err := c.Reply(ctx, id, ts, a, true); slack.OutcomeOf(err) != slack.Unknown {
		t.Fatalf("lost reply: got %v", err)
	}
	reply, found, err := c.FindReply(ctx, id, ts, a.Key)
	if err != nil || !found {
		t.Fatalf("find reply: got %q, %v, %v", reply, found, err)
	}
	if _, _, found, err := c.Find(ctx, id, a.Key, start); err != nil || found {
		t.Errorf("the reply is taken for a card: %v, %v", found, err)
	}
	if _, _, err := c.List(ctx, "#support-sla", "digest", "fr", "Bonjour", []rules.Alert{a}); err != nil {
		t.Fatal(err)
	}

	got := s.Slack().Messages(channel)
	if len(got) != 3 {
		t.Fatalf("got %d messages, want the card, the reply and the notice", len(got))
	}
	card := got[0]
	if card.Edits != 1 || !strings.HasPrefix(card.Text, "🔴 Résoudre le ticket sans attendre : objectif dépassé de 1 min – zendesk:42") || !strings.Contains(string(card.Metadata), "warn/zendesk:42") {
		t.Errorf("got card %+v", card)
	}
	if got[1].ThreadTS != ts || !got[1].Broadcast || got[1].TS != reply {
		t.Errorf("got reply %+v", got[1])
	}
	for _, m := range got {
		if strings.Contains(m.Text, "<!channel>") || strings.Contains(string(m.Blocks), "<!channel>") {
			t.Errorf("a ticket mentions the channel: %s", m.Text)
		}
	}

	// What people do to the message and the channel.
	if err := s.Slack().Delete(channel, ts); err != nil {
		t.Fatal(err)
	}
	if err := c.Edit(ctx, id, ts, a); slack.OutcomeOf(err) != slack.Gone {
		t.Errorf("edit of a deleted message: got %v", err)
	}
	if err := s.Slack().Archive(channel); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Post(ctx, "#support-sla", a); slack.OutcomeOf(err) != slack.Refused || !strings.Contains(err.Error(), "archived") {
		t.Errorf("post to an archived channel: got %v", err)
	}
}
