package zendesk

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// trigger is a rule that runs when a ticket is created or updated. Its
// actions call a webhook or change the ticket (zendesk_trigger_acts.go); the only
// conditions here are on the update and on the status. Others are refused
// (developer.zendesk.com/api-reference/ticketing/business-rules/triggers).
type trigger struct {
	ID          int64             `json:"id"`
	URL         string            `json:"url"`
	Title       string            `json:"title"`
	RawTitle    string            `json:"raw_title"`
	Description string            `json:"description"`
	Active      bool              `json:"active"`
	Default     bool              `json:"default"`
	Position    int               `json:"position"`
	CategoryID  string            `json:"category_id"`
	Conditions  triggerConditions `json:"conditions"`
	Actions     []triggerAction   `json:"actions"`
	CreatedAt   time.Time         `json:"created_at"`
	UpdatedAt   time.Time         `json:"updated_at"`
}

type triggerConditions struct {
	All []triggerCondition `json:"all"`
	Any []triggerCondition `json:"any"`
}

type triggerCondition struct {
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

// webhookAction is the field of an action that calls the webhook with the id
// Value[0], with Value[1] as its body. Every other action has one value.
const webhookAction = "notification_webhook"

type triggerAction struct {
	Field string        `json:"field"`
	Value triggerValues `json:"value"`
}

// triggerValues are an action's: a list for a webhook's, else one text.
type triggerValues []string

func (v triggerValues) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

func (v *triggerValues) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*v = triggerValues{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(v))
}

// An update is what a trigger looks at: a ticket, and what has just been done to it.
type update struct {
	ticket  *Ticket
	created bool
}

// triggerChecks are the conditions that there are, by field and operator.
var triggerChecks = map[string]func(u update, value string) bool{
	"update_type is": func(u update, value string) bool { return u.created == (value == "Create") },
	"status is":      func(u update, value string) bool { return u.ticket.Status == value },
	"status is_not":  func(u update, value string) bool { return u.ticket.Status != value },
}

func (c triggerCondition) holds(u update) bool {
	return triggerChecks[c.Field+" "+c.Operator](u, c.Value)
}

// runs says whether the trigger runs: all of the first conditions hold, and one of
// the others if there are any.
func (t *trigger) runs(u update) bool {
	holds := func(c triggerCondition) bool { return c.holds(u) }
	fails := func(c triggerCondition) bool { return !c.holds(u) }
	return t.Active && !slices.ContainsFunc(t.Conditions.All, fails) && (len(t.Conditions.Any) == 0 || slices.ContainsFunc(t.Conditions.Any, holds))
}

