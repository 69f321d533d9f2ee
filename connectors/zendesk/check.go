package zendesk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vigie/connectors/desk"
	"vigie/connectors/findings"
	"vigie/connectors/rest"
	"vigie/rules"
)

// Check asks Zendesk whether the configuration fits it, and learns the form of
// the due fields. Its error joins everything that doesn't fit, each with what to
// do about it.
func (c *Client) Check(ctx context.Context) error {
	me, err := c.self(ctx)
	if err != nil {
		return err
	}
	return errors.Join(checkRole(me.Role), c.checkFields(ctx), c.checkStatuses(ctx))
}

// Inspect asks all that Check asks and more, side by side: what a person who sets
// Vigie up wants to know. webhook is the address that webhooks should go to; empty
// where nobody could reach one.
func (c *Client) Inspect(ctx context.Context, webhook string) []findings.Finding {
	me, err := c.self(ctx)
	if err != nil {
		return []findings.Finding{c.unanswered(ctx, err)}
	}
	who := cmp.Or(me.Email, c.cfg.Email)
	signed := findings.Finding{Text: fmt.Sprintf("signed in as %s, %s", who, cmp.Or(me.Role, "of no role")),
		FR: findings.Advice{Text: fmt.Sprintf("connecté comme %s, %s", who, cmp.Or(me.Role, "sans rôle"))}}
	asked := []func() error{
		func() error { return errors.Join(signed, checkRole(me.Role), c.checkToken(ctx)) },
		func() error { return c.checkFields(ctx) },
		func() error { return errors.Join(c.checkStatuses(ctx), c.countedByCategory(ctx)) },
		func() error { return c.checkForms(ctx) },
		c.unnamedPriorities,
		func() error { return c.checkWebhooks(ctx, webhook) },
	}
	for i, ask := range asked {
		asked[i] = func() error { return advised(ask()) }
	}
	return rest.SideBySide(asked)
}

// unanswered says why the very first question had no good answer.
func (c *Client) unanswered(ctx context.Context, err error) findings.Finding {
	f := findings.Finding{Weight: findings.Wrong, Text: err.Error(), Remedy: "see whether this machine reaches " + c.cfg.URL,
		FR: findings.Advice{Remedy: "voir si cette machine atteint " + c.cfg.URL}}
	var status *rest.StatusError
	var none *rest.GrantError
	switch at, wrong := rest.Misdirected(ctx, err, c.http, c.cfg.URL, "/api/v2/users/me.json", ""); {
	case c.bad != nil:
		f.Remedy, f.FR.Remedy = "", ""
	case wrong:
		return at
	case missingScopes(err) != "", errors.As(err, &none) && none.Denied():
		return findings.Of(advised(err))[0]
	case errors.As(err, &status) && status.Denied(), errors.Is(err, errNobody):
		remedy := c.refusedToken()
		f.Remedy, f.FR.Remedy = remedy.EN, remedy.FR
	}
	return f
}

func checkRole(role string) error {
	if role == "admin" { // Incremental Export: "Allowed For: Admins"
		return nil
	}
	return findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("the account is %q, and exports are for admins alone", role),
		Remedy: "make it an admin in Admin Center > People > Team members, or take another account's token",
		FR: findings.Advice{Text: fmt.Sprintf("le compte est %q, et les exports sont réservés aux admins", role),
			Remedy: "en faire un admin dans Admin Center > People > Team members, ou prendre le jeton d'un autre compte"}}
}

// forms are Zendesk's field types that can hold a due instant. There is none for
// a date with a time: text in RFC 3339 sorts rightly.
var forms = map[string]rules.DueForm{
	"text": rules.TextForm, "textarea": rules.TextForm, "regexp": rules.TextForm, "date": rules.DateForm,
}

func (c *Client) checkFields(ctx context.Context) error {
	due := c.DueFields()
	if len(due) == 0 {
		return nil
	}
	fields, err := c.fields(ctx)
	if err != nil {
		return err
	}
	types := map[string]string{}
	for _, f := range fields {
		if f.Active == "true" {
			types[string(f.ID)] = string(f.Type)
		}
	}
	var wrong []error
	for i, f := range due {
		if f.ID == "due_at" {
			due[i].Form = rules.DateTimeForm
			continue
		}
		typ, ok := types[f.ID]
		form, fits := forms[typ]
		switch {
		case !ok:
			wrong = append(wrong, findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("due field %s for %s: no such active ticket field", f.ID, f.Metric),
				Remedy: "correct its number under due_fields, or take it out and run setup",
				FR: findings.Advice{Text: fmt.Sprintf("champ d'échéance %s pour %s : pas de tel champ de ticket actif", f.ID, f.Metric),
					Remedy: "corriger son numéro sous due_fields, ou le retirer et lancer setup"}})
		case !fits:
			wrong = append(wrong, findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("due field %s for %s is of type %q", f.ID, f.Metric, typ),
				Remedy: "name one of type text, regexp or date under due_fields",
				FR: findings.Advice{Text: fmt.Sprintf("le champ d'échéance %s pour %s est du type %q", f.ID, f.Metric, typ),
					Remedy: "en nommer un du type text, regexp ou date sous due_fields"}})
		default:
			due[i].Form = form
		}
	}
	c.mu.Lock()
	c.due = due
	c.mu.Unlock()
	return errors.Join(wrong...)
}

