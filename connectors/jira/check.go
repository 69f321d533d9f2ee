package jira

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"vigie/connectors/findings"
	"vigie/connectors/rest"
)

// Check asks the site who we are, and whether it has the projects and fields
// that the configuration names. It forgets what was known before.
func (c *Client) Check(ctx context.Context) error {
	v, err := c.ask(ctx)
	if err != nil {
		return err
	}
	errs := []error{c.checkFields(v)}
	// Jira refuses a search in a project that it doesn't know or show; of several, the
	// others are read.
	if _, err := c.Unsolved(ctx, ""); err != nil {
		errs = append(errs, fmt.Errorf("projects: %w", err))
	}
	return errors.Join(errs...)
}

// CheckShown is Check, and fails as well where a project is missing or hidden: an
// issue of it that isn't there may be hidden, too.
func (c *Client) CheckShown(ctx context.Context) error {
	errs := []error{c.Check(ctx)}
	for _, f := range c.projects.findings() {
		if f.Weight == findings.Wrong {
			errs = append(errs, f)
		}
	}
	return errors.Join(errs...)
}

// Inspect asks all that Check asks and more, side by side: what a person who sets
// Vigie up wants to know. webhook is the address that webhooks should go to; empty
// where nobody could reach one.
func (c *Client) Inspect(ctx context.Context, webhook string) []findings.Finding {
	v, err := c.ask(ctx)
	if err != nil {
		return []findings.Finding{c.unanswered(ctx, err)}
	}
	kind := "Data Center"
	if v.cloud {
		kind = "Cloud"
	}
	who := v.account()
	signed := findings.Finding{Text: fmt.Sprintf("signed in as %s, Jira %s", who, kind), FR: findings.Advice{Text: fmt.Sprintf("connecté comme %s, Jira %s", who, kind)}}
	asked := []func() error{
		func() error { return signed },
		func() error { return c.checkScopes(ctx) },
		func() error { return errors.Join(c.checkFields(v), checkStatuses(v)) },
		func() error { return c.checkPriorities(ctx, v) },
		func() error { return c.checkStaff(ctx, v) },
		func() error { return c.checkWebhooks(ctx, v.cloud, webhook) },
	}
	for _, p := range c.cfg.Projects {
		asked = append(asked, func() error { return errors.Join(c.checkProject(ctx, v, p), c.checkScreens(ctx, v, p)) })
	}
	found := rest.SideBySide(asked)
	for _, f := range c.projects.findings() {
		if f.Weight != findings.Wrong { // what is missing was said above
			found = append(found, f)
		}
	}
	return found
}

// unanswered says why the very first questions had no good answer.
func (c *Client) unanswered(ctx context.Context, err error) findings.Finding {
	f := findings.Finding{Weight: findings.Wrong, Text: err.Error(), Remedy: "see whether this machine reaches " + c.cfg.URL,
		FR: findings.Advice{Remedy: "voir si cette machine atteint " + c.cfg.URL}}
	if c.bad != nil {
		f.Remedy, f.FR.Remedy = "", ""
		return f
	}
	// serverInfo answers strangers too. Data Center is often below /jira.
	elsewhere := []string{"", "/jira"}
	if c.cfg.gateway() {
		elsewhere = nil // it has one place for each cloudId
	}
	if at, wrong := rest.Misdirected(ctx, err, c.http, strings.TrimRight(c.cfg.URL, "/"), "/rest/api/2/serverInfo", elsewhere...); wrong {
		if c.cfg.gateway() {
			at.Remedy = "write the site's cloudId behind " + gateways + ": https://<site>.atlassian.net/_edge/tenant_info tells it"
			at.FR.Remedy = "écrire le cloudId du site derrière " + gateways + " : https://<site>.atlassian.net/_edge/tenant_info le donne"
		}
		return at
	}
	var lacks *ScopeError
	switch {
	case errors.As(err, &lacks):
		return lacks.finding()
	case denied(err):
		f.Remedy, f.FR.Remedy = c.refused(ctx)
	}
	return f
}

