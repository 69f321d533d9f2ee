package stories

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"modernc.org/sqlite"

	"vigie/bot/worldtest"
	"vigie/connectors/sandbox"
)

// A stage is a world in which a story is played.
type stage struct {
	*world
	story    story
	faults   bool
	chance   *rand.Rand
	programs []*program
	born     []time.Time // when a dead one begins again
	due      map[string]time.Time
	poked    map[string]bool
	running  map[string]bool
	ran      map[string]*program // which program ran a loop last
	nested   atomic.Bool
	wake     chan struct{}
	bell     chan struct{}
	met      map[int]int // requests or writes that a fault has seen, by its place
	spent    map[int]bool
	lock     *sql.Conn       // that holds the state's file
	way      *worldtest.Link // to PostgreSQL
	tickets  []*known
	went     []string // what went wrong in the playing itself
	rounds   int
	last     string               // the loop that was run last,
	minute   time.Time            // in which minute,
	inARow   int                  // how often in it, with no other in between
	over     time.Time            // when the story ends
	back     time.Time            // when the last of what writes bring about is over: a program that was killed, a vendor that went down
	down     map[string]time.Time // until when a vendor is that went down at a write
}

// most is how many rounds a story may take, and spinning how often in a minute one loop
// may be run again without another in between: one that needs more spins.
const most, spinning = 40_000, 500

// play plays a story, with its faults or without, and returns what is wrong in the end.
func play(t *testing.T, s story, faults bool, plant bug, log *slog.Logger) (wrong []string) {
	state, way, clean, err := freshState(t, s)
	if err != nil {
		t.Fatal(err)
	}
	defer clean()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(s.begin))
		st := &stage{world: newWorld(state, plant, log), story: s, faults: faults, chance: rand.New(rand.NewPCG(s.seed, 20)),
			due: map[string]time.Time{}, poked: map[string]bool{}, running: map[string]bool{}, ran: map[string]*program{}, wake: make(chan struct{}, 1), bell: make(chan struct{}, 1),
			met: map[int]int{}, spent: map[int]bool{}, down: map[string]time.Time{}, tickets: make([]*known, len(s.tickets)), way: way}
		st.oauth = s.oauth
		wrong = st.play()
	})
	return wrong
}

// freshState is where a state is in which nothing has happened, and for PostgreSQL the
// way to it. It is in a file where there is no PostgreSQL.
func freshState(t *testing.T, s story) (where string, way *worldtest.Link, clean func(), err error) {
	if s.postgres && worldtest.HasPostgres() {
		way, where = worldtest.LinkTo(t, worldtest.Postgres(t))
		return where, way, func() {}, nil
	}
	file, err := empty()
	if err != nil {
		return "", nil, nil, err
	}
	dir, err := memory()
	if err != nil {
		return "", nil, nil, err
	}
	where = filepath.Join(dir, "state.db")
	return where, nil, func() { os.RemoveAll(dir) }, os.WriteFile(where, file, 0o600)
}

func (st *stage) play() []string {
	ctx, end := context.WithCancel(context.Background())
	st.world.poked = st.poke
	st.OnChange = func() {
		select {
		case st.bell <- struct{}{}:
		default:
		}
	}
	if st.faults {
		st.meets = st.meet
	}
	st.world.receive = st.take
	for n := range st.story.replicas {
		st.programs, st.born = append(st.programs, nil), append(st.born, time.Time{})
		st.begin(n)
	}
	told := make(chan struct{})
	go func() { st.ring(ctx); told <- struct{}{} }()
	go func() { st.live(ctx); told <- struct{}{} }()
	st.work()
	end()
	<-told
	<-told
	wrong := st.judge()
	for _, p := range st.programs {
		if p != nil && !p.dead.Load() {
			p.die()
		}
	}
	return wrong
}

// begin starts one of the programs.
func (st *stage) begin(n int) {
	p, err := st.start()
	if err != nil { // its state can't be had: what starts programs tries again
		if p != nil {
			p.die()
		}
		st.run(n, nil)
		st.born[n] = time.Now().Add(5 * time.Second)
		return
	}
	st.run(n, p)
	st.born[n] = time.Time{}
	for name := range p.rounds {
		st.due[name] = time.Now()
	}
}

// run has a program stand in one of the places.
func (st *stage) run(n int, p *program) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.programs[n] = p
}

