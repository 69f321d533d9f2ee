package zendesk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vigie/rules"
)

// subscribed are the ticket events that can move a promise: those that change
// what a policy sees, or say that the ticket is gone
// (https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events).
var subscribed = []string{
	"created", "comment_added", "comment_made_private", "status_changed", "custom_status_changed", "priority_changed", "type_changed", "form_changed",
	"group_assignment_changed", "agent_assignment_changed", "organization_changed", "requester_changed", "subject_changed", "tags_changed",
	"custom_field_changed", "task_due_at_changed", "marked_as_spam", "merged", "soft_deleted", "permanently_deleted", "undeleted",
}

const (
	eventPrefix = "zen:event-type:ticket."
	byTriggers  = "conditional_ticket_events" // the other model: whoever writes a trigger has it called
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

// webhooks are all that the account has.
func (c *Client) webhooks(ctx context.Context) ([]webhook, error) {
	var all []webhook
	query := url.Values{"page[size]": {"100"}}
	for range maxPages {
		var list struct {
			Webhooks []webhook `json:"webhooks"`
			Meta     struct {
				More  bool   `json:"has_more"`
				After string `json:"after_cursor"`
			} `json:"meta"`
		}
		if err := c.get(ctx, "/webhooks?"+query.Encode(), &list); err != nil {
			return nil, fmt.Errorf("read webhooks: %w", err)
		}
		all = append(all, list.Webhooks...)
		if !list.Meta.More || list.Meta.After == "" {
			break
		}
		query.Set("page[after]", list.Meta.After)
	}
	return all, nil
}

// ours picks the webhook that goes to the address, an active one before others;
// those that go to the same path elsewhere are strays, perhaps of a Vigie that has
// moved.
func ours(all []webhook, address string) (own *webhook, strays []webhook) {
	for i, w := range all {
		switch {
		case w.Endpoint == address && (own == nil || own.Status != "active"):
			own = &all[i]
		case w.Endpoint != address && w.Status == "active" && samePath(w.Endpoint, address):
			strays = append(strays, w)
		}
	}
	return own, strays
}

func samePath(a, b string) bool {
	u, err := url.Parse(a)
	v, failed := url.Parse(b)
	return err == nil && failed == nil && u.Path == v.Path
}

// amiss says why the webhook won't tell of every change; empty if it will.
func (w *webhook) amiss() (says, remedy string) {
	const place = "in Admin Center > Apps and integrations > Webhooks"
	missing := slices.DeleteFunc(subscriptions(), func(e string) bool { return slices.Contains(w.Subscriptions, e) })
	switch {
	case w.Status != "active":
		return "it is " + w.Status, "activate it " + place
	case w.Method != "POST" || w.Format != "json":
		return fmt.Sprintf("it sends %s %s, not POST json", w.Method, w.Format), "delete it " + place + ", and run setup again"
	case slices.Contains(w.Subscriptions, byTriggers):
		return "", ""
	case len(missing) > 0:
		for i, e := range missing {
			missing[i] = strings.TrimPrefix(e, eventPrefix)
		}
		return "it doesn't tell of " + strings.Join(missing, ", "), "add these ticket events " + place
	}
	return "", ""
}

// checkWebhooks finds what keeps webhooks from coming. Without them polls find
// every change, a minute or two later.
func (c *Client) checkWebhooks(ctx context.Context, address string) error {
	configured := c.cfg.WebhookSecrets != nil && len(c.cfg.WebhookSecrets()) > 0
	const silent = "no webhooks: changes are seen by the poll alone"
	switch {
	case address == "":
		return rules.Finding{Weight: rules.Doubt, Text: silent, Remedy: "write public_url under [web], then run setup --secrets DIR"}
	case !configured:
		return rules.Finding{Weight: rules.Doubt, Text: silent, Remedy: "run setup --secrets DIR, which makes the webhook and reads its secret into a file for webhook_secret"}
	}
	all, err := c.webhooks(ctx)
	if refused(err, http.StatusForbidden, http.StatusNotFound) {
		return rules.Finding{Weight: rules.Doubt, Text: "Zendesk doesn't show its webhooks to this account", Remedy: "let an admin's account check, or look in Admin Center > Apps and integrations > Webhooks"}
	}
	if err != nil {
		return err
	}
	own, strays := ours(all, address)
	var found []error
	for _, s := range strays {
		found = append(found, rules.Finding{Weight: rules.Doubt, Text: fmt.Sprintf("webhook %q goes to %s", s.Name, s.Endpoint), Remedy: "delete it if no Vigie is there any more"})
	}
	if own == nil {
		return errors.Join(append(found, rules.Finding{Weight: rules.Wrong, Text: "no webhook goes to " + address, Remedy: "run setup"})...)
	}
	if says, remedy := own.amiss(); says != "" {
		found = append(found, rules.Finding{Weight: rules.Wrong, Text: fmt.Sprintf("webhook %q: %s", own.Name, says), Remedy: remedy})
	}
	switch secret, err := c.signingSecret(ctx, string(own.ID)); {
	case refused(err, http.StatusForbidden, http.StatusNotFound):
	case err != nil:
		found = append(found, err)
	case !slices.Contains(c.cfg.WebhookSecrets(), secret):
		found = append(found, rules.Finding{Weight: rules.Wrong, Text: fmt.Sprintf("webhook %q is signed with another secret than webhook_secret, so all it says is refused", own.Name),
			Remedy: "take webhook_secret out and run setup --secrets DIR, which reads the right one into a file"})
	}
	if len(found) == 0 {
		return rules.Finding{Text: fmt.Sprintf("webhook %q goes to %s", own.Name, address)}
	}
	return errors.Join(found...)
}

func (c *Client) signingSecret(ctx context.Context, id string) (string, error) {
	var out struct {
		Secret struct {
			Secret string `json:"secret"`
		} `json:"signing_secret"`
	}
	if err := c.get(ctx, "/webhooks/"+url.PathEscape(id)+"/signing_secret", &out); err != nil {
		return "", fmt.Errorf("read the webhook's signing secret: %w", err)
	}
	if out.Secret.Secret == "" {
		return "", errors.New("read the webhook's signing secret: the answer has none")
	}
	return out.Secret.Secret, nil
}

// Plan compares what a source needs with what the account has. It changes
// nothing; the steps do, when they are taken. Its errors are those of reading.
func (c *Client) Plan(ctx context.Context, needs rules.Needs) ([]rules.Step, error) {
	me, err := c.self(ctx)
	if err != nil {
		return nil, c.unanswered(ctx, err)
	}
	admin := me.Role == "admin"
	var steps []rules.Step
	if len(needs.DueFields) > 0 {
		fields, _, err := c.api.GetTicketFields(ctx)
		if err != nil {
			return nil, fmt.Errorf("read ticket fields: %w", plain(err))
		}
		for _, due := range needs.DueFields {
			step := c.fieldStep(due, admin)
			for _, f := range fields {
				if f.Title == due.Title() && f.Active && forms[f.Type] == due.Form {
					step.There, step.Make, step.Hand = strconv.FormatInt(f.ID, 10), nil, nil
				}
			}
			steps = append(steps, step)
		}
	}
	if needs.Webhook == "" {
		return steps, nil
	}
	all, err := c.webhooks(ctx)
	if err != nil && !refused(err, http.StatusForbidden) {
		return nil, err
	}
	step := c.webhookStep(needs, admin)
	own, strays := ours(all, needs.Webhook)
	if own != nil {
		step.There, step.Make, step.Hand = string(own.ID), nil, nil
		if says, remedy := own.amiss(); says != "" {
			step.Remark = says + ": " + remedy
		}
	}
	for _, s := range strays {
		step.Remark = strings.TrimPrefix(step.Remark+fmt.Sprintf("; webhook %q goes to %s: delete it if no Vigie is there any more", s.Name, s.Endpoint), "; ")
	}
	return append(steps, step), nil
}

// fieldStep makes a ticket field, which agents see but customers don't.
func (c *Client) fieldStep(due rules.DueField, admin bool) rules.Step {
	form := "text"
	if due.Form == rules.DateForm {
		form = "date"
	}
	step := rules.Step{What: fmt.Sprintf("ticket field %q (%s)", due.Title(), form), Metric: due.Metric}
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
		if err := c.post(ctx, "/ticket_fields.json", in, &out); err != nil {
			return "", fmt.Errorf("make ticket field %q: %w", due.Title(), err)
		}
		return string(out.Field.ID), nil
	}
	step.Hand = []string{fmt.Sprintf("where the account has ticket forms, add %q to those of support, in Admin Center > Objects and rules > Tickets > Forms: agents see it there", due.Title())}
	return step
}

