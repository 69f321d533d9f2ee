// Package zendesk keeps Vigie's view of a Zendesk Support account, and writes
// tags, due fields and priorities into it.
//
// Changes and Unsolved say which tickets to look at; ParseWebhook says the same
// of a webhook, which is only ever a hint. Tell then reads those tickets with all
// their audits, and tells each as a rules.Ticket: its attributes at creation, and
// one event for each change since. Write hands differences over in bulk, Follow
// asks what became of them, and the result of every row is read. Note tells the
// agents something in the ticket, once. SLA asks what Zendesk's own SLA says of a
// ticket, for a person who compares.
//
// Audits come in two ways (acts.go): in bulk by the ticket event export, which
// Acts reads for all tickets at once and which is a minute behind, and by a
// request for each ticket that is ahead of it. They are kept in between, so that
// neither is read twice.
//
// Nothing is concluded from what isn't there (find_rows.go): a ticket that a list lacks
// is asked for by itself, an answer without the keys that it should have is none, a
// list that leads nowhere is an error (list_progress.go), and what Zendesk can't answer in
// time is asked for in smaller parts (pace.go).
//
// A history is told from two things alone, the ticket as it is and its audits
// oldest first, by code without IO (history.go). Every field is handled as text
// under Zendesk's own name for it, because what a field's JSON looks like
// differs between tickets, audits and accounts; one odd value costs nothing but
// itself. Names, roles and e-mail addresses behind the ids come from the
// directory, which is asked in bulk and remembers for a few minutes.
//
// Requests are sent by go-zendesk, and its structs are used where they decode
// safely: users, groups, forms, ticket fields. Tickets and audits have structs
// of their own: in v0.18.0 one custom field with a number in it makes a whole
// page undecodable, and audit events are untyped. The library has no
// incremental export, no update_many and no jobs. Credentials are set by the
// transport: the library's headers are one map for all its clients.
package zendesk

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	gozendesk "github.com/nukosuke/go-zendesk/zendesk"

	"vigie/connectors/desk"
	"vigie/connectors/rest"
	"vigie/rules"
)

// Config says which Zendesk to watch and what its words mean.
type Config struct {
	Name         string // the source's name in config.toml
	URL          string // the account, such as https://acme.zendesk.com
	Email, Token string // an admin's API token; Token alone: an OAuth access token
	OAuth        *OAuth // the OAuth client in whose name it asks; nil with a token

	// WebhookSecrets are those that hold now: the present one, and while it is being
	// changed the one before. None, or nil, refuses every webhook.
	WebhookSecrets func() []string

	Priorities        map[string]string // Zendesk's priority name in lower case -> the policy's
	VendorPriority    map[string]string // the policy's priority name -> Zendesk's, to write
	Language          string            // of a ticket of which neither the requester's locale nor the text tells one; may be empty
	UnsetPriorities   []string          // Zendesk's names that mean "none yet" on a new ticket
	RequesterPriority bool              // the requester's own choice counts as a person's
	Automations       []string          // e-mail addresses or ids of accounts whose acts are nobody's, besides triggers and automations

	Status    map[string]rules.Status // custom status name or category -> ours, before the built-in mapping
	Kinds     []desk.Kind             // a tag, form or type -> kind; see kindOf
	DueFields []rules.DueField        // ids, or "due_at"; Check learns their Form

	Staff desk.Staff // who was once seen as staff; nothing is remembered by default

	Now   func() time.Time                                 // the account's clock; time.Now by default
	Sleep func(ctx context.Context, d time.Duration) error // between two looks at a running job; waits in real time by default
	Log   *slog.Logger                                     // nothing is logged by default
}