func (st *stage) now() int { return int(time.Since(st.story.begin) / time.Second) }

// alive are the programs that run.
func (st *stage) alive() (list []*program) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, p := range st.programs {
		if p != nil && !p.dead.Load() {
			list = append(list, p)
		}
	}
	return list
}

// take gives a webhook to a program that runs.
func (st *stage) take(ctx context.Context, source string, header http.Header, body []byte) error {
	list := st.alive()
	if len(list) == 0 || st.is("asleep") {
		return errors.New("connection refused")
	}
	d, err := list[0].hooks[source](header, body, time.Now())
	if err != nil {
		return err
	}
	if st.plant.received != nil {
		st.plant.received(st.world, &d)
	}
	_, err = list[0].engine.Receive(ctx, source, d)
	return err
}

func (st *stage) poke(name string) {
	if st.plant.pokes != nil && !st.plant.pokes(st.world, name) {
		return
	}
	st.mu.Lock()
	st.poked[name] = true
	st.mu.Unlock()
	st.stir()
}

// stir has the runner look what is to be done.
func (st *stage) stir() {
	select {
	case st.wake <- struct{}{}:
	default:
	}
}

// work has rounds run until the story is over, as a runner does: those that are due
// and those that were poked, one at a time, each by one of the programs that run.
func (st *stage) work() {
	st.over = st.story.begin.Add(time.Duration(st.story.end) * time.Second)
	for time.Now().Before(st.over) && st.rounds < most {
		for n, at := range st.born {
			if st.programs[n] != nil && st.programs[n].dead.Load() && at.IsZero() { // without a fault that says when
				st.born[n] = time.Now().Add(time.Second)
			} else if !at.IsZero() && !at.After(time.Now()) && !st.is("asleep") {
				st.begin(n)
			}
		}
		if name := st.next(); name != "" {
			st.round(name)
			time.Sleep(time.Millisecond)
			continue
		}
		until := st.over
		for _, at := range append(slices.Collect(maps.Values(st.due)), st.born...) {
			if at.After(time.Now()) && at.Before(until) {
				until = at
			}
		}
		if len(st.alive()) == 0 || st.is("asleep") {
			until = time.Now().Add(time.Second)
		}
		timer := time.NewTimer(time.Until(until))
		select {
		case <-st.wake:
			time.Sleep(20 * time.Millisecond) // so that all that is done at an instant is done
		case <-timer.C:
		}
		timer.Stop()
	}
	if st.rounds >= most {
		st.failed("the rounds spin at %s: %s was run %d times in the last minute", clockTime(time.Now().Unix()), st.last, st.inARow)
	}
}

// next is a round that is to be run now, or "".
func (st *stage) next() string {
	if len(st.alive()) == 0 || st.is("asleep") {
		return ""
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	for name := range st.poked {
		st.due[name] = time.Now()
	}
	clear(st.poked)
	var ready []string
	for _, name := range slices.Sorted(maps.Keys(st.due)) {
		if !st.due[name].After(time.Now()) && !st.running[name] {
			ready = append(ready, name)
		}
	}
	if len(ready) == 0 {
		return ""
	}
	return ready[st.chance.IntN(len(ready))]
}

// A round is run so often at least, though nothing asks for it; the product's runners
// do so far more often. What has just failed is told by a round that nobody pokes.
const (
	sweep  = time.Hour
	uneasy = time.Minute // while some round waits after an error
)

func (st *stage) round(name string) {
	list := st.alive()
	p := list[st.chance.IntN(len(list))]
	st.rounds++
	if minute := time.Now().Truncate(time.Minute); name != st.last || !minute.Equal(st.minute) {
		st.last, st.minute, st.inARow = name, minute, 0
	}
	if st.inARow++; st.inARow > spinning {
		st.rounds = most
	}
	st.running[name], st.ran[name] = true, p
	next := p.rounds[name](p.ctx)
	st.running[name] = false
	stalled := len(p.engine.Stalled()) > 0 // asks the clock, which takes the lock
	st.mu.Lock()
	defer st.mu.Unlock()
	longest := time.Now().Add(sweep)
	if stalled {
		longest = time.Now().Add(uneasy)
		st.due["deadlines"] = earliest(st.due["deadlines"], longest)
	}
	if !next.IsZero() {
		next = next.Add(st.behind) // by the program's clock
		if st.plant.next != nil {
			next = st.plant.next(st.world, next)
		}
	}
	switch {
	case p.dead.Load():
		st.due[name] = time.Now() // another, or the next, takes it up
	case next.IsZero(), next.After(longest):
		st.due[name] = longest
	default:
		st.due[name] = next
	}
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// failed notes what went wrong in the playing itself.
func (st *stage) failed(format string, args ...any) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.went = append(st.went, fmt.Sprintf(format, args...))
}

// ring has the vendors' webhooks posted.
func (st *stage) ring(ctx context.Context) {
	again := time.NewTimer(time.Hour)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		case <-st.bell:
			time.Sleep(300 * time.Millisecond)
		}
		plan := sandbox.WebhookPlan{}
		switch {
		case st.is("webhooks late"), st.is("webhooks reversed"):
			continue
		case st.is("webhooks lost"):
			plan.Drop = 1
		case st.is("webhooks doubled"):
			plan.Duplicate = 1
		case st.was("webhooks reversed"):
			plan.Reverse = true
		}
		if _, err := st.FlushWebhooks(ctx, plan); err != nil && ctx.Err() == nil {
			again.Reset(12 * time.Second)
		}
	}
}

