package zendesk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vigie/connectors/desk"
	"vigie/connectors/findings"
)

// subscribed are the ticket events that can move a promise: those that change
// what a policy sees, or say that the ticket is gone
// (https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events).
var subscribed = []string{
	"created", "comment_added", "comment_made_private", "status_changed", "custom_status_changed", "priority_changed", "type_changed", "form_changed",
	"group_assignment_changed", "agent_assignment_changed", "organization_changed", "requester_changed", "subject_changed", "tags_changed",
	"custom_field_changed", "task_due_at_changed", "marked_as_spam", "merged", "soft_deleted", "permanently_deleted", "undeleted",
	"comment_redacted", "attachment_redacted_from_comment", "description_changed",
}

// extras are what a webhook tells of besides where the account takes them, which isn't
// documented of all: what is said in a conversation that is under way
// (https://developer.zendesk.com/api-reference/webhooks/event-types/messaging-events),
// and that a person was deleted, whose name stands in his tickets. What they would
// tell the poll and the nightly comparison find.
var extras = []string{"zen:event-type:messaging_ticket.message_added", userDeleted}

const (
	userDeleted  = "zen:event-type:user.deleted"
	eventPrefix  = "zen:event-type:ticket."
	byTriggers   = "conditional_ticket_events" // the other model: a trigger calls it
	webhookPlace = "Admin Center > Apps and integrations > Webhooks"
)

func subscriptions() []string {
	list := make([]string, len(subscribed))
	for i, name := range subscribed {
		list[i] = eventPrefix + name
	}
	return list
}

// A webhook is what Zendesk tells of one
// (https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks).
type webhook struct {
	ID            text     `json:"id"`
	Name          string   `json:"name"`
	Endpoint      string   `json:"endpoint"`
	Method        string   `json:"http_method"`
	Format        string   `json:"request_format"`
	Status        string   `json:"status"`
	Subscriptions []string `json:"subscriptions"`
}

// The models of webhooks are exclusive, and no webhook can change its own.
func (w webhook) calledByTriggers() bool { return slices.Contains(w.Subscriptions, byTriggers) }

// describe is the webhook with what keeps it from telling of every change and only a
// person can mend.
func (w webhook) describe() desk.Webhook {
	out := desk.Webhook{ID: string(w.ID), Name: w.Name, Address: w.Endpoint, Active: w.Status == "active"}
	missing := slices.DeleteFunc(subscriptions(), func(e string) bool { return slices.Contains(w.Subscriptions, e) })
	switch {
	case w.Method != "POST" || w.Format != "json":
		out.Amiss = desk.Silent(w.Name,
			findings.Advice{Text: fmt.Sprintf("it sends %s %s, not POST json", w.Method, w.Format), Remedy: "delete it in " + webhookPlace + ", and run setup again"},
			findings.Advice{Text: fmt.Sprintf("il envoie %s %s, et non POST json", w.Method, w.Format), Remedy: "le supprimer dans " + webhookPlace + ", et relancer setup"})
	case !w.calledByTriggers() && len(missing) > 0:
		for i, e := range missing {
			missing[i] = strings.TrimPrefix(e, eventPrefix)
		}
		list := strings.Join(missing, ", ")
		out.Amiss = desk.Silent(w.Name, findings.Advice{Text: "it doesn't tell of " + list, Remedy: "add these ticket events in " + webhookPlace},
			findings.Advice{Text: "il ne dit rien de " + list, Remedy: "ajouter ces événements de ticket dans " + webhookPlace})
	}
	return out
}

