package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"vigie/bot/store"
)

type backupCommand struct {
	File   string `arg:"" type:"path" help:"The file to write; it must not exist."`
	Config string `required:"" type:"path" placeholder:"FILE" help:"The configuration whose state is copied."`
}

func (backupCommand) Help() string {
	return `The copy is the state as it is at one instant, also while Vigie runs on it, and whichever database it is in. It is a
SQLite file that Vigie can be started on: [store] url = "FILE".

Examples:
  vigie backup vigie-2026-11-30.db --config config.toml`
}

func (c *backupCommand) Run(p *program) error {
	cfg, err := loadConfig(p, c.Config)
	if err != nil {
		return err
	}
	err = store.Copy(p.ctx, cfg.Store.URL.Reveal(), c.File)
	switch {
	case errors.Is(err, fs.ErrExist):
		return usageError{fmt.Errorf("%s exists already; name a file that doesn't", c.File)}
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no state yet: %w", err)
	case err != nil:
		return err
	}
	info, err := os.Stat(c.File)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s: %.1f MB\n", c.File, float64(info.Size())/1e6)
	return nil
}