// runTriggers has the triggers call a webhook for an update, each with its own body.
// Closed and deleted tickets stir none.
func (d *Desk) runTriggers(hookID string, rec *record, audit *audit, header map[string]string) {
	if audit == nil || rec.Ticket.Status == "closed" {
		return
	}
	values := triggerBody(&d.state, rec, audit)
	for _, t := range d.state.Triggers {
		if !t.runs(update{&rec.Ticket, len(rec.Audits) == 1}) {
			continue
		}
		for _, a := range t.Actions {
			if a.Field == webhookAction && a.Value[0] == hookID {
				d.Enqueue(vendor, hookID, []byte(filled(a.Value[1], values)), header)
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{\{\s*([a-z_.]+)\s*\}\}`)

// filled is a body with its placeholders replaced; unknown ones are empty.
func filled(body string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(body, func(p string) string {
		name := placeholder.FindStringSubmatch(p)[1]
		if name == "ticket.id" {
			return values["ticket_id"]
		}
		return values[strings.TrimPrefix(name, "ticket.")]
	})
}

func (d *Desk) listTriggers(c *call) (any, *apiError) {
	return page(c, "triggers", d.state.Triggers)
}

func (d *Desk) postTrigger(c *call) (any, *apiError) {
	t := &trigger{Active: true}
	if e := d.readTrigger(c, t); e != nil {
		return nil, e
	}
	d.addTrigger(t)
	return answer{http.StatusCreated, map[string]any{"trigger": t}, t.URL}, nil
}

// putTrigger replaces conditions and actions together, as the vendor does.
func (d *Desk) putTrigger(c *call) (any, *apiError) {
	i := slices.IndexFunc(d.state.Triggers, func(t *trigger) bool { return t.ID == c.id() })
	if i < 0 {
		return nil, errNotFound
	}
	t := *d.state.Triggers[i]
	if e := d.readTrigger(c, &t); e != nil {
		return nil, e
	}
	t.UpdatedAt = d.now()
	*d.state.Triggers[i] = t
	d.Changed()
	return map[string]any{"trigger": &t}, nil
}

// readTrigger takes what the request says of a trigger over.
func (d *Desk) readTrigger(c *call, t *trigger) *apiError {
	var in struct {
		Trigger *struct {
			Title       string
			Description string
			Active      *bool
			Conditions  triggerConditions
			Actions     []struct {
				Field string
				Value json.RawMessage
			}
		}
	}
	if d.options.NoTriggers {
		return errForbidden
	}
	if e := c.decode(&in); e != nil {
		return e
	}
	switch {
	case in.Trigger == nil:
		return badRequest("ParameterMissing", "Parameter trigger is required")
	case in.Trigger.Title == "":
		return invalid("title", "Title: cannot be blank")
	case len(in.Trigger.Actions) == 0:
		return invalid("base", "You must define at least one action")
	case len(in.Trigger.Conditions.All)+len(in.Trigger.Conditions.Any) == 0:
		return invalid("base", "You must define at least one condition")
	}
	for _, cond := range slices.Concat(in.Trigger.Conditions.All, in.Trigger.Conditions.Any) {
		if triggerChecks[cond.Field+" "+cond.Operator] == nil || cond.Field == "update_type" && cond.Value != "Create" && cond.Value != "Change" {
			return invalid("base", "Condition "+cond.Field+" "+cond.Operator+" "+cond.Value+" is invalid")
		}
	}
	t.Actions = nil
	for _, a := range in.Trigger.Actions {
		act := triggerAction{Field: a.Field}
		if err := json.Unmarshal(a.Value, &act.Value); err != nil {
			return invalid("base", "Action "+a.Field+" is invalid")
		}
		if e := d.checkAction(act); e != nil {
			return e
		}
		t.Actions = append(t.Actions, act)
	}
	t.Title, t.RawTitle, t.Description = in.Trigger.Title, in.Trigger.Title, in.Trigger.Description
	t.Conditions = triggerConditions{All: append([]triggerCondition{}, in.Trigger.Conditions.All...), Any: append([]triggerCondition{}, in.Trigger.Conditions.Any...)}
	if in.Trigger.Active != nil {
		t.Active = *in.Trigger.Active
	}
	return nil
}

// checkAction refuses an action that isn't known here, or that can't be done.
func (d *Desk) checkAction(a triggerAction) *apiError {
	if a.Field != webhookAction {
		if _, known := a.asInput(&Ticket{}); !known || len(a.Value) != 1 {
			return invalid("base", "Action "+a.Field+" is invalid")
		}
		return nil
	}
	if len(a.Value) != 2 {
		return invalid("base", "Action "+a.Field+" is invalid")
	}
	if w := d.findWebhook(a.Value[0]); w == nil || !slices.Contains(w.Subscriptions, triggerSubscription) {
		return invalid("base", "Webhook "+a.Value[0]+" is invalid")
	}
	return nil
}

func (d *Desk) deleteTrigger(c *call) (any, *apiError) {
	list := d.state.Triggers
	i := slices.IndexFunc(list, func(t *trigger) bool { return t.ID == c.id() })
	if i < 0 {
		return nil, errNotFound
	}
	d.state.Triggers = slices.Delete(list, i, i+1)
	d.Changed()
	return answer{http.StatusNoContent, nil, ""}, nil
}

func (d *Desk) addTrigger(t *trigger) {
	z := &d.state
	t.ID = firstTrigger
	for _, other := range z.Triggers {
		t.ID = max(t.ID, other.ID+1)
	}
	t.URL, t.Position, t.CategoryID = address("triggers", t.ID), len(z.Triggers)+1, "10026"
	t.CreatedAt = d.now()
	t.UpdatedAt = t.CreatedAt
	z.Triggers = append(z.Triggers, t)
	d.Changed()
}

// AddTrigger has an admin make a trigger that calls a webhook with that body.
// Conditions are written "status is solved", and all have to hold.
func (d *Desk) AddTrigger(title string, active bool, webhook, body string, conditions ...string) (id int64) {
	d.act(func(*State) error {
		t := &trigger{Title: title, RawTitle: title, Active: active, Conditions: triggerConditions{All: []triggerCondition{}, Any: []triggerCondition{}},
			Actions: []triggerAction{{webhookAction, triggerValues{webhook, body}}}}
		for _, text := range conditions {
			part := strings.SplitN(text, " ", 3)
			t.Conditions.All = append(t.Conditions.All, triggerCondition{part[0], part[1], part[2]})
		}
		d.addTrigger(t)
		id = t.ID
		return nil
	})
	return id
}

// triggerBody is what an admin might have written for a trigger, in which
// every placeholder becomes text.
func triggerBody(z *State, rec *record, audit *audit) map[string]string {
	t := &rec.Ticket
	body := map[string]string{"ticket_id": strconv.FormatInt(t.ID, 10), "status": capital(t.Status), "priority": capital(deref(t.Priority)),
		"type": capital(deref(t.Type)), "tags": strings.Join(t.Tags, " "), "group_id": "", "updated_at": t.UpdatedAt.Format(time.RFC3339), "updated_by": ""}
	if t.GroupID != nil {
		body["group_id"] = strconv.FormatInt(*t.GroupID, 10)
	}
	if audit != nil {
		if u := z.user(audit.AuthorID); u != nil {
			body["updated_by"] = u.Email
		}
	}
	return body
}

// capital is a value as placeholders show it: "Open".
func capital(v string) string {
	if v == "" {
		return ""
	}
	return strings.ToUpper(v[:1]) + v[1:]
}
