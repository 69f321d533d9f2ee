package calendar

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// farApart draws instants all over the years that a calendar answers for.
func farApart(t *rapid.T) []time.Time {
	years := rapid.Int64Range(NewDate(firstYear, 1, 3).midnight(), NewDate(lastYear, 12, 1).midnight())
	var list []time.Time
	for _, at := range rapid.SliceOfN(years, 1, 4).Draw(t, "instants") {
		list = append(list, time.Unix(at, 0))
	}
	return list
}

// Questions far outside the table, in any order, are answered by the clock as
// the first one is. The specification repeats each week, so that the next open
// minute isn't far.
func TestFarOutsideTheTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec, _ := anySpec(t)
		c, err := New(spec)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range farApart(t) {
			want := openByTheClock(spec, c.Zone(), at)
			if got, err := c.Open(at); err != nil || got != want {
				t.Fatalf("open at %v: got %v (%v), want %v", at.In(c.Zone()), got, err, want)
			}
			// Second by second to the next full minute, then minute by minute.
			next := at
			for !openByTheClock(spec, c.Zone(), next) {
				step := time.Second
				if next.Second() == 0 {
					step = time.Minute
				}
				next = next.Add(step)
			}
			if got, err := c.NextOpen(at); err != nil || !got.Equal(next) {
				t.Fatalf("next open after %v: got %v (%v), want %v", at.In(c.Zone()), got.In(c.Zone()), err, next.In(c.Zone()))
			}
			if got, err := c.Between(at, next.Add(time.Second)); err != nil || got != 1 {
				t.Fatalf("from %v until just after opening: got %d (%v), want 1", at.In(c.Zone()), got, err)
			}
			if got, err := c.Add(at, 1); err != nil || !got.Equal(next.Add(time.Second)) {
				t.Fatalf("a second after %v: got %v (%v), want %v", at.In(c.Zone()), got.In(c.Zone()), err, next.Add(time.Second).In(c.Zone()))
			}
		}
	})
}

// Goroutines that make one calendar's table grow to all sides at once get the
// answers that a calendar of one's own gives.
func TestFarOutsideTheTableAtOnce(t *testing.T) {
	zones := slices.Sorted(maps.Keys(awkward))
	rapid.Check(t, func(t *rapid.T) {
		spec := Spec{Zone: rapid.SampledFrom(zones).Draw(t, "zone"), Hours: hours("mon-fri", "09:00-12:00", "13:00-17:00")}
		shared, err := New(spec)
		if err != nil {
			t.Fatal(err)
		}
		var done sync.WaitGroup
		for range 4 {
			instants := farApart(t)
			done.Go(func() {
				for i, at := range instants {
					own, err := New(spec)
					if err != nil {
						t.Error(err)
						return
					}
					open, err1 := own.Open(at)
					due, err2 := own.Add(at, 100*hour)
					sum, err3 := own.Between(at, due)
					if got, err := shared.Add(at, 100*hour); !got.Equal(due) || !sameError(err, err2) {
						t.Errorf("add to %v: got %v (%v), want %v (%v)", at, got, err, due, err2)
					}
					if got, err := shared.Open(at); got != open || !sameError(err, err1) {
						t.Errorf("open at %v: got %v (%v), want %v (%v)", at, got, err, open, err1)
					}
					if got, err := shared.Between(at, due); got != sum || !sameError(err, err3) {
						t.Errorf("from %v to %v: got %d (%v), want %d (%v)", at, due, got, err, sum, err3)
					}
					if last := instants[len(instants)-1-i]; last.After(at) {
						if a, err := shared.Between(at, last); err != nil || a < 0 {
							t.Errorf("from %v to %v: got %d (%v)", at, last, a, err)
						}
					}
				}
			})
		}
		done.Wait()
	})
}

func sameError(a, b error) bool {
	return a == b || a != nil && b != nil && a.Error() == b.Error()
}
