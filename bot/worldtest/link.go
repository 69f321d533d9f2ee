package worldtest

import (
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// A Link is a way to a server that the test can cut, stop up or slow down.
type Link struct {
	l  net.Listener
	to string

	mu      sync.Mutex
	conns   map[net.Conn]bool
	cut     bool
	delay   time.Duration // of everything that passes
	stopped chan struct{} // closed when what was stopped up passes again; nil: it passes
}

// LinkTo makes a way to the host of an address, and returns the address by that way.
func LinkTo(t testing.TB, address string) (*Link, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &Link{l: l, to: u.Host, conns: map[net.Conn]bool{}}
	t.Cleanup(func() {
		l.Close()
		k.Pass()
		k.Cut()
	})
	go k.accept()
	u.Host = l.Addr().String()
	return k, u.String()
}

func (k *Link) accept() {
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
func (k *Link) keep(conns ...net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range conns {
		k.conns[c] = true
	}
	return !k.cut
}

func (k *Link) copy(to, from net.Conn) {
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

// Cut ends what goes through, and lets nobody through.
func (k *Link) Cut() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cut = true
	for c := range k.conns {
		c.Close()
	}
	clear(k.conns)
}

// Stop has nothing pass, and nobody know.
func (k *Link) Stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopped == nil {
		k.stopped = make(chan struct{})
	}
}

// Slow has everything pass later by a delay.
func (k *Link) Slow(delay time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.delay = delay
}

// Pass has everything pass again, at once, and what was stopped, too.
func (k *Link) Pass() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cut, k.delay = false, 0
	if k.stopped != nil {
		close(k.stopped)
		k.stopped = nil
	}
}
