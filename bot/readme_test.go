package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"vigie/bot/config"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// blocks are the README's fenced blocks of a language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	var list []string
	for _, m := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(readme(t), -1) {
		if m[1] == language {
			list = append(list, m[2])
		}
	}
	if len(list) == 0 {
		t.Fatalf("README.md has no block of %q", language)
	}
	return list
}

func TestTheReadmesConfigurationLoads(t *testing.T) {
	look := lookup()
	look.Env = func(name string) string { return "s3cret-" + name }
	for _, block := range blocks(t, "toml") {
		if _, problems := config.Load("README.md", []byte(block), look); len(problems) > 0 {
			t.Error(problems)
		}
		lines := 0
		for line := range strings.Lines(block) {
			if strings.TrimSpace(line) != "" {
				lines++
			}
		}
		if lines > 10 {
			t.Errorf("got %d lines, want ten at most", lines)
		}
	}
}

// Every command line is parsed as the program would, so that a command or a flag
// that was renamed is noticed here.
func TestTheReadmesCommandsExist(t *testing.T) {
	seen := 0
	for _, block := range blocks(t, "sh") {
		for line := range strings.Lines(block) {
			line, _, _ = strings.Cut(line, " #")
			line, _, _ = strings.Cut(line, " <")
			line, _, _ = strings.Cut(line, " >")
			rest, ok := strings.CutPrefix(strings.TrimSpace(line), "go run ./bot ")
			if !ok {
				continue
			}
			seen++
			parser, err := kong.New(&commands{}, kong.Name("bot"), kong.Vars{"policies": ""})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parser.Parse(shellWords(rest)); err != nil {
				t.Errorf("go run ./bot %s: %s", rest, err)
			}
		}
	}
	if seen < 5 {
		t.Errorf("saw %d commands", seen)
	}
}

// shellWords splits as a shell does, as far as the README needs it.
func shellWords(line string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`"([^"]*)"|\S+`).FindAllStringSubmatch(line, -1) {
		if strings.HasPrefix(m[0], `"`) {
			list = append(list, m[1])
		} else {
			list = append(list, m[0])
		}
	}
	return list
}

// What the README prints for `due` is what the program prints.
func TestTheReadmesExplanationIsReal(t *testing.T) {
	var shown string
	for _, block := range blocks(t, "") {
		if strings.HasPrefix(block, "Status update:") {
			shown = block
		}
	}
	var out, errs strings.Builder
	args := []string{"due", "--policy", "moveon", "--priority", "urgent", "--created", "2026-11-27 16:30"}
	if code := run(t.Context(), args, strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	if shown == "" || !strings.Contains(out.String(), shown) {
		t.Errorf("got\n%s\nwant in it\n%s", out.String(), shown)
	}
}

// Every package is in the README's map, and everything on the map exists.
func TestTheReadmesMapIsComplete(t *testing.T) {
	drawn := map[string]bool{}
	for _, block := range blocks(t, "") {
		if !strings.HasPrefix(block, "bot/") {
			continue
		}
		var above []string // the last one drawn at each depth, two spaces a step
		for line := range strings.Lines(block) {
			depth := (len(line) - len(strings.TrimLeft(line, " "))) / 2
			for i, m := range regexp.MustCompile(`(^|\s)([a-z]+)/`).FindAllStringSubmatch(line[:min(20, len(line))], -1) {
				above = above[:min(depth, len(above))]
				name := strings.Join(append(above, m[2]), "/")
				drawn[name] = true
				if i == 0 {
					above = append(above, m[2])
				}
			}
		}
	}
	packages := map[string]bool{"connectors": true}
	for _, root := range []string{"bot", "connectors", "rules"} {
		err := filepath.WalkDir(filepath.Join("..", root), func(path string, d fs.DirEntry, err error) error {
			if _, missing := os.Stat(filepath.Join(path, "go.mod")); missing == nil {
				return fs.SkipDir // a module of its own is no part of the program
			}
			if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.Contains(path, "testdata") {
				dir, _ := filepath.Rel("..", filepath.Dir(path))
				packages[filepath.ToSlash(dir)] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range packages {
		if !drawn[name] {
			t.Errorf("README.md doesn't draw %s", name)
		}
	}
	for name := range drawn {
		if !packages[name] {
			t.Errorf("README.md draws %s, which holds nothing", name)
		}
	}
}
