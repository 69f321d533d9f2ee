package config

import (
	"slices"
	"strconv"

	"vigie/connectors/desk"
	"vigie/rules/tomlfile"
)

const (
	secretType = "env:NAME or file:PATH"
	plainUnits = "seconds, minutes, hours or days"
	cronType   = "cron spec"
)

// Keys are all keys of config.toml, which Load goes by: those of the program, and of
// each vendor's table those that all vendors have and its own.
func Keys(vendors []*desk.Vendor) tomlfile.Keys {
	keys := slices.Concat(storeKeys, webKeys, oidcKeys)
	for _, v := range vendors {
		keys = append(keys, vendorKeys(v)...)
	}
	return slices.Concat(keys, peopleKeys(vendors), onCallKeys, callKeys, hookKeys, mailKeys, slackKeys, scheduleKeys)
}

var storeKeys = tomlfile.Keys{
	{Name: "store", Type: "table [store]", Meaning: "What Vigie keeps, and for how long."},
	{Table: "store", Name: "url", Type: "a file, a postgres:// address, or env:NAME or file:PATH that holds one", Default: `"vigie.db"`, Example: `"state/vigie.db"`,
		Meaning: "Where the state is: a SQLite file, relative to this file, or PostgreSQL, on which several programs may share the work."},
	{Table: "store", Name: "backfill", Type: "duration", Unit: plainUnits, Default: `"90 days"`, Example: `"30 days"`,
		Meaning: "How far back the first start reads tickets, besides all that are still open."},
	{Table: "store", Name: "keep", Type: "duration", Unit: plainUnits + ", at least 7 days", Example: `"1095 days"`,
		Meaning: "How long what no open ticket needs is kept; for ever without it."},
}

var webKeys = tomlfile.Keys{
	{Name: "web", Type: "table [web]", Meaning: "Where Vigie is reached."},
	{Table: "web", Name: "listen", Type: "host:port", Default: `"127.0.0.1:8080"`, Example: `":8080"`,
		Meaning: "Where board, webhooks and metrics are: 127.0.0.1:8080 is reached from this machine alone, :8080 from everywhere."},
	{Table: "web", Name: "public_url", Type: "web address", Example: `"https://vigie.example"`,
		Meaning: "Under which vendors and browsers reach it. Without it no webhook comes in, and polls alone find changes."},
	{Table: "web", Name: "token", Type: secretType, Example: `"env:VIGIE_TOKEN"`,
		Meaning: "What people give to see the board, and Prometheus for /metrics. Needed as soon as others can come in, but where a proxy_header says who they are."},
	{Table: "web", Name: "proxies", Type: "list of addresses and ranges", Example: `["10.0.0.5"]`,
		Meaning: "The proxies in front of Vigie, whose word about who asks is believed."},
	{Table: "web", Name: "proxy_header", Type: "a header's name", Example: `"X-Forwarded-User"`,
		Meaning: "In which a proxy names whom it has signed in; they need no token."},
	{Table: "web", Name: "connections", Type: "number", Unit: "connections open at once, at least 20", Default: `1000`, Example: `500`,
		Meaning: "Whoever comes beyond waits for one to close."},
	{Table: "web", Name: "webhooks_per_second", Type: "number", Unit: "webhooks a second", Default: `2000`, Example: `500`,
		Meaning: "How many of one source are taken in the long run; beyond, 429, and the vendor sends them again."},
}

var oidcKeys = tomlfile.Keys{
	{Table: "web", Name: "oidc", Type: "table [web.oidc]", Meaning: "An OpenID Connect issuer that signs people in to the pages, beside the token and the proxy."},
	{Table: "web.oidc", Name: "issuer", Type: "web address", Required: true, Example: `"https://login.acme.example"`,
		Meaning: "The issuer, exactly as its /.well-known/openid-configuration names it. People come back to public_url with /oidc/callback after it."},
	{Table: "web.oidc", Name: "client_id", Type: "text", Required: true, Example: `"vigie"`,
		Meaning: "What the issuer calls this program."},
	{Table: "web.oidc", Name: "client_secret", Type: secretType, Required: true, Example: `"env:VIGIE_OIDC_SECRET"`,
		Meaning: "The client's secret. Sessions are signed with it, too: a new one ends them all."},
	{Table: "web.oidc", Name: "allow", Type: "list of e-mail addresses, and domains with @ before them", Required: true, Example: `["@acme.example"]`,
		Meaning: "Who may see the pages, by the address that the issuer has verified."},
}

