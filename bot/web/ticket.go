package web

import (
	"context"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/bot/web/drawing"
	"vigie/rules"
	"vigie/rules/words"
)

// A ticketPage is one ticket with the evidence for each of its dates.
type ticketPage struct {
	page
	ticketView
	Facts     []fact
	Created   *moment
	Title     string // the policy's
	Source    string // where its text comes from
	Rubric    string
	Outside   string
	OutsideBy string // clause
	Marks     []markView
	Triage    *moment
	Late      bool // Triage has passed
	Escalated *issueView
	Kept      []string       // what people have changed and is left
	Held      *moment        // since when Holder sees to it; nil: nobody does
	Current   []timelineView // clocks that go on, the most pressing first
	Ended     []timelineView // a line for each, until it is opened
	People    []personView   // whom it called, and who asked for what
	Cuts      map[string]cut // by the list's name, and each metric's
	Alone     []vendorView   // clocks that only the vendor's own SLA has
	Silence   string         // why there is nothing of it
	Letter    string         // the explanation that the customer can be sent, in the requester's language
	Messages  []string
	Actions   []actionView
	Log       []loggedView

	handling map[string]string // by the chat's ids: those who have done something about it
}

// An evidence is a timeline with its page's words.
type evidence struct {
	timelineView
	W speech
}

// With has the template show a timeline's evidence.
func (t ticketPage) With(v timelineView) evidence { return evidence{v, t.W} }

type fact struct{ Name, Value string }

// An issueView is the issue that the technical team has of the ticket, or that it
// should have one.
type issueView struct {
	Key, URL, Status string
	By               *moment // while there is none, and one is expected
	Late             bool
	Clause           string
}

type markView struct{ Tag, Note, Clause, Proposed, Lang string }

// A timelineView is the evidence for one cycle of a clock.
type timelineView struct {
	clockView
	Calendar string
	Lines    []lineView
	Folded   bool // long: the reader opens it
	Stands   string
	ByChange string
	Changed  *moment
	Vendors  []vendorView // of its own SLA, for the same metric
	Cut      cut          // the ways to its other cycles, at the metric's first one here
	Name     string       // the metric's, for links
	Stretch  string       // how many lines
	Later    string       // what is said of lines in the future
	Pressing *rules.Stand // of a clock that goes on: what it is compared with others by
	Drawing  template.HTML
}

// A vendorView is a clock of the vendor's own SLA.
type vendorView struct {
	Name, State, Says string
	Due               *moment
}

// A lineView is one stretch of time, or, where Due is set, the due instant
// between two of them.
type lineView struct {
	From, To             moment
	Zone                 string // "": that of the line before
	Counted, Why, Team   string
	Counts, Future, Late bool
	Due                  *moment
	DueAfter             string
	Gap                  string // instead of lines: how many aren't shown, and where they are
}

// A loggedView is a verdict of the log.
type loggedView struct {
	At                         moment
	Priority, Origin, Proposed string
	Clocks                     []clockView
	Remark                     string
}

// unfolded is how many lines of a timeline are shown without being asked for.
const unfolded = 30

// ticket shows why each date of a ticket is where it is, and what was done. One page
// at a time is made, since one of much history takes much memory, and whoever asks for
// it meanwhile is sent the same; the vendor is asked before, and the reader, who may
// be slow, is sent it after.
func (s *Server) ticket(w http.ResponseWriter, r *http.Request) error {
	source, id := r.PathValue("source"), r.PathValue("id")
	ctx := context.WithoutCancel(r.Context()) // the first reader may leave, and the others wait
	page, err, _ := s.explained.Do(speak(r).Tag+" "+source+":"+id+" "+r.URL.RequestURI(), func() (any, error) {
		heard, err := s.Store.Heard(ctx, source, id)
		if err != nil {
			return nil, err
		}
		if !heard {
			return nil, &refusal{http.StatusNotFound, speak(r).Say("refusal.no_ticket")}
		}
		vendor := s.askVendor(ctx, source, id)
		s.explaining.Lock()
		defer s.explaining.Unlock()
		return s.ticketPage(ctx, s.page(r), source, id, vendor)
	})
	if err != nil {
		return err
	}
	s.send(w, http.StatusOK, page.([]byte))
	return nil
}

