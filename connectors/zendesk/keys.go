package zendesk

import (
	"vigie/rules/tomlfile"
)

// keys are the rows of a [[zendesk]] that not every vendor has, or has otherwise.
var keys = tomlfile.Keys{
	{Name: "client_id", Type: "text", Example: `"vigie"`,
		Meaning: "The identifier of an OAuth client of the kind confidential; needed, unless there is a token."},
	{Name: "client_secret", Type: "env:NAME or file:PATH", Example: `"env:ZENDESK_CLIENT_SECRET"`,
		Meaning: "That client's secret. Access tokens are fetched with it, and anew before they end."},
	{Name: "token", Type: "env:NAME or file:PATH", Example: `"env:ZENDESK_TOKEN"`,
		Meaning: "In place of the client: an OAuth access token; with email an API token, all of which end on " + tokensEnd + "."},
	{Name: "email", Type: "e-mail address", Example: `"bot@acme.example"`,
		Meaning: "Of the account that an API token belongs to."},
	{Name: "due_fields", Type: "ids of fields by metric, one or a list", Example: `{ resolution = [360001, 360002] }`,
		Meaning: "In which fields of the ticket people see due dates; nothing is written without it. Zendesk's own is \"due_at\"."},
}