// vendorKeys are those of one vendor's table. A row of its own goes before the one of
// that name that all have.
func vendorKeys(v *desk.Vendor) tomlfile.Keys {
	rows := slices.Concat(tomlfile.Keys{
		{Name: "name", Type: "text", Default: strconv.Quote(v.Table), Example: strconv.Quote(v.Table + "-2"),
			Meaning: "Names the tickets (\"" + v.Table + ":42\") and the webhook's path: small letters, digits, - and _. Not to be changed later."},
		{Name: "url", Type: "web address", Required: true, Example: strconv.Quote(v.Address),
			Meaning: "Where its API is."},
	}, v.Keys)
	for _, k := range sourceKeys {
		if !slices.ContainsFunc(v.Keys, func(own tomlfile.Key) bool { return own.Name == k.Name }) {
			rows = append(rows, k)
		}
	}
	if v.Escalates {
		rows = append(rows, tomlfile.Key{Name: "escalate_to", Type: "a source's name", Example: `"jira-2"`,
			Meaning: "Where a ticket gets an issue that an [[escalate]] row of its policy marks; no issue is made without it."})
	}
	for i := range rows {
		rows[i].Table = v.Table
	}
	return append(tomlfile.Keys{{Name: v.Table, Type: "rows [[" + v.Table + "]]", Meaning: "Each " + v.Title + " that is watched."}}, rows...)
}

// sourceKeys are those that all vendors have.
var sourceKeys = tomlfile.Keys{
	{Name: "email", Type: "e-mail address", Example: `"bot@acme.example"`,
		Meaning: "Of the account that the token belongs to."},
	{Name: "webhook_secret", Type: secretType + ", or a list of two", Example: `"env:WEBHOOK_SECRET"`,
		Meaning: "What the vendor signs webhooks with; while it is being changed, the present one and the one before. Without it every webhook is refused, and polls alone find changes."},
	{Name: "poll", Type: cronType, Default: `"@every 1m"`, Example: `"*/5 * * * *"`,
		Meaning: "When to ask for changes, whether webhooks come or not."},
	{Name: "silent_after", Type: "duration", Unit: plainUnits, Example: `"15 minutes"`,
		Meaning: "After how long without a poll that succeeded people are told; three polls without it, and ten minutes at least."},
	{Name: "quota_share", Type: "number", Unit: "share of the vendor's rate limit, above 0 up to 1", Default: `0.5`, Example: `0.25`,
		Meaning: "How much of the limit Vigie may use; people and other programs share it."},
	{Name: "policies", Type: "list of policies", Required: true, Example: `["moveon"]`,
		Meaning: "Built-in ones by name, others by file. The first that covers a ticket has it; files of one name are its versions."},
	{Name: "write_priority", Type: "true or false", Default: `false`, Example: `true`,
		Meaning: "Whether the ticket's own priority is set to the one that the rules found, never over a person's. Tags say it in any case."},
	{Name: "unset_priorities", Type: "list of texts", Default: `[]`, Example: `["Medium"]`,
		Meaning: "The vendor's priorities that mean \"nobody has decided\" when a ticket is created with them."},
	{Name: "requester_priority", Type: "true or false", Default: `false`, Example: `true`,
		Meaning: "Whether a priority that the requester chose counts as if an agent had."},
	{Name: "automations", Type: "list of e-mail addresses or account ids", Default: `[]`, Example: `["bot@acme.example"]`,
		Meaning: "Accounts behind which there is no person: what they set is nobody's decision, their replies keep no promise."},
	{Name: "language", Type: "language code", Example: `"fr"`,
		Meaning: "Of a ticket where neither the requester's own nor the text tells one."},
	{Name: "status", Type: "statuses by the vendor's name", Example: `{ "On hold" = "waiting_third_party" }`,
		Meaning: "What statuses of one's own mean: new, open, waiting_customer, waiting_third_party, solved, closed or deleted."},
	{Name: "kinds", Type: "kinds by the vendor's tag, form or type", Example: `{ "feature_request" = "feature" }`,
		Meaning: "What makes which kind of ticket, looked for in this order."},
	{Name: "due_fields", Type: "ids of fields by metric, one or a list", Example: `{ resolution = "due" }`,
		Meaning: "In which fields of the ticket people see due dates; nothing is written without it."},
}

