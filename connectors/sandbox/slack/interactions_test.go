package slack_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"vigie/connectors/sandbox/sandboxtest"
)

const cardBlocks = `[
 {"type":"section","block_id":"head","text":{"type":"mrkdwn","text":"Reply to SUP-1 by 10:30"},
  "accessory":{"type":"static_select","action_id":"priority","placeholder":{"type":"plain_text","text":"Priority"},
   "options":[{"text":{"type":"plain_text","text":"High"},"value":"high"},{"text":{"type":"plain_text","text":"Low"},"value":"low"}]}},
 {"type":"actions","elements":[
  {"type":"button","action_id":"take","value":"SUP-1","text":{"type":"plain_text","text":"Take"}},
  {"type":"overflow","action_id":"menu","options":[{"text":{"type":"plain_text","text":"Why?"},"value":"why"}]}]}]`

// clicked is what the app was told last, as a stranger's client reads it.
func (a *anApp) clicked(t *testing.T) (c slack.InteractionCallback) {
	t.Helper()
	all := a.bodies()
	form, err := url.ParseQuery(all[len(all)-1])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(form.Get("payload")), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// cardWithButtons posts it and has Nadia there.
func (k *workspace) cardWithButtons() (ts, nadia string) {
	nadia = k.s.Slack().AddUser("nadia@acme.example", "Nadia")
	return k.must("chat.postMessage", "channel", k.id, "text", "card", "blocks", cardBlocks)["ts"].(string), nadia
}

func TestClickAndChoose(t *testing.T) {
	k := newWorkspace(t)
	app := k.receive()
	ts, nadia := k.cardWithButtons()
	k.s.Slack().AddUser("sami@acme.example", "Sami")
	w := k.s.Slack()
	if err := w.Click("nadia@acme.example", "#support-sla", ts, "take", "SUP-1"); err != nil {
		t.Fatal(err)
	}
	c := app.clicked(t)
	a := c.ActionCallback.BlockActions[0]
	sandboxtest.Want(t, "click", []string{string(c.Type), c.User.ID, c.Channel.ID, c.Container.MessageTs, c.Message.Timestamp, a.ActionID, a.BlockID, a.Value, c.Team.ID},
		[]string{"block_actions", nadia, k.id, ts, ts, "take", "sandbox1", "SUP-1", "T0SANDBOX1"})
	if c.TriggerID == "" || a.ActionTs == "" {
		t.Errorf("got %+v", c)
	}
	if err := w.Choose(nadia, k.id, ts, "menu", "why"); err != nil || app.clicked(t).ActionCallback.BlockActions[0].SelectedOption.Value != "why" {
		t.Errorf("overflow: %v %+v", err, app.clicked(t))
	}
	if err := w.Choose(nadia, k.id, ts, "priority", "low"); err != nil {
		t.Fatal(err)
	}
	if c := app.clicked(t); c.BlockActionState.Values["head"]["priority"].SelectedOption.Value != "low" {
		t.Errorf("select: %+v", c)
	}
	if err := w.Leave(k.id, "sami@acme.example"); err != nil {
		t.Fatal(err)
	}
	persons := ok[string](t)(w.Say(k.id, nadia, "mine", ""))
	before := len(app.bodies())
	for what, err := range map[string]error{
		"no such button":       w.Click(nadia, k.id, ts, "takes", ""),
		"another value":        w.Click(nadia, k.id, ts, "take", "SUP-2"),
		"a menu is no button":  w.Click(nadia, k.id, ts, "menu", ""),
		"no such option":       w.Choose(nadia, k.id, ts, "priority", "urgent"),
		"no such message":      w.Click(nadia, k.id, "1700000000.000001", "take", ""),
		"who isn't in channel": w.Click("sami@acme.example", k.id, ts, "take", ""),
		"a person's message":   w.Click(nadia, k.id, persons, "take", ""),
		"nobody":               w.Click("x@acme.example", k.id, ts, "take", ""),
	} {
		if err == nil {
			t.Errorf("%s: done", what)
		}
	}
	if len(app.bodies()) != before {
		t.Error("the app was told of what can't be done")
	}
	// Interactions come once, whatever the app answers.
	app.answers = func(w http.ResponseWriter, _ *http.Request, _ string) { w.WriteHeader(http.StatusInternalServerError) }
	if err := w.Click(nadia, k.id, ts, "take", ""); err == nil || !strings.Contains(err.Error(), "500") || k.deliver() != 0 || w.Waiting() != 0 || len(w.Lost()) != 1 {
		t.Errorf("got %v, %d wait, lost %d", err, w.Waiting(), len(w.Lost()))
	}
}

func TestResponseURL(t *testing.T) {
	k := newWorkspace(t)
	real := time.Now()
	k.s.Real = func() time.Time { return real }
	app := k.receive()
	w := k.s.Slack()
	ts, nadia := k.cardWithButtons()
	click := func() string {
		t.Helper()
		if err := w.Click(nadia, k.id, ts, "take", ""); err != nil {
			t.Fatal(err)
		}
		return app.clicked(t).ResponseURL
	}
	answer := func(url string, m slack.WebhookMessage) string { return fmt.Sprint(slack.PostWebhook(url, &m)) }
	first := click()
	if got := answer(first, slack.WebhookMessage{Text: "taken", ReplaceOriginal: true}); got != "<nil>" || w.Messages(k.id)[0].Text != "taken" || w.Messages(k.id)[0].Blocks != nil {
		t.Errorf("replace: %s %+v", got, w.Messages(k.id))
	}
	if got := answer(first, slack.WebhookMessage{Text: "because"}); got != "<nil>" || len(w.Ephemeral(nadia)) != 1 || w.Ephemeral(nadia)[0].Text != "because" {
		t.Errorf("ephemeral: %s %+v", got, w.Ephemeral(nadia))
	}
	if got := answer(first, slack.WebhookMessage{Text: "all", ResponseType: "in_channel"}); got != "<nil>" || w.Messages(k.id)[2].Only != "" {
		t.Errorf("in channel: %s %+v", got, w.Messages(k.id))
	}
	if got := answer(first, slack.WebhookMessage{}); !strings.Contains(got, "400") {
		t.Errorf("nothing to say: %s", got)
	}
	if got := answer(first, slack.WebhookMessage{DeleteOriginal: true}); got != "<nil>" || len(w.Messages(k.id)) != 2 {
		t.Errorf("delete: %s %+v", got, w.Messages(k.id))
	}
	if got := answer(first, slack.WebhookMessage{Text: "the sixth"}); !strings.Contains(got, "404") || len(w.Messages(k.id)) != 2 {
		t.Errorf("a sixth use: %s", got)
	}
	ts, _ = k.cardWithButtons()
	late := click()
	real = real.Add(30*time.Minute + time.Second)
	if got := answer(late, slack.WebhookMessage{Text: "late"}); !strings.Contains(got, "404") {
		t.Errorf("after half an hour: %s", got)
	}
}

func TestEphemeral(t *testing.T) {
	k := newWorkspace(t)
	app := k.receive()
	_, nadia := k.cardWithButtons()
	sami := k.s.Slack().AddUser("sami@acme.example", "Sami")
	if err := k.s.Slack().Leave(k.id, sami); err != nil {
		t.Fatal(err)
	}
	api := k.client()
	if _, err := api.PostEphemeral(k.id, sami, slack.MsgOptionText("psst", false)); err == nil || err.Error() != "user_not_in_channel" {
		t.Errorf("got %v", err)
	}
	ts := ok[string](t)(api.PostEphemeral(k.id, nadia, slack.MsgOptionText("psst", false), slack.MsgOptionBlocks(
		slack.NewActionBlock("", slack.NewButtonBlockElement("fine", "1", slack.NewTextBlockObject("plain_text", "Fine", false, false))))))
	if list := k.s.Slack().Ephemeral("nadia@acme.example"); len(list) != 1 || list[0].TS != ts || len(k.s.Slack().Ephemeral(sami)) != 0 {
		t.Errorf("got %+v", list)
	}
	if err := k.s.Slack().Click(nadia, k.id, ts, "fine", ""); err != nil || !app.clicked(t).Container.IsEphemeral {
		t.Errorf("got %v", err)
	}
	k.codes(map[string][]string{
		"message_not_found":   {"chat.update", "channel", k.id, "ts", ts, "text", "x"},
		"cant_delete_message": {"chat.delete", "channel", k.id, "ts", ok[string](t)(k.s.Slack().Say(k.id, nadia, "mine", ""))},
	})
	if err := slack.PostWebhook(app.clicked(t).ResponseURL, &slack.WebhookMessage{DeleteOriginal: true}); err != nil || len(k.s.Slack().Ephemeral(nadia)) != 0 {
		t.Errorf("got %v", err)
	}
	card := k.s.Slack().Messages(k.id)[0].TS
	if _, _, err := api.DeleteMessage(k.id, card); err != nil || k.s.Slack().Messages(k.id)[0].TS == card {
		t.Errorf("got %v", err)
	}
}

// The address of an answer leads to where this Slack says that it is reached.
func TestOwnAddress(t *testing.T) {
	k := newWorkspace(t)
	app := k.receive()
	ts, nadia := k.cardWithButtons()
	for _, own := range []string{"", "https://slack.acme.example/"} {
		k.s.Options.Slack.URL = own
		if err := k.s.Slack().Click(nadia, k.id, ts, "take", ""); err != nil {
			t.Fatal(err)
		}
		want := strings.TrimSuffix(own, "/")
		if own == "" {
			want = k.url
		}
		if got := app.clicked(t).ResponseURL; !strings.HasPrefix(got, want+"/actions/T0SANDBOX1/") {
			t.Errorf("got %s, want one at %s", got, want)
		}
	}
}

func TestCommand(t *testing.T) {
	k := newWorkspace(t)
	app := k.receive()
	w := k.s.Slack()
	_, nadia := k.cardWithButtons()
	app.answers = func(w http.ResponseWriter, _ *http.Request, body string) {
		form, _ := url.ParseQuery(body)
		fmt.Fprint(w, map[string]string{"mine": `{"response_type":"in_channel","text":"none"}`, "help": "just words"}[form.Get("text")])
	}
	for _, line := range []string{"/sla mine", "/sla help", "/sla"} {
		if err := w.Command(nadia, k.id, line); err != nil {
			t.Fatal(err)
		}
	}
	form, err := url.ParseQuery(app.bodies()[0])
	if err != nil {
		t.Fatal(err)
	}
	sandboxtest.Want(t, "command", []string{form.Get("command"), form.Get("text"), form.Get("user_id"), form.Get("user_name"), form.Get("channel_id"), form.Get("channel_name")},
		[]string{"/sla", "mine", nadia, "nadia", k.id, "support-sla"})
	if m := w.Messages(k.id); len(m) != 3 || m[1].Text != "none" || m[1].Only != "" || m[2].Text != "just words" || m[2].Only != nadia {
		t.Errorf("got %+v", m)
	}
	if err := slack.PostWebhook(form.Get("response_url"), &slack.WebhookMessage{Text: "later"}); err != nil || len(w.Ephemeral(nadia)) != 2 {
		t.Errorf("got %v", err)
	}
	if err := w.Command(nadia, k.id, "sla"); err == nil {
		t.Error("that is no command")
	}
}

// By Socket Mode commands and submissions take an answer with the acknowledgement.
func TestCommandBySocket(t *testing.T) {
	k := newWorkspace(t)
	_, nadia := k.cardWithButtons()
	l, _ := k.dial()
	go func() {
		m := l.read()
		if m.Type != "slash_commands" || !m.Accepts {
			t.Errorf("got %+v", m)
		}
		_ = l.ws.WriteJSON(map[string]any{"envelope_id": m.EnvelopeID, "payload": map[string]string{"text": "none"}})
	}()
	if err := k.s.Slack().Command("nadia@acme.example", k.id, "/sla mine"); err != nil || k.s.Slack().Ephemeral(nadia)[0].Text != "none" {
		t.Errorf("got %v %+v", err, k.s.Slack().Ephemeral(nadia))
	}
	k.s.Slack().Cut()
	if err := k.s.Slack().Command(nadia, k.id, "/sla mine"); err == nil {
		t.Error("nobody is there, and the person isn't told")
	}
}
