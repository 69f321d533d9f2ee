package hook

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"vigie/rules"
	"vigie/rules/words"
)

// whsec is what a secret of Standard Webhooks begins with.
const whsec = "whsec_"

// payload is what a receiver of Standard Webhooks gets.
type payload struct {
	Type      string    `json:"type"`      // sla.triggered, sla.acknowledged, sla.resolved, slack.away, slack.back
	Timestamp time.Time `json:"timestamp"` // of what happened
	Data      content   `json:"data"`
}

type content struct {
	Key      string     `json:"key"`      // names this message
	Incident string     `json:"incident"` // the same from the first alarm to its end
	Summary  string     `json:"summary"`
	Ticket   *ticket    `json:"ticket,omitempty"`
	Since    *time.Time `json:"since,omitempty"`
	Waiting  []ticket   `json:"waiting,omitempty"`
	More     int        `json:"more,omitempty"`
}

type ticket struct {
	Ref          string     `json:"ref"`
	URL          string     `json:"url,omitempty"`
	Subject      string     `json:"subject,omitempty"`
	Organization string     `json:"organization,omitempty"`
	Team         string     `json:"team,omitempty"`
	Assignee     string     `json:"assignee,omitempty"`
	Taker        string     `json:"taker,omitempty"`
	Priority     string     `json:"priority,omitempty"`
	Policy       string     `json:"policy,omitempty"`
	Metric       string     `json:"metric"`
	Cycle        int        `json:"cycle,omitempty"`
	State        string     `json:"state"`
	Threshold    string     `json:"threshold,omitempty"`
	Due          *time.Time `json:"due,omitempty"`
	Clause       string     `json:"clause,omitempty"`
}

func ticketOf(a rules.Alert) ticket {
	t := ticket{
		Ref: a.Source + ":" + a.ID, URL: a.URL, Subject: a.Subject, Organization: a.Organization, Team: a.Group, Assignee: a.Assignee, Taker: a.Taker,
		Priority: a.Priority, Policy: a.PolicyName, Metric: a.Topic(), Cycle: a.Cycle, State: string(a.Kind), Threshold: a.Threshold, Clause: a.Clause,
	}
	if !a.Due.IsZero() {
		t.Due = &a.Due
	}
	return t
}

// types are the names of events as receivers know them.
var types = map[rules.NewsKind]string{
	rules.Triggered: "sla.triggered", rules.Acknowledged: "sla.acknowledged", rules.Resolved: "sla.resolved",
	rules.ChatAway: "slack.away", rules.ChatBack: "slack.back",
}

// message is the body for a receiver of Standard Webhooks.
func message(n rules.News) ([]byte, error) {
	p := payload{Type: types[n.Kind], Timestamp: n.At.UTC(), Data: content{Key: n.Key, Incident: n.Incident, Summary: words.In(n.Language).Headline(&n), More: n.More}}
	if n.Alert.Source != "" {
		t := ticketOf(n.Alert)
		p.Data.Ticket = &t
	}
	if !n.Since.IsZero() {
		since := n.Since.UTC()
		p.Data.Since = &since
	}
	for _, a := range n.Waiting {
		p.Data.Waiting = append(p.Data.Waiting, ticketOf(a))
	}
	return json.Marshal(p)
}

// sign sets the headers of Standard Webhooks. The id names the message for good; it has
// no full stop, at which signed content is cut.
func sign(h http.Header, secret, key string, body []byte, now time.Time) error {
	webhook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return ErrSecret
	}
	id := id(key)
	signature, err := webhook.Sign(id, now, body)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	h.Set(standardwebhooks.HeaderWebhookID, id)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return nil
}

// id is a short name for a key.
func id(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "msg_" + hex.EncodeToString(sum[:16])
}

// ErrSecret says that a secret isn't one of Standard Webhooks.
var ErrSecret = fmt.Errorf("the secret is none of Standard Webhooks; write %s and 24 to 64 random bytes in base64, such as what openssl rand -base64 32 says", whsec)

// ValidSecret says whether a secret can sign for a kind of hook: Standard Webhooks asks for 24
// to 64 bytes (standard-webhooks.md, "Signing secret serialization").
func ValidSecret(kind Kind, secret string) error {
	if kind != Standard {
		return nil
	}
	if n, err := decoded(secret); err != nil || n < 24 || n > 64 {
		return ErrSecret
	}
	return nil
}

func dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	return (&tls.Dialer{}).DialContext(ctx, network, address)
}

// decoded is how many bytes a secret of Standard Webhooks has.
func decoded(secret string) (int, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, whsec))
	return len(key), err
}
