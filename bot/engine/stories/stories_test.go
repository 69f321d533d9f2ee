package stories

import (
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	howMany    = flag.Int("stories", 30, "how many stories are played")
	first      = flag.Uint64("first", 1, "the seed of the first")
	planted    = flag.Bool("planted", false, "see whether each planted bug is found")
	onPostgres = flag.Bool("postgres", false, "play all on PostgreSQL, not a twelfth")
	only       = flag.Uint64("seed", 0, "play this one alone")
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// verdictOn plays a story without its faults and with them.
func verdictOn(t *testing.T, s story, plant bug, log *slog.Logger) (wrong []string) {
	for _, faults := range []bool{false, true} {
		if faults && len(s.faults) == 0 {
			continue
		}
		for _, what := range play(t, s, faults, plant, log) {
			wrong = append(wrong, map[bool]string{false: "undisturbed: ", true: "disturbed: "}[faults]+what)
		}
	}
	return wrong
}

func TestStories(t *testing.T) {
	if *only != 0 {
		s := draw(*only)
		t.Log(s)
		log := slog.New(slog.NewTextHandler(output{t}, &slog.HandlerOptions{Level: slog.LevelDebug}))
		if wrong := verdictOn(t, s, bug{}, log); len(wrong) > 0 {
			t.Errorf("%s", strings.Join(wrong, "\n"))
		}
		return
	}
	if testing.Short() {
		*howMany = min(*howMany, 10)
	}
	began, played := time.Now(), 0
	seeds := make(chan uint64)
	var report sync.Mutex
	failed := 0
	t.Run("each", func(t *testing.T) {
		for worker := range 2 {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for seed := range seeds {
					s := draw(seed)
					wrong := verdictOn(t, s, bug{}, quiet())
					if len(wrong) == 0 {
						continue
					}
					small := shrink(s, func(s story) bool { return len(verdictOn(t, s, bug{}, quiet())) > 0 })
					wrong = verdictOn(t, small, bug{}, quiet())
					report.Lock()
					failed++
					t.Errorf("%v%s\nreplay it with -seed %d", small, strings.Join(wrong, "\n"), seed)
					report.Unlock()
				}
			})
		}
		go func() {
			defer close(seeds)
			for n := range *howMany {
				report.Lock()
				enough := failed >= 5
				report.Unlock()
				if enough {
					return
				}
				seeds <- *first + uint64(n)
				played = n + 1
			}
		}()
	})
	took := time.Since(began)
	t.Logf("%d stories in %s, %.1f a second; %d failed", played, took.Round(time.Second), float64(played)/took.Seconds(), failed)
}

type output struct{ t *testing.T }

func (o output) Write(b []byte) (int, error) {
	o.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// shrink leaves out faults and acts one by one as long as the story still fails.
func shrink(s story, fails func(story) bool) story {
	for smaller := true; smaller; {
		smaller = false
		for i := len(s.faults) - 1; i >= 0; i-- {
			less := s
			less.faults = append(append([]fault{}, s.faults[:i]...), s.faults[i+1:]...)
			if fails(less) {
				s, smaller = less, true
			}
		}
		for i := len(s.acts) - 1; i >= 0; i-- {
			less := s
			less.acts = append(append([]act{}, s.acts[:i]...), s.acts[i+1:]...)
			if fails(less) {
				s, smaller = less, true
			}
		}
	}
	if s.replicas > 1 {
		if less := s; true {
			if less.replicas = 1; fails(less) {
				s = less
			}
		}
	}
	return s
}
