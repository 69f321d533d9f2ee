package web

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

// refreshEvery is how many seconds a board is shown before it is asked for anew.
const refreshEvery = 30

// maxTroubles bounds how many actions in trouble the board lists.
const maxTroubles = 20

// A boardPage is the board as its template shows it.
type boardPage struct {
	page
	Tiles    []tile
	Stalls   []stallView
	Troubles []actionView
	Parked   []ticketView
	Tickets  []ticketView
	Sources  []option
	States   []option
	Text     string
	Filtered bool
	Stopped  bool // the reader stopped the refresh
	Lang     string
	// How many aren't shown; "" if all are.
	More, MoreParked string
}

// A tile is one of the counts on top, and the way to what it counts.
type tile struct {
	Class, Label, Link string
	Count              int
	Chosen             bool
}

type option struct {
	Value, Label string
	Chosen       bool
}

// A stallView says what waits after an error.
type stallView struct {
	Text  string
	Since *moment
	Why   string
}

// A ticketView is one ticket of the board.
type ticketView struct {
	Ref, Page, Vendor, AtVendor string // AtVendor says where the link Vendor leads
	Subject, Organization, Team string
	Priority, Origin, Proposed  string
	Untriaged                   bool
	Standing                    standing
	Problem                     string
	Clocks                      []clockView
	Remark                      string // instead of clocks: why there are none
}

// A clockView is one clock of a ticket.
type clockView struct {
	Metric, Clause  string
	Class           standing
	Sign, Word      string
	Due             *moment
	Left, Unit      string
	TargetAs, Cycle string
}

// board shows every open ticket by its urgency. ?source=, ?state= and ?q= narrow
// it, ?refresh=0 stops it, ?lang= chooses its language.
func (s *Server) board(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := filter{source: q.Get("source"), state: standing(q.Get("state")), text: strings.TrimSpace(q.Get("q"))}
	if f.state != untriaged && f.state.Rank() < 0 {
		f.state = ""
	}
	v := newSurvey(f)
	if err := s.look(r.Context(), v, v.lists(), speak(r)); err != nil {
		return err
	}
	troubles, err := s.Store.Troubles(r.Context(), maxTroubles)
	if err != nil {
		return err
	}
	b := boardPage{page: s.page(r), Text: f.text, Filtered: !f.empty(), Stopped: q.Get("refresh") == "0", Lang: q.Get("lang")}
	if !b.Stopped {
		b.Refresh = refreshEvery
	}
	if b.Stalls, err = s.stalls(r, b.W); err != nil {
		return err
	}
	b.fill(v, slices.Sorted(maps.Keys(s.Policies)))
	for i := range troubles {
		b.Troubles = append(b.Troubles, b.action(&troubles[i], v.now))
	}
	return s.render(w, http.StatusOK, "board.html", b)
}

// fill puts a survey on the page.
func (b *boardPage) fill(v *survey, sources []string) {
	w := b.W
	b.Tiles = append(b.Tiles, tile{Class: "open", Label: w.tile("open", v.open), Count: v.open, Link: b.Here("state", ""), Chosen: v.state == ""})
	for _, st := range []standing{missed, atRisk, paused, untriaged, parked} {
		if st == parked && v.counts[parked] == 0 {
			continue
		}
		b.Tiles = append(b.Tiles, tile{Class: string(st), Label: w.tile(string(st), v.counts[st]), Count: v.counts[st], Link: b.Here("state", string(st)), Chosen: v.state == st})
	}
	for _, name := range sources {
		b.Sources = append(b.Sources, option{name, name, v.source == name})
	}
	for _, st := range append(slices.Clone(rules.Standings), untriaged) {
		b.States = append(b.States, option{string(st), w.standing(st), v.state == st})
	}
	b.Parked, b.MoreParked = b.shelf(&v.parked, v.now)
	b.Tickets, b.More = b.shelf(&v.tickets, v.now)
}

// shelf is what is on a shelf, and how many more there are.
func (p *page) shelf(s *shelf, now time.Time) (list []ticketView, more string) {
	for i := range s.entries {
		list = append(list, p.ticket(&s.entries[i], now))
	}
	if n := s.more(); n > 0 {
		more = p.W.Say("board.more", "n", n)
	}
	return list, more
}

func (p *page) ticket(e *entry, now time.Time) ticketView {
	w, v := p.W, &e.verdict
	t := ticketView{
		Ref: e.source + ":" + e.id, Page: p.Link(ticketPath(e.source, e.id)), Vendor: webAddress(e.url), AtVendor: p.atVendor(e.source, e.id),
		Subject: e.Subject, Organization: e.Organization, Team: e.Group,
		Standing: e.Standing, Problem: e.problem, Untriaged: e.Untriaged,
	}
	if e.Standing == parked {
		return t
	}
	t.Priority, t.Origin, t.Proposed = w.priority(v), w.origin(v), p.proposed(v)
	switch {
	case !v.Covered():
		t.Remark = w.Say("ticket.not_covered")
	case v.Excluded != nil:
		t.Remark = w.Say("ticket.outside") + w.Say("web.colon") + v.Excluded.Reason.In(w.Tag)
	case len(v.Clocks) == 0:
		t.Remark = w.without(v)
	}
	for i := range v.Clocks {
		t.Clocks = append(t.Clocks, p.clock(&v.Clocks[i], now))
	}
	return t
}

