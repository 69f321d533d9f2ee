// Package lines is tickets as lines of JSON: written from a state, or from a vendor who
// is asked for all of them, and read again, line by line, on all cores and in a memory
// that doesn't grow with the input. A line that can't be read is told by its number.
package lines

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"vigie/bot/print"
)

// A Judge writes what is to be said of the n-th line. The error says why
// the line can't be judged; the judge has written nothing then.
type Judge func(n int, line []byte, out *bytes.Buffer) error

// A batch of lines is what one worker takes at a time: so many lines, or so
// many bytes of them if they are long. Longest is what one line may weigh:
// as much as the webhooks' vendors send.
const (
	Batch      = 256
	batchBytes = 1 << 20
	Longest    = 32 << 20
)

// A batch is used again and again, with its buffers.
type batch struct {
	first int    // the number of its first line
	text  []byte // the lines, one after the other
	ends  []int  // where each ends in text
	long  []bool // which are longer than the longest, and left out of text
	out   bytes.Buffer
	bad   int
	done  chan struct{} // gets a value when it is judged
}

// Each has the lines of in judged by the judges, each of which works alone,
// and writes what they say in the order of the input; seen gets the lines that
// are done. A line that can't be judged is told by its number. There are so
// many batches and no more, so memory doesn't grow with the input.
func Each(ctx context.Context, in io.Reader, out io.Writer, judges []Judge, seen *print.Meter) (bad int, err error) {
	batches := 3 * len(judges) // one each at work, and reading and writing don't wait for the slowest
	free := make(chan *batch, batches)
	work := make(chan *batch, batches)
	order := make(chan *batch, batches)
	for range batches {
		free <- &batch{done: make(chan struct{}, 1)}
	}
	var group sync.WaitGroup
	for _, judge := range judges {
		group.Go(func() {
			for b := range work {
				b.judge(judge)
				b.done <- struct{}{}
			}
		})
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var readErr error
	group.Go(func() {
		defer close(order)
		defer close(work)
		readErr = readBatches(ctx, in, free, func(b *batch) {
			order <- b
			work <- b
		})
	})
	w := bufio.NewWriterSize(out, 1<<16)
	for b := range order {
		<-b.done
		bad += b.bad
		seen.Add(len(b.ends))
		if err == nil {
			if _, err = w.Write(b.out.Bytes()); err != nil {
				stop(err) // nobody reads on
			}
		}
		free <- b
	}
	group.Wait()
	seen.End()
	if err == nil {
		err = errors.Join(w.Flush(), readErr)
	}
	return bad, err
}

// readBatches cuts the input into batches, until it or the context ends.
func readBatches(ctx context.Context, in io.Reader, free <-chan *batch, send func(*batch)) error {
	r := bufio.NewReaderSize(in, 1<<16)
	if mark, _ := r.Peek(3); string(mark) == "\ufeff" { // some programs put it before the first line
		r.Discard(3)
	}
	line := 0
	for {
		var b *batch
		select {
		case b = <-free:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		err := b.read(r, line+1)
		line += len(b.ends)
		if len(b.ends) > 0 {
			send(b)
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("read line %d: %w", line+1, err)
		}
	}
}

// read fills the batch with lines from the first on; io.EOF after the last.
func (b *batch) read(r *bufio.Reader, first int) error {
	b.first, b.text, b.ends, b.long = first, b.text[:0], b.ends[:0], b.long[:0]
	for len(b.ends) < Batch && len(b.text) < batchBytes {
		begin, size := len(b.text), 0
		for {
			part, err := r.ReadSlice('\n')
			if size += len(part); size <= Longest {
				b.text = append(b.text, part...)
			}
			if err == bufio.ErrBufferFull {
				continue
			}
			if err != nil && (err != io.EOF || size == 0) {
				b.text = b.text[:begin]
				return err
			}
			break
		}
		if size > Longest {
			b.text = b.text[:begin]
		}
		b.ends, b.long = append(b.ends, len(b.text)), append(b.long, size > Longest)
	}
	return nil
}

// judge has every line of the batch judged.
func (b *batch) judge(judge Judge) {
	b.out.Reset()
	b.bad = 0
	from := 0
	for i, end := range b.ends {
		line := b.text[from:end]
		from = end
		if !b.long[i] && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		err := fmt.Errorf("the line is longer than %d MiB", Longest>>20)
		if !b.long[i] {
			err = judge(b.first+i, line, &b.out)
		}
		if err != nil {
			b.bad++
			print.JSON(&b.out, struct {
				Line  int    `json:"line"`
				Error string `json:"error"`
			}{b.first + i, err.Error()})
		}
	}
}
