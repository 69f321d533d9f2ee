package zendesk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	gozendesk "github.com/nukosuke/go-zendesk/zendesk"

	"vigie/connectors/desk"
	"vigie/connectors/findings"
	"vigie/connectors/rest"
)

// A trigger calls a webhook by an action of this field; its value is the webhook's
// id and the body, in which placeholders are filled in
// (https://developer.zendesk.com/documentation/ticketing/reference-guides/actions-reference).
const (
	notifies    = "notification_webhook"
	placeholder = "ticket.id"
	triggerBody = `{"ticket_id": "{{` + placeholder + `}}"}`
)

// updates are the two things that a trigger can be run by. Triggers run on tickets
// of every status but closed ones, and on what an API does, so on our own writes
// too: that a condition on the user would keep those out is nowhere said for bulk
// jobs, and leaving out a person's change would cost more than the one row that
// reading our own costs
// (https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference).
var updates = []string{"Create", "Change"}

func onUpdate(kind string) gozendesk.TriggerCondition {
	return gozendesk.TriggerCondition{Field: "update_type", Operator: "is", Value: kind}
}

// ourTrigger calls the webhook whenever a ticket is created or changed.
func ourTrigger(name, webhook string) gozendesk.Trigger {
	t := gozendesk.Trigger{Title: name, Active: true, Description: "Tells Vigie which ticket has changed, so that it needn't wait for its next poll.",
		Actions: []gozendesk.TriggerAction{{Field: notifies, Value: []string{webhook, triggerBody}}}}
	t.Conditions.All = []gozendesk.TriggerCondition{}
	for _, kind := range updates {
		t.Conditions.Any = append(t.Conditions.Any, onUpdate(kind))
	}
	return t
}

