package print

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// A meter speaks a few times a second, and leaves the sum.
func TestMeter(t *testing.T) {
	var out bytes.Buffer
	at := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	m := &Meter{out: &out, what: "line", now: func() time.Time { return at }, began: at}
	for range 4000 {
		at = at.Add(time.Millisecond)
		m.Add(256)
	}
	m.End()
	said := strings.Split(out.String(), "\r")[1:]
	if len(said) != 21 { // at once, then each fifth of a second, and the sum
		t.Errorf("it spoke %d times: %q", len(said), said)
	}
	if got, want := said[len(said)-1], "1,024,000 lines in 4.0 s, 256,000/s\x1b[K\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var nobody *Meter
	nobody.Add(1)
	nobody.End()
}
