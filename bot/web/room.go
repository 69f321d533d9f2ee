package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
)

// A room bounds the bytes of all bodies that are held at once. A body takes room
// as it comes, not as it is announced: who announces much and sends little has
// little. One that is longer than most leaves half of the room to the others, so
// that large ones, genuine or not, never keep the ordinary out.
type room struct {
	mu         sync.Mutex
	size, free int64
}

const (
	firstPiece = 64 << 10 // of a body whose length isn't known, or long
	ordinary   = 1 << 20  // most webhooks are far shorter
)

func newRoom(size int64) *room { return &room{size: size, free: size} }

// take has room for n bytes of a body, or says that there is none.
func (m *room) take(n int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	left := m.free - n
	if left < 0 || n > ordinary && left < m.size/2 {
		return false
	}
	m.free = left
	return true
}

func (m *room) give(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.free += n
}

var errFull = errors.New("no room for a body now")

// read reads a body of up to longest bytes to its end. announced is its length,
// -1 if unknown. leave gives the room back; it is called once the body isn't
// used any more, also after an error.
func (m *room) read(body io.Reader, announced, longest int64) (text []byte, leave func(), err error) {
	held := int64(0)
	leave = func() { m.give(held) }
	grow := func(to int64) bool { // the old and the new are both there for a moment
		if !m.take(to) {
			return false
		}
		text = append(make([]byte, 0, to), text...)
		m.give(held)
		held = to
		return true
	}
	first := min(firstPiece, longest)
	if announced >= 0 {
		first = min(first, announced)
	}
	if !grow(first) {
		return nil, leave, errFull
	}
	for {
		for len(text) < cap(text) && err == nil {
			var n int
			n, err = body.Read(text[len(text):cap(text)])
			text = text[:len(text)+n]
		}
		var more [1]byte
		n := 0
		for n == 0 && err == nil { // is this all?
			n, err = body.Read(more[:])
		}
		if n == 0 {
			if err == io.EOF {
				err = nil
			}
			return text, leave, err
		}
		next := min(4*int64(cap(text)), longest)
		switch {
		case announced >= 0 && len(text) >= ordinary: // it means it
			next = announced
		case announced >= 0:
			next = min(next, announced)
		}
		if next <= int64(len(text)) || !grow(next) {
			return nil, leave, errFull
		}
		text = append(text, more[0])
	}
}

// body reads a webhook's body into the room.
func (m *room) body(w http.ResponseWriter, r *http.Request, longest int64) ([]byte, func(), *refusal) {
	tooLong := &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is longer than %.3g MiB", float64(longest)/(1<<20))}
	if r.ContentLength > longest { // isn't read at all
		w.Header().Set("Connection", "close")
		return nil, func() {}, tooLong
	}
	body, leave, err := m.read(http.MaxBytesReader(w, r.Body, longest), r.ContentLength, longest)
	var over *http.MaxBytesError
	no := &refusal{http.StatusBadRequest, "the body ends early"}
	switch {
	case err == nil:
		return body, leave, nil
	case errors.As(err, &over):
		no = tooLong
	case errors.Is(err, errFull):
		later(w)
		no = &refusal{http.StatusServiceUnavailable, "too much at once; send it again"}
	case errors.Is(err, os.ErrDeadlineExceeded):
		no = &refusal{http.StatusRequestTimeout, "the body comes too slowly"}
	}
	return nil, leave, no
}
