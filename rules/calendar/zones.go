package calendar

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	_ "embed" // the zones
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Zones is one edition of the IANA time zone database: what the wall clocks of
// each place show when. Governments change that some weeks ahead, so an edition
// is data like a table of holidays, which Vigie brings along and which a company
// may renew without a new program.
//
// Nothing else tells a zone. [time.LoadLocation] would take what the machine
// has, be it years old, or else what Go's own release had: the same ticket would
// fall due an hour apart on two machines.
type Zones struct {
	version string
	source  string
	files   map[string][]byte // by the zone's name, in the format of RFC 9636
}

// zonesZip is made by TestZonesAreTheNewest from the files of Debian's tzdata:
// every name, those of earlier editions too, each with all its transitions until
// 2037 and the rule thereafter. That "fat" form is read alike by every reader;
// the shorter one isn't, where zic was older than the 2026 changes (see IANA's
// news of 2026b).
//
//go:generate go test . -run ^TestZonesAreTheNewest$ -update
//go:embed zones.zip
var zonesZip []byte

// BuiltInZones is the edition that the program brings along.
var BuiltInZones = sync.OnceValue(func() *Zones {
	tree, err := zip.NewReader(bytes.NewReader(zonesZip), int64(len(zonesZip)))
	if err != nil {
		panic(err) // the program was built wrong
	}
	z, err := ReadZones("", tree)
	if err != nil {
		panic(err)
	}
	return z
})

// inUse is one for the whole program: a policy whose calendars followed two
// editions would contradict itself.
var inUse atomic.Pointer[Zones]

// UseZones has every zone from now on loaded from an edition; nil is the one
// built in. It is for the program's start, before any policy is loaded, as what
// was loaded stays as it is.
func UseZones(z *Zones) { inUse.Store(z) }

// ZonesInUse is the edition that zones are loaded from.
func ZonesInUse() *Zones {
	if z := inUse.Load(); z != nil {
		return z
	}
	return BuiltInZones()
}

// maxZone bounds a zone's file: the largest has 4 KB.
const maxZone = 64 << 10

// ReadZones reads an edition from a tree such as that of /usr/share/zoneinfo,
// whole and at once, so that what becomes of the tree later changes nothing.
// source is what people know it by. The error is for a tree that has no zones, or a
// broken one.
func ReadZones(source string, tree fs.FS) (*Zones, error) {
	// Every edition has it; what hasn't may be any folder, however large.
	if _, err := fs.Stat(tree, "Etc/UTC"); err != nil {
		return nil, errors.New("there are no time zones in it")
	}
	z := &Zones{source: source, files: map[string][]byte{}}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		// posix repeats the others, right counts leap seconds, and the last two are
		// the machine's own choice.
		if slices.Contains([]string{"posix", "right", "localtime", "posixrules"}, name) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := fs.Stat(tree, name)
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxZone {
			return nil // a directory, a link to nowhere, a list
		}
		content, err := fs.ReadFile(tree, name)
		if err != nil || !bytes.HasPrefix(content, []byte("TZif")) {
			return err
		}
		if _, err := time.LoadLocationFromTZData(name, content); err != nil {
			return fmt.Errorf("%s is no time zone: %w", name, err)
		}
		z.files[name] = content
		return nil
	})
	if err != nil {
		return nil, err
	}
	z.version = editionOf(tree)
	return z, nil
}

// editionOf is the edition's name, from one of the files that say it; empty if
// there is none.
func editionOf(tree fs.FS) string {
	if text, err := fs.ReadFile(tree, versionFile); err == nil {
		return strings.TrimSpace(string(text))
	}
	text, _ := fs.ReadFile(tree, "tzdata.zi") // absent is empty
	line, _, _ := strings.Cut(string(text), "\n")
	version, _ := strings.CutPrefix(line, "# version ")
	if version == line {
		return ""
	}
	return strings.TrimSpace(version)
}

// versionFile is where macOS says it, and zones.zip.
const versionFile = "+VERSION"

// Version is the edition's name, such as "2026f": the year, and a letter that
// counts. Empty where the source doesn't tell.
func (z *Zones) Version() string { return z.version }

// Source is where it was read from; empty for what is built in.
func (z *Zones) Source() string { return z.source }

// Digest tells editions apart by their content: zones that show the same have
// the same.
func (z *Zones) Digest() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(z.files)) {
		fmt.Fprintf(sum, "%s %d\n%s", name, len(z.files[name]), z.files[name])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// load is a zone by its exact name, and false if the edition has none of it.
func (z *Zones) load(name string) (*time.Location, bool) {
	content, ok := z.files[name]
	if !ok {
		return nil, false
	}
	zone, err := time.LoadLocationFromTZData(name, content)
	return zone, err == nil
}
