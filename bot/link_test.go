package main

import (
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// A link is a way to a server that the test can cut, stop up or slow down.
type link struct {
	l  net.Listener
	to string

	mu      sync.Mutex
	conns   map[net.Conn]bool
	cut     bool
	delay   time.Duration // of everything that passes
	stopped chan struct{} // closed when what was stopped up passes again; nil: it passes
}

// linkTo makes a way to the host of an address, and returns the address by that way.
func linkTo(t *testing.T, address string) (*link, string) {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	k := &link{l: l, to: u.Host, conns: map[net.Conn]bool{}}
	t.Cleanup(func() {
		l.Close()
		k.set(func() { k.cut = true })
		k.pass()
	})
	go k.accept()
	u.Host = l.Addr().String()
	return k, u.String()
}

func (k *link) accept() {
	for {
		in, err := k.l.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", k.to)
		if err != nil || !k.keep(in, out) {
			in.Close()
			if out != nil {
				out.Close()
			}
			continue
		}
		go k.copy(out, in)
		go k.copy(in, out)
	}
}

// keep notes a pair of connections, unless the link is cut.
func (k *link) keep(conns ...net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range conns {
		k.conns[c] = true
	}
	return !k.cut
}

func (k *link) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	chunk := make([]byte, 32<<10)
	for {
		n, err := from.Read(chunk)
		k.mu.Lock()
		delay, stopped := k.delay, k.stopped
		k.mu.Unlock()
		time.Sleep(delay)
		if stopped != nil {
			<-stopped
		}
		if n > 0 {
			if _, err := to.Write(chunk[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// set changes the link, and ends its connections if it is cut then.
func (k *link) set(change func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change()
	if k.cut {
		for c := range k.conns {
			c.Close()
		}
		clear(k.conns)
	}
}

// stop has nothing pass, and nobody know.
func (k *link) stop() {
	k.set(func() {
		if k.stopped == nil {
			k.stopped = make(chan struct{})
		}
	})
}

// pass has what was stopped up pass.
func (k *link) pass() {
	k.set(func() {
		if k.stopped != nil {
			close(k.stopped)
			k.stopped = nil
		}
	})
}
