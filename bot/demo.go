package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"vigie/bot/config"
	"vigie/bot/store"
	"vigie/connectors/sandbox"
	"vigie/rules"
	"vigie/rules/policies"
	"vigie/rules/policyfile"
	"vigie/rules/tomlfile"
)

type demoCommand struct {
	Once   bool    `help:"Play the story as fast as it goes, print what was written and said per ticket, and end."`
	State  string  `type:"path" placeholder:"FILE" help:"Keep the state in FILE and the simulated vendors in FILE.sandbox, and go on from there if they exist."`
	Listen string  `placeholder:"A" help:"Where the board listens (127.0.0.1:8080, or any free port)."`
	Speed  float64 `default:"1800" help:"How many times faster than life the story is told (${default})."`
}

func (demoCommand) Help() string {
	return `Two companies' tickets from a Friday before a weekend to the Wednesday after, in a simulated Zendesk, Jira and Slack
behind real HTTP: in time, warned, missed, paused, reopened, handed over, excluded; with lost webhooks and outages.
Everything else is the program that serves a real configuration.

Examples:
  vigie demo
  vigie demo --once
  vigie demo --once --state demo.db`
}

func (c *demoCommand) Run(p *program) error {
	d := &demo{sandbox: sandbox.New(), speed: c.Speed, once: c.Once}
	path := c.State
	if path == "" {
		dir, err := os.MkdirTemp("", "vigie-demo-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		path = filepath.Join(dir, "demo.db")
	}
	d.file = path + ".sandbox"
	d.print = newTeller(p.stdout, d.clock.Now)
	st, err := store.Open(p.ctx, path)
	if err != nil {
		return err
	}
	return errors.Join(d.run(p, st, c.Listen), st.Close())
}

// A demo is a story being told: the vendors, how far it is told, and the
// program that watches over it.
type demo struct {
	sandbox *sandbox.Sandbox
	clock   demoClock
	story   []act
	told    int    // how many acts are played
	address string // where the vendors listen, host:port; the same after a restart, if it is still free
	file    string // where vendors and progress are kept
	saving  saver
	speed   float64
	once    bool

	w     *wired
	store *store.Store
	print *teller
}

func (d *demo) run(p *program, st *store.Store, listen string) error {
	d.store = st
	story, err := tell()
	if err != nil {
		return err
	}
	d.story = story
	if err := d.restore(); err != nil {
		return err
	}
	d.sandbox.Now = d.clock.Now
	d.sandbox.Options.Zendesk.RequestsPerMinute = 900_000 // the story is told faster than life
	d.sandbox.OnChange = d.save

	vendors, err := listenAt(d.address, "127.0.0.1:0")
	if err != nil {
		return err
	}
	d.address = vendors.Addr().String()
	board, err := net.Listen("tcp", listen)
	if listen == "" {
		board, err = listenAt("127.0.0.1:8080", "127.0.0.1:0")
	}
	if err != nil {
		return errors.Join(err, vendors.Close())
	}
	cfg, err := d.config("http://" + d.address)
	if err != nil {
		return err
	}
	log := slog.New(d.print)
	d.w = wire(cfg, st, d.clock.Now, true, log)
	address := "http://" + board.Addr().String()
	d.sandbox.SetWebhook("zendesk", address+"/webhooks/zendesk")
	d.sandbox.SetWebhook("jira", address+"/webhooks/jira")

	ctx, cancel := context.WithCancel(p.ctx)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return serveHTTP(ctx, vendors, d.sandbox.Handler()) })
	g.Go(func() error { return d.w.server(cfg, log).Run(ctx, board) })
	g.Go(func() error {
		defer cancel()
		d.print.line("The board is at %s/", address)
		d.w.online(ctx, func(string, error) {}) // a vendor that fails now is part of the story
		return d.play(ctx, address)
	})
	if err := g.Wait(); p.ctx.Err() == nil {
		return err
	}
	return nil // told to stop: whatever went wrong since, that is why
}

// listenAt listens at the usual address, "" for none, or else at another.
func listenAt(usual, other string) (net.Listener, error) {
	if usual != "" {
		if l, err := net.Listen("tcp", usual); err == nil {
			return l, nil
		}
	}
	return net.Listen("tcp", other)
}

// play tells the story to its end: the clock goes from one instant at which
// something happens to the next.
func (d *demo) play(ctx context.Context, address string) error {
	for ctx.Err() == nil {
		for d.told < len(d.story) && !d.story[d.told].at.After(d.clock.Now()) {
			if err := d.act(d.story[d.told]); err != nil {
				return fmt.Errorf("the story at %s: %w", d.story[d.told].at, err)
			}
		}
		next, err := d.settle(ctx)
		if err != nil {
			return err
		}
		if d.told < len(d.story) && (next.IsZero() || d.story[d.told].at.Before(next)) {
			next = d.story[d.told].at
		}
		if d.told == len(d.story) && next.After(d.end()) {
			break
		}
		if !d.once {
			d.wait(ctx, next)
		}
		d.clock.set(next)
		d.save()
	}
	if ctx.Err() != nil {
		return nil
	}
	if err := d.summary(ctx); err != nil {
		return err
	}
	if d.once {
		return d.saving.err
	}
	d.print.line("The story is told; the board stays at %s/ until Ctrl-C.", address)
	<-ctx.Done()
	return nil
}

