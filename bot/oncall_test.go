package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// onCallConfig is a configuration with two rotas: one by turns that knows hours, and
// one of a file in which a week of holidays has nobody and which ends on 4 January.
const onCallConfig = `[[zendesk]]
url      = "https://acme.zendesk.com"
token    = "env:ZENDESK_TOKEN"
policies = ["moveon"]
[slack]
token    = "env:SLACK_BOT_TOKEN"
channel  = "#support-sla"
language = "fr"
[[oncall]]
name   = "support"
zone   = "Europe/Paris"
people = ["nadia@acme.example", "omar@acme.example"]
since  = "2026-11-30 08:00"
hours  = { mon-fri = ["00:00-09:00", "17:00-24:00"], sat-sun = ["00:00-24:00"] }
[[oncall]]
name = "nights"
zone = "Europe/Paris"
ical = ["nights.ics"]
`

const nightsFile = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:nadia@acme.example\r\nDTSTART;TZID=Europe/Paris:20261130T080000\r\n" +
	"DTEND;TZID=Europe/Paris:20261207T080000\r\nRRULE:FREQ=WEEKLY;COUNT=5\r\nEXDATE:20261221T070000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

func onCallFiles(t *testing.T) string {
	t.Helper()
	secrets(t)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "config.toml"), []byte(onCallConfig), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "nights.ics"), []byte(nightsFile), 0o600))
	return filepath.Join(dir, "config.toml")
}

// In the configuration's language, with the gap marked, and nobody after the file's end.
func TestOnCallShowsHandoversAndGaps(t *testing.T) {
	file := onCallFiles(t)
	got := done(t, bot(t, "", "oncall", "nights", "--config", file, "--at", "2026-12-20 20:00", "--days", "20"))
	if diff := cmp.Diff(strings.TrimPrefix(`
Astreinte : nights, dim 2026-12-20 20:00 CET
  d'astreinte     nadia@acme.example, jusqu'à lun 2026-12-21 08:00 CET

  Relèves
    de                        à                         qui
    dim 2026-12-20 20:00 CET  lun 2026-12-21 08:00 CET  nadia@acme.example
    lun 2026-12-21 08:00 CET  lun 2026-12-28 08:00 CET  PERSONNE
    lun 2026-12-28 08:00 CET  lun 2027-01-04 08:00 CET  nadia@acme.example
    lun 2027-01-04 08:00 CET                            PERSONNE
`, "\n"), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Without a name all rotas are told of, at the present.
func TestOnCallNow(t *testing.T) {
	var list []struct {
		Name, Zone string
		At         time.Time
		Now        struct {
			Who *string
			Why string
		}
		Next      *struct{ Who string }
		Handovers []struct{ Who *string }
	}
	begin := time.Now()
	must(t, json.Unmarshal([]byte(done(t, bot(t, "", "oncall", "--config", onCallFiles(t), "--json"))), &list))
	if len(list) != 2 || list[0].Name != "support" || list[1].Name != "nights" || list[0].Zone != "Europe/Paris" {
		t.Fatalf("got %+v", list)
	}
	if at := list[0].At; at.Before(begin.Add(-2*time.Minute)) || at.After(time.Now()) || len(list[0].Handovers) == 0 {
		t.Errorf("got %+v", list[0])
	}
}

func TestOnCallAsJSON(t *testing.T) {
	file := onCallFiles(t)
	got := done(t, bot(t, "", "oncall", "support", "--config", file, "--at", "2026-12-01T12:00:00+01:00", "--days", "1", "--json"))
	want := `[{"name":"support","zone":"Europe/Paris","at":"2026-12-01T12:00:00+01:00",` +
		`"now":{"from":"2026-12-01T12:00:00+01:00","until":"2026-12-01T17:00:00+01:00","who":null,"why":"outside_hours"},` +
		`"next":{"from":"2026-12-01T17:00:00+01:00","until":"2026-12-02T09:00:00+01:00","who":"nadia@acme.example","why":"turn"},` +
		`"handovers":[{"from":"2026-12-01T17:00:00+01:00","until":"2026-12-07T08:00:00+01:00","who":"nadia@acme.example","why":"turn"}]}]` + "\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestOnCallRefuses(t *testing.T) {
	file := onCallFiles(t)
	bare := filepath.Join(t.TempDir(), "config.toml")
	must(t, os.WriteFile(bare, []byte(onCallConfig[:strings.Index(onCallConfig, "[[oncall]]")]), 0o600))
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"suport", "--config", file}, `no rota is named "suport"; did you mean "support"?`},
		{[]string{"--config", bare}, "has no [[oncall]]; vigie policy keys oncall shows what to write"},
		{[]string{"--config", file, "--at", "2027-03-28 02:30"}, `--at: "2027-03-28 02:30" doesn't exist in Europe/Paris: clocks skip it; write it with its offset`},
		{[]string{"--config", file, "--days", "0"}, "--days 0 is no number of days from 1 to 3660"},
	} {
		if r := bot(t, "", append([]string{"oncall"}, c.args...)...); r.code != 2 || !strings.Contains(r.stderr, c.want) || r.stdout != "" {
			t.Errorf("%v: got exit %d, %q and %q, want %q", c.args, r.code, r.stdout, r.stderr, c.want)
		}
	}
}

