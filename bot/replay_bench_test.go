//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"vigie/bot/library"
	"vigie/bot/lines"

	"golang.org/x/sync/errgroup"

	"vigie/rules"
)

// BenchmarkReplay100000 is DESIGN's figure: 100,000 tickets of 20 events, JSON
// in and out, within 5 s on two cores, and within twice what encoding/json takes
// alone to decode them on as many cores in the same run. That is measured twice:
// decodes says how many times a decoding of each line into a ticket of its own fits
// into the replay, reusing-decodes into one ticket that a core uses again and again.
// cpu-s/op is what all cores spent, and all three are of that, so that a busy machine
// doesn't spoil the comparison of two versions.
func BenchmarkReplay100000(b *testing.B) {
	policy, problems := library.Policy("moveon")
	if problems.Err() != nil {
		b.Fatal(problems)
	}
	const tickets = 100_000
	input := replayInput(tickets)
	now := time.Date(2026, 12, 24, 12, 0, 0, 0, time.UTC)
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	var spent, decoding, reusing time.Duration
	for b.Loop() {
		before := cpu(b, syscall.RUSAGE_SELF)
		if bad, err := replay(b.Context(), bytes.NewReader(input), io.Discard, []*rules.Policy{policy}, now, nil); bad > 0 || err != nil {
			b.Fatal(bad, err)
		}
		spent += cpu(b, syscall.RUSAGE_SELF) - before
		b.StopTimer()
		decoding += plainDecode(b, input, false)
		reusing += plainDecode(b, input, true)
		b.StartTimer()
	}
	b.ReportMetric(spent.Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(float64(spent)/float64(decoding), "decodes")
	b.ReportMetric(float64(spent)/float64(reusing), "reusing-decodes")
	b.ReportMetric(tickets*float64(b.N)/b.Elapsed().Seconds(), "tickets/s")
}

// plainDecode has encoding/json decode lines on all cores, each into a ticket of its
// own or into the core's, and says what that cost.
func plainDecode(b *testing.B, input []byte, reuse bool) time.Duration {
	b.Helper()
	before := cpu(b, syscall.RUSAGE_SELF)
	texts := bytes.SplitAfter(input, []byte("\n"))
	texts = texts[:len(texts)-1]
	var group errgroup.Group
	for part := range slices.Chunk(texts, (len(texts)-1)/runtime.GOMAXPROCS(0)+1) {
		group.Go(func() error {
			var line lines.Line
			for _, text := range part {
				if !reuse {
					line = lines.Line{}
				}
				if err := json.Unmarshal(text, &line); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
	return cpu(b, syscall.RUSAGE_SELF) - before
}

// cpu is what a process has computed so far, in the program and in the system.
func cpu(b *testing.B, who int) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkReplayMemory runs the program itself on tickets that come in by a
// pipe: peak-MB must not depend on how many they are.
func BenchmarkReplayMemory(b *testing.B) {
	for _, more := range [][]string{nil, {"--against", "testdata/acme.toml"}} {
		for _, n := range []int{10_000, 100_000} {
			b.Run(fmt.Sprintf("against=%t/tickets=%d", more != nil, n), func(b *testing.B) {
				var peak int64
				for b.Loop() {
					program := exec.Command(os.Args[0], append([]string{"replay", "--policy", "moveon", "--now", "2026-12-24T12:00:00Z"}, more...)...)
					program.Env = append(os.Environ(), asProgram+"=1")
					in, err := program.StdinPipe()
					if err != nil {
						b.Fatal(err)
					}
					if err := program.Start(); err != nil {
						b.Fatal(err)
					}
					writeTickets(in, n)
					in.Close()
					if err := program.Wait(); err != nil {
						b.Fatal(err)
					}
					peak = max(peak, program.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) // KiB on Linux
				}
				b.ReportMetric(float64(peak)/1024, "peak-MB")
			})
		}
	}
}