// ourWebhook picks the source's webhook out of all that the account has, as
// rules.OurWebhook does.
func (c *Client) ourWebhook(ctx context.Context, name, address string) (own *webhook, amiss []findings.Finding, err error) {
	var all []webhook
	var judged []desk.Webhook
	err = c.list(ctx, "/webhooks", "webhooks", func(raw json.RawMessage) {
		var w webhook
		if decode(raw, &w) == nil {
			all, judged = append(all, w), append(judged, w.describe())
		}
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read webhooks: %w", err)
	}
	found, amiss := desk.OurWebhook(judged, name, address)
	if found != nil {
		own = &all[slices.IndexFunc(all, func(w webhook) bool { return string(w.ID) == found.ID })]
	}
	return own, amiss, nil
}

// mending is what is wrong with the webhook that setup can mend, and the change
// that mends it; nothing where all is well.
func (w webhook) mending(address string) (found string, change map[string]any) {
	change = map[string]any{}
	var says []string
	if w.Status != "active" {
		says, change["status"] = append(says, w.Status), "active"
	}
	if w.Endpoint != address {
		says, change["endpoint"] = append(says, "going to "+w.Endpoint), address
	}
	return strings.Join(says, " and "), change
}

// checkWebhooks finds what keeps webhooks from coming. Without them polls find
// every change, a minute or two later.
func (c *Client) checkWebhooks(ctx context.Context, address string) error {
	if err := desk.NoWebhooks(address, c.cfg.WebhookSecrets); err != nil {
		return err
	}
	own, amiss, err := c.ourWebhook(ctx, desk.WebhookName(c.cfg.Name), address)
	if refused(err, http.StatusForbidden, http.StatusNotFound) {
		return findings.Finding{Weight: findings.Doubt, Text: "Zendesk doesn't show its webhooks to this account", Remedy: "let an admin's account check, or look in " + webhookPlace,
			FR: findings.Advice{Text: "Zendesk ne montre pas ses webhooks à ce compte", Remedy: "faire vérifier par le compte d'un admin, ou voir dans " + webhookPlace}}
	}
	if err != nil {
		return err
	}
	switch {
	case own == nil:
		amiss = append(amiss, desk.NoWebhook(address))
		return findings.Join(amiss)
	case own.calledByTriggers():
		amiss = append(amiss, c.checkTriggers(ctx, *own)...)
	}
	if says, _ := own.mending(address); says != "" {
		amiss = append(amiss, findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("webhook %q is %s", own.Name, says), Remedy: "run setup, which mends it",
			FR: findings.Advice{Text: fmt.Sprintf("le webhook %q est inactif ou va ailleurs (%s)", own.Name, says), Remedy: "lancer setup, qui le répare"}})
	}
	switch secret, err := c.signingSecret(ctx, string(own.ID)); {
	case refused(err, http.StatusForbidden, http.StatusNotFound):
	case err != nil:
		amiss = append(amiss, findings.Of(err)...)
	case !slices.Contains(c.cfg.WebhookSecrets(), secret):
		amiss = append(amiss, findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("webhook %q is signed with another secret than webhook_secret, so all it says is refused", own.Name),
			Remedy: "take webhook_secret out and run setup --secrets DIR, which reads the right one into a file",
			FR: findings.Advice{Text: fmt.Sprintf("le webhook %q est signé avec un autre secret que webhook_secret, tout ce qu'il dit est donc refusé", own.Name),
				Remedy: "retirer webhook_secret et lancer setup --secrets DIR, qui lit le bon dans un fichier"}})
	}
	if len(amiss) == 0 {
		amiss = append(amiss, findings.Finding{Text: fmt.Sprintf("webhook %q goes to %s", own.Name, address),
			FR: findings.Advice{Text: fmt.Sprintf("le webhook %q va à %s", own.Name, address)}})
	}
	return findings.Join(amiss)
}

func (c *Client) signingSecret(ctx context.Context, id string) (string, error) {
	var out struct {
		Secret struct {
			Secret string `json:"secret"`
		} `json:"signing_secret"`
	}
	if err := c.get(ctx, "/webhooks/"+url.PathEscape(id)+"/signing_secret", &out, "signing_secret"); err != nil {
		return "", fmt.Errorf("read the webhook's signing secret: %w", err)
	}
	if out.Secret.Secret == "" {
		return "", errors.New("read the webhook's signing secret: the answer has none")
	}
	return out.Secret.Secret, nil
}

