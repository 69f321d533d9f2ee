package zendesk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

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
	var wrong []error
	if me.Role != "admin" { // Incremental Export: "Allowed For: Admins"
		wrong = append(wrong, fmt.Errorf("the account is %q: exports need an admin's", me.Role))
	}
	return errors.Join(append(wrong, c.checkFields(ctx), c.checkStatuses(ctx))...)
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
	fields, _, err := c.api.GetTicketFields(ctx)
	if err != nil {
		return fmt.Errorf("read ticket fields: %w", plain(err))
	}
	types := map[string]string{}
	for _, f := range fields {
		if f.Active {
			types[strconv.FormatInt(f.ID, 10)] = f.Type
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
			wrong = append(wrong, fmt.Errorf("due field %s for %s: no such active ticket field", f.ID, f.Metric))
		case !fits:
			wrong = append(wrong, fmt.Errorf("due field %s for %s is of type %q: want text, regexp or date", f.ID, f.Metric, typ))
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
			wrong = append(wrong, fmt.Errorf("status %q is neither a custom status nor a category", name))
		}
	}
	return errors.Join(wrong...)
}
