package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/config"
)

// Rotas of one group put together whom Slack knows by which address, and until when.
func TestGroupsOfRotas(t *testing.T) {
	const rotas = `[[zendesk]]
url = "https://acme.zendesk.com"
email = "bot@acme.example"
token = "env:TOKEN"
policies = ["moveon"]
[[people]]
slack = "nadia@acme.example"
zendesk = "nadia.k@acme.example"
[[oncall]]
name = "support"
zone = "Europe/Paris"
people = ["nadia.k@acme.example", "omar@acme.example"]
since = "2026-11-30 08:00"
group = "@astreinte"
[[oncall]]
name = "nights"
zone = "Europe/Paris"
people = ["lea@acme.example"]
since = "2026-11-30 08:00"
hours = { mon-fri = ["17:00-24:00"] }
group = "@astreinte"
[[oncall]]
name = "quiet"
zone = "Europe/Paris"
people = ["lea@acme.example"]
since = "2026-11-30 08:00"
`
	file := filepath.Join(t.TempDir(), "config.toml")
	must(t, os.WriteFile(file, []byte(rotas), 0o600))
	t.Setenv("TOKEN", "s3cret-token")
	if out := done(t, bot(t, "", "check", "--config", file)); strings.Count(out, "@astreinte is kept to who is on call; while nobody is, it keeps its members") != 2 {
		t.Errorf("check doesn't say so:\n%s", out)
	}
	look := lookup()
	look.Env = func(name string) string { return "s3cret-" + name }
	cfg, problems := config.Load("config.toml", []byte(rotas), look)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	list := groups(cfg)
	if len(list) != 1 || list[0].Name != "@astreinte" {
		t.Fatalf("got %+v", list)
	}
	for _, c := range []struct {
		at, until string
		who       []string
	}{
		{"2026-11-30T12:00:00+01:00", "2026-11-30T17:00:00+01:00", []string{"nadia@acme.example"}},
		{"2026-11-30T18:00:00+01:00", "2026-12-01T00:00:00+01:00", []string{"nadia@acme.example", "lea@acme.example"}},
		{"2026-12-07T08:00:00+01:00", "2026-12-07T17:00:00+01:00", []string{"omar@acme.example"}},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		must(t, err)
		who, until := list[0].OnCall(at)
		if diff := cmp.Diff(c.who, who); diff != "" || until.Format(time.RFC3339) != c.until {
			t.Errorf("%s: until %s, (-want +got):\n%s", c.at, until.Format(time.RFC3339), diff)
		}
	}
}