// Authorize sets a token on a request: for rest.Transport. Tokens of an OAuth client
// are set by OAuth.
func (c Config) Authorize(r *http.Request) error {
	if c.Email != "" {
		r.SetBasicAuth(c.Email+"/token", c.Token)
	} else {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	return nil
}

// Client is one Zendesk account. Its methods may be called by several
// goroutines.
type Client struct {
	cfg            Config
	http           *http.Client // what api sends through
	api            *gozendesk.Client
	bad            error // the URL can't be used; every call says so
	dir            directory
	staffByWebhook accountSet // staff, by webhooks

	exports, events, searches, shown rest.Portion // how many rows are asked for at once
	exported, happened, searched     listProgress

	mu  sync.Mutex
	due []rules.DueField
}

// New returns a client that sends through hc, whose transport sets the
// credentials, waits for rate limits and turns answers of 400 and above into a
// *rest.StatusError. Nothing is asked of Zendesk yet.
func New(cfg Config, hc *http.Client) *Client {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.URL = strings.TrimRight(cfg.URL, "/")
	c := &Client{cfg: cfg, http: hc, due: slices.Clone(cfg.DueFields)}
	for i, f := range c.due {
		c.due[i].Form = cmp.Or(f.Form, rules.TextForm)
	}
	c.api, c.bad = gozendesk.NewClient(hc)
	if u, err := url.Parse(cfg.URL); err != nil || u.Host == "" {
		c.bad = errors.New("url: want the account's address, such as https://acme.zendesk.com")
	} else if c.bad == nil {
		c.bad = c.api.SetEndpointURL(cfg.URL + "/api/v2")
	}
	c.dir.client = c
	c.exports.Most, c.events.Most, c.searches.Most, c.shown.Most = mostRows, mostRows, mostRows, perRequest
	return c
}

// DueFields are the configured fields, with the Form that Check has learned; a
// field is text until then.
func (c *Client) DueFields() []rules.DueField {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.due)
}

// get asks for a path below /api/v2 and decodes the answer, as answered does.
func (c *Client) get(ctx context.Context, path string, out any, keys ...string) error {
	if c.bad != nil {
		return c.bad
	}
	body, err := c.api.Get(ctx, path)
	return answered("GET", path, body, err, out, keys)
}

// put sends in to a path below /api/v2 and decodes the answer, as answered does.
func (c *Client) put(ctx context.Context, path string, in, out any, keys ...string) error {
	if c.bad != nil {
		return c.bad
	}
	body, err := c.api.Put(ctx, path, in)
	return answered("PUT", path, body, err, out, keys)
}

// post is put for what is made anew.
func (c *Client) post(ctx context.Context, path string, in, out any, keys ...string) error {
	if c.bad != nil {
		return c.bad
	}
	body, err := c.api.Post(ctx, path, in)
	return answered("POST", path, body, err, out, keys)
}

// answered decodes an answer. One that isn't an object with the keys, or has
// something of another type where out has a member, is a *rest.NotTheAPI: that no
// member is of another type than it should be holds for the answer itself, and what
// may be odd in one row is a json.RawMessage in it.
func answered(method, path string, body []byte, err error, out any, keys []string) error {
	if err != nil {
		return withoutBody(err)
	}
	if err := rest.Expect(method, path, body, keys...); err != nil {
		return err
	}
	err = json.Unmarshal(body, out)
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		path, _, _ = strings.Cut(path, "?")
		return &rest.NotTheAPI{Method: method, Path: path, Was: fmt.Sprintf("an object whose %q is a %s", mismatch.Field, mismatch.Value)}
	}
	return err
}

// withoutBody is an error of the library without what mustn't be shown: the address that
// http.Client adds, and the answer's body that the library's own error prints.
func withoutBody(err error) error {
	var odd gozendesk.Error
	if errors.As(err, &odd) {
		return fmt.Errorf("unexpected answer %d", odd.Status())
	}
	return rest.Cause(err)
}

// refused says that Zendesk has answered the request with one of the statuses.
func refused(err error, statuses ...int) bool {
	var status *rest.StatusError
	return errors.As(err, &status) && slices.Contains(statuses, status.Status)
}

// decode reads JSON as far as it goes: a member of an unexpected type is left
// zero, so that it doesn't cost the others.
func decode(body []byte, out any) error {
	err := json.Unmarshal(bytes.TrimSpace(body), out)
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		return nil
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