func (s *Server) ticketPage(ctx context.Context, p page, source, id string, vendor *rules.VendorSLA) ([]byte, error) {
	row, err := s.Store.Ticket(ctx, source, id)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, &refusal{http.StatusNotFound, p.W.Say("refusal.no_ticket")}
	}
	now := s.Now().In(s.zone(source))
	t := ticketPage{page: p, Cuts: map[string]cut{}}
	e := judge(row, s.Policies, now, t.W)
	t.ticketView = t.page.ticket(&e, now)
	if row.Ticket != nil {
		t.facts(row.Ticket, &e.verdict, now)
	}
	if e.problem == "" {
		x, err := rules.Explain(s.Policies[source], row.Ticket, now)
		if err != nil {
			return nil, err
		}
		if s.Due != nil {
			x.Keep(s.Due(source))
		}
		if vendor != nil {
			x.Compare(*vendor)
		}
		t.explain(&x, now)
		letter := words.In(row.Ticket.Language).Letter(&x)
		t.Letter = letter.String()
	}
	t.handling = row.Ticket.Handlers()
	if err := s.done(ctx, &t, source, id, now); err != nil {
		return nil, err
	}
	return rendered("ticket.html", t)
}

// done tells what was said and done about a ticket, and what was thought of it when.
func (s *Server) done(ctx context.Context, t *ticketPage, source, id string, now time.Time) error {
	messages, err := s.Store.Messages(ctx, source, id)
	if err != nil {
		return err
	}
	for _, m := range messages {
		about := "ticket.message_cycle"
		if m.Metric == rules.TriageTopic || m.Metric == rules.EscalationTopic || strings.HasPrefix(m.Metric, rules.MarkTopic) {
			about = "ticket.message" // these have no cycles
		}
		// Beside a channel's message there may be lines of its thread that the channel shows
		// too, and one whose thread takes no replies: where they are is the same.
		channel, _, _ := strings.Cut(m.Route, "/")
		said := t.W.Say(about, "topic", t.W.topic(m.Metric), "n", m.Cycle, "name", channel)
		if !slices.Contains(t.Messages, said) {
			t.Messages = append(t.Messages, said)
		}
	}
	if err := s.people(ctx, t, source, id, now); err != nil {
		return err
	}
	actions, logged, err := s.Store.CountHistory(ctx, source, id)
	if err != nil {
		return err
	}
	var from, to int
	from, to, t.Cuts["actions"] = t.cut("actions", actions, maxActions)
	list, err := s.Store.SomeActions(ctx, source, id, from, to-from)
	if err != nil {
		return err
	}
	for i := range list {
		t.Actions = append(t.Actions, t.action(&list[i], now))
	}
	from, to, t.Cuts["log"] = t.cut("log", logged, maxLogged)
	log, err := s.Store.SomeVerdicts(ctx, source, id, from, to-from)
	if err != nil {
		return err
	}
	for i := range log {
		t.Log = append(t.Log, t.logged(&log[i], s.Policies[source], now))
	}
	return nil
}

// askVendor asks what the vendor's own SLA says of a ticket; nil where there is none.
// A vendor that has just failed to answer isn't waited for.
func (s *Server) askVendor(ctx context.Context, source, id string) *rules.VendorSLA {
	own, there := s.SLAs[source]
	if !there {
		return nil
	}
	says := rules.VendorSLA{Vendor: own.Vendor, Unknown: rules.NoAnswer}
	if s.stalled(ctx)[source] == nil {
		says = own.Ask(ctx, id)
	}
	return &says
}