// is says whether a fault of a kind goes on.
func (st *stage) is(kind string) bool {
	return st.faults && slices.ContainsFunc(st.story.faults, func(f fault) bool { return f.kind == kind && f.on(st.now()) })
}

// was says that one has just ended.
func (st *stage) was(kind string) bool {
	return st.faults && slices.ContainsFunc(st.story.faults, func(f fault) bool { return f.kind == kind && f.on(st.now()-5) })
}

func (f fault) on(now int) bool { return f.at <= now && now < f.at+f.lasts }

// live has people act and faults begin and end, each at its second.
func (st *stage) live(ctx context.Context) {
	type turn struct {
		at int
		do func()
	}
	var turns []turn
	for _, a := range st.story.acts {
		turns = append(turns, turn{a.at, func() { st.act(a) }})
	}
	if st.faults {
		for _, f := range st.story.faults {
			turns = append(turns, turn{f.at, func() { st.turn(f, true) }}, turn{f.at + f.lasts, func() { st.turn(f, false) }})
		}
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return a.at - b.at })
	for _, t := range turns {
		wait := time.NewTimer(time.Until(st.story.begin.Add(time.Duration(t.at) * time.Second)))
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
			t.do()
		}
	}
}

// turn switches a fault that isn't about single requests on or off.
func (st *stage) turn(f fault, on bool) {
	var err error
	switch f.kind {
	case "manner":
		if on {
			err = st.Faults.Misbehave(f.vendor, f.name)
		} else {
			err = st.Faults.Behave(f.vendor, f.name)
		}
	case "the clock is behind":
		st.mu.Lock()
		st.behind = 0
		if on {
			st.behind = 3 * time.Minute
		}
		st.mu.Unlock()
		st.poke("deadlines")
	case "state locked":
		err = st.locks(on)
	}
	if err != nil {
		st.failed("the fault itself: %v", err)
	}
	st.OnChange() // webhooks that waited
	st.stir()
}

// A state that is locked is said to be at once: SQLite would wait ten seconds of real
// time each time that it is asked, which no bubble shortens.
func init() {
	sqlite.RegisterConnectionHook(func(c sqlite.ExecQuerierContext, _ string) error {
		_, err := c.ExecContext(context.Background(), "PRAGMA busy_timeout = 0", nil)
		return err
	})
}

// locks holds the state's file, so that nobody else can write into it, or cuts the way
// to PostgreSQL.
func (st *stage) locks(on bool) error {
	if st.way != nil {
		if on {
			st.way.Cut()
		} else {
			st.way.Pass()
		}
		return nil
	}
	if on && st.lock == nil {
		db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: st.state}).EscapedPath()+"?_pragma=busy_timeout(0)")
		if err != nil {
			return err
		}
		defer db.Close() // the connection stays until it is given back
		if st.lock, err = db.Conn(context.Background()); err != nil {
			return err
		}
		_, err = st.lock.ExecContext(context.Background(), "BEGIN IMMEDIATE")
		return err
	}
	if !on && st.lock != nil {
		_, err := st.lock.ExecContext(context.Background(), "ROLLBACK")
		err = errors.Join(err, st.lock.Close())
		st.lock = nil
		return err
	}
	return nil
}

