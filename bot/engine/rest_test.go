package engine_test

import (
	"context"
	"slices"
	"testing"
	"time"
)

// A listener is a Runner that only notes who is poked.
type listener struct{ poked []string }

func (l *listener) Run(context.Context, map[string]func(context.Context) time.Time) error { return nil }
func (l *listener) Poke(name string)                                                      { l.poked = append(l.poked, name) }

// At rest no round asks for another: the program sleeps until something comes up.
func TestAtRestNobodyIsPoked(t *testing.T) {
	w := newWorld(t)
	w.urgent(t)
	w.settle(t)
	l := &listener{}
	w.Engine.Runner = l
	w.settle(t)
	if len(l.poked) > 0 {
		t.Errorf("poked at rest: %v", l.poked)
	}
	w.until(t, at("Fri 2026-11-27 11:00:01")) // half of its time has passed
	if !slices.Contains(l.poked, "chat") {
		t.Errorf("nobody is told of a warning: %v", l.poked)
	}
}
