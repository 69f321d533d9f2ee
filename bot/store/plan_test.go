package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"modernc.org/sqlite"

	"vigie/connectors/desk"
	"vigie/rules"
)

// traced is SQLite's driver, and remembers what it is asked.
type traced struct {
	sqlite.Driver
	mu    sync.Mutex
	texts []string
}

func (d *traced) Open(name string) (driver.Conn, error) {
	c, err := d.Driver.Open(name)
	return tracedConn{c, d}, err
}

// tracedConn has no way to ask but by preparing.
type tracedConn struct {
	driver.Conn
	d *traced
}

func (c tracedConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, options)
}

func (c tracedConn) Prepare(text string) (driver.Stmt, error) {
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	c.d.texts = append(c.d.texts, text)
	return c.Conn.Prepare(text)
}

// asked is what the program asks all the time: at each webhook, each round of its
// loops, each view of the board.
func asked(ctx context.Context, s *Store, now time.Time) map[string]func() error {
	row := Row{Source: "zendesk", ID: "42", Ticket: &rules.Ticket{Source: "zendesk", ID: "42"}, Verdict: &rules.Verdict{}, Open: true}
	odd := Row{Source: "zendesk", ID: "43", Ticket: &rules.Ticket{Source: "zendesk", ID: "43"}, Verdict: &rules.Verdict{}, Open: true} // they come in any order
	a := Action{Key: "warn/zendesk:42/update/1/75%", Kind: "warn", Source: "zendesk", ID: "42"}
	return map[string]func() error{
		"Receive": func() error {
			_, err := s.Receive(ctx, "zendesk", desk.Delivery{ID: "d", Tickets: []string{"42"}}, now)
			return err
		},
		"Polled": func() error {
			return s.Polled(ctx, "zendesk", desk.Page{Changes: []desk.Change{{ID: "42"}}}, false, now)
		},
		"Cursor":          func() error { _, _, err := s.Cursor(ctx, "zendesk"); return err },
		"History":         func() error { _, _, err := s.History(ctx, "zendesk"); return err },
		"LastRan":         func() error { _, err := s.LastRan(ctx, Reconciling, "zendesk"); return err },
		"Ran":             func() error { return s.Ran(ctx, Reconciling, "zendesk", now) },
		"Source":          func() error { _, err := s.Source(ctx, "zendesk"); return err },
		"Took":            func() error { return s.SaveLastRead(ctx, "zendesk", now) },
		"Changed":         func() error { _, err := s.Changed(ctx, "zendesk", 100); return err },
		"Missed":          func() error { _, err := s.Missed(ctx, "zendesk", now, 100); return err },
		"NextRetry":       func() error { _, err := s.NextRetry(ctx, "zendesk"); return err },
		"RetryNow":        func() error { return s.RetryNow(ctx, "zendesk", now) },
		"Park":            func() error { return s.Park(ctx, odd, now) },
		"Waiting":         func() error { _, _, err := s.Waiting(ctx, "zendesk", now, false); return err },
		"LongestWaiting":  func() error { _, err := s.LongestWaiting(ctx, "zendesk", now, false, 3); return err },
		"Parked":          func() error { _, err := s.Parked(ctx, "zendesk", "odd"); return err },
		"OpenTickets":     func() error { _, err := s.OpenTickets(ctx, "zendesk"); return err },
		"ReadBefore":      func() error { _, err := s.ReadBefore(ctx, "zendesk", now, now, 100); return err },
		"MessageAt":       func() error { _, err := s.MessageAt(ctx, "C1", "1.2"); return err },
		"Due":             func() error { _, err := s.Due(ctx, now, 100); return err },
		"NextWake":        func() error { _, err := s.NextWake(ctx); return err },
		"Ticket":          func() error { _, err := s.Ticket(ctx, "zendesk", "42"); return err },
		"Save":            func() error { return s.Save(ctx, row, []Action{a}, now) },
		"FirstPending":    func() error { _, err := s.FirstPending(ctx, "zendesk"); return err },
		"PendingWrites":   func() error { _, err := s.PendingWrites(ctx, "zendesk", now, now, 100); return err },
		"NextWrite":       func() error { _, err := s.NextWrite(ctx, "zendesk", now); return err },
		"PendingMessages": func() error { _, err := s.PendingMessages(ctx, now, 1); return err },
		"NextMessage":     func() error { _, err := s.NextMessage(ctx); return err },
		"Alarms":          func() error { _, err := s.Alarms(ctx, now, 21); return err },
		"WaitingList":     func() error { _, err := s.WaitingList(ctx, "#sla", Outage, Storm); return err },
		"Gathered":        func() error { _, err := s.AlarmsInList(ctx, "opening/"+a.Key); return err },
		"HandedOver":      func() error { return s.SaveUnderway(ctx, []Action{a}) },
		"Together": func() error {
			return s.MergeIntoList(ctx, Action{Key: "opening/" + a.Key, Kind: Opening}, []Action{a}, now)
		},
		"Held":          func() error { _, err := s.Held(ctx, "#sla", now); return err },
		"Action":        func() error { _, err := s.Action(ctx, a.Key); return err },
		"Heard":         func() error { _, err := s.Heard(ctx, "zendesk", "42"); return err },
		"Extent":        func() error { _, _, err := s.CountHistory(ctx, "zendesk", "42"); return err },
		"SomeActions":   func() error { _, err := s.SomeActions(ctx, "zendesk", "42", 10, 10); return err },
		"SomeVerdicts":  func() error { _, err := s.SomeVerdicts(ctx, "zendesk", "42", 10, 10); return err },
		"TicketActions": func() error { _, err := s.TicketActions(ctx, "zendesk", "42"); return err },
		"Start":         func() error { return s.Start(ctx, "#sla", a) },
		"End":           func() error { return s.End(ctx, a, Done, "", now) },
		"Again":         func() error { return s.RetryAt(ctx, a, now, "", false) },
		"Refuse":        func() error { return s.Refuse(ctx, a, "#sla", now, now, "", false) },
		"TryRefused":    func() error { return s.TryRefused(ctx, now) },
		"Failing":       func() error { _, err := s.Failing(ctx); return err },
		"Incidents":     func() error { _, err := s.Incidents(ctx, "zendesk", "42"); return err },
		"StartIncident": func() error { return s.StartIncident(ctx, a, Incident{Source: "zendesk", ID: "42"}) },
		"EndFollow":     func() error { return s.EndFollow(ctx, a, Incident{Source: "zendesk", ID: "42"}, now) },
		"Placed":        func() error { _, err := s.Placed(ctx, "hook:pager", now, 1); return err },
		"NextPlaced":    func() error { _, err := s.NextPlaced(ctx, "hook:pager"); return err },
		"WaitingLists":  func() error { _, err := s.WaitingLists(ctx); return err },
		"DropPlaced":    func() error { return s.DropPlaced(ctx, nil, now) },
		"TryPlaced":     func() error { return s.TryPlaced(ctx, now) },
		"SetAside":      func() error { return s.SetAside(ctx, Message{Source: "zendesk", ID: "42"}) },
		"Messages":      func() error { _, err := s.Messages(ctx, "zendesk", "42"); return err },
		"Told":          func() error { return s.RecordSent(ctx, a, []Message{{Source: "zendesk", ID: "42"}}, now) },
		"Lines":         func() error { _, err := s.Lines(ctx, "zendesk", "42"); return err },
		"PostedList":    func() error { _, err := s.PostedList(ctx, "opening/"+a.Key); return err },
		"StartList": func() error {
			return s.StartList(ctx, "#sla", a, PostedList{Lines: []rules.Alert{{Source: "zendesk", ID: "42"}}})
		},
		"Posted":         func() error { return s.Posted(ctx, a, "#sla", "C1", "1.000001", nil, now) },
		"Amended":        func() error { return s.Amended(ctx, a, PostedList{Key: a.Key}, now) },
		"Linked":         func() error { _, _, err := s.Linked(ctx, "zendesk", "42"); return err },
		"Sharing":        func() error { _, err := s.Sharing(ctx, "jira", "10042"); return err },
		"IssueOfProblem": func() error { _, err := s.IssueOfProblem(ctx, "jira", "zendesk", "42"); return err },
		"Followed":       func() error { _, err := s.Followed(ctx, "zendesk"); return err },
		"KeepIssue": func() error {
			return s.KeepIssue(ctx, Issue{Issue: rules.Issue{Source: "jira", ID: "10042"}}, nil, now)
		},
		"KeepLink":           func() error { return s.KeepLink(ctx, Link{Source: "zendesk", ID: "42"}) },
		"Issue":              func() error { _, err := s.Issue(ctx, "jira", "10042"); return err },
		"PendingEscalations": func() error { _, err := s.PendingEscalations(ctx, "zendesk", now, 1); return err },
		"NextEscalation":     func() error { _, err := s.NextEscalation(ctx, "zendesk"); return err },
		"Staff": func() error {
			_, err := s.Accounts("zendesk").Staff(ctx, []string{"900007"})
			return err
		},
		"RememberStaff": func() error { return s.Accounts("zendesk").RememberStaff(ctx, []string{"900007"}) },
		"Take":          func() error { _, err := s.Lease(ctx, a, now); return err },
		"Tallies":       func() error { _, err := s.Tallies(ctx); return err },
		"Troubles":      func() error { _, err := s.Troubles(ctx, 50); return err },
		"Survey": func() error {
			ignore := func(*Row) error { return nil }
			_, err := s.Survey(ctx, View{Now: now, Version: "1"}, []List{{Standings: rules.Standings, Room: 500}, {Standings: rules.Standings, Untriaged: true, Room: 500}}, ignore, ignore)
			return err
		},
		"Survey of one": func() error {
			ignore := func(*Row) error { return nil }
			for i, standing := range rules.Standings { // what there is none of isn't listed
				stand := Stand{Version: "1", At: now, Stand: rules.Stand{Standing: standing, Holder: rules.Person{Email: "nadia@acme.example"}, Group: "Support", Policy: "acme", Priority: "urgent", Clauses: []string{"A-1"}}}
				if err := s.Save(ctx, Row{Source: "zendesk", ID: fmt.Sprint("stands", i), Ticket: &rules.Ticket{}, Open: true, Stand: &stand}, nil, now); err != nil {
					return err
				}
			}
			v := View{Now: now, Version: "1", Source: "zendesk", Holders: []string{"nadia@acme.example", ""}, Team: "Support", Policy: "acme", Priority: "urgent", Clause: "A-1"}
			_, err := s.Survey(ctx, v, []List{{Standings: rules.Standings, Room: 40}}, ignore, ignore)
			return err
		},
		"Ahead": func() error {
			stand := Stand{Version: "1", At: now, Stand: rules.Stand{Standing: rules.StandsRunning, Due: now.Add(time.Hour), Group: "Support"}}
			if err := s.Save(ctx, Row{Source: "zendesk", ID: "due", Ticket: &rules.Ticket{}, Open: true, Stand: &stand}, nil, now); err != nil {
				return err
			}
			list, err := s.Ahead(ctx, View{Now: now, Version: "1"}, []time.Time{now, now.AddDate(0, 0, 1)}, 6, 3)
			if err == nil && (len(list) != 1 || len(list[0].Due) != 1) {
				err = fmt.Errorf("one ticket is due, and not %+v", list)
			}
			return err
		},
		"Holders":          func() error { _, err := s.Holders(ctx); return err },
		"Teams":            func() error { _, err := s.Teams(ctx); return err },
		"CallsAndRequests": func() error { _, err := s.CallsAndRequests(ctx, "zendesk", "42", 30); return err },
		"Audit":            func() error { return s.Audit(ctx, "refused/1", Entry{At: now, What: RefusedToken}) },
		"Audited":          func() error { _, err := s.Audited(ctx, now, 100); return err },
		"Requested":        func() error { _, err := s.Requested(ctx, now, 100); return err },
		"UseState":         func() error { _, err := s.UseState(ctx, "state", now, now); return err },
		"Version":          func() error { _, err := s.Version(ctx); return err },
	}
}

