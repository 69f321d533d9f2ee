package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"vigie/bot/demo"
	"vigie/bot/store"
	vendorpages "vigie/connectors/sandbox/pages"
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
Everything else is the program that serves a real configuration. It takes about four minutes; tickets can be read and
answered meanwhile and afterwards, as customer or as agent, and Slack's cards pressed, on the pages that it names first.

Examples:
  vigie demo
  vigie demo --once
  vigie demo --once --state demo.db`
}

func (c *demoCommand) Run(p *program) error {
	path := c.State
	if path == "" {
		dir, err := os.MkdirTemp("", "vigie-demo-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		path = filepath.Join(dir, "demo.db")
	}
	st, err := store.Open(p.ctx, path)
	if err != nil {
		return err
	}
	return errors.Join(c.tell(p, st, path), st.Close())
}

// tell has the story told, and the program that serves a configuration watch over it.
func (c *demoCommand) tell(p *program, st *store.Store, path string) error {
	d, err := demo.New(st, path, p.stdout)
	if err != nil {
		return err
	}
	d.Speed, d.Once = c.Speed, c.Once
	vendors, err := listenAt(d.Address, "127.0.0.1:0")
	if err != nil {
		return err
	}
	d.Address = vendors.Addr().String()
	board, err := net.Listen("tcp", c.Listen)
	if c.Listen == "" {
		board, err = listenAt("127.0.0.1:8080", "127.0.0.1:0")
	}
	if err != nil {
		return errors.Join(err, vendors.Close())
	}
	cfg, err := demo.Configuration(d.Sandbox.Tokens, "http://"+d.Address, lookup())
	if err != nil {
		return err
	}
	log := slog.New(d.Print)
	w := wire(cfg, st, d.Clock.Now, true, log)
	address := "http://" + board.Addr().String()
	d.Sandbox.SetWebhook("zendesk", address+"/webhooks/zendesk")
	d.Sandbox.SetWebhook("jira", address+"/webhooks/jira")
	said := &d.Sandbox.Options.Slack
	said.EventsURL, said.InteractivityURL, said.CommandsURL = address+"/slack/events", address+"/slack/actions", address+"/slack/commands"

	ctx, cancel := context.WithCancel(p.ctx)
	g, ctx := errgroup.WithContext(ctx)
	people := &vendorpages.Pages{Sandbox: d.Sandbox, Board: address + "/"}
	g.Go(func() error { return serveHTTP(ctx, vendors, people.Beside(d.Sandbox.Handler())) })
	g.Go(func() error { return w.server(cfg, log).Run(ctx, board) })
	g.Go(func() error {
		defer cancel()
		d.Print.Line("The board is at %s/", address)
		d.Print.Line("Slack is at http://%s/slack/, and tickets are at http://%[1]s/sandbox/", d.Address)
		w.online(ctx, func(string, error) {}) // a vendor that fails now is part of the story
		return d.Play(ctx, w.engine, address)
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
