// Package slack shows people what becomes of a promise: it renders a
// rules.Alert in a language of rules/words, posts it, edits it as the promise moves,
// writes into its thread, and finds it again.
//
// One ticket and metric have one message, the card; the card says how things
// stand (card.go, words.go). Edits notify nobody, so what people must hear is
// said in the card's thread (Reply). Everything that isn't our own words, a date
// or a link is plain text to Slack and escaped besides: a ticket can't mention
// anybody, link anywhere or break a card (escape.go).
//
// Slack can't be told to do a thing only once: chat.postMessage has no
// idempotency key. So every message carries the caller's key as metadata, no
// post is repeated here after an unclear answer, and an *Error says what became
// of the call (outcome.go): nothing, perhaps something (then Find and FindReply
// look the key up), or nothing until a person acts. The engine keeps the
// record; this package keeps nothing but the pace of posts, at most one a second
// and channel whatever their languages, and the ids of channels it has met.
//
// The calls are slack-go's. Where that library is gone beneath or distrusted, a
// comment says why.
package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"vigie/connectors/rest"
	"vigie/rules"
)

// DefaultAPIURL is where Slack's Web API is.
const DefaultAPIURL = "https://slack.com/api/"

// eventType marks the metadata of every message of ours.
const eventType = "vigie_alert"

// A Client speaks for one bot in one workspace. It is safe for concurrent use;
// its fields must not change once it is used.
type Client struct {
	Token    func() string                                    // the bot's, xoxb-…, asked for at each call: it may change
	APIURL   string                                           // DefaultAPIURL when empty; a missing last slash is added
	HTTP     *http.Client                                     // New gives one over Transport; another needs a time-out
	Language string                                           // of messages that name none
	Board    string                                           // where tickets' pages are, without a slash at its end; none when empty
	Pace     time.Duration                                    // least time between two posts to one channel, in real time; 1 s when 0, none when negative
	Now      func() time.Time                                 // real time when nil, for Pace
	Sleep    func(ctx context.Context, d time.Duration) error // waits in real time when nil
	Log      *slog.Logger                                     // silent when nil

	mu          sync.Mutex
	paces       map[string]*rate.Limiter // by channel
	people      known[rules.Person]
	locales     known[string]     // by the person's id
	groupPeople known[[]string]   // by the group's handle
	ids         map[string]string // channel as named in the configuration -> id
}

// New is a client with a bot token (xoxb-…). It calls nobody.
func New(token string) *Client {
	return &Client{
		Token: func() string { return token },
		HTTP:  Transport().Client(),
		paces: map[string]*rate.Limiter{},
		ids:   map[string]string{},
	}
}

// Transport is the way to Slack: what may be done twice is repeated, and a 503 may
// have posted what it was asked to, whether it names a time or not.
func Transport() *rest.Transport { return &rest.Transport{Retry: Repeatable, Doubt503: true} }

// String keeps the token out of whatever prints a client.
func (c *Client) String() string { return "slack client" }

// Repeatable says which of our calls rest.Transport may repeat when it isn't
// known whether Slack carried them out: all that only read, and chat.update and
// usergroups.users.update, which write the same content again. Posts are not among them.
func Repeatable(r *http.Request) bool {
	switch path.Base(r.URL.Path) {
	case "auth.test", "conversations.history", "conversations.info", "conversations.replies", "conversations.list", "chat.update",
		"reactions.get", "usergroups.list", "usergroups.users.list", "usergroups.users.update", "users.info", "users.lookupByEmail":
		return true
	}
	return false
}

// Post posts the alert's card to a channel, given by id or as "#name", under
// a.Key. It returns the channel's id, which Edit and Reply need, and the
// message's ts. An error is an *Error.
func (c *Client) Post(ctx context.Context, channel string, a rules.Alert) (channelID, ts string, err error) {
	text, blocks := Render(a, cmp.Or(a.Speak, c.Language), c.Board)
	return c.post(ctx, channel, message{key: a.Key, text: text, blocks: blocks})
}

// Edit replaces the content of the card ts. The card keeps the key it was
// posted under, and nobody is notified. An error is an *Error: Gone when this
// message can't be edited any more, never Unknown, since an edit may be repeated.
func (c *Client) Edit(ctx context.Context, channelID, ts string, a rules.Alert) error {
	text, blocks := Render(a, cmp.Or(a.Speak, c.Language), c.Board)
	return c.update(ctx, channelID, ts, text, blocks)
}

func (c *Client) update(ctx context.Context, channelID, ts, text string, blocks []slackgo.Block) error {
	// chat.update takes the blocks away where only a text is given, and turns
	// bare #x, @x and addresses into links unless told not to.
	_, got, _, err := c.api().UpdateMessageContext(ctx, channelID, ts, content(text, blocks)...)
	if err == nil && got == "" {
		err = errEmpty
	}
	if err != nil {
		return fmt.Errorf("edit message in %s: %w", channelID, repeatable(err))
	}
	return nil
}

// Reply writes one entry about the alert into the thread of the card ts, under
// a.Key, which notifies those who follow it; broadcast shows it in the channel
// too. It returns the entry's own ts. An error is an *Error.
func (c *Client) Reply(ctx context.Context, channelID, ts string, a rules.Alert, broadcast bool) (string, error) {
	text, blocks := renderReply(a, cmp.Or(a.Speak, c.Language))
	_, reply, err := c.post(ctx, channelID, message{key: a.Key, thread: ts, broadcast: broadcast, text: text, blocks: blocks})
	return reply, err
}

