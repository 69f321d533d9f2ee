package web

import (
	"maps"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits bound what others can make this server spend. The zero Limits are the
// defaults. An operator has a reason to change Rate and Connections: what stands
// before Vigie, and the machine it shares, differ. The others follow from what
// vendors send and strangers may try.
type Limits struct {
	// Webhooks of one source, refused with 429 beyond, before their bodies are
	// read: so many a second in the long run, 2,000 by default, and as many at
	// once as in five. That is twelve times what a vendor sends that has ten
	// thousand a minute, and each vendor repeats what was refused so.
	Rate float64

	// Strikes are forged webhooks, or wrong tokens, of one address within one or
	// two minutes, 60 by default; beyond, the address is refused unread.
	Strikes int

	// Memory is how many bytes of webhooks are held at once, 96 MiB by default;
	// beyond, 503.
	Memory int64

	// Connections are open at once, 1,000 by default; others wait to be accepted.
	Connections int
}

func (l Limits) orDefaults() Limits {
	if l.Rate == 0 {
		l.Rate = 2000
	}
	if l.Strikes == 0 {
		l.Strikes = 60
	}
	if l.Memory == 0 {
		l.Memory = 96 << 20
	}
	if l.Connections == 0 {
		l.Connections = 1000
	}
	return l
}

// A gate decides whose requests are looked at.
type gate struct {
	*Server
	sources map[string]*rate.Limiter // of the sources that take webhooks, and of the chat
	forgers strikes
	guesses strikes // of the token
	origins *http.CrossOriginProtection
}

func newGate(s *Server) *gate {
	limits := s.Limits.orDefaults()
	g := &gate{Server: s, sources: map[string]*rate.Limiter{}, forgers: strikes{limit: limits.Strikes}, guesses: strikes{limit: limits.Strikes}}
	g.origins = http.NewCrossOriginProtection()
	if u, err := url.Parse(s.PublicURL); err == nil && u.Host != "" { // a proxy may have changed the Host
		if err := g.origins.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			s.Log.Error("public address", "err", err)
		}
	}
	names := slices.Collect(maps.Keys(s.Hooks))
	if s.Acts != nil {
		names = append(names, actsLimit)
	}
	for _, name := range names {
		g.sources[name] = rate.NewLimiter(rate.Limit(limits.Rate), int(math.Ceil(5*limits.Rate)))
	}
	return g
}

// webhooks lets webhooks through as fast as is bearable. The sender's address is
// asked about first, so that one forger uses up nothing that is the vendor's.
// One that can't be told from the vendor's (both come through a proxy that doesn't
// say for whom) is not counted: it would shut the vendor out.
func (g *gate) webhooks(h handler) handler {
	return g.signed(func(r *http.Request) string { return r.PathValue("source") }, h)
}

const actsLimit = "the chat" // no source can have this name

// acts lets the chat's calls through in the same way.
func (g *gate) acts(h handler) handler {
	return g.signed(func(*http.Request) string { return actsLimit }, h)
}

func (g *gate) signed(from func(*http.Request) string, h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		source := from(r)
		who, known := g.client(r)
		if known && g.forgers.out(who, g.clock()) {
			return g.tooMany(w, source, "too many forged webhooks come from this address")
		}
		if limit := g.sources[source]; limit != nil && !limit.AllowN(g.clock(), 1) {
			return g.tooMany(w, source, "too many webhooks at once; send it again")
		}
		err := h(w, r)
		if no, ok := err.(*refusal); ok && no.status == http.StatusUnauthorized && known {
			g.forgers.add(who, g.clock())
		}
		return err
	}
}

// repeatIn is when a vendor may try again what was refused for now. Zendesk does
// so only within a minute.
const repeatIn = 30 * time.Second

// tooMany is an answer that vendors take for "later". It is logged in detail
// only: whoever causes it must not fill a disk with it.
func (g *gate) tooMany(w http.ResponseWriter, source, text string) error {
	g.tally.limited.Add(1)
	g.Log.Debug("webhook refused", "source", source, "err", text)
	later(w)
	return &refusal{http.StatusTooManyRequests, text}
}

func later(w http.ResponseWriter) {
	w.Header().Set("Retry-After", strconv.Itoa(int(repeatIn/time.Second)))
}

// bounded accepts so many connections at once. Whoever serves gives one back by
// ended.
type bounded struct {
	net.Listener
	open   chan struct{} // a value for each
	closed chan struct{}
	close  func()
}

func bound(l net.Listener, connections int) *bounded {
	closed := make(chan struct{})
	return &bounded{l, make(chan struct{}, connections), closed, sync.OnceFunc(func() { close(closed) })}
}

func (l *bounded) Accept() (net.Conn, error) {
	select {
	case l.open <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.open
	}
	return c, err
}

func (l *bounded) Close() error {
	l.close()
	return l.Listener.Close()
}

// ended is told what becomes of connections (http.Server.ConnState).
func (l *bounded) ended(_ net.Conn, state http.ConnState) {
	if state == http.StateClosed || state == http.StateHijacked {
		<-l.open
	}
}
