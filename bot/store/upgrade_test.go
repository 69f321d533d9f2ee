package store_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/store"
	"vigie/bot/worldtest"
	"vigie/connectors/desk"
	"vigie/rules"
)

// upgraded is a state that an earlier version of the schema had, with some rows of
// that time in it.
func upgraded(t *testing.T, version int64, rows string, check func(*testing.T, *store.Store)) {
	t.Run("SQLite", func(t *testing.T) {
		path := t.TempDir() + "/vigie.db"
		must(t, store.MigrateTo(t.Context(), path, version))
		raw(t, path, rows)
		check(t, openFile(t, path))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		where := worldtest.Postgres(t)
		must(t, store.MigrateTo(t.Context(), where, version))
		rawPostgres(t, where, rows)
		check(t, openFile(t, where))
	})
}

// What the last release held is held on, and what it was only posting isn't.
func TestHeldByTheLastRelease(t *testing.T) {
	const rows = `INSERT INTO actions (key, kind, source, id, body, state, urgency, not_before, attempts, channel, created_at, note) VALUES
		('warn/zendesk:1/update/1/50%', 'warn', 'zendesk', '1', 'update', 'pending', 1, 1, 0, '#night', 1, 'gathered until opening'),
		('warn/zendesk:2/update/1/50%', 'warn', 'zendesk', '2', 'update', 'pending', 1, 1, 2, '#night', 2, 'gathered until opening'),
		('warn/zendesk:3/update/1/50%', 'warn', 'zendesk', '3', 'update', 'pending', 1, 1, 1, '#night', 3, 'slack is down'),
		('warn/zendesk:4/update/1/50%', 'warn', 'zendesk', '4', 'update', 'started', 1, 1, 0, '#night', 4, ''),
		('warn/zendesk:5/update/1/50%', 'warn', 'zendesk', '5', 'update', 'done', 1, 1, 0, '#night', 5, ''),
		('catchup/storm/1', 'say', '', '', '', 'pending', 4, 1, 0, '#night', 6, '')`
	upgraded(t, 8, rows, func(t *testing.T, s *store.Store) {
		if held := got[[]store.Action](t)(s.Held(t.Context(), "#night", noon)); ids(held, actionKey) != "warn/zendesk:1/update/1/50% warn/zendesk:2/update/1/50%" {
			t.Errorf("held: %q", ids(held, actionKey))
		}
	})
}

