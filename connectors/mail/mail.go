// Package mail tells people by mail, over SMTP: in plain text, one mail to one address.
//
// A mail is sent at least once. Its Message-ID is made of what it is known by, so that
// mailboxes recognise one that was sent twice because nobody could tell whether it had
// gone. A conversation is encrypted, and the server's name checked, but with a server on
// this machine. It is over in some seconds whatever the server does, and reads a bounded
// answer. An error says whether a further try may help, and shows no password.
package mail

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"vigie/connectors/rest"
	"vigie/rules"
	"vigie/rules/words"
)

// Client sends by one server. Its fields don't change once it is used.
type Client struct {
	Server   string        // host:port; on port 465 TLS begins at once, elsewhere by STARTTLS
	User     string        // "" = the server asks nobody who he is
	Password func() string // asked for each time: a secret may be read anew
	From     string        // an address
	Now      func() time.Time

	Dial func(ctx context.Context, network, address string) (net.Conn, error) // nil: the net's
	TLS  *tls.Config                                                          // nil: the system's roots
}

const (
	// conversation bounds one with a server, from the first connection on.
	conversation = 12 * time.Second
	// longestAnswer bounds what a server says in one.
	longestAnswer = 256 << 10
	// tlsPort is where TLS begins at once (RFC 8314, 3.3).
	tlsPort = 465
)

// Error is why a mail wasn't sent, or may not have been.
type Error struct {
	Final   bool // another try would end the same, until a person does something
	Unknown bool // it may have been sent
	text    string
}

func (e *Error) Error() string { return e.text }

// Tell sends a piece of news to its address. The error is an *Error.
func (c *Client) Tell(ctx context.Context, n rules.News) error {
	m, err := c.message(n)
	if err != nil {
		return &Error{Final: true, text: c.clean(err)}
	}
	ctx, cancel := context.WithTimeout(ctx, conversation)
	defer cancel()
	client, err := c.client(ctx)
	if err != nil {
		return &Error{Final: true, text: c.clean(err)}
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return c.failure(err, false)
	}
	defer client.CloseWithSMTPClient(conn) // what was taken is taken, whatever the server says at the end
	if err := client.SendWithSMTPClient(conn, m); err != nil {
		var sending *gomail.SendError
		asked := errors.As(err, &sending) && (sending.Reason == gomail.ErrSMTPDataClose || sending.Reason == gomail.ErrWriteContent || sending.Reason == gomail.ErrSMTPReset)
		return c.failure(err, asked)
	}
	return nil
}

// message is the mail. Its headers hold no line break of a ticket's.
func (c *Client) message(n rules.News) (*gomail.Msg, error) {
	l := words.In(n.Language)
	m := gomail.NewMsg()
	if err := m.From(c.From); err != nil {
		return nil, fmt.Errorf("the sender's address: %w", err)
	}
	if err := m.To(n.To); err != nil {
		return nil, fmt.Errorf("the address: %w", err)
	}
	headline := l.Headline(&n)
	m.Subject(headline)
	m.SetDateWithValue(c.Now())
	m.SetMessageIDWithValue(id(n.Key, n.To, c.From))
	thread := "<" + id(n.Incident, n.To, c.From) + ">" // mails about one thing stand together
	m.SetGenHeader(gomail.HeaderInReplyTo, thread)
	m.SetGenHeader(gomail.HeaderReferences, thread)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's absence answers it
	m.SetBodyString(gomail.TypeTextPlain, headline+"\n\n"+l.Details(&n)+"\n")
	return m, nil
}

// id is a Message-ID: of what names the mail, and to whom it goes.
func id(key, to, from string) string {
	sum := sha256.Sum256([]byte(key + "\n" + to))
	_, host, _ := strings.Cut(from, "@")
	return hex.EncodeToString(sum[:16]) + ".vigie@" + host
}

// client is a client for one conversation, which ends with the context.
func (c *Client) client(whole context.Context) (*gomail.Client, error) {
	host, text, err := net.SplitHostPort(c.Server)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, err
	}
	policy := gomail.TLSMandatory
	if loopback(host) {
		policy = gomail.NoTLS
	}
	config := &tls.Config{}
	if c.TLS != nil {
		config = c.TLS.Clone()
	}
	config.ServerName, config.MinVersion = host, tls.VersionTLS12
	options := []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(conversation), gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(config),
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			return c.dial(ctx, whole, network, address, port == tlsPort, config)
		})}
	if port == tlsPort {
		options = append(options, gomail.WithSSL())
	}
	if c.User != "" {
		// Over TLS, or within this machine: the password may go as it is.
		options = append(options, gomail.WithUsername(c.User), gomail.WithPassword(c.Password()), gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover))
		if port == tlsPort || loopback(host) {
			options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthPlain))
		}
	}
	return gomail.NewClient(host, options...)
}

// dial connects. The connection ends with the whole conversation, and lets a bounded
// answer through.
func (c *Client) dial(ctx, whole context.Context, network, address string, encrypt bool, config *tls.Config) (net.Conn, error) {
	dial := c.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(whole, func() { conn.Close() })
	conn = &bounded{Conn: conn, reader: io.LimitReader(conn, longestAnswer)}
	if !encrypt {
		return conn, nil
	}
	encrypted := tls.Client(conn, config)
	if err := encrypted.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return encrypted, nil
}

type bounded struct {
	net.Conn
	reader io.Reader
}

func (b *bounded) Read(p []byte) (int, error) { return b.reader.Read(p) }

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// failure says what an error of a conversation means: what the server refuses for good
// (5yz; RFC 5321, 4.2.1) is final, all else may pass. asked: the server had the mail.
func (c *Client) failure(err error, asked bool) *Error {
	code := 0
	var answer *textproto.Error
	var sending *gomail.SendError
	switch {
	case errors.As(err, &sending):
		code = sending.ErrorCode()
	case errors.As(err, &answer):
		code = answer.Code
	}
	final := code >= 500 && code < 600 || errors.Is(err, gomail.ErrPlainAuthNotSupported) || strings.Contains(err.Error(), "does not support STARTTLS")
	return &Error{Final: final, Unknown: asked && code == 0, text: c.clean(err)}
}

// clean is an error on one line without the password.
func (c *Client) clean(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	if runes := []rune(text); len(runes) > 400 {
		text = string(runes[:400]) + "…"
	}
	return rest.NewSecrets(c.secret()).Clean(text)
}

func (c *Client) secret() string {
	if c.Password == nil {
		return ""
	}
	return c.Password()
}

// Check signs in, and sends nothing.
func (c *Client) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, conversation)
	defer cancel()
	client, err := c.client(ctx)
	if err != nil {
		return &Error{Final: true, text: c.clean(err)}
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return c.failure(err, false)
	}
	client.CloseWithSMTPClient(conn)
	return nil
}
