package sandbox

// oauthManners are what an account does that lets OAuth clients in, or no longer
// anything else. The handlers ask for each by its name.
func oauthManners() map[string]manner {
	return map[string]manner{
		"api-tokens-ended":        {about: "refuses e-mail address and API token, as from 30 April 2027 on"},
		"oauth-client-public":     {about: "gives no token to the client, which is of the kind public"},
		"oauth-scopes-restricted": {about: "gives no token for more than the client's Allowed scopes, which are read"},
		"oauth-scope-dropped":     {about: "gives a token for read alone, whatever is asked"},
	}
}
