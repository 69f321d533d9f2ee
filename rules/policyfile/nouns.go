package policyfile

import (
	"reflect"
	"slices"

	"vigie/rules"
)

// A Noun is a name that a condition knows.
type Noun struct {
	Name    string
	Type    string // "text", "true or false", "number", "list of texts", "texts by name", "function"
	Example string // a condition that holds for some tickets
	Meaning string
}

// Nouns are what the conditions of a policy can ask about, the functions last.
func Nouns() []Noun { return typed(reflect.TypeFor[rules.Env](), policyNouns) }

// RouteNouns are what the condition of a Slack route can ask about.
func RouteNouns() []Noun { return typed(reflect.TypeFor[rules.AlertEnv](), routeNouns) }

// typed are the nouns with the types that the environment gives them.
func typed(env reflect.Type, nouns []Noun) []Noun {
	nouns = slices.Clone(nouns)
	for i := range env.NumField() {
		field := env.Field(i)
		for k := range nouns {
			if nouns[k].Name == field.Tag.Get("expr") {
				nouns[k].Type = nounType(field.Type)
			}
		}
	}
	return nouns
}

func nounType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "number"
	case reflect.Slice:
		return "list of texts"
	case reflect.Map:
		return "texts by name"
	case reflect.Func:
		return "function"
	}
	return "text"
}

var policyNouns = []Noun{
	{Name: "kind", Example: `kind in ["problem", "incident"]`, Meaning: "What kind of ticket it is: problem, incident, question, task, feature, or what config.toml's kinds make of a tag, form or type; \"\" where nothing says."},
	{Name: "status", Example: `status == "solved"`, Meaning: "new, open, waiting_customer, waiting_third_party, solved, closed or deleted."},
	{Name: "status_by", Example: `status_by == "customer"`, Meaning: "Who set the status last: agent, customer, automation, vigie or a name; \"\" at creation. Of a closed ticket, who solved it."},
	{Name: "answered", Example: `not answered`, Meaning: "Whether an agent has replied in public."},
	{Name: "awaiting_reply", Example: `status == "solved" and awaiting_reply`, Meaning: "Whether the customer's last public message, the first one too, is unanswered. What is written once the ticket is solved counts if that reopens it."},
	{Name: "unanswered", Example: `unanswered contains "?"`, Meaning: "What the customer wrote since the last public answer; \"\" where none is awaited."},
	{Name: "priority", Example: `priority == "urgent"`, Meaning: "The priority in force. In a rule of [[priorities]], the one that a person chose; \"\" where nobody did."},
	{Name: "channel", Example: `channel in ["phone", "direct_mail"]`, Meaning: "web, email, phone, chat, api, direct_mail and others; \"\" where the vendor doesn't tell."},
	{Name: "organization", Example: `organization == "Acme"`, Meaning: "The requester's organisation, as the vendor names it."},
	{Name: "group", Example: `group == "Support Paris"`, Meaning: "The team that has the ticket."},
	{Name: "assignee", Example: `assignee == ""`, Meaning: "Who has the ticket; \"\" while nobody does."},
	{Name: "requester", Example: `requester == "nadia@acme.example"`, Meaning: "Who asks, as the vendor names that person."},
	{Name: "recipient", Example: `lower(recipient) == "helpdesk@acme.example"`, Meaning: "The address that the first message went to."},
	{Name: "language", Example: `not (language in ["", "fr", "en"])`, Meaning: "The ticket's language by its code; \"\" where nothing tells it."},
	{Name: "opened_by", Example: `opened_by == "agent"`, Meaning: "Who wrote the first public message: customer, agent or automation."},
	{Name: "subject", Example: `has(subject, "invoice")`, Meaning: "The subject at creation."},
	{Name: "text", Example: `text != ""`, Meaning: "Subject and first message, without quoted mail and signature."},
	{Name: "said", Example: `has(said, "chrome", "firefox")`, Meaning: "The text, and what the customer wrote in public since."},
	{Name: "attachments", Example: `attachments == 0`, Meaning: "How many files the customer sent with all that."},
	{Name: "tags", Example: `"vip" in tags`, Meaning: "The ticket's tags or labels. Those that a follow-up inherited aren't among them until somebody sets them anew."},
	{Name: "fields", Example: `fields["product"] == "MoveON"`, Meaning: "The ticket's own fields by their names; \"\" for one that it hasn't."},
	{Name: "created_in_hours", Example: `created_in_hours`, Meaning: "Whether the team's calendar was open when the ticket was created. For targets: it is decided once."},
	{Name: "source", Example: `source == "zendesk"`, Meaning: "The source's name in config.toml."},
	{Name: "id", Example: `id == "42"`, Meaning: "The ticket's number or key at the vendor."},

	{Name: "has", Example: `has(text, "invoice", "devis")`, Meaning: "Whether a text has one of the phrases, as whole words without regard to case and accents. In a phrase * is any ending, | between words is \"or\", … is up to five words of the same clause."},
	{Name: "affirms", Example: `affirms(text, "down", "indisponib*")`, Meaning: "As has, leaving out places where the phrase is denied: \"n'est plus indisponible\", \"no longer down\"."},
}

var routeNouns = []Noun{
	{Name: "policy", Example: `policy == "moveon"`, Meaning: "The policy's name."},
	{Name: "priority", Example: `priority in ["urgent", "haute"]`, Meaning: "The priority in force."},
	{Name: "metric", Example: `metric == "first_reply"`, Meaning: "first_reply, next_reply, update or resolution; triage where a priority is missing, escalation where it is about the ticket's issue, mark/<tag> where it is about a mark."},
	{Name: "alert", Example: `alert == "breached"`, Meaning: "warning, breached, triage, unlinked, repaired or flagged."},
	{Name: "source", Example: `source == "jira"`, Meaning: "The source's name in config.toml."},
	{Name: "id", Example: `id startsWith "SUP-"`, Meaning: "The ticket's number or key at the vendor."},
	{Name: "organization", Example: `organization == "Acme"`, Meaning: "The requester's organisation."},
	{Name: "group", Example: `group == "Support Paris"`, Meaning: "The team that has the ticket."},
	{Name: "assignee", Example: `assignee == ""`, Meaning: "Who has the ticket; \"\" while nobody does."},
	{Name: "language", Example: `language == "fr"`, Meaning: "The ticket's language by its code."},
	{Name: "clause", Example: `clause == "QS-21"`, Meaning: "The clause that promises it."},
	{Name: "threshold", Example: `threshold == "75%"`, Meaning: "Of a warning, the threshold as the policy has it."},
	{Name: "by_change", Example: `not by_change`, Meaning: "Whether a target was missed at once because of a change, as of the priority."},
	{Name: "open_now", Example: `not open_now`, Meaning: "Whether the team's calendar is open."},
}
