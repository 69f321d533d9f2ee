package print

import (
	"fmt"
	"io"
	"time"

	"vigie/rules"
)

// A Meter tells whoever looks on how far long work has come. Nil tells
// nobody.
type Meter struct {
	out    io.Writer
	what   string // is counted, one of it: "line"
	now    func() time.Time
	began  time.Time
	told   time.Time
	done   int
	marked bool // something stands on the line
}

// meterEvery is how often it says so.
const meterEvery = 200 * time.Millisecond

// NewMeter counts on stderr if that is a terminal; where the results go to
// the terminal too, they are what shows the progress.
func NewMeter(stderr, stdout io.Writer, what string) *Meter {
	if !Terminal(stderr) || Terminal(stdout) {
		return nil
	}
	return &Meter{out: stderr, what: what, now: time.Now, began: time.Now()}
}

// Add notes that so many more are done.
func (g *Meter) Add(n int) {
	if g == nil {
		return
	}
	g.done += n
	now := g.now()
	if now.Sub(g.told) < meterEvery {
		return
	}
	g.told, g.marked = now, true
	fmt.Fprint(g.out, rules.Counted("en", "\r%s "+g.what+"{s}, %s/s\x1b[K", Thousands(g.done), Thousands(g.rate(now))))
}

// End leaves the sum standing.
func (g *Meter) End() {
	if g == nil || !g.marked {
		return
	}
	now := g.now()
	fmt.Fprint(g.out, rules.Counted("en", "\r%s "+g.what+"{s} in %.1f s, %s/s\x1b[K\n", Thousands(g.done), now.Sub(g.began).Seconds(), Thousands(g.rate(now))))
}

func (g *Meter) rate(now time.Time) int {
	return int(float64(g.done) / max(now.Sub(g.began).Seconds(), 0.001))
}

// Thousands is a number in groups of three: 1,234,567.
type Thousands int

func (n Thousands) String() string {
	text := fmt.Sprint(int(n))
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
