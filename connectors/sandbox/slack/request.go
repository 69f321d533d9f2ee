package slack

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"vigie/connectors/sandbox/stage"
)

// address is the Request URL for a kind; empty if there is none.
func (s *Workspace) address(kind string) string {
	switch kind {
	case anEvent:
		return s.options.EventsURL
	case anInteraction:
		return s.options.InteractivityURL
	}
	return s.options.CommandsURL
}

// overHTTP posts to the app's Request URL, signed. Events are JSON and are told again;
// interactions and commands are forms, and come once.
func (s *Workspace) overHTTP(ctx context.Context, d *delivery) ([]byte, *failure) {
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	var body []byte
	switch d.Kind {
	case anEvent:
		header.Set("Content-Type", "application/json")
		body = d.Payload
		if d.Attempt > 0 {
			header.Set("X-Slack-Retry-Num", strconv.Itoa(d.Attempt))
			header.Set("X-Slack-Retry-Reason", d.Reason)
		}
	case anInteraction:
		body = []byte(url.Values{"payload": {string(d.Payload)}}.Encode())
	default:
		body = []byte(form(d.Payload).Encode())
	}
	posts := 1
	if s.Faults.Has(vendor, "doubles-envelopes") {
		posts = 2
	}
	var answer []byte
	var f *failure
	for range posts {
		if answer, f = s.post3(ctx, s.address(d.Kind), header, body); f != nil {
			f.final = f.final || d.Kind != anEvent
			break
		}
	}
	return answer, f
}

// form is a command's payload as a form has it.
func form(payload json.RawMessage) url.Values {
	var fields map[string]any
	_ = json.Unmarshal(payload, &fields) // our own
	values := url.Values{}
	for k, v := range fields {
		values.Set(k, fmt.Sprint(v))
	}
	return values
}

// post3 posts, and gives the app three seconds. What it answers is read up to a
// megabyte.
func (s *Workspace) post3(ctx context.Context, to string, header http.Header, body []byte) ([]byte, *failure) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := errors.New("the app took more than three seconds")
	go func() {
		select {
		case <-s.after(ackWithin):
			cancel(late)
		case <-ctx.Done():
		}
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return nil, &failure{reason: "connection_failed", err: err}
	}
	req.Header = header.Clone()
	stamp := strconv.FormatInt(s.Real().Unix(), 10)
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	req.Header.Set("X-Slack-Request-Timestamp", stamp)
	req.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(stage.MAC(*s.signing, "v0:"+stamp+":", string(body))))
	resp, err := s.Client.Do(req)
	if err != nil {
		if context.Cause(ctx) == late {
			return nil, &failure{reason: "http_timeout", err: late}
		}
		return nil, &failure{reason: "connection_failed", err: err}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	switch {
	case context.Cause(ctx) == late:
		return nil, &failure{reason: "http_timeout", err: late}
	case err != nil:
		return nil, &failure{reason: "connection_failed", err: err}
	case resp.StatusCode/100 != 2:
		return nil, &failure{reason: "http_error", err: fmt.Errorf("the app answered %s", resp.Status), final: resp.Header.Get("X-Slack-No-Retry") == "1"}
	}
	return answer, nil
}

// VerifyURL asks the app, as Slack does once an Events API address is entered, to
// give back a challenge.
func (s *Workspace) VerifyURL(ctx context.Context) error {
	challenge := stage.UUID()
	answer, f := s.post3(ctx, s.options.EventsURL, http.Header{"Content-Type": {"application/json"}},
		stage.JSON(object{"token": "", "challenge": challenge, "type": "url_verification"}))
	if f != nil {
		return f.err
	}
	var given struct{ Challenge string }
	if string(answer) != challenge && (json.Unmarshal(answer, &given) != nil || given.Challenge != challenge) {
		return errors.New("your URL didn't respond with the value of the challenge parameter")
	}
	return nil
}
