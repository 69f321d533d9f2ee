package mail_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"vigie/connectors/mail"
	"vigie/connectors/sandbox/receiver"
	"vigie/rules"
)

const password = "correct-horse-battery"

func news(language string) rules.News {
	return rules.News{
		Key: "call/breach/zendesk:42/update/3/1/mail:lead@acme.example", Kind: rules.Triggered, Incident: "zendesk:42/update/3", To: "lead@acme.example", Language: language,
		Alert: rules.Alert{
			Kind: rules.Breached, Source: "zendesk", ID: "42", URL: "https://acme.zendesk.com/agent/tickets/42", Subject: "Portail en panne",
			Priority: "urgent", Metric: rules.Update, Due: time.Date(2026, 11, 27, 13, 0, 0, 0, time.UTC), Organization: "Acme", Clause: "A-1",
		},
	}
}

// office is a mail server, and a client of it.
func office(t *testing.T) (*receiver.SMTP, *mail.Client) {
	t.Helper()
	s := &receiver.SMTP{User: "vigie", Password: password}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go s.Serve(l)
	return s, &mail.Client{Server: l.Addr().String(), User: "vigie", Password: func() string { return password }, From: "vigie@acme.example", Now: time.Now}
}

func TestAMail(t *testing.T) {
	s, c := office(t)
	for _, language := range []string{"en", "fr", "en"} {
		if err := c.Tell(t.Context(), news(language)); err != nil {
			t.Fatal(err)
		}
	}
	got := s.Mails()
	if len(got) != 3 || got[0].MessageID != got[2].MessageID || got[0].To != "lead@acme.example" || got[0].Header.Get("Auto-Submitted") != "auto-generated" {
		t.Fatalf("got %+v", got)
	}
	const en = `zendesk:42: Status update missed, was due Fri 2026-11-27 13:00 UTC

Portail en panne
Due Fri 2026-11-27 13:00 UTC
Priority: urgent
Organisation: Acme
Clause: A-1
https://acme.zendesk.com/agent/tickets/42

Once somebody has taken the ticket, nobody else is called.
`
	if got[0].Body != en {
		t.Errorf("in English it says\n%s", got[0].Body)
	}
	if got[0].Subject != "zendesk:42: Status update missed, was due Fri 2026-11-27 13:00 UTC" || !strings.HasPrefix(got[1].Subject, "zendesk:42 : Point d'avancement, objectif dépassé") {
		t.Errorf("the subjects are %q and %q", got[0].Subject, got[1].Subject)
	}
	other := news("en")
	other.Key = "call/other"
	if err := c.Tell(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if m := s.Mails()[3]; m.MessageID == got[0].MessageID || m.Header.Get("References") != got[0].Header.Get("References") {
		t.Error("another mail about the same has the same Message-ID, or stands elsewhere")
	}
}

// What a ticket has can't end a header, address somebody, or end the mail.
func TestHeadersCantBeInjected(t *testing.T) {
	s, c := office(t)
	n := news("en")
	n.Alert.ID = "42\r\nBcc: eve@evil.example\r\n\r\nhello"
	n.Alert.Subject = "down\r\n.\r\nMAIL FROM:<eve@evil.example>\r\n"
	n.Alert.Organization = "Acme\nX-Evil: 1"
	if err := c.Tell(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	got := s.Mails()
	if len(got) != 1 || got[0].Header.Get("Bcc") != "" || got[0].Header.Get("X-Evil") != "" || strings.Contains(strings.Join(s.Commands(), " "), "RCPT RCPT") {
		t.Fatalf("got %+v", got)
	}
	n.To = "lead@acme.example>\r\nRCPT TO:<eve@evil.example"
	var failure *mail.Error
	if err := c.Tell(t.Context(), n); !errors.As(err, &failure) || !failure.Final {
		t.Errorf("an odd address: %v", err)
	}
	if len(s.Mails()) != 1 {
		t.Error("it was sent")
	}
}

func TestFailures(t *testing.T) {
	for name, c := range map[string]struct {
		fault   receiver.MailFault
		user    string
		final   bool
		unknown bool
		took    int
	}{
		"nobody of that address":     {fault: receiver.MailFault{At: "RCPT", Answer: "550 5.1.1 No such user"}, final: true},
		"not now":                    {fault: receiver.MailFault{At: "RCPT", Answer: "450 4.2.1 Greylisted"}},
		"wrong password":             {user: "other", final: true},
		"an echo of the password":    {fault: receiver.MailFault{At: "AUTH", Answer: "535 no: " + base64.StdEncoding.EncodeToString([]byte("\x00vigie\x00"+password))}, final: true},
		"refused content":            {fault: receiver.MailFault{At: "DATA", Answer: "554 5.7.1 Spam"}, final: true},
		"disk full":                  {fault: receiver.MailFault{At: "DATA", Answer: "452 4.3.1 Full"}},
		"cut off before the mail":    {fault: receiver.MailFault{At: "MAIL"}},
		"cut off once it was taken":  {fault: receiver.MailFault{At: "DATA", Work: true}, unknown: true, took: 1},
		"cut off before it was":      {fault: receiver.MailFault{At: "DATA"}, unknown: true},
		"no answer once it was sent": {fault: receiver.MailFault{At: "DATA", Work: true, Hang: true}, unknown: true, took: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s, client := office(t)
			if c.user != "" {
				client.User = c.user
			}
			if c.fault.At != "" {
				s.Fail(c.fault)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			if c.fault.Hang {
				ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
			}
			defer cancel()
			err := client.Tell(ctx, news("en"))
			var got *mail.Error
			if !errors.As(err, &got) || got.Final != c.final || got.Unknown != c.unknown {
				t.Errorf("got %+v: %v", got, err)
			}
			if err != nil && (strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "Y29ycmVjdC1ob3JzZ")) {
				t.Errorf("the error shows the password: %v", err)
			}
			if n := len(s.Mails()); n != c.took {
				t.Errorf("it took %d", n)
			}
			if c.took == 1 { // told again, it is recognised
				if err := client.Tell(t.Context(), news("en")); err != nil {
					t.Fatal(err)
				}
				if m := s.Mails(); len(m) != 2 || m[0].MessageID != m[1].MessageID {
					t.Errorf("told again: %+v", m)
				}
			}
		})
	}
}

// With a server elsewhere the conversation is encrypted, or there is none.
func TestEncryption(t *testing.T) {
	certificate, roots := certify(t, "smtp.acme.example")
	for name, c := range map[string]struct {
		offered, trusted bool
		encrypted        bool
	}{
		"STARTTLS":                    {true, true, true},
		"none is offered":             {false, true, false},
		"a certificate of a stranger": {true, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, client := office(t)
			at := client.Server
			client.Server, client.TLS = "smtp.acme.example:587", &tls.Config{RootCAs: x509.NewCertPool()}
			client.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, at)
			}
			if c.offered {
				s.Certificate = certificate
			}
			if c.trusted {
				client.TLS.RootCAs = roots
			}
			err := client.Tell(t.Context(), news("en"))
			if got := s.Mails(); (err == nil) != c.encrypted || c.encrypted && !(len(got) == 1 && got[0].Encrypted) || !c.encrypted && len(got) > 0 {
				t.Errorf("got %v, %v", got, err)
			}
			if said := strings.Join(s.Commands(), " "); !c.encrypted && strings.Contains(said, "AUTH") {
				t.Errorf("it said %s", said)
			}
		})
	}
}

// certify makes a certificate of a host for an hour.
func certify(t *testing.T, host string) (*tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// check --online signs in, and sends nothing.
func TestCheckSendsNothing(t *testing.T) {
	s, c := office(t)
	if err := c.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if said := strings.Join(s.Commands(), " "); strings.Contains(said, "MAIL") || !strings.Contains(said, "AUTH") {
		t.Errorf("it said %s", said)
	}
	c.Password = func() string { return "another" }
	if err := c.Check(t.Context()); err == nil {
		t.Error("a wrong password is fine")
	}
}
