package slack

import (
	"cmp"
	"strings"

	slackgo "github.com/slack-go/slack"
)

// A meaning is what a word of Slack's says of a call.
type meaning struct {
	outcome Outcome
	unfit   bool   // see Error
	remedy  remedy // Refused
}

// meanings are those of the words in Slack's pages of chat.postMessage, chat.update,
// conversations.history and conversations.replies, and of user groups.
var meanings = func() map[string]meaning {
	all := map[string]meaning{}
	are := func(m meaning, words ...string) {
		for _, word := range words {
			all[word] = m
		}
	}
	// It passes by itself: too much was asked, nothing was begun, or the workspace is
	// being moved.
	are(meaning{outcome: Wait}, "ratelimited", "rate_limited", "message_limit_exceeded", "request_timeout", "team_added_to_org", "org_login_required")
	// "Some aspect of the operation" may have succeeded, says Slack.
	are(meaning{outcome: Unknown}, "fatal_error", "internal_error", "service_unavailable")
	are(meaning{outcome: Gone}, "message_not_found", "cant_update_message", "edit_window_closed", "block_mismatch")
	are(meaning{outcome: Closed}, "thread_not_found", "cannot_reply_to_message", "restricted_action_thread_locked", "restricted_action_non_threadable_channel",
		"invalid_thread_ts", "thread_locked")

	are(meaning{outcome: Refused, remedy: say("slack.remedy.no_channel")},
		"channel_not_found")
	are(meaning{outcome: Refused, remedy: say("slack.remedy.invite")},
		"not_in_channel", "no_permission")
	are(meaning{outcome: Refused, remedy: say("slack.remedy.archived")},
		"is_archived", "is_inactive")
	are(meaning{outcome: Refused, remedy: say("slack.remedy.token")},
		"not_authed", "invalid_auth", "token_revoked", "token_expired", "account_inactive")
	are(meaning{outcome: Refused, remedy: say("slack.remedy.not_a_bot")},
		"not_allowed_token_type")
	are(meaning{outcome: Refused, remedy: say("slack.remedy.approval")},
		"team_access_not_granted", "enterprise_is_restricted")
	are(meaning{outcome: Refused, remedy: say("slack.remedy.by_id")},
		"missing_argument")
	are(meaning{outcome: Refused, remedy: say("slack.remedy.forbidden")},
		"restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel", "ekm_access_denied", "messages_tab_disabled",
		"access_denied", "accesslimited", "two_factor_setup_required", "slack_connect_file_link_sharing_blocked")
	are(meaning{outcome: Refused, unfit: true, remedy: say("slack.remedy.unfit")},
		"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text", "too_many_attachments", "too_many_contact_cards",
		"metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema", "invalid_arguments", "invalid_arg_name", "invalid_array_arg", "invalid_charset")

	// Of user groups, usergroups.list's and usergroups.users.update's.
	are(meaning{outcome: Refused, remedy: say("slack.remedy.no_group")}, "no_such_subteam", "subteam_not_found")
	are(meaning{outcome: Refused, remedy: say("slack.remedy.group_off")}, disabledGroup)
	are(meaning{outcome: Refused, remedy: say("slack.remedy.group_rights")}, "permission_denied")
	are(meaning{outcome: Refused, remedy: say("slack.remedy.group_plan")}, "plan_upgrade_required", "paid_teams_only")
	are(meaning{outcome: Refused, remedy: say("slack.remedy.group_guest")}, "invalid_users", "invalid_user", "failed_for_some_users", "single_channel_guests_cannot_be_added")
	return all
}()

// refused is an answer with "ok": false.
func refused(r slackgo.SlackErrorResponse) *Error {
	m, known := meanings[r.Err]
	switch {
	case known:
	case r.Err == "missing_scope":
		m = meaning{outcome: Refused, remedy: missingScope(r.Needed)}
	case strings.HasPrefix(r.Err, "restricted_action"):
		m = meanings["restricted_action"]
	case strings.HasPrefix(r.Err, "invalid_blocks"):
		m = meanings["invalid_blocks"]
	default:
		m = meaning{outcome: Refused, remedy: say("slack.remedy.again")}
	}
	e := &Error{Outcome: m.outcome, Code: r.Err, Unfit: m.unfit, Err: r}
	e.advise(m.remedy)
	if e.Outcome == Wait {
		e.After = limited
	}
	return e
}

// A remedy is what a person has to do, in a language.
type remedy func(speech) string

func say(id string, values ...any) remedy {
	return func(w speech) string { return w.Say(id, values...) }
}

func missingScope(scopes string) remedy {
	return func(w speech) string {
		return w.Say("slack.remedy.scope", "scope", cmp.Or(scopes, w.Say("slack.remedy.some_scope")))
	}
}
