package web

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"vigie/bot/store"
	"vigie/rules"
)

// Compile counts into a report what was decided of each ticket of the state, source
// by source, and gives each what came of it, if it isn't nil. It holds one ticket at
// a time.
func Compile(ctx context.Context, st *store.Store, policies map[string][]*rules.Policy, r *rules.Report, each func([]rules.Outcome) error) error {
	for _, source := range slices.Sorted(maps.Keys(policies)) {
		err := st.EachTicket(ctx, source, func(t *rules.Ticket) error {
			list := r.Add(policies[source], t)
			if each == nil || len(list) == 0 {
				return nil
			}
			return each(list)
		})
		if err != nil {
			return fmt.Errorf("report on %s: %w", source, err)
		}
	}
	r.Sum()
	return nil
}

// maxBreaches bounds how many missed targets the page lists; the CSV has all.
const maxBreaches = 500

// A reportPage is a report as its template shows it.
type reportPage struct {
	page
	First, Last   string // days
	Begin, End    string // the same, for people
	SoFar         *moment
	Lang          string
	Before, After string // links to the months before and after; After is "" for what is yet to come
	CSV           string // link to all outcomes; "" where there is none
	Share         string
	Counts        []tile
	Tables        []reportTable
	Breaches      []breachView
	More          string
	Unjudged      []rules.Unjudged
	OnItsOwn      bool // a file, which leads to no page of ours
	Style         template.CSS
	Nothing       bool // was decided
}

// A reportTable splits the targets by something.
type reportTable struct {
	Caption, By string
	Policies    bool // its rows say of which policy they are
	Rows        []reportRow
}

type reportRow struct {
	Name, Policy, Title string
	rules.Tally
	Share string
}

// A breachView is a missed target.
type breachView struct {
	Ref, Page, Vendor, AtVendor            string
	Subject, Organization, Team            string
	Policy, Metric, Cycle, Clause          string
	Priority, TargetAs, Late, Unit, AtOnce string
	Due                                    *moment
	Stopped                                *moment // nil: it was still open
	Changed                                *moment // goes with AtOnce
	Marks                                  []string
	Waited                                 string // for a third party
	Vendors                                []vendorView
	Silence                                string // why there is nothing of the vendor's
}

// report shows which targets were met within a period: ?from= and ?to= are its first
// and last day, by default this month's.
func (s *Server) report(w http.ResponseWriter, r *http.Request) error {
	report, err := s.period(r)
	if err != nil {
		return err
	}
	s.reporting.Lock()
	defer s.reporting.Unlock()
	if err := Compile(r.Context(), s.Store, s.Policies, report, nil); err != nil {
		return err
	}
	p := reportPage{page: s.page(r), Lang: r.URL.Query().Get("lang")}
	p.fill(report, s.Policies)
	p.CSV = p.Link("/report.csv", "from", p.First, "to", p.Last)
	month := func(from time.Time) string {
		return p.Link("/report", "from", from.Format(time.DateOnly), "to", from.AddDate(0, 1, -1).Format(time.DateOnly))
	}
	first := time.Date(report.From.Year(), report.From.Month(), 1, 0, 0, 0, 0, report.From.Location())
	p.Before = month(first.AddDate(0, -1, 0))
	if next := first.AddDate(0, 1, 0); next.Before(s.Now()) {
		p.After = month(next)
	}
	if len(p.Breaches) > maxBreaches {
		p.More = p.W.Fill(p.W.MoreBreaches, "n", len(p.Breaches)-maxBreaches)
		p.Breaches = p.Breaches[:maxBreaches]
	}
	return s.render(w, http.StatusOK, "report.html", p)
}

// period is the report that a request asks for, empty yet.
func (s *Server) period(r *http.Request) (*rules.Report, error) {
	q, now := r.URL.Query(), s.Now().In(s.home())
	from, to, err := rules.ReportDays(q.Get("from"), q.Get("to"), now)
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, speak(r).NoPeriod}
	}
	return rules.NewReport(from, to, now), nil
}