// proposed is what the policy proposes, where another priority is in force.
func (p *page) proposed(v *rules.Verdict) string {
	if v.Proposed == nil || *v.Proposed == v.Priority {
		return ""
	}
	return p.W.Say("ticket.proposed", "name", *v.Proposed)
}

func (p *page) clock(c *rules.Clock, now time.Time) clockView {
	w := p.W
	v := clockView{Metric: w.Metric(c.Metric), Clause: c.Clause, Class: c.Standing(now), Word: w.state(c.State), Left: w.stand(c)}
	v.Sign = signs[v.Class]
	switch {
	case v.Class == atRisk:
		v.Word = w.tile(string(atRisk), 1)
	case c.Stopped() && c.State == rules.StateMet:
		v.Sign = "✓"
	}
	if c.Due != nil {
		due := w.moment(*c.Due, now)
		v.Due = &due
	}
	if c.Business && v.Left != "" && !justMissed(c) {
		v.Unit = w.Say("page.business_time")
	}
	if c.Cycle > 1 {
		v.Cycle = w.Say("ticket.cycle", "n", c.Cycle)
	}
	return v
}

// signs tell a standing to who doesn't see its colour.
var signs = map[standing]string{parked: "!", missed: "●", atRisk: "▲", running: "▸", paused: "‖", quiet: "–"}

// stalls says which sources wait after an error and when they last brought news, and whether messages
// go out.
func (s *Server) stalls(r *http.Request, w speech) ([]stallView, error) {
	stalled := s.stalled(r.Context())
	var list []stallView
	for _, name := range slices.Sorted(maps.Keys(s.Policies)) {
		_, read, err := s.Store.Cursor(r.Context(), name)
		if err != nil {
			return nil, err
		}
		why, waits := stalled[name]
		switch {
		case read.IsZero():
			list = append(list, stallView{Text: w.Say("board.never_read", "name", name), Why: brief(why)})
		case waits:
			since := w.moment(read.In(s.zone(name)), s.Now())
			list = append(list, stallView{Text: w.Say("board.no_news", "name", name), Since: &since, Why: brief(why)})
		}
	}
	obstacles, err := s.Store.Obstacles(r.Context(), "")
	if err != nil {
		return nil, err
	}
	for _, o := range obstacles {
		if _, ours := s.Policies[o.Source]; o.Ended || !ours {
			continue
		}
		since := w.moment(o.Since.In(s.zone(o.Source)), s.Now())
		list = append(list, stallView{Text: w.Say("board.so_since", "what", w.Tell(o.Says)), Since: &since})
	}
	for _, name := range slices.Sorted(maps.Keys(stalled)) {
		if _, source := s.Policies[name]; !source {
			list = append(list, stallView{Text: w.Say("board.chat_stalled"), Why: brief(stalled[name])})
		}
	}
	return list, nil
}

// zone is that of a source's first policy: where its people are.
func (s *Server) zone(source string) *time.Location {
	for _, p := range s.Policies[source] {
		return p.Calendar.Zone()
	}
	return time.UTC
}

// home is the first source's zone: that of what no calendar is asked about.
func (s *Server) home() *time.Location { return Home(s.Policies) }

// Home is the zone of the first source's first policy, for the days of a report;
// UTC if there is none.
func Home(policies map[string][]*rules.Policy) *time.Location {
	for _, name := range slices.Sorted(maps.Keys(policies)) {
		for _, p := range policies[name] {
			return p.Calendar.Zone()
		}
	}
	return time.UTC
}

// brief is an error that fits on a page.
func brief(err error) string {
	if err == nil {
		return ""
	}
	text := []rune(err.Error())
	if len(text) > 300 {
		text = append(text[:299], '…')
	}
	return string(text)
}

// An actionView is an action as a table shows it.
type actionView struct {
	Ref, Page                string // its ticket's; "" if it is about none
	When                     moment
	What, About, State, Note string
	Attempts                 int
	Next                     *moment
	Class                    store.ActionState
}

func (p *page) action(a *store.Action, now time.Time) actionView {
	w := p.W
	in := func(t time.Time) moment { return w.moment(t.In(now.Location()), now) }
	v := actionView{When: in(a.Created), What: w.or("action."+string(a.Kind), string(a.Kind)), State: w.or("action_state."+string(a.Shown()), string(a.Shown())),
		Note: a.Note, Attempts: a.Attempts, Class: a.Shown()}
	if a.ID != "" {
		v.Ref, v.Page = a.Source+":"+a.ID, p.Link(ticketPath(a.Source, a.ID))
		if a.Topic != "" { // which promise's message
			v.About = w.topic(a.Topic)
		}
	}
	if a.State == store.Pending || a.State == store.Started {
		next := in(a.NotBefore)
		v.Next = &next
	}
	return v
}
