package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"vigie/bot/store"
)

// maxAudited is how many lines of the audit log a page has.
const maxAudited = 100

// An auditPage is who signed in and who asked for what, the newest first.
type auditPage struct {
	page
	Rows           []auditRow
	Earlier, Newer string // the ways to what was before, and to the newest; "" where there is nothing
}

type auditRow struct {
	When          moment
	Who, What     string
	Until         *moment
	Ref, Page     string // the ticket's; "" if it is about none
	Origin, Times string
	at            time.Time
}

// audited is the page of the audit log. ?before= goes on to older entries.
func (s *Server) audited(w http.ResponseWriter, r *http.Request) error {
	p := auditPage{page: s.page(r)}
	now := s.Now().In(s.home())
	before := now.Add(time.Hour)
	if ms, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64); err == nil && ms > 0 {
		before, p.Newer = time.UnixMilli(ms), p.Here("before", "")
	}
	entries, err := s.Store.Audited(r.Context(), before, maxAudited)
	if err != nil {
		return err
	}
	requests, err := s.Store.Requested(r.Context(), before, maxAudited)
	if err != nil {
		return err
	}
	in := func(t time.Time) moment { return p.W.moment(t.In(now.Location()), now) }
	for _, e := range entries {
		row := auditRow{at: e.At, When: in(e.At), Who: e.Who, What: p.W.or("audit.what."+string(e.What), string(e.What)), Origin: e.Origin}
		if e.What == store.SignedInByToken {
			row.Who = p.W.Say("audit.by_token")
		}
		if e.Times > 1 {
			row.Times = p.W.Say("audit.times", "n", e.Times)
		}
		p.Rows = append(p.Rows, row)
	}
	for i := range requests {
		a := &requests[i]
		v := p.person(a, nil, now)
		row := auditRow{at: a.Created, When: in(a.Created), Who: v.Who, What: v.What, Until: v.Until, Ref: a.Source + ":" + a.ID, Page: p.Link(ticketPath(a.Source, a.ID)), Origin: "Slack"}
		p.Rows = append(p.Rows, row)
	}
	slices.SortStableFunc(p.Rows, func(a, b auditRow) int { return b.at.Compare(a.at) })
	if len(p.Rows) > maxAudited {
		p.Rows = p.Rows[:maxAudited]
		p.Earlier = p.Here("before", strconv.FormatInt(p.Rows[maxAudited-1].at.UnixMilli(), 10))
	}
	return s.render(w, http.StatusOK, "audit.html", p)
}

// audit adds to the audit log what a request did. That it can't be noted is no reason
// to refuse the request.
func (s *Server) audit(r *http.Request, key string, e store.Entry) {
	e.At = s.Now()
	if a, _ := s.client(r); a.IsValid() {
		e.Origin = a.String()
	}
	if len(e.Who) > longest {
		e.Who = e.Who[:longest]
	}
	if err := s.Store.Audit(context.WithoutCancel(r.Context()), key, e); err != nil {
		s.Log.Error("not in the audit log", "asked_for", string(e.What), "err", err)
	}
}

// known is who reads, for the audit log: "token" where nobody has said a name.
func (s *Server) known(r *http.Request) string { return cmp.Or(s.reader(r), "token") }

// noteProxied notes that a proxy names somebody, once a day for each.
func (s *Server) noteProxied(r *http.Request) {
	key := "proxy/" + s.Now().UTC().Format(time.DateOnly) + "/" + s.reader(r)
	s.notedGuard.Lock()
	if s.noted == nil || len(s.noted) >= maxStruck {
		s.noted = map[string]bool{}
	}
	known := s.noted[key]
	s.noted[key] = true
	s.notedGuard.Unlock()
	if !known {
		s.audit(r, key, store.Entry{What: store.SignedInByProxy, Who: s.reader(r)})
	}
}