// reportCSV sends every outcome of a period, met or not.
func (s *Server) reportCSV(w http.ResponseWriter, r *http.Request) error {
	report, err := s.period(r)
	if err != nil {
		return err
	}
	s.reporting.Lock()
	defer s.reporting.Unlock()
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="vigie-%s-%s.csv"`,
		report.From.Format(time.DateOnly), report.To.AddDate(0, 0, -1).Format(time.DateOnly)))
	sheet := NewSheet(w, speak(r).Lang)
	if err = Compile(r.Context(), s.Store, s.Policies, report, sheet.Add); err == nil {
		err = sheet.End()
	}
	if err != nil { // what was sent can't be taken back, but the reader must see that it isn't all
		s.Log.Warn("report cut off", "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// WriteReport writes a report as a page that stands on its own, in "en" or "fr".
func WriteReport(out io.Writer, report *rules.Report, policies map[string][]*rules.Policy, language string) error {
	style, err := staticFiles.ReadFile("static/vigie.css")
	if err != nil {
		return err
	}
	w := &english
	if language == "fr" {
		w = &french
	}
	p := reportPage{page: page{W: w, Now: w.moment(report.At, report.At)}, OnItsOwn: true, Style: template.CSS(style)}
	p.fill(report, policies)
	return templates.ExecuteTemplate(out, "report_alone.html", p)
}

func (p *reportPage) fill(r *rules.Report, policies map[string][]*rules.Policy) {
	w, last := p.W, r.To.AddDate(0, 0, -1)
	p.First, p.Last = r.From.Format(time.DateOnly), last.Format(time.DateOnly)
	p.Begin, p.End = w.date(r.From, true), w.date(last, true)
	if r.At.Before(r.To) {
		at := w.moment(r.At, r.At)
		p.SoFar = &at
	}
	p.Share, p.Nothing = w.share(r.Tally), r.Tickets == 0
	p.Counts = []tile{
		{Label: w.Met, Count: r.Met}, {Label: w.ByWorkaround, Count: r.Workaround}, {Class: string(missed), Label: w.standing(missed), Count: r.Missed}, {Label: w.AtOnce, Count: r.AtOnce},
		{Label: w.Void, Count: r.Void}, {Label: w.StillOpen, Count: r.Open}, {Label: w.Tickets, Count: r.Tickets},
	}
	known := map[string][]*rules.Policy{}
	for _, source := range slices.Sorted(maps.Keys(policies)) {
		for _, policy := range policies[source] {
			known[policy.Name] = append(known[policy.Name], policy)
		}
	}
	several := len(r.ByPolicy) > 1
	title := func(row *rules.TallyRow) string {
		for _, policy := range known[row.Policy] {
			if words, ok := policy.Clauses[row.Name]; ok {
				return words.In(w.Lang)
			}
		}
		return ""
	}
	if several {
		t := reportTable{Caption: w.ByPolicy, By: w.Policy}
		for _, row := range r.ByPolicy {
			name := row.Policy
			if len(known[name]) > 0 {
				name = known[name][0].Title
			}
			t.Rows = append(t.Rows, reportRow{Name: name, Tally: row.Tally, Share: w.share(row.Tally)})
		}
		p.Tables = append(p.Tables, t)
	}
	for _, by := range []struct {
		caption, name string
		rows          []rules.TallyRow
	}{{w.ByClause, w.Clause, r.ByClause}, {w.ByPriority, w.Priority, r.ByPriority}, {w.ByOrganization, w.Organization, r.ByOrganization}} {
		t := reportTable{Caption: by.caption, By: by.name, Policies: several && by.name != w.Organization}
		for i := range by.rows {
			row := &by.rows[i]
			shown := reportRow{Name: row.Name, Policy: row.Policy, Tally: row.Tally, Share: w.share(row.Tally)}
			if shown.Name == "" {
				shown.Name = w.Unknown
			}
			if by.name == w.Clause {
				shown.Title = title(row)
			}
			t.Rows = append(t.Rows, shown)
		}
		p.Tables = append(p.Tables, t)
	}
	for i := range r.Breaches {
		p.Breaches = append(p.Breaches, p.breach(&r.Breaches[i], several, r.At))
	}
	p.Unjudged = r.Unjudged
}

func (p *reportPage) breach(o *rules.Outcome, several bool, now time.Time) breachView {
	w := p.W
	v := breachView{
		Ref: o.Ref(), Vendor: webAddress(o.URL), AtVendor: w.Fill(w.AtVendor, "name", o.Ref()), Subject: o.Subject, Organization: o.Organization, Team: o.Group,
		Metric: w.metric(o.Metric), Clause: o.Clause, Priority: o.Priority, Late: w.span(o.Late(), o.Business),
	}
	if !p.OnItsOwn {
		v.Page = p.Link(ticketPath(o.Source, o.ID))
	}
	if several {
		v.Policy = o.Policy
	}
	if o.Cycle > 1 {
		v.Cycle = w.Fill(w.Cycle, "n", o.Cycle)
	}
	if o.Business {
		v.Unit = w.businessTime
	}
	due := w.moment(*o.Due, now)
	v.Due = &due
	if o.StoppedAt != nil {
		at := w.moment(*o.StoppedAt, now)
		v.Stopped = &at
	}
	if o.ByChange != nil {
		at := w.moment(o.ByChange.At.In(o.DecidedAt.Location()), now)
		v.AtOnce, v.Changed = w.change(o.ByChange), &at
	}
	v.Marks = o.Marks
	if o.ThirdParty > 0 {
		v.Waited = w.Fill(w.Waited, "span", w.span(o.ThirdParty, false))
	}
	if o.Drift != nil {
		v.Silence = o.Drift.Silence(w.Lang)
		for i := range o.Drift.Rows {
			v.Vendors = append(v.Vendors, p.vendor(o.Drift, &o.Drift.Rows[i], now))
		}
	}
	return v
}

// share is how much of the targets was met, to a tenth of a percent; rounded down, so
// that all is said of all alone. "–" where there were none.
func (w *words) share(t rules.Tally) string {
	if _, ok := t.Share(); !ok {
		return "–"
	}
	tenths := 1000 * t.Met / (t.Met + t.Missed)
	if tenths%10 == 0 {
		return strconv.Itoa(tenths/10) + w.percent
	}
	return strconv.Itoa(tenths/10) + w.point + strconv.Itoa(tenths%10) + w.percent
}
