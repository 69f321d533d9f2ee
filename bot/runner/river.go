package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"golang.org/x/sync/errgroup"
)

// River runs rounds in one of the programs that share a PostgreSQL, as jobs of
// River's (https://riverqueue.com/docs). What they share is only which round is
// under way: what is to be done is in the state.
//
// A job is unique for its round, whether it waits or runs: to ask for one while
// there is one adds nothing. So a round that is asked for while it is under way
// might be missed, and is asked for again: each program asks for every round once
// a second. That is also what has the others go on when one is killed, whichever it
// was: no leader is needed for it. River's leader gives back the job of a program
// that died while running it, within a minute.
type River struct {
	URL string // postgres://…; its search_path names the schema, as it does for the state
	Log *slog.Logger
	pokes
}

const (
	sweep = time.Second // how often each round is asked for

	// A round that has more to do is run again at once for so long, since a job ends
	// some time after its work does.
	repeatFor = 3 * time.Second
	// River gives up a job after jobLimit, and gives one back that a program took
	// longer ago than rescueAfter: it can't be under way any more. A round ends
	// itself before.
	jobLimit    = 29 * time.Second
	rescueAfter = 30 * time.Second

	connections = 4
)

// job asks for a round.
type job struct {
	Round string `json:"round"`
}

func (job) Kind() string { return "round" }

// once has at most one job of a round wait or run. River wants these states.
var once = &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
}}}

// Run makes River's tables if they aren't there, and has rounds run until the
// context ends. It returns when those under way in this program have ended; the
// error says why it couldn't begin.
func (r *River) Run(ctx context.Context, rounds map[string]Round) error {
	config, err := pgxpool.ParseConfig(r.URL)
	if err != nil {
		return errors.New("river: the database's address can't be read") // pgx's error may show the password
	}
	config.MaxConns = connections
	// A job that a crash of the database's forgets is asked for again.
	config.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("river: %w", err)
	}
	defer pool.Close()
	if err := migrate(ctx, pool); err != nil {
		return fmt.Errorf("river: %w", err)
	}
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &worker{rounds: rounds, poke: r.Poke, end: ctx.Done()}); err != nil {
		return fmt.Errorf("river: %w", err)
	}
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {
			MaxWorkers: len(rounds), FetchCooldown: 20 * time.Millisecond, FetchPollInterval: sweep,
		}},
		Workers:    workers,
		JobTimeout: jobLimit, RescueStuckJobsAfter: rescueAfter, SoftStopTimeout: grace,
		CompletedJobRetentionPeriod: time.Minute, DiscardedJobRetentionPeriod: 24 * time.Hour,
		Logger: slog.New(warnings{r.Log.Handler()}),
	})
	if err != nil {
		return fmt.Errorf("river: %w", err)
	}
	if err := client.Start(ctx); err != nil {
		return fmt.Errorf("river: %w", err)
	}
	var g errgroup.Group
	for name := range rounds {
		g.Go(func() error {
			r.ask(ctx, client, name)
			return nil
		})
	}
	g.Wait()
	<-client.Stopped()
	return nil
}

// migrate makes River's tables; several programs may start at once.
func migrate(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	// Not in a transaction: PostgreSQL can't use a value of an enum in the one that adds it.
	const lock = `hashtext('vigie/river/' || current_schema())`
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(`+lock+`)`); err != nil {
		return err
	}
	defer conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(`+lock+`)`)
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// ask asks for a round when it is poked, and every now and then, until the context
// ends. A database that can't be asked is asked less often.
func (r *River) ask(ctx context.Context, client *river.Client[pgx.Tx], name string) {
	for wait := time.Duration(0); r.wait(ctx, name, wait); {
		asking, cancel := context.WithTimeout(ctx, 5*time.Second)
		_, err := client.Insert(asking, job{name}, once)
		cancel()
		wait = sweep
		if err != nil && ctx.Err() == nil {
			r.Log.Warn("round can't be asked for", "loop", name, "err", err)
			wait = 5 * sweep
		}
	}
}

// A worker runs the rounds that jobs ask for.
type worker struct {
	river.WorkerDefaults[job]
	rounds map[string]Round
	poke   func(name string)
	end    <-chan struct{}
}

// ending says that the program is to end, whatever the round's context still allows.
func (w *worker) ending() bool {
	select {
	case <-w.end:
		return true
	default:
		return false
	}
}

// Work runs a round, and again at once while that is what it wants, for a while.
// A round of a program with another configuration is nothing here.
func (w *worker) Work(ctx context.Context, j *river.Job[job]) error {
	round, ok := w.rounds[j.Args.Round]
	if !ok {
		return nil
	}
	var next time.Time
	for began := time.Now(); ; {
		next = round(ctx)
		if ctx.Err() != nil || w.ending() || next.IsZero() || next.After(time.Now()) || time.Since(began) > repeatFor {
			break
		}
	}
	// What is due later than the next sweep needs no poke.
	if wait := time.Until(next); !next.IsZero() && wait < sweep {
		time.AfterFunc(max(wait, 0), func() { w.poke(j.Args.Round) })
	}
	return nil
}

// warnings leaves out what River says of its own well-being.
type warnings struct{ slog.Handler }

func (h warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}
func (h warnings) WithAttrs(a []slog.Attr) slog.Handler { return warnings{h.Handler.WithAttrs(a)} }
func (h warnings) WithGroup(g string) slog.Handler      { return warnings{h.Handler.WithGroup(g)} }
