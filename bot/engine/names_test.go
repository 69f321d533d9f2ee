package engine_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"vigie/bot/engine"
	"vigie/bot/store"
	"vigie/connectors/desk"
)

// quiet is a vendor without tickets.
type quiet struct{ engine.Desk }

func (quiet) Unsolved(context.Context, string) (desk.Page, error) { return desk.Page{}, nil }

func (quiet) Changes(context.Context, string, time.Time) (desk.Page, error) {
	return desk.Page{Cursor: "1"}, nil
}

// A source may be called as one of Vigie's own schedules is: its polls are no digest.
func TestSourceCalledAsASchedule(t *testing.T) {
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "vigie.db"))
	must(t, err)
	defer st.Close()
	now := at("Fri 2026-11-27 09:00:00")
	e := &engine.Engine{Store: st, Sources: []*engine.Source{{Name: "digest", Desk: quiet{}, Poll: cron.Every(time.Hour)}},
		Digest: cron.Every(24 * time.Hour), Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	_, err = e.RunUntilIdle(t.Context())
	must(t, err)
	now = at("Sat 2026-11-28 09:30:00")
	_, err = e.RunUntilIdle(t.Context())
	must(t, err)
	if said, err := st.Action(t.Context(), "digest/2026-11-28T08:00:00Z"); err != nil || said == nil {
		t.Errorf("the digest of Saturday 09:00 was not said; %v", err)
	}
}
