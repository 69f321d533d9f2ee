package web

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

// However many addresses come, they take no more memory than some; who was out last
// minute isn't let in by others' coming.
func TestStrikesAreBounded(t *testing.T) {
	s := strikes{limit: 3}
	at := time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC)
	forger := netip.MustParseAddr("192.0.2.1")
	for range 3 {
		s.add(forger, at)
	}
	for i := range 200_000 {
		if i == maxStruck/2 && !s.out(forger, at) {
			t.Error("the forger is in again")
		}
		var a [4]byte
		binary.BigEndian.PutUint32(a[:], uint32(i)|0x0a000000)
		s.add(netip.AddrFrom4(a), at)
		if n := len(s.now) + len(s.before); n > 2*maxStruck {
			t.Fatalf("%d addresses are remembered", n)
		}
	}
}

func TestStrikesPass(t *testing.T) {
	at := time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC)
	a := netip.MustParseAddr("192.0.2.1")
	for after, out := range map[time.Duration]bool{0: true, time.Minute: true, 2*time.Minute - 1: true, 2 * time.Minute: false, time.Hour: false, -time.Hour: false} {
		s := strikes{limit: 1}
		if s.out(a, at) {
			t.Error("out before the first")
		}
		s.add(a, at)
		if got := s.out(a, at.Add(after)); got != out {
			t.Errorf("%s later: out %v, want %v", after, got, out)
		}
	}
}
