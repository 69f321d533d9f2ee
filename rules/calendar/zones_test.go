package calendar

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

var update = flag.Bool("update", false, "take the zones of this machine, if they are the newer ones")

// The clocks of this winter, where they differ from what was known a year before.
// IANA's news of 2026 (its file NEWS) say: British Columbia stays on -07 (2026b),
// Alberta on -06 and Morocco on +00 from 20 September on (2026c), the Northwest
// Territories on -06 (2026d), Manitoba on -05 (2026e), and Cuba on -04 until
// November 2027 (2026f). With 2025c, which Go 1.26 has, each of these dates is an
// hour off.
func TestThisWinter(t *testing.T) {
	for _, tc := range []struct{ zone, due string }{
		{"America/Vancouver", "2026-11-02 10:00 -07:00"},
		{"America/Edmonton", "2026-11-02 10:00 -06:00"},
		{"America/Yellowknife", "2026-11-02 10:00 -06:00"}, // a name of earlier editions
		{"America/Inuvik", "2026-11-02 10:00 -06:00"},
		{"America/Winnipeg", "2026-11-02 10:00 -05:00"},
		{"Canada/Central", "2026-11-02 10:00 -05:00"},
		{"Africa/Casablanca", "2026-11-02 10:00 +00:00"},
		{"Africa/El_Aaiun", "2026-11-02 10:00 +00:00"},
		{"America/Havana", "2026-11-02 10:00 -04:00"},
		{"America/Toronto", "2026-11-02 10:00 -05:00"}, // as ever
		{"Europe/Paris", "2026-11-02 10:00 +01:00"},
	} {
		t.Run(tc.zone, func(t *testing.T) {
			c := must(t, Spec{Zone: tc.zone, Hours: hours("mon-fri", "09:00-17:00")})
			opened := time.Date(2026, time.October, 30, 16, 0, 0, 0, c.Zone()) // a Friday
			due, err := c.Add(opened, 2*hour)
			if err != nil || !due.Equal(at(t, tc.due)) {
				t.Errorf("two business hours from %v are over at %v (%v), want %s", opened, due, err, tc.due)
			}
		})
	}
	havana := must(t, Spec{Zone: "America/Havana", Hours: hours("every", "00:00-24:00")}).Zone()
	for when, offset := range map[string]int{"2027-07-01 12:00 +00:00": -4, "2027-11-08 12:00 +00:00": -5} {
		if _, got := at(t, when).In(havana).Zone(); got != offset*3600 {
			t.Errorf("Havana at %s: got %d s from UTC, want %d h", when, got, offset)
		}
	}
}

// Whatever this machine has of zones, or a caller names in ZONEINFO, decides
// nothing.
func TestZonesAreTheProgramsOwn(t *testing.T) {
	t.Setenv("ZONEINFO", "/nowhere")
	zone, err := LoadZone("America/Vancouver")
	if err != nil {
		t.Fatal(err)
	}
	if version := ZonesInUse().Version(); version < "2026f" || ZonesInUse().Source() != "" {
		t.Errorf("got edition %q of %q, want the one built in, of 2026f or later", version, ZonesInUse().Source())
	}
	for year := 2027; year <= lastYear; year++ { // far beyond the transitions that are listed
		if _, got := NewDate(year, time.January, 15).utc().In(zone).Zone(); got != -7*3600 {
			t.Fatalf("Vancouver in %d: got %d s from UTC", year, got)
		}
	}
}

// The edition that is built in is compared with the machine's. The machine's is
// the newer one: then Vigie's is due, and
//
//	go test ./rules/calendar -run TestZonesAreTheNewest -update
//
// takes it. Files that Debian compiled are best, see [zonesZip]; VIGIE_ZONEINFO
// names another folder than the system's.
func TestZonesAreTheNewest(t *testing.T) {
	folder := cmp.Or(os.Getenv("VIGIE_ZONEINFO"), "/usr/share/zoneinfo")
	theirs, err := ReadZones(folder, os.DirFS(folder))
	if err != nil {
		t.Skipf("%s: %v: nothing to compare with", folder, err)
	}
	ours := BuiltInZones()
	switch {
	case theirs.Version() == "":
		t.Skipf("%s doesn't say its edition", folder)
	case theirs.Version() < ours.Version():
		t.Skipf("%s is of %s, and what is built in of %s: nothing newer to compare with", folder, theirs.Version(), ours.Version())
	case *update:
		if err := os.WriteFile("zones.zip", pack(t, theirs), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	differ := 0
	for _, name := range slices.Sorted(maps.Keys(theirs.files)) {
		zone, ok := ours.load(name)
		if !ok {
			t.Errorf("%s of %s isn't built in", name, theirs.Version())
			continue
		}
		if bytes.Equal(ours.files[name], theirs.files[name]) {
			continue
		}
		their, _ := theirs.load(name)
		if a, b := offsets(zone), offsets(their); !slices.Equal(a, b) {
			differ++
			t.Errorf("%s differs: %s", name, firstDifference(a, b))
		}
	}
	if t.Failed() {
		t.Errorf("this machine has %s, what is built in is %s, and %d zones differ: run this test with -update", theirs.Version(), ours.Version(), differ)
	}
}

// pack writes an edition as zones.zip: the same edition gives the same bytes.
func pack(t *testing.T, z *Zones) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestCompression) })
	files := maps.Clone(z.files)
	files[versionFile] = []byte(z.Version() + "\n")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil {
			_, err = f.Write(files[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// An offset is what a clock shows from an instant on, in seconds from UTC.
type offset struct {
	from    int64
	seconds int
}

// offsets lists how a zone's clock is set, from 1970 until well after 2037, from
// when on its last rule repeats.
func offsets(zone *time.Location) (list []offset) {
	for s := range stretches(span64{0, NewDate(2045, 1, 1).midnight()}, zone) {
		if seconds := int(s.date.midnight() - s.midnight); len(list) == 0 || list[len(list)-1].seconds != seconds {
			list = append(list, offset{s.from, seconds})
		}
	}
	return list
}

func firstDifference(a, b []offset) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%+d s from %s, against %+d s from %s", a[i].seconds, time.Unix(a[i].from, 0).UTC(), b[i].seconds, time.Unix(b[i].from, 0).UTC())
		}
	}
	return fmt.Sprintf("%d changes against %d", len(a), len(b))
}

