package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"vigie/connectors/desk"
)

// What people do in Slack comes in as events, by Socket Mode (socket.go) or as signed
// calls of HTTP, whichever is configured. Both are read into one plain type here, and
// acknowledged only once the handler has returned: what it has to keep is on disk
// then. What isn't acknowledged Slack tells again, or tells the person; what was is
// told again now and then all the same. So an event has a key by which it is known
// again, which is Slack's for the event itself and not for its envelope.

// An Event is something that a person did.
type Event struct {
	Kind    Kind
	Key     string    // known again by it, however often and by whichever way it comes
	User    string    // the id of whoever did it
	Channel string    // the id of where; "" in the app's home
	TS      string    // of the message that it was done to; "" where there is none
	At      time.Time // when, by Slack's clock; zero where Slack doesn't tell

	Action string // of a Click: the element's action_id
	Value  string // of a Click: the button's value, or that of the option that was chosen

	Command string // of a Command: "/sla"
	Text    string // of a Command: what stands behind it

	Emoji string   // of a Reaction, one taken off as well: its name without colons
	Links []string // of LinksShared

	Outside bool // another company reads the channel, too

	Trigger     string // opens a view, within three seconds; "" where none can be opened
	ResponseURL string // takes answers for half an hour; "" where there is none
}

// Kind is what was done.
type Kind string

const (
	Click       Kind = "click"   // a button, or a choice from a menu, was clicked
	Command     Kind = "command" // a slash command was given
	Reacted     Kind = "reacted"
	Unreacted   Kind = "unreacted"
	HomeOpened  Kind = "home"
	LinksShared Kind = "links"
)

// A Response is what the person who did something is told, and nobody else. The zero
// Response says nothing.
type Response struct {
	Text   string // where blocks aren't shown; its markup is ours, what comes from elsewhere went through Escape
	Blocks []slackgo.Block
}

// Empty says that nobody is told anything.
func (r Response) Empty() bool { return r.Text == "" && len(r.Blocks) == 0 }

// An Inbox takes in what Slack tells, and has it handled. Its fields must not change
// once it is used.
type Inbox struct {
	Client *Client

	// Handle does what an event asks for. When it has returned nil the event is
	// acknowledged; after an error it isn't, and Slack tells the person, or tells it
	// again. It is called by several goroutines, and for one event perhaps twice.
	Handle func(context.Context, Event) (Response, error)

	SigningSecret func() string // checks calls of HTTP; "" refuses them all
	AppToken      func() string // xapp-…, for Run

	Pause func(ctx context.Context, d time.Duration) error // waits in real time when nil
	Log   *slog.Logger                                     // silent when nil

	mu     sync.Mutex
	up     int             // connections of Socket Mode that are open
	gaps   int             // how often something may have been missed
	looked map[string]bool // the messages that were looked at since
}

// Longest is the longest body of HTTP that Slack sends, in bytes: an interaction
// brings the message that it was done to, three times escaped.
const Longest = 256 << 10

// HTTP takes in a call: its headers and its raw body. answer goes with status 200, as
// JSON; after, unless it is nil, is called once the answer has been sent. Errors are
// desk.ErrForged, desk.ErrUnreadable and the handler's, after which the call is to be
// made again.
func (in *Inbox) HTTP(ctx context.Context, header http.Header, body []byte) (answer []byte, after func(context.Context), err error) {
	sign, err := slackgo.NewSecretsVerifier(header, in.SigningSecret())
	if err == nil {
		_, _ = sign.Write(body) // a hash takes everything
		err = sign.Ensure()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", desk.ErrForged, err)
	}
	e, challenge, err := readCall(body)
	switch {
	case err != nil:
		return nil, nil, err
	case challenge != "":
		answer, err = json.Marshal(map[string]string{"challenge": challenge})
		return answer, nil, err
	case e.Kind == "":
		return nil, nil, nil
	}
	said, err := in.Handle(ctx, e)
	if err != nil {
		in.missed() // Slack gives up after some times
		return nil, nil, err
	}
	if payload := said.acknowledged(e); payload != nil {
		answer, err = json.Marshal(payload)
		return answer, nil, err
	}
	return nil, func(ctx context.Context) { in.tell(ctx, e, said) }, nil
}

