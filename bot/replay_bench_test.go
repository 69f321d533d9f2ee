//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"vigie/bot/library"
	"vigie/rules"
)

// BenchmarkReplay100000 is DESIGN's figure: 100,000 tickets of 20 events, JSON
// in and out, within 5 s on two cores. cpu-s/op is what all cores spent, so that
// a busy machine doesn't spoil the comparison of two versions.
func BenchmarkReplay100000(b *testing.B) {
	policy, problems := library.Policy("moveon")
	if problems.Err() != nil {
		b.Fatal(problems)
	}
	input := replayInput(100_000)
	now := time.Date(2026, 12, 24, 12, 0, 0, 0, time.UTC)
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	before := cpu(b, syscall.RUSAGE_SELF)
	for b.Loop() {
		if bad, err := replay(b.Context(), bytes.NewReader(input), io.Discard, []*rules.Policy{policy}, now, nil); bad > 0 || err != nil {
			b.Fatal(bad, err)
		}
	}
	b.ReportMetric((cpu(b, syscall.RUSAGE_SELF)-before).Seconds()/float64(b.N), "cpu-s/op")
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
