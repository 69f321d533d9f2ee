package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
	"vigie/rules"
)

// An Obstacle is what keeps a source from being seen or written, or what people are
// to know of it, for as long as it lasts.
type Obstacle struct {
	Source string
	What   string // a part of the work, or what it is about
	Since  time.Time
	Ended  bool           // it is over, which is still to be told
	Says   rules.Sentence // what is so
}

// Obstacles lists a source's, or all where it is "", those that are over included.
func (s *Store) Obstacles(ctx context.Context, source string) ([]Obstacle, error) {
	return query(ctx, s.db, func(rows *sql.Rows) (o Obstacle, err error) {
		var since sql.NullInt64
		var says string
		err = rows.Scan(&o.Source, &o.What, &since, &o.Ended, &says)
		o.Says = readText(says)
		since.Valid = true
		o.Since = instant(since)
		return o, err
	}, `SELECT source, what, since, ended, says FROM obstacles WHERE $1 = '' OR source = $1 ORDER BY source, what`, source)
}

// AddObstacle notes an obstacle. One that is there already keeps its Since.
func (s *Store) AddObstacle(ctx context.Context, o Obstacle) error {
	return s.write(ctx, `
		INSERT INTO obstacles (source, what, since, says) VALUES ($1, $2, $3, $4)
		ON CONFLICT (source, what) DO UPDATE SET since = CASE WHEN obstacles.ended THEN excluded.since ELSE obstacles.since END,
			ended = FALSE, says = excluded.says`, o.Source, clean(o.What), o.Since.UnixMilli(), writeText(o.Says))
}

// EndObstacle notes that an obstacle is over.
func (s *Store) EndObstacle(ctx context.Context, source, what string) error {
	return s.write(ctx, `UPDATE obstacles SET ended = TRUE WHERE source = $1 AND what = $2`, source, what)
}

// RemoveObstacle removes an obstacle that is over, and of which that was told.
func (s *Store) RemoveObstacle(ctx context.Context, source, what string) error {
	return s.write(ctx, `DELETE FROM obstacles WHERE source = $1 AND what = $2 AND ended`, source, what)
}

// writeText is a text as it is kept: a JSON list of its name and its values.
func writeText(t rules.Sentence) string {
	kept := []string{clean(t.ID)}
	for _, v := range t.Values {
		kept = append(kept, clean(v))
	}
	list, _ := json.Marshal(kept) // texts always can be
	return string(list)
}

// readText reads one that was kept. What is no such list is a sentence of before
// there were catalogues, and the text itself.
func readText(kept string) rules.Sentence {
	var list []string
	if err := json.Unmarshal([]byte(kept), &list); err != nil || len(list) == 0 {
		return rules.Sentence{ID: kept}
	}
	return rules.Sentence{ID: list[0], Values: list[1:]}
}
