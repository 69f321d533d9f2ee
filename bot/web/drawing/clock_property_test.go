package drawing_test

import (
	"encoding/xml"
	"errors"
	"html/template"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"vigie/bot/web/drawing"
	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/words"
)

const hostile = `"'><script>alert(1)</script><svg onload=x>&amp;` + "\u202e\x00\ufffe"

// invented is any timeline at all, also one that no judge would give: stretches that
// overlap, are of no length or in no order, instants far away.
func invented(r *rand.Rand) (*rules.Timeline, time.Time) {
	zones := []*time.Location{time.UTC, berlin, must(calendar.LoadZone("Asia/Kolkata")), must(calendar.LoadZone("Australia/Lord_Howe"))}
	span := []int64{0, 1, 90, 3600, 40 * 3600, 20 * 86400, 400 * 86400, 30 * 365 * 86400}[r.IntN(8)]
	start := time.Unix(1_790_000_000+r.Int64N(80_000_000), 0)
	instant := func() time.Time {
		return start.Add(time.Duration(r.Int64N(span*3/2+1)-span/4) * time.Second).In(zones[r.IntN(len(zones))])
	}
	maybe := func() *time.Time {
		if r.IntN(3) == 0 {
			return nil
		}
		at := instant()
		return &at
	}
	states := []rules.State{rules.StateRunning, rules.StatePaused, rules.StateMet, rules.StateBreached, rules.StateVoid}
	tl := &rules.Timeline{Metric: rules.Resolution, Cycle: r.IntN(3), Clock: rules.Clock{
		Metric: rules.Metric([]string{"resolution", hostile}[r.IntN(2)]), State: states[r.IntN(len(states))], Cycle: r.IntN(3), StartedAt: start.In(zones[r.IntN(len(zones))]), Due: maybe(), StoppedAt: maybe()}}
	if at := maybe(); at != nil && r.IntN(4) == 0 {
		tl.Clock.ByChange = &rules.BreachCause{At: *at}
	}
	for range r.IntN(5) {
		tl.Clock.Warnings = append(tl.Clock.Warnings, rules.WarningPoint{Threshold: []string{"50%", "2 business hours", hostile, ""}[r.IntN(4)], At: instant()})
	}
	whys := []rules.Why{rules.Counts, rules.Counts, rules.IsPaused, rules.IsSolved, rules.Fulfilled, rules.WasDeleted, hostile}
	closed := []calendar.Why{"", calendar.OutsideHours, calendar.Weekend, calendar.Holiday, hostile}
	from := start
	for range []int{0, 3, 40, 1500}[r.IntN(4)] {
		to := instant()
		if r.IntN(10) > 0 {
			to = from.Add(time.Duration(r.Int64N(span/20+2)) * time.Second)
		}
		tl.Lines = append(tl.Lines, rules.Line{From: from.In(zones[r.IntN(len(zones))]), To: to.In(berlin), Why: whys[r.IntN(len(whys))], Closed: closed[r.IntN(len(closed))],
			Counted: r.Int64N(2), Future: r.IntN(2) == 0, Late: r.IntN(2) == 0, Status: hostile})
		from = to
	}
	return tl, instant()
}

var numbers = regexp.MustCompile(` (?:x|x1|x2|width|height|y|y1|y2)="([^"]*)"`)

// sound holds what is true of every drawing: it is XML, within its bounds and a size,
// names nothing twice, runs nothing and has no style of its own.
func sound(t *testing.T, drawn template.HTML, most int) {
	t.Helper()
	text := string(drawn)
	if len(text) > most {
		t.Errorf("%d bytes, more than %d", len(text), most)
	}
	for _, m := range numbers.FindAllStringSubmatch(text, -1) {
		percent, relative := strings.CutSuffix(m[1], "%")
		n, err := strconv.ParseFloat(percent, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) || n < 0 || relative && n > 100 {
			t.Fatalf("%s is no place in a drawing:\n%s", m[0], text)
		}
	}
	ids := map[string]bool{}
	x := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := x.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("no XML: %v\n%s", err, text)
		}
		if start, ok := token.(xml.StartElement); ok {
			if start.Name.Local == "script" {
				t.Fatal("a script")
			}
			for _, a := range start.Attr {
				if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") {
					t.Fatalf("the pages' policy forbids %s", a.Name.Local)
				}
				if a.Name.Local == "id" && ids[a.Value] {
					t.Fatalf("%s is there twice", a.Value)
				}
				if a.Name.Local == "id" {
					ids[a.Value] = true
				}
			}
		}
	}
}

