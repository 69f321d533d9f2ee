package jira

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"vigie/connectors/desk"
	"vigie/connectors/findings"
	"vigie/connectors/rest"
	"vigie/rules"
)

// InspectEscalation asks, side by side, whether issues can be made and kept in step
// in these projects: what a person who sets Vigie up wants to know of them. Finding
// nothing wrong says so of each.
func (c *Client) InspectEscalation(ctx context.Context, projects []desk.TeamProject) []findings.Finding {
	v, err := c.ask(ctx)
	if err != nil {
		return []findings.Finding{c.unanswered(ctx, err)}
	}
	asked := []func() error{func() error { return c.checkFields(v) }}
	for _, p := range projects {
		asked = append(asked, func() error { return c.checkTeamProject(ctx, v, p) })
	}
	return rest.SideBySide(asked)
}

// What making an issue and keeping it in step needs: each right, and what there is
// not without it.
var escalationRights = []struct{ key, name, en, fr string }{
	{"CREATE_ISSUES", "Create issues", "no issue is made of a ticket", "aucune demande n'est créée pour un ticket"},
	{"LINK_ISSUES", "Link issues", "an issue can't be linked to its ticket", "une demande ne peut être liée à son ticket"},
	{"EDIT_ISSUES", "Edit issues", "an issue can't be kept in step with its ticket", "une demande ne peut suivre son ticket"},
	{"ADMINISTER_PROJECTS", "Administer projects", "an edit can't be kept from mailing watchers, and isn't made", "une modification ne peut se faire sans écrire aux observateurs, et ne se fait pas"},
}

func (c *Client) checkTeamProject(ctx context.Context, v *vocabulary, p desk.TeamProject) error {
	rights := []string{"BROWSE_PROJECTS", "ADMINISTER"}
	for _, r := range escalationRights {
		rights = append(rights, r.key)
	}
	may, err := c.permissions(ctx, p.Project, rights...)
	if s := status(err); s == http.StatusNotFound || s == http.StatusBadRequest || err == nil && !may["BROWSE_PROJECTS"] {
		return findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("project %s isn't there, or hidden from Vigie", p.Project),
			Remedy: "give the account its rights in " + p.Project + ", or name another project under [[escalate]] in a copy of the policy",
			FR: findings.Advice{Text: fmt.Sprintf("le projet %s n'existe pas, ou est caché à Vigie", p.Project),
				Remedy: "donner ses droits au compte dans " + p.Project + ", ou nommer un autre projet sous [[escalate]] dans une copie de la politique"}}
	}
	if err != nil {
		return fmt.Errorf("project %s: %w", p.Project, err)
	}
	var found []error
	for _, r := range escalationRights {
		if may[r.key] || r.key == "ADMINISTER_PROJECTS" && may["ADMINISTER"] {
			continue
		}
		found = append(found, findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("project %s: no %s, so %s", p.Project, r.name, r.en),
			Remedy: "give it to the account in the project's permissions",
			FR:     findings.Advice{Text: fmt.Sprintf("projet %s : sans %s, %s", p.Project, r.name, r.fr), Remedy: "le donner au compte dans les droits du projet"}})
	}
	for _, id := range p.Fields {
		if _, ok := v.fields[id]; !ok && !slices.ContainsFunc(c.cfg.DueFields, func(f rules.DueField) bool { return f.ID == id }) { // those are checked as due fields
			found = append(found, findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("[[escalate]]: %s has no field %q", c.cfg.Name, id),
				Remedy: "correct it in a copy of the policy, or take it out",
				FR:     findings.Advice{Text: fmt.Sprintf("[[escalate]] : %s n'a pas de champ %q", c.cfg.Name, id), Remedy: "le corriger dans une copie de la politique, ou le retirer"}})
		}
	}
	found = append(found, c.checkType(ctx, p))
	if err := errors.Join(found...); err != nil {
		return err
	}
	return findings.Finding{Text: fmt.Sprintf("issues can be made in %s", p.Project), FR: findings.Advice{Text: fmt.Sprintf("des demandes peuvent être créées dans %s", p.Project)}}
}

// checkType finds a project that hasn't the issue type.
func (c *Client) checkType(ctx context.Context, p desk.TeamProject) error {
	var types []struct {
		Name string `json:"name"`
	}
	if err := c.call(ctx, "GET", "project/"+url.PathEscape(p.Project)+"/statuses", nil, &types); err != nil {
		return fmt.Errorf("project %s: read its issue types: %w", p.Project, err)
	}
	var names []string
	for _, t := range types {
		if strings.EqualFold(t.Name, p.Type) {
			return nil
		}
		names = append(names, t.Name)
	}
	slices.Sort(names)
	return findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("project %s has no issue type %q", p.Project, p.Type),
		Remedy: "name one of these under [[escalate]] in a copy of the policy: " + strings.Join(names, ", "),
		FR: findings.Advice{Text: fmt.Sprintf("le projet %s n'a pas de type de ticket %q", p.Project, p.Type),
			Remedy: "nommer un de ceux-ci sous [[escalate]] dans une copie de la politique : " + strings.Join(names, ", ")}}
}
