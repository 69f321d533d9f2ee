package zendesk

import (
	"vigie/connectors/sandbox/stage"
)

// oauthManners are what an account does that lets OAuth clients in, or no longer
// anything else. The handlers ask for each by its name.
func oauthManners() map[string]stage.Manner {
	return map[string]stage.Manner{
		"api-tokens-ended":        {About: "refuses e-mail address and API token, as from 30 April 2027 on"},
		"oauth-client-public":     {About: "gives no token to the client, which is of the kind public"},
		"oauth-scopes-restricted": {About: "gives no token for more than the client's Allowed scopes, which are read"},
		"oauth-scope-dropped":     {About: "gives a token for read alone, whatever is asked"},
	}
}
