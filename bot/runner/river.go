package runner

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
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
// Each program asks for every round when it is poked, and once a second: so it
// matters to none when another one is killed, whichever it was. A job is unique for
// the program that asks and its round, whether it waits or runs. A program that runs
// a job holds the round's lock meanwhile, and leaves a round alone that another one
// holds. The lock is its session's: it ends with the program, however that ends, and
// by the server's hand when the program has been silent for longer than a round
// lasts, cut off from the network or stopped.
type River struct {
	URL   string           // postgres://…; its search_path names the schema, as it does for the state
	Now   func() time.Time // the clock of the instants that rounds return; nil: real time
	Sweep time.Duration    // how often each program asks for each round; 0: once a second
	Log   *slog.Logger
	pokes
}

const (
	// A round that has more to do is run again at once for so long, since a job ends
	// some time after its work does.
	repeatFor = 3 * time.Second
	// River gives up a job after jobLimit; a round ends itself before. A lock that was
	// taken longer ago than lockLimit is nobody's any more, and the job of a program
	// that died is given back.
	jobLimit  = 29 * time.Second
	lockLimit = 30 * time.Second

	// A round that is under way may have looked at what it is poked for now: it is
	// asked for again so much later.
	underWay = 50 * time.Millisecond

	// River tells the programs of a job at once, but of one that comes within 20 ms of
	// another perhaps not: so each looks for jobs as often as this.
	lookFor = 200 * time.Millisecond

	connections = 4 // besides one for each round
)

// job asks for a round.
type job struct {
	Round   string `json:"round"`
	Program string `json:"program"` // that asks
}

func (job) Kind() string { return "round" }

// once has at most one job of a program and round wait or run. River wants these
// states.
var once = &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
}}}

// Run makes River's tables if they aren't there, and has rounds run until the
// context ends. It returns when those under way in this program have ended; the
// error says why it couldn't begin.
func (r *River) Run(ctx context.Context, rounds map[string]Round) error {
	err := r.run(ctx, rounds)
	if err == nil || ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("river: %w", err)
}

