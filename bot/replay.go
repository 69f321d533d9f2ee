package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"vigie/rules"
)

type replayCommand struct {
	policyFlag
	Now string `placeholder:"T" help:"Judge at this instant (RFC 3339) where a line has no \"now\" of its own; the present by default."`
}

func (replayCommand) Help() string {
	return `A line of input is a ticket as DESIGN calls it: source, id, created_at, its attributes at creation and its events.
A line that can't be read gives {"line":N,"error":"…"}, and the exit code is 1 at the end.

Examples:
  bot replay --policy moveon < tickets.jsonl
  bot replay --policy policies/acme.toml --now 2026-11-30T09:00:00+01:00 < tickets.jsonl > verdicts.jsonl`
}

// Run reads lines, judges them on all cores, and writes verdicts in the order
// of the input. Memory doesn't grow with the input: lines go round in batches.
func (c *replayCommand) Run(p *program) error {
	policy, err := c.load(p)
	if err != nil {
		return err
	}
	now := time.Now()
	if c.Now != "" {
		if now, err = time.Parse(time.RFC3339, c.Now); err != nil {
			return usageError{fmt.Errorf("--now %q is no instant; write one such as 2026-11-30T09:00:00+01:00", c.Now)}
		}
	}
	bad, err := replay(p.stdin, p.stdout, policy, now)
	if err == nil && bad > 0 {
		err = fmt.Errorf("%d lines can't be judged", bad)
	}
	return err
}

// replayBatch is how many lines one worker takes at a time, and longestLine
// what one line may weigh: as much as the webhooks' vendors send.
const (
	replayBatch = 256
	longestLine = 32 << 20
)

type replayJob struct {
	first int // the number of its first line
	lines [][]byte
	out   bytes.Buffer
	bad   int
	done  chan struct{}
}

func replay(in io.Reader, out io.Writer, policy *rules.Policy, now time.Time) (bad int, err error) {
	workers := runtime.GOMAXPROCS(0)
	work := make(chan *replayJob, workers)
	order := make(chan *replayJob, 2*workers) // bounds how far reading runs ahead of writing
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for job := range work {
				job.judge(policy, now)
				close(job.done)
			}
		})
	}
	stop := make(chan struct{}) // nobody reads the verdicts any more
	var readErr error
	group.Go(func() {
		defer close(order)
		defer close(work)
		readErr = replayRead(in, func(job *replayJob) bool {
			select {
			case order <- job:
				work <- job
				return true
			case <-stop:
				return false
			}
		})
	})
	w := bufio.NewWriterSize(out, 1<<16)
	for job := range order {
		<-job.done
		bad += job.bad
		if err == nil {
			if _, err = w.Write(job.out.Bytes()); err != nil {
				close(stop)
			}
		}
	}
	group.Wait()
	return bad, errors.Join(err, w.Flush(), readErr)
}

// replayRead cuts the input into jobs.
func replayRead(in io.Reader, send func(*replayJob) bool) error {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 1<<16), longestLine)
	line := 0
	job := &replayJob{first: 1, done: make(chan struct{})}
	for scanner.Scan() {
		line++
		job.lines = append(job.lines, bytes.Clone(scanner.Bytes()))
		if len(job.lines) == replayBatch {
			if !send(job) {
				return nil
			}
			job = &replayJob{first: line + 1, done: make(chan struct{})}
		}
	}
	if len(job.lines) > 0 {
		send(job)
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("read line %d: %w", line+1, err)
	}
	return nil
}

// replayLine is a line of input.
type replayLine struct {
	rules.Ticket
	Now *time.Time `json:"now"`
}

func (j *replayJob) judge(policy *rules.Policy, now time.Time) {
	encoder := json.NewEncoder(&j.out)
	encoder.SetEscapeHTML(false)
	for i, text := range j.lines {
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		v, err := judgeLine(text, policy, now)
		if err != nil {
			j.bad++
			encoder.Encode(struct {
				Line  int    `json:"line"`
				Error string `json:"error"`
			}{j.first + i, err.Error()})
			continue
		}
		encoder.Encode(v)
	}
	j.lines = nil
}

func judgeLine(text []byte, policy *rules.Policy, now time.Time) (rules.Verdict, error) {
	var line replayLine
	if err := json.Unmarshal(text, &line); err != nil {
		return rules.Verdict{}, err
	}
	if line.Now != nil {
		now = *line.Now
	}
	return rules.Evaluate([]*rules.Policy{policy}, &line.Ticket, now)
}
