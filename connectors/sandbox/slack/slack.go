// Package slack is a small workspace of Slack: those methods of its Web API
// (docs.slack.dev/reference/methods) that post, edit, find and read messages, channels,
// people and user groups, react, unfurl, and show homes and modals; what people do
// there; and how the app is told of that.
//
// What people do are methods of Workspace: Say, Click, Choose, Submit, React, Command,
// OpenHome, Paste. They can do only what they see: a button that isn't shown to them
// isn't pressed. What came of it is read back by Messages, Ephemeral, Home, Modal and
// Members.
//
// What the app is told is a delivery, which waits until it is acknowledged or Slack
// gives up (delivery.go). It goes to the app's Request URLs, signed, or by Socket Mode
// over WebSockets (request.go, socket.go). A person's act makes the first attempt
// itself, so that it has been acknowledged when the act returns; Deliver, or the
// stage's Run, makes the others. An act whose delivery nobody acknowledged says so
// where Slack tells the person, for interactions and commands, and not for events.
//
// A method is a function from a call to an answer or to the code with which Slack
// refuses it. Slack says almost everything with status 200, and so does this.
//
// Of blocks it holds the number and the size against Slack's limits. What Block Kit
// allows in one is described by a schema, and package contract holds the messages of
// all tests against that; a second description by hand would only be another to keep.
//
// Triggers, answers' addresses, retries and tiers go by real time, and messages by
// ticket time, as package stage has it.
//
// The wire types are written from the vendor's pages and are this package's own.
package slack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"vigie/connectors/sandbox/stage"
)

// object is a JSON object of the API.
type object = map[string]any

// Options are behaviours of Slack that tests and demos choose.
type Options struct {
	Scopes       []string // of the bot's token; all that are here if nil
	OnePerSecond bool     // a second message to a channel within a second of real time is answered 429
	Tiers        bool     // each method takes so many calls a minute of real time as Slack documents, and then answers 429
	OrgWide      bool     // the token is that of an installation for the whole organisation, not for a workspace

	// How the app is told what happens: by WebSocket, or at its Request URLs.
	SocketMode       bool
	EventsURL        string
	InteractivityURL string
	CommandsURL      string
	Events           []string // subscribed to; all that are here if nil
	Domains          []string // whose links the app is told of

	URL   string                               // where this Slack is reached, for the addresses that it gives out; if empty, where it was called last
	After func(time.Duration) <-chan time.Time // waits for acknowledgements and between pings; time.After if nil
}

// State is the whole workspace.
type State struct {
	Users    []user
	Channels []*channel
	Groups   []*group
	LastTS   int64 // of the newest message, in microseconds
	Made     int   // how many events, triggers and views were made up
	Waiting  []*delivery
	Lost     []string
	Views    []*view
	Answers  map[string]*answerURL // by the token in the address

	posted   map[string]time.Time // channel id -> last post in real time, for OnePerSecond
	minutes  map[string]*minute   // by method, for Tiers
	triggers map[string]*trigger
	pages    int    // how many were made up by a stage.Manner
	host     string // under which it was called last
}

type channel struct {
	ID       string
	Name     string // empty for a conversation with one person
	Private  bool
	Outside  bool // the bot is no member
	Archived bool
	Shared   bool       // with another company, by Slack Connect
	Left     []string   // ids of those who aren't in it, as everybody else is
	Messages []*Message // oldest first, replies and ephemeral ones among them
}

// A Message is a message of a channel.
type Message struct {
	Channel   string // id
	TS        string // names it within its channel
	ThreadTS  string // the parent's TS, for a reply
	Broadcast bool   // a reply that the channel sees as well
	User      string // id of its author
	Only      string // id of the one user who sees it
	Text      string
	Blocks    json.RawMessage // as posted; nil if there are none
	Metadata  json.RawMessage // as posted; nil if there is none
	Edits     int
	EditedTS  string                     // of the last edit
	At        time.Time                  // ticket time
	Reactions []Reaction                 // in the order in which they came
	Links     []string                   // of those in it, what the app has registered for
	Told      bool                       // the app was told of them
	Unfurls   map[string]json.RawMessage // what it shows of them, by link
}

