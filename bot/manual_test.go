package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"vigie/bot/config"
	"vigie/bot/docs"
)

// page is a page of the manual, by its name, or README.md.
func page(t testing.TB, name string) string {
	t.Helper()
	file := filepath.Join("docs", name+".md")
	if name == "README" {
		file = "../README.md"
	}
	return mustRead(t, file)
}

// pages are README.md and the names of the manual's pages.
func pages(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("docs/*.md")
	if err != nil || len(files) < 10 {
		t.Fatalf("the manual has %d pages: %v", len(files), err)
	}
	names := []string{"README"}
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".md"))
	}
	return names
}

// blocks are a page's fenced blocks of a language, such as "toml config".
func blocks(t testing.TB, name, language string) []string {
	t.Helper()
	var list []string
	for _, m := range regexp.MustCompile("(?ms)^```([\\w ]*)\n(.*?)^```$").FindAllStringSubmatch(page(t, name), -1) {
		if m[1] == language {
			list = append(list, m[2])
		}
	}
	return list
}

// The way in is short: what a page of the manual says better is left to it.
func TestTheReadmeIsShort(t *testing.T) {
	if size := len(page(t, "README")); size > 9000 {
		t.Errorf("README.md has %d bytes, want 9,000 at most", size)
	}
}

// A configuration that the manual shows loads: whole, or put behind the README's.
func TestTheManualsConfigurationsLoad(t *testing.T) {
	look := lookup()
	look.Env = func(name string) string { return "s3cret-" + name }
	shown := blocks(t, "README", "toml")
	if len(shown) != 1 {
		t.Fatalf("README.md has %d configurations", len(shown))
	}
	lines := 0
	for line := range strings.Lines(shown[0]) {
		if strings.TrimSpace(line) != "" {
			lines++
		}
	}
	if lines > 10 {
		t.Errorf("the README's configuration has %d lines, want ten at most", lines)
	}
	least := shown[0]
	for _, name := range pages(t) {
		for _, block := range blocks(t, name, "toml config") {
			if !strings.HasPrefix(block, "[[zendesk]]") {
				block = least + "\n" + block
			}
			shown = append(shown, block)
		}
	}
	for _, block := range shown {
		if _, problems := config.Load("manual.toml", []byte(block), look); len(problems) > 0 {
			t.Errorf("%v\n%s", problems, block)
		}
	}
	if len(shown) < 4 {
		t.Errorf("the manual shows %d configurations", len(shown))
	}
}