func (t *ticketPage) facts(ticket *rules.Ticket, v *rules.Verdict, now time.Time) {
	w := t.W
	kind, group, assignee, organization, _, _ := v.Now()
	if v.Status == "" { // not judged: what it was like at its creation
		kind, group, assignee, organization = ticket.Kind, ticket.Group, ticket.Assignee, ticket.Organization
	}
	status := ""
	if v.Status != "" {
		status = w.Status(v.Status)
	}
	who, since, held := ticket.HeldBy()
	if held {
		at := w.moment(since.In(now.Location()), now)
		t.Held = &at
	}
	if assignee == who.Email {
		assignee = "" // said already
	}
	for _, f := range []fact{
		{w.Say("label.organization"), organization}, {w.Say("label.team"), group}, {w.Say("label.assignee"), assignee}, {w.Say("label.kind"), kind}, {w.Say("label.status"), status},
	} {
		if f.Value != "" {
			t.Facts = append(t.Facts, f)
		}
	}
	created := w.moment(ticket.CreatedAt.In(now.Location()), now)
	t.Created = &created
}

func (t *ticketPage) explain(x *rules.Explanation, now time.Time) {
	w, v := t.W, &x.Verdict
	t.Title, t.Source, t.Rubric = x.Policy.In(w.Tag), x.Text, x.Rubric.In(w.Tag)
	if v.Unknown != "" {
		t.Origin = w.UnknownPriority(v.Unknown, v.Priority)
	}
	if v.Excluded != nil {
		t.Outside, t.OutsideBy = v.Excluded.Reason.In(w.Tag), v.Excluded.Clause
	}
	for _, m := range v.Marks {
		t.Marks = append(t.Marks, markView{m.Tag, m.Note.In(w.Tag), m.Clause, m.Proposed, words.In(x.Ticket.Language).Tag})
	}
	for i := range x.Kept {
		t.Kept = append(t.Kept, w.Kept(&x.Kept[i]))
	}
	if v.Triage != nil {
		at := w.moment(v.Triage.At, now)
		t.Triage, t.Late = &at, v.Triage.Late
	}
	if e := v.Escalation; e != nil {
		t.Escalated = &issueView{Clause: e.Clause, Late: e.Late}
		switch {
		case e.Issue != nil:
			t.Escalated.Key, t.Escalated.URL, t.Escalated.Status = e.Issue.Key, e.Issue.URL, e.Issue.Status
		case e.LinkBy != nil:
			at := w.moment(*e.LinkBy, now)
			t.Escalated.By = &at
		}
	}
	some, cuts := t.shown(x.Timelines)
	for i, tl := range some {
		view := t.timeline(tl, now)
		if i == 0 || some[i-1].Metric != tl.Metric {
			view.Cut, view.Name = cuts[tl.Metric], string(tl.Metric)
		}
		if i+1 == len(some) || some[i+1].Metric != tl.Metric { // earlier cycles are over, and the page is bounded
			view.Drawing = drawing.Clock(w.Language, "drawn-"+string(tl.Metric), tl, now)
		}
		for _, r := range x.Drift.Of(&tl.Clock) {
			view.Vendors = append(view.Vendors, t.vendor(x.Drift, &r, now))
		}
		if view.Pressing != nil {
			t.Current = append(t.Current, view)
		} else {
			t.Ended = append(t.Ended, view)
		}
	}
	slices.SortStableFunc(t.Current, func(a, b timelineView) int { return a.Pressing.Pressing(*b.Pressing) })
	if x.Drift != nil {
		t.Silence = w.Silence(x.Drift)
		for _, r := range x.Drift.Alone() {
			t.Alone = append(t.Alone, t.vendor(x.Drift, &r, now))
		}
	}
}

func (p *page) vendor(d *rules.Drift, r *rules.DriftRow, now time.Time) vendorView {
	v := vendorView{Name: d.Vendor, Says: p.W.Difference(r)}
	if r.Name != "" {
		v.Name, v.State = d.Vendor+" ("+r.Name+")", p.W.state(r.State)
	}
	if r.Due != nil {
		at := p.W.moment(*r.Due, now)
		v.Due = &at
	}
	return v
}

