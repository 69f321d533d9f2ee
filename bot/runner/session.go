package runner

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// The server ends a session that has said nothing for so long, and frees its locks.
	// Programs say something every second, so this one is cut off or stopped.
	silenceLimit = 30 * time.Second
	// An answer takes a millisecond. A session that gives none for so long is given up,
	// well before the server does so.
	answerLimit = 10 * time.Second
)

// The keys of advisory locks: a round's, which one program has while it runs it, and
// one that all programs share for as long as they are there. In one database each
// schema may have a state of its own.
const (
	roundKey   = `hashtext('vigie/round/' || current_schema() || '/' || $1)`
	programKey = `hashtext('vigie/program'), hashtext(current_schema())`
	channel    = `'vigie_' || to_hex(hashtext(current_schema()))` // of what programs tell each other
)

// A session is a program's one connection to the database besides the state's: for its
// locks, and to talk to the other programs. It is opened when it is needed, and anew
// after it was lost.
type session struct {
	config *pgx.ConnConfig

	mu    sync.Mutex // a connection answers one question at a time
	conn  *pgx.Conn  // nil: none is open
	lives context.Context
	end   context.CancelFunc // of lives, when conn is lost
}

// newSession is a session that hears what other programs tell whenever it asks something.
func newSession(url string, hear func(round string)) (*session, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the database's address can't be read") // pgx's error may show the password
	}
	settings := config.RuntimeParams
	settings["idle_session_timeout"] = cmp.Or(settings["idle_session_timeout"], silenceLimit.String())
	settings["synchronous_commit"] = "off" // nothing is kept
	config.OnNotification = func(own *pgconn.PgConn, n *pgconn.Notification) {
		if n.PID != own.PID() {
			hear(n.Payload)
		}
	}
	return &session{config: config}, nil
}

// lock takes a round's lock until unlock, if nobody has it; held ends before if the
// session does.
func (s *session) lock(ctx context.Context, round string) (held context.Context, ours bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.ask(ctx, &ours, `SELECT pg_try_advisory_lock(`+roundKey+`)`, round)
	return s.lives, ours, err
}

// unlock frees a round's lock. If it can't, the session ends, and with it the lock.
func (s *session) unlock(round string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		var had bool // false: the session that had it is gone
		s.ask(context.Background(), &had, `SELECT pg_advisory_unlock(`+roundKey+`)`, round)
	}
}

// programs are the sessions of all programs that share the state, by the numbers of
// their processes at the server.
func (s *session) programs(ctx context.Context) (pids []int32, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.ask(ctx, &pids, `SELECT array_agg(each.pid) FROM pg_locks own JOIN pg_locks each USING (locktype, database, classid, objid, objsubid)
		WHERE own.pid = pg_backend_pid() AND own.locktype = 'advisory' AND own.mode = 'ShareLock'`)
	return pids, err
}

// tell tells the other programs which rounds are wanted.
func (s *session) tell(ctx context.Context, rounds []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var told int
	return s.ask(ctx, &told, `SELECT count(pg_notify(`+channel+`, round)) FROM unnest($1::text[]) round`, rounds)
}

// ask asks a question that has one value for an answer. An error ends the session, since
// what became of the question isn't known. When ctx ends a question that was put isn't
// taken back, since rounds that are still under way need the session.
func (s *session) ask(ctx context.Context, answer any, question string, args ...any) error {
	if s.conn == nil {
		if err := s.open(ctx); err != nil {
			return err
		}
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerLimit)
	defer cancel()
	err := s.conn.QueryRow(limited, question, args...).Scan(answer)
	if err != nil {
		s.lose(limited)
	}
	return err
}

// open opens the session, shows the others that this program is there, and listens to them.
func (s *session) open(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	conn, err := pgx.ConnectConfig(limited, s.config)
	if err != nil {
		return err
	}
	s.conn = conn
	s.lives, s.end = context.WithCancel(context.Background())
	var name string
	err = conn.QueryRow(limited, `SELECT `+channel+` FROM pg_advisory_lock_shared(`+programKey+`)`).Scan(&name)
	if err == nil {
		_, err = conn.Exec(limited, `LISTEN `+name)
	}
	if err != nil {
		s.lose(limited)
	}
	return err
}

func (s *session) lose(ctx context.Context) {
	s.conn.Close(ctx)
	s.conn = nil
	s.end()
}

// close ends the session, if there is one.
func (s *session) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		limited, cancel := context.WithTimeout(context.Background(), answerLimit)
		defer cancel()
		s.lose(limited)
	}
}