// EditReply replaces the content of an entry that Reply wrote, as Edit does a card's.
func (c *Client) EditReply(ctx context.Context, channelID, ts string, a rules.Alert) error {
	text, blocks := renderReply(a, cmp.Or(a.Speak, c.Language))
	return c.update(ctx, channelID, ts, text, blocks)
}

// List posts a notice under a key: a sentence of ours, in which whatever comes
// from elsewhere went through Escape, and a line for each alert, in a language. A
// longer one than a message holds is cut at the end of a line. An error is an *Error.
func (c *Client) List(ctx context.Context, channel, key, language, head string, alerts []rules.Alert) (channelID, ts string, err error) {
	text, blocks := renderList(head, alerts, cmp.Or(language, c.Language))
	return c.post(ctx, channel, message{key: key, text: text, blocks: blocks})
}

// Amend has the notice ts say another sentence of ours, and another list, or none, in
// a language. Nobody is notified. An error is an *Error, as Edit's.
func (c *Client) Amend(ctx context.Context, channelID, ts, language, head string, alerts []rules.Alert) error {
	text, blocks := renderList(head, alerts, cmp.Or(language, c.Language))
	return c.update(ctx, channelID, ts, text, blocks)
}

// A message is what is posted anew.
type message struct {
	key       string // empty = can't be found again
	thread    string // the ts of the card; empty = a message of its own
	broadcast bool   // show the thread's entry in the channel too
	text      string
	blocks    []slackgo.Block
}

func (m message) options() []slackgo.MsgOption {
	options := append(content(m.text, m.blocks), slackgo.MsgOptionDisableLinkUnfurl(), slackgo.MsgOptionDisableMediaUnfurl())
	if m.key != "" {
		payload := map[string]any{"key": m.key}
		options = append(options, slackgo.MsgOptionMetadata(slackgo.SlackMetadata{EventType: eventType, EventPayload: payload}))
	}
	if m.thread != "" {
		options = append(options, slackgo.MsgOptionTS(m.thread))
	}
	if m.broadcast {
		options = append(options, slackgo.MsgOptionBroadcast())
	}
	return options
}

// post sends one new message at the channel's pace.
func (c *Client) post(ctx context.Context, channel string, m message) (channelID, ts string, err error) {
	if err := c.wait(ctx, channel); err != nil {
		return "", "", fmt.Errorf("post to %s: %w", channel, &Error{Outcome: Wait, Err: err})
	}
	channelID, ts, posted, err := c.api().PostMessageWithResponseContext(ctx, channel, m.options()...)
	// slack-go takes {"ok":false} and {"ok":true} without a ts for success.
	if err == nil && (channelID == "" || ts == "") {
		err = errEmpty
	}
	if err != nil {
		return "", "", fmt.Errorf("post to %s: %w", channel, classify(err))
	}
	c.learn(channel, channelID)
	if m.thread != "" && posted.Timestamp != "" && posted.ThreadTimestamp == "" {
		// Slack does so when the card was deleted. People have been told, and the
		// next edit of the card will say Gone.
		c.log().InfoContext(ctx, "reply stands outside its thread", "channel", channelID, "action", m.key)
	}
	return channelID, ts, nil
}

func (c *Client) log() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}

// errEmpty is an answer that says neither yes nor no.
var errEmpty = errors.New("slack's answer is empty")

// content is what posts and edits have in common.
func content(text string, blocks []slackgo.Block) []slackgo.MsgOption {
	return []slackgo.MsgOption{
		slackgo.MsgOptionText(text, false), // escaped where it was made
		slackgo.MsgOptionBlocks(blocks...),
		slackgo.MsgOptionParse(false),
		slackgo.MsgOptionLinkNames(false),
	}
}

// api is slack-go's client. It is made anew for each call: it holds no state.
func (c *Client) api(options ...slackgo.Option) *slackgo.Client {
	base := strings.TrimRight(cmp.Or(c.APIURL, DefaultAPIURL), "/") + "/"
	options = append(options, slackgo.OptionAPIURL(base), slackgo.OptionHTTPClient(mailbox{c.HTTP}))
	return slackgo.New(c.Token(), options...)
}

// wait holds a post back until its channel may have another one: Slack takes
// one a second and channel, and disables apps that keep trying for more.
func (c *Client) wait(ctx context.Context, channel string) error {
	pace := cmp.Or(c.Pace, time.Second)
	if pace < 0 {
		return ctx.Err()
	}
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	at := now()

	c.mu.Lock()
	channel = cmp.Or(c.ids[channel], channel)
	limit := c.paces[channel]
	if limit == nil {
		limit = rate.NewLimiter(rate.Every(pace), 1)
		c.paces[channel] = limit
	}
	turn := limit.ReserveN(at, 1)
	c.mu.Unlock()

	d := turn.DelayFrom(at)
	if d <= 0 {
		return ctx.Err()
	}
	sleep := c.Sleep
	if sleep == nil {
		sleep = realSleep
	}
	return sleep(ctx, (d + time.Millisecond - 1).Truncate(time.Millisecond)) // the limiter's fractions may be a nanosecond early
}

func realSleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// learn remembers the id behind a channel's name, under which its pace goes on.
func (c *Client) learn(channel, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids[channel] = id
	if c.paces[id] == nil {
		c.paces[id] = c.paces[channel]
	}
}

func (c *Client) learned(channel string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ids[channel]
}
