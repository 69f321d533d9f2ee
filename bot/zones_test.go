package main

import (
	"archive/zip"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"vigie/bot/config"
	"vigie/rules"
	"vigie/rules/calendar"
)

// zonesFolder makes a folder of zones, in which Zurich has Tokyo's clock.
func zonesFolder(t *testing.T, version string) string {
	t.Helper()
	builtIn, err := zip.OpenReader("../rules/calendar/zones.zip")
	must(t, err)
	defer builtIn.Close()
	dir := t.TempDir()
	write := func(name string, content []byte) {
		must(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	for name, as := range map[string]string{"Etc/UTC": "Etc/UTC", "Europe/Zurich": "Asia/Tokyo"} {
		content, err := fs.ReadFile(builtIn, as)
		must(t, err)
		write(name, content)
	}
	write("tzdata.zi", []byte("# version "+version+"\n"))
	return dir
}

// The dates of this winter, as a support lead asks for them. That a zone's news
// are known is TestThisWinter's affair; here it is that they arrive.
func TestDueThisWinter(t *testing.T) {
	text, err := os.ReadFile(calendarPolicy(t, `hours = { mon-fri = ["09:00-17:00"] }`, nil))
	must(t, err)
	for zone, want := range map[string]string{
		"America/Vancouver": "2026-12-28T09:00:00-07:00",
		"America/Edmonton":  "2026-12-28T09:00:00-06:00",
		"America/Winnipeg":  "2026-12-28T09:00:00-05:00",
		"Africa/Casablanca": "2026-12-28T09:00:00Z",
		"America/Havana":    "2026-12-28T09:00:00-04:00",
	} {
		t.Run(zone, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "acme.toml")
			must(t, os.WriteFile(file, []byte(strings.Replace(string(text), "Europe/Zurich", zone, 1)), 0o600))
			out := done(t, bot(t, "", "due", "--policy", file, "--priority", "normal", "--created", "2026-11-29 12:00", "--json"))
			var v rules.Verdict
			must(t, json.Unmarshal([]byte(out), &v))
			// 20 business days from Monday 30 November on end on Friday the 25th at 17:00.
			due, err := time.Parse(time.RFC3339, want)
			must(t, err)
			due = due.Add(-64 * time.Hour)
			if got := v.Clock(rules.Resolution).Due; got == nil || !got.Equal(due) {
				t.Errorf("got %v, want %v", got, due)
			}
		})
	}
}

func TestZoneinfo(t *testing.T) {
	t.Cleanup(func() { calendar.UseZones(nil) })
	policy := calendarPolicy(t, `hours = { mon-fri = ["09:00-17:00"] }`, nil)
	renewed := zonesFolder(t, "2099a")

	text := done(t, bot(t, "", "check", "--policy", policy))
	if want := "Time zones of IANA: " + calendar.BuiltInZones().Version() + ", built in\n"; !strings.HasPrefix(text, want) {
		t.Errorf("got\n%swant it to begin with %q", text, want)
	}
	for language, want := range map[string]string{
		"en": "Time zones of IANA: 2099a, from " + renewed + "\n",
		"fr": "Fuseaux horaires de l'IANA : 2099a, de " + renewed + "\n",
	} {
		text := done(t, bot(t, "", "check", "--policy", policy, "--zoneinfo", renewed, "--lang", language))
		if !strings.HasPrefix(text, want) {
			t.Errorf("got\n%swant it to begin with %q", text, want)
		}
	}

	due := []string{"due", "--policy", policy, "--priority", "normal", "--created", "2026-11-30 09:00"}
	if text := done(t, bot(t, "", due...)); !strings.Contains(text, " CET") {
		t.Errorf("got\n%swant the clock of Zurich", text)
	}
	t.Setenv("VIGIE_ZONEINFO", renewed)
	if text := done(t, bot(t, "", due...)); !strings.Contains(text, " JST") {
		t.Errorf("got\n%swant the clock that the folder gives to Zurich", text)
	}

	for _, tc := range []struct {
		folder, want string
		code         int
	}{
		{zonesFolder(t, "2021a"), "--zoneinfo: warning: 2021a, from ", 0},
		{t.TempDir(), "there are no time zones in it; name a folder such as /usr/share/zoneinfo", 2},
		{filepath.Join(renewed, "nowhere"), "there are no time zones in it; name a folder such as /usr/share/zoneinfo", 2},
	} {
		if r := bot(t, "", append(due, "--zoneinfo", tc.folder)...); r.code != tc.code || !strings.Contains(r.stderr, tc.want) {
			t.Errorf("%s: got exit %d and %q, want exit %d and %q", tc.folder, r.code, r.stderr, tc.code, tc.want)
		}
	}
}