func (t *ticketPage) timeline(tl *rules.Timeline, now time.Time) timelineView {
	w, c := t.W, &tl.Clock
	v := timelineView{clockView: t.clock(c, now), Calendar: c.Calendar}
	v.TargetAs = w.Target(tl.TargetAs)
	lines := tl.Stretches()
	if len(lines) > 0 {
		v.Stretch = w.Say("ticket.stretches", "n", len(lines))
	}
	v.Folded = len(lines) > unfolded
	v.Later = w.Say("ticket.to_come")
	if c.Stopped() {
		v.Later, v.Folded = w.Say("ticket.after_end"), false // it is behind a line as a whole
	} else {
		v.Pressing = &rules.Stand{Standing: c.Standing(now)}
		if c.Due != nil {
			v.Pressing.Due = *c.Due
		} else {
			v.Pressing.Left = c.Remaining
		}
	}
	if c.ByChange != nil {
		at := w.moment(c.ByChange.At.In(now.Location()), now)
		v.ByChange, v.Changed = w.change(c.ByChange), &at
	}
	due := lineView{DueAfter: w.Say("ticket.due_after", "span", w.exact(tl.Sum)), Due: v.Due}
	marked := c.Due == nil
	if marked {
		v.Stands = w.Say("ticket.no_due", "span", w.exact(tl.Sum))
	}
	gone := left(lines)
	for i := 0; i < len(lines); i++ {
		if end := gone[i]; end > 0 {
			v.Lines = append(v.Lines, lineView{Gap: w.Say("ticket.more_lines", "n", end-i, "name", t.Ref)})
			i = end
		}
		l := &lines[i]
		zone := l.To.Location().String()
		if i > 0 && zone == lines[i-1].To.Location().String() {
			zone = "" // it is that of the line before
		}
		if l.Late && !marked {
			v.Lines, marked = append(v.Lines, due), true
		}
		line := lineView{
			From: w.moment(l.From, now), To: w.moment(l.To, now), Zone: zone, Why: w.why(l), Team: l.Team,
			Counts: l.Counted > 0, Future: l.Future, Late: l.Late,
		}
		if l.From.Format(time.DateOnly) == l.To.Format(time.DateOnly) {
			line.To.Text = clock(l.To)
		}
		if line.Counts {
			line.Counted = "+" + w.exact(l.Counted)
		}
		v.Lines = append(v.Lines, line)
	}
	if !marked {
		v.Lines = append(v.Lines, due)
	}
	return v
}

// left are the lines of a timeline that aren't shown: by the first of a gap, where it
// ends.
func left(lines []rules.Line) map[int]int {
	around := len(lines)
	for i := range lines {
		if lines[i].Late {
			around = i
			break
		}
	}
	left := map[int]int{}
	from, to := gaps(len(lines), around)
	for i := range from {
		left[from[i]] = to[i]
	}
	return left
}

// logged is a verdict as it was given. Its instants come without their zone; the
// calendar that they were counted on still has it.
func (t *ticketPage) logged(l *store.Logged, policies []*rules.Policy, now time.Time) loggedView {
	w, v := t.W, &l.Verdict
	view := loggedView{At: w.moment(l.At.In(now.Location()), now), Priority: w.priority(v), Origin: w.origin(v), Proposed: t.proposed(v)}
	switch {
	case !v.Covered():
		view.Remark = w.Say("ticket.not_covered")
	case v.Excluded != nil:
		view.Remark = w.Say("ticket.outside") + w.Say("web.colon") + v.Excluded.Reason.In(w.Tag)
	case len(v.Clocks) == 0:
		view.Remark = w.without(v)
	}
	for i := range v.Clocks {
		c := &v.Clocks[i]
		if c.Due != nil {
			due := c.Due.In(zoneOf(policies, v, c.Calendar, now.Location()))
			c.Due = &due
		}
		view.Clocks = append(view.Clocks, t.clock(c, l.At))
	}
	return view
}

func zoneOf(policies []*rules.Policy, v *rules.Verdict, calendar string, otherwise *time.Location) *time.Location {
	for _, p := range policies {
		if c := p.Calendars[calendar]; c != nil && v.Policy != nil && p.Name == *v.Policy {
			return c.Zone()
		}
	}
	return otherwise
}
