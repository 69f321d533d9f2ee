package main

import (
	"fmt"
	"slices"
	"strings"

	"vigie/bot/config"
	"vigie/bot/print"
	"vigie/rules/policyfile"
	"vigie/rules/tomlfile"
)

type policyKeysCommand struct {
	Of []string `arg:"" optional:"" placeholder:"NAME" help:"A chapter (policy, config, conditions, routes), a table or a key; all without it."`
}

func (policyKeysCommand) Help() string {
	return `Each key with what is written there, its unit, whether it is required or what holds without it, and an example. The rows
are those that the program itself reads the files by.

Examples:
  vigie policy keys
  vigie policy keys targets
  vigie policy keys targets.warn
  vigie policy keys conditions`
}

// A chapter of the reference is one file's keys, or the nouns of one kind of
// condition.
type chapter struct {
	name, title string
	keys        tomlfile.Keys
	nouns       []policyfile.Noun
}

// reference is all of it, in rows that any page can show.
func reference() []chapter {
	return []chapter{
		{name: "policy", title: "A policy file", keys: policyfile.Keys()},
		{name: "config", title: "config.toml", keys: config.Keys(registry)},
		{name: "conditions", title: "What the conditions of a policy know (the language is expr-lang.org's)", nouns: policyfile.Nouns()},
		{name: "routes", title: "What the condition of a Slack route knows", nouns: policyfile.RouteNouns()},
	}
}

func (c *policyKeysCommand) Run(p *program) error {
	var parts []string
	for _, ch := range reference() {
		text := ch.text(func(path string) bool { return len(c.Of) == 0 || slices.ContainsFunc(c.Of, meansOf(ch, path)) })
		if text != "" {
			parts = append(parts, "# ---- "+ch.title+" ----\n\n"+text)
		}
	}
	if len(parts) == 0 {
		return usageError{fmt.Errorf("there is no key or name %s; vigie policy keys lists all", strings.Join(c.Of, " "))}
	}
	_, err := fmt.Fprint(p.stdout, strings.Join(parts, "\n"))
	return err
}

// meansOf says of a name whether it means a path of a chapter: the chapter, the table,
// the path itself or its last part.
func meansOf(ch chapter, path string) func(name string) bool {
	return func(name string) bool {
		if slices.ContainsFunc(reference(), func(ch chapter) bool { return ch.name == name }) {
			return name == ch.name
		}
		return name == path || strings.HasPrefix(path, name+".") || strings.HasSuffix(path, "."+name)
	}
}

// text is the chapter's part that is wanted: keys as the file has them, each under its
// comment.
func (ch chapter) text(wanted func(path string) bool) string {
	var b strings.Builder
	for _, n := range ch.nouns {
		if wanted(n.Name) {
			b.WriteString(comment(n.Name+", "+n.Type+". "+n.Meaning) + n.Example + "\n\n")
		}
	}
	b.WriteString(ch.keys.Only(wanted).File(func(k tomlfile.Key) string {
		if k.Example == "" {
			return comment(kind(k) + ". " + k.Meaning)
		}
		return comment(kind(k)+". "+k.Meaning) + k.Name + " = " + k.Example + "\n\n"
	}))
	return b.String()
}

// kind is what is written for a key, in which unit, and whether it must be.
func kind(k tomlfile.Key) string {
	text := strings.ToUpper(k.Type[:1]) + k.Type[1:]
	if k.Unit != "" {
		text += " (" + k.Unit + ")"
	}
	switch {
	case k.Required:
		return text + ", required"
	case k.Default != "":
		return text + ", default " + k.Default
	}
	return text
}

// comment is a text as lines that TOML passes over.
func comment(text string) string {
	return "# " + strings.Join(print.Wrap(text, 78), "\n# ") + "\n"
}