// check tells who is on call, of the gaps of 90 days, a file's end among them, and of
// the holidays of the policies' team, on which it is away and nobody is on call.
func TestCheckTellsWhenNobodyIsOnCall(t *testing.T) {
	file := onCallFiles(t)
	got := done(t, bot(t, "", "check", "--config", file, "--from", "2026-12-20"))
	begin, end := strings.Index(got, "On call: support"), strings.Index(got, "Board and state")
	if begin < 0 || end < begin {
		t.Fatalf("got\n%s", got)
	}
	if diff := cmp.Diff(`On call: support, Sun 2026-12-20 00:00 CET
  on call         nadia@acme.example, until Mon 2026-12-21 08:00 CET
  next            omar@acme.example, from Mon 2026-12-21 08:00 CET
  hours           Monday to Friday: 00:00-09:00, 17:00-24:00
                  Saturday to Sunday: 00:00-24:00
  people          nadia@acme.example, omar@acme.example
  turn            7 days each, since Mon 2026-11-30 08:00 CET
  gaps            none in 90 days
  unattended      note: no team is at work and nobody on call from Fri 2026-12-25 09:00 CET until Fri
                  2026-12-25 17:00 CET
                  note: no team is at work and nobody on call from Fri 2027-01-01 09:00 CET until Fri
                  2027-01-01 17:00 CET

On call: nights, Sun 2026-12-20 00:00 CET
  on call         nadia@acme.example, until Mon 2026-12-21 08:00 CET
  files           nights.ics
  gaps            WARNING: nobody is on call from Mon 2026-12-21 08:00 CET until Mon 2026-12-28 08:00 CET
                  WARNING: nobody is on call from Mon 2027-01-04 08:00 CET until the end of those 90 days

`, got[begin:end]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Whose turns always lie outside the hours is named: with turns of a day from Monday
// morning on and hours at the week-end, four of seven are never called; the Friday's has the night.
func TestCheckNamesWhoIsNeverOnCall(t *testing.T) {
	secrets(t)
	file := filepath.Join(t.TempDir(), "config.toml")
	week := strings.NewReplacer(`"omar@acme.example"]`, `"omar@acme.example", "c@acme.example", "d@acme.example", "e@acme.example", "f@acme.example", "g@acme.example"]
turn = "1 day"`, `mon-fri = ["00:00-09:00", "17:00-24:00"], `, "").Replace(onCallConfig[:strings.LastIndex(onCallConfig, "[[oncall]]")])
	must(t, os.WriteFile(file, []byte(week), 0o600))
	got := done(t, bot(t, "", "check", "--config", file, "--from", "2026-12-01"))
	want := `  no turn         WARNING: never on call until Mon 2027-03-01 00:00 CET: nadia@acme.example,
                  omar@acme.example, c@acme.example, d@acme.example; change the hours or the turn, or take
                  them out
`
	if !strings.Contains(got, want) {
		t.Errorf("got\n%s", got[strings.Index(got, "On call"):strings.Index(got, "Board and state")])
	}
}