// A Reaction is an emoji under a message, and the ids of those who put it there.
type Reaction struct {
	Name  string // without colons
	Users []string
}

const (
	team         = "T0SANDBOX1"
	organization = "E0SANDBOX1"
	botUser      = "U0SANDBOX1" // the bot as a user
	botID        = "B0SANDBOX1" // and as a bot
	app          = "A0SANDBOX1"
	host         = "https://acme.slack.com/"
)

// vendor is Slack's name on the stage.
const vendor = "slack"

// Workspace is one workspace of Slack, and where people act in it.
type Workspace struct {
	*stage.Stage
	options *Options
	token   *string // the bot's
	app     *string // the app's
	signing *string // secret

	state   State
	sockets sockets
}

// New is an empty workspace. What it is given is looked at anew at each request.
func New(s *stage.Stage, o *Options, token, app, signing *string) *Workspace {
	return &Workspace{Stage: s, options: o, token: token, app: app, signing: signing}
}

// State is everything that a snapshot holds. The lock is held.
func (s *Workspace) State() *State { return &s.state }

// channel finds a channel by id or "#name"; nil if there is none.
func (st *State) channel(ref string) *channel {
	for _, c := range st.Channels {
		if c.ID == ref || c.Name != "" && "#"+c.Name == ref {
			return c
		}
	}
	return nil
}

// addressed finds the channel that a message goes to: a user's id is the
// conversation with that user.
func (st *State) addressed(ref string) *channel {
	if c := st.channel(ref); c != nil {
		return c
	}
	u := st.user(ref)
	if u == nil {
		return nil
	}
	id := "D" + strings.TrimPrefix(u.ID, "U")
	if c := st.channel(id); c != nil {
		return c
	}
	c := &channel{ID: id}
	st.Channels = append(st.Channels, c)
	return c
}

// message finds a message by its ts; nil if there is none.
func (c *channel) message(ts string) *Message {
	for _, m := range c.Messages {
		if m.TS == ts && m.Only == "" {
			return m
		}
	}
	return nil
}

// post adds a message at ticket time. The lock is held.
func (s *Workspace) post(c *channel, m *Message) *Message {
	m.At = s.Now().UTC()
	m.Channel, m.TS = c.ID, s.nextTS()
	c.Messages = append(c.Messages, m)
	s.Changed()
	return m
}

// nextTS is ticket time as a ts, moved on by microseconds where it would not be
// later than every ts before it. The lock is held.
func (s *Workspace) nextTS() string {
	st := &s.state
	st.LastTS = max(st.LastTS+1, s.Now().UnixMicro())
	return fmt.Sprintf("%d.%06d", st.LastTS/1e6, st.LastTS%1e6)
}

// Vendor is Slack as its stage knows it.
func (s *Workspace) Vendor() stage.Vendor {
	return stage.Vendor{
		Name:    vendor,
		Routes:  map[string]func(*http.ServeMux){"/api/": s.routes, "/actions/": s.answerRoutes, "/commands/": s.answerRoutes},
		Open:    map[string]http.Handler{"/link/": http.HandlerFunc(s.link)},
		Run:     s.deliverAll,
		Manners: manners(),
		Writes:  writes,
	}
}

// writes says whether a request asks for a change that people see.
func writes(r *http.Request) bool {
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		return true // to a response_url
	}
	method := strings.TrimPrefix(strings.TrimSuffix(r.URL.Path, "/"), "/api/")
	return strings.HasPrefix(method, "views.") || strings.HasPrefix(method, "chat.") && method != "chat.getPermalink" || slices.Contains([]string{"usergroups.users.update", "reactions.add", "reactions.remove"}, method)
}

// base is where this Slack is reached. The lock is held.
func (s *Workspace) base() string {
	if s.options.URL != "" {
		return strings.TrimSuffix(s.options.URL, "/")
	}
	return "http://" + s.state.host
}
