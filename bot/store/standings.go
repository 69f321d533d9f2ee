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
	f := facetsOf(r.Source, r.ID, s.Stand)
	_, err := tx.ExecContext(ctx, `
		INSERT INTO standings (source, id, judged_by, since, until, standing, untriaged, clocks, turn, sought, holder, team, policy, priority, clauses)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (source, id) DO UPDATE SET judged_by = excluded.judged_by, since = excluded.since, until = excluded.until,
			standing = excluded.standing, untriaged = excluded.untriaged, clocks = excluded.clocks, turn = excluded.turn, sought = excluded.sought,
			holder = excluded.holder, team = excluded.team, policy = excluded.policy, priority = excluded.priority, clauses = excluded.clauses`,
		r.Source, r.ID, s.Version, s.At.UnixMilli(), until, string(s.Standing), s.Untriaged, writeClocks(s.Clocks), turn(r.Source, r.ID, s.Stand), f.sought, f.holder, f.team, f.policy, f.priority, f.clauses)
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

// facets are what a view is narrowed by.
type facets struct{ source, holder, team, policy, priority, clauses, sought string }

func facetsOf(source, id string, s rules.Stand) facets {
	f := facets{
		source: source, holder: facet(Fold(s.Holder.Address())), team: facet(s.Group), policy: facet(s.Policy), priority: facet(s.Priority),
		sought: Fold(strings.Join([]string{source + ":" + id, s.Subject, s.Organization, s.Group, s.Holder.Name, s.Holder.Email}, "\n")),
	}
	if len(s.Clauses) > 0 {
		list := make([]string, 0, len(s.Clauses))
		for _, c := range s.Clauses[:min(len(s.Clauses), maxClauses)] {
			list = append(list, facet(c))
		}
		f.clauses = "\n" + strings.Join(list, "\n") + "\n"
	}
	return f
}

// PostgreSQL's indexes take no more than 2,700 bytes of a row: a ticket may have names
// that are longer, and is found by their beginning.
const (
	maxFacet   = 200 // bytes
	maxClauses = 5   // as many as there are metrics
)

// facet is a name as a view is narrowed by it.
func facet(name string) string { return clean(name[:min(len(name), maxFacet)]) }

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
