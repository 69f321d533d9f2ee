package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
)

// Without a token the pages are for the user that runs Vigie, at this machine. A
// request doesn't prove where it comes from: a proxy on this machine that passes all
// headers on has a stranger's request look like the browser's beside it, his
// "Host: localhost" too. So everything is asked that gives one away, and what no
// header tells, the system does: whose process holds the other end.

// atHome says that a request comes from this machine, from a process of the user
// that runs Vigie, and was meant for it. Where the system doesn't tell whose process
// it is, the rest decides. It is false once a signed webhook has come from elsewhere.
func (s *Server) atHome(r *http.Request) bool {
	if s.reached.Load() || !local(r) || elsewhere(r) {
		return false
	}
	user, known := owner(ends(r))
	return !known || user == os.Getuid()
}

// local says that both ends of the connection and the Host are loopback (the Host,
// because a page elsewhere can point its own name at 127.0.0.1), and that nothing
// says that a proxy stands between. No browser speaks HTTP/1.0, but nginx before
// 1.29.7 did to whom it passed requests on to.
func local(r *http.Request) bool {
	if !r.ProtoAtLeast(1, 1) {
		return false
	}
	for name := range r.Header {
		if forwarding(name) {
			return false
		}
	}
	from, to := ends(r)
	if !from.Addr().Unmap().IsLoopback() || !to.Addr().Unmap().IsLoopback() {
		return false
	}
	host := (&url.URL{Host: r.Host}).Hostname()
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

// ends are the two ends of a request's connection, theirs and ours; zero where they
// have no address.
func ends(r *http.Request) (from, to netip.AddrPort) {
	from, _ = netip.ParseAddrPort(r.RemoteAddr)
	if here, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		to, _ = netip.ParseAddrPort(here.String())
	}
	return from, to
}

// proxyHeaders begin the names of headers that proxies and what stands before them
// add: those of Cloudflare, Akamai, Fastly, Envoy, Amazon, Azure, Google, Fly, IIS,
// Tailscale and ngrok, and those that several use.
var proxyHeaders = []string{
	"Cf-", "Cdn-", "Akamai-", "True-Client", "Fastly-", "X-Envoy-", "X-Amzn-", "X-Amz-", "X-Azure-", "X-Cloud-Trace-", "X-Appengine-", "Fly-", "X-Arr-",
	"Tailscale-", "Ngrok-", "X-Original-", "X-Real-", "X-Client-", "X-Proxy", "Proxy-", "X-Varnish", "X-Scheme", "X-Host", "Max-Forwards", "Client-Ip",
}

// forwarding says that only proxies send a header: Forwarded, X-Forwarded-For
// and their like, Via, the many names for the caller's address, such as X-Real-IP
// and CF-Connecting-IP, and what else they say of themselves.
func forwarding(name string) bool {
	if name == "Via" || strings.Contains(name, "Forwarded") || strings.HasSuffix(name, "-Ip") {
		return true
	}
	for _, p := range proxyHeaders {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// elsewhere says that a browser asks for a page of another site, other than by
// following a link, or that it came here under another name than the Host: then
// a proxy has changed that. A link in Slack is followed by the reader himself, and
// the page that it stands on sees nothing of the answer.
func elsewhere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return r.Header.Get("Sec-Fetch-Mode") != "navigate"
	}
	for _, name := range []string{"Origin", "Referer"} {
		if from := r.Header.Get(name); from != "" {
			if u, err := url.Parse(from); err != nil || !strings.EqualFold(u.Host, r.Host) {
				return true
			}
		}
	}
	return false
}