// Replicas that follow other zones judge otherwise, so they aren't of one version.
func TestZonesAreAPartOfTheVersion(t *testing.T) {
	t.Cleanup(func() { calendar.UseZones(nil) })
	secrets(t)
	file := "testdata/config.toml"
	text, err := os.ReadFile(file)
	must(t, err)
	cfg, problems := config.Load(file, text, lookup())
	must(t, problems.Err())
	of := func(zones *calendar.Zones) string {
		calendar.UseZones(zones)
		v, err := version(file, cfg)
		must(t, err)
		return v
	}
	folder := func(dir string) *calendar.Zones {
		zones, err := calendar.ReadZones(dir, os.DirFS(dir))
		must(t, err)
		return zones
	}
	ours, theirs := of(nil), of(folder(zonesFolder(t, "2099a")))
	if ours == theirs {
		t.Error("the version doesn't tell the zones apart")
	}
	if again := of(folder(zonesFolder(t, "2099b"))); again != theirs {
		t.Error("the same zones from another folder are of another version")
	}
}

// The first line of the log says which program this is, and by whose clocks it judges.
func TestTheLogBeginsWithTheZones(t *testing.T) {
	secrets(t)
	for folder, want := range map[string]string{
		"":                    `zones="` + calendar.BuiltInZones().Version() + `, built in"`,
		"/usr/share/zoneinfo": `, from /usr/share/zoneinfo"`,
	} {
		if _, err := os.Stat(filepath.Join(folder, "Etc/UTC")); folder != "" && err != nil {
			t.Skip("no zones on this machine to be followed: ", err)
		}
		t.Setenv("VIGIE_ZONEINFO", folder)
		config := filepath.Join(t.TempDir(), "config.toml")
		must(t, os.WriteFile(config, []byte(`
[web]
listen = "127.0.0.1:0"
[[zendesk]]
url      = "http://127.0.0.1:1"
email    = "bot@acme.example"
token    = "env:ZENDESK_TOKEN"
policies = ["moveon"]
`), 0o600))
		log := start(t, config).log.String()
		_, logged, _ := strings.Cut("\n"+log, "\ntime=") // warnings go before
		first, _, _ := strings.Cut(logged, "\n")
		for _, want := range []string{want, " version=", " commit=", ` go="` + runtime.Version() + `, `} {
			if !strings.Contains(first, want) {
				t.Errorf("got\n%swant %q in the first line that is logged", log, want)
			}
		}
	}
}

// Zones come from the calendar package alone: Go's own LoadLocation asks the
// machine first, and Go's release next.
func TestNothingElseLoadsZones(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || path == "zones_test.go" || strings.HasSuffix(path, "/bot/zones_test.go") {
			return err
		}
		seen++
		text, err := os.ReadFile(path)
		for _, forbidden := range []string{"time.LoadLocation(", `"time/tzdata"`} {
			if strings.Contains(string(text), forbidden) {
				t.Errorf("%s has %s; write calendar.LoadZone", path, forbidden)
			}
		}
		return err
	})
	if err != nil || seen < 100 {
		t.Fatalf("saw %d files: %v", seen, err)
	}
}