func (c *Client) webhookStep(needs rules.Needs, admin bool) rules.Step {
	name := "Vigie " + needs.Source
	step := rules.Step{What: fmt.Sprintf("webhook %q to %s, for %d ticket events", name, needs.Webhook, len(subscribed)), Secret: c.signingSecret}
	if !admin {
		step.Hand = []string{
			fmt.Sprintf("in Admin Center > Apps and integrations > Webhooks, create a webhook that subscribes to Zendesk events: %s", strings.Join(subscribed, ", ")),
			fmt.Sprintf("name it %q, endpoint %s, POST, JSON, no authentication", name, needs.Webhook),
			"reveal its signing secret on its page, put that into a file, and name the file under webhook_secret",
		}
		return step
	}
	step.Make = func(ctx context.Context) (string, error) {
		var out struct {
			Webhook webhook `json:"webhook"`
		}
		in := map[string]any{"webhook": map[string]any{"name": name, "endpoint": needs.Webhook, "http_method": "POST", "request_format": "json",
			"status": "active", "subscriptions": subscriptions()}}
		err := c.post(ctx, "/webhooks", in, &out)
		if refused(err, http.StatusBadRequest, http.StatusUnprocessableEntity) {
			return "", rules.Finding{Weight: rules.Wrong, Text: fmt.Sprintf("Zendesk refuses the webhook: %s", err), Remedy: triggerSteps(name, needs.Webhook)}
		}
		if err != nil {
			return "", fmt.Errorf("make webhook %q: %w", name, err)
		}
		return string(out.Webhook.ID), nil
	}
	return step
}

// triggerSteps are what is left where an account has no ticket events: a webhook of
// the other model, which a trigger calls.
func triggerSteps(name, address string) string {
	return fmt.Sprintf("if that is because of its ticket events, use a trigger: create a webhook named %q to %s, POST, JSON, connected to a trigger; "+
		"then a trigger %q on Ticket is created or updated, which notifies it with the body %s", name, address, name, `{"ticket_id": "{{ticket.id}}"}`)
}