// end is when the story has run out.
func (d *demo) end() time.Time { return d.story[len(d.story)-1].at }

// untidy is how webhooks arrive: some twice, some never, the last first.
var untidy = sandbox.WebhookPlan{Duplicate: 3, Drop: 5, Reverse: true}

// settle lets the program do all there is to do at this instant, its own
// writes' webhooks included.
func (d *demo) settle(ctx context.Context) (next time.Time, err error) {
	for range 10 {
		delivered, err := d.sandbox.FlushWebhooks(ctx, untidy)
		if err != nil {
			return next, err
		}
		if next, err = d.w.engine.RunUntilIdle(ctx); err != nil {
			return next, err
		}
		if delivered == 0 {
			break
		}
	}
	return next, ctx.Err()
}

// wait lets the time until an instant pass, faster than life.
func (d *demo) wait(ctx context.Context, until time.Time) {
	timer := time.NewTimer(time.Duration(float64(until.Sub(d.clock.Now())) / d.speed))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// act plays one act. That it is played is kept with what it changed, so that a
// demo that was killed plays each act once.
func (d *demo) act(a act) error {
	d.saving.mu.Lock()
	d.told++
	d.saving.mu.Unlock()
	d.print.scene(a)
	err := a.do(d)
	d.save()
	return err
}

// config is the demo's configuration: a file like any other.
func (d *demo) config(vendors string) (*config.Config, error) {
	tokens := d.sandbox.Tokens
	secrets := map[string]string{
		"ZENDESK_CLIENT_SECRET": tokens.ZendeskClient.Secret, "ZENDESK_WEBHOOK_SECRET": tokens.ZendeskWebhook,
		"JIRA_TOKEN": tokens.Jira.Token, "JIRA_WEBHOOK_SECRET": tokens.JiraWebhook, "SLACK_BOT_TOKEN": tokens.Slack,
	}
	look := lookup()
	look.Env = func(name string) string { return secrets[name] }
	look.Policy = func(name string) (*rules.Policy, tomlfile.Problems) {
		text, _ := policies.Read(name)
		return policyfile.Load(name+".toml", withSecondTeam(name, text), policies.ReadFile)
	}
	cfg, problems := config.Load("demo.toml", bytes.ReplaceAll([]byte(demoConfig), []byte("VENDORS"), []byte(vendors)), look)
	return cfg, problems.Err()
}

// withSecondTeam adds to MoveON's policy a team in Pune with hours of its own,
// as a company with two would.
func withSecondTeam(policy string, text []byte) []byte {
	if policy != "moveon" {
		return text
	}
	const team = "[teams]\n\"Support Pune\" = \"pune\"\n"
	if bytes.Contains(text, []byte("\n[teams]\n")) {
		text = bytes.Replace(text, []byte("[teams]\n"), []byte(team), 1)
	} else {
		text = append(bytes.Clone(text), "\n"+team...)
	}
	return append(text, "\n[calendars.pune]\nzone = \"Asia/Kolkata\"\nhours = { mon-fri = [\"09:00-17:00\"] }\n"...)
}

const demoConfig = `
[store]
url = "demo.db"
backfill = "30 days"

[[zendesk]]
name = "zendesk"
url = "VENDORS"
client_id = "vigie"
client_secret = "env:ZENDESK_CLIENT_SECRET"
webhook_secret = "env:ZENDESK_WEBHOOK_SECRET"
poll = "@every 10m"
quota_share = 1.0
policies = ["moveon"]
due_fields = { update = 360001, resolution = [360002, 360003] }
kinds = { feature_request = "feature" }

[[jira]]
name = "jira"
url = "VENDORS"
email = "bot@acme.example"
token = "env:JIRA_TOKEN"
webhook_secret = "env:JIRA_WEBHOOK_SECRET"
poll = "@every 10m"
projects = ["SUP"]
policies = ["meteorage"]
due_fields = { first_reply = "customfield_10050" }
kinds = { "Assistance technique" = "assistance", "Question générale" = "question", "Suggérer une amélioration" = "suggestion" }
unset_priorities = ["Medium"]
channels = { portal = "web", phone = "phone" }

[slack]
token = "env:SLACK_BOT_TOKEN"
api_url = "VENDORS/api/"
channel = "#support-sla"
language = "en"

[[slack.routes]]
when = 'policy == "meteorage" and priority == "haute" and not open_now'
channel = "#astreinte"
language = "fr"

[[slack.routes]]
when = 'policy == "meteorage"'
channel = "#support-meteorage"
language = "fr"
gather = true

[schedule]
digest = "0 8 * * mon-fri"
`
