package main

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strings"

	"vigie/bot/print"
	"vigie/bot/web"
	"vigie/rules/calendar"
)

// commit is what the program was made from where Go can't tell, as in the Dockerfile,
// to which the repository isn't copied: go build -ldflags "-X main.commit=…".
var commit string

// build says which program this is, and by whose time zones it judges.
func build() web.Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	b := buildOf(info, commit)
	b.Zones = print.Edition(calendar.ZonesInUse(), "en")
	b.Go = runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH
	return b
}

// buildOf is what Go has noted in a program, or its linker was told: "devel" is no
// release, and a commit "unknown" was noted by neither.
func buildOf(info *debug.BuildInfo, linked string) web.Build {
	noted := map[string]string{}
	for _, s := range info.Settings {
		noted[s.Key] = s.Value
	}
	b := web.Build{Version: cmp.Or(strings.Trim(info.Main.Version, "()"), "devel")}
	if b.Commit = cmp.Or(noted["vcs.revision"], linked, "unknown"); len(b.Commit) > 12 {
		b.Commit = b.Commit[:12]
	}
	if day, _, ok := strings.Cut(noted["vcs.time"], "T"); ok {
		b.Commit += " of " + day
	}
	if noted["vcs.modified"] == "true" {
		b.Commit += ", changed since"
	}
	return b
}

// tellVersion prints which program this is.
func tellVersion(p *program) error {
	b := build()
	s := print.NewSheet(p.stdout, "en")
	s.Heading("vigie " + b.Version)
	s.Item("commit", "%s", b.Commit)
	s.Item("time zones", "%s", b.Zones)
	s.Item("Go", "%s", b.Go)
	return s.Flush()
}
