package sandbox

import (
	"vigie/connectors/sandbox/jira"
	"vigie/connectors/sandbox/slack"
	"vigie/connectors/sandbox/stage"
	"vigie/connectors/sandbox/zendesk"
)

// What those who use the sandbox give and are given, by names that tell the vendors
// apart.
type (
	Account     = stage.Account
	Call        = stage.Call
	Fault       = stage.Fault
	WebhookPlan = stage.WebhookPlan

	Zendesk            = *zendesk.Desk
	ZendeskOptions     = zendesk.Options
	OAuthClient        = zendesk.OAuthClient
	WebhookModel       = zendesk.WebhookModel
	NewTicket          = zendesk.NewTicket
	ZendeskUpdate      = zendesk.Update
	ZendeskUser        = zendesk.User
	ZendeskTicket      = zendesk.Ticket
	ZendeskSLA         = zendesk.SLA
	ZendeskMetricEvent = zendesk.MetricEvent
	ChatMessage        = zendesk.ChatMessage

	Jira        = *jira.Site
	JiraOptions = jira.Options
	JiraBucket  = jira.Bucket
	NewIssue    = jira.NewIssue
	JiraUpdate  = jira.Update
	JiraUser    = jira.User
	JiraIssue   = jira.Issue
	JiraLink    = jira.Link
	JiraSLA     = jira.SLA
	JiraCycle   = jira.Cycle
	JiraComment = jira.Comment

	Slack        = *slack.Workspace
	SlackOptions = slack.Options
	SlackMessage = slack.Message
	SlackPerson  = slack.Person
	Reaction     = slack.Reaction
)

const (
	EventWebhooks   = zendesk.EventWebhooks
	TriggerWebhooks = zendesk.TriggerWebhooks
	Trigger         = zendesk.Trigger
	Vigie           = slack.Bot
)