// Every action that was written down before actions had kinds and columns of their own
// is what it was, under the same key.
func TestActionsBeforeTheirKinds(t *testing.T) {
	const rows = `INSERT INTO actions (key, kind, source, id, body, cycle, state, urgency, not_before, channel, created_at, ended_at, note) VALUES
		('breach/zendesk:1/update/3', 'breach', 'zendesk', '1', 'update', 3, 'pending', 0, 1, '', 1, NULL, ''),
		('warn/zendesk:42/update/3/75%', 'warn', 'zendesk', '42', 'update', 3, 'done', 1, 1, '#sla', 2, 9, 'said in catchup/storm/warn/zendesk:42/update/3/75%'),
		('warn/zendesk:43/first_reply/1/50%', 'warn', 'zendesk', '43', 'first_reply', 1, 'done', 1, 1, '#sla', 3, 9, ''),
		('triage/zendesk:44', 'triage', 'zendesk', '44', 'triage', 0, 'done', 3, 1, '#sla', 4, 9, 'said in opening/old'),
		('warn/zendesk:45/update/1/50%', 'warn', 'zendesk', '45', 'update', 1, 'done', 1, 1, '#sla', 5, 9, ''),
		('catchup/storm/warn/zendesk:42/update/3/75%', 'say', '', '', 'warn/zendesk:42/update/3/75%
warn/zendesk:43/first_reply/1/50%', 0, 'pending', 1, 1, '#sla', 6, NULL, ''),
		('catchup/outage/breach/zendesk:9/update/1', 'say', '', '', 'breach/zendesk:9/update/1', 0, 'done', 0, 1, '#sla', 7, 8, ''),
		('opening/old', 'say', '', '', 'triage/zendesk:44', 0, 'done', 3, 1, '#sla', 8, 9, ''),
		('edit/opening/old', 'edit', '', '', 'opening/old', 0, 'done', 5, 1, '', 9, 10, ''),
		('edit/zendesk:43/first_reply', 'edit', 'zendesk', '43', 'first_reply', 0, 'pending', 5, 1, '', 10, NULL, ''),
		('write/zendesk:1', 'write', 'zendesk', '1', '{"Job":"V3-1","Edit":{"ID":"1","AddTags":["sla_update_at_risk"]},"Since":"2026-11-27T11:59:00Z","Looks":2,"Reading":7}', 0, 'started', 2, 1, '', 11, NULL, ''),
		('write/zendesk:2', 'write', 'zendesk', '2', '', 0, 'pending', 2, 1, '', 12, NULL, ''),
		('escalate/zendesk:1', 'escalate', 'zendesk', '1', '', 0, 'started', 2, 1, '', 13, NULL, ''),
		('summary/zendesk', 'say', '', '', '', 0, 'done', 4, 1, '', 14, 15, ''),
		('digest/2026-11-27T07:00:00Z', 'say', '', '', '', 0, 'done', 4, 1, '', 15, 16, ''),
		('silence/zendesk/2026-11-27T11:30:00.25Z', 'say', 'zendesk', '', '2026-11-27T11:30:00.25Z', 0, 'done', 0, 1, '', 16, 17, ''),
		('silence/zendesk/2024-02-29T23:59:58Z unread', 'say', 'zendesk', '', '2024-02-29T23:59:58Z unread', 0, 'pending', 0, 1, '', 17, NULL, ''),
		('silence/jira/2027-01-01T00:00:00.007Z notice/T1 12Z', 'say', 'jira', '', '2027-01-01T00:00:00.007Z notice/T1 12Z', 0, 'pending', 0, 1, '', 18, NULL, '')`
	at := func(text string) time.Time { return got[time.Time](t)(time.Parse(time.RFC3339Nano, text)) }
	storm := "catchup/storm/warn/zendesk:42/update/3/75%"
	want := map[string]store.Action{
		"breach/zendesk:1/update/3":                {Kind: store.Breach, Source: "zendesk", ID: "1", Topic: "update", Cycle: 3},
		"warn/zendesk:42/update/3/75%":             {Kind: store.Warn, Source: "zendesk", ID: "42", Topic: "update", Cycle: 3, List: storm},
		"warn/zendesk:43/first_reply/1/50%":        {Kind: store.Warn, Source: "zendesk", ID: "43", Topic: "first_reply", Cycle: 1, List: storm}, // its note was erased
		"triage/zendesk:44":                        {Kind: store.Triage, Source: "zendesk", ID: "44", Topic: "triage", List: "opening/old"},
		"warn/zendesk:45/update/1/50%":             {Kind: store.Warn, Source: "zendesk", ID: "45", Topic: "update", Cycle: 1},
		storm:                                      {Kind: store.Storm},
		"catchup/outage/breach/zendesk:9/update/1": {Kind: store.Outage},
		"opening/old":                              {Kind: store.Opening},
		"edit/opening/old":                         {Kind: store.Amend, List: "opening/old"},
		"edit/zendesk:43/first_reply":              {Kind: store.Edit, Source: "zendesk", ID: "43", Topic: "first_reply"},
		"write/zendesk:1": {Kind: store.Write, Source: "zendesk", ID: "1", Underway: &store.Underway{
			Job: "V3-1", Edit: desk.Edit{ID: "1", AddTags: []string{"sla_update_at_risk"}}, Since: after(-1), Looks: 2, Reading: 7}},
		"write/zendesk:2":                                     {Kind: store.Write, Source: "zendesk", ID: "2"},
		"escalate/zendesk:1":                                  {Kind: store.Escalate, Source: "zendesk", ID: "1"},
		"summary/zendesk":                                     {Kind: store.Summary, Source: "zendesk"},
		"digest/2026-11-27T07:00:00Z":                         {Kind: store.Digest},
		"silence/zendesk/2026-11-27T11:30:00.25Z":             {Kind: store.Silence, Source: "zendesk", Since: at("2026-11-27T11:30:00.25Z")},
		"silence/zendesk/2024-02-29T23:59:58Z unread":         {Kind: store.Silence, Source: "zendesk", Obstacle: "unread", Since: at("2024-02-29T23:59:58Z")},
		"silence/jira/2027-01-01T00:00:00.007Z notice/T1 12Z": {Kind: store.Silence, Source: "jira", Obstacle: "notice/T1 12Z", Since: at("2027-01-01T00:00:00.007Z")},
	}
	upgraded(t, 12, rows, func(t *testing.T, s *store.Store) {
		for _, key := range slices.Sorted(maps.Keys(want)) {
			a := got[*store.Action](t)(s.Action(t.Context(), key))
			if a == nil {
				t.Errorf("%s is gone", key)
				continue
			}
			is := store.Action{Kind: a.Kind, Source: a.Source, ID: a.ID, Topic: a.Topic, Cycle: a.Cycle, List: a.List, Obstacle: a.Obstacle, Since: a.Since, Underway: a.Underway}
			if diff := cmp.Diff(want[key], is); diff != "" {
				t.Errorf("%s, wanted against kept: %s", key, diff)
			}
		}
		if says := ids(got[[]store.Action](t)(s.AlarmsInList(t.Context(), storm)), actionKey); says != "warn/zendesk:42/update/3/75% warn/zendesk:43/first_reply/1/50%" {
			t.Errorf("the list that waits says %q", says)
		}
		if waits := ids(got[[]store.Action](t)(s.PendingMessages(t.Context(), noon, 9)), actionKey); waits != "breach/zendesk:1/update/3 silence/zendesk/2024-02-29T23:59:58Z unread silence/jira/2027-01-01T00:00:00.007Z notice/T1 12Z "+storm+" edit/zendesk:43/first_reply" {
			t.Errorf("messages wait: %q", waits)
		}
	})
}

