package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/bot/adapt"
	"vigie/bot/config"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// Slack counts what is posted to a channel, whatever language it is in and however
// the channel is named: routes of two languages share a channel's second.
func TestLanguagesShareAChannelsPace(t *testing.T) {
	s := sandbox.New()
	id := s.Slack().AddChannel("support-sla")
	server := httptest.NewServer(s.Handler())
	defer server.Close()

	slackConfig := &config.Slack{APIURL: server.URL + "/api/", Token: config.NewSecret(s.Tokens.Slack), Channel: "#support-sla", Language: "fr",
		Routes: []config.Route{{Channel: id, Language: "en"}}}
	c, _ := client(slackConfig, false, func(context.Context, time.Duration) error { return nil }, slog.New(slog.DiscardHandler))
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	var waits []time.Duration
	c.Now = func() time.Time { return now }
	c.Sleep = func(_ context.Context, d time.Duration) error {
		waits, now = append(waits, d), now.Add(d)
		return nil
	}

	post := func(channel, language string) {
		t.Helper()
		if _, _, err := (adapt.Chat{Client: c}).Post(t.Context(), channel, rules.Alert{Kind: rules.Warning, Metric: rules.Resolution, Speak: language}); err != nil {
			t.Fatal(err)
		}
	}
	post("#support-sla", "fr")
	post(id, "en")
	if _, _, err := c.List(t.Context(), "#support-sla", "digest/1", "en", "Good morning.", nil); err != nil {
		t.Fatal(err)
	}
	now = now.Add(400 * time.Millisecond)
	post(id, "fr")
	if want := []time.Duration{time.Second, time.Second, 600 * time.Millisecond}; !slices.Equal(waits, want) {
		t.Errorf("waits: got %v, want %v", waits, want)
	}
	var said []string
	for _, m := range s.Slack().Messages(id) {
		said = append(said, m.Text)
	}
	for i, want := range []string{"Résoudre le ticket", "Solve the ticket", "Good morning.", "Résoudre le ticket"} {
		if len(said) != 4 || !strings.Contains(said[i], want) {
			t.Fatalf("got %q, want message %d to say %q", said, i+1, want)
		}
	}
}
