package slack

import (
	"cmp"
	"fmt"
	"strings"

	slackgo "github.com/slack-go/slack"

	"vigie/rules"
)

// A meaning is what a word of Slack's says of a call.
type meaning struct {
	outcome Outcome
	unfit   bool        // see Error
	remedy  rules.Words // Refused: what a person has to do
}

// meanings are those of the words in Slack's pages of chat.postMessage, chat.update,
// conversations.history and conversations.replies.
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

	are(meaning{outcome: Refused, remedy: rules.Words{
		FR: "pas de tel canal pour le bot : vérifier son nom dans la configuration, et y inviter le bot s'il est privé",
		EN: "no such channel for the bot: check its name in the configuration, and invite the bot if it is private"}},
		"channel_not_found")
	are(meaning{outcome: Refused, remedy: rules.Words{FR: "inviter le bot dans le canal", EN: "invite the bot to the channel"}},
		"not_in_channel", "no_permission")
	are(meaning{outcome: Refused, remedy: rules.Words{
		FR: "le canal est archivé : en nommer un autre dans la configuration, ou le rétablir",
		EN: "the channel is archived: name another one in the configuration, or bring it back"}},
		"is_archived", "is_inactive")
	are(meaning{outcome: Refused, remedy: rules.Words{
		FR: "slack n'accepte pas le jeton du bot : réinstaller l'application et renseigner slack.token",
		EN: "slack doesn't accept the bot token: install the app again and set slack.token"}},
		"not_authed", "invalid_auth", "token_revoked", "token_expired", "account_inactive")
	are(meaning{outcome: Refused, remedy: rules.Words{
		FR: "slack.token n'est pas le jeton d'un bot (xoxb-…)",
		EN: "slack.token isn't a bot's token (xoxb-…)"}},
		"not_allowed_token_type")
	are(meaning{outcome: Refused, remedy: rules.Words{
		FR: "l'application n'est pas approuvée dans cet espace de travail : l'y ajouter, ou demander à l'administrateur de l'organisation",
		EN: "the app isn't approved in this workspace: add it there, or ask the organisation's administrator"}},
		"team_access_not_granted", "enterprise_is_restricted")
	are(meaning{outcome: Refused, remedy: rules.Words{
		FR: "le jeton vaut pour toute l'organisation, où un nom de canal ne suffit pas : écrire l'identifiant du canal, tel que C024BE91L (détails du canal, tout en bas)",
		EN: "the token is the whole organisation's, where a channel's name isn't enough: write the channel's id, such as C024BE91L (channel details, at the bottom)"}},
		"missing_argument")
	are(meaning{outcome: Refused, remedy: rules.Words{
		FR: "les règles de l'espace de travail interdisent au bot d'y écrire : demander à son propriétaire",
		EN: "the workspace's rules forbid the bot to post there: ask its owner"}},
		"restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel", "ekm_access_denied", "messages_tab_disabled",
		"access_denied", "accesslimited", "two_factor_setup_required", "slack_connect_file_link_sharing_blocked")
	are(meaning{outcome: Refused, unfit: true, remedy: rules.Words{
		FR: "slack ne peut pas afficher ce message : c'est une faute de vigie, merci de la signaler",
		EN: "slack can't show this message: a fault of vigie's, please report it"}},
		"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text", "too_many_attachments", "too_many_contact_cards",
		"metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema", "invalid_arguments", "invalid_arg_name", "invalid_array_arg", "invalid_charset")
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
		m = meaning{outcome: Refused, remedy: rules.Words{FR: "slack refuse ce message et le refusera encore", EN: "slack refuses this message and will again"}}
	}
	e := &Error{Outcome: m.outcome, Code: r.Err, Unfit: m.unfit, Err: r, Remedy: m.remedy.EN, remedyFR: m.remedy.FR}
	if e.Outcome == Wait {
		e.After = limited
	}
	return e
}

func missingScope(scopes string) rules.Words {
	return rules.Words{
		FR: fmt.Sprintf("il manque au jeton du bot l'autorisation %s : l'ajouter sous OAuth & Permissions et réinstaller l'application", cmp.Or(scopes, "(slack ne dit pas laquelle)")),
		EN: fmt.Sprintf("the bot token lacks the scope %s: add it under OAuth & Permissions and install the app again", cmp.Or(scopes, "(slack doesn't say which)")),
	}
}
