package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"vigie/bot/config"
)

// hangups are the SIGHUPs that this program gets from now on; they don't end it
// any more.
func hangups(ctx context.Context) <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	context.AfterFunc(ctx, func() { signal.Stop(c) })
	return c
}

// reload asks for the secrets anew at each signal, until the context ends.
// Nothing is interrupted: whoever needs a secret asks for it when it does, and what
// waits after an error, perhaps for want of a good one, is tried again.
func reload(ctx context.Context, signals <-chan os.Signal, cfg *config.Config, retry func(context.Context) error, log *slog.Logger) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-signals:
		}
		changed, failed := cfg.Reload(func(warning string) { log.Warn("a secret isn't safe", "err", warning) })
		for _, err := range failed {
			log.Error("a secret stays as it was", "err", err)
		}
		log.Info("secrets reloaded", "changed", changed, "failed", len(failed))
		if err := retry(ctx); err != nil && ctx.Err() == nil {
			log.Error("what waits after an error isn't tried again yet", "err", err)
		}
	}
}
