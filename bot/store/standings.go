package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"math"
	"strings"

	"vigie/rules"
)

// never is the instant until which a stand holds that doesn't change by itself.
const never = math.MaxInt64

// stand keeps a saved ticket's stand, if it is one of the board's.
func stand(ctx context.Context, tx *sql.Tx, r Row) error {
	if !r.Open && r.Problem == "" {
		_, err := tx.ExecContext(ctx, `DELETE FROM standings WHERE source = $1 AND id = $2`, r.Source, r.ID)
		return err
	}
	s, until := Stand{}, int64(0) // of one that wasn't judged: it holds at no time
	if r.Stand != nil {
		s, until = *r.Stand, never
		if !s.Until.IsZero() {
			until = s.Until.UnixMilli()
		}
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO standings (source, id, judged_by, since, until, standing, untriaged, clocks, turn, sought)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (source, id) DO UPDATE SET judged_by = excluded.judged_by, since = excluded.since, until = excluded.until,
			standing = excluded.standing, untriaged = excluded.untriaged, clocks = excluded.clocks, turn = excluded.turn, sought = excluded.sought`,
		r.Source, r.ID, s.Version, s.At.UnixMilli(), until, string(s.Standing), s.Untriaged, writeClocks(s.Clocks), turn(r.Source, r.ID, s.Stand), Sought(r.Source, r.ID, s.Stand))
	return err
}

// turn is a ticket's place in the board's order (rules.Stand.Pressing, then source
// and id, 9 before 10), as bytes: the databases compare those alike, which they
// don't do with texts.
func turn(source, id string, s rules.Stand) []byte {
	due := int64(math.MinInt64)
	if !s.Due.IsZero() {
		due = s.Due.Unix()
	}
	b := []byte{byte(s.Standing.Place())}
	b = binary.BigEndian.AppendUint64(b, ordered(due))
	b = binary.BigEndian.AppendUint64(b, ordered(s.Left))
	b = append(b, source...)
	b = append(b, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(len(id)))
	return append(b, id...)
}

// ordered is a number whose bytes compare as n does.
func ordered(n int64) uint64 { return uint64(n) ^ 1<<63 }

// Sought is the text of a ticket that a search looks at, folded.
func Sought(source, id string, s rules.Stand) string {
	return Fold(strings.Join([]string{source + ":" + id, s.Subject, s.Organization, s.Group}, "\n"))
}

// Fold is a text without regard to case, as both databases keep one: with no
// invalid bytes, and no zero ones.
func Fold(text string) string {
	return clean(strings.ToLower(text))
}

func writeClocks(clocks []rules.ClockStand) string {
	lines := make([]string, len(clocks))
	for i, c := range clocks {
		lines[i] = string(c.Metric) + " " + string(c.Standing)
	}
	return strings.Join(lines, "\n")
}

func readClocks(text string) (clocks []rules.ClockStand) {
	for line := range strings.Lines(text) {
		metric, standing, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		clocks = append(clocks, rules.ClockStand{Metric: rules.Metric(metric), Standing: rules.Standing(standing)})
	}
	return clocks
}
