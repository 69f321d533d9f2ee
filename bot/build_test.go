package main

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/web"
	"vigie/rules/calendar"
)

// What is running is asked for without a command, and says by which zones it judges.
func TestVersion(t *testing.T) {
	ours := calendar.BuiltInZones().Version() + ", built in"
	for _, line := range [][]string{{"--version"}, {"--version", "demo"}, {"check", "--version"}} {
		got := done(t, bot(t, "", line...))
		if !strings.HasPrefix(got, "vigie ") || !strings.Contains(got, "\n  commit ") ||
			!strings.Contains(got, ours) || !strings.Contains(got, runtime.Version()+", "+runtime.GOOS+"/"+runtime.GOARCH) {
			t.Errorf("%q: got\n%s", line, got)
		}
	}
	if got := done(t, bot(t, "", "--zoneinfo", zonesFolder(t, "2099b"), "--version")); !strings.Contains(got, "2099b, from ") {
		t.Errorf("with zones from elsewhere: got\n%s", got)
	}
	if r := bot(t, "", "--version", "--nonsense"); r.code != 2 || r.stdout != "" {
		t.Errorf("with a flag that there isn't: got exit %d and %q", r.code, r.stdout)
	}
}

func TestBuildOf(t *testing.T) {
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	for _, c := range []struct {
		name, linked string
		info         debug.BuildInfo
		want         web.Build
	}{
		{"a checkout", "", debug.BuildInfo{Main: debug.Module{Version: "v1.4.0"}, Settings: []debug.BuildSetting{
			setting("vcs.revision", "0123456789abcdef0123456789abcdef01234567"), setting("vcs.time", "2026-11-30T09:00:00Z"), setting("vcs.modified", "false"),
		}}, web.Build{Version: "v1.4.0", Commit: "0123456789ab of 2026-11-30"}},
		{"a checkout with changes of one's own", "", debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{
			setting("vcs.revision", "0123456789abcdef0123456789abcdef01234567"), setting("vcs.time", "2026-11-30T09:00:00Z"), setting("vcs.modified", "true"),
		}}, web.Build{Version: "devel", Commit: "0123456789ab of 2026-11-30, changed since"}},
		{"an image, whose linker was told", "fedcba9876543210", debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, web.Build{Version: "devel", Commit: "fedcba987654"}},
		{"go run", "", debug.BuildInfo{}, web.Build{Version: "devel", Commit: "unknown"}},
	} {
		if diff := cmp.Diff(c.want, buildOf(&c.info, c.linked)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
