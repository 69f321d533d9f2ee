package contract

// currentTokenPath is what Zendesk's page says of an access token
// (developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens).
var currentTokenPath = object{
	"get": object{"responses": answers("200", object{"type": "object", "required": []any{"token"}, "properties": object{"token": object{
		"type": "object", "required": []any{"id", "client_id", "user_id", "scopes"}, "properties": object{
			"id": whole, "client_id": whole, "user_id": whole, "url": textual, "token": textual, "scopes": texts,
			"created_at": textual, "expires_at": maybe, "used_at": maybe, "refresh_token": maybe, "refresh_token_expires_at": maybe,
		}, "additionalProperties": false}}})},
}

var (
	whole = object{"type": "integer"}
	maybe = object{"type": "string", "nullable": true}
)
