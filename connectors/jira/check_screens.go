package jira

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"vigie/connectors/findings"
)

// checkScreens finds due fields that are on no edit screen of a project: whatever
// they can hold, Jira refuses to write them, and with them all that goes into the
// issue at once. The newest open issue says what is on its screen ("Get edit issue
// metadata"); where there is none, nothing is known.
func (c *Client) checkScreens(ctx context.Context, v *vocabulary, key string) error {
	if len(c.cfg.DueFields) == 0 {
		return nil
	}
	open, err := c.find(ctx, v, fmt.Sprintf("project = %s AND statusCategory != Done ORDER BY created DESC", quote(key)), 1)
	if err != nil || len(open) == 0 {
		return nil // checkProject says what is wrong with the project
	}
	var meta struct {
		Fields map[string]any `json:"fields"`
	}
	if err := c.call(ctx, "GET", "issue/"+url.PathEscape(open[0].Key)+"/editmeta", nil, &meta, "fields"); err != nil {
		return fmt.Errorf("read what can be edited in %s: %w", open[0].Key, err)
	}
	if len(meta.Fields) == 0 {
		return nil // we may edit nothing there, which checkProject says
	}
	var missing []string
	for _, d := range c.cfg.DueFields {
		if f, ok := v.fields[d.ID]; ok && v.form(d.ID) != "" && meta.Fields[d.ID] == nil {
			missing = append(missing, fmt.Sprintf("%s (%s)", d.ID, f.Name))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	list := strings.Join(missing, ", ")
	return findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("project %s: %s can't be written, as %s shows: on no edit screen there, or not on the one of its type", key, list, open[0].Key),
		Remedy: "put it on the project's edit screens, under Screens in Jira's administration, or name another field under due_fields",
		FR: findings.Advice{Text: fmt.Sprintf("projet %s : %s ne peut être écrit, comme le montre %s : sur aucun écran de modification, ou pas sur celui de son type", key, list, open[0].Key),
			Remedy: "le mettre sur les écrans de modification du projet, sous Écrans dans l'administration de Jira, ou nommer un autre champ sous due_fields"}}
}