func (c *Client) checkFields(v *vocabulary) error {
	var errs []error
	for _, d := range c.cfg.DueFields {
		f, ok := v.fields[d.ID]
		switch {
		case !ok:
			errs = append(errs, findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("due_fields: %s has no field %q", c.cfg.Name, d.ID),
				Remedy: "correct it, or take it out and run setup",
				FR:     findings.Advice{Text: fmt.Sprintf("due_fields : %s n'a pas de champ %q", c.cfg.Name, d.ID), Remedy: "le corriger, ou le retirer et lancer setup"}})
		case v.form(d.ID) == "":
			errs = append(errs, findings.Finding{Weight: findings.Wrong,
				Text:   fmt.Sprintf("due_fields: field %q holds %s, not a date, a date with time or text", d.ID, cmp.Or(f.Type, "nothing known")),
				Remedy: "name another field",
				FR: findings.Advice{
					Text:   fmt.Sprintf("due_fields : le champ %q contient %s, et non une date, une date avec l'heure ou du texte", d.ID, cmp.Or(f.Type, "on ne sait quoi")),
					Remedy: "nommer un autre champ"}})
		}
	}
	if g := c.cfg.Group; g != "" && g != "component" && g != "project" {
		if _, ok := v.fields[g]; !ok {
			errs = append(errs, findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("group: %s has no field %q", c.cfg.Name, g),
				Remedy: `correct it, or write "component" or "project"`,
				FR:     findings.Advice{Text: fmt.Sprintf("group : %s n'a pas de champ %q", c.cfg.Name, g), Remedy: `le corriger, ou écrire "component" ou "project"`}})
		}
	}
	return errors.Join(errs...)
}

// checkStatuses notes names under status that the site doesn't have, or has no
// more: then old issues' histories still need them.
func checkStatuses(v *vocabulary) error {
	if len(v.statuses) == 0 {
		return nil // not shown to us
	}
	unknown := map[string]bool{}
	for name := range v.Status {
		if _, ok := v.statuses[strings.ToLower(name)]; !ok {
			unknown[name] = true
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return findings.Finding{Weight: findings.Doubt, Text: "status: the site has none of these: " + inOrder(unknown), Remedy: "write them as Jira shows them, unless they are of the past",
		FR: findings.Advice{Text: "status : le site n'a aucun de ceux-ci : " + inOrder(unknown), Remedy: "les écrire comme Jira les montre, à moins qu'ils ne soient du passé"}}
}

// checkProject finds what we may not do in a project, and which of its words no
// mapping names.
func (c *Client) checkProject(ctx context.Context, v *vocabulary, key string) error {
	may, err := c.permissions(ctx, key, "BROWSE_PROJECTS", "EDIT_ISSUES", "ADMINISTER_PROJECTS", "ADMINISTER")
	if s := status(err); s == http.StatusNotFound || s == http.StatusBadRequest || err == nil && !may["BROWSE_PROJECTS"] {
		return findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("project %s isn't there, or hidden from Vigie", key),
			Remedy: "correct its key under projects, or give the account Browse projects there",
			FR:     findings.Advice{Text: fmt.Sprintf("le projet %s n'existe pas, ou est caché à Vigie", key), Remedy: "corriger sa clé sous projects, ou y donner au compte Browse projects"}}
	}
	if err != nil {
		return fmt.Errorf("project %s: %w", key, err)
	}
	var found []error
	if !may["EDIT_ISSUES"] {
		found = append(found, findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("project %s: no Edit issues, so neither labels nor due dates are written", key),
			Remedy: "give it to the account in the project's permissions",
			FR: findings.Advice{Text: fmt.Sprintf("projet %s : sans Edit issues, ni étiquettes ni échéances ne sont écrites", key),
				Remedy: "le donner au compte dans les droits du projet"}})
	}
	if !may["ADMINISTER_PROJECTS"] && !may["ADMINISTER"] {
		found = append(found, findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("project %s: no Administer projects, so an edit can't be kept from mailing watchers, and isn't made", key),
			Remedy: "give it to the account in the project's permissions",
			FR: findings.Advice{Text: fmt.Sprintf("projet %s : sans Administer projects, une modification ne peut se faire sans écrire aux observateurs, et ne se fait pas", key),
				Remedy: "le donner au compte dans les droits du projet"}})
	}
	return errors.Join(append(found, c.checkWords(ctx, v, key), c.checkRequestTypes(ctx, v, key))...)
}