// readCall reads what a body tells: an event, one without a kind if it is of no
// concern, or the challenge by which Slack tries an address.
func readCall(body []byte) (e Event, challenge string, err error) {
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '{' {
		return readOuter(trimmed)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return Event{}, "", fmt.Errorf("%w: no form", desk.ErrUnreadable)
	}
	r := &http.Request{Method: http.MethodPost, Form: form, PostForm: form}
	if form.Has("payload") {
		callback, err := slackgo.InteractionCallbackParse(r)
		if err != nil {
			return Event{}, "", fmt.Errorf("%w: no interaction", desk.ErrUnreadable)
		}
		return interaction(callback), "", nil
	}
	command, err := slackgo.SlashCommandParse(r)
	if err != nil || command.Command == "" {
		return Event{}, "", fmt.Errorf("%w: no command", desk.ErrUnreadable)
	}
	return slash(command), "", nil
}

// readOuter reads a call of the Events API. Kinds of events that slack-go doesn't know
// are of no concern to us, nor is one that it can't read: telling it again would help
// nobody.
func readOuter(body []byte) (e Event, challenge string, err error) {
	if !json.Valid(body) {
		return Event{}, "", fmt.Errorf("%w: no JSON", desk.ErrUnreadable)
	}
	outer, err := slackevents.ParseEvent(body, slackevents.OptionNoVerifyToken())
	if err != nil {
		return Event{}, "", nil
	}
	if v, ok := outer.Data.(*slackevents.EventsAPIURLVerificationEvent); ok {
		return Event{}, v.Challenge, nil
	}
	return happened(outer), "", nil
}

// interaction is a click. What else people do in views is of no concern.
func interaction(c slackgo.InteractionCallback) Event {
	if c.Type != slackgo.InteractionTypeBlockActions || len(c.ActionCallback.BlockActions) == 0 {
		return Event{}
	}
	a := c.ActionCallback.BlockActions[0] // there is never another
	e := Event{
		Kind: Click, Key: c.TriggerID, User: c.User.ID, Channel: c.Container.ChannelID, TS: c.Container.MessageTs, At: instant(a.ActionTs),
		Action: a.ActionID, Value: a.Value, Trigger: c.TriggerID, ResponseURL: c.ResponseURL,
	}
	if e.Channel == "" {
		e.Channel = c.Channel.ID
	}
	if e.Value == "" {
		e.Value = a.SelectedOption.Value
	}
	return e.known()
}

func slash(c slackgo.SlashCommand) Event {
	return Event{
		Kind: Command, Key: c.TriggerID, User: c.UserID, Channel: c.ChannelID, Command: c.Command, Text: strings.TrimSpace(c.Text),
		Trigger: c.TriggerID, ResponseURL: c.ResponseURL,
	}.known()
}

// happened is an event of the Events API that concerns us.
func happened(outer slackevents.EventsAPIEvent) Event {
	e := Event{}
	if callback, ok := outer.Data.(*slackevents.EventsAPICallbackEvent); ok {
		e.Key, e.Outside = callback.EventID, callback.IsExtSharedChannel
	}
	reaction := func(kind Kind, user, emoji, at string, item slackevents.Item) {
		if item.Type == "message" {
			e.Kind, e.User, e.Emoji, e.At, e.Channel, e.TS = kind, user, emoji, instant(at), item.Channel, item.Timestamp
		}
	}
	switch v := outer.InnerEvent.Data.(type) {
	case *slackevents.ReactionAddedEvent:
		reaction(Reacted, v.User, v.Reaction, v.EventTimestamp, v.Item)
	case *slackevents.ReactionRemovedEvent:
		reaction(Unreacted, v.User, v.Reaction, v.EventTimestamp, v.Item)
	case *slackevents.AppHomeOpenedEvent:
		if v.Tab == "home" {
			e.Kind, e.User, e.At = HomeOpened, v.User, instant(v.EventTimeStamp)
		}
	case *slackevents.LinkSharedEvent:
		e.Kind, e.User, e.Channel, e.TS, e.At = LinksShared, v.User, v.Channel, v.MessageTimeStamp, instant(v.EventTimestamp)
		for _, l := range v.Links {
			e.Links = append(e.Links, l.URL)
		}
	}
	return e.known()
}

