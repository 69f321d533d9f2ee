package config

import (
	"cmp"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/tomlfile"
)

// Web is where Vigie listens and how it is reached.
type Web struct {
	Listen    string // host:port
	PublicURL string // without a slash at its end; "" = nobody from outside reaches it
	Token     Secret // for people's pages and /metrics; none only with a ProxyHeader, or where Listen is loopback and there is no PublicURL

	ProxyHeader string         // in which one of the Proxies names whom it has signed in; "" = none does
	Proxies     []netip.Prefix // whose word is believed

	OIDC *OIDC // who signs people in; nil = nobody does

	Connections       int // open at once, at most
	WebhooksPerSecond int // of one source in the long run, at most
}

// OIDC is an OpenID Connect issuer that signs people in.
type OIDC struct {
	Issuer   string // as its own documents name it: a slash at its end counts
	ClientID string
	Secret   Secret
	Allow    []string // e-mail addresses, and domains with @ before them; never empty
}

// shortToken is how long a token must be at least to be beyond guessing, if it is
// random.
const shortToken = 16

// guessable says why a token of people's can be guessed, "" if it can't or is none.
func guessable(token string) string {
	n := len(token)
	if n == 0 || n >= shortToken {
		return ""
	}
	return fmt.Sprintf("has %d characters and can be guessed; put a long random text there, such as what openssl rand -hex 32 says", n)
}

// busyVendor is how many webhooks a second a vendor sends that has ten thousand a
// minute.
const busyVendor = 167

var headerForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

func (l *loader) web(t *tomlfile.Table) Web {
	defer t.Close()
	w := Web{
		Listen:    cmp.Or(t.String("listen"), "127.0.0.1:8080"),
		PublicURL: address(t, "public_url", "https://vigie.example"),
		Token:     l.secret(t, "token", "VIGIE_TOKEN"),
		Proxies:   proxies(t),

		Connections:       count(t, "connections", 1000, 20, "a browser and each vendor hold several"),
		WebhooksPerSecond: count(t, "webhooks_per_second", 2000, 1, "none would come in"),
	}
	if n := w.WebhooksPerSecond; n > 0 && n < busyVendor {
		t.Warn("webhooks_per_second", "%d is less than a busy vendor sends; what is refused comes again later, or is found by a poll; write at least %d, unless yours are quiet", n, busyVendor)
	}
	if name, ok := text(t, "proxy_header"); ok {
		w.ProxyHeader = name
		switch {
		case !headerForm.MatchString(name):
			t.Add("proxy_header", `%q is no header; write the one in which your proxy names people, such as "X-Forwarded-User"`, name)
		case !t.Has("proxies"):
			t.Add("proxies", `is missing: anybody could send %s; write your proxy's address, such as proxies = ["10.0.0.5"]`, name)
		}
	}
	w.OIDC = l.oidc(t)
	if problem := guessable(w.Token.Reveal()); problem != "" {
		t.Warn("token", "%s", problem)
	}
	host, port, err := net.SplitHostPort(w.Listen)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		t.Add("listen", "%q is no address to listen on; write host:port, such as \"127.0.0.1:8080\"", w.Listen)
		return w
	}
	if t.Has("token") || t.Has("proxy_header") || t.Has("oidc") {
		return w
	}
	l.open = true
	const remedy = `write token = "env:VIGIE_TOKEN" and put a long random text into that environment variable`
	if !loopback(host) {
		t.Add("token", "is missing, and listen = %q is open to other machines; %s", w.Listen, remedy)
	} else if t.Has("public_url") {
		t.Add("token", "is missing, and public_url says that others can reach the pages; %s", remedy)
	}
	return w
}

// oidc reads who signs people in.
func (l *loader) oidc(web *tomlfile.Table) *OIDC {
	t := web.Table("oidc")
	if t == nil {
		return nil
	}
	defer t.Close()
	o := &OIDC{ClientID: t.Require("client_id", `"vigie"`), Secret: l.requireSecret(t, "client_secret", "VIGIE_OIDC_SECRET"), Allow: t.Strings("allow")}
	if !web.Has("public_url") {
		web.Add("public_url", `is missing: the issuer of [web.oidc] sends people back to it; write public_url = "https://vigie.example"`)
	}
	if !t.Has("issuer") {
		t.Require("issuer", `"https://login.acme.example"`)
	} else if address(t, "issuer", "https://login.acme.example") != "" {
		o.Issuer = t.String("issuer")
	}
	switch {
	case !t.Has("allow"):
		t.Add("allow", `is missing; write whom the issuer may let in, such as allow = ["@acme.example"]`)
	case len(o.Allow) == 0:
		t.Add("allow", `names nobody, so nobody could come in; write whom the issuer may let in, such as allow = ["@acme.example"]`)
	}
	for i, who := range o.Allow {
		if domain, ok := strings.CutPrefix(who, "@"); !isEmail(who) && !(ok && isEmail("a@"+domain)) {
			t.Add(desk.Index("allow", i), `%q is no e-mail address and no domain; write one such as "nadia@acme.example" or "@acme.example"`, who)
		}
	}
	return o
}

