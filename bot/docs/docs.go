// Package docs is the manual: the Markdown files beside it, embedded, in the order in
// which they are read. README.md leads to the same files, so they read well as they
// stand, and a link in them is a file's name. Here they become text for a terminal
// (Plain) and a part of a page (HTML).
//
// A page says what holds for every installation. It knows nothing of a
// configuration or a ticket, so anybody may read it.
package docs

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed *.md
var files embed.FS

// A Page is one subject of the manual.
type Page struct {
	Name  string // as people ask for it: "security"
	Title string
	About string // in half a sentence
	text  string // Markdown, with its title
}

// abouts says in which order the pages are read, and what each tells.
var abouts = []struct{ name, about string }{
	{"installing", "from nothing to a running Vigie, and what setup makes"},
	{"deciding", "how a due date comes about: calendars, pauses, priorities, metrics"},
	{"vendors", "accounts, whose word is an answer, and when a ticket is gone"},
	{"policies", "what a policy says and how, and which clauses of the built-in ones aren't enforced"},
	{"testing", "tickets, what happens to them, and what must come of it"},
	{"changing", "a new version of a policy, and trying it on past tickets"},
	{"slack", "what people are told, and when; tags and due fields; escalation to Jira"},
	{"oncall", "who is on call when: turns, hours, stand-ins, iCal files, and what check finds"},
	{"calling", "hooks, mails, and who is told when Slack is away"},
	{"operating", "running it: first start, state, backup, replicas, reports, guarantees and delays"},
	{"monitoring", "health, metrics, alerts, logs, and how fast it is"},
	{"security", "rights, who can reach what, secrets, erasing what is kept of a person"},
	{"troubleshooting", "nobody got a warning: why?"},
	{"glossary", "the words that mean one thing here"},
	{"contributing", "how the code is laid out, and the walk of one webhook and one warning"},
}

// Pages are all pages, in the order in which they are read.
var Pages = read()

func read() []Page {
	list := make([]Page, len(abouts))
	for i, a := range abouts {
		text, err := files.ReadFile(a.name + ".md")
		if err != nil {
			panic(fmt.Sprintf("docs: %s: %v", a.name, err)) // the tests would have said so
		}
		title, _, _ := strings.Cut(string(text), "\n")
		list[i] = Page{Name: a.name, Title: strings.TrimPrefix(title, "# "), About: a.about, text: string(text)}
	}
	return list
}

// Find is the page of a name; false if there is none.
func Find(name string) (Page, bool) {
	i := slices.IndexFunc(Pages, func(p Page) bool { return p.Name == name })
	if i < 0 {
		return Page{}, false
	}
	return Pages[i], true
}
