package store

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"vigie/bot/worldtest"
)

// asking remembers what PostgreSQL is asked.
type asking struct {
	mu   sync.Mutex
	list []pgx.TraceQueryStartData
}

func (a *asking) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Contains([]string{"begin", "commit", "rollback"}, strings.Fields(q.SQL)[0]) {
		wanted := 0
		for strings.Contains(q.SQL, fmt.Sprintf("$%d", wanted+1)) {
			wanted++
		}
		q.Args = slices.Clone(q.Args[len(q.Args)-wanted:]) // options come before the values
		a.list = append(a.list, q)
	}
	return ctx
}

func (a *asking) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// crowded is a state of 100,000 open tickets of which most are at rest and one in a
// hundred has an issue, with what belongs to them. If one in ten had, reading all
// tickets for Followed would be right.
var crowded = []string{
	`INSERT INTO tickets (source, id, version, body, verdict, marks, handled, marked_at, open, wake_at)
		SELECT 'zendesk', n::text, '1', '{"text":"' || repeat('x', 1500) || '"}', '', 2, CASE WHEN n % 5000 = 0 THEN 1 ELSE 2 END, n, TRUE, 1795780800000 + n * 1000
		FROM generate_series(1, 100000) n`,
	`INSERT INTO standings (source, id, judged_by, since, until, standing, untriaged, clocks, turn, sought)
		SELECT 'zendesk', n::text, '1', 1795780000000, 1795780800000 + n * 1000, (ARRAY['missed', 'at_risk', 'running', 'paused', 'quiet'])[1 + n % 5], n % 10 = 0,
		'resolution running', decode(lpad(to_hex(n), 40, '0'), 'hex'), repeat('z', 80) FROM generate_series(1, 100000) n`,
	`INSERT INTO verdicts (source, id, at, verdict) SELECT 'zendesk', n::text, n, repeat('v', 800) FROM generate_series(1, 100000) n`,
	`INSERT INTO actions (key, kind, source, id, topic, state, urgency, not_before, created_at, ended_at)
		SELECT kind || '/' || n, kind, 'zendesk', n::text, '', CASE WHEN n % 2000 = 0 THEN 'pending' ELSE 'done' END, 1, n, n, n
		FROM generate_series(1, 100000) n, (VALUES ('write'), ('warn')) AS kinds (kind)`,
	`INSERT INTO messages (source, id, metric, route, language, channel, ts, shown, cycle) SELECT 'zendesk', n::text, 'update', '#sla', 'en', 'C1', '1', '', 1 FROM generate_series(1, 100000) n`,
	`INSERT INTO webhooks (source, delivery, at, tickets) SELECT 'zendesk', n::text, n, '[]' FROM generate_series(1, 100000) n`,
	`INSERT INTO links (source, id, tracker, issue, body) SELECT 'zendesk', n::text, 'jira', n::text, '{"source":"zendesk"}' FROM generate_series(1, 1000) n`,
	`INSERT INTO issues (tracker, issue, body) SELECT 'jira', n::text, '{}' FROM generate_series(1, 1000) n`,
	`VACUUM ANALYZE tickets, standings, verdicts, actions, messages, webhooks, links, issues`,
}

// readThrough is a plan's step that reads a table of which there is a row and more
// for each ticket.
var readThrough = regexp.MustCompile(`Seq Scan on (tickets|standings|verdicts|actions|messages|webhooks)`)

// As TestNothingAskedOftenScans says, on PostgreSQL: it chooses by what it knows of
// the tables, and by the values or, once it has seen a text often, without them.
func TestNothingAskedOftenScansOnPostgres(t *testing.T) {
	where := worldtest.Postgres(t)
	ctx, now := t.Context(), time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	made, err := Open(ctx, where)
	if err != nil {
		t.Fatal(err)
	}
	made.Close()
	config, err := pgx.ParseConfig(where)
	if err != nil {
		t.Fatal(err)
	}
	explain, err := pgx.ConnectConfig(ctx, config.Copy())
	if err != nil {
		t.Fatal(err)
	}
	defer explain.Close(context.Background())
	for _, text := range append(crowded, `SET plan_cache_mode = force_generic_plan`) {
		if _, err := explain.Exec(ctx, text); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	asking := &asking{}
	config.Tracer = asking
	db := stdlib.OpenDB(*config)
	defer db.Close()
	s := &Store{db: db}
	for what, ask := range asked(ctx, s, now) {
		asking.list = nil
		if err := ask(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		for _, q := range asking.list {
			for how, plan := range map[string]string{"with its values": explained(t, explain, "EXPLAIN "+q.SQL, q.Args), "without": generic(t, explain, q)} {
				if readThrough.MatchString(plan) {
					t.Errorf("%s, %s:\n%s\n%s", what, how, q.SQL, plan)
				}
			}
		}
	}
}

// generic is how a text is answered whatever its values.
func generic(t *testing.T, c *pgx.Conn, q pgx.TraceQueryStartData) string {
	t.Helper()
	if _, err := c.Exec(t.Context(), "PREPARE asked AS "+q.SQL); err != nil {
		t.Fatalf("%v: %s", err, q.SQL)
	}
	values := ""
	if len(q.Args) > 0 {
		values = "(" + strings.Repeat("NULL, ", len(q.Args)-1) + "NULL)"
	}
	plan := explained(t, c, "EXPLAIN EXECUTE asked"+values, nil)
	if _, err := c.Exec(t.Context(), "DEALLOCATE asked"); err != nil {
		t.Fatal(err)
	}
	return plan
}

// explained is the plan that EXPLAIN tells.
func explained(t *testing.T, c *pgx.Conn, text string, values []any) string {
	t.Helper()
	rows, err := c.Query(t.Context(), text, append([]any{pgx.QueryExecModeExec}, values...)...)
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	steps, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return strings.Join(steps, "\n")
}
