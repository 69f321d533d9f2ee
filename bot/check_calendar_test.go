package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// calendarPolicy writes a policy of one calendar, and the iCal files beside it.
func calendarPolicy(t *testing.T, calendar string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	text := `name = "acme"
effective_from = 2020-01-01
calendar = "geneva"
default_priority = "normal"
[calendars.geneva]
zone = "Europe/Zurich"
` + calendar + `
[[priorities]]
name = "normal"
[[targets]]
metric = "resolution"
within = { normal = "20 business days" }
`
	if files == nil {
		files = map[string]string{}
	}
	files["acme.toml"] = text
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "acme.toml")
}

// Twelve months of holidays by name, special hours, and what a new version
// changes: all that a support lead has to read before a long weekend.
func TestCheckShowsCalendars(t *testing.T) {
	file := calendarPolicy(t, `hours = { mon-fri = ["09:00-17:00"] }
holidays = ["CH-GE", "bridge.ics", "-2027-05-17"]
special = { "2026-12-24" = ["09:00-12:00"] }
[[calendars.geneva.versions]]
from = 2027-02-01
hours = { mon-fri = ["08:00-16:00"] }`, map[string]string{
		"bridge.ics": "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Pont\nDTSTART:20261228\nDTEND:20261231\nEND:VEVENT\nEND:VCALENDAR\n",
	})
	text := done(t, bot(t, "", "check", "--policy", file, "--from", "2026-11-25"))
	for _, want := range []string{
		"hours           Monday to Friday: 09:00-17:00\n",
		"from 2027-02-01 Monday to Friday: 08:00-16:00\n",
		"exception       Thu 2026-12-24 09:00-12:00\n",
		"holidays        Fri 2026-12-25 Christmas Day (Noël)\n                  Mon 2026-12-28 Pont\n",
		"Wed 2026-12-30 Pont\n                  Thu 2026-12-31 Restoration of the Republic (Restauration de la République)\n",
		"Thu 2027-09-09 Geneva Fast (Jeûne genevois)\n",
		"bridge.ics      until Wed 2026-12-30\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("got\n%swant %q in it", text, want)
		}
	}
	if strings.Contains(text, "Whit Monday") {
		t.Error("a holiday is shown that the calendar takes away")
	}
}

func TestCheckWarnsOfFilesThatEnd(t *testing.T) {
	event := func(lines string) string {
		return "BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + lines + "\nEND:VEVENT\nEND:VCALENDAR\n"
	}
	for _, tc := range []struct{ name, file, want string }{
		{"listed until before the longest target", event("DTSTART:20261130"),
			"WARNING: nothing after Mon 2026-11-30, but a target may fall due until Wed 2026-12-23;"},
		{"listed until after it", event("DTSTART:20261224"), "until Thu 2026-12-24"},
		{"for ever", event("DTSTART:20201224\nRRULE:FREQ=YEARLY"), "days that come again for ever"},
		{"empty", "BEGIN:VCALENDAR\nEND:VCALENDAR\n", "WARNING: no day at all, but a target may fall due until Tue 2026-12-22;"},
	} {
		file := calendarPolicy(t, "hours = { mon-fri = [\"09:00-17:00\"] }\nholidays = [\"acme.ics\"]", map[string]string{"acme.ics": tc.file})
		text := done(t, bot(t, "", "check", "--policy", file, "--from", "2026-11-25"))
		if _, line, _ := strings.Cut(text, "  acme.ics        "); !strings.HasPrefix(line, tc.want) {
			t.Errorf("%s: got\n%swant %q in it", tc.name, text, tc.want)
		}
	}
	file := calendarPolicy(t, "hours = { mon-fri = [\"09:00-17:00\"] }\nholidays = [\"CH-JU\"]", nil)
	r := bot(t, "", "check", "--policy", file)
	done(t, r)
	if want := "warning: are known from 2023-01-01 on, but the policy holds from 2020-01-01"; !strings.Contains(r.stderr, want) {
		t.Errorf("got %q, want %q in it", r.stderr, want)
	}
}

// Every mistake of an iCal file stands under the entry that names it.
func TestCheckTellsMistakesOfFiles(t *testing.T) {
	file := calendarPolicy(t, "hours = { mon-fri = [\"09:00-17:00\"] }\nholidays = [\"acme.ics\", \"none.ics\"]", map[string]string{
		"acme.ics": "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Party\nDTSTART:20261218T150000\nDTEND:20261218T200000\nEND:VEVENT\n" +
			"BEGIN:VEVENT\nSUMMARY:Tick\nDTSTART:20261218\nRRULE:FREQ=SECONDLY\nEND:VEVENT\nEND:VCALENDAR\n",
	})
	r := bot(t, "", "check", "--policy", file)
	for _, want := range []string{
		`:8: calendars.geneva.holidays[0]: file "acme.ics": line 2: event "Party": it goes from 2026-12-18 15:00 to 2026-12-18 20:00`,
		`:8: calendars.geneva.holidays[0]: file "acme.ics": line 7: event "Tick": RRULE "FREQ=SECONDLY": FREQ=SECONDLY isn't understood`,
		`:8: calendars.geneva.holidays[1]: `,
	} {
		if r.code != 2 || !strings.Contains(r.stderr, want) {
			t.Errorf("got exit %d and\n%swant %q in it", r.code, r.stderr, want)
		}
	}
}

// What a region leaves out is said where its days are listed.
func TestCheckSaysWhatRegionsLeaveOut(t *testing.T) {
	for _, tc := range []struct{ region, language, want string }{
		{"GB", "en", "left out        GB: the days of its parts alone (Easter Monday,"},
		{"GB", "fr", "laissé de côté  GB : les jours propres à ses parties (Lundi de Pâques,"},
		{"CH", "en", "left out        CH: the days of its parts alone (Good Friday,"},
		{"DE-BY", "en", "left out        DE-BY: the Augsburg peace festival (8 August);"},
		{"DE-BY", "fr", "laissé de côté  DE-BY : la fête de la Paix d’Augsbourg (8 août) ;"},
		{"CH-GE", "en", ""},
	} {
		file := calendarPolicy(t, "hours = { mon-fri = [\"09:00-17:00\"] }\nholidays = [\""+tc.region+"\"]", nil)
		text := done(t, bot(t, "", "check", "--policy", file, "--from", "2026-11-30", "--lang", tc.language))
		if !strings.Contains(text, tc.want) || tc.want == "" && strings.Contains(text, "left out") {
			t.Errorf("%s: got\n%swant %q in it", tc.region, text, tc.want)
		}
	}
}