// count is a whole number of at least some, for a reason, up to a million; the
// default where the key is absent.
func count(t *tomlfile.Table, key string, otherwise, least int, why string) int {
	n, ok := t.Number(key)
	switch {
	case !ok:
		return otherwise
	case n != math.Trunc(n) || n > 1e6:
		t.Add(key, "%v is no number of them; write a whole one up to a million, such as %d", n, otherwise)
	case !(n >= float64(least)):
		t.Add(key, "%v is too few: %s; write at least %d, such as %d", n, why, least, otherwise)
	}
	return int(n)
}

// proxies are addresses and ranges of them.
func proxies(t *tomlfile.Table) []netip.Prefix {
	var list []netip.Prefix
	for i, written := range t.Strings("proxies") {
		p, err := netip.ParsePrefix(written)
		if a, bad := netip.ParseAddr(written); bad == nil && a.Zone() == "" {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		switch {
		case err != nil || p.Addr().Is4In6():
			t.Add(desk.Index("proxies", i), `%q is no address; write your proxy's, or a range, such as "10.0.0.5" or "10.0.0.0/8"`, written)
		case p.Bits() == 0:
			t.Add(desk.Index("proxies", i), "%q is everybody; write your proxy's address alone, such as \"10.0.0.5\"", written)
		}
		list = append(list, p.Masked())
	}
	return list
}

func (l *loader) store(t *tomlfile.Table) Store {
	defer t.Close()
	s := Store{
		URL:      l.database(t),
		Backfill: plainTime(t, "backfill", 90*24*time.Hour),
		Keep:     plainTime(t, "keep", 0),
	}
	if s.Keep > 0 && s.Keep < 7*24*time.Hour {
		t.Add("keep", "is shorter than vendors may repeat a webhook, and than anybody remembers; write at least \"7 days\"")
	}
	return s
}

// plainTime is a length of time that no calendar has a say in.
func plainTime(t *tomlfile.Table, key string, otherwise time.Duration) time.Duration {
	length, ok := text(t, key)
	if !ok {
		return otherwise
	}
	d, err := rules.ParseDuration(length, 86400)
	switch {
	case err != nil:
		t.Add(key, `%q is no length of time; write one such as "90 days"`, length)
	case d.Business:
		t.Add(key, `%q counts on a calendar, and there is none here; write plain time, such as "90 days"`, d)
	}
	return time.Duration(d.Seconds) * time.Second
}

// database is the state's address: a file, a URL, or a reference to either. No
// message shows it: it may hold a password.
func (l *loader) database(t *tomlfile.Table) Secret {
	where, ok := text(t, "url")
	if !ok {
		where = "vigie.db"
	}
	literal := !isReference(where)
	if !literal {
		if where = l.follow(t, "url", where).Reveal(); where == "" {
			return Secret{}
		}
	}
	scheme, _, isURL := strings.Cut(where, "://")
	switch {
	case where == "" || strings.HasPrefix(where, "env:"):
		t.Add("url", `names no database; write a file such as "vigie.db", or "postgres://…", or env:NAME`)
	case !isURL:
		return NewSecret(l.path(where))
	case scheme != "postgres" && scheme != "postgresql":
		t.Add("url", `is no database that Vigie knows; write a file such as "vigie.db", or "postgres://…"`)
	case literal && hasPassword(where):
		t.Add("url", `has a password in it; write url = "env:VIGIE_DATABASE" and put the whole URL into that environment variable`)
	}
	return NewSecret(where)
}

func hasPassword(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return true
	}
	_, set := u.User.Password()
	return set || u.Query().Has("password")
}

// address is a key's web address without a slash at its end, "" when absent or
// wrong. No message shows it: it may hold a password.
func address(t *tomlfile.Table, key, example string) string {
	raw, ok := text(t, key)
	if !ok {
		return ""
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "":
		t.Add(key, "is no web address; write one such as %q", example)
		return ""
	case u.User != nil:
		t.Add(key, "has a user or password in it; write the address alone, such as %q", example)
		return ""
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		t.Add(key, "has a ? or # in it; write the address alone, such as %q", example)
		return ""
	case u.Scheme == "http" && !loopback(u.Hostname()):
		t.Warn(key, "%s is not encrypted: tokens and tickets can be read on the way; write https://", u.Hostname())
	}
	return strings.TrimRight(raw, "/")
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
