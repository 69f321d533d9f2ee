package contract

// What the vendors' pages say of webhooks, in the form of their descriptions.

var (
	texts = object{"type": "array", "items": object{"type": "string"}}

	zendeskWebhook = object{"type": "object", "required": []any{"name", "endpoint", "http_method", "request_format", "status"}, "properties": object{
		"id": textual, "name": textual, "endpoint": textual, "description": textual,
		"http_method": oneOf("GET", "POST", "PUT", "PATCH", "DELETE"), "request_format": oneOf("json", "xml", "form_encoded"),
		"status": oneOf("active", "inactive"), "subscriptions": texts,
		"created_at": textual, "created_by": textual, "updated_at": textual, "updated_by": textual,
	}, "additionalProperties": false}

	webhooksPath = object{
		"get": object{
			"parameters": []any{queryParameter("page[size]", "integer"), queryParameter("page[after]", "string")},
			"responses":  answers("200", object{"type": "object", "required": []any{"webhooks"}, "properties": object{"webhooks": object{"type": "array", "items": zendeskWebhook}}}),
		},
		"post": object{
			"requestBody": body(object{"type": "object", "required": []any{"webhook"}, "properties": object{"webhook": zendeskWebhook}, "additionalProperties": false}),
			"responses":   answers("201", object{"type": "object", "required": []any{"webhook"}, "properties": object{"webhook": zendeskWebhook}}),
		},
	}

	webhookID = []any{object{"name": "webhook_id", "in": "path", "required": true, "schema": textual}}

	webhookPath = object{
		"parameters": webhookID,
		"patch": object{
			"requestBody": body(object{"type": "object", "required": []any{"webhook"}, "properties": object{
				"webhook": object{"type": "object", "properties": zendeskWebhook["properties"], "additionalProperties": false}}}),
			"responses": object{"204": object{"description": "changed"}},
		},
	}

	signingSecretPath = object{
		"parameters": webhookID,
		"get": object{"responses": answers("200", object{"type": "object", "required": []any{"signing_secret"}, "properties": object{"signing_secret": object{
			"type": "object", "required": []any{"algorithm", "secret"}, "properties": object{"algorithm": textual, "secret": textual}}}})},
	}

	adminHooksPath = hooksPath(object{
		"name": textual, "url": textual, "events": texts, "excludeBody": truth, "secret": textual, "filters": object{"type": "object"},
	})
	dataCenterHooksPath = hooksPath(object{
		"name": textual, "url": textual, "events": texts, "active": truth, "filters": object{"type": "object"},
		"configuration": object{"type": "object"}, "sslVerificationRequired": truth, "scopeType": textual,
	})
)

var (
	textual = object{"type": "string"}
	truth   = object{"type": "boolean"}
)

func oneOf(values ...any) object { return object{"type": "string", "enum": values} }

func body(schema object) object {
	return object{"required": true, "content": object{"application/json": object{"schema": schema}}}
}

func answers(status string, schema object) object {
	return object{status: object{"description": "as its page shows it", "content": object{"application/json": object{"schema": schema}}}}
}

// hooksPath is a list of webhooks and a way to add one with these properties.
func hooksPath(properties object) object {
	required := []any{"name", "url", "events"}
	return object{
		"get": object{"responses": answers("200", object{"type": "array", "items": object{"type": "object", "required": required}})},
		"post": object{
			"requestBody": body(object{"type": "object", "required": required, "properties": properties, "additionalProperties": false}),
			"responses":   answers("201", object{"type": "object", "required": required}),
		},
	}
}
