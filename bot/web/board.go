package web

import (
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
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
	Quiet    []ticketView // behind one line
	Choices  []choice     // of the filter
	Rarer    []choice     // those behind a line
	Narrowed bool         // one of the rarer is chosen
	Text     string
	Filtered bool
	Stopped  bool // the reader stopped the refresh
	Lang     string
	Me       string // whose tickets are "mine"; "" = nobody has said
	SignedIn bool   // Me is signed in, and isn't only what the reader says
	QuietSum string // how many are behind the line
	// How many aren't shown; "" if all are.
	More, MoreParked string
	// The ways to the tickets before these and after, and what the links say.
	Before, Next, BeforeSays, NextSays string
	Week                               template.HTML // what falls due in the coming days; "" = nothing
}

// All is the board without a filter.
func (b boardPage) All() string {
	off := []string{"from", ""}
	for _, name := range narrowing {
		off = append(off, name, "")
	}
	return b.Here(off...)
}

// Mine says that the reader's tickets are shown.
func (b boardPage) Mine() bool { return b.query.Get("holder") == mine }

// ticketRows are tickets as the board's table has them.
type ticketRows struct {
	W    speech
	Rows []ticketView
}

// Of has the board's template show some tickets.
func (b boardPage) Of(rows []ticketView) ticketRows { return ticketRows{b.W, rows} }

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
	Holder                      string // who sees to it; "" = nobody
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

// board shows every open ticket by its urgency. What narrows it is in the query
// (narrowing), ?from= goes on to less urgent ones, ?refresh=0 stops it, ?lang= chooses
// its language.
func (s *Server) board(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	me, signedIn := s.me(r)
	f := readFilter(q, me)
	v := newSurvey(f)
	from, _ := strconv.Atoi(q.Get("from")) // what is no number is 0
	v.page(from)
	if err := s.look(r.Context(), v, v.lists(), speak(r)); err != nil {
		return err
	}
	troubles, err := s.Store.Troubles(r.Context(), maxTroubles)
	if err != nil {
		return err
	}
	b := boardPage{page: s.page(r), Text: f.text, Filtered: !f.empty(), Stopped: q.Get("refresh") == "0", Lang: q.Get("lang"), Me: me, SignedIn: signedIn}
	if !b.Stopped {
		b.Refresh = refreshEvery
	}
	if b.Stalls, err = s.stalls(r, b.W); err != nil {
		return err
	}
	if b.Choices, b.Rarer, err = s.choices(r.Context(), f, b.W); err != nil {
		return err
	}
	b.Narrowed = slices.ContainsFunc(b.Rarer, choice.Chosen)
	b.fill(v)
	if b.Week, err = s.week(r.Context(), &b.page, f, v.now); err != nil {
		return err
	}
	for i := range troubles {
		b.Troubles = append(b.Troubles, b.action(&troubles[i], v.now))
	}
	w.Header().Set("Content-Security-Policy", withScript)
	return s.render(w, http.StatusOK, "board.html", b)
}

// fill puts a survey on the page.
func (b *boardPage) fill(v *survey) {
	w := b.W
	b.Tiles = append(b.Tiles, tile{Class: "open", Label: w.tile("open", v.open), Count: v.open, Link: b.Here("state", "", "from", ""), Chosen: v.state == ""})
	for _, st := range []standing{missed, atRisk, paused, untriaged, parked} {
		if st == parked && v.counts[parked] == 0 {
			continue
		}
		b.Tiles = append(b.Tiles, tile{Class: string(st), Label: w.tile(string(st), v.counts[st]), Count: v.counts[st], Link: b.Here("state", string(st), "from", ""), Chosen: v.state == st})
	}
	b.Parked, b.MoreParked = b.shelf(&v.parked, v.now)
	b.Tickets, b.More = b.shelf(&v.tickets, v.now)
	b.Quiet, _ = b.shelf(&v.quiet, v.now)
	if n := v.quiet.fits; n > 0 {
		b.QuietSum = w.Say("board.quiet", "n", n)
	}
	on := &v.tickets
	if v.state == parked {
		on = &v.parked
	}
	if on.skip > 0 {
		before := ""
		if on.skip > maxShown {
			before = strconv.Itoa(on.skip - maxShown)
		}
		b.Before, b.BeforeSays = b.Here("from", before), w.Say("board.before", "n", min(on.skip, maxShown))
	}
	if n := min(on.fits, maxPaged) - on.room; n > 0 {
		b.Next, b.NextSays = b.Here("from", strconv.Itoa(on.room)), w.Say("board.next", "n", min(n, maxShown))
	}
}

// shelf is what is on a shelf, and how many more there are.
func (p *page) shelf(s *shelf, now time.Time) (list []ticketView, more string) {
	shown := s.shown()
	for i := range shown {
		list = append(list, p.ticket(&shown[i], now))
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
		Subject: e.Subject, Organization: e.Organization, Team: e.Group, Holder: e.Holder.String(),
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
			text := w.Say("board.chat_stalled")
			if _, _, place := strings.Cut(name, ":"); place { // a hook, or the mail server
				text = w.Say("board.place_stalled", "name", name)
			}
			list = append(list, stallView{Text: text, Why: brief(stalled[name])})
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