// meet is what a request meets.
func (st *stage) meet(p *program, vendor string, r *http.Request, write bool) (met *sandbox.Fault, late time.Duration) {
	now := st.now()
	if st.isDown(vendor, now) {
		return &sandbox.Fault{Status: http.StatusServiceUnavailable}, 0
	}
	for i, f := range st.story.faults {
		kill, down := strings.HasPrefix(f.kind, "killed"), strings.HasPrefix(f.kind, "goes down")
		switch after := strings.HasSuffix(f.kind, " after"); {
		case (kill || down) && (now < f.at || !write || f.vendor != "" && f.vendor != vendor), !kill && !down && (!f.on(now) || f.vendor != vendor || f.n == 0), strings.HasPrefix(f.kind, "writes ") && !write:
			continue
		case kill && st.count(i) == f.n:
			p.die()
			until := st.lasts(f)
			for n := range st.programs {
				if st.programs[n] == p {
					st.born[n] = until
				}
			}
			return &sandbox.Fault{Drop: true, AfterWork: after}, 0
		case down && st.count(i) == f.n:
			st.lasts(f)
			return &sandbox.Fault{Drop: true, AfterWork: after}, 0
		case kill || down || st.count(i)%f.n != 0:
			continue
		}
		switch f.kind {
		case "429":
			return &sandbox.Fault{Status: http.StatusTooManyRequests, RetryAfter: strconv.Itoa(1 + 7*(i%4))}, 0
		case "401":
			return &sandbox.Fault{Status: http.StatusUnauthorized, Body: `{"error":"Couldn't authenticate you"}`}, 0
		case "writes 503": // as while a vendor moves its data elsewhere
			return &sandbox.Fault{Status: http.StatusServiceUnavailable}, 0
		case "writes cut after":
			return &sandbox.Fault{Drop: true, AfterWork: true}, 0
		case "500", "500 after":
			return &sandbox.Fault{Status: http.StatusInternalServerError, AfterWork: f.kind == "500 after"}, 0
		case "cut", "cut after":
			return &sandbox.Fault{Drop: true, AfterWork: f.kind == "cut after"}, 0
		case "hangs", "hangs after":
			return &sandbox.Fault{Hang: true, AfterWork: f.kind == "hangs after"}, 0
		case "slow":
			_ = wait(r.Context(), time.Duration(f.n)*4*time.Second)
		case "late":
			late = time.Duration(f.n) * 4 * time.Second
		case "meanwhile":
			st.meanwhile(vendor)
		}
	}
	return nil, late
}

// lasts has a fault that a write brought about begin now, and the story go on for long
// enough after its end, which it returns.
func (st *stage) lasts(f fault) time.Time {
	st.mu.Lock()
	defer st.mu.Unlock()
	until := time.Now().Add(time.Duration(f.lasts) * time.Second)
	if strings.HasPrefix(f.kind, "goes down") {
		st.down[f.vendor] = until
	}
	if until.After(st.back) {
		st.back = until
	}
	if enough := st.back.Add(settling * time.Second); enough.After(st.over) {
		st.over = enough
	}
	return until
}

// isDown says whether a vendor is down, whatever else is wrong with it.
func (st *stage) isDown(vendor string, now int) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.down[vendor].After(time.Now()) || slices.ContainsFunc(st.story.faults, func(f fault) bool {
		return f.kind == "down" && f.vendor == vendor && f.on(now)
	})
}

// count counts what a fault has seen.
func (st *stage) count(i int) int {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.met[i]++
	return st.met[i]
}

// meanwhile has another round run in the middle of a request, where the two share no
// client: one about deadlines or the chat while a desk is asked, a source's while the
// chat is.
func (st *stage) meanwhile(vendor string) {
	if st.nested.Swap(true) {
		return
	}
	defer st.nested.Store(false)
	names := []string{"deadlines", "chat"}
	if vendor == "slack" {
		names = []string{"deadlines", "zendesk", "jira"}
	}
	for _, name := range names {
		if !st.running[name] && len(st.alive()) > 0 {
			st.round(name)
		}
	}
}
