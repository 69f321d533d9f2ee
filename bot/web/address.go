package web

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// peer is the other end of the connection, the zero Addr if that has no address.
func peer(r *http.Request) netip.Addr {
	a, _ := netip.ParseAddrPort(r.RemoteAddr)
	return a.Addr().Unmap().WithZone("")
}

// trusted says that an address is one of the configuration's proxies.
func (s *Server) trusted(a netip.Addr) bool {
	for _, p := range s.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// client is the address that a request comes from: the connection's, or where
// that is a proxy of the configuration the last one in X-Forwarded-For that isn't.
// What stands before it anybody may have written. known is false where several
// clients may have the address: a proxy that doesn't say who asks, or something on
// this machine that the configuration doesn't name, and which may pass on a header
// that a stranger has written.
func (s *Server) client(r *http.Request) (a netip.Addr, known bool) {
	a = peer(r)
	if !s.trusted(a) {
		return a, a.IsValid() && !a.IsLoopback()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		if hop = hop.Unmap().WithZone(""); !s.trusted(hop) {
			return hop, true
		}
	}
	return a, false
}

const (
	strikeTime = time.Minute
	maxStruck  = 10_000 // addresses remembered of one minute
)

// strikes remember what addresses did wrong, in this minute and the last one. A
// minute ends early where too many addresses come, so that memory is bounded;
// whoever has so many addresses needn't come from one of them often.
type strikes struct {
	limit int // of one address

	mu          sync.Mutex
	since       time.Time // when the minute began
	now, before map[netip.Addr]int
}

// out says that an address has used up its tries.
func (s *strikes) out(a netip.Addr, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn(at)
	a = household(a)
	return s.now[a]+s.before[a] >= s.limit
}

func (s *strikes) add(a netip.Addr, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn(at)
	s.now[household(a)]++
}

// turn begins a new minute when its time has come.
func (s *strikes) turn(at time.Time) {
	switch age := at.Sub(s.since); {
	case s.now == nil, age >= 2*strikeTime, age < 0:
		s.now, s.before, s.since = map[netip.Addr]int{}, nil, at
	case age >= strikeTime, len(s.now) >= maxStruck:
		s.now, s.before, s.since = map[netip.Addr]int{}, s.now, at
	}
}

// household is what one subscriber has: a whole /64 of IPv6.
func household(a netip.Addr) netip.Addr {
	if a.Is6() {
		p, _ := a.Prefix(64)
		return p.Addr()
	}
	return a
}
