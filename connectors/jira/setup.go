package jira

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"vigie/connectors/desk"
	"vigie/connectors/findings"
	"vigie/rules"
)

// events are those that can move a promise.
var events = []string{"jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created", "comment_updated", "comment_deleted"}

// Admin webhooks are registered below one path on Cloud and, with an API of their
// own and the secret elsewhere, below another on Data Center since 10; what came
// before that is a person's to set up
// (https://developer.atlassian.com/cloud/jira/platform/webhooks and
// https://developer.atlassian.com/server/jira/platform/webhooks/).
const (
	cloudHooks      = "rest/webhooks/1.0/webhook"
	dataCenterHooks = "rest/jira-webhook/1.0/webhooks"
)

// A hook is what Jira tells of an admin webhook, in either API. Its secret is never
// told.
type hook struct {
	ID      word     `json:"id"`
	Self    string   `json:"self"`
	Name    string   `json:"name"`
	URL     string   `json:"url"`
	Events  []string `json:"events"`
	Enabled *bool    `json:"enabled"` // Cloud's word
	Active  *bool    `json:"active"`  // Data Center's
}

func (h *hook) id() string {
	if h.ID != "" {
		return string(h.ID)
	}
	return h.Self[strings.LastIndexByte(h.Self, '/')+1:]
}

// judged is the webhook with what keeps it from telling of every change.
func (h *hook) judged() desk.Webhook {
	off := func(b *bool) bool { return b != nil && !*b }
	w := desk.Webhook{ID: h.id(), Name: h.Name, Address: h.URL, Active: !off(h.Enabled) && !off(h.Active)}
	missing := slices.DeleteFunc(slices.Clone(events), func(e string) bool { return slices.Contains(h.Events, e) })
	switch {
	case !w.Active:
		w.Amiss = desk.Silent(h.Name, findings.Advice{Text: "it is disabled", Remedy: "enable it under System > WebHooks"},
			findings.Advice{Text: "il est désactivé", Remedy: "l'activer sous System > WebHooks"})
	case len(missing) > 0:
		list := strings.Join(missing, ", ")
		w.Amiss = desk.Silent(h.Name, findings.Advice{Text: "it doesn't tell of " + list, Remedy: "add these events under System > WebHooks"},
			findings.Advice{Text: "il ne dit rien de " + list, Remedy: "ajouter ces événements sous System > WebHooks"})
	}
	return w
}

func hooksPath(cloud bool) string {
	if cloud {
		return cloudHooks
	}
	return dataCenterHooks
}

// ourHook picks the webhook that goes to the address out of all admin webhooks of the
// site, as rules.OurWebhook does; only an administrator is shown them.
func (c *Client) ourHook(ctx context.Context, cloud bool, address string) (own *desk.Webhook, amiss []findings.Finding, err error) {
	var list []hook
	if err := c.call(ctx, "GET", hooksPath(cloud), nil, &list); err != nil {
		return nil, nil, fmt.Errorf("read webhooks: %w", err)
	}
	all := make([]desk.Webhook, len(list))
	for i := range list {
		all[i] = list[i].judged()
	}
	own, amiss = desk.OurWebhook(all, "", address)
	return own, amiss, nil
}

// hidden says that the site has webhooks, but not for our account, or none over
// its API.
func hidden(err error) bool {
	return slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, status(err))
}

// checkWebhooks finds what keeps webhooks from coming. Without them polls find
// every change, a minute or two later.
func (c *Client) checkWebhooks(ctx context.Context, cloud bool, address string) error {
	if err := desk.NoWebhooks(address, c.cfg.WebhookSecrets); err != nil {
		return err
	}
	own, amiss, err := c.ourHook(ctx, cloud, address)
	switch {
	case hidden(err):
		return findings.Finding{Weight: findings.Doubt, Text: "only an administrator is shown the webhooks",
			Remedy: "see under System > WebHooks whether one goes to " + address,
			FR:     findings.Advice{Text: "seul un administrateur voit les webhooks", Remedy: "voir sous System > WebHooks si l'un d'eux va à " + address}}
	case err != nil:
		return err
	case own == nil:
		amiss = append(amiss, desk.NoWebhook(address))
	case own.Amiss.Text == "":
		amiss = append(amiss, findings.Finding{Text: fmt.Sprintf("webhook %q goes to %s; whether it has the right secret, its first call tells", own.Name, address),
			FR: findings.Advice{Text: fmt.Sprintf("le webhook %q va à %s ; son premier appel dira s'il a le bon secret", own.Name, address)}})
	}
	return findings.Join(amiss)
}

