package runner_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vigie/bot/runner"
	"vigie/bot/worldtest"
)

// A program runs rounds; several may share the work.
type program interface {
	Run(ctx context.Context, rounds map[string]runner.Round) error
	Poke(name string)
}

func TestSolo(t *testing.T) {
	conform(t, func(*testing.T) func() program { return func() program { return &runner.Solo{} } })
}

func TestShared(t *testing.T) {
	conform(t, sharing(0))
}

// Rounds are run every now and then for what nobody can know of: no poke waits for that,
// and no instant.
func TestSharedWithoutSweeps(t *testing.T) {
	conform(t, sharing(time.Hour))
}

// sharing makes programs that share a schema of their own.
func sharing(sweep time.Duration) func(*testing.T) func() program {
	return func(t *testing.T) func() program {
		where := worldtest.Postgres(t)
		return func() program {
			return &runner.Shared{URL: where, Sweep: sweep, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
		}
	}
}

// conform is what every Runner must do alike; programs makes some that share the
// work where they can.
func conform(t *testing.T, programs func(*testing.T) func() program) {
	t.Run("each round is run at the start", func(t *testing.T) {
		a, b := make(chan bool, 100), make(chan bool, 100)
		start(t, programs(t)(), map[string]runner.Round{"a": tells(a), "b": tells(b)})
		soon(t, a)
		soon(t, b)
	})
	t.Run("a poke has its round run, and one during a round another", func(t *testing.T) {
		p := programs(t)()
		began, goOn := make(chan bool), make(chan bool)
		start(t, p, map[string]runner.Round{"a": func(context.Context) time.Time {
			began <- true
			<-goOn
			return time.Time{}
		}})
		for range 3 {
			soon(t, began)
			p.Poke("a")
			p.Poke("a")
			goOn <- true
		}
		soon(t, began)
		close(goOn)
		go func() {
			for range began {
			}
		}()
	})
	t.Run("a round is run when its instant has come, at once if it has", func(t *testing.T) {
		begun := make(chan time.Time, 100)
		var n atomic.Int64
		start(t, programs(t)(), map[string]runner.Round{"a": func(context.Context) time.Time {
			begun <- time.Now()
			switch n.Add(1) {
			case 1:
				return time.Now() // more to do
			case 2:
				return time.Now().Add(300 * time.Millisecond)
			}
			return time.Time{}
		}})
		soon(t, begun)
		second := soon(t, begun)
		if third := soon(t, begun); third.Sub(second) < 300*time.Millisecond {
			t.Errorf("it was run %v after it asked for 300 ms", third.Sub(second))
		}
	})
	t.Run("one of a name at a time, others beside it", func(t *testing.T) {
		make1 := programs(t)
		p, q := make1(), make1()
		if _, alone := p.(*runner.Solo); alone {
			q = nil
		}
		var under, most, rounds atomic.Int64
		hung := make(chan bool)
		beside := make(chan bool, 1000)
		work := map[string]runner.Round{
			"busy": func(context.Context) time.Time {
				if n := under.Add(1); n > most.Load() {
					most.Store(n)
				}
				rounds.Add(1)
				time.Sleep(time.Millisecond)
				under.Add(-1)
				return time.Now()
			},
			"hung":   func(context.Context) time.Time { <-hung; return time.Time{} },
			"beside": tells(beside),
		}
		defer close(hung)
		start(t, p, work)
		if q != nil {
			start(t, q, work)
		}
		soon(t, beside) // they have begun
		for until := time.Now().Add(time.Second); time.Now().Before(until) || rounds.Load() < 10; time.Sleep(time.Millisecond) {
			p.Poke("busy")
			if q != nil {
				q.Poke("busy")
			}
		}
		if most.Load() != 1 {
			t.Errorf("%d at a time", most.Load())
		}
	})
	t.Run("what one is poked for while another runs the round isn't forgotten", func(t *testing.T) {
		make1 := programs(t)
		p, q := make1(), make1()
		if _, alone := p.(*runner.Solo); alone {
			t.Skip("there is no other one")
		}
		began, goOn, again, beside := make(chan bool), make(chan bool), make(chan bool, 1000), make(chan bool, 1000)
		var n atomic.Int64
		a := func(context.Context) time.Time {
			if n.Add(1) == 1 {
				began <- true
				<-goOn
			} else {
				again <- true
			}
			return time.Time{}
		}
		rounds := map[string]runner.Round{"a": a, "b": tells(beside)}
		start(t, p, rounds)
		soon(t, began)
		soon(t, beside)
		start(t, q, rounds)
		soon(t, beside) // it has begun
		q.Poke("a")
		q.Poke("b")
		soon(t, beside) // it has found that the other is at it
		goOn <- true
		soon(t, again)
	})
	t.Run("a round that is under way at the end ends by itself, and none begins", func(t *testing.T) {
		p := programs(t)()
		ctx, cancel := context.WithCancel(t.Context())
		began, goOn := make(chan bool, 1), make(chan bool)
		var rounds atomic.Int64
		var cut error
		ended := make(chan error)
		go func() {
			ended <- p.Run(ctx, map[string]runner.Round{"a": func(ctx context.Context) time.Time {
				rounds.Add(1)
				began <- true
				<-goOn
				cut = ctx.Err()
				return time.Now()
			}})
		}()
		soon(t, began)
		cancel()
		select {
		case err := <-ended:
			t.Errorf("it ended under a round, with %v", err)
		case <-time.After(200 * time.Millisecond):
		}
		close(goOn)
		if err := soon(t, ended); err != nil || cut != nil || rounds.Load() != 1 {
			t.Errorf("got error %v, round's context %v, %d rounds", err, cut, rounds.Load())
		}
	})
}

// tells is a round that tells that it was run.
func tells(to chan<- bool) runner.Round {
	return func(context.Context) time.Time {
		to <- true
		return time.Time{}
	}
}

// start runs a program until the test ends.
func start(t *testing.T, p program, rounds map[string]runner.Round) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, rounds) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// soon is what comes before long.
func soon[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// A program is cut off from the database, without knowing, while it holds a round's
// lock: perhaps it hasn't heard yet that it does. Another one has the round within a
// minute.
func TestCutOff(t *testing.T) {
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			where := worldtest.Postgres(t) + "&idle_session_timeout=3s" // so that the test needn't wait for half a minute
			link, by := worldtest.LinkTo(t, where)
			link.Slow(5 * time.Millisecond) // most instants are between a question and its answer
			away := &runner.Shared{URL: by, Log: slog.New(slog.DiscardHandler)}
			start(t, away, map[string]runner.Round{"a": func(context.Context) time.Time { return time.Time{} }})
			watch, err := pgx.Connect(t.Context(), where)
			if err != nil {
				t.Fatal(err)
			}
			defer watch.Close(context.Background())
			for locked := false; !locked; {
				away.Poke("a")
				if err := watch.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory'
					AND objid::bigint = hashtext('vigie/round/' || current_schema() || '/a')::bigint & 4294967295)`).Scan(&locked); err != nil {
					t.Fatal(err)
				}
			}
			link.Stop()
			defer link.Pass() // so that it can end
			run := make(chan bool, 1000)
			start(t, &runner.Shared{URL: where, Log: slog.New(slog.DiscardHandler)}, map[string]runner.Round{"a": tells(run)})
			select {
			case <-run:
			case <-time.After(time.Minute):
				t.Error("the round isn't run any more")
			}
		})
	}
}

// A program is gone while it runs a round. The round ends, and another program runs it
// soon, though nothing but that calls for it.
func TestGone(t *testing.T) {
	where := worldtest.Postgres(t)
	link, by := worldtest.LinkTo(t, where)
	began, cut, run := make(chan bool, 100), make(chan bool, 100), make(chan bool, 100)
	hangs := false
	gone := &runner.Shared{URL: by, Sweep: time.Hour, Log: slog.New(slog.DiscardHandler)}
	start(t, gone, map[string]runner.Round{"a": func(ctx context.Context) time.Time {
		began <- true
		if hangs {
			<-ctx.Done()
			cut <- true
		}
		hangs = true
		return time.Time{}
	}})
	soon(t, began)
	start(t, &runner.Shared{URL: where, Sweep: time.Hour, Log: slog.New(slog.DiscardHandler)}, map[string]runner.Round{"a": tells(run)})
	soon(t, run)
	gone.Poke("a")
	soon(t, began)
	link.Cut()
	soon(t, cut)
	soon(t, run)
}

// What one program is poked for and can't do, another one does soon.
func TestPokedForWhatItCantDo(t *testing.T) {
	where := worldtest.Postgres(t)
	program := func(ran chan<- bool) *runner.Shared {
		p := &runner.Shared{URL: where, Sweep: time.Hour, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
		start(t, p, map[string]runner.Round{"a": tells(ran)})
		return p
	}
	unable, able := make(chan bool, 100), make(chan bool, 100)
	program(able)
	soon(t, able)
	poked := program(unable)
	soon(t, unable)
	poked.Poke("a")
	soon(t, unable)
	soon(t, able)
}