// triggers are all that the account has, active or not
// (https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers).
func (c *Client) triggers(ctx context.Context) (all []gozendesk.Trigger, err error) {
	err = c.list(ctx, "/triggers", "triggers", func(raw json.RawMessage) {
		var t gozendesk.Trigger
		if decode(raw, &t) == nil {
			all = append(all, t)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read triggers: %w", err)
	}
	return all, nil
}

// tells says that an active trigger calls the webhook, with a body that names the
// ticket.
func tells(t gozendesk.Trigger, webhook string) bool {
	return t.Active && slices.ContainsFunc(t.Actions, func(a gozendesk.TriggerAction) bool {
		value, _ := a.Value.([]any)
		if a.Field != notifies || len(value) != 2 || value[0] != webhook {
			return false
		}
		body, _ := value[1].(string)
		return strings.Contains(body, placeholder)
	})
}

// runsOn says that a trigger runs on every update of that kind, whatever the ticket.
func runsOn(t gozendesk.Trigger, kind string) bool {
	onIt := func(c gozendesk.TriggerCondition) bool { return c == onUpdate(kind) }
	other := func(c gozendesk.TriggerCondition) bool { return !onIt(c) }
	return !slices.ContainsFunc(t.Conditions.All, other) && (len(t.Conditions.Any) == 0 || slices.ContainsFunc(t.Conditions.Any, onIt))
}

// partial notes triggers that call a webhook, but together not on every update.
func partial(calling []gozendesk.Trigger) []findings.Finding {
	whole := func(kind string) bool {
		return slices.ContainsFunc(calling, func(t gozendesk.Trigger) bool { return runsOn(t, kind) })
	}
	if len(calling) == 0 || whole("Create") && whole("Change") {
		return nil
	}
	return []findings.Finding{{Weight: findings.Doubt, Text: fmt.Sprintf("trigger %q calls the webhook under conditions of its own: other changes are seen by the poll alone", calling[0].Title),
		Remedy: "let it run on Ticket is created and Ticket is updated, whatever the ticket",
		FR: findings.Advice{Text: fmt.Sprintf("le déclencheur %q appelle le webhook sous ses propres conditions : les autres changements ne sont vus qu'à la lecture périodique", calling[0].Title),
			Remedy: "le faire agir sur Ticket is created et Ticket is updated, quel que soit le ticket"}}}
}

// calling are those that call the webhook.
func calling(all []gozendesk.Trigger, webhook string) (list []gozendesk.Trigger) {
	for _, t := range all {
		if tells(t, webhook) {
			list = append(list, t)
		}
	}
	return list
}

// checkTriggers finds that nobody would ever call a webhook that waits for a
// trigger's call.
func (c *Client) checkTriggers(ctx context.Context, w webhook) []findings.Finding {
	all, err := c.triggers(ctx)
	switch {
	case refused(err, http.StatusForbidden, http.StatusNotFound):
		return []findings.Finding{{Weight: findings.Doubt, Text: "Zendesk doesn't show its triggers to this account", Remedy: "let an admin's account check, or look in " + triggerPlace,
			FR: findings.Advice{Text: "Zendesk ne montre pas ses déclencheurs à ce compte", Remedy: "faire vérifier par le compte d'un admin, ou voir dans " + triggerPlace}}}
	case err != nil:
		return findings.Of(err)
	}
	if list := calling(all, string(w.ID)); len(list) > 0 {
		return partial(list)
	}
	return []findings.Finding{{Weight: findings.Wrong, Text: fmt.Sprintf("no active trigger calls webhook %q with the ticket's number, so it never tells anything", w.Name), Remedy: "run setup",
		FR: findings.Advice{Text: fmt.Sprintf("aucun déclencheur actif n'appelle le webhook %q avec le numéro du ticket, il ne dit donc jamais rien", w.Name), Remedy: "lancer setup"}}}
}

const triggerPlace = "Admin Center > Objects and rules > Business rules > Triggers"

func triggerByHand(name string) string {
	return fmt.Sprintf("in %s, add a trigger %q that meets any of: Ticket is created, Ticket is updated; its action is to notify by webhook %q, with the JSON body %s",
		triggerPlace, name, name, triggerBody)
}

// triggerStep makes the trigger that calls a webhook, unless an active one does.
// One of our name that is off, or calls something else, is mended; other people's
// are left alone. webhook is the id, which is empty until there is one.
func (c *Client) triggerStep(ctx context.Context, name string, webhook *string, admin bool) (desk.Step, error) {
	step := desk.Step{What: fmt.Sprintf("trigger %q, which calls it on each ticket created or updated", name)}
	all, err := c.triggers(ctx)
	if refused(err, http.StatusForbidden) {
		admin, err = false, nil // one more might be one too many
	}
	if err != nil {
		return step, err
	}
	if list := calling(all, *webhook); len(list) > 0 {
		step.What = fmt.Sprintf("trigger %q, which calls it", list[0].Title)
		step.There, step.Remarks = strconv.FormatInt(list[0].ID, 10), partial(list)
		return step, nil
	}
	if !admin {
		step.Hand = []string{triggerByHand(name)}
		return step, nil
	}
	ours := slices.IndexFunc(all, func(t gozendesk.Trigger) bool { return t.Title == name })
	if ours >= 0 {
		step.There, step.Found = strconv.FormatInt(all[ours].ID, 10), "calling something else"
		if !all[ours].Active {
			step.Found = "inactive"
		}
	}
	step.Make = func(ctx context.Context) (string, error) {
		if *webhook == "" {
			return "", nil
		}
		made, err := ourTrigger(name, *webhook), error(nil)
		if ours >= 0 {
			made, err = c.api.UpdateTrigger(ctx, all[ours].ID, made)
		} else {
			made, err = c.api.CreateTrigger(ctx, made)
		}
		if refused(err, http.StatusForbidden) {
			return "", findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("make trigger %q: %s", name, withoutBody(err)),
				Remedy: "take the token of an account that may manage triggers; or " + triggerByHand(name)}
		}
		if err == nil && made.ID == 0 {
			err = &rest.NotTheAPI{Method: "PUT", Path: "/triggers", Was: "no trigger"}
		}
		if err != nil {
			return "", advised(fmt.Errorf("make trigger %q: %w", name, withoutBody(err)))
		}
		return strconv.FormatInt(made.ID, 10), nil
	}
	return step, nil
}
