package slack_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"vigie/connectors/sandbox/sandboxtest"
)

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", text, false, false)
}

// asks is a modal with one input that must be filled.
func asks(title string) slack.ModalViewRequest {
	input := slack.NewInputBlock("why", plain("Why"), nil, slack.NewPlainTextInputBlockElement(nil, "reason"))
	return slack.ModalViewRequest{Type: "modal", Title: plain(title), Submit: plain("Send"), Blocks: slack.Blocks{BlockSet: []slack.Block{input}}}
}

func TestModal(t *testing.T) {
	k := newWorkspace(t)
	real := time.Now()
	k.s.Real = func() time.Time { return real }
	app, api, w := k.receive(), k.client(), k.s.Slack()
	ts, nadia := k.cardWithButtons()
	click := func() string {
		t.Helper()
		if err := w.Click(nadia, k.id, ts, "take", ""); err != nil {
			t.Fatal(err)
		}
		return app.clicked(t).TriggerID
	}
	open := func(trigger string, m slack.ModalViewRequest) string {
		_, err := api.OpenView(trigger, m)
		return fmt.Sprint(err)
	}
	trigger := click()
	if got := open(trigger, asks("Snooze")); got != "<nil>" || !strings.Contains(string(w.Modal(nadia)), `"Snooze"`) {
		t.Errorf("got %s %s", got, w.Modal(nadia))
	}
	if got := open(trigger, asks("Again")); got != "exchanged_trigger_id" {
		t.Errorf("used twice: %s", got)
	}
	late := click()
	real = real.Add(3*time.Second + time.Millisecond)
	if got := open(late, asks("Late")) + " " + open("made up", asks("x")); got != "expired_trigger_id invalid_trigger_id" {
		t.Errorf("got %s", got)
	}
	if got := open(click(), asks("A title of more than 24 letters")); !strings.Contains(got, "invalid_arguments") {
		t.Errorf("a long title: %s", got)
	}

	if err := w.Submit(nadia, nil); err == nil {
		t.Error("an input that must be filled wasn't")
	}
	app.answers = func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"response_action":"errors","errors":{"why":"too short"}}`)
	}
	if err := w.Submit(nadia, map[string]string{"reason": "x"}); err != nil || w.ModalErrors(nadia)["why"] != "too short" {
		t.Errorf("got %v %v", err, w.ModalErrors(nadia))
	}
	if c := app.clicked(t); c.Type != slack.InteractionTypeViewSubmission || c.View.State.Values["why"]["reason"].Value != "x" {
		t.Errorf("got %+v", c)
	}
	app.answers = nil
	pushed := asks("Pushed")
	pushed.ExternalID = "second"
	over, err := api.PushView(click(), pushed)
	if err != nil || !strings.Contains(string(w.Modal(nadia)), `"Pushed"`) {
		t.Fatalf("got %v %s", err, w.Modal(nadia))
	}
	if _, err := api.PushView(click(), pushed); err == nil || err.Error() != "duplicate_external_id" {
		t.Errorf("got %v", err)
	}
	if _, err := api.PushView(click(), asks("Third")); err != nil {
		t.Error(err)
	}
	if _, err := api.PushView(click(), asks("Fourth")); err == nil || err.Error() != "push_limit_reached" {
		t.Errorf("got %v", err)
	}
	if _, err := api.UpdateView(asks("Changed"), "", "old", over.ID); err == nil || err.Error() != "hash_conflict" {
		t.Errorf("got %v", err)
	}
	if next, err := api.UpdateView(asks("Changed"), "", over.Hash, over.ID); err != nil || next.ID != over.ID || next.Hash == over.Hash {
		t.Errorf("got %+v %v", next, err)
	}
	app.answers = func(w http.ResponseWriter, _ *http.Request, _ string) { fmt.Fprint(w, `{"response_action":"clear"}`) }
	if err := w.Submit(nadia, map[string]string{"reason": "lunch"}); err != nil || w.Modal(nadia) != nil {
		t.Errorf("got %v, still open: %s", err, w.Modal(nadia))
	}
	app.answers = nil
	if _, err := api.PushView(click(), asks("Over nothing")); err == nil || err.Error() != "not_found" {
		t.Errorf("got %v", err)
	}
	if got := open(click(), asks("Snooze")); got != "<nil>" {
		t.Error(got)
	}
	if err := w.Submit(nadia, map[string]string{"reason": "lunch"}); err != nil || w.Modal(nadia) != nil {
		t.Errorf("got %v, still open: %s", err, w.Modal(nadia))
	}
}

func TestHome(t *testing.T) {
	k := newWorkspace(t)
	app, api, w := k.receive(), k.client(), k.s.Slack()
	_, nadia := k.cardWithButtons()
	if err := w.OpenHome("nadia@acme.example"); err != nil {
		t.Fatal(err)
	}
	var told struct {
		Event struct {
			Type, User, Channel, Tab string
			View                     *struct{ Hash string }
		}
	}
	if err := json.Unmarshal([]byte(app.bodies()[0]), &told); err != nil {
		t.Fatal(err)
	}
	if e := told.Event; e.Type != "app_home_opened" || e.User != nadia || e.Channel != "D"+nadia[1:] || e.Tab != "home" || e.View != nil {
		t.Errorf("got %+v", told)
	}
	mine := func(title string) slack.HomeTabViewRequest {
		return slack.HomeTabViewRequest{Type: "home", Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewHeaderBlock(plain(title)), slack.NewActionBlock("row", slack.NewButtonBlockElement("take", "SUP-1", plain("Take")))}}}
	}
	first := ok[*slack.ViewResponse](t)(api.PublishView(nadia, mine("Mine: 1"), ""))
	second := ok[*slack.ViewResponse](t)(api.PublishView(nadia, mine("Mine: 2"), first.Hash))
	if second.ID != first.ID || second.Hash == first.Hash || !strings.Contains(string(w.Home(nadia)), "Mine: 2") {
		t.Errorf("got %+v then %+v", first, second)
	}
	if _, err := api.PublishView(nadia, mine("Mine: 3"), first.Hash); err == nil || err.Error() != "hash_conflict" || !strings.Contains(string(w.Home(nadia)), "Mine: 2") {
		t.Errorf("an old hash: %v", err)
	}
	if err := w.OpenHome(nadia); err != nil {
		t.Fatal(err)
	}
	if got := sandboxtest.At(decoded(app.bodies()[1]), "event", "view", "hash"); got != second.Hash {
		t.Errorf("an opened home comes with what it shows: got %v", got)
	}
	k.codes(map[string][]string{
		"not_found":         {"views.update", "view_id", "V9", "view", `{"type":"modal","title":{"type":"plain_text","text":"x"},"blocks":[]}`},
		"invalid_arguments": {"views.publish", "user_id", nadia, "view", `{"type":"home"}`},
		"user_not_found":    {"views.publish", "user_id", "U9", "view", `{"type":"home","blocks":[]}`},
		"view_too_large":    {"views.publish", "user_id", nadia, "view", `{"type":"home","blocks":[],"private_metadata":"` + strings.Repeat("x", 250_000) + `"}`},
	})
	if err := w.ClickHome(nadia, "take", "SUP-1"); err != nil {
		t.Fatal(err)
	}
	c := app.clicked(t)
	sandboxtest.Want(t, "click", []string{c.Container.Type, c.Container.ViewID, c.View.ID, c.ActionCallback.BlockActions[0].BlockID, c.ResponseURL}, []string{"view", first.ID, first.ID, "row", ""})
}

func TestUnfurl(t *testing.T) {
	k := newWorkspace(t)
	app, api, w := k.receive(), k.client(), k.s.Slack()
	k.s.Options.Slack.Domains = []string{"zendesk.com"}
	nadia := k.s.Slack().AddUser("nadia@acme.example", "Nadia")
	const link, foreign = "https://acme.zendesk.com/agent/tickets/42", "https://example.com/42"
	ts := ok[string](t)(w.Paste("nadia@acme.example", "#support-sla", "look: "+link+" and "+foreign))
	var told struct {
		Event struct {
			Type, User, Channel string
			TS                  string `json:"message_ts"`
			Member              bool   `json:"is_bot_user_member"`
			ID                  string `json:"unfurl_id"`
			Source              string
			Links               []struct{ Domain, URL string }
		}
	}
	if err := json.Unmarshal([]byte(app.bodies()[0]), &told); err != nil {
		t.Fatal(err)
	}
	if e := told.Event; e.Type != "link_shared" || e.User != nadia || e.Channel != k.id || e.TS != ts || !e.Member || len(e.Links) != 1 || e.Links[0].URL != link || e.Links[0].Domain != "zendesk.com" {
		t.Errorf("got %+v", e)
	}
	shows := func(of, text string) map[string]slack.Attachment {
		return map[string]slack.Attachment{of: {Text: text}}
	}
	if _, _, _, err := api.UnfurlMessage(k.id, ts, shows(link, "due 10:30")); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := api.UnfurlMessageByID(told.Event.ID, told.Event.Source, shows(link, "due 10:45")); err != nil {
		t.Fatal(err)
	}
	if got := string(w.Messages(k.id)[0].Unfurls[link]); !strings.Contains(got, "10:45") {
		t.Errorf("got %s", got)
	}
	work := slack.WorkObjectMetadata{Entities: []slack.WorkObjectEntity{{AppUnfurlURL: link, URL: link, ExternalRef: slack.WorkObjectExternalRef{ID: "42"}, EntityType: "slack#/entities/task"}}}
	if _, _, _, err := api.UnfurlMessageWorkObject(k.id, ts, nil, work); err != nil || !strings.Contains(string(w.Messages(k.id)[0].Metadata), "entities/task") {
		t.Errorf("work object: %v %s", err, w.Messages(k.id)[0].Metadata)
	}
	secret := w.AddPrivateChannel("secret")
	if err := w.Kick(secret); err != nil {
		t.Fatal(err)
	}
	ok[string](t)(w.Paste(nadia, secret, link)) // of which the app isn't told
	k.s.Options.Slack.Events = []string{"reaction_added"}
	untold := ok[string](t)(w.Paste(nadia, k.id, link))
	k.codes(map[string][]string{
		"cannot_unfurl_url":      {"chat.unfurl", "channel", k.id, "ts", untold, "unfurls", `{"` + link + `":{"text":"x"}}`},
		"cannot_unfurl_message":  {"chat.unfurl", "channel", k.id, "ts", ts, "unfurls", `{"https://acme.zendesk.com/9":{"text":"x"}}`},
		"cannot_find_message":    {"chat.unfurl", "channel", k.id, "ts", "1700000000.000001", "unfurls", `{}`},
		"cannot_find_channel":    {"chat.unfurl", "channel", "C9", "ts", ts, "unfurls", `{}`},
		"missing_unfurls":        {"chat.unfurl", "channel", k.id, "ts", ts},
		"invalid_unfurls_format": {"chat.unfurl", "channel", k.id, "ts", ts, "unfurls", `[]`},
		"missing_ts":             {"chat.unfurl", "channel", k.id, "unfurls", `{}`},
	})
	if got := k.call("chat.unfurl", "channel", k.id, "ts", ts, "unfurls", `{"`+foreign+`":{"text":"x"}}`); got["error"] != "cannot_unfurl_url" {
		t.Errorf("a link of another domain: got %v", got)
	}
	if len(app.bodies()) != 1 {
		t.Errorf("told %d times, want once", len(app.bodies()))
	}
}
