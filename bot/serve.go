package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"vigie/bot/config"
	"vigie/bot/runner"
	"vigie/bot/store"
	"vigie/rules"
)

type serveCommand struct {
	Config string `required:"" type:"path" placeholder:"F" help:"The configuration; config.example.toml shows every key."`
	DryRun bool   `help:"Work on a copy of the state: log what would be written and said, change nothing anywhere."`
}

func (serveCommand) Help() string {
	return `Polls the sources, receives their webhooks, judges, writes back, and warns. It runs until it is told to stop,
and then ends what is under way, which takes some seconds at most. SIGHUP has it read the secrets anew from their
files, and try again what waits after an error or was refused; a secret that can't be read stays as it is, and the
log says so.

On a state in a file it is the only one. On PostgreSQL any number of them share the work, each a replica that needs
nothing else; the one that was started last has the word if their configurations or policies differ.

Examples:
  vigie serve --config config.toml --dry-run
  vigie serve --config config.toml`
}

func (c *serveCommand) Run(p *program) error {
	cfg, err := loadConfig(p, c.Config)
	if err != nil {
		return err
	}
	st, closeStore, err := openStore(p.ctx, cfg.Store.URL.Reveal(), c.DryRun)
	if err != nil {
		return err
	}
	if where := cfg.Store.URL.Reveal(); store.Exposed(where) {
		fmt.Fprintf(p.stderr, "store.url: warning: others on this machine can read the tickets in %s; chmod 600 it\n", where)
	}
	w := wire(cfg, st, p.life.now, p.life.hurry, p.log)
	w.engine.DryRun = c.DryRun
	if w.engine.Version, err = version(c.Config, cfg); err != nil {
		return errors.Join(err, closeStore())
	}
	w.engine.Runner = &runner.Solo{Now: p.life.now, Sweep: p.life.sweep}
	if where := cfg.Store.URL.Reveal(); store.IsPostgres(where) && !c.DryRun {
		w.engine.Runner = &runner.Shared{URL: where, Now: p.life.now, Sweep: p.life.sweep, Log: p.log}
	}
	listener, err := net.Listen("tcp", cfg.Web.Listen)
	if err != nil {
		return errors.Join(err, closeStore())
	}
	built := build()
	p.log.Info("vigie is on watch", "board", "http://"+listener.Addr().String()+"/", "dry_run", c.DryRun,
		"version", built.Version, "commit", built.Commit, "zones", built.Zones, "go", built.Go)
	err = errors.Join(w.serve(p.ctx, cfg, listener, p), closeStore())
	p.log.Info("vigie has ended") // so that a log tells an end from a crash
	return err
}

// openStore opens the state for this program alone, or for a dry run a copy of it
// that is removed at the end.
func openStore(ctx context.Context, where string, dryRun bool) (*store.Store, func() error, error) {
	if dryRun {
		st, remove, err := store.OpenCopy(ctx, where)
		if err != nil {
			return nil, nil, err
		}
		return st, func() error { return errors.Join(st.Close(), remove()) }, nil
	}
	release, err := store.Claim(ctx, where)
	if err != nil {
		return nil, nil, err
	}
	st, err := store.Open(ctx, where)
	if err != nil {
		return nil, nil, errors.Join(err, release())
	}
	return st, func() error { return errors.Join(st.Close(), release()) }, nil
}

// serve runs the web and the engine until the context ends. What the vendors say
// of the configuration is logged first; one that can't be reached now is asked
// again before its first poll, so it is no reason not to start.
func (w *wired) serve(ctx context.Context, cfg *config.Config, listener net.Listener, p *program) error {
	w.online(ctx, func(name string, err error) {
		if err != nil {
			p.log.Error("check", "source", name, "err", err)
		}
	})
	server := w.server(cfg, p.log)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return server.Run(ctx, listener) })
	g.Go(func() error { return w.engine.Run(ctx) })
	g.Go(func() error { return w.listen(ctx, cfg.Slack) })
	g.Go(func() error { return reload(ctx, hangups(ctx), cfg, w.engine.Retry, p.log) })
	return g.Wait()
}

// loadConfig reads a configuration; warnings go to stderr, mistakes are the
// error, all at once.
func loadConfig(p *program, file string) (*config.Config, error) {
	return loadConfigBy(p, file, lookup())
}

// loadConfigBy is loadConfig with a lookup of the caller's.
func loadConfigBy(p *program, file string, look config.Lookup) (*config.Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, usageError{fmt.Errorf("%w; config.example.toml is a start, and vigie docs installing tells the rest", err)}
	}
	cfg, problems := config.Load(file, text, look)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	p.stderr.Over(cfg.Secrets)
	for _, warning := range problems {
		fmt.Fprintln(p.stderr, warning)
	}
	for _, late := range rules.Before(cfg.Policies(), time.Now()) {
		fmt.Fprintf(p.stderr, "%s: effective_from: warning: %s is in force from %s only, and no version of it before; tickets created until then aren't covered\n",
			late.File, late.Name, late.EffectiveFrom.Format(time.DateOnly))
	}
	return cfg, nil
}