// maxClock bounds a clock's drawing, in bytes: four of them leave room on a page of
// 100 kB.
const maxClock = 18 << 10

func TestAnyClock(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		tl, now := invented(r)
		sound(t, drawing.Clock(words.In([]string{"en", "fr"}[r.IntN(2)]), "a", tl, now), maxClock)
	}
}

func FuzzClock(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		tl, now := invented(rand.New(rand.NewPCG(a, b)))
		sound(t, drawing.Clock(words.In("en"), "a", tl, now), maxClock)
	})
}

var (
	rects = regexp.MustCompile(`<rect class="([a-z]+)"(?: fill="[^"]*")? x="([\d.]+)%" y="\d+" width="([\d.]+)%"`)
	pins  = regexp.MustCompile(`<svg x="([\d.]+)%"[^>]*><path class="([a-z]+)"`)
)

// Each instant is where it is by the scale, to the pixel in a drawing of 2,000, and
// what comes later is further to the right.
func TestToScale(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		start := at("Mon 2026-03-23 09:00").Add(time.Duration(r.Int64N(10*86400)) * time.Second) // the clocks change on 29 March
		lengths := make([]int64, 2+r.IntN(60))
		total := int64(0)
		for i := range lengths {
			lengths[i] = 1 + r.Int64N(12*3600)
			total += lengths[i]
		}
		due := start.Add(time.Duration(total) * time.Second)
		now := start.Add(time.Duration(r.Int64N(total)) * time.Second)
		tl := &rules.Timeline{Clock: rules.Clock{Metric: rules.Resolution, State: rules.StateRunning, StartedAt: start, Due: &due}}
		from := start
		for i, n := range lengths {
			l := rules.Line{From: from, To: from.Add(time.Duration(n) * time.Second), Why: rules.Counts, Counted: n}
			if i%2 == 1 {
				l.Why, l.Counted, l.Status = rules.IsPaused, 0, rules.WaitingCustomer
			}
			tl.Lines, from = append(tl.Lines, l), l.To
		}
		drawn := string(drawing.Clock(words.In("en"), "a", tl, now))
		found := rects.FindAllStringSubmatch(drawn, -1)
		if len(found) != len(lengths) {
			t.Fatalf("%d stretches are drawn of %d:\n%s", len(found), len(lengths), drawn)
		}
		last := -1.0
		for i, m := range found {
			x, width := must(strconv.ParseFloat(m[2], 64)), must(strconv.ParseFloat(m[3], 64))
			want := 100 * tl.Lines[i].From.Sub(start).Seconds() / float64(total)
			if x < last || math.Abs(x-want) > 0.025 || math.Abs(width-100*float64(lengths[i])/float64(total)) > 0.025 {
				t.Fatalf("stretch %d of %v is at %v%%, %v%% wide, not at %v%%", i, lengths, x, width, want)
			}
			if look := []string{"counts", "paused"}[i%2]; m[1] != look {
				t.Errorf("stretch %d is drawn as %s, not as %s", i, m[1], look)
			}
			last = x
		}
		for _, m := range pins.FindAllStringSubmatch(drawn, -1) {
			want := map[string]float64{"due": 100, "now": 100 * now.Sub(start).Seconds() / float64(total)}[m[2]]
			if x := must(strconv.ParseFloat(m[1], 64)); math.Abs(x-want) > 0.025 {
				t.Errorf("%s is at %v%%, not at %v%%", m[2], x, want)
			}
		}
	}
}
