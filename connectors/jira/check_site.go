package jira

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"vigie/connectors/findings"
)

// What check --online says of the site's words that nothing maps, and of who
// answers for the desk.

// checkPriorities notes the site's priorities that no policy names: a person who
// chooses one of them is never overruled, and gets the default's targets.
func (c *Client) checkPriorities(ctx context.Context, v *vocabulary) error {
	var list []named
	switch err := c.call(ctx, "GET", "priority", nil, &list); {
	case status(err) == http.StatusForbidden || status(err) == http.StatusNotFound || err == nil && len(v.Priorities) == 0:
		return nil
	case err != nil:
		return fmt.Errorf("read the priorities: %w", err)
	}
	var unnamed []string // in the site's order
	for _, p := range list {
		if v.Priorities[strings.ToLower(p.Name)] == "" {
			unnamed = append(unnamed, p.Name)
		}
	}
	if len(unnamed) == 0 {
		return nil
	}
	names := strings.Join(unnamed, ", ")
	return findings.Finding{Weight: findings.Doubt, Text: "no priority of a policy names these of Jira, so default_priority counts where an agent chooses one: " + names,
		Remedy: "name each under jira = [...] of a row of [[priorities]]",
		FR: findings.Advice{Text: "aucune priorité d'une politique ne nomme celles-ci de Jira, default_priority compte donc là où un agent en choisit une : " + names,
			Remedy: "nommer chacune sous jira = [...] d'une ligne de [[priorities]]"}}
}

// checkStaff notes what keeps us from knowing whose comments are answers.
func (c *Client) checkStaff(ctx context.Context, v *vocabulary) error {
	if v.cloud && (len(v.find(requestTypePart)) > 0 || len(v.StaffGroups) > 0) {
		switch may, err := c.permissions(ctx, "", "USER_PICKER"); {
		case err != nil:
			return err
		case !may["USER_PICKER"]:
			return findings.Finding{Weight: findings.Doubt,
				Text:   "no Browse users and groups, so who is an agent isn't told: answers count of those who had an issue, assigned it or commented internally",
				Remedy: "give it to the account under Global permissions",
				FR: findings.Advice{Text: "sans Browse users and groups, Jira ne dit pas qui est agent : ne comptent que les réponses de qui a eu un ticket, l'a attribué ou l'a commenté en interne",
					Remedy: "le donner au compte sous Global permissions"}}
		}
	}
	missing := map[string]bool{}
	for _, group := range v.StaffGroups {
		err := c.call(ctx, "GET", "group/member?maxResults=1&groupname="+url.QueryEscape(group), nil, nil, "values")
		if errors.As(err, new(*ScopeError)) {
			continue // a scope that nothing else needs
		}
		switch status(err) {
		case http.StatusNotFound:
			missing[group] = true
		case http.StatusForbidden: // Data Center tells administrators alone
		default:
			if err != nil {
				return fmt.Errorf("staff_groups: read group %q: %w", group, err)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return findings.Finding{Weight: findings.Wrong, Text: "staff_groups: the site has none of these: " + inOrder(missing), Remedy: "write them as Jira shows them under Groups",
		FR: findings.Advice{Text: "staff_groups : le site n'a aucun de ceux-ci : " + inOrder(missing), Remedy: "les écrire comme Jira les montre sous Groups"}}
}

// checkRequestTypes notes a project's request types that are no kind: their tickets
// have the policy's row for tickets without one, if it has any.
func (c *Client) checkRequestTypes(ctx context.Context, v *vocabulary, key string) error {
	if len(v.find(requestTypePart)) == 0 {
		return nil
	}
	types, err := c.requestTypes(ctx, key)
	if err != nil {
		return fmt.Errorf("project %s: read its request types: %w", key, err)
	}
	unmapped := map[string]bool{}
	for _, name := range types {
		if v.kind(nil, name, "") == "" {
			unmapped[name] = true
		}
	}
	if len(unmapped) == 0 {
		return nil
	}
	return findings.Finding{Weight: findings.Doubt, Text: fmt.Sprintf("project %s: these request types are no kind: %s", key, inOrder(unmapped)),
		Remedy: "name them under kinds, unless a label or the issue type does that",
		FR: findings.Advice{Text: fmt.Sprintf("projet %s : ces types de demande n'ont pas de type dans la politique : %s", key, inOrder(unmapped)),
			Remedy: "les nommer sous kinds, à moins qu'une étiquette ou le type de ticket ne le fasse"}}
}

// requestTypes are the names of a project's request types; none where it is no
// project of Service Management's, or that isn't shown to us
// (https://developer.atlassian.com/cloud/jira/service-desk/rest/api-group-servicedesk/).
func (c *Client) requestTypes(ctx context.Context, key string) (names []string, err error) {
	desk := ""
	err = c.each(ctx, "rest/servicedeskapi/servicedesk", func(one listed) bool {
		if strings.EqualFold(one.Key, key) {
			desk = string(one.ID)
		}
		return desk == ""
	})
	if err != nil || desk == "" {
		return nil, err
	}
	err = c.each(ctx, "rest/servicedeskapi/servicedesk/"+url.PathEscape(desk)+"/requesttype", func(one listed) bool {
		names = append(names, one.Name)
		return true
	})
	return names, err
}

// A listed service desk or request type.
type listed struct {
	ID   word   `json:"id"`
	Name string `json:"name"`
	Key  string `json:"projectKey"`
}

// each goes through a list of Service Management's until f returns false, or as far
// as a person waits. A list that isn't there, or not for us, is empty.
func (c *Client) each(ctx context.Context, path string, f func(listed) bool) error {
	for start, pages := 0, 0; pages < slaPages; pages++ {
		var page struct {
			Last   bool     `json:"isLastPage"`
			Values []listed `json:"values"`
		}
		err := c.call(ctx, "GET", path+"?limit=50&start="+strconv.Itoa(start), nil, &page, "values")
		if s := status(err); s == http.StatusNotFound || s == http.StatusForbidden || errors.As(err, new(*ScopeError)) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, one := range page.Values {
			if !f(one) {
				return nil
			}
		}
		if start += len(page.Values); page.Last || len(page.Values) == 0 {
			return nil
		}
	}
	return nil
}
