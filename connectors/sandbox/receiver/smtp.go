package receiver

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/mail"
	"strings"
	"sync"
)

// SMTP is a mail server (RFC 5321, with STARTTLS and AUTH PLAIN).
type SMTP struct {
	User, Password string           // "" = nobody is asked who he is
	Certificate    *tls.Certificate // nil: no STARTTLS

	mu     sync.Mutex
	faults []MailFault
	before func(command string)
	mails  []Mail
	told   []string // the commands
}

// A MailFault is what becomes of one command in the place of a good answer.
type MailFault struct {
	At     string // "MAIL", "RCPT", "DATA" for what comes after it, "AUTH", "EHLO"
	Answer string // such as "451 4.3.0 Try again later"; "" = the connection is cut
	Work   bool   // of DATA: the mail is taken all the same
	Hang   bool   // no answer ever comes
}

// A Mail is one that the server took.
type Mail struct {
	To        string
	MessageID string
	Subject   string
	Header    mail.Header
	Body      string
	Encrypted bool
	Raw       string
}

// Fail has the next of these commands end so.
func (s *SMTP) Fail(faults ...MailFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Before has f called at each command; nil: nothing.
func (s *SMTP) Before(f func(command string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = f
}

// Mails are those that were taken, in their order.
func (s *SMTP) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Commands are the commands that came, without what follows them.
func (s *SMTP) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.told...)
}

// Serve answers until the listener is closed.
func (s *SMTP) Serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go s.converse(conn)
	}
}

// hear notes a command.
func (s *SMTP) hear(command string) {
	s.mu.Lock()
	before := s.before
	s.told = append(s.told, command)
	s.mu.Unlock()
	if before != nil {
		before(command)
	}
}

// fault is what is to become of a command, if anything.
func (s *SMTP) fault(at string) (f MailFault, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.faults {
		if s.faults[i].At == at {
			f = s.faults[i]
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			return f, true
		}
	}
	return f, false
}

// answer gives the answer of a fault; false ends the conversation.
func (f MailFault) answer(c *conversation) bool {
	if f.Hang {
		io.Copy(io.Discard, c.lines)
		return false
	}
	if f.Answer == "" {
		return false
	}
	fmt.Fprint(c, f.Answer+"\r\n")
	return true
}

// A conversation is one connection.
type conversation struct {
	net.Conn
	lines     *bufio.Reader
	encrypted bool
	known     bool // who asks has said who he is
	to        string
}

func (s *SMTP) converse(conn net.Conn) {
	c := &conversation{Conn: conn, lines: bufio.NewReader(conn)}
	defer func() { c.Close() }()
	fmt.Fprint(c, "220 mail.example ESMTP\r\n")
	for {
		line, err := c.lines.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		command, _, _ := strings.Cut(strings.ToUpper(line), " ")
		s.hear(command)
		if command != "DATA" {
			if f, found := s.fault(command); found {
				if !f.answer(c) {
					return
				}
				continue
			}
		}
		if !s.answer(c, command, line) {
			return
		}
	}
}

// answer carries a command out; false ends the conversation.
func (s *SMTP) answer(c *conversation, command, line string) bool {
	switch command {
	case "EHLO", "HELO":
		fmt.Fprint(c, "250-mail.example\r\n")
		if s.Certificate != nil && !c.encrypted {
			fmt.Fprint(c, "250-STARTTLS\r\n")
		}
		if s.User != "" {
			fmt.Fprint(c, "250-AUTH PLAIN\r\n")
		}
		fmt.Fprint(c, "250 8BITMIME\r\n")
	case "STARTTLS":
		if s.Certificate == nil {
			fmt.Fprint(c, "454 TLS not available\r\n")
			break
		}
		fmt.Fprint(c, "220 Ready\r\n")
		encrypted := tls.Server(c.Conn, &tls.Config{Certificates: []tls.Certificate{*s.Certificate}})
		if encrypted.Handshake() != nil {
			return false
		}
		c.Conn, c.lines, c.encrypted = encrypted, bufio.NewReader(encrypted), true
	case "AUTH":
		_, given, _ := strings.Cut(line[len("AUTH "):], " ")
		text, err := base64.StdEncoding.DecodeString(given)
		if c.known = err == nil && string(text) == "\x00"+s.User+"\x00"+s.Password; !c.known {
			fmt.Fprintf(c, "535 5.7.8 Authentication credentials invalid: %s\r\n", given)
			break
		}
		fmt.Fprint(c, "235 OK\r\n")
	case "MAIL", "RCPT":
		if s.User != "" && !c.known {
			fmt.Fprint(c, "530 5.7.0 Authentication required\r\n")
			break
		}
		if command == "RCPT" {
			_, c.to, _ = strings.Cut(line, "<")
			c.to, _, _ = strings.Cut(c.to, ">")
		}
		fmt.Fprint(c, "250 OK\r\n")
	case "DATA":
		return s.take(c)
	case "NOOP", "RSET":
		fmt.Fprint(c, "250 OK\r\n")
	case "QUIT":
		fmt.Fprint(c, "221 Bye\r\n")
		return false
	default:
		fmt.Fprint(c, "502 Not implemented\r\n")
	}
	return true
}

// take takes a mail.
func (s *SMTP) take(c *conversation) bool {
	fmt.Fprint(c, "354 Go on\r\n")
	var raw strings.Builder
	for {
		line, err := c.lines.ReadString('\n')
		if err != nil {
			return false
		}
		if strings.TrimRight(line, "\r\n") == "." {
			break
		}
		raw.WriteString(strings.TrimPrefix(line, "."))
	}
	f, found := s.fault("DATA")
	if m, err := readMail(raw.String()); err == nil && (!found || f.Work) {
		m.To, m.Encrypted = c.to, c.encrypted
		s.mu.Lock()
		s.mails = append(s.mails, m)
		s.mu.Unlock()
	}
	if found {
		return f.answer(c)
	}
	fmt.Fprint(c, "250 Queued\r\n")
	return true
}
