package config

import (
	"strings"
	"testing"
)

// Polls that ask for more exports than Zendesk allows are warned of at their line,
// with what to write; those of sources on one account add up.
func TestPace(t *testing.T) {
	source := func(name, address, poll string) string {
		return "[[zendesk]]\nname = \"" + name + "\"\nurl = \"" + address + "\"\ntoken = \"env:ZENDESK_TOKEN\"\npolicies = [\"moveon\"]\npoll = \"" + poll + "\"\n"
	}
	const acme, globex = "https://acme.zendesk.com", "https://globex.zendesk.com"
	six := ""
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		six += source(name, acme, "@every 1m")
	}
	for name, c := range map[string]struct{ text, want string }{
		"the default":            {source("a", acme, "@every 1m"), ""},
		"as fast as can be":      {source("a", acme, "@every 12s"), ""},
		"too fast":               {source("a", acme, "@every 10s"), `:7: zendesk[0].poll: warning: "@every 10s" is up to 6 polls a minute, of up to 2 exports each, and Zendesk allows an account 10 exports a minute; write poll = "@every 15s" or slower`},
		"too fast by seconds":    {source("a", acme, "*/10 * * * * *"), `:7: zendesk[0].poll: warning: "*/10 * * * * *" is up to 6 polls a minute, of up to 2 exports each, and Zendesk allows an account 10 exports a minute; write poll = "@every 15s" or slower`},
		"too fast for an hour":   {source("a", acme, "*/5 * 9 * * mon"), `:7: zendesk[0].poll: warning: "*/5 * 9 * * mon" is up to 12 polls a minute, of up to 2 exports each, and Zendesk allows an account 10 exports a minute; write poll = "@every 15s" or slower`},
		"once a year":            {source("a", acme, "@yearly"), ""},
		"fast on two accounts":   {source("a", acme, "@every 15s") + source("b", globex, "@every 15s"), ""},
		"a few on one account":   {source("a", acme, "@every 30s") + source("b", acme, "@every 30s"), ""},
		"many on one account":    {six, strings.Repeat(`:*: zendesk[*].poll: warning: "@every 1m", with the other sources on acme.zendesk.com, is up to 6 polls a minute, of up to 2 exports each, and Zendesk allows an account 10 exports a minute; write poll = "@every 1m30s" or slower`, 6)},
		"two spellings of one":   {source("a", acme, "@every 20s") + source("b", "https://ACME.zendesk.com/", "@every 15s"), strings.Join([]string{`:7: zendesk[0].poll: warning: "@every 20s", with the other sources on acme.zendesk.com, is up to 7 polls a minute, of up to 2 exports each, and Zendesk allows an account 10 exports a minute; write poll = "@every 30s" or slower`, `:13: zendesk[1].poll: warning: "@every 15s", with the other sources on acme.zendesk.com, is up to 7 polls a minute, of up to 2 exports each, and Zendesk allows an account 10 exports a minute; write poll = "@every 30s" or slower`}, "")},
		"one that can't be read": {source("a", acme, "often"), `:7: zendesk[0].poll: "often" is no cron spec: expected 5 to 6 fields, found 1: [often]; write five fields such as "*/5 * * * *" (minute, hour, day, month, weekday), or "@every 1m"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := Load("config.toml", []byte(oneSlack+c.text), outside())
			said := ""
			for _, p := range problems {
				text := strings.TrimPrefix(p.Error(), "config.toml")
				if len(problems) == 6 {
					text = strings.Replace(text, text[:strings.Index(text, ".poll")], ":*: zendesk[*]", 1)
				}
				said += text
			}
			if said != c.want {
				t.Errorf("got\n%s\nwant\n%s", said, c.want)
			}
		})
	}
}
