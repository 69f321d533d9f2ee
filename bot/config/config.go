// Package config turns config.toml into checked values, or says everything
// that is wrong with it at once: file, line, key and what to write instead.
//
// The file is read key by key through tomlfile.Table, so one mistake hides no
// other and a misspelt key is never silently ignored. Each table of the file has
// its own function, which reads, checks and closes it; a check that finds
// something notes it at the key and goes on with the zero value. Load gives a
// Config only if nothing was noted but warnings, so the rest of the program
// checks nothing again.
//
// Which tables name a source of tickets, and which keys each has besides those of
// all, is the vendors' to say (desk.Vendor). They and what the file merely refers to,
// such as environment variables, secret files, policies and the values that a route's
// condition may ask about, come in through a Lookup. Nothing here talks to a vendor: that is check --online.
//
// Keys are the rows that Load goes by, and that vigie policy keys prints: a key without
// a row is unknown. config.example.toml at the top of the repository is a file with
// all of them. A test loads it, and fails when a key is missing there.
package config

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/policyfile"
	"vigie/rules/tomlfile"
)

// Config is a checked config.toml.
type Config struct {
	Store    Store
	Web      Web
	Sources  []*desk.Source // in the order of the vendors, and of the file
	Slack    *Slack         // nil without [slack]: nobody is told
	OnCall   []OnCall       // in the order of the file
	People   []Person       // those whose addresses differ from place to place
	Calls    []Calls        // who is called when a promise is in danger, in the order of the file
	Hooks    []Hook         // in the order of the file
	Mail     *Mail          // nil: no mail is sent
	Schedule Schedule

	Trackers string // the tables that escalate_to can name, as the file writes them: "[[jira]]"

	secrets []*kept // that Reload asks for
}

// BySource are the policies of each source, by its name.
func (c *Config) BySource() map[string][]*rules.Policy {
	policies := map[string][]*rules.Policy{}
	for _, s := range c.Sources {
		policies[s.Name] = s.Policies
	}
	return policies
}

// VendorTitles are the vendors of the sources, as people call them, by the source's name.
func (c *Config) VendorTitles() map[string]string {
	titles := map[string]string{}
	for _, s := range c.Sources {
		titles[s.Name] = s.Vendor.Title
	}
	return titles
}

// Policies are those of all sources, each file once, the versions of a policy
// together.
func (c *Config) Policies() []*rules.Policy {
	var all []*rules.Policy
	for _, s := range c.Sources {
		for _, p := range s.Policies {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	all, _ = policyfile.Versions(all) // what is wrong was told with each source
	return all
}

// Store is where Vigie keeps its state.
type Store struct {
	URL      Secret        // the path of a SQLite file, or postgres://…; secret because the latter may hold a password
	Backfill time.Duration // first start: how far back, besides the tickets still open
	Keep     time.Duration // how long what no open ticket needs is kept; 0 = for ever
}

// Schedule is when the jobs run that no ticket asks for.
type Schedule struct {
	Zone      *time.Location // of the two specs below; nil: the first policy's calendar's
	Digest    Cron           // never, with digest = ""
	Reconcile Cron
}

// Lookup follows what the file only refers to. Env and File may be nil, for the
// process's environment and the disk.
type Lookup struct {
	// Vendors are those that the file may name, each by its table.
	Vendors []*desk.Vendor

	Env  func(name string) string
	File func(path string) (text []byte, mode fs.FileMode, err error)

	// Policy loads a policy by the name of a built-in one or the path of a
	// file, and says what is wrong with it; nil and no problem: there is none.
	Policy func(name string) (*rules.Policy, tomlfile.Problems)
	// ICal reads a file of shifts; nil: from the disk.
	ICal func(path string) ([]byte, error)
	// Condition compiles the condition of a Slack route.
	Condition func(text string) (*rules.Condition, error)
}

// A loader is one reading of one file.
type loader struct {
	Lookup
	dir      string                   // relative paths start at the file's folder
	names    map[string]bool          // of the sources so far
	policies map[string]*rules.Policy // those loaded so far, nil with mistakes
	problems tomlfile.Problems        // those of the policies' own files
	secrets  []*kept                  // those so far
	open     bool                     // the pages ask nobody at this machine for a token
}

// Load reads the content of a configuration; file is its path, for messages and as
// the start of relative paths. The Config is nil if the problems forbid using
// it (see tomlfile.Problems.Err). They are in the order of the lines, those of
// the policy files last.
func Load(file string, content []byte, lookup Lookup) (*Config, tomlfile.Problems) {
	doc, root := tomlfile.Read(file, content, Keys(lookup.Vendors))
	if doc.Problems().Err() != nil {
		return nil, doc.Problems()
	}
	l := &loader{
		Lookup: lookup, dir: filepath.Dir(file),
		names: map[string]bool{}, policies: map[string]*rules.Policy{},
	}
	if l.Env == nil {
		l.Env = os.Getenv
	}
	if l.File == nil {
		l.File = readSecretFile
	}
	if l.ICal == nil {
		l.ICal = readICal
	}

	var c Config
	c.Store = l.store(root.Table("store"))
	c.Web = l.web(root.Table("web"))
	c.Sources, c.Trackers = l.sources(root), trackers(l.Vendors)
	c.Hooks, c.Mail = l.hooks(root), l.mail(root.Table("mail"))
	c.Slack = l.slack(root.Table("slack"), c.callable())
	if !root.Has("slack") {
		root.Warn("", "there is no [slack]: due dates and tags are written, but nobody is told of a warning; add a [slack] table")
	}
	c.People, c.OnCall = l.people(root), l.onCalls(root)
	c.Calls = l.calls(root, c.callable())
	c.Schedule = schedule(root.Table("schedule"))
	root.Close()

	problems := append(doc.Problems(), l.problems...)
	if problems.Err() != nil {
		return nil, problems
	}
	c.secrets = l.secrets
	return &c, problems
}

func schedule(t *tomlfile.Table) Schedule {
	defer t.Close()
	s := Schedule{Reconcile: cronKey(t, "reconcile", "@daily")}
	if t.Any("digest") != "" {
		s.Digest = cronKey(t, "digest", "0 8 * * mon-fri")
	}
	if name, ok := text(t, "zone"); ok {
		zone, err := calendar.LoadZone(name)
		if err != nil {
			t.Add("zone", "%s", err)
		}
		s.Zone = zone
	}
	return s
}

// text is a key's text, and whether there is one: what isn't a text has been
// noted as that, and needs no second word.
func text(t *tomlfile.Table, key string) (string, bool) {
	s := t.String(key)
	_, ok := t.Any(key).(string)
	return s, ok
}

// path is a path of the file, from where the program runs.
func (l *loader) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(l.dir, p)
}

// maxSecret bounds a secret file: a wrong path must not read a disk image.
const maxSecret = 64 << 10

func readSecretFile(path string) ([]byte, fs.FileMode, error) { return readFile(path, maxSecret) }

func readICal(path string) ([]byte, error) {
	text, _, err := readFile(path, calendar.ICalSize)
	return text, err
}

// readFile reads a regular file of so many bytes at most.
func readFile(path string, most int64) ([]byte, fs.FileMode, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // a named pipe would be waited for
		return nil, 0, fmt.Errorf("%s is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s is larger than %d KiB", path, most>>10)
	}
	return text, info.Mode(), err
}
