package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

const (
	flushEvery  = 200 * time.Millisecond
	maxAttempts = 6 // the first and five more, as both vendors document
)

// queuedWebhook is a call that waits to be posted. Its ID stays the same when
// it is repeated.
type queuedWebhook struct {
	ID       string
	Vendor   string
	Hook     string // the id of the registered webhook that is called; empty: SetWebhook's
	Header   map[string]string
	Body     []byte
	Attempts int
}

// WebhookPlan says how untidily webhooks arrive. The zero value delivers each
// once and in order.
type WebhookPlan struct {
	Duplicate int  // every nth comes twice; 0 = none
	Drop      int  // every nth never comes
	Reverse   bool // last first
}

// SetWebhook sets the address that the vendor ("zendesk", "jira") calls on every
// change from now on, besides those that are registered over its API; empty ends it.
func (s *Sandbox) SetWebhook(vendor, url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Targets == nil {
		s.state.Targets = map[string]string{}
	}
	s.state.Targets[vendor] = url
}

// enqueue queues a call of a registered webhook, or with an empty id of
// SetWebhook's. The lock is held. Where it goes and its signature are settled when
// it is posted.
func (s *Sandbox) enqueue(vendor, hook string, body any, header map[string]string) {
	b, ok := body.([]byte)
	if !ok {
		b = mustJSON(body)
	}
	s.state.Webhooks = append(s.state.Webhooks, queuedWebhook{ID: uuid(), Vendor: vendor, Hook: hook, Header: header, Body: b})
}

// target is where a call goes and what it is signed with, as its webhook is now; no
// address if that has been deleted or switched off since.
func (s *Sandbox) target(hook queuedWebhook) (url, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case hook.Hook == "" && hook.Vendor == zendesk:
		return s.state.Targets[zendesk], s.Tokens.ZendeskWebhook
	case hook.Hook == "":
		return s.state.Targets[jira], s.Tokens.JiraWebhook
	case hook.Vendor == zendesk:
		if w := s.zendeskWebhook(hook.Hook); w != nil && w.Status == "active" {
			return w.Endpoint, s.Tokens.ZendeskWebhook
		}
	default:
		if w := s.state.Jira.webhook(hook.Hook); w != nil && !w.Off {
			return w.URL, w.Secret
		}
	}
	return "", ""
}

// FlushWebhooks posts what is queued now, by real HTTP, and says how many posts
// were accepted. What fails in a way that the vendor repeats stays in the queue
// for the next flush, up to its number of attempts; the errors come joined.
func (s *Sandbox) FlushWebhooks(ctx context.Context, plan WebhookPlan) (delivered int, err error) {
	s.flushing.Lock()
	defer s.flushing.Unlock()
	s.mu.Lock()
	queue := slices.Clone(s.state.Webhooks)
	s.mu.Unlock()
	if plan.Reverse {
		slices.Reverse(queue)
	}
	var errs []error
	for i, hook := range queue {
		nth := func(n int) bool { return n > 0 && (i+1)%n == 0 }
		if nth(plan.Drop) {
			s.settle(hook.ID, false)
			continue
		}
		posts := 1
		if nth(plan.Duplicate) {
			posts = 2
		}
		repeat := false
		for range posts {
			again, err := s.post(ctx, hook)
			switch {
			case ctx.Err() != nil:
				return delivered, errors.Join(append(errs, ctx.Err())...)
			case err != nil:
				errs = append(errs, fmt.Errorf("post %s webhook: %w", hook.Vendor, err))
			default:
				delivered++
			}
			repeat = repeat || again
		}
		s.settle(hook.ID, repeat)
	}
	return delivered, errors.Join(errs...)
}

// Run flushes the webhooks every 200 ms until ctx ends. A target that can't be
// reached is logged and tried again, as the vendors do.
func (s *Sandbox) Run(ctx context.Context) error {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if _, err := s.FlushWebhooks(ctx, WebhookPlan{}); err != nil && ctx.Err() == nil {
			s.Log.Warn("webhook refused", "err", err)
		}
	}
}

// settle takes a posted webhook off the queue, or counts the attempt if it is
// to be repeated.
func (s *Sandbox) settle(id string, repeat bool) {
	s.do(func() {
		i := slices.IndexFunc(s.state.Webhooks, func(q queuedWebhook) bool { return q.ID == id })
		if i < 0 {
			return // a snapshot was restored meanwhile
		}
		s.changed()
		s.state.Webhooks[i].Attempts++
		if !repeat || s.state.Webhooks[i].Attempts >= maxAttempts {
			s.state.Webhooks = slices.Delete(s.state.Webhooks, i, i+1)
		}
	})
}

// post makes one call; repeat says that the vendor would try again.
func (s *Sandbox) post(ctx context.Context, hook queuedWebhook) (repeat bool, err error) {
	target, secret := s.target(hook)
	if target == "" {
		return false, errors.New("no address is registered any more")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(hook.Body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	for k, v := range hook.Header {
		req.Header.Set(k, v)
	}
	s.sign(req, hook, secret)
	resp, err := s.Client.Do(req)
	if err != nil {
		return true, err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)) // so that the connection is used again
	if resp.StatusCode/100 == 2 {
		return false, nil
	}
	return repeats(hook.Vendor, resp), fmt.Errorf("answered %s", resp.Status)
}

// sign adds the vendor's own headers and its signature over the raw body.
// Zendesk signs timestamp and body with no separator
// (developer.zendesk.com/documentation/webhooks/verifying); Jira's is the
// X-Hub-Signature of WebSub, and absent where the webhook has no secret.
func (s *Sandbox) sign(req *http.Request, hook queuedWebhook, secret string) {
	switch hook.Vendor {
	case zendesk:
		stamp := s.Real().UTC().Format(time.RFC3339)
		req.Header.Set("User-Agent", "Zendesk Webhook")
		req.Header.Set("X-Zendesk-Account-Id", zendeskAccount)
		req.Header.Set("X-Zendesk-Webhook-Invocation-Id", hook.ID)
		req.Header.Set("X-Zendesk-Webhook-Signature-Timestamp", stamp)
		req.Header.Set("X-Zendesk-Webhook-Signature",
			base64.StdEncoding.EncodeToString(mac(secret, stamp, string(hook.Body))))
	case jira:
		req.Header.Set("User-Agent", "Atlassian Webhook HTTP Client")
		req.Header.Set("X-Atlassian-Webhook-Identifier", hook.ID)
		req.Header.Set("X-Atlassian-Webhook-Flow", "Primary")
		if hook.Attempts > 0 {
			req.Header.Set("X-Atlassian-Webhook-Retry", strconv.Itoa(hook.Attempts))
		}
		if secret != "" {
			req.Header.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(mac(secret, string(hook.Body))))
		}
	}
}

// repeats is the vendors' retry rule: Zendesk repeats 409, and 429 and 503 only
// if they say when, within a minute; Jira 408, 409, 425, 429 and all 5xx.
func repeats(vendor string, resp *http.Response) bool {
	if vendor == jira {
		switch resp.StatusCode {
		case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
			return true
		}
		return resp.StatusCode >= 500
	}
	switch resp.StatusCode {
	case http.StatusConflict:
		return true
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		after, err := strconv.Atoi(resp.Header.Get("Retry-After"))
		return err == nil && after < 60
	}
	return false
}

func mac(secret string, parts ...string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	for _, p := range parts {
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// uuid is a random version 4 UUID.
func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, says crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// mustJSON is for values of our own types, which always encode.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sandbox: encode %T: %v", v, err))
	}
	return b
}
