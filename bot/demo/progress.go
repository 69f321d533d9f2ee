package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"vigie/rules/calendar"
)

// Clock is the story's clock: it stands still while anything happens.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// saver keeps one write at a time, and the first error.
type saver struct {
	mu  sync.Mutex
	err error
}

// progress is what a demo that was killed goes on from: the vendors as they
// are, and how far the story is told, always together.
type progress struct {
	At      time.Time       `json:"at"`
	Told    int             `json:"told"`
	Address string          `json:"address"` // where the vendors listen: tickets link there
	Vendors json.RawMessage `json:"vendors"`
}

// save keeps the progress. A vendor calls it after each change and before it
// answers, as a vendor that is no simulation would have kept the change, too.
func (d *Demo) save() {
	d.saving.mu.Lock()
	defer d.saving.mu.Unlock()
	if d.saving.err == nil {
		d.saving.err = d.write()
	}
}

func (d *Demo) write() error {
	vendors, err := d.Sandbox.Snapshot()
	if err != nil {
		return err
	}
	text, err := json.Marshal(progress{d.Clock.Now(), d.told, d.Address, vendors})
	if err != nil {
		return err
	}
	next := d.file + ".next"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return fmt.Errorf("keep the demo's state: %w", err)
	}
	return os.Rename(next, d.file)
}

// restore takes up a story that was begun, or begins it.
func (d *Demo) restore() error {
	text, err := os.ReadFile(d.file)
	if errors.Is(err, fs.ErrNotExist) {
		d.Clock.Set(d.Story[0].At)
		d.Sandbox.Now = d.Clock.Now
		Furnish(d.Sandbox)
		return d.write()
	}
	var p progress
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err == nil {
		err = d.Sandbox.Restore(p.Vendors)
	}
	if err != nil {
		return fmt.Errorf("take up the demo of %s: %w", d.file, err)
	}
	d.Clock.Set(p.At)
	d.Sandbox.Now = d.Clock.Now
	d.told, d.Address = p.Told, p.Address
	for _, a := range d.Story[:d.told] { // outages aren't part of a vendor's state
		if a.outage {
			if err := a.do(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// now is the story's time where it plays.
func (d *Demo) now() time.Time { return d.Clock.Now().In(storyZone()) }

func storyZone() *time.Location {
	zone, err := calendar.LoadZone("Europe/Paris")
	if err != nil {
		return time.UTC
	}
	return zone
}