func (r *River) run(ctx context.Context, rounds map[string]Round) error {
	r.Sweep = cmp.Or(r.Sweep, time.Second)
	if r.Now == nil {
		r.Now = time.Now
	}
	config, err := pgxpool.ParseConfig(r.URL)
	if err != nil {
		return errors.New("the database's address can't be read") // pgx's error may show the password
	}
	config.MaxConns = int32(connections + len(rounds))
	settings := config.ConnConfig.RuntimeParams
	settings["synchronous_commit"] = "off" // a job that a crash of the database's forgets is asked for again
	// A program that is cut off in the middle of a transaction keeps the others from
	// asking for a round, until the server ends it.
	settings["idle_in_transaction_session_timeout"] = cmp.Or(settings["idle_in_transaction_session_timeout"], lockLimit.String())
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := migrate(ctx, pool); err != nil {
		return err
	}
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &worker{River: r, pool: pool, rounds: rounds, mine: mutexes(rounds), end: ctx.Done()}); err != nil {
		return err
	}
	program := rand.Text()
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		ID: program,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {
			MaxWorkers: len(rounds), FetchCooldown: 20 * time.Millisecond, FetchPollInterval: lookFor,
		}},
		Workers:    workers,
		JobTimeout: jobLimit, RescueStuckJobsAfter: lockLimit, SoftStopTimeout: grace,
		CompletedJobRetentionPeriod: time.Minute, DiscardedJobRetentionPeriod: 24 * time.Hour,
		Logger: slog.New(warnings{r.Log.Handler()}),
	})
	if err != nil {
		return err
	}
	if err := client.Start(ctx); err != nil {
		return err
	}
	var g errgroup.Group
	for name := range rounds {
		g.Go(func() error {
			r.ask(ctx, client, job{name, program})
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
func (r *River) ask(ctx context.Context, client *river.Client[pgx.Tx], j job) {
	for wait := time.Duration(0); r.wait(ctx, j.Round, wait); {
		asking, cancel := context.WithTimeout(ctx, 5*time.Second)
		asked, err := client.Insert(asking, j, once)
		cancel()
		wait = r.Sweep
		switch {
		case err == nil && asked.UniqueSkippedAsDuplicate && asked.Job.State == rivertype.JobStateRunning:
			wait = underWay
		case err != nil && ctx.Err() == nil:
			r.Log.Warn("round can't be asked for", "loop", j.Round, "err", err)
			wait = 5 * r.Sweep
		}
	}
}

// A worker runs the rounds that jobs ask for.
type worker struct {
	river.WorkerDefaults[job]
	*River
	pool   *pgxpool.Pool
	mine   map[string]*sync.Mutex // a round's, in this program, since what a database keeps apart Go doesn't know to be apart
	rounds map[string]Round
	end    <-chan struct{}
}

func mutexes(rounds map[string]Round) map[string]*sync.Mutex {
	m := map[string]*sync.Mutex{}
	for name := range rounds {
		m[name] = new(sync.Mutex)
	}
	return m
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

// Work runs a round, unless another program does. A round of a program with
// another configuration is nothing here.
func (w *worker) Work(ctx context.Context, j *river.Job[job]) error {
	round, ok := w.rounds[j.Args.Round]
	if !ok {
		return nil
	}
	if !w.mine[j.Args.Round].TryLock() {
		w.pokeIn(underWay, j.Args.Round)
		return nil
	}
	defer w.mine[j.Args.Round].Unlock()
	unlock, ours, err := w.lock(ctx, j.Args.Round)
	if err != nil {
		return err
	}
	if !ours {
		w.pokeIn(underWay, j.Args.Round)
		return nil
	}
	next := w.repeat(ctx, round)
	unlock()
	// What is due later than the next sweep needs no poke.
	if wait := next.Sub(w.Now()); !next.IsZero() && wait < w.Sweep {
		w.pokeIn(wait, j.Args.Round)
	}
	return nil
}

func (w *worker) pokeIn(wait time.Duration, round string) {
	time.AfterFunc(max(wait, 0), func() { w.Poke(round) })
}

// repeat runs a round, and again at once while that is what it wants, for a while.
func (w *worker) repeat(ctx context.Context, round Round) (next time.Time) {
	for began := time.Now(); ; {
		next = round(ctx)
		if ctx.Err() != nil || w.ending() || next.IsZero() || next.After(w.Now()) || time.Since(began) > repeatFor {
			return next
		}
	}
}

// lock takes a round's lock, if nobody has it, until unlock. A session that has
// one and says nothing for lockLimit is ended by the server.
func (w *worker) lock(ctx context.Context, round string) (unlock func(), ours bool, err error) {
	conn, err := w.pool.Acquire(ctx)
	if err != nil {
		return nil, false, err
	}
	// In one database each schema may have a state of its own.
	const key = `hashtext('vigie/round/' || current_schema() || '/' || $1)`
	unlock = func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if _, err := conn.Exec(ending, `SELECT pg_advisory_unlock(`+key+`), set_config('idle_session_timeout', '0', false)`, round); err != nil {
			conn.Conn().Close(ending) // which unlocks it
		}
		conn.Release()
	}
	// In one statement: a program that is cut off between two would hold the lock for hours.
	var limit string
	err = conn.QueryRow(ctx, `SELECT set_config('idle_session_timeout', CASE WHEN pg_try_advisory_lock(`+key+`) THEN $2 ELSE '0' END, false)`,
		round, lockLimit.String()).Scan(&limit)
	ours = err == nil && limit != "0"
	if err != nil {
		conn.Conn().Close(context.WithoutCancel(ctx)) // whether it was taken isn't known
	}
	if err != nil || !ours {
		conn.Release()
	}
	return unlock, ours, err
}

// warnings leaves out what River says of its own well-being.
type warnings struct{ slog.Handler }

func (h warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}
func (h warnings) WithAttrs(a []slog.Attr) slog.Handler { return warnings{h.Handler.WithAttrs(a)} }
func (h warnings) WithGroup(g string) slog.Handler      { return warnings{h.Handler.WithGroup(g)} }
