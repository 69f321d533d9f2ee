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
	ZendeskOptions     = zendesk.ZendeskOptions
	OAuthClient        = zendesk.OAuthClient
	WebhookModel       = zendesk.WebhookModel
	NewTicket          = zendesk.NewTicket
	ZendeskUpdate      = zendesk.ZendeskUpdate
	ZendeskUser        = zendesk.ZendeskUser
	ZendeskTicket      = zendesk.ZendeskTicket
	ZendeskSLA         = zendesk.ZendeskSLA
	ZendeskMetricEvent = zendesk.ZendeskMetricEvent
	ChatMessage        = zendesk.ChatMessage

	Jira        = *jira.Site
	JiraOptions = jira.JiraOptions
	JiraBucket  = jira.JiraBucket
	NewIssue    = jira.NewIssue
	JiraUpdate  = jira.JiraUpdate
	JiraUser    = jira.JiraUser
	JiraIssue   = jira.JiraIssue
	JiraLink    = jira.JiraLink
	JiraSLA     = jira.JiraSLA
	JiraCycle   = jira.JiraCycle

	Slack        = *slack.Workspace
	SlackOptions = slack.SlackOptions
	SlackMessage = slack.SlackMessage
)

const (
	EventWebhooks   = zendesk.EventWebhooks
	TriggerWebhooks = zendesk.TriggerWebhooks
	Trigger         = zendesk.Trigger
)
