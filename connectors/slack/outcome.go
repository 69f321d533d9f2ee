package slack

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	slackgo "github.com/slack-go/slack"

	"vigie/connectors/rest"
	"vigie/rules/words"
)

// An Outcome is what became of a call that didn't end well, as far as its
// caller must know.
type Outcome string

const (
	// Unknown: the message may have been posted. Look for its key before
	// posting again. Only Post, Reply and List end so.
	Unknown Outcome = "unknown"
	// Wait: nothing was done. The same call may be made again after Error.After.
	Wait Outcome = "wait"
	// Gone: the message is no more, or is closed to edits. Post afresh.
	Gone Outcome = "gone"
	// Closed: the thread takes no replies, though its card may still be there. Post
	// a message of its own.
	Closed Outcome = "closed"
	// Refused: Slack will refuse this again until a person acts on Error.Remedy.
	Refused Outcome = "refused"
)

// An Error is a call that didn't end well. Its text holds neither the token nor
// anything of the message.
type Error struct {
	Outcome Outcome
	After   time.Duration // Wait, Unknown: at least this long; 0 = the caller's own choice
	Code    string        // Slack's word for it, such as "channel_not_found"; empty where it gave none
	Unfit   bool          // Refused: for what this message is, not for where it goes or who sends it
	Remedy  string        // Refused: a sentence for those who run Vigie, in the language of logs
	Err     error

	remedy remedy // the same, for check --online, which has a language
}

// advise sets the remedy, if there is one.
func (e *Error) advise(r remedy) {
	if e.remedy = r; r != nil {
		e.Remedy = r(in(words.Fallback))
	}
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
	// A time-out, a cut connection, an answer that isn't Slack's.
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

// answered is an HTTP status that isn't 200. Slack gives 429 and, when it is in
// trouble, 5xx. What else there is comes from something before it (a proxy, a login
// page), which says nothing of what became of the call.
func answered(status int, ambiguous bool, after time.Duration, err error) *Error {
	switch {
	case status == http.StatusTooManyRequests && !ambiguous:
		return &Error{Outcome: Wait, After: cmp.Or(after, limited), Err: err}
	case status == http.StatusRequestTimeout:
		return &Error{Outcome: Wait, Err: err}
	case status < http.StatusInternalServerError:
		err = &strange{status}
	}
	return &Error{Outcome: Unknown, After: after, Err: err}
}

// strange is a status that Slack itself never answers. That a proxy doesn't accept
// credentials says nothing of ours, so this isn't the status's own error.
type strange struct{ status int }

func (e *strange) Error() string {
	return fmt.Sprintf("something before slack answers %d %s, which slack itself never does", e.status, http.StatusText(e.status))
}