// longestKey bounds what of an event is kept for good.
const longestKey = 200

// known is the event, or one of no kind where it can't be known again or nobody did it.
func (e Event) known() Event {
	if e.Kind == "" || e.Key == "" || len(e.Key) > longestKey || e.User == "" {
		return Event{}
	}
	return e
}

// instant is when a message with this ts was written; zero for what is no ts.
func instant(ts string) time.Time {
	seconds, fraction, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || s <= 0 {
		return time.Time{}
	}
	micros, _ := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	return time.Unix(s, micros*1000).UTC()
}

// acknowledged is the response as it goes with the acknowledgement; nil if it doesn't.
// Only commands are answered so, and Slack drops what is longer than 20 kB in silence.
func (r Response) acknowledged(e Event) map[string]any {
	if e.Kind != Command || r.Empty() {
		return nil
	}
	payload := map[string]any{"response_type": "ephemeral", "text": r.Text}
	if len(r.Blocks) > 0 {
		payload["blocks"] = r.Blocks
	}
	if b, err := json.Marshal(payload); err != nil || len(b) > longestAck {
		return nil
	}
	return payload
}

const longestAck = 19_000

// tell has the person who did something told what came of it, where he did it. Nothing
// depends on it, so an error is only logged.
func (in *Inbox) tell(ctx context.Context, e Event, said Response) {
	if said.Empty() {
		return
	}
	if err := in.Client.Whisper(ctx, e.Channel, e.User, said); err != nil {
		in.log().WarnContext(ctx, "somebody couldn't be answered", "event", e.Key, "kind", string(e.Kind), "err", err)
	}
}

// Whisper shows somebody in a channel what nobody else sees there; without a channel
// it is a direct message. An error is an *Error.
func (c *Client) Whisper(ctx context.Context, channelID, user string, said Response) error {
	if channelID == "" {
		_, _, err := c.post(ctx, user, message{text: said.Text, blocks: said.Blocks})
		return err
	}
	options := append(content(said.Text, said.Blocks), slackgo.MsgOptionDisableLinkUnfurl(), slackgo.MsgOptionDisableMediaUnfurl())
	if _, err := c.api().PostEphemeralContext(ctx, channelID, user, options...); err != nil {
		return fmt.Errorf("answer in %s: %w", channelID, classify(err))
	}
	return nil
}

func (in *Inbox) log() *slog.Logger {
	if in.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return in.Log
}

// hopeless says that an error is for a person to mend.
func hopeless(err error) bool {
	var refused slackgo.SlackErrorResponse
	return errors.As(err, &refused) && slices.Contains([]string{"invalid_auth", "not_authed", "account_inactive", "token_revoked", "not_allowed_token_type"}, refused.Err)
}

// Plain is a text for a Response that Slack takes as it is, line breaks included, at
// most 3,000 characters of it: no formatting, mentions or links.
func Plain(text string) *slackgo.TextBlockObject {
	lines := strings.Split(text, "\n")
	for i := range lines {
		indent := len(lines[i]) - len(strings.TrimLeft(lines[i], " "))
		lines[i] = strings.Repeat("\u2007", indent) + oneLine(lines[i])
	}
	text = strings.Join(lines, "\n")
	for n := longestText; ; n -= 100 {
		short := string([]rune(text)[:min(n, len([]rune(text)))])
		if o := plain(short); len([]rune(o.Text)) <= longestText {
			return o
		}
	}
}

const longestText = 3000

// Link is an address for a Response, on which people can click.
func Link(address string) *slackgo.TextBlockObject { return markup(link(address, address)) }
