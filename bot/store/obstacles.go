package store

import (
	"context"
	"database/sql"
	"time"
)

// An Obstacle is what keeps a source from being seen or written, or what people are
// to know of it, for as long as it lasts.
type Obstacle struct {
	Source string
	What   string // a part of the work, or what it is about
	Since  time.Time
	Ended  bool   // it is over, which is still to be told
	FR, EN string // what is so
}

// Obstacles lists a source's, or all where it is "", those that are over included.
func (s *Store) Obstacles(ctx context.Context, source string) ([]Obstacle, error) {
	return query(ctx, s.db, func(rows *sql.Rows) (o Obstacle, err error) {
		var since sql.NullInt64
		err = rows.Scan(&o.Source, &o.What, &since, &o.Ended, &o.FR, &o.EN)
		since.Valid = true
		o.Since = instant(since)
		return o, err
	}, `SELECT source, what, since, ended, fr, en FROM obstacles WHERE $1 = '' OR source = $1 ORDER BY source, what`, source)
}

// AddObstacle notes an obstacle. One that is there already keeps its Since.
func (s *Store) AddObstacle(ctx context.Context, o Obstacle) error {
	return s.write(ctx, `
		INSERT INTO obstacles (source, what, since, fr, en) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (source, what) DO UPDATE SET since = CASE WHEN obstacles.ended THEN excluded.since ELSE obstacles.since END,
			ended = FALSE, fr = excluded.fr, en = excluded.en`, o.Source, clean(o.What), o.Since.UnixMilli(), clean(o.FR), clean(o.EN))
}

// EndObstacle notes that an obstacle is over.
func (s *Store) EndObstacle(ctx context.Context, source, what string) error {
	return s.write(ctx, `UPDATE obstacles SET ended = TRUE WHERE source = $1 AND what = $2`, source, what)
}

// RemoveObstacle removes an obstacle that is over, and of which that was told.
func (s *Store) RemoveObstacle(ctx context.Context, source, what string) error {
	return s.write(ctx, `DELETE FROM obstacles WHERE source = $1 AND what = $2 AND ended`, source, what)
}
