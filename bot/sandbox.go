package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"vigie/bot/demo"
	"vigie/connectors/sandbox"
	vendorpages "vigie/connectors/sandbox/pages"
)

type sandboxCommand struct {
	Listen string   `default:"127.0.0.1:8090" placeholder:"A" help:"Where to listen (${default})."`
	Hooks  string   `placeholder:"URL" help:"Deliver webhooks to this Vigie, such as http://127.0.0.1:8080: Zendesk's to /webhooks/zendesk, Jira's to /webhooks/jira."`
	Empty  bool     `help:"Start without the invented tickets."`
	Limits bool     `help:"Keep the vendors' limits: 429 with Retry-After and their headers, ten exports a minute, a message a second."`
	Manner []string `placeholder:"VENDOR/NAME" help:"Have a vendor behave badly from the start, such as jira/html; GET /sandbox/manners lists all, PUT and DELETE switch them."`
}

func (sandboxCommand) Help() string {
	return `A small Zendesk, Jira and Slack behind real HTTP, to try a configuration and a policy on: config.example.toml fits it.
It goes by the real clock, and forgets everything when it ends. Which tokens it wants is printed when it starts.

Act as people do on its pages, at http://127.0.0.1:8090/sandbox/, or through the vendors' own interfaces. A customer's ticket in Zendesk, and an agent's answer to it:

  curl http://127.0.0.1:8090/api/v2/requests.json \
       -H 'Content-Type: application/json' \
       -d '{"request":{"subject":"Portal down","comment":{"body":"Nobody can log in."},"type":"incident","requester":{"email":"sam@college.example","name":"Sam"}}}'
  curl -u agent@acme.example/token:sandbox-agent-token http://127.0.0.1:8090/api/v2/tickets/3.json -X PUT \
       -H 'Content-Type: application/json' \
       -d '{"ticket":{"priority":"urgent","status":"pending","comment":{"body":"Which browser?","public":true}}}'

How Vigie bears a vendor that behaves badly:

  curl http://127.0.0.1:8090/sandbox/manners
  curl -X PUT http://127.0.0.1:8090/sandbox/manners/jira/html
  curl -X DELETE http://127.0.0.1:8090/sandbox/manners/jira/html

What became of its tags and fields, an answer in Jira, and what was said in Slack:

  curl -u agent@acme.example/token:sandbox-agent-token http://127.0.0.1:8090/api/v2/tickets/3.json
  curl -u leo@acme.example:sandbox-leo-token http://127.0.0.1:8090/rest/api/2/issue/SUP-1/comment \
       -H 'Content-Type: application/json' -d '{"body":"Bonjour, on regarde."}'
  curl -H 'Authorization: Bearer xoxb-sandbox-slack-token' 'http://127.0.0.1:8090/api/conversations.history?channel=C0SANDBOX01'`
}

func (c *sandboxCommand) Run(p *program) error {
	s := sandbox.New()
	s.Log = p.log
	demo.Furnish(s)
	if !c.Empty {
		demo.Seed(s, time.Now())
	}
	if c.Hooks != "" {
		s.SetWebhook("zendesk", c.Hooks+"/webhooks/zendesk")
		s.SetWebhook("jira", c.Hooks+"/webhooks/jira")
	}
	if c.Limits {
		s.Options.Limit()
	}
	for _, m := range c.Manner {
		vendor, name, _ := strings.Cut(m, "/")
		if err := s.Faults.Misbehave(vendor, name); err != nil {
			return usageError{fmt.Errorf("--manner %s: %w", m, err)}
		}
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	base := "http://" + listener.Addr().String()
	t := s.Tokens
	fmt.Fprintf(p.stdout, `The sandbox listens at %s
Its pages, to act as people do: %s/sandbox/

  Zendesk  url = %q   client_id = %q, or for as long as there are API tokens email = %q
  Jira     url = %q   email = %q
  Slack    api_url = %q

export ZENDESK_CLIENT_SECRET=%s ZENDESK_WEBHOOK_SECRET=%s ZENDESK_TOKEN=%s
export JIRA_TOKEN=%s JIRA_WEBHOOK_SECRET=%s
export SLACK_BOT_TOKEN=%s SLACK_SIGNING_SECRET=%s SLACK_APP_TOKEN=xapp-sandbox
export VIGIE_TOKEN=sandbox-vigie-token
`, base, base, base, t.ZendeskClient.ID, t.Zendesk.Email, base, t.Jira.Email, base+"/api/",
		t.ZendeskClient.Secret, t.ZendeskWebhook, t.Zendesk.Token, t.Jira.Token, t.JiraWebhook, t.Slack, t.SlackSigning)
	people := &vendorpages.Pages{Sandbox: s, Board: c.Hooks}
	g, ctx := errgroup.WithContext(p.ctx)
	g.Go(func() error { return serveHTTP(ctx, listener, people.Beside(s.Handler())) })
	g.Go(func() error { return s.Run(ctx) })
	return g.Wait()
}

// serveHTTP serves until the context ends.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		server.Shutdown(end)
	})
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
