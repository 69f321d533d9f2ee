package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"vigie/bot/library"
)

// examples are small policies with their tests, to start from; a test runs them.
//
//go:embed examples
var examples embed.FS

type policyNewCommand struct {
	File string `arg:"" placeholder:"FILE" help:"The policy file to write, such as policies/acme.toml; its tests go beside it."`
	Like string `default:"small" enum:"small,teams,ical,always,contract" help:"What to start from (small, teams, ical, always, contract)."`
}

func (policyNewCommand) Help() string {
	return `Writes a policy and its tests, which pass, to be changed from there. Nothing that exists is written over.

  small      one team, two priorities, a first reply: twenty lines
  teams      two teams in two time zones
  ical       closing days from an iCal file
  always     around the clock, with a target for each next reply
  contract   a built-in policy, and what one customer's contract promises besides

Examples:
  vigie policy new acme.toml
  vigie policy new policies/acme.toml --like teams
  vigie test acme.toml`
}

var policyName = regexp.MustCompile(`^[a-z0-9_-]+$`)

func (c *policyNewCommand) Run(p *program) error {
	base := strings.TrimSuffix(c.File, ".toml")
	name := filepath.Base(base)
	if !policyName.MatchString(name) {
		return usageError{fmt.Errorf("%q is no policy's name; write small letters, digits, - and _, such as acme.toml", name)}
	}
	files := map[string]string{base + ".toml": c.Like + ".toml", base + library.TestExtension: c.Like + library.TestExtension}
	order := []string{base + ".toml", base + library.TestExtension}
	if c.Like == "ical" {
		closing := filepath.Join(filepath.Dir(base), "closing.ics")
		files[closing], order = "closing.ics", append(order, closing)
	}
	for _, file := range order {
		if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is already there, and is left as it is; write another name", file)
		}
	}
	for _, file := range order {
		text, err := examples.ReadFile("examples/" + files[file])
		if err != nil {
			return err
		}
		if err := create(file, called(string(text), c.Like, name)); err != nil {
			return err
		}
		fmt.Fprintln(p.stdout, file)
	}
	fmt.Fprintf(p.stdout, "\nNext: vigie test %s.toml, and vigie check --policy %s.toml. What each key means: vigie policy keys\n", base, base)
	return nil
}

// called is an example by another name.
func called(text, was, name string) string {
	ofPolicy := regexp.MustCompile(`(?m)^(name +)= "` + was + `"`)
	text = ofPolicy.ReplaceAllString(text, `${1}= "`+name+`"`)
	return strings.ReplaceAll(text, was+".toml", name+".toml")
}

// create writes a file that isn't there yet.
func create(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