// Plan compares what a source needs with what the site has. It changes nothing;
// the steps do, when they are taken. Its errors are those of reading.
func (c *Client) Plan(ctx context.Context, needs desk.Needs) ([]desk.Step, error) {
	v, err := c.ask(ctx)
	if err != nil {
		return nil, c.unanswered(ctx, err)
	}
	may, err := c.permissions(ctx, "", "ADMINISTER")
	if err != nil {
		return nil, err
	}
	admin := may["ADMINISTER"]
	var steps []desk.Step
	for _, due := range needs.DueFields {
		step := c.fieldStep(due, admin)
		if id := v.ids[strings.ToLower(due.Title())]; id != "" && v.form(id) == due.Form {
			step.There, step.Make, step.Hand = id, nil, nil
		}
		steps = append(steps, step)
	}
	if needs.Webhook == "" {
		return steps, nil
	}
	own, amiss, err := c.ourHook(ctx, v.cloud, needs.Webhook)
	blind := hidden(err)
	if err != nil && !blind {
		return nil, err
	}
	step := c.hookStep(needs, v.cloud, admin && !blind)
	step.Remarks = amiss
	if own != nil {
		step.There, step.Make, step.Hand = own.ID, nil, nil
	}
	return append(steps, step), nil
}

// customTypes are Jira's for what holds a due date, each with what searches it.
var customTypes = map[rules.DueForm]struct{ name, key, searcher string }{
	rules.DateTimeForm: {"Date time picker", "datetime", "datetimerange"},
	rules.DateForm:     {"Date picker", "datepicker", "daterange"},
}

// fieldStep makes a custom field and puts it on the default screen. A field that is
// on no screen of an issue can't be edited, and which screens a project has is its
// administrators' affair.
func (c *Client) fieldStep(due rules.DueField, admin bool) desk.Step {
	const prefix = "com.atlassian.jira.plugin.system.customfieldtypes:"
	kind := customTypes[due.Form]
	step := desk.Step{What: fmt.Sprintf("custom field %q (%s)", due.Title(), kind.name), Metric: due.Metric}
	screens := fmt.Sprintf("put %q on the edit screens of %s: Jira refuses to write a field that is on none", due.Title(), strings.Join(c.cfg.Projects, ", "))
	if !admin {
		step.Hand = []string{
			fmt.Sprintf("as a Jira administrator, create a custom field of type %s named %q; its id (customfield_…) goes under due_fields", kind.name, due.Title()),
			screens,
		}
		return step
	}
	step.Hand = []string{screens}
	step.Make = func(ctx context.Context) (string, error) {
		var out struct {
			ID string `json:"id"`
		}
		in := map[string]any{"name": due.Title(), "description": "When the support policy says that this is due. Vigie writes it.",
			"type": prefix + kind.key, "searcherKey": prefix + kind.searcher}
		if err := c.call(ctx, "POST", "field", in, &out, "id"); err != nil {
			return "", fmt.Errorf("make custom field %q: %w", due.Title(), err)
		}
		// 404 is also said of a field that is there already.
		if err := c.call(ctx, "POST", "screens/addToDefault/"+url.PathEscape(out.ID), nil, nil); err != nil && !hidden(err) {
			return out.ID, fmt.Errorf("put field %s on the default screen: %w", out.ID, err)
		}
		return out.ID, nil
	}
	return step
}

func (c *Client) hookStep(needs desk.Needs, cloud, admin bool) desk.Step {
	name := desk.WebhookName(needs.Source)
	jql := inProjects(c.cfg.Projects)
	step := desk.Step{What: fmt.Sprintf("webhook %q to %s, for %s", name, needs.Webhook, jql), Webhook: true}
	if !admin || needs.Secret == nil {
		where := "as a Jira administrator, create a webhook under System > WebHooks"
		if admin {
			where = "run setup with --secrets DIR, which makes a secret and the webhook; or create it under System > WebHooks"
		}
		step.Hand = []string{
			where,
			fmt.Sprintf("name it %q, URL %s, JQL %s, events: issue and comment, created, updated and deleted", name, needs.Webhook, jql),
			"give it a secret, such as `openssl rand -hex 32` prints, put that into a file, and name the file under webhook_secret",
		}
		return step
	}
	step.Make = func(ctx context.Context) (string, error) {
		secret, err := needs.Secret()
		if err != nil {
			return "", err
		}
		in := map[string]any{"name": name, "url": needs.Webhook, "events": events, "filters": map[string]string{"issue-related-events-section": jql}}
		if cloud {
			in["excludeBody"], in["secret"] = false, secret
		} else {
			in["active"], in["configuration"] = true, map[string]string{"EXCLUDE_BODY": "false", "SECRET": secret}
		}
		var out hook
		if err := c.call(ctx, "POST", hooksPath(cloud), in, &out, "name"); err != nil {
			return "", fmt.Errorf("make webhook %q: %w", name, err)
		}
		return out.id(), nil
	}
	return step
}