// checkWords notes a project's statuses and issue types that no mapping names.
func (c *Client) checkWords(ctx context.Context, v *vocabulary, key string) error {
	var types []struct {
		Name     string `json:"name"`
		Statuses []struct {
			Name string `json:"name"`
		} `json:"statuses"`
	}
	if err := c.call(ctx, "GET", "project/"+url.PathEscape(key)+"/statuses", nil, &types); err != nil {
		return fmt.Errorf("project %s: read its statuses: %w", key, err)
	}
	statuses, kinds := map[string]bool{}, map[string]bool{}
	for _, t := range types {
		if v.kind(nil, "", t.Name) == "" {
			kinds[t.Name] = true
		}
		for _, s := range t.Statuses {
			if !v.named(s.Name) {
				statuses[fmt.Sprintf("%s (%s)", s.Name, v.status("", s.Name, ""))] = true
			}
		}
	}
	var found []error
	if len(statuses) > 0 {
		found = append(found, findings.Finding{Weight: findings.Doubt,
			Text:   fmt.Sprintf("project %s: no mapping names these statuses, so their categories count: %s", key, inOrder(statuses)),
			Remedy: "name those that mean something else under status",
			FR: findings.Advice{Text: fmt.Sprintf("projet %s : rien ne traduit ces statuts, leur catégorie compte donc : %s", key, inOrder(statuses)),
				Remedy: "nommer sous status ceux qui veulent dire autre chose"}})
	}
	if len(kinds) > 0 && len(v.Kinds) > 0 {
		found = append(found, findings.Finding{Weight: findings.Doubt,
			Text:   fmt.Sprintf("project %s: these issue types are no kind by themselves: %s", key, inOrder(kinds)),
			Remedy: "name them under kinds, unless a label or the request type does that",
			FR: findings.Advice{Text: fmt.Sprintf("projet %s : ces types de ticket Jira n'ont pas de type dans la politique : %s", key, inOrder(kinds)),
				Remedy: "les nommer sous kinds, à moins qu'une étiquette ou le type de demande ne le fasse"}})
	}
	return errors.Join(found...)
}

// named says that a status is mapped by name, or is one of Jira's own templates
// whose category says what it means.
func (v *vocabulary) named(status string) bool {
	for from := range v.Status {
		if strings.EqualFold(from, status) {
			return true
		}
	}
	name := strings.ToLower(status)
	_, builtIn := builtInStatus[name]
	_, usual := usualCategory[name]
	return builtIn || usual || name == "in progress" || name == "waiting for support" || name == "en cours"
}

func inOrder(set map[string]bool) string {
	var list []string
	for s := range set {
		list = append(list, s)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// permissions says which of the named permissions our account has in a project;
// with no project, which of the global ones
// (https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-permissions/).
func (c *Client) permissions(ctx context.Context, project string, names ...string) (map[string]bool, error) {
	query := url.Values{"permissions": {strings.Join(names, ",")}} // Cloud wants them named; Data Center tells all
	if project != "" {
		query.Set("projectKey", project)
	}
	var out struct {
		Permissions map[string]struct {
			Have bool `json:"havePermission"`
		} `json:"permissions"`
	}
	if err := c.call(ctx, "GET", "mypermissions?"+query.Encode(), nil, &out, "permissions"); err != nil {
		return nil, fmt.Errorf("read our permissions: %w", err)
	}
	may := map[string]bool{}
	for name, p := range out.Permissions {
		may[name] = p.Have
	}
	return may, nil
}