func TestReadZones(t *testing.T) {
	paris, utc := &fstest.MapFile{Data: BuiltInZones().files["Europe/Paris"]}, &fstest.MapFile{Data: BuiltInZones().files["Etc/UTC"]}
	tree := func(version string, files fstest.MapFS) fstest.MapFS {
		all := fstest.MapFS{"Etc/UTC": utc, "Europe/Paris": paris, "posix/Europe/Paris": paris, "right/Europe/Paris": paris, "localtime": paris,
			"zone.tab": {Data: []byte("FR\t+4852+00220\tEurope/Paris\n")}}
		if version != "" {
			all["tzdata.zi"] = &fstest.MapFile{Data: []byte("# version " + version + "\nR d 1916 o - Jun 14 23s 1 S\n")}
		}
		maps.Copy(all, files)
		return all
	}
	for name, tc := range map[string]struct {
		tree           fstest.MapFS
		version, wrong string
	}{
		"Debian's":       {tree("2027a", nil), "2027a", ""},
		"says nothing":   {tree("", nil), "", ""},
		"Apple's":        {tree("", fstest.MapFS{"+VERSION": {Data: []byte("2027b\n")}}), "2027b", ""},
		"another format": {tree("", fstest.MapFS{"tzdata.zi": {Data: []byte("no version\n")}}), "", ""},
		"empty":          {fstest.MapFS{}, "", "there are no time zones in it"},
		"something else": {fstest.MapFS{"home/zones/Etc/UTC": utc}, "", "there are no time zones in it"},
		"a broken one":   {tree("", fstest.MapFS{"Europe/Oslo": {Data: []byte("TZif2")}}), "", "Europe/Oslo is no time zone: malformed time zone information"},
	} {
		t.Run(name, func(t *testing.T) {
			z, err := ReadZones("/zones", tc.tree)
			if tc.wrong != "" {
				if err == nil || err.Error() != tc.wrong {
					t.Errorf("got %v, want %q", err, tc.wrong)
				}
				return
			}
			if err != nil || z.Version() != tc.version || z.Source() != "/zones" {
				t.Fatalf("got %v (%v), want %q of /zones", z, err, tc.version)
			}
			if names := slices.Sorted(maps.Keys(z.files)); !slices.Equal(names, []string{"Etc/UTC", "Europe/Paris"}) {
				t.Errorf("got %q, want each zone once", names)
			}
		})
	}
}

// A later edition counts from the moment it is used on, for all that is loaded
// then, and has another digest.
func TestUseZones(t *testing.T) {
	t.Cleanup(func() { UseZones(nil) })
	moved, err := ReadZones("/zones", fstest.MapFS{"Etc/UTC": {Data: BuiltInZones().files["Etc/UTC"]}, "Europe/Paris": {Data: BuiltInZones().files["Asia/Tokyo"]}})
	if err != nil {
		t.Fatal(err)
	}
	before := must(t, paris)
	UseZones(moved)
	after := must(t, paris)
	noon := at(t, "2026-12-01 12:00 +00:00")
	if got := noon.In(before.Zone()).Hour(); got != 13 {
		t.Errorf("a calendar from before shows %d h, want 13", got)
	}
	if got := noon.In(after.Zone()).Hour(); got != 21 {
		t.Errorf("a calendar from after shows %d h, want 21, as the edition in use has it", got)
	}
	if _, err := LoadZone("Europe/Berlin"); err == nil || !strings.Contains(err.Error(), "is no time zone") {
		t.Errorf("got %v for a zone that the edition lacks", err)
	}
	if moved.Digest() == BuiltInZones().Digest() || moved.Digest() != ZonesInUse().Digest() {
		t.Error("the digests don't tell the editions apart")
	}
}
