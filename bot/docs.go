package main

import (
	"fmt"
	"strings"

	"vigie/bot/docs"
	"vigie/bot/print"
)

type docsCommand struct {
	Topic string `arg:"" optional:"" help:"A page of the manual, such as troubleshooting; without one, all pages are listed."`
}

func (docsCommand) Help() string {
	return `The manual, as the board has it under /docs. It is printed at once; a pager shows it page by page.

Examples:
  vigie docs
  vigie docs troubleshooting
  vigie docs security | less`
}

// Run prints a page, or which pages there are.
func (c *docsCommand) Run(p *program) error {
	if c.Topic != "" {
		page, ok := docs.Find(strings.ToLower(c.Topic))
		if !ok {
			return usageError{fmt.Errorf("the manual has no page %q; write one of %s", c.Topic, strings.Join(topics(), ", "))}
		}
		_, err := fmt.Fprint(p.stdout, page.Plain())
		return err
	}
	s := print.NewSheet(p.stdout, "en")
	s.Heading("The manual")
	for _, page := range docs.Pages {
		s.Item(page.Name, "%s", page.About)
	}
	s.Heading("To read a page: vigie docs NAME")
	return s.Flush()
}

// topics are the names of the manual's pages.
func topics() []string {
	names := make([]string, len(docs.Pages))
	for i, page := range docs.Pages {
		names[i] = page.Name
	}
	return names
}
