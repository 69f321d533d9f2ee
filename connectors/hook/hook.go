// Package hook tells other programs of promises in danger: by JSON signed as Standard
// Webhooks asks for (https://www.standardwebhooks.com), or as events of PagerDuty's
// (https://developer.pagerduty.com/docs/send-alert-event).
//
// What is told is told at least once, each time under the same key: a receiver of
// Standard Webhooks knows by webhook-id what it has seen, and PagerDuty by dedup_key
// which incident an event belongs to. An error says whether a further try may help.
//
// A hook's address may be a secret by itself, as those of many chats and pagers are. So
// no error shows any of it, and nothing is sent over a connection that others can read,
// but to this machine.
package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"vigie/connectors/rest"
	"vigie/rules"
)

// Kind is the form in which a hook is told.
type Kind string

const (
	Standard  Kind = "standard"  // Standard Webhooks
	PagerDuty Kind = "pagerduty" // Events API v2
)

// Kinds are all kinds.
var Kinds = []Kind{Standard, PagerDuty}

// PagerDutyURL is where PagerDuty takes events; accounts in the EU have another.
const PagerDutyURL = "https://events.pagerduty.com/v2/enqueue"

// Client tells one hook. Its fields don't change once it is used.
type Client struct {
	Kind   Kind
	URL    func() string    // asked for each time: a secret may be read anew
	Secret func() string    // Standard: "whsec_" and base64; PagerDuty: the integration's routing key
	HTTP   *http.Client     // over Transport
	Now    func() time.Time // real time, which receivers compare signatures with
}

// Transport is the way to a hook. Telling twice is as good as once, so a request is
// repeated whatever became of it. Nothing is logged: the path may be a secret.
func Transport() *rest.Transport {
	return &rest.Transport{Tries: 2, Timeout: 8 * time.Second, MaxBody: 64 << 10, Retry: func(*http.Request) bool { return true }}
}

// Error is why a hook wasn't told, or may not have been.
type Error struct {
	Final   bool          // another try would end the same, until a person does something
	Unknown bool          // it may have been told
	After   time.Duration // the next try is welcome after that; 0 = whenever
	text    string
}

func (e *Error) Error() string { return e.text }

// Tell tells the hook. The error is an *Error.
func (c *Client) Tell(ctx context.Context, n rules.News) error {
	address, secret := c.URL(), c.Secret()
	if err := Safe(address); err != nil {
		return &Error{Final: true, text: "the hook's url " + err.Error()}
	}
	req, err := c.request(ctx, address, secret, n)
	if err != nil {
		return &Error{Final: true, text: rest.NewSecrets(secret, address).Clean(err.Error())}
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return failure(err, address, secret)
	}
	defer resp.Body.Close()
	if c.Kind == PagerDuty {
		return accepted(resp)
	}
	return nil
}

func (c *Client) request(ctx context.Context, address, secret string, n rules.News) (*http.Request, error) {
	var body []byte
	var err error
	header := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Vigie"}}
	if c.Kind == PagerDuty {
		body, err = event(n, secret)
	} else if body, err = message(n); err == nil {
		err = sign(header, secret, n.Key, body, c.Now())
	}
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err == nil {
		req.Header = header
	}
	return req, err
}

// Safe says what is wrong with an address, as what follows its name: what is told must be read by nobody else on
// the way. The error shows nothing of it.
func Safe(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("is no web address; write one that begins with https://")
	case u.User != nil:
		return errors.New("has a user or password in it; write the address alone")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return errors.New("isn't encrypted; write one that begins with https://")
	}
	return nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// failure is an error of the transport, with nothing of the address in it but the host
// where that can't be reached.
func failure(err error, address, secret string) *Error {
	e := &Error{Unknown: rest.Ambiguous(err), After: rest.RetryAfter(err)}
	err = rest.Cause(err)
	e.text = "no answer"
	var status *rest.StatusError
	switch {
	case errors.As(err, &status):
		e.Final = status.Status < 500 && status.Status != http.StatusTooManyRequests && status.Status != http.StatusRequestTimeout
		said := []string{strings.TrimSpace(fmt.Sprintf("%d %s", status.Status, http.StatusText(status.Status)))}
		for _, part := range []string{status.Code, status.Message} {
			if part != "" {
				said = append(said, part)
			}
		}
		e.text = strings.Join(said, ": ")
	case errors.Unwrap(err) != nil:
		e.text = errors.Unwrap(err).Error()
	}
	e.text = secrets(address, secret).Clean(e.text)
	return e
}

// secrets are what of an address and a secret nobody is shown.
func secrets(address, secret string) rest.Secrets {
	texts := []string{address, secret, strings.TrimPrefix(secret, whsec)}
	if u, err := url.Parse(address); err == nil {
		texts = append(texts, u.Path, u.RawQuery)
		texts = append(texts, strings.Split(u.Path, "/")...)
		for _, values := range u.Query() {
			texts = append(texts, values...)
		}
	}
	return rest.NewSecrets(texts...)
}

// Reach connects to where the hook is, and posts nothing; with TLS where its address
// says so. It returns the host.
func (c *Client) Reach(ctx context.Context) (host string, err error) {
	address := c.URL()
	if err := Safe(address); err != nil {
		return "", fmt.Errorf("the hook's url %w", err)
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("the hook's url is no web address")
	}
	return u.Hostname(), reach(ctx, u)
}

func reach(ctx context.Context, u *url.URL) error {
	port, dial := u.Port(), dialTLS
	if u.Scheme == "http" {
		dial = (&net.Dialer{}).DialContext
	}
	if port == "" {
		port = u.Scheme
	}
	conn, err := dial(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return err
	}
	return conn.Close()
}
