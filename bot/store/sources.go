package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// A Source is what is known of a source as a whole.
type Source struct {
	Asked     time.Time // since when news of it is waited for, if none has ever come; zero: it isn't
	LastRead  time.Time // when a ticket of it was last read, as SaveLastRead has it; zero: never
	Gone      int       // how many of its open tickets were believed to be gone since GoneSince
	GoneSince time.Time
}

// Source is what is known of a source; nothing of one that was never heard of.
func (s *Store) Source(ctx context.Context, source string) (known Source, err error) {
	var asked, took, gone sql.NullInt64
	err = s.db.QueryRowContext(ctx, `SELECT asked_at, took_at, gone, gone_since FROM sources WHERE source = $1`, source).
		Scan(&asked, &took, &known.Gone, &gone)
	if errors.Is(err, sql.ErrNoRows) {
		return known, nil
	}
	for _, at := range []*sql.NullInt64{&asked, &took, &gone} {
		at.Valid = at.Int64 != 0
	}
	known.Asked, known.LastRead, known.GoneSince = instant(asked), instant(took), instant(gone)
	return known, err
}

// AskedSince notes since when news of a source is waited for.
func (s *Store) AskedSince(ctx context.Context, source string, at time.Time) error {
	return s.write(ctx, `
		INSERT INTO sources (source, asked_at) VALUES ($1, $2)
		ON CONFLICT (source) DO UPDATE SET asked_at = excluded.asked_at`, source, at.UnixMilli())
}

// SaveLastRead notes when a ticket of a source was last read.
func (s *Store) SaveLastRead(ctx context.Context, source string, at time.Time) error {
	return s.write(ctx, `
		INSERT INTO sources (source, took_at) VALUES ($1, $2)
		ON CONFLICT (source) DO UPDATE SET took_at = excluded.took_at`, source, at.UnixMilli())
}

// SaveGone records how many open tickets of a source were taken for deleted since an
// instant.
func (s *Store) SaveGone(ctx context.Context, source string, n int, since time.Time) error {
	return s.write(ctx, `
		INSERT INTO sources (source, gone, gone_since) VALUES ($1, $2, $3)
		ON CONFLICT (source) DO UPDATE SET gone = excluded.gone, gone_since = excluded.gone_since`, source, n, since.UnixMilli())
}
