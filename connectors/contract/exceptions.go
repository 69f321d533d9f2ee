package contract

import (
	"fmt"
	"strings"
)

// An exception is a place where a vendor's description is known to be wrong or
// silent, and what stands there instead.
type exception struct {
	in  *document
	at  string // steps from the document's root, parted by " > "; "a,b" is both; a last step "+" adds to a list
	is  any    // nil takes away what stands there
	why string
}

type object = map[string]any

func queryParameter(name, kind string) object {
	return object{"name": name, "in": "query", "schema": object{"type": kind}}
}

var exceptions = []exception{
	{zendesk, "components > schemas > TicketObject > properties > assignee_id,external_id,forum_topic_id,group_id,organization_id,priority,problem_id,recipient,satisfaction_rating,subject,type > nullable", true,
		"unset attributes of a ticket are null"},
	{zendesk, "components > schemas > TicketObject > properties > priority,type > enum > +", nil, "and so a value of the list"},
	{zendesk, "components > schemas > TicketObject > properties > status > enum > +", "deleted", "the incremental export tells of deleted tickets"},
	{zendesk, "components > schemas > TicketObject > properties > custom_fields > items > properties > value", object{"nullable": true},
		"a field's value is text, a number, a truth value, a list or null, by its type"},
	{zendesk, "paths > /api/v2/incremental/tickets/cursor > parameters > 1", queryParameter("start_time", "integer"), "only the first page has a start time, the following ones a cursor"},
	{zendesk, "paths > /api/v2/incremental/tickets/cursor > parameters > +", queryParameter("include", "string"), "side-loads are told of in prose only"},
	{zendesk, "paths > /api/v2/incremental/ticket_events > parameters > +", queryParameter("include", "string"), "include=comment_events is told of in prose only"},
	{zendesk, "paths > /api/v2/incremental/tickets/cursor > parameters > +", queryParameter("per_page", "integer"), "per_page is told of in prose only"},
	{zendesk, "paths > /api/v2/incremental/ticket_events > parameters > +", queryParameter("per_page", "integer"), "the same"},
	{zendesk, "paths > /api/v2/search/export > get > parameters > +", queryParameter("page[after]", "string"), "cursor pagination is told of in prose only"},
	{zendesk, "paths > /api/v2/tickets/{ticket_id}/audits > parameters > +", queryParameter("page[size]", "integer"), "the same"},
	{zendesk, "paths > /api/v2/tickets/{ticket_id}/audits > parameters > +", queryParameter("page[after]", "string"), "the same"},
	{zendesk, "paths > /api/v2/tickets/{ticket_id}/comments > parameters > +", queryParameter("page[size]", "integer"), "the same"},
	{zendesk, "paths > /api/v2/tickets/{ticket_id}/comments > parameters > +", queryParameter("page[after]", "string"), "the same"},
	{zendesk, "paths > /api/v2/triggers > get > parameters > +", queryParameter("page[size]", "integer"), "the same"},
	{zendesk, "paths > /api/v2/triggers > get > parameters > +", queryParameter("page[after]", "string"), "the same"},
	{zendesk, "paths > /api/v2/groups > get > parameters > 1", queryParameter("page[size]", "integer"), "a path without a user needs no user's id; cursor pagination is told of in prose only"},
	{zendesk, "paths > /api/v2/groups > get > parameters > +", queryParameter("page[after]", "string"), "the same"},
	{zendesk, "paths > /api/v2/tickets/{ticket_id} > get > parameters > +", queryParameter("include", "string"), "include=slas,metric_events is told of in prose only; what it adds to a ticket isn't described"},
	{zendesk, "components > schemas > UserForAdmin > properties > default_group_id > nullable", true, "a customer has none"},
	{zendesk, "components > schemas > AuditObject > properties > events > items > properties > value", object{"nullable": true}, "a changed field's value is whatever it holds, null too"},
	{zendesk, "paths > /api/v2/tickets/{ticket_id}/tags > delete > responses > 200", object{"description": "the tags that are left"}, "the live answer is 200, not 204"},
	{zendesk, "components > schemas > JobStatusResultObject", object{}, "a row that was carried out is described as one of two shapes but fits both; a failed one isn't described at all"},

	{zendesk, "paths > /api/v2/webhooks", webhooksPath, "webhooks have a reference page of their own and no description: developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks"},
	{zendesk, "paths > /api/v2/webhooks/{webhook_id}", webhookPath, "the same"},
	{zendesk, "paths > /api/v2/webhooks/{webhook_id}/signing_secret", signingSecretPath, "the same"},
	{zendesk, "paths > /api/v2/oauth/tokens/current", currentTokenPath, "so have OAuth's tokens: developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens"},
	{jira, "paths > /rest/webhooks/1.0/webhook", adminHooksPath, "admin webhooks are told of in prose only: developer.atlassian.com/cloud/jira/platform/webhooks"},
	{jira, "paths > /rest/jira-webhook/1.0/webhooks", dataCenterHooksPath, "Data Center's are too: developer.atlassian.com/server/jira/platform/webhooks"},

	{jira, "components > schemas > IssueUpdateDetails > properties > fields > additionalProperties", object{"nullable": true}, "null clears a field"},
	{jira, "components > schemas > IssueBean > properties > fields > additionalProperties", object{"nullable": true}, "an empty field is null"},
	{jira, "components > schemas > ChangeDetails > properties > from,fromString,to,toString > nullable", true, "null where there was nothing, or is nothing now"},
	{jira, "components > schemas > Changelog > properties > created", object{}, "changelog/bulkfetch answers milliseconds as a number, as the description's own example does"},
	{jira, "components > schemas > ServerInformation > properties > serverTime > format", nil, "the zone is written +0100, everywhere in Jira"},
	{jira, "components > schemas > Comment > properties > created,updated > format", nil, "the same"},
	{jira, "components > schemas > Project > properties > projectKeys", object{"type": "array", "items": object{"type": "string"}}, "expand=projectKeys is told of in prose only"},
	{jira, "components > schemas > SearchRequestBean > properties > validateQuery", object{}, "Data Center takes a truth value; Cloud has removed this search"},
}

// correct puts the exception into a document. What isn't there can't be
// corrected: a newer document that needs an exception no more is noticed.
func (e exception) correct(doc object) error {
	_, err := put(doc, strings.Split(e.at, " > "), e.is)
	return err
}

// put returns v with a value at the end of the steps.
func put(v any, steps []string, is any) (any, error) {
	if len(steps) == 0 {
		return is, nil
	}
	step, rest := steps[0], steps[1:]
	switch v := v.(type) {
	case []any:
		if step == "+" {
			return append(v, is), nil
		}
		var n int
		if _, err := fmt.Sscan(step, &n); err != nil || n < 0 || n >= len(v) {
			return nil, fmt.Errorf("no %q in the list", step)
		}
		next, err := put(v[n], rest, is)
		v[n] = next
		return v, err
	case object:
		for name := range strings.SplitSeq(step, ",") {
			if len(rest) > 0 && v[name] == nil || len(rest) == 0 && is == nil && v[name] == nil {
				return nil, fmt.Errorf("no %q there", name)
			}
			if len(rest) == 0 && is == nil {
				delete(v, name)
				continue
			}
			next, err := put(v[name], rest, is)
			if err != nil {
				return nil, err
			}
			v[name] = next
		}
		return v, nil
	}
	return nil, fmt.Errorf("no %q there", step)
}
