package jira

import (
	"vigie/rules/tomlfile"
)

// keys are the rows of a [[jira]] that not every vendor has, or has otherwise.
var keys = tomlfile.Keys{
	{Name: "email", Type: "e-mail address", Example: `"bot@acme.example"`,
		Meaning: "Of the account that the token belongs to: needed for Jira Cloud, none for Data Center and service accounts."},
	{Name: "token", Type: "env:NAME or file:PATH", Required: true, Example: `"env:JIRA_TOKEN"`,
		Meaning: "An API token of Jira Cloud, a personal access token of Data Center, or a service account's bearer."},
	{Name: "due_fields", Type: "ids of fields by metric, one or a list", Example: `{ resolution = "customfield_10050" }`,
		Meaning: "In which fields of the issue people see due dates; nothing is written without it. Jira's own is \"duedate\"."},
	{Name: "projects", Type: "list of project keys", Required: true, Example: `["SUP"]`,
		Meaning: "Which projects are watched: what stands before an issue's number."},
	{Name: "staff_groups", Type: "list of groups", Default: `[]`, Example: `["jira-servicemanagement-users-acme"]`,
		Meaning: "Whose public comments are answers; those of agents by licence without it."},
	{Name: "group", Type: `customfield_ and a number, "component" or "project"`, Example: `"customfield_10060"`,
		Meaning: "What holds the team that has the issue; the policy's calendar counts without it."},
	{Name: "channels", Type: "channels by Jira's channel or a label", Example: `{ "portal" = "web" }`,
		Meaning: "What Jira's channels are called in policies."},
	{Name: "slas", Type: "metrics by an SLA's name", Example: `{ "Délai de résolution" = "resolution" }`,
		Meaning: "Which target an SLA of Jira Service Management answers to, so that the two dates are shown side by side."},
}
