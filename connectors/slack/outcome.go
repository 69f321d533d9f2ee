package slack

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"vigie/connectors/rest"
	"vigie/rules"
)

// An Outcome is what became of a call that didn't end well, as far as its
// caller must know.
type Outcome string

const (
	// Unknown: the message may have been posted. Look for its key before
	// posting again. Only Post, Reply and Say end so.
	Unknown Outcome = "unknown"
	// Wait: nothing was done. The same call may be made again after Error.After.
	Wait Outcome = "wait"
	// Gone: the message or its thread is no more, or is closed to edits. Post afresh.
	Gone Outcome = "gone"
	// Parked: Slack will refuse this again until a person acts on Error.Remedy.
	Parked Outcome = "parked"
)

// An Error is a call that didn't end well. Its text holds neither the token nor
// anything of the message.
type Error struct {
	Outcome Outcome
	After   time.Duration // Wait: at least this long; 0 = the caller's own choice
	Code    string        // Slack's word for it, such as "channel_not_found"; empty where it gave none
	Remedy  string        // Parked: a sentence for those who run Vigie
	Err     error

	remedyFR string // Remedy in French, for check --online
}

func (e *Error) Error() string {
	if e.Remedy == "" {
		return e.Err.Error()
	}
	return e.Err.Error() + ": " + e.Remedy
}

func (e *Error) Unwrap() error { return e.Err }

// OutcomeOf is the outcome in an error of this package, empty for nil. An error
// from elsewhere is Unknown, the careful answer.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Outcome
	}
	return Unknown
}

// limited is how long we stay away when Slack says "too many" and no time.
const limited = 30 * time.Second

// classify reads the outcome from an error of slack-go or of what is under it.
// slack-go has an error type of its own for each way of being refused, some as
// pointers and some as values.
func classify(err error) *Error {
	var (
		own     *Error
		refusal slackgo.SlackErrorResponse
		tooMany *slackgo.RateLimitedError
		code    slackgo.StatusCodeError
		status  *rest.StatusError
		dial    *net.OpError
	)
	cause := rest.Cause(err)
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &refusal):
		return refused(refusal)
	case errors.As(err, &tooMany):
		return &Error{Outcome: Wait, After: cmp.Or(max(0, tooMany.RetryAfter), limited), Err: cause}
	case errors.As(err, &code):
		return answered(code.Code, code.Code >= 500, 0, cause)
	case errors.As(err, &status):
		return answered(status.Status, rest.Ambiguous(err), status.RetryAfter, cause)
	case rest.Ambiguous(err):
		return &Error{Outcome: Unknown, Err: cause}
	case errors.As(err, &dial) && dial.Op == "dial":
		return &Error{Outcome: Wait, Err: cause} // never reached Slack
	}
	// A time-out, a cut connection, an answer that isn't JSON.
	return &Error{Outcome: Unknown, Err: cause}
}

// repeatable is classify for a call that does no harm when made twice: there an
// unknown outcome is no different from none.
func repeatable(err error) *Error {
	e := classify(err)
	if e.Outcome == Unknown {
		again := *e
		again.Outcome = Wait
		return &again
	}
	return e
}

// answered is an HTTP status that isn't 200.
func answered(status int, ambiguous bool, after time.Duration, err error) *Error {
	switch {
	case ambiguous:
		return &Error{Outcome: Unknown, Err: err}
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return &Error{Outcome: Wait, After: cmp.Or(after, limited), Err: err}
	case status == http.StatusRequestTimeout:
		return &Error{Outcome: Wait, Err: err}
	}
	return parked("", err, rules.Words{
		FR: fmt.Sprintf("slack ne répond jamais %d de lui-même : vérifier slack.api_url et le mandataire en chemin", status),
		EN: fmt.Sprintf("slack itself never answers %d: check slack.api_url and the proxy on the way", status)})
}

// parked is an error that a person has to act on.
func parked(code string, err error, remedy rules.Words) *Error {
	return &Error{Outcome: Parked, Code: code, Err: err, Remedy: remedy.EN, remedyFR: remedy.FR}
}

// refused is an answer with "ok": false. What Slack's words mean is in its
// pages of chat.postMessage and chat.update.
func refused(r slackgo.SlackErrorResponse) *Error {
	e := &Error{Outcome: Parked, Code: r.Err, Err: r}
	switch r.Err {
	case "ratelimited", "rate_limited", "message_limit_exceeded":
		e.Outcome, e.After = Wait, limited
	case "request_timeout", "service_unavailable", "team_added_to_org", "org_login_required":
		e.Outcome, e.After = Wait, limited // not begun, or the workspace is being moved
	case "fatal_error", "internal_error":
		e.Outcome = Unknown // "some aspect of the operation" may have succeeded, says Slack
	case "message_not_found", "cant_update_message", "edit_window_closed", "is_inactive", "block_mismatch", "thread_not_found":
		e.Outcome = Gone
	default:
		return parked(r.Err, r, remedy(r))
	}
	return e
}

// remedy says what a person has to do before Slack takes the message.
func remedy(r slackgo.SlackErrorResponse) rules.Words {
	switch code := r.Err; {
	case code == "channel_not_found":
		return rules.Words{FR: "pas de tel canal pour le bot : vérifier son nom dans la configuration, et y inviter le bot s'il est privé",
			EN: "no such channel for the bot: check its name in the configuration, and invite the bot if it is private"}
	case code == "not_in_channel":
		return rules.Words{FR: "inviter le bot dans le canal", EN: "invite the bot to the channel"}
	case code == "is_archived":
		return rules.Words{FR: "le canal est archivé : en nommer un autre dans la configuration, ou le rétablir",
			EN: "the channel is archived: name another one in the configuration, or bring it back"}
	case code == "missing_scope":
		return missingScope(r.Needed)
	case code == "not_authed", code == "invalid_auth", code == "token_revoked", code == "token_expired", code == "account_inactive":
		return rules.Words{FR: "slack n'accepte pas le jeton du bot : réinstaller l'application et renseigner slack.token",
			EN: "slack doesn't accept the bot token: install the app again and set slack.token"}
	case strings.HasPrefix(code, "restricted_action"):
		return rules.Words{FR: "les règles de l'espace de travail interdisent au bot d'y écrire : demander à son propriétaire",
			EN: "the workspace's rules forbid the bot to post there: ask its owner"}
	case strings.HasPrefix(code, "invalid_blocks"), code == "msg_too_long", code == "msg_blocks_too_long", code == "no_text", code == "metadata_too_large":
		return rules.Words{FR: "slack ne peut pas afficher ce message : c'est une faute de vigie, merci de la signaler",
			EN: "slack can't show this message: a fault of vigie's, please report it"}
	}
	return rules.Words{FR: "slack refuse ce message et le refusera encore", EN: "slack refuses this message and will again"}
}

func missingScope(scopes string) rules.Words {
	return rules.Words{
		FR: fmt.Sprintf("il manque au jeton du bot l'autorisation %s : l'ajouter sous OAuth & Permissions et réinstaller l'application", cmp.Or(scopes, "(slack ne dit pas laquelle)")),
		EN: fmt.Sprintf("the bot token lacks the scope %s: add it under OAuth & Permissions and install the app again", cmp.Or(scopes, "(slack doesn't say which)")),
	}
}
