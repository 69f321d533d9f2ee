package zendesk

import (
	"context"
	"fmt"

	"vigie/connectors/desk"
	"vigie/rules"
)

// Plan compares what a source needs with what the account has. It changes
// nothing; the steps do, when they are taken. Its errors are those of reading.
func (c *Client) Plan(ctx context.Context, needs desk.Needs) ([]desk.Step, error) {
	me, err := c.self(ctx)
	if err != nil {
		return nil, c.unanswered(ctx, err)
	}
	admin := me.Role == "admin"
	var steps []desk.Step
	if c.cfg.OAuth == nil {
		steps = append(steps, desk.Step{What: "an OAuth client, whose tokens are renewed, in the token's place", Hand: clientByHand})
	}
	if len(needs.DueFields) > 0 {
		fields, err := c.fields(ctx)
		if err != nil {
			return nil, err
		}
		for _, due := range needs.DueFields {
			step := c.fieldStep(due, admin)
			for _, f := range fields {
				if string(f.Title) == due.Title() && f.Active == "true" && forms[string(f.Type)] == due.Form {
					step.There, step.Make, step.Hand = string(f.ID), nil, nil
				}
			}
			steps = append(steps, step)
		}
	}
	if needs.Webhook == "" {
		return steps, nil
	}
	hooks, err := c.webhookSteps(ctx, needs, admin)
	return append(steps, hooks...), err
}

// clientByHand are the steps to an OAuth client, which no API makes for whoever has
// none. Whom it acts as Zendesk's reference doesn't say; a client names the admin who
// created it (https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_clients/).
var clientByHand = []string{
	"sign in to Zendesk with an admin's account of the bot's own: an OAuth client acts as the admin who makes it, and check --online says as whom it does",
	"in " + clientsPlace + ", click Add OAuth client; choose the client kind Confidential; where Allowed scopes are offered, allow read and tickets:write, and write while setup makes fields, webhooks or triggers",
	"write the client's Identifier under client_id; put its Secret, which is shown once, into a file that only you can read, and name that under client_secret",
	"take email and token out of the configuration, and revoke the token once check --online is well",
}

// fieldStep makes a ticket field, which agents see but customers don't.
func (c *Client) fieldStep(due rules.DueField, admin bool) desk.Step {
	form := "text"
	if due.Form == rules.DateForm {
		form = "date"
	}
	step := desk.Step{What: fmt.Sprintf("ticket field %q (%s)", due.Title(), form), Metric: due.Metric}
	if !admin {
		step.Hand = []string{fmt.Sprintf("in Admin Center > Objects and rules > Tickets > Fields, add a field of type %s named %q; its number goes under due_fields", form, due.Title())}
		return step
	}
	step.Make = func(ctx context.Context) (string, error) {
		var out struct {
			Field struct {
				ID text `json:"id"`
			} `json:"ticket_field"`
		}
		in := map[string]any{"ticket_field": map[string]any{"type": form, "title": due.Title(),
			"agent_description": "When the support policy says that this is due. Vigie writes it.", "visible_in_portal": false, "editable_in_portal": false}}
		if err := c.post(ctx, "/ticket_fields.json", in, &out, "ticket_field"); err != nil {
			return "", advised(fmt.Errorf("make ticket field %q: %w", due.Title(), err))
		}
		return string(out.Field.ID), nil
	}
	step.Hand = []string{fmt.Sprintf("where the account has ticket forms, add %q to those of support, in Admin Center > Objects and rules > Tickets > Forms: agents see it there", due.Title())}
	return step
}