// checkStatuses finds names of statuses that the account doesn't have.
func (c *Client) checkStatuses(ctx context.Context) error {
	if len(c.cfg.Status) == 0 {
		return nil
	}
	have, err := c.customStatuses(ctx)
	if err != nil {
		return err
	}
	if len(have) == 0 {
		return nil // not turned on, or not shown to us
	}
	var wrong []error
	for name := range c.cfg.Status {
		_, known := categories[strings.ToLower(name)]
		for _, s := range have {
			known = known || strings.EqualFold(s.name, name)
		}
		if !known {
			wrong = append(wrong, findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("status %q is neither a custom status nor a category", name),
				Remedy: "write the name that agents see, under status",
				FR: findings.Advice{Text: fmt.Sprintf("le statut %q n'est ni un statut personnalisé ni une catégorie", name),
					Remedy: "écrire sous status le nom que voient les agents"}})
		}
	}
	return errors.Join(wrong...)
}

// countedByCategory notes the account's own statuses that no mapping names: what
// they mean for clocks is then only as fine as their categories.
func (c *Client) countedByCategory(ctx context.Context) error {
	have, err := c.customStatuses(ctx)
	if err != nil {
		return nil // checkStatuses says so where it matters
	}
	var own []string
	for _, s := range have {
		_, mapped := c.cfg.status(s.name)
		_, byCategory := c.cfg.status(s.category)
		if !mapped && !byCategory && !s.standard() {
			own = append(own, fmt.Sprintf("%s (%s)", s.name, categories[s.category]))
		}
	}
	if len(own) == 0 {
		return nil
	}
	slices.Sort(own)
	return findings.Finding{Weight: findings.Doubt, Text: "no mapping names these statuses, so their categories count: " + strings.Join(own, ", "),
		Remedy: "name those that mean something else under status",
		FR: findings.Advice{Text: "rien ne traduit ces statuts, leur catégorie compte donc : " + strings.Join(own, ", "),
			Remedy: "nommer sous status ceux qui veulent dire autre chose"}}
}

// standard says that a status is one that every account has.
func (s customStatus) standard() bool {
	return strings.EqualFold(s.name, s.category) || s.category == "hold" && strings.EqualFold(s.name, "On-hold")
}

// unnamedPriorities notes the priorities of Zendesk's that no policy's row names. An
// agent's choice of one stays as it is, and default_priority counts.
func (c *Client) unnamedPriorities() error {
	if len(c.cfg.Priorities) == 0 {
		return nil
	}
	var unnamed []string
	for _, name := range vendorPriorities {
		_, named := c.cfg.Priorities[name]
		unset := slices.ContainsFunc(c.cfg.UnsetPriorities, func(s string) bool { return strings.EqualFold(s, name) })
		if !named && !unset {
			unnamed = append(unnamed, name)
		}
	}
	if len(unnamed) == 0 {
		return nil
	}
	return findings.Finding{Weight: findings.Doubt, Text: "no priority of a policy names these of Zendesk, so default_priority counts where an agent chooses one: " + strings.Join(unnamed, ", "),
		Remedy: `name each under zendesk = [...] of a row of [[priorities]]`,
		FR: findings.Advice{Text: "aucune priorité d'une politique ne nomme celles-ci de Zendesk, default_priority compte donc là où un agent en choisit une : " + strings.Join(unnamed, ", "),
			Remedy: "nommer chacune sous zendesk = [...] d'une ligne de [[priorities]]"}}
}

// checkForms notes ticket forms that are no kind, where the configuration goes by
// forms at all.
func (c *Client) checkForms(ctx context.Context) error {
	if len(c.cfg.Kinds) == 0 {
		return nil
	}
	list, err := c.forms(ctx)
	if err != nil {
		return err
	}
	var unnamed []string
	named := false
	for _, f := range list {
		switch is := slices.ContainsFunc(c.cfg.Kinds, func(k desk.Kind) bool { return strings.EqualFold(k.From, string(f.Name)) }); {
		case is:
			named = true
		case f.Active == "true":
			unnamed = append(unnamed, string(f.Name))
		}
	}
	if !named || len(unnamed) == 0 {
		return nil
	}
	slices.Sort(unnamed)
	return findings.Finding{Weight: findings.Doubt, Text: "no kind names these forms, so their tickets' types count: " + strings.Join(unnamed, ", "),
		Remedy: "name those that are a kind under kinds",
		FR: findings.Advice{Text: "kinds ne nomme pas ces formulaires, le type de leurs tickets compte donc : " + strings.Join(unnamed, ", "),
			Remedy: "nommer sous kinds ceux qui sont un type de demande"}}
}
