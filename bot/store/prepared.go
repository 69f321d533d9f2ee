package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"regexp"

	"modernc.org/sqlite"
)

// openSQLite opens a file of SQLite's by a driver that keeps what it has prepared: the
// same few dozen texts are asked all the time, and to compile one takes longer than to
// answer it. So that it is compiled once, a limit is never a parameter by itself but
// "LIMIT $2 + 0": SQLite plans by the value of such a parameter, and compiles the
// statement anew whenever one is bound.
func openSQLite(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(preparingConnector{c}), nil
}

// preparingConnector opens connections that keep their statements.
type preparingConnector struct{ driver.Connector }

func (k preparingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	known, ok := c.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("the driver of SQLite lacks something that the store needs"), c.Close())
	}
	return &preparedConn{sqliteConn: known, idle: map[string]statement{}}, nil
}

// sqliteConn is what SQLite's driver offers.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// mostKept is how many statements a connection keeps. Some texts name as many
// parameters as there are tickets in a batch, so that there is no end of them.
const mostKept = 200

// keeps are the texts that are kept: those that read and write rows. Some pragmas take
// effect when they are prepared.
var keeps = regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)

// A preparedConn keeps the statements that nobody uses, by their texts. One that is in use
// isn't there to be found, so that a second query with its text has one of its own.
// database/sql asks a connection, and closes its rows, one call at a time.
type preparedConn struct {
	sqliteConn
	idle map[string]statement
}

// statementFor finds or prepares a statement; nil for a text that isn't kept. A statement that
// a change of the schema has made stale is prepared anew by SQLite.
func (c *preparedConn) statementFor(ctx context.Context, text string) (statement, error) {
	if s := c.idle[text]; s != nil {
		delete(c.idle, text)
		return s, nil
	}
	if !keeps.MatchString(text) {
		return nil, nil
	}
	prepared, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s, ok := prepared.(statement)
	if !ok {
		return nil, prepared.Close()
	}
	return s, nil
}

// giveBack keeps a statement that nobody uses any longer, unless it has met an error.
func (c *preparedConn) giveBack(text string, s statement, met error) error {
	if met != nil || c.idle[text] != nil {
		return s.Close()
	}
	if len(c.idle) >= mostKept {
		if err := c.forget(); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	c.idle[text] = s
	return nil
}

// forget closes all statements that nobody uses.
func (c *preparedConn) forget() (err error) {
	for text, s := range c.idle {
		err = errors.Join(err, s.Close())
		delete(c.idle, text)
	}
	return err
}

func (c *preparedConn) Close() error { return errors.Join(c.forget(), c.sqliteConn.Close()) }

func (c *preparedConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statementFor(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, text, args)
	}
	result, err := s.ExecContext(ctx, args)
	// What a statement met it says again when it is closed.
	if closed := c.giveBack(text, s, err); err == nil {
		err = closed
	}
	return result, err
}

func (c *preparedConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statementFor(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, text, args)
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		_ = c.giveBack(text, s, err)
		return nil, err
	}
	return &preparedRows{Rows: rows, done: func(met error) error { return c.giveBack(text, s, met) }}, nil
}

// preparedRows give their statement back when they are closed.
type preparedRows struct {
	driver.Rows
	done func(met error) error
}

func (r *preparedRows) Close() error {
	if r.done == nil {
		return nil
	}
	err := r.Rows.Close()
	done := r.done
	r.done = nil
	if gone := done(err); err == nil {
		err = gone
	}
	return err
}
