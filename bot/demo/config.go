package demo

import (
	"bytes"

	"vigie/bot/config"
	"vigie/connectors/sandbox"
	"vigie/rules"
	"vigie/rules/policies"
	"vigie/rules/policyfile"
	"vigie/rules/tomlfile"
)

// Configuration is the demo's, for vendors at an address that take these tokens: a
// file like any other.
func Configuration(tokens sandbox.Tokens, vendors string, look config.Lookup) (*config.Config, error) {
	secrets := map[string]string{
		"ZENDESK_CLIENT_SECRET": tokens.ZendeskClient.Secret, "ZENDESK_WEBHOOK_SECRET": tokens.ZendeskWebhook,
		"JIRA_TOKEN": tokens.Jira.Token, "JIRA_WEBHOOK_SECRET": tokens.JiraWebhook, "SLACK_BOT_TOKEN": tokens.Slack,
		"SLACK_SIGNING_SECRET": tokens.SlackSigning,
	}
	look.Env = func(name string) string { return secrets[name] }
	look.Policy = func(name string) (*rules.Policy, tomlfile.Problems) {
		text, _ := policies.Read(name)
		return policyfile.Load(name+".toml", withSecondTeam(name, text), policies.ReadFile)
	}
	cfg, problems := config.Load("demo.toml", bytes.ReplaceAll([]byte(ConfigText), []byte("VENDORS"), []byte(vendors)), look)
	return cfg, problems.Err()
}

// withSecondTeam adds to MoveON's policy a team in Pune with hours of its own,
// as a company with two would.
func withSecondTeam(policy string, text []byte) []byte {
	if policy != "moveon" {
		return text
	}
	const team = "[teams]\n\"Support Pune\" = \"pune\"\n"
	if bytes.Contains(text, []byte("\n[teams]\n")) {
		text = bytes.Replace(text, []byte("[teams]\n"), []byte(team), 1)
	} else {
		text = append(bytes.Clone(text), "\n"+team...)
	}
	return append(text, "\n[calendars.pune]\nzone = \"Asia/Kolkata\"\nhours = { mon-fri = [\"09:00-17:00\"] }\n"...)
}

const ConfigText = `
[store]
url = "demo.db"
backfill = "30 days"

[[zendesk]]
name = "zendesk"
url = "VENDORS"
client_id = "vigie"
client_secret = "env:ZENDESK_CLIENT_SECRET"
webhook_secret = "env:ZENDESK_WEBHOOK_SECRET"
poll = "@every 10m"
quota_share = 1.0
policies = ["moveon"]
due_fields = { update = 360001, resolution = [360002, 360003] }
kinds = { feature_request = "feature" }

[[jira]]
name = "jira"
url = "VENDORS"
email = "bot@acme.example"
token = "env:JIRA_TOKEN"
webhook_secret = "env:JIRA_WEBHOOK_SECRET"
poll = "@every 10m"
projects = ["SUP"]
policies = ["meteorage"]
due_fields = { first_reply = "customfield_10050" }
kinds = { "Assistance technique" = "assistance", "Question générale" = "question", "Suggérer une amélioration" = "suggestion" }
unset_priorities = ["Medium"]
channels = { portal = "web", phone = "phone" }

[[oncall]]
name = "astreinte"
zone = "Europe/Paris"
people = ["leo@acme.example"]
since = "2026-11-02 08:00"

[[calls]]
when = 'policy == "moveon" and priority == "urgent"'
steps = [
  { at = "warning", call = ["team"] },
  { at = "breach", call = ["team"] },
  { after = "1 business hour", call = ["nadia@acme.example"] },
]

[[calls]]
when = 'policy == "meteorage" and priority == "haute"'
steps = [{ at = "warning", call = ["oncall:astreinte"] }]

[slack]
token = "env:SLACK_BOT_TOKEN"
signing_secret = "env:SLACK_SIGNING_SECRET"
api_url = "VENDORS/api/"
channel = "#support-sla"
language = "en"
teams = { "Support Berlin" = "@support-berlin", "Support Pune" = "@support-pune" }

[[slack.routes]]
when = 'policy == "meteorage" and priority == "haute" and not open_now'
channel = "#astreinte"
language = "fr"

[[slack.routes]]
when = 'policy == "meteorage"'
channel = "#support-meteorage"
language = "fr"
gather = true

[schedule]
digest = "0 8 * * mon-fri"
`
