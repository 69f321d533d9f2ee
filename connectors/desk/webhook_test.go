package desk

import (
	"testing"
	"vigie/connectors/findings"
)

// Which of an account's webhooks is ours, and what is said of the others.
func TestOurWebhook(t *testing.T) {
	const here, there = "https://vigie.example/webhooks/zendesk", "https://old.example/webhooks/zendesk"
	hook := func(id, name, address string, active bool) Webhook {
		return Webhook{ID: id, Name: name, Address: address, Active: active}
	}
	silent := hook("9", "Vigie zendesk", here, true)
	silent.Amiss = findings.Finding{Weight: findings.Wrong, Text: "it says nothing", Remedy: "speak to it"}
	for _, c := range []struct {
		name  string
		all   []Webhook
		own   string // id; empty = none
		amiss string // text of what is amiss; empty = nothing
	}{
		{"none at all", nil, "", ""},
		{"by its address, whatever its name", []Webhook{hook("1", "Ours", here, true)}, "1", ""},
		{"an active one before one that is off", []Webhook{hook("1", "Ours", here, false), hook("2", "Other", here, true)}, "2", ""},
		{"one that is off before one of the name", []Webhook{hook("1", "Vigie zendesk", there, false), hook("2", "Other", here, false)}, "2", ""},
		{"by its name, wherever it goes", []Webhook{hook("1", "Vigie zendesk", there, true)}, "1", ""},
		{"of neither, at the same path elsewhere", []Webhook{hook("1", "Old", there, true)}, "", `webhook "Old" goes to ` + there},
		{"the same, but off", []Webhook{hook("1", "Old", there, false)}, "", ""},
		{"of another path", []Webhook{hook("1", "Wiki", "https://old.example/wiki", true)}, "", ""},
		{"of an address that is none", []Webhook{hook("1", "Odd", "://", true)}, "", ""},
		{"with what keeps it silent", []Webhook{silent}, "9", "it says nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			own, amiss := OurWebhook(c.all, "Vigie zendesk", here)
			id, text := "", ""
			if own != nil {
				id = own.ID
			}
			for _, f := range amiss {
				text += f.Text
			}
			if id != c.own || text != c.amiss {
				t.Errorf("got %q, %q, want %q, %q", id, text, c.own, c.amiss)
			}
		})
	}
}
