package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"vigie/bot/config"
	"vigie/bot/print"
	"vigie/bot/web"
	"vigie/rules/calendar"
	"vigie/rules/words"
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
	b.Zones = print.Edition(calendar.ZonesInUse(), words.In("en"))
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

// version names what verdicts depend on besides the tickets: the program, its
// policies, the time zones, and the configuration but for what each replica may
// have its own way.
func version(file string, cfg *config.Config) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	keys := map[string]any{}
	if err := toml.Unmarshal(text, &keys); err != nil {
		return "", err
	}
	delete(keys, "store")
	delete(keys, "web")
	parts := []any{keys}
	for _, p := range cfg.Policies() {
		parts = append(parts, p.Digest)
	}
	program, err := programDigest()
	if err != nil {
		return "", err
	}
	parts = append(parts, program, calendar.ZonesInUse().Digest())
	all, err := json.Marshal(parts) // maps in the order of their keys
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:8]), err
}

// programDigest names this program by its file: what it was built from isn't known
// everywhere that it is built, such as in the Dockerfile.
func programDigest() (string, error) {
	file, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	return hex.EncodeToString(sum.Sum(nil)), err
}
