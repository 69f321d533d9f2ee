package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"vigie/connectors/contract"
)

// asProgram has the test binary be the program itself, so that a test can kill
// a real process.
const asProgram = "VIGIE_TEST_RUNS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		goes := life{now: time.Now}
		if clock := os.Getenv(asReplica); clock != "" {
			goes = byClock(clock)
		}
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // as main does
		defer stop()
		os.Exit(live(ctx, goes, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// told is what a demo prints from its summary on.
func told(t *testing.T, out string) string {
	t.Helper()
	_, summary, ok := strings.Cut(out, "What was written and said, per ticket:\n")
	if !ok {
		t.Fatalf("the demo printed no summary:\n%s", out)
	}
	return summary
}

// The whole program on the whole story: what both companies' tickets get. All
// that it asks the vendors is held against their own descriptions.
func TestDemoOnce(t *testing.T) {
	usual := http.DefaultTransport
	http.DefaultTransport = contract.Check(t)
	defer func() { http.DefaultTransport = usual }()
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"demo", "--once", "--listen", "127.0.0.1:0"}, nil, &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	golden := filepath.Join("testdata", "demo.txt")
	got := told(t, out.String())
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the summary differs from %s (-update rewrites it); got:\n%s", golden, got)
	}
}

// Killed at random instants and started again, the demo ends in the same state
// and says nothing twice.
func TestDemoSurvivesSIGKILL(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes")
	}
	want := withoutEdits(mustRead(t, filepath.Join("testdata", "demo.txt")))
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	state := filepath.Join(t.TempDir(), "demo.db")
	for kills := 0; ; kills++ {
		program := exec.Command(os.Args[0], "demo", "--once", "--listen", "127.0.0.1:0", "--state", state)
		program.Env = append(os.Environ(), asProgram+"=1")
		var out bytes.Buffer
		program.Stdout, program.Stderr = &out, &out
		if err := program.Start(); err != nil {
			t.Fatal(err)
		}
		var timer *time.Timer
		if kills < 12 {
			timer = time.AfterFunc(time.Duration(200+random.IntN(1200))*time.Millisecond, func() { program.Process.Kill() })
		}
		err := program.Wait()
		if timer != nil {
			timer.Stop()
		}
		if err == nil {
			t.Logf("ended after %d kills", kills)
			if got := withoutEdits(told(t, out.String())); got != want {
				t.Errorf("after %d kills (seed %d) the end differs; got:\n%s", kills, seed, got)
			}
			return
		}
		if program.ProcessState.Exited() {
			t.Fatalf("after %d kills (seed %d) the demo failed: %v\n%s", kills, seed, err, out.String())
		}
	}
}

// elapsed is how long a target in a list has been missed, or has left.
var elapsed = regexp.MustCompile(`(?m)^( +• [^–]*?: )[^–]*`)

// withoutEdits drops the count of edits: an edit may be repeated after a crash,
// since it says the same again and calls nobody; and how things stood at the
// minute of a list, which is when the chat was asked again whether it is back.
func withoutEdits(summary string) string {
	summary = elapsed.ReplaceAllString(summary, "$1")
	head, last, ok := strings.Cut(summary, " messages with ")
	if !ok {
		return summary
	}
	_, replies, _ := strings.Cut(last, " edits")
	return head + replies
}

func mustRead(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Told to stop in the middle of whatever it does, the demo ends at once, and
// that is no failure.
func TestDemoEndsWhenTold(t *testing.T) {
	for _, lines := range []int{1, 20, 60} {
		ctx, cancel := context.WithCancelCause(t.Context())
		var told time.Time
		var errs bytes.Buffer
		out := writerFunc(func(b []byte) (int, error) {
			if lines -= bytes.Count(b, []byte("\n")); lines <= 0 && told.IsZero() {
				told = time.Now()
				cancel(errors.New("terminated")) // as a signal does
			}
			return len(b), nil
		})
		code := run(ctx, []string{"demo", "--speed", "1e9", "--listen", "127.0.0.1:0"}, nil, out, &errs)
		if code != 0 || errs.Len() > 0 {
			t.Errorf("got exit %d and %q, want 0 and nothing", code, errs.String())
		}
		if took := time.Since(told); took > 3*time.Second {
			t.Errorf("it ended %s after it was told to", took)
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
