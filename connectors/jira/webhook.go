package jira

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"vigie/connectors/desk"
)

// stale is the age at which a signed webhook is no longer believed. Jira
// repeats one for about an hour at most.
const stale = 24 * time.Hour

// LongestWebhook is the longest body that Jira sends, in bytes: it drops webhooks
// beyond 25 MB (https://developer.atlassian.com/cloud/jira/platform/webhooks).
const LongestWebhook = 25 << 20

// commentOf finds the issue in a comment's address: Data Center's comment
// events name it nowhere else.
var commentOf = regexp.MustCompile(`/issue/([^/?#]+)/comment/`)

// ParseWebhook verifies one webhook call and says which issue it is about; one
// that is about none of the watched issues has no tickets. It believes no more
// of the body: what happened is read from Jira.
//
// The errors are rules.ErrForged for a signature that is missing, of another
// method or wrong, and for a body whose own time is more than a day off now;
// rules.ErrUnreadable for a signed body that makes no sense.
func (c *Client) ParseWebhook(h http.Header, body []byte, now time.Time) (desk.Delivery, error) {
	if err := c.verify(h.Get("X-Hub-Signature"), body); err != nil {
		return desk.Delivery{}, err
	}
	var hook struct {
		Timestamp instant `json:"timestamp"`
		Issue     *struct {
			ID     word            `json:"id"`
			Key    word            `json:"key"`
			Fields json.RawMessage `json:"fields"`
		} `json:"issue"`
		Comment *struct {
			Self word `json:"self"`
		} `json:"comment"`
		Changelog struct {
			Items []item `json:"items"`
		} `json:"changelog"`
	}
	if err := json.Unmarshal(body, &hook); err != nil {
		return desk.Delivery{}, fmt.Errorf("%w: %w", desk.ErrUnreadable, err)
	}
	// The signature has no time of its own; the body's is inside the signed bytes.
	if hook.Timestamp.IsZero() {
		return desk.Delivery{}, fmt.Errorf("%w: timestamp is missing", desk.ErrUnreadable)
	}
	if age := now.Sub(hook.Timestamp.Time); age > stale || age < -stale {
		return desk.Delivery{}, fmt.Errorf("%w: sent at %s", desk.ErrForged, hook.Timestamp.Format(time.RFC3339))
	}
	d := desk.Delivery{ID: desk.DeliveryID(h.Get("X-Atlassian-Webhook-Identifier"), body)}

	var id string
	var project word
	if hook.Issue != nil {
		var fields struct {
			Project named `json:"project"`
		}
		if json.Unmarshal(hook.Issue.Fields, &fields) == nil { // odd or absent: its key tells
			project = fields.Project.ID
		}
	}
	switch {
	case hook.Issue != nil && hook.Issue.Key != "":
		id = string(hook.Issue.Key)
	case hook.Issue != nil && hook.Issue.ID != "":
		id = string(hook.Issue.ID)
	case hook.Comment != nil:
		if m := commentOf.FindStringSubmatch(string(hook.Comment.Self)); m != nil {
			id = m[1]
		}
	}
	switch {
	case id == "":
	case !issueID.MatchString(id):
		return desk.Delivery{}, fmt.Errorf("%w: %.40q is no issue", desk.ErrUnreadable, id)
	case c.projects.may(id, project):
		d.Tickets = []string{id}
	}
	// An issue that was moved isn't there any more under the key that it had.
	for _, it := range hook.Changelog.Items {
		if old := string(it.FromText); it.Field == "Key" && issueID.MatchString(old) && c.projects.may(old, "") {
			d.Tickets = append(d.Tickets, old)
		}
	}
	return d, nil
}

// verify checks the signature, "sha256=" and the hexadecimal HMAC-SHA256 of the
// body as it came. The method may change one day, so no other is taken.
func (c *Client) verify(signature string, body []byte) error {
	if c.cfg.WebhookSecrets == nil || len(c.cfg.WebhookSecrets()) == 0 {
		return fmt.Errorf("%w: no webhook_secret is configured", desk.ErrForged)
	}
	method, digest, _ := strings.Cut(signature, "=")
	if method != "sha256" {
		return fmt.Errorf("%w: X-Hub-Signature isn't sha256", desk.ErrForged)
	}
	got, err := hex.DecodeString(digest)
	if err != nil {
		return fmt.Errorf("%w: X-Hub-Signature isn't hexadecimal", desk.ErrForged)
	}
	right := func(secret string) bool {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		return secret != "" && hmac.Equal(mac.Sum(nil), got)
	}
	if !slices.ContainsFunc(c.cfg.WebhookSecrets(), right) {
		return desk.ErrForged
	}
	return nil
}