// peopleKeys are those of a person: an address in Slack, and one at each vendor.
func peopleKeys(vendors []*desk.Vendor) tomlfile.Keys {
	keys := tomlfile.Keys{
		{Name: "people", Type: "rows [[people]]", Meaning: "Those whose addresses differ from place to place; nobody else need be here."},
		{Table: "people", Name: "slack", Type: "e-mail address", Example: `"nadia@acme.example"`,
			Meaning: "By which Slack knows the person."},
	}
	for _, v := range vendors {
		keys = append(keys, tomlfile.Key{Table: "people", Name: v.Table, Type: "e-mail address or account id", Example: `"nadia.` + v.Table + `@acme.example"`,
			Meaning: "By which " + v.Title + " knows the person."})
	}
	return keys
}

var onCallKeys = tomlfile.Keys{
	{Name: "oncall", Type: "rows [[oncall]]", Meaning: "Who is on call, one table for each rota."},
	{Table: "oncall", Name: "name", Type: "text", Required: true, Example: `"support"`,
		Meaning: "Names the rota: small letters, digits, - and _."},
	{Table: "oncall", Name: "zone", Type: "a city's zone", Required: true, Example: `"Europe/Paris"`,
		Meaning: "By whose wall clock hours, turns and overrides are meant."},
	{Table: "oncall", Name: "people", Type: "list of e-mail addresses", Example: `["nadia@acme.example", "omar@acme.example"]`,
		Meaning: "Who is on call by turns, in this order. It is this, or ical."},
	{Table: "oncall", Name: "turn", Type: "duration", Unit: "hours, days or weeks", Default: `"1 week"`, Example: `"2 days"`,
		Meaning: "How long a turn lasts by the wall clock: it ends at the time of day at which it began, also over a clock change."},
	{Table: "oncall", Name: "since", Type: "local time", Example: `"2026-11-30 08:00"`,
		Meaning: "When the first one's first turn begins, which is also when each turn is handed over. Required beside people."},
	{Table: "oncall", Name: "hours", Type: "intervals by weekday", Example: `{ mon-fri = ["00:00-08:00", "17:00-24:00"], sat-sun = ["00:00-24:00"] }`,
		Meaning: "When somebody is on call at all, written as a calendar's; at all hours without it."},
	{Table: "oncall", Name: "group", Type: "a Slack user group's handle with @, or its id", Example: `"@astreinte"`,
		Meaning: "The user group that is kept to who is on call, which several rotas may share; while nobody is, it keeps its members."},
	{Table: "oncall", Name: "ical", Type: "list of iCal files", Default: `[]`, Example: `["oncall.ics"]`,
		Meaning: "Whose events are the shifts, in the place of people: each has one e-mail address in its summary, or one attendee."},
	{Table: "oncall", Name: "overrides", Type: "rows [[oncall.overrides]]", Meaning: "Who stands in, within the hours; no two at one time."},
	{Table: "oncall.overrides", Name: "from", Type: "local time", Required: true, Example: `"2026-12-24 08:00"`,
		Meaning: "When it begins."},
	{Table: "oncall.overrides", Name: "to", Type: "local time", Required: true, Example: `"2026-12-26 08:00"`,
		Meaning: "When it ends."},
	{Table: "oncall.overrides", Name: "who", Type: "e-mail address", Required: true, Example: `"omar@acme.example"`,
		Meaning: "Who it is; it needn't be one of the people."},
}

var callKeys = tomlfile.Keys{
	{Name: "calls", Type: "rows [[calls]]", Meaning: "Who is called when a promise is in danger, until somebody has taken the ticket; the first row that holds counts."},
	{Table: "calls", Name: "when", Type: "condition", Example: `'priority in ["urgent", "haute"]'`,
		Meaning: "For which promises, by the nouns of routes; always without it."},
	{Table: "calls", Name: "steps", Type: "rows [[calls.steps]]", Meaning: "Who is called, one step after the other."},
	{Table: "calls.steps", Name: "at", Type: `"warning", "breach" or a threshold`, Example: `"75%"`,
		Meaning: "The alarm at which it is called; a warning is the first threshold. It is this, or after."},
	{Table: "calls.steps", Name: "after", Type: "duration", Unit: "plain or business time", Example: `"15 minutes"`,
		Meaning: "How long after the step before, if nobody has taken the ticket; business time is the team's."},
	{Table: "calls.steps", Name: "call", Type: "list of whom", Required: true, Example: `["assignee", "team", "oncall:support", "nadia@acme.example", "@support-leads", "#support-leads"]`,
		Meaning: "Whom: the ticket's assignee, the team's user group, who is on call, a person, a user group; a channel has the message put up there; \"hook:pager\" and \"mail:lead@acme.example\" are told besides Slack."},
}

