package docs

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEveryFileIsAPage(t *testing.T) {
	names, err := fs.Glob(files, "*.md")
	if err != nil || len(names) != len(Pages) {
		t.Errorf("there are %d files (%v) and %d pages", len(names), err, len(Pages))
	}
	for _, name := range names {
		page, ok := Find(strings.TrimSuffix(name, ".md"))
		if !ok || page.Title == "" || page.About == "" || !strings.HasPrefix(page.text, "# "+page.Title+"\n") {
			t.Errorf("%s is no page, or has no title: %.60q", name, page.Title)
		}
	}
	if _, ok := Find("atlantis"); ok {
		t.Error("there is a page about Atlantis")
	}
}

// words are what a text says, without its marks, its fences' languages and the
// addresses of its links.
func words(text string) []string {
	text = regexp.MustCompile(`(?m)^`+"```"+`.*$|\]\([^)]*\)|\(vigie\s+docs\s+\w+\)|\(https:[^)]*\)`).ReplaceAllString(text, " ")
	return regexp.MustCompile(`[\p{L}\p{N}]+`).FindAllString(text, -1)
}

// A terminal is shown every word of a page and no mark, within its width.
func TestPlainLosesNothing(t *testing.T) {
	for _, page := range Pages {
		text := page.Plain()
		got, want := words(text), words(page.text)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the terminal is shown %d words, the file has %d", page.Name, len(got), len(want))
		}
		for line := range strings.Lines(text) {
			code := strings.HasPrefix(line, "    ")
			if !code && (strings.Contains(line, "**") || strings.Contains(line, "](") || strings.HasPrefix(line, "#")) {
				t.Errorf("%s: marks are left in %q", page.Name, line)
			}
			if line = strings.TrimSuffix(line, "\n"); !code && utf8.RuneCountInString(line) > width {
				t.Errorf("%s: %d characters are too many: %q", page.Name, utf8.RuneCountInString(line), line)
			}
		}
	}
}

func TestPlain(t *testing.T) {
	page := Page{Name: "acme", text: `# Acme

Whoever *reads* this needs ` + "`--config`" + ` and [rights](security.md#least-rights), or [more](https://acme.example).

## Steps

1. Write it to a file, in which it stands for as long as it is needed by those who are to see it there, and no longer.
2. Tell **Nadia**.

` + "```sh" + `
vigie check
` + "```" + `

| who | what |
|---|---|
| Nadia | replies |
`}
	want := `Acme
====

Whoever reads this needs ` + "`--config`" + ` and rights (vigie docs security), or more
(https://acme.example).

Steps
-----

1. Write it to a file, in which it stands for as long as it is needed by those who are to see it
   there, and no longer.
2. Tell Nadia.

    vigie check

who    what
-----  -------
Nadia  replies
`
	if got := page.Plain(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestHTML(t *testing.T) {
	link := func(name string) string { return "/docs/" + name }
	page := Page{Name: "acme", text: "# Acme\n\nSee [rights](security.md#least-rights) <b>not bold</b>.\n\n| who |\n|---|\n| Nadia |\n\n```sh\nvigie <x>\n```\n"}
	got, err := page.HTML(link)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<h1 id="acme">Acme</h1>`, `<a href="/docs/security#least-rights">rights</a>`, `<th scope="col">who</th>`,
		`<pre tabindex="0"><code class="language-sh">vigie &lt;x&gt;`,
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("%s isn't in\n%s", want, got)
		}
	}
	if strings.Contains(string(got), "<b>") {
		t.Errorf("markup of the page's text is in\n%s", got)
	}
	for _, page := range Pages {
		html, err := page.HTML(link)
		if err != nil || strings.Count(string(html), "<h1") != 1 || strings.Contains(string(html), `.md`+`"`) {
			t.Errorf("%s: %v, or it has not one title, or a link to a file", page.Name, err)
		}
		if strings.Contains(string(html), `<th scope="col"></th>`) {
			t.Errorf("%s: a column has no head", page.Name)
		}
	}
}
