package stage

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	flushEvery  = 200 * time.Millisecond
	maxAttempts = 6 // the first and five more, as both vendors document
)

// Queue is the webhooks that wait, and where they go.
type Queue struct {
	Webhooks []Webhook
	Targets  map[string]string // vendor -> the address that SetWebhook gave
}

// Webhook is a call that waits to be posted. Its ID stays the same when
// it is repeated.
type Webhook struct {
	ID       string
	Vendor   string
	Hook     string // the id of the registered webhook that is called; empty: SetWebhook's
	Header   map[string]string
	Body     []byte
	Attempts int
}

// Hooks is how a vendor posts its webhooks.
type Hooks struct {
	// Target is where a call of a registered webhook goes and what it is signed with,
	// as that is now; no address if it has been deleted or switched off since. An
	// empty id is SetWebhook's.
	Target func(hook string) (url, secret string)
	// Sign adds the vendor's own headers and its signature over the raw body.
	Sign func(r *http.Request, hook Webhook, secret string)
	// Repeats is the vendor's retry rule for an answer other than 2xx.
	Repeats func(*http.Response) bool
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
func (s *Stage) SetWebhook(vendor, url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queue.Targets == nil {
		s.queue.Targets = map[string]string{}
	}
	s.queue.Targets[vendor] = url
}

// Address is what SetWebhook gave the vendor; empty if nothing. The lock is held.
func (s *Stage) Address(vendor string) string { return s.queue.Targets[vendor] }

// Enqueue queues a call of a registered webhook, or with an empty id of
// SetWebhook's; the body is what it encodes to, or bytes as they are. The lock is
// held. Where it goes and its signature are settled when it is posted.
func (s *Stage) Enqueue(vendor, hook string, body any, header map[string]string) {
	b, ok := body.([]byte)
	if !ok {
		b = JSON(body)
	}
	s.queue.Webhooks = append(s.queue.Webhooks, Webhook{ID: UUID(), Vendor: vendor, Hook: hook, Header: header, Body: b})
}

// Queue is what waits now. The lock is held.
func (s *Stage) Queue() Queue { return s.queue }

// Requeue has other webhooks wait, those of a snapshot. The lock is held.
func (s *Stage) Requeue(q Queue) { s.queue = q }

// FlushWebhooks posts what is queued now, by real HTTP, and says how many posts
// were accepted. What fails in a way that the vendor repeats stays in the queue
// for the next flush, up to its number of attempts; the errors come joined.
func (s *Stage) FlushWebhooks(ctx context.Context, plan WebhookPlan) (delivered int, err error) {
	s.flushing.Lock()
	defer s.flushing.Unlock()
	s.mu.Lock()
	queue := slices.Clone(s.queue.Webhooks)
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

// Run flushes the webhooks every 200 ms until ctx ends, beside what each vendor does
// of itself. A target that can't be reached is logged and tried again, as the vendors
// do.
func (s *Stage) Run(ctx context.Context) error {
	var beside sync.WaitGroup
	defer beside.Wait()
	for _, v := range s.vendors {
		if v.Run != nil {
			beside.Go(func() { v.Run(ctx) })
		}
	}
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
func (s *Stage) settle(id string, repeat bool) {
	s.Do(func() {
		i := slices.IndexFunc(s.queue.Webhooks, func(q Webhook) bool { return q.ID == id })
		if i < 0 {
			return // a snapshot was restored meanwhile
		}
		s.Changed()
		s.queue.Webhooks[i].Attempts++
		if !repeat || s.queue.Webhooks[i].Attempts >= maxAttempts {
			s.queue.Webhooks = slices.Delete(s.queue.Webhooks, i, i+1)
		}
	})
}

// post makes one call; repeat says that the vendor would try again.
func (s *Stage) post(ctx context.Context, hook Webhook) (repeat bool, err error) {
	v := s.vendors[hook.Vendor]
	s.mu.Lock()
	target, secret := v.Target(hook.Hook)
	s.mu.Unlock()
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
	v.Sign(req, hook, secret)
	resp, err := s.Client.Do(req)
	if err != nil {
		return true, err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)) // so that the connection is used again
	if resp.StatusCode/100 == 2 {
		return false, nil
	}
	return v.Repeats(resp), fmt.Errorf("answered %s", resp.Status)
}

// MAC is the HMAC-SHA256 of the parts, one after the other.
func MAC(secret string, parts ...string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	for _, p := range parts {
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}
