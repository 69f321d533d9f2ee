package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// escalating is a Zendesk of five lines, for another key.
const anOAuthClient = `client_id = "vigie" and client_secret = "env:ZENDESK_CLIENT_SECRET", of an OAuth client of the kind confidential (Admin Center > Apps and integrations > APIs > OAuth clients)`

const escalating = "[[zendesk]]\nurl = \"https://acme.zendesk.com\"\ntoken = \"env:ZENDESK_TOKEN\"\npolicies = [\"moveon\"]\n"

func TestMistakes(t *testing.T) {
	jira := oneZendesk + oneSlack + `[[jira]]
url = "https://jira.acme.example"
token = "env:JIRA_TOKEN"
projects = ["SUP"]
policies = ["meteorage"]
` // what a case adds to it stands on line 8
	rest := oneZendesk + oneSlack                                                                      // … and on line 3
	zendesk := oneSlack + "[[zendesk]]\nurl = \"https://acme.zendesk.com\"\npolicies = [\"moveon\"]\n" // … and on line 5
	for _, c := range []struct{ name, text, want string }{
		{"not TOML", "[store\n", `:1: this isn't TOML: expected ']' to close table name; a line reads like key = "text" (toml.io)`},
		{"nothing", oneSlack, `: there is no source of tickets; add a [[zendesk]] or a [[jira]] table`},
		{"one table for several", oneSlack + "[zendesk]\n", `:2: zendesk: want tables headed [[zendesk]], got a table`},
		{"misspelt table", rest + "[shedule]\n", `:3: shedule: unknown key; did you mean "schedule"?`},
		{"misspelt key", jira + "polll = \"@daily\"", `:8: jira[0].polll: unknown key; did you mean "poll"?`},

		{"no database", rest + "[store]\nurl = \"\"", `:4: store.url: names no database; write a file such as "vigie.db", or "postgres://…", or env:NAME`},
		{"unknown database", rest + "[store]\nurl = \"mysql://db\"", `:4: store.url: is no database that Vigie knows; write a file such as "vigie.db", or "postgres://…"`},
		{"password in the database", rest + "[store]\nurl = \"postgres://vigie:s3cret@db/vigie\"",
			`:4: store.url: has a password in it; write url = "env:VIGIE_DATABASE" and put the whole URL into that environment variable`},
		{"business backfill", rest + "[store]\nbackfill = \"2 business days\"",
			`:4: store.backfill: "2 business days" counts on a calendar, and there is none here; write plain time, such as "90 days"`},
		{"kept too short", rest + "[store]\nkeep = \"6 days\"", `:4: store.keep: is shorter than vendors may repeat a webhook, and than anybody remembers; write at least "7 days"`},
		{"Go's duration", rest + "[store]\nbackfill = \"90d\"",
			`:4: store.backfill: "90d" is no length of time; write one such as "90 days"`},
		{"backwards", rest + "[store]\nbackfill = \"-3 days\"", `:4: store.backfill: "-3 days" is no length of time; write one such as "90 days"`},

		{"no port", rest + "[web]\nlisten = \"localhost\"", `:4: web.listen: "localhost" is no address to listen on; write host:port, such as "127.0.0.1:8080"`},
		{"open without a token", rest + "[web]\nlisten = \"0.0.0.0:80\"",
			`:3: web.token: is missing, and listen = "0.0.0.0:80" is open to other machines; write token = "env:VIGIE_TOKEN" and put a long random text into that environment variable`},
		{"public without a token", rest + "[web]\npublic_url = \"https://vigie.example\"",
			`:3: web.token: is missing, and public_url says that others can reach the pages; write token = "env:VIGIE_TOKEN" and put a long random text into that environment variable`},
		{"too few connections", rest + "[web]\nconnections = 19", `:4: web.connections: 19 is too few: a browser and each vendor hold several; write at least 20, such as 1000`},
		{"half a connection", rest + "[web]\nconnections = 1000.5", `:4: web.connections: 1000.5 is no number of them; write a whole one up to a million, such as 1000`},
		{"endless connections", rest + "[web]\nconnections = inf", `:4: web.connections: +Inf is no number of them; write a whole one up to a million, such as 1000`},
		{"connections in words", rest + "[web]\nconnections = \"many\"", `:4: web.connections: want a number, got the text "many"`},
		{"no webhooks", rest + "[web]\nwebhooks_per_second = 0", `:4: web.webhooks_per_second: 0 is too few: none would come in; write at least 1, such as 2000`},
		{"an issuer without the rest", rest + "[web]\npublic_url = \"https://vigie.example\"\n[web.oidc]", `:5: web.oidc.client_id: is missing; write client_id = "vigie"
:5: web.oidc.client_secret: is missing; write client_secret = "env:VIGIE_OIDC_SECRET" and put the secret into that environment variable
:5: web.oidc.issuer: is missing; write issuer = "https://login.acme.example"
:5: web.oidc.allow: is missing; write whom the issuer may let in, such as allow = ["@acme.example"]`},
		{"an issuer, and no way back", rest + "[web]\n[web.oidc]\nissuer = \"https://login.acme.example\"\nclient_id = \"vigie\"\nclient_secret = \"env:VIGIE_TOKEN\"\nallow = [\"@acme.example\"]",
			`:3: web.public_url: is missing: the issuer of [web.oidc] sends people back to it; write public_url = "https://vigie.example"`},
		{"an issuer's mistakes", rest + "[web]\npublic_url = \"https://vigie.example\"\n[web.oidc]\nissuer = \"login.acme.example\"\nclient_id = \"vigie\"\nclient_secret = \"hunter2\"\nallow = [\"@acme.example\", \"acme.example\"]",
			`:6: web.oidc.issuer: is no web address; write one such as "https://login.acme.example"
:8: web.oidc.client_secret: a secret is never written here; write client_secret = "env:VIGIE_OIDC_SECRET" and put it into that environment variable, or "file:PATH"
:9: web.oidc.allow[1]: "acme.example" is no e-mail address and no domain; write one such as "nadia@acme.example" or "@acme.example"`},
		{"relative public_url", rest + "[web]\ntoken = \"env:VIGIE_TOKEN\"\npublic_url = \"vigie.example\"",
			`:5: web.public_url: is no web address; write one such as "https://vigie.example"`},
		{"a user in an address", rest + "[web]\ntoken = \"env:VIGIE_TOKEN\"\npublic_url = \"https://nadia@vigie.example\"",
			`:5: web.public_url: has a user or password in it; write the address alone, such as "https://vigie.example"`},
		{"a query in an address", rest + "[web]\nlisten = \"localhost:80\"\ntoken = \"env:VIGIE_TOKEN\"\npublic_url = \"https://vigie.example/?a=b\"",
			`:6: web.public_url: has a ? or # in it; write the address alone, such as "https://vigie.example"`},
		{"a mistaken reference", rest + "[store]\nurl = \"env:MY-DATABASE\"", `:4: store.url: names no database; write a file such as "vigie.db", or "postgres://…", or env:NAME`},
		{"a database in an unset variable", rest + "[store]\nurl = \"env:NOWHERE\"", `:4: store.url: the environment variable NOWHERE is not set, or empty; put the secret into it`},

		{"a gateway without a site", oneZendesk + oneSlack + "[[jira]]\nurl = \"https://api.atlassian.com/ex/jira\"\ntoken = \"env:JIRA_TOKEN\"\nprojects = [\"SUP\"]\npolicies = [\"meteorage\"]\n",
			`:4: jira[0].url: doesn't say which site; write "https://api.atlassian.com/ex/jira/<cloudId>", with the cloudId that https://acme.atlassian.net/_edge/tenant_info shows of yours`},
		{"bare source", oneSlack + "[[zendesk]]", `:2: zendesk[0].policies: is missing; write policies = ["moveon"]
:2: zendesk[0].url: is missing; write url = "https://acme.zendesk.com"
:2: zendesk[0].client_id: is missing; write ` + anOAuthClient},
		{"an address of the API", strings.Replace(jira, "jira.acme.example", "acme.example/jira/rest/api/2/", 1), `:4: jira[0].url: has "/rest/api/2" at its end, which Vigie adds by itself; write what stands before it`},
		{"an e-mail address without a token", zendesk + "email = \"bot@acme.example\"", `:2: zendesk[0].token: is missing, and email is nothing without it; take email out and write ` + anOAuthClient},
		{"an OAuth client's secret alone", zendesk + "client_secret = \"env:ZENDESK_TOKEN\"", `:2: zendesk[0].client_id: is missing; write the OAuth client's identifier, such as client_id = "vigie"`},
		{"an OAuth client without its secret", zendesk + "client_id = \"vigie\"", `:2: zendesk[0].client_secret: is missing; write client_secret = "env:ZENDESK_CLIENT_SECRET" and put the OAuth client's secret into that environment variable`},
		{"an OAuth client and a token", zendesk + "client_id = \"vigie\"\nclient_secret = \"env:ZENDESK_TOKEN\"\ntoken = \"env:ZENDESK_TOKEN\"", `:7: zendesk[0].token: is one way to sign in, client_id and client_secret are another; keep those, and take token out`},
		{"a secret and a token", zendesk + "client_secret = \"env:ZENDESK_TOKEN\"\ntoken = \"env:ZENDESK_TOKEN\"", `:2: zendesk[0].client_id: is missing; write the OAuth client's identifier, such as client_id = "vigie"`},
		{"an OAuth client and an account", zendesk + "email = \"bot@acme.example\"\nclient_id = \"vigie\"\nclient_secret = \"env:ZENDESK_TOKEN\"", `:5: zendesk[0].email: belongs to an API token, and client_id and client_secret sign in without it; take email out`},
		{"an OAuth client's secret itself", zendesk + "client_id = \"vigie\"\nclient_secret = \"s3cret\"", `:6: zendesk[0].client_secret: a secret is never written here; write client_secret = "env:ZENDESK_CLIENT_SECRET" and put it into that environment variable, or "file:PATH"`},
		{"an OAuth client by its name", zendesk + "client_id = \"Vigie at Acme\"\nclient_secret = \"env:ZENDESK_TOKEN\"", `:5: zendesk[0].client_id: "Vigie at Acme" is no OAuth client's identifier; write it as it stands on the client's page, such as "vigie"`},
		{"a name twice", jira + "name = \"zendesk\"", `:8: jira[0].name: another source is named "zendesk"; write a different name here`},
		{"a name of Vigie's own", jira + "name = \"chat\"", `:8: jira[0].name: "chat" is what Vigie calls a part of itself; write a different name here`},
		{"a name in capitals", jira + "name = \"Jira Paris\"", `:8: jira[0].name: "Jira Paris" is no name; write small letters, digits, - and _, such as "jira"`},
		{"Jira Cloud without e-mail", oneZendesk + oneSlack + `[[jira]]
url = "https://acme.atlassian.net"
token = "env:JIRA_TOKEN"
projects = []
policies = ["meteorage"]`, `:3: jira[0].email: is missing; Jira Cloud wants the account that the token belongs to, such as email = "bot@acme.example"
:6: jira[0].projects: is missing; write projects = ["SUP"]`},
		{"a name for an address", jira + "email = \"Bot <bot@acme.example>\"", `:8: jira[0].email: "Bot <bot@acme.example>" is no e-mail address; write one such as "bot@acme.example"`},
		{"unknown policy", strings.Replace(jira, "meteorage", "meteoroge", 1),
			`:7: jira[0].policies[0]: there is no policy "meteoroge"; write a built-in policy's name or a file, such as "moveon" or "policies/acme.toml"`},
		{"no cron", jira + "poll = \"every minute\"",
			`:8: jira[0].poll: "every minute" is no cron spec: expected 5 to 6 fields, found 2: [every minute]; write five fields such as "*/5 * * * *" (minute, hour, day, month, weekday), or "@every 1m"`},
		{"language by its name", jira + `language = "français"`, `:8: jira[0].language: "français" is no language; write its code, such as "fr"`},
		{"share in per cent", jira + "quota_share = 50", `:8: jira[0].quota_share: 50 is no share; write a number above 0 and up to 1, such as 0.5`},
		{"no share", jira + "quota_share = nan", `:8: jira[0].quota_share: NaN is no share; write a number above 0 and up to 1, such as 0.5`},
		{"unknown metric", jira + "due_fields = { resolutoin = \"customfield_1\" }", `:8: jira[0].due_fields.resolutoin: unknown key; did you mean "resolution"?`},
		{"a field twice", jira + "due_fields = { resolution = \"duedate\", update = [\"duedate\"] }",
			`:8: jira[0].due_fields.resolution: field duedate already shows update; give each metric a field of its own`},
		{"no field", jira + "due_fields = { resolution = [0, \"Due date\", true] }",
			`:8: jira[0].due_fields.resolution[0]: is no field; write its id, such as 360001 or "customfield_10050"
:8: jira[0].due_fields.resolution[1]: is no field; write its id, such as 360001 or "customfield_10050"
:8: jira[0].due_fields.resolution[2]: is no field; write its id, such as 360001 or "customfield_10050"`},
		{"automation by name", jira + "automations = [\"Nadia's robot\"]",
			`:8: jira[0].automations[0]: "Nadia's robot" is neither an e-mail address nor an account's id; write "bot@acme.example"`},
		{"unknown status", jira + "status = { Blocked = \"on_hold\" }",
			`:8: jira[0].status.Blocked: status "on_hold" is unknown; write one of new, open, waiting_customer, waiting_third_party, solved, closed, deleted`},
		{"a kind in capitals", jira + "kinds = { Bug = \"Problem\" }", `:8: jira[0].kinds.Bug: "Problem" is no kind; write small letters, digits and _, such as "feature"`},
		{"a channel in capitals", jira + "channels = { portal = \"Web\" }", `:8: jira[0].channels.portal: "Web" is no channel; write small letters, digits and _, such as "web"`},
		{"staff by address", jira + "staff_groups = [\"nadia@acme.example\", \"\"]",
			`:8: jira[0].staff_groups[0]: "nadia@acme.example" is no group; write the name that Jira shows under Groups, such as "jira-servicemanagement-users-acme"
:8: jira[0].staff_groups[1]: "" is no group; write the name that Jira shows under Groups, such as "jira-servicemanagement-users-acme"`},
		{"an SLA of no metric", jira + "slas = { \"Time to fix\" = \"fix\" }", `:8: jira[0].slas.Time to fix: "fix" is no metric; write one of first_reply, next_reply, update, resolution`},
		{"JQL for a project", strings.Replace(jira, "\"SUP\"", "\"SUP) OR (1=1\"", 1),
			`:6: jira[0].projects[0]: "SUP) OR (1=1" is no project key; write the letters before an issue's number, such as "SUP"`},
		{"escalated to nobody", oneSlack + escalating + "escalate_to = \"jira\"\n", `:6: zendesk[0].escalate_to: there is no [[jira]] that "jira" could name; add one`},
		{"escalated to a Jira by another name", oneSlack + escalating + "escalate_to = \"jria\"\n" + "[[jira]]\nurl = \"https://jira.acme.example\"\ntoken = \"env:JIRA_TOKEN\"\nprojects = [\"SUP\"]\npolicies = [\"meteorage\"]\n",
			`:6: zendesk[0].escalate_to: no [[jira]] is named "jria"; did you mean "jira"?`},
		{"a group by name", jira + "group = \"Team\"", `:8: jira[0].group: "Team" can't hold the team; write "customfield_10060", "component" or "project"`},
		{"wrong types once each", jira + "name = 1\nemail = 2\npoll = 3\ngroup = 4\nkinds = { a = 5 }\nstatus = { a = 6 }\nquota_share = \"7\"\nwrite_priority = 8\nautomations = 9\nwebhook_secret = 10",
			`:8: jira[0].name: want a text in quotes, got the number 1
:9: jira[0].email: want a text in quotes, got the number 2
:10: jira[0].poll: want a text in quotes, got the number 3
:11: jira[0].group: want a text in quotes, got the number 4
:12: jira[0].kinds.a: want a text in quotes, got the number 5
:13: jira[0].status.a: want a text in quotes, got the number 6
:14: jira[0].quota_share: want a number, got the text "7"
:15: jira[0].write_priority: want true or false, got the number 8
:16: jira[0].automations: want a list of texts such as ["a", "b"], got the number 9
:17: jira[0].webhook_secret: a secret is never written here; write webhook_secret = "env:JIRA_WEBHOOK_SECRET" and put it into that environment variable, or "file:PATH"`},

		{"proxies that are none", oneZendesk + oneSlack + `web = { proxies = ["10.0.0.5", "proxy.acme.example", "0.0.0.0/0", "::/0", "10.0.0.5:80", "::ffff:10.0.0.5", "fe80::1%eth0"] }`,
			`:3: web.proxies[1]: "proxy.acme.example" is no address; write your proxy's, or a range, such as "10.0.0.5" or "10.0.0.0/8"
:3: web.proxies[2]: "0.0.0.0/0" is everybody; write your proxy's address alone, such as "10.0.0.5"
:3: web.proxies[3]: "::/0" is everybody; write your proxy's address alone, such as "10.0.0.5"
:3: web.proxies[4]: "10.0.0.5:80" is no address; write your proxy's, or a range, such as "10.0.0.5" or "10.0.0.0/8"
:3: web.proxies[5]: "::ffff:10.0.0.5" is no address; write your proxy's, or a range, such as "10.0.0.5" or "10.0.0.0/8"
:3: web.proxies[6]: "fe80::1%eth0" is no address; write your proxy's, or a range, such as "10.0.0.5" or "10.0.0.0/8"`},
		{"a proxy's header without a proxy", oneZendesk + oneSlack + `web = { proxy_header = "X-Forwarded-User" }`,
			`:3: web.proxies: is missing: anybody could send X-Forwarded-User; write your proxy's address, such as proxies = ["10.0.0.5"]`},
		{"a proxy's header that is none", oneZendesk + oneSlack + `web = { proxy_header = "X Forwarded: User", proxies = ["10.0.0.5"] }`,
			`:3: web.proxy_header: "X Forwarded: User" is no header; write the one in which your proxy names people, such as "X-Forwarded-User"`},
		{"bare slack", oneZendesk + "[slack]", `:2: slack.token: is missing; write token = "env:SLACK_BOT_TOKEN" and put the secret into that environment variable
:2: slack.channel: is missing; write channel = "#support-sla"`},
		{"a channel without #", oneZendesk + "[slack]\ntoken = \"env:SLACK_BOT_TOKEN\"\nchannel = \"support-sla\"",
			`:4: slack.channel: "support-sla" is no channel; write its name such as "#support-sla", or its id such as "C024BE91L"`},
		{"a third language", oneZendesk + "[slack]\ntoken = \"env:SLACK_BOT_TOKEN\"\nchannel = \"#a\"\nlanguage = \"de\"",
			`:5: slack.language: "de" is not spoken here; write "fr" or "en"`},
		{"a route to nowhere", oneZendesk + "[slack]\ntoken = \"env:SLACK_BOT_TOKEN\"\nchannel = \"#a\"\n[[slack.routes]]",
			`:5: slack.routes[0].channel: is missing; write channel = "#support-sla"
:5: slack.routes[0].when: is missing; write when = 'priority == "urgent" and not open_now'`},
		{"a digest of nothing", oneZendesk + "[slack]\ntoken = \"env:SLACK_BOT_TOKEN\"\nchannel = \"#a\"\n[[slack.digests]]",
			`:5: slack.digests[0].channel: is missing; write channel = "#support-sla"
:5: slack.digests[0].when: is missing; write when = 'policy == "meteorage"'
:5: slack.digests[0].at: is missing; write at = ["opening", "closing"]`},
		{"a digest at no time", oneZendesk + "[slack]\ntoken = \"env:SLACK_BOT_TOKEN\"\nchannel = \"#a\"\n[[slack.digests]]\nchannel = \"b\"\nwhen = 'open_now'\nat = [\"opening\", \"noon\"]\nlanguage = \"xx\"",
			`:6: slack.digests[0].channel: "b" is no channel; write its name such as "#support-sla", or its id such as "C024BE91L"
:8: slack.digests[0].at[1]: "noon" is no time of a digest; write "opening", "closing", or a cron spec such as "0 8 * * mon-fri"
:9: slack.digests[0].language: "xx" is not spoken here; write "fr" or "en"`},
		{"a route on what isn't known", oneZendesk + "[slack]\ntoken = \"env:SLACK_BOT_TOKEN\"\nchannel = \"#a\"\n[[slack.routes]]\nchannel = \"#b\"\nwhen = 'weather == \"bad\"'",
			`:7: slack.routes[0].when: unknown name weather; a condition reads like kind == "problem" and not ("vip" in tags)`},

		{"bare CET", rest + "[schedule]\nzone = \"CET\"", `:4: schedule.zone: "CET" doesn't say which place's clock changes to follow: write a city such as Europe/Paris or Europe/Berlin`},
		{"unknown zone", rest + "[schedule]\nzone = \"Europe/Toulouse\"", `:4: schedule.zone: "Europe/Toulouse" is no time zone: write an IANA name such as Europe/Paris or Europe/Berlin`},
		{"never reconciled", rest + "[schedule]\nreconcile = \"\"", `:4: schedule.reconcile: "" is no cron spec: empty spec string; write five fields such as "*/5 * * * *" (minute, hour, day, month, weekday), or "@every 1m"`},
		{"a day that never comes", rest + "[schedule]\ndigest = \"0 8 30 2 *\"",
			`:4: schedule.digest: "0 8 30 2 *" never comes (as 30 February); write five fields such as "*/5 * * * *" (minute, hour, day, month, weekday), or "@every 1m"`},
		{"a zone in a spec", rest + "[schedule]\ndigest = \"TZ=UTC\"", `:4: schedule.digest: "TZ=UTC" names a zone; write it without, as the zone is schedule.zone`},
		{"too often", rest + "[schedule]\nreconcile = \"@every 10ms\"", `:4: schedule.reconcile: "@every 10ms" is shorter than a second; write a longer time, such as "@every 1m"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, problems := Load("config.toml", []byte(c.text), outside())
			if got != nil {
				t.Error("got a config in spite of a mistake")
			}
			want := "config.toml" + strings.ReplaceAll(c.want, "\n:", "\nconfig.toml:")
			if diff := cmp.Diff(want, problems.Err().Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTenMistakesAtOnce(t *testing.T) {
	text := `[store]
backfill = "some time"
[web]
listen = "8080"
[[zendesk]]
url = "acme.zendesk.com"
email = "bot"
token = "s3cret-literal"
policies = ["nowhere"]
quota_share = 2
[slack]
token = "env:SLACK_BOT_TOKEN"
channel = "#support-sla"
langauge = "fr"
[[slack.routes]]
channel = "#astreinte"
when = "priority ="
[schedule]
zone = "CET"
`
	_, problems := Load("config.toml", []byte(text), outside())
	var lines []int
	for _, p := range problems {
		lines = append(lines, p.Line)
	}
	if diff := cmp.Diff([]int{2, 4, 6, 7, 8, 9, 10, 14, 17, 19}, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s\n%s", diff, problems)
	}
}

// Every mistake in rotas and people at once, each where it stands.
func TestMistakesOnCall(t *testing.T) {
	text := oneZendesk + oneSlack + `[[oncall]]
name = "support"
zone = "CET"
people = ["nadia@acme.example", "Omar"]
turn = "1 fortnight"
since = "2026-11-30 8h"
hours = { mon-fri = ["17:00-25:00"], sat = ["00:00-12:00", "11:00-13:00"] }
group = "astreinte"
overrides = [
  { from = "2026-12-24 08:00", to = "2026-12-26 08:00", who = "lea@acme.example" },
  { from = "2026-12-25 08:00", to = "2026-12-27 08:00", who = "the lead" },
  { from = "2026-12-31 08:00", to = "2026-12-30 08:00", who = "omar@acme.example" },
  { from = "2027-01-02 08:00", who = "omar@acme.example" },
]
[[oncall]]
name = "support"
zone = "Europe/Paris"
people = []
[[oncall]]
name = "Night watch"
zone = "Europe/Pari"
people = ["nadia@acme.example"]
since = "2027-03-28 02:30"
ical = ["oncall.ics", "nowhere.ics", "lunch.ics"]
[[oncall]]
name = "fr"
zone = "Europe/Paris"
people = ["nadia@acme.example"]
since = "2026-10-25 02:30"
turn = "2 business days"
hours = {}
[[oncall]]
name = "de"
zone = "Europe/Berlin"
people = ["nadia@acme.example"]
since = "2027-03-28 02:30"
turn = "5 minutes"
[[people]]
[[people]]
slack = "Nadia"
zendesk = "nadia.k@acme.example"
[[people]]
slack = "omar@acme.example"
jira = "Nadia.K@acme.example"
`
	_, problems := Load("", []byte(text), outside())
	file := "file \"lunch.ics\": line 2: event \"Team lunch\": on 2026-11-30 it doesn't say who is on call: write one e-mail address into its summary, or invite one person alone"
	want := `:5: oncall[0].zone: "CET" doesn't say which place's clock changes to follow: write a city such as Europe/Paris or Europe/Berlin
:6: oncall[0].people[1]: "Omar" is no e-mail address; write one such as "nadia@acme.example"
:7: oncall[0].turn: "1 fortnight" is no length of a turn; write one such as "1 week", "2 days" or "12 hours"
:8: oncall[0].since: "2026-11-30 8h" is no instant; write one such as 2026-11-27T16:30:00+01:00 or "2026-11-27 16:30"
:9: oncall[0].hours.mon-fri: "17:00-25:00" is no interval: write one such as "09:00-17:00"
:9: oncall[0].hours.sat: "11:00-13:00" overlaps "00:00-12:00": write intervals that don't
:10: oncall[0].group: "astreinte" is no user group; write its handle such as "@astreinte", or its id such as "S0614TZR7"
:13: oncall[0].overrides[1].who: "the lead" is no e-mail address; write one such as "nadia@acme.example"
:13: oncall[0].overrides[1].from: lea@acme.example stands in from Thu 2026-12-24 08:00 UTC to Sat 2026-12-26 08:00 UTC already; write times that don't overlap
:14: oncall[0].overrides[2].to: Wed 2026-12-30 08:00 UTC isn't after Thu 2026-12-31 08:00 UTC, when it begins; write a later time
:15: oncall[0].overrides[3].to: is missing; write to = "2026-12-26 08:00"
:18: oncall[1].name: another rota is named "support"; write a different name here
:20: oncall[1].people: is missing; write people = ["nadia@acme.example"], or the files of their shifts, such as ical = ["oncall.ics"]
:22: oncall[2].name: "Night watch" is no name; write small letters, digits, - and _, such as "support"
:23: oncall[2].zone: "Europe/Pari" is no time zone: write an IANA name such as Europe/Paris or Europe/Berlin
:26: oncall[2].ical[1]: open nowhere.ics: file does not exist; write the path of a file that can be read, relative to this one
:26: oncall[2].ical[2]: ` + file + `
:26: oncall[2].ical: names shifts, and people, turn and since share turns out; keep one of the two
:31: oncall[3].since: "2026-10-25 02:30" comes twice in Europe/Paris; write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00
:32: oncall[3].turn: "2 business days" counts on a calendar, and turns follow the wall clock; write plain time, such as "1 week"
:33: oncall[3].hours: has no open hours at all: write some, such as mon-fri = ["09:00-17:00"]
:38: oncall[4].since: "2027-03-28 02:30" doesn't exist in Europe/Berlin: clocks skip it; write it with its offset
:39: oncall[4].turn: "5 minutes" is shorter than an hour or longer than a year; write one such as "1 week"
:40: people[0]: names no address; write slack = "nadia@acme.example", and by which others zendesk and jira know the person
:42: people[1].slack: "Nadia" is no e-mail address; write one such as "nadia@acme.example"
:46: people[2].jira: "Nadia.K@acme.example" is an address of people[1], too; it leads to one person only, so write them as one, or correct it`
	if diff := cmp.Diff(want, problems.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(oneZendesk + oneSlack)
	f.Add("[[zendesk]]\npoll = \"TZ=0\"\nkinds = { a.b = \"c\" }\n[[slack.routes]]\n[schedule]\ndigest = \"*/0 * * * *\"")
	f.Add(oneZendesk + oneSlack + "[[oncall]]\nname = \"support\"\nzone = \"Europe/Paris\"\npeople = [\"nadia@acme.example\"]\nsince = \"2026-11-30 08:00\"\nturn = \"1 week\"\noverrides = [{from = \"2026-12-24 08:00\", to = \"\"}]\nhours = {mon = []}\n[[people]]\nslack = \"\"")
	f.Add("zendesk = [1, {}]\njira = {}\nslack = 3\nstore.url = [\"a\"]")
	f.Fuzz(func(t *testing.T, text string) {
		c, problems := Load("config.toml", []byte(text), outside())
		if (c == nil) != (problems.Err() != nil) {
			t.Errorf("got config %v with problems %v", c != nil, problems)
		}
	})
}

// Ten mistakes in calls are ten located errors.
func TestMistakesOfCalls(t *testing.T) {
	text := oneZendesk + oneSlack + `[[calls]]
when = 'weather == "bad"'
steps = [
  { after = "15 minutes", call = ["assignee"] },
  { at = "warning", after = "1 hour", call = ["team"] },
  { at = "90", call = ["the lead"] },
  { after = "2 business days", call = [] },
  { after = "soon", call = ["oncall:night", "oncall:night"] },
  { call = ["hook:pager", "mail:lead@acme.example"] },
  { at = "breach" },
]
[[calls]]
[[calls]]
steps = [{ at = "75%", call = ["@support-leads", "#leads", "nadia@acme.example"] }]
`
	_, problems := Load("config.toml", []byte(text), outside())
	want := `:4: calls[0].when: unknown name weather; a condition reads like kind == "problem" and not ("vip" in tags)
:6: calls[0].steps[0].after: stands in the first step, before which there is none; write at = "warning", "breach" or a threshold such as "75%"
:7: calls[0].steps[1].after: stands beside at; a step is either at an alarm, or some time after the step before: keep one of the two
:7: calls[0].steps[1].call[0]: "team" calls the user group of the team that holds the ticket, and no team has one; write teams = { "Support Berlin" = "@support-berlin" } under [slack]
:8: calls[0].steps[2].at: "90" is no alarm; write "warning" for the first threshold, "breach", or a threshold such as "75%" or "30 business minutes"
:8: calls[0].steps[2].call[0]: "the lead" is nobody who can be called; write "assignee", "team", "oncall:support", "nadia@acme.example", "@support-leads", "#support-leads", "hook:pager" or "mail:lead@acme.example"
:9: calls[0].steps[3].after: "2 business days": how long a business day is, each policy says; write business hours, such as "8 business hours"
:9: calls[0].steps[3].call: calls nobody; write whom, such as call = ["assignee", "oncall:support"], or take the step out
:10: calls[0].steps[4].after: "soon" is no length of time; write one such as "15 minutes" or "1 business hour"
:10: calls[0].steps[4].call[0]: no [[oncall]] is named "night"; there is none at all
:10: calls[0].steps[4].call[1]: "oncall:night" is called by this step already; name everybody once
:11: calls[0].steps[5].at: is missing; write "warning", "breach" or a threshold such as "75%", or after = "15 minutes"
:11: calls[0].steps[5].call[0]: no [[hooks]] is named "pager"; there is none at all
:11: calls[0].steps[5].call[1]: "mail:lead@acme.example" is called by mail, and there is no [mail]; add that table
:12: calls[0].steps[6].call: is missing; write whom it calls, such as call = ["assignee", "oncall:support"]
:14: calls[1].steps: is missing; write who is called when, such as steps = [{ at = "breach", call = ["team"] }]
:15: calls[2]: warning: is never reached, as calls[1] has no when and so always holds; put it last
`
	if got := strings.ReplaceAll(problems.Error(), "config.toml", "") + "\n"; got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// Each mistake about hooks, mail and the fallback is located, all at once, and none
// shows a secret or an address that may be one.
func TestMistakesOfPlaces(t *testing.T) {
	const pages = oneZendesk + `[slack]
token = "env:SLACK_BOT_TOKEN"
channel = "#sla"
fallback = ["lead@acme.example", "mail:lead", "hook:bell", "hook:pager", "hook:pager"]
[[hooks]]
name = "pager"
url = "http://pager.acme.example/aVerySecretPath"
secret = "env:VIGIE_TOKEN"
when = "alert ="
[[hooks]]
name = "pager"
kind = "carrier pigeon"
secret = "hunter2"
[[hooks]]
name = "Big Bell"
kind = "pagerduty"
[mail]
smtp = "smtp.acme.example"
user = "vigie"
from = "Vigie"
`
	got := ""
	_, problems := Load("/etc/vigie/config.toml", []byte(pages), outside())
	for _, p := range problems {
		if !p.Warning {
			got += fmt.Sprintf(":%d: %s: %s", p.Line, p.Key, p.Text) + "\n"
		}
	}
	const want = `:5: slack.fallback[0]: "lead@acme.example" can't be told while Slack is away; write "mail:lead@acme.example" or "hook:pager"
:5: slack.fallback[1]: "mail:lead" can't be told while Slack is away; write "mail:lead@acme.example" or "hook:pager"
:5: slack.fallback[2]: no [[hooks]] is named "bell"; write one of pager, Big Bell
:5: slack.fallback[4]: "hook:pager" is told already; name everybody once
:8: hooks[0].url: isn't encrypted; write one that begins with https://
:9: hooks[0].secret: the secret is none of Standard Webhooks; write whsec_ and 24 to 64 random bytes in base64, such as what openssl rand -base64 32 says
:10: hooks[0].when: unexpected token Operator("=") (column 7 of it); a condition reads like kind == "problem" and not ("vip" in tags)
:12: hooks[1].name: another hook is named "pager"; write a different name here
:13: hooks[1].kind: "carrier pigeon" is no kind of hook; write "standard" (Standard Webhooks) or "pagerduty"
:14: hooks[1].secret: a secret is never written here; write secret = "env:PAGER_SECRET" and put it into that environment variable, or "file:PATH"
:15: hooks[2].secret: is missing; write secret = "env:PAGER_SECRET" and put the secret into that environment variable
:16: hooks[2].name: "Big Bell" is no name; write small letters, digits, - and _, such as "pager"
:19: mail.smtp: "smtp.acme.example" is no mail server; write host:port, such as "smtp.acme.example:587"
:20: mail.user: has no password beside it; write password = "env:SMTP_PASSWORD" and put it into that environment variable, or take user out
:21: mail.from: "Vigie" is no e-mail address; write one such as "nadia@acme.example"
`
	for _, hidden := range []string{"aVerySecretPath", "hunter2", "s3cret"} {
		if strings.Contains(got, hidden) {
			t.Errorf("it shows %q", hidden)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}