var slackKeys = tomlfile.Keys{
	{Name: "slack", Type: "table [slack]", Meaning: "Who is told; nobody is without it."},
	{Table: "slack", Name: "token", Type: secretType, Required: true, Example: `"env:SLACK_BOT_TOKEN"`,
		Meaning: "The bot token, xoxb-…"},
	{Table: "slack", Name: "app_token", Type: secretType, Example: `"env:SLACK_APP_TOKEN"`,
		Meaning: "An app-level token, xapp-…, for buttons and commands without a public address."},
	{Table: "slack", Name: "signing_secret", Type: secretType, Example: `"env:SLACK_SIGNING_SECRET"`,
		Meaning: "Proves that a call comes from Slack, where there is no app_token: buttons and commands come to public_url then."},
	{Table: "slack", Name: "api_url", Type: "web address", Default: `"https://slack.com/api/"`, Example: `"http://127.0.0.1:8090/api/"`,
		Meaning: "Where Slack's API is: a proxy or a sandbox."},
	{Table: "slack", Name: "channel", Type: "a channel's name with #, or its id", Required: true, Example: `"#support-sla"`,
		Meaning: "Where messages go that no route sends elsewhere."},
	{Table: "slack", Name: "language", Type: spokenLanguages(), Default: `"en"`, Example: `"fr"`,
		Meaning: "The language of the messages."},
	{Table: "slack", Name: "teams", Type: "user groups by the team's name", Example: `{ "Support Berlin" = "@support-berlin" }`,
		Meaning: "Whom a step of [[calls]] calls as the team that holds the ticket."},
	{Table: "slack", Name: "fallback", Type: "list of mail:… and hook:…", Default: `[]`, Example: `["mail:lead@acme.example", "hook:pager"]`,
		Meaning: "Who is told when Slack has been away for 10 minutes, and of what."},
	{Table: "slack", Name: "routes", Type: "rows [[slack.routes]]", Meaning: "Send some messages elsewhere; the first that holds counts."},
	{Table: "slack.routes", Name: "when", Type: "condition", Required: true, Example: `'policy == "meteorage" and not open_now'`,
		Meaning: "Which messages, by the nouns of routes."},
	{Table: "slack.routes", Name: "channel", Type: "a channel's name with #, or its id", Required: true, Example: `"#astreinte"`,
		Meaning: "Where they go."},
	{Table: "slack.routes", Name: "language", Type: spokenLanguages(), Example: `"fr"`,
		Meaning: "The language there; as for the others without it."},
	{Table: "slack.routes", Name: "gather", Type: "true or false", Default: `false`, Example: `true`,
		Meaning: "Out of the team's hours messages wait until its calendar opens, and come as one list."},
	{Table: "slack", Name: "digests", Type: "rows [[slack.digests]]", Meaning: "Lists of tickets at fixed times, beside the day's overview."},
	{Table: "slack.digests", Name: "channel", Type: "a channel's name with #, or its id", Required: true, Example: `"#support-meteorage"`,
		Meaning: "Where the list is posted."},
	{Table: "slack.digests", Name: "when", Type: "condition", Required: true, Example: `'policy == "meteorage"'`,
		Meaning: "About which tickets, by the nouns of routes, which are of each ticket's most pressing promise."},
	{Table: "slack.digests", Name: "at", Type: "list of opening, closing and cron specs", Required: true, Example: `["opening", "closing"]`,
		Meaning: "opening: when a team's day begins, what awaits it; closing: when it ends, what it hands to the next, who takes it over by a button. A cron spec is by the zone under [schedule]."},
	{Table: "slack.digests", Name: "language", Type: spokenLanguages(), Example: `"fr"`,
		Meaning: "The language there; as for the others without it."},
}

var scheduleKeys = tomlfile.Keys{
	{Name: "schedule", Type: "table [schedule]", Meaning: "What happens at fixed times."},
	{Table: "schedule", Name: "zone", Type: "a city's zone", Example: `"Europe/Paris"`,
		Meaning: "By whose wall clock the two below are meant; that of the first policy's calendar without it."},
	{Table: "schedule", Name: "digest", Type: cronType + `, or "" for never`, Default: `"0 8 * * mon-fri"`, Example: `""`,
		Meaning: "When the day's overview is posted to Slack."},
	{Table: "schedule", Name: "reconcile", Type: cronType, Default: `"@daily"`, Example: `"0 3 * * *"`,
		Meaning: "When all open tickets are compared with the vendors'."},
}
