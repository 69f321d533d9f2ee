package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Open opens a state and brings its schema up to date: "postgres://…" is a
// database of PostgreSQL's, anything else a file's path; ":memory:" is a state
// that ends with the program. The error shows no password.
func Open(ctx context.Context, where string) (*Store, error) {
	if !IsPostgres(where) {
		private(where)
	}
	db, options, err := connect(where)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := migrate(ctx, db, options); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", shown(where), withRemedy(where, err)), db.Close())
	}
	if !IsPostgres(where) && where != ":memory:" {
		if err := rewrite(ctx, db); err != nil {
			return nil, errors.Join(fmt.Errorf("open store %s: %w", where, withRemedy(where, err)), db.Close())
		}
	}
	s := &Store{db: db, oneWriter: !IsPostgres(where)}
	if s.oneWriter {
		if s.place, err = placed(where); err != nil {
			return nil, errors.Join(fmt.Errorf("open store: %w", err), db.Close())
		}
	}
	return s, nil
}

// OpenToRead opens a state only to be read, beside the program that writes it. It
// is an error if there is none, or if its schema isn't this program's.
func OpenToRead(ctx context.Context, where string) (*Store, error) {
	if !IsPostgres(where) {
		if _, err := os.Stat(where); err != nil {
			return nil, fmt.Errorf("open store: %w; vigie serve makes it", err)
		}
	}
	db, m, err := connect(where)
	if err == nil && !IsPostgres(where) {
		db, err = openSQLite("file:" + (&url.URL{Path: where}).EscapedPath() + "?mode=ro&_pragma=busy_timeout(10000)")
	}
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := current(ctx, db, m); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", shown(where), withRemedy(where, err)), db.Close())
	}
	return &Store{db: db}, nil
}

// current says whether the schema is this program's.
func current(ctx context.Context, db *sql.DB, m migration) error {
	p, err := provider(db, m)
	if err != nil {
		return err
	}
	have, newest, err := versions(ctx, p)
	if err == nil && have != newest {
		err = fmt.Errorf("its schema is version %d, and this program's %d; use the program that it was written by", have, newest)
	}
	return err
}

// shown is where a state is, without a password.
func shown(where string) string {
	if !IsPostgres(where) {
		return where
	}
	u, err := url.Parse(where)
	if err != nil {
		return "postgres://…"
	}
	return u.Redacted()
}

// IsPostgres says whether a state is in PostgreSQL, not in a file.
func IsPostgres(where string) bool {
	return strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://")
}

// maxConnections is how many connections one program holds to PostgreSQL, of
// which a server has a hundred for everybody.
const maxConnections = 10

// A migration is how one database's schema is brought up to date.
type migration struct {
	dialect goose.Dialect
	options []goose.ProviderOption
}

func connect(where string) (*sql.DB, migration, error) {
	if IsPostgres(where) {
		config, err := pgx.ParseConfig(where)
		if err != nil {
			return nil, migration{}, err
		}
		// A program that is cut off in the middle of a transaction holds its locks
		// until the server ends it.
		if config.RuntimeParams["idle_in_transaction_session_timeout"] == "" {
			config.RuntimeParams["idle_in_transaction_session_timeout"] = "30s"
		}
		// Several programs may start at once: one migrates, the others wait, and ask
		// every second, for five minutes, whether it is their turn.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, migration{}, err
		}
		db := stdlib.OpenDB(*config)
		db.SetMaxOpenConns(maxConnections)
		return db, migration{goose.DialectPostgres, []goose.ProviderOption{goose.WithSessionLocker(locker)}}, nil
	}
	db, err := openSQLite(dsn(where))
	if err == nil && where == ":memory:" {
		db.SetMaxOpenConns(1)
	}
	return db, migration{dialect: goose.DialectSQLite3}, err
}

func dsn(path string) string {
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "foreign_keys(1)", "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(1)"}, "_txlock": {"immediate"}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas.Encode()
}

func provider(db *sql.DB, m migration) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(m.dialect, db, files, m.options...)
}

func migrate(ctx context.Context, db *sql.DB, m migration) error {
	p, err := provider(db, m)
	if err != nil {
		return err
	}
	have, newest, err := versions(ctx, p)
	if err != nil {
		return err
	}
	if have > newest {
		return fmt.Errorf("its schema is version %d, newer than this program's %d; use the newer program", have, newest)
	}
	if _, err = p.Up(ctx); err != nil {
		return err
	}
	// SQLite quietly opens a file that it may not write for reading alone.
	_, err = db.ExecContext(ctx, `DELETE FROM cursors WHERE 1 = 0`)
	return err
}

func versions(ctx context.Context, p *goose.Provider) (have, newest int64, err error) {
	for _, s := range p.ListSources() {
		newest = max(newest, s.Version)
	}
	have, err = p.GetDBVersion(ctx)
	return have, newest, err
}