// What was kept under names in one table is found in the three that it has now.
func TestNamesBeforeTheSchedules(t *testing.T) {
	const rows = `INSERT INTO cursors (source, cursor, read_at) VALUES
		('zendesk', 'MTc2', 1795780800000), ('jira', 'first-recent:x', 1795780860000),
		('history/zendesk', 'h1', 1795780920000), ('scan/zendesk', 'u1', 1795780980000), ('compare/jira', 'SUP-9', 1795781040000),
		('compact', '', 1795781100000), ('digest', '', 1795781160000), ('flush', '', 1795781220000),
		('reconcile/zendesk', '', 1795781280000), ('issues/zendesk', '', 1795781340000),
		('silence/zendesk', '', 1795781400000), ('took/zendesk', '', 1795781460000), ('gone/zendesk', '7', 1795781520000), ('took/jira', '', 1795781580000),
		('vigie/version', 'v1 abc', 1795781640000), ('vigie/ping', '', 0)`
	upgraded(t, 12, rows, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		type place struct {
			cursor string
			at     time.Time
		}
		is := func(cursor string, at time.Time, err error) place {
			t.Helper()
			must(t, err)
			return place{cursor, at}
		}
		for what, c := range map[string]struct{ got, want place }{
			"changes of zendesk":    {is(s.Cursor(ctx, "zendesk")), place{"MTc2", after(0)}},
			"changes of jira":       {is(s.Cursor(ctx, "jira")), place{"first-recent:x", after(1)}},
			"changes of digest":     {is(s.Cursor(ctx, "digest")), place{}},
			"history of zendesk":    {is(s.History(ctx, "zendesk")), place{"h1", after(2)}},
			"unsolved of zendesk":   {is(s.Scan(ctx, "zendesk")), place{"u1", after(3)}},
			"comparison of jira":    {is(got[string](t)(s.Comparison(ctx, "jira")), time.Time{}, nil), place{"SUP-9", time.Time{}}},
			"comparison of zendesk": {is(got[string](t)(s.Comparison(ctx, "zendesk")), time.Time{}, nil), place{}},
			"version":               {is(got[string](t)(s.Version(ctx)), time.Time{}, nil), place{"v1 abc", time.Time{}}},
		} {
			if c.got != c.want {
				t.Errorf("%s: %+v, want %+v", what, c.got, c.want)
			}
		}
		for minute, of := range map[int]struct {
			schedule store.Schedule
			source   string
		}{5: {store.Compacting, ""}, 6: {store.DailyDigest, ""}, 7: {store.Flushing, ""}, 8: {store.Reconciling, "zendesk"}, 9: {store.Issues, "zendesk"}} {
			if at := got[time.Time](t)(s.LastRan(ctx, of.schedule, of.source)); !at.Equal(after(minute)) {
				t.Errorf("%s %s ran at %s, want %s", of.schedule, of.source, at, after(minute))
			}
		}
		for source, want := range map[string]store.Source{
			"zendesk": {Asked: after(10), LastRead: after(11), Gone: 7, GoneSince: after(12)},
			"jira":    {LastRead: after(13)},
		} {
			if known := got[store.Source](t)(s.Source(ctx, source)); known != want {
				t.Errorf("known of %s: %+v, want %+v", source, known, want)
			}
		}
	})
}

// What was said of an obstacle in two languages is said on, in English; what is noted
// from then on is a text with its values.
func TestObstaclesBeforeTheCatalogues(t *testing.T) {
	const rows = `INSERT INTO obstacles (source, what, since, fr, en) VALUES ('zendesk', '/read', 1795780800000, 'zendesk : refusé', 'zendesk: "refused"')`
	upgraded(t, 14, rows, func(t *testing.T, s *store.Store) {
		says := rules.Sentence{ID: "obstacle.refused_of.write", Values: []string{"source", "zendesk"}}
		must(t, s.AddObstacle(t.Context(), store.Obstacle{Source: "zendesk", What: "/write", Since: after(1), Says: says}))
		want := []store.Obstacle{{Source: "zendesk", What: "/read", Since: after(0), Says: rules.Sentence{ID: `zendesk: "refused"`, Values: nil}}, {Source: "zendesk", What: "/write", Since: after(1), Says: says}}
		if diff := cmp.Diff(want, got[[]store.Obstacle](t)(s.Obstacles(t.Context(), ""))); diff != "" {
			t.Error(diff)
		}
	})
}
