package jira

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"vigie/connectors/rest"
)

// A Jira can need longer for a hundred issues than anybody waits, and one issue's
// history can hang for as long as a gateway lets it. So what is read in bulk is read
// in parts, each within a part of the time that there is: what wasn't answered by
// then is halved and asked for after the others, down to a single issue, which is an
// error of its own. The size that worked is kept for the calls that follow.

// answersBeforeGrowing is the number of answers in a row after which more is asked for at
// once.
const answersBeforeGrowing = 4

// longestPatience bounds what one request may take where the caller has all the time.
const longestPatience = 25 * time.Second

// patience is how long one request may take of those by which many issues are read:
// so that there is time to ask for fewer, twice, and for others after that.
func (c *Client) patience(ctx context.Context) time.Duration {
	if c.cfg.Patience > 0 {
		return c.cfg.Patience
	}
	end, ok := ctx.Deadline()
	if !ok {
		return longestPatience
	}
	return min(longestPatience, time.Until(end)*3/10)
}

// A lateError says that an answer took longer than one request may, while there is still
// time for others.
type lateError struct {
	after time.Duration
	err   error
}

func (e *lateError) Error() string {
	return fmt.Sprintf("not answered within %s: %v", e.after.Round(time.Millisecond), e.err)
}
func (e *lateError) Unwrap() error { return e.err }

func late(err error) bool { return errors.As(err, new(*lateError)) }

// within runs f for as long as one request may take. Its error is a *lateError if that
// time, or a gateway's, was over, and the caller's isn't.
func within(ctx context.Context, patience time.Duration, f func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := f(limited)
	if err == nil || ctx.Err() != nil {
		return err
	}
	switch status(err) {
	case http.StatusGatewayTimeout, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, 524: // the last is a content network's
		return &lateError{patience, err}
	}
	if errors.Is(limited.Err(), context.DeadlineExceeded) {
		return &lateError{patience, err}
	}
	return err
}

// mostLate is the number of late answers in a row after which nothing more is asked for:
// by then even a single issue was late.
const mostLate = 10

// inParts calls f with parts of a list, each request of which may take patience. An
// element that is late by itself is asked for once more at the end, with the time that is
// left, and passed to alone if it is late again. left are the elements that weren't asked
// for when an error ended it.
func inParts[T any](ctx context.Context, list []T, size *rest.Portion, patience time.Duration, f func(context.Context, []T, time.Duration) error, alone func(T, error)) (left []T, err error) {
	queue := [][]T{list}
	var slow []T
	tooLate := map[int]error{}
	most, vain := 0, 0 // answered at once, late in a row
	for len(queue) > 0 {
		part := queue[0]
		queue = queue[1:]
		if len(part) == 0 {
			continue
		}
		if n := size.Size(); len(part) > n {
			queue = append([][]T{part[n:]}, queue...)
			part = part[:n]
		}
		err := f(ctx, part, patience)
		if err == nil {
			size.Answered(len(part))
			most, vain = max(most, len(part)), 0
			continue
		}
		if vain++; !late(err) || vain > mostLate {
			left = slices.Concat(part, slices.Concat(queue...), slow)
			return left, err
		}
		if len(part) == 1 {
			tooLate[len(slow)] = err
			slow = append(slow, part[0])
			size.AtLeast(most)
			continue
		}
		size.TooMany(len(part))
		queue = append(queue, part[:len(part)/2], part[len(part)/2:])
	}
	for n, one := range slow {
		err := tooLate[n]
		end, ok := ctx.Deadline()
		if share := time.Until(end) * 4 / 5 / time.Duration(len(slow)-n); ok && share > patience {
			err = f(ctx, []T{one}, share)
		}
		switch {
		case err == nil:
		case late(err):
			alone(one, err)
		default:
			return slow[n:], err
		}
	}
	return nil, nil
}

// readers is how many single issues are asked for at once.
const readers = 4

// each calls f for each element, some at the same time. One that is late is passed to
// alone; any other error ends it.
func each[T any](ctx context.Context, list []T, f func(context.Context, T) error, alone func(T, error)) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	var mu sync.Mutex
	for _, one := range list {
		g.Go(func() error {
			err := f(ctx, one)
			if !late(err) {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			alone(one, err)
			return nil
		})
	}
	return g.Wait()
}