// What the program asks all the time reads no table from end to end: the state
// grows, and what it costs to look at what is due must not.
func TestNothingAskedOftenScans(t *testing.T) {
	ctx, now := t.Context(), time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	file := filepath.Join(t.TempDir(), "vigie.db")
	made, err := Open(ctx, file)
	if err != nil {
		t.Fatal(err)
	}
	made.Close()
	d := &traced{}
	sql.Register("traced", d)
	db, err := sql.Open("traced", dsn(file))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := &Store{db: db, oneWriter: true}
	for what, ask := range asked(ctx, s, now) {
		d.texts = nil
		if err := ask(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if len(d.texts) == 0 {
			t.Errorf("%s asks nothing", what)
		}
		for _, text := range d.texts {
			for _, step := range plan(t, file, text) {
				if strings.HasPrefix(step, "SCAN") && !strings.Contains(step, "INDEX") {
					t.Errorf("%s: %s\n%s", what, step, text)
				}
			}
		}
	}
}

// plan is how SQLite would answer a text.
func plan(t *testing.T, file, text string) (steps []string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(file))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	args := make([]any, 0, 64)
	for n := 1; strings.Contains(text, fmt.Sprint("$", n)); n++ {
		args = append(args, 1)
	}
	rows, err := db.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return steps
}