// Every command line is parsed as the program would, so that a command or a flag
// that was renamed is noticed here.
func TestTheManualsCommandsExist(t *testing.T) {
	command := regexp.MustCompile(`^(?:[A-Z_]+=\S+ )?(?:go run \./bot|vigie) (.*)$`)
	seen := 0
	for _, name := range pages(t) {
		for _, block := range blocks(t, name, "sh") {
			for line := range strings.Lines(block) {
				line, _, _ = strings.Cut(line, " #")
				line, _, _ = strings.Cut(line, " <")
				line, _, _ = strings.Cut(line, " >")
				m := command.FindStringSubmatch(strings.TrimSpace(line))
				if m == nil {
					continue
				}
				seen++
				var c commands
				parser, err := kong.New(&c, kong.Vars{"policies": ""})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := parser.Parse(shellWords(m[1])); err != nil && !(c.Version && understood(err)) {
					t.Errorf("%s: %s: %s", name, line, err)
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("saw %d commands", seen)
	}
}

// shellWords splits as a shell does, as far as the manual needs it.
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

// What the manual shows is what the program does: the policy is a file here, its tests are
// beside it, the rotas stand in a configuration, and each command of a console block prints what stands below it.
func TestTheManualsExamplesHold(t *testing.T) {
	files := map[string]string{"acme.toml": "toml policy", "acme.test.toml": "toml test"}
	var consoles []string
	dir := t.TempDir()
	for _, name := range pages(t) {
		for file, language := range files {
			for _, block := range blocks(t, name, language) {
				must(t, os.WriteFile(filepath.Join(dir, file), []byte(block), 0o600))
				delete(files, file)
			}
		}
		consoles = append(consoles, blocks(t, name, "console")...)
	}
	rotas := blocks(t, "README", "toml")[0] + "\n" + blocks(t, "oncall", "toml config")[0]
	must(t, os.WriteFile(filepath.Join(dir, "config.toml"), []byte(rotas), 0o600))
	for _, name := range regexp.MustCompile(`env:(\w+)`).FindAllStringSubmatch(rotas, -1) {
		t.Setenv(name[1], "s3cret-of-the-manual")
	}
	if len(files) > 0 || len(consoles) == 0 {
		t.Fatalf("the manual lacks %v, and shows %d consoles", files, len(consoles))
	}
	t.Chdir(dir)
	for _, block := range consoles {
		line, want, _ := strings.Cut(block, "\n")
		args, ok := strings.CutPrefix(line, "$ vigie ")
		if !ok {
			t.Errorf("%q is no command", line)
			continue
		}
		if got := done(t, bot(t, "", shellWords(args)...)); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", line, got, want)
		}
	}
}

// What the README prints for `due` is a part of what the program prints.
func TestTheReadmesExplanationIsReal(t *testing.T) {
	shown := ""
	for _, block := range blocks(t, "README", "") {
		if strings.HasPrefix(block, "Status update:") {
			shown = block
		}
	}
	got := done(t, bot(t, "", "due", "--policy", "moveon", "--priority", "urgent", "--created", "2026-11-27 16:30"))
	if shown == "" || !strings.Contains(got, shown) {
		t.Errorf("got\n%s\nwant in it\n%s", got, shown)
	}
}

// A link within the manual leads to a page that there is, and to a heading of it.
func TestTheManualsLinksLeadSomewhere(t *testing.T) {
	listed := map[string]bool{}
	for _, name := range pages(t) {
		for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(page(t, name), -1) {
			target, part, _ := strings.Cut(m[1], "#")
			if strings.HasPrefix(m[1], "https://") || strings.HasSuffix(target, ".svg") {
				continue
			}
			other := strings.TrimSuffix(target, ".md")
			if name == "README" {
				other = strings.TrimPrefix(other, "bot/docs/")
				listed[other] = true
			}
			if !slices.Contains(pages(t), other) {
				t.Errorf("%s: %s leads nowhere", name, m[1])
			} else if part != "" && !slices.Contains(anchors(page(t, other)), part) {
				t.Errorf("%s: %s has no such heading", name, m[1])
			}
		}
	}
	for _, name := range pages(t)[1:] {
		if !listed[name] {
			t.Errorf("README.md doesn't lead to %s", name)
		}
	}
}

// The README, the board and the terminal list the same pages, in one order.
func TestTheManualsPagesAreListed(t *testing.T) {
	var rows []string
	for _, m := range regexp.MustCompile(`(?m)^\| \[(\w+)\]\(bot/docs/(\w+)\.md\) \| (.*) \|$`).FindAllStringSubmatch(page(t, "README"), -1) {
		rows = append(rows, m[1]+" "+m[2]+": "+strings.ReplaceAll(m[3], "`", ""))
	}
	list := done(t, bot(t, "", "docs"))
	var want []string
	for _, page := range docs.Pages {
		want = append(want, page.Name+" "+page.Name+": "+page.About)
		if !strings.Contains(list, "\n  "+page.Name+" ") {
			t.Errorf("the command doesn't list %s", page.Name)
		}
		if got := done(t, bot(t, "", "docs", page.Name)); got != page.Plain() {
			t.Errorf("%s isn't printed as it is", page.Name)
		}
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("README.md (-want +got):\n%s", diff)
	}
}

// anchors are the names by which a page's headings are linked to.
func anchors(text string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		plain := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		list = append(list, strings.ReplaceAll(plain, " ", "-"))
	}
	return list
}

// Every package is on the manual's map, and everything on the map exists.
func TestTheManualsMapIsComplete(t *testing.T) {
	drawn := map[string]bool{}
	for _, block := range blocks(t, "contributing", "") {
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
			t.Errorf("the manual doesn't draw %s", name)
		}
	}
	for name := range drawn {
		if !packages[name] {
			t.Errorf("the manual draws %s, which holds nothing", name)
		}
	}
}
