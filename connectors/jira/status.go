package jira

import (
	"cmp"
	"strings"

	"vigie/rules"
)

// builtInStatus maps the statuses of Jira's own templates that a category can't
// tell apart, in English and French. "Pending" doesn't say for whom, so it is
// never taken for the customer, whose waits stop clocks.
var builtInStatus = map[string]rules.Status{
	"waiting for customer":        rules.WaitingCustomer,
	"waiting on customer":         rules.WaitingCustomer,
	"waiting for reporter":        rules.WaitingCustomer,
	"awaiting customer":           rules.WaitingCustomer,
	"customer response required":  rules.WaitingCustomer,
	"en attente du client":        rules.WaitingCustomer,
	"en attente de client":        rules.WaitingCustomer,
	"attente client":              rules.WaitingCustomer,
	"pending":                     rules.WaitingThirdParty,
	"waiting for third party":     rules.WaitingThirdParty,
	"waiting for vendor":          rules.WaitingThirdParty,
	"waiting on vendor":           rules.WaitingThirdParty,
	"on hold":                     rules.WaitingThirdParty,
	"on-hold":                     rules.WaitingThirdParty,
	"en attente":                  rules.WaitingThirdParty,
	"en attente d'un tiers":       rules.WaitingThirdParty,
	"en attente du fournisseur":   rules.WaitingThirdParty,
	"en attente d'un fournisseur": rules.WaitingThirdParty,
	"closed":                      rules.Closed,
	"fermé":                       rules.Closed,
	"fermée":                      rules.Closed,
	"clos":                        rules.Closed,
}

// usualCategory is the category of the statuses of Jira's own templates, for a
// status that the site doesn't have any more.
var usualCategory = map[string]string{
	"open": "new", "to do": "new", "new": "new", "reopened": "new", "backlog": "new", "ouvert": "new", "à faire": "new",
	"done": "done", "resolved": "done", "closed": "done", "canceled": "done", "cancelled": "done", "declined": "done", "completed": "done",
	"terminé": "done", "terminée": "done", "résolu": "done", "résolue": "done", "annulé": "done", "annulée": "done",
}

// status maps a status of Jira's: by its configured name, by a name of Jira's
// own templates, by the category that the issue or the site gives it.
func (v *vocabulary) status(id, name, category string) rules.Status {
	for from, to := range v.Status {
		if strings.EqualFold(from, name) {
			return to
		}
	}
	name = strings.ToLower(name)
	if s, ok := builtInStatus[name]; ok {
		return s
	}
	if category == "" {
		category, _ = v.category(id, name)
	}
	switch cmp.Or(category, usualCategory[name]) {
	case "new":
		return rules.New
	case "done":
		return rules.Solved
	}
	return rules.Open
}

// category looks a status up by its id, which is unique, before its name, which
// isn't over several projects.
func (v *vocabulary) category(id, name string) (string, bool) {
	if key, ok := v.statuses[id]; ok {
		return key, true
	}
	key, ok := v.statuses[strings.ToLower(name)]
	return key, ok
}
