package web

import (
	"net/http"
	"net/url"
)

// A page is what every page has: its language, its instant, and the request's
// own query, so that links keep what the reader chose.
type page struct {
	W       speech
	Now     moment
	Refresh int // seconds; 0: the page stays as it is

	path    string
	query   url.Values
	vendors map[string]string // what each source's vendor is called, as far as it is known
}

func (s *Server) page(r *http.Request) page {
	w := speak(r)
	now := s.Now().In(s.home())
	vendors := map[string]string{}
	for source, sla := range s.SLAs {
		vendors[source] = sla.Vendor
	}
	return page{W: w, Now: w.moment(now, now), path: r.URL.EscapedPath(), query: r.URL.Query(), vendors: vendors}
}

// atVendor says where the link to a ticket in its tool leads.
func (p *page) atVendor(source, id string) string {
	name, vendor := source+":"+id, p.vendors[source]
	if vendor == "" {
		return p.W.Say("web.open", "name", name)
	}
	return p.W.Say("web.open_in", "name", name, "vendor", vendor)
}

// Link is the address of one of our pages, in the language that was asked for.
func (p page) Link(path string, set ...string) string {
	q := url.Values{}
	if lang := p.query.Get("lang"); lang != "" {
		q.Set("lang", lang)
	}
	return address(path, q, set)
}

// Here is the page's own address with some of its query set, or taken off where
// the value is "".
func (p page) Here(set ...string) string {
	q := url.Values{}
	for name, values := range p.query {
		q[name] = values
	}
	return address(p.path, q, set)
}

func address(path string, q url.Values, set []string) string {
	for i := 0; i+1 < len(set); i += 2 {
		if set[i+1] == "" {
			q.Del(set[i])
		} else {
			q.Set(set[i], set[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// ticketPath is the path of a ticket's page.
func ticketPath(source, id string) string {
	return "/tickets/" + url.PathEscape(source) + "/" + url.PathEscape(id)
}

// webAddress is a ticket's address at its vendor, "" unless it is http or https
// and what comes before the host isn't made to look like one: nothing else of
// what a vendor sends may become a link.
func webAddress(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.String()
}

// speak is the language of the answer: ?lang=, else the first that the browser
// accepts and we know.
func speak(r *http.Request) speech {
	return heard(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
}
