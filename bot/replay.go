package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"time"

	"vigie/rules"
)

type replayCommand struct {
	policyFlag
	Now string `placeholder:"T" help:"Judge at this instant (RFC 3339) where a line has no \"now\" of its own; the present by default."`
}

func (replayCommand) Help() string {
	return `A line of input is a ticket: what it was at its creation, and what happened to it since. This is one, broken here to be read:

  {"source":"zendesk","id":"42","kind":"incident","priority":"urgent","created_at":"2026-11-30T09:00:00+01:00",
   "events":[{"at":"2026-11-30T11:00:00+01:00","type":"reply","by":"agent","public":true},
             {"at":"2026-11-30T11:00:00+01:00","type":"status","to":"waiting_customer","by":"agent"}],
   "now":"2026-12-01T15:00:00+01:00"}

At creation, all but created_at may be absent: kind, status, priority (the policy's name for it, and only if a person chose it),
channel, organization, group, assignee, requester, recipient, language, subject, text, tags (a list), fields (an object).
Events: status, priority, group, kind, channel, organization and assignee have "to"; tag has "add" or "remove", lists;
field has "name" and "to"; reply has "by", agent or customer or automation, and "public".
Statuses: new, open, waiting_customer, waiting_third_party, solved, closed, deleted.

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
	ended := make(chan error, 1)
	go func() {
		bad, err := replay(p.stdin, p.stdout, policy, now)
		if err == nil && bad > 0 {
			err = fmt.Errorf("%d lines can't be judged", bad)
		}
		ended <- err
	}()
	select {
	case err := <-ended:
		return err
	case <-p.ctx.Done(): // a terminal that nobody types at can't be read in pieces
		return p.ctx.Err()
	}
}

// replayBatch is how many lines one worker takes at a time, and longestLine
// what one line may weigh: as much as the webhooks' vendors send.
const (
	replayBatch = 256
	longestLine = 32 << 20
)

type replayJob struct {
	first int      // the number of its first line
	lines [][]byte // nil: longer than the longest
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
	r := bufio.NewReaderSize(in, 1<<16)
	if mark, _ := r.Peek(3); string(mark) == "\ufeff" { // some programs put it before the first line
		r.Discard(3)
	}
	job := &replayJob{first: 1, done: make(chan struct{})}
	for {
		line, err := readLine(r)
		if err != nil {
			if len(job.lines) > 0 {
				send(job)
			}
			if err == io.EOF {
				return nil
			}
			return fmt.Errorf("read line %d: %w", job.first+len(job.lines), err)
		}
		job.lines = append(job.lines, line)
		if len(job.lines) == replayBatch {
			if !send(job) {
				return nil
			}
			job = &replayJob{first: job.first + replayBatch, done: make(chan struct{})}
		}
	}
}

// readLine reads a line, nil if it is longer than the longest; io.EOF if there
// is none.
func readLine(r *bufio.Reader) (line []byte, err error) {
	size := 0
	for {
		part, err := r.ReadSlice('\n')
		if size += len(part); size <= longestLine {
			line = append(line, part...)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err != nil && (err != io.EOF || size == 0):
			return nil, err
		case size > longestLine:
			return nil, nil
		}
		return line, nil
	}
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
		if text != nil && len(bytes.TrimSpace(text)) == 0 {
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
	if text == nil {
		return rules.Verdict{}, fmt.Errorf("the line is longer than %d MiB", longestLine>>20)
	}
	if err := json.Unmarshal(text, &line); err != nil {
		return rules.Verdict{}, unread(err)
	}
	if line.Now != nil {
		now = *line.Now
	}
	return rules.Evaluate([]*rules.Policy{policy}, &line.Ticket, now)
}

// unread says why a ticket can't be read, in the words of whoever wrote it.
func unread(err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	var instant *time.ParseError
	switch {
	case errors.As(err, &wrong) && wrong.Field == "":
		return fmt.Errorf(`want a ticket, {"source":"…","id":"…","created_at":"…"}, got %s`, article(wrong.Value))
	case errors.As(err, &wrong):
		want := map[reflect.Kind]string{reflect.String: "a text in quotes", reflect.Bool: "true or false", reflect.Slice: "a list", reflect.Map: "an object", reflect.Struct: "an object"}
		return fmt.Errorf("%s: want %s, got %s", wrong.Field[strings.LastIndex(wrong.Field, ".")+1:], want[wrong.Type.Kind()], article(wrong.Value))
	case strings.HasPrefix(err.Error(), "Time.UnmarshalJSON"):
		return errors.New("an instant isn't a text in quotes; write one such as \"2026-11-30T09:00:00+01:00\"")
	case errors.As(err, &instant):
		return fmt.Errorf("%s is no instant; write one such as 2026-11-30T09:00:00+01:00", strings.ReplaceAll(instant.Value, `"`, ""))
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON at character %d: %w", syntax.Offset, err)
	}
	return err
}

// article is one of JSON's kinds of values in a sentence.
func article(kind string) string {
	switch kind {
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "bool":
		return "true or false"
	case "string":
		return "a text"
	}
	return "a " + kind
}