// webhookSteps are the webhook and, where triggers call it, the trigger that does.
// Whether it has webhooks on ticket events an account says only when it is asked for
// one. They are asked for first, since they tell of deletions too, and of who did
// what; a trigger's call tells of neither.
func (c *Client) webhookSteps(ctx context.Context, needs desk.Needs, admin bool) ([]desk.Step, error) {
	name := desk.WebhookName(needs.Source)
	own, amiss, err := c.ourWebhook(ctx, name, needs.Webhook)
	blind := refused(err, http.StatusForbidden)
	if err != nil && !blind {
		return nil, err
	}
	id := ""
	onEvents := c.webhookStep(name, needs.Webhook, fmt.Sprintf("for %d ticket events", len(subscribed)), append(subscriptions(), extras...), &id)
	called := c.webhookStep(name, needs.Webhook, "which a trigger calls", []string{byTriggers}, &id)
	switch {
	case own == nil && (blind || !admin):
		onEvents.Make, onEvents.Hand, onEvents.Remarks = nil, []string{
			fmt.Sprintf("in %s, create a webhook that subscribes to Zendesk events: %s; and to user.deleted and, where there is Messaging, to messaging_ticket.message_added", webhookPlace, strings.Join(subscribed, ", ")),
			fmt.Sprintf("name it %q, endpoint %s, POST, JSON, no authentication", name, needs.Webhook),
			"reveal its signing secret on its page, put that into a file, and name the file under webhook_secret",
			"where there are no ticket events to subscribe to, connect it to a trigger instead: " + triggerByHand(name),
		}, amiss
		return []desk.Step{onEvents}, nil
	case own == nil:
		trigger, err := c.triggerStep(ctx, name, &id, admin)
		onEvents.Remarks, called.Remarks = amiss, amiss
		onEvents.Else = []desk.Step{called, trigger}
		return []desk.Step{onEvents}, err
	}
	step := onEvents
	if own.calledByTriggers() {
		step = called
	}
	id = string(own.ID)
	step.What = strings.Replace(step.What, strconv.Quote(name), strconv.Quote(own.Name), 1)
	step.There, step.Make, step.Remarks = id, nil, amiss
	switch says, change := own.mending(needs.Webhook); {
	case says == "":
	case admin:
		step.Found, step.Make = says, func(ctx context.Context) (string, error) { return id, c.mendWebhook(ctx, id, change) }
	default:
		step.Remarks = append(step.Remarks, findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("webhook %q is %s", own.Name, says), Remedy: "let an admin's account run setup"})
	}
	if !own.calledByTriggers() {
		return []desk.Step{step}, nil
	}
	trigger, err := c.triggerStep(ctx, name, &id, admin)
	return []desk.Step{step, trigger}, err
}

// webhookStep makes a webhook of one model or the other, and puts its id into made.
func (c *Client) webhookStep(name, address, model string, subscriptions []string, made *string) desk.Step {
	step := desk.Step{What: fmt.Sprintf("webhook %q to %s, %s", name, address, model), Webhook: true, Secret: c.signingSecret}
	step.Make = func(ctx context.Context) (string, error) {
		var out struct {
			Webhook webhook `json:"webhook"`
		}
		register := func(subscriptions []string) error {
			return c.post(ctx, "/webhooks", map[string]any{"webhook": map[string]any{"name": name, "endpoint": address, "http_method": "POST",
				"request_format": "json", "status": "active", "subscriptions": subscriptions}}, &out, "webhook")
		}
		err := register(subscriptions)
		for _, extra := range extras {
			if !refused(err, http.StatusBadRequest, http.StatusUnprocessableEntity) || !slices.Contains(subscriptions, extra) {
				continue
			}
			subscriptions = slices.DeleteFunc(slices.Clone(subscriptions), func(e string) bool { return e == extra })
			err = register(subscriptions)
		}
		if refused(err, http.StatusBadRequest, http.StatusUnprocessableEntity) {
			err = fmt.Errorf("%w: %w", desk.ErrNotOffered, err)
		}
		if err != nil {
			return "", advised(fmt.Errorf("make webhook %q: %w", name, err))
		}
		*made = string(out.Webhook.ID)
		return *made, nil
	}
	return step
}

// mendWebhook changes some of a webhook. The library could only replace all of it,
// and with that the authentication that an admin may have given it, which nobody is
// shown.
func (c *Client) mendWebhook(ctx context.Context, id string, change map[string]any) error {
	body, err := json.Marshal(map[string]any{"webhook": change})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, c.cfg.URL+"/api/v2/webhooks/"+url.PathEscape(id), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return advised(fmt.Errorf("mend webhook %s: %w", id, withoutBody(err)))
	}
	return resp.Body.Close()
}
