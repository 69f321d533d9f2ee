package web

import (
	"cmp"
	"html/template"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/bot/web/drawing"
	"vigie/rules"
	"vigie/rules/report"
)

// maxBreaches bounds how many missed targets the page lists, and how many flags; the
// CSV has all.
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
	Apart         []apartTable
	Flags         []flagView
	Unjudged      []report.Unjudged
	OnItsOwn      bool // a file, which leads to no page of ours
	Style         template.CSS
	Nothing       bool // was decided
}

// A reportTable splits the targets by something.
type reportTable struct {
	Caption, By string
	Rows        []reportRow
	Drawing     template.HTML // the parts of the period beside each other; "" where there is nothing to compare
}

type reportRow struct {
	Name, Policy, Title string
	report.Tally
	Share string
}

// An apartTable is what is counted apart from the targets.
type apartTable struct {
	Caption, Of string
	Rows        []apartRow
}

type apartRow struct {
	Tag, Policy, Clause, Why string
	Tickets                  int
}

// A flagView is a ticket that a mark flags.
type flagView struct {
	Ref, Page, Vendor, AtVendor string
	Subject, Organization       string
	Tag, Clause, Note           string
	Since                       *moment
}

// A breachView is a missed target.
type breachView struct {
	Ref, Page, Vendor, AtVendor   string
	Subject, Organization, Team   string
	Policy, Metric, Cycle, Clause string
	Priority, Late, Unit, AtOnce  string
	Due                           *moment
	Stopped                       *moment // nil: it was still open
	Changed                       *moment // goes with AtOnce
	Marks                         []string
	Waited                        string // for a third party
	Vendors                       []vendorView
	Silence                       string // why there is nothing of the vendor's
}

// WriteReport writes a report as a page that stands on its own, in a language.
// vendors is what each source's vendor is called.
func WriteReport(out io.Writer, report *report.Report, policies map[string][]*rules.Policy, vendors map[string]string, language string) error {
	style, err := staticFiles.ReadFile("static/vigie.css")
	if err != nil {
		return err
	}
	w := in(language)
	p := reportPage{page: page{W: w, Now: w.moment(report.At, report.At), vendors: vendors}, OnItsOwn: true, Style: template.CSS(style)}
	p.fill(report, policies)
	return templates.ExecuteTemplate(out, "report_alone.html", p)
}

func (p *reportPage) fill(r *report.Report, policies map[string][]*rules.Policy) {
	w, last := p.W, r.To.AddDate(0, 0, -1)
	p.First, p.Last = r.From.Format(time.DateOnly), last.Format(time.DateOnly)
	p.Begin, p.End = w.date(r.From, true), w.date(last, true)
	if r.At.Before(r.To) {
		at := w.moment(r.At, r.At)
		p.SoFar = &at
	}
	p.Share, p.Nothing = w.Share(r.Tally), r.Tickets == 0
	p.Counts = []tile{
		{Label: "met", Count: r.Met}, {Label: "workaround", Count: r.Workaround}, {Class: string(missed), Label: "missed", Count: r.Missed}, {Label: "at_once", Count: r.AtOnce},
		{Label: "void", Count: r.Void}, {Label: "still_open", Count: r.Open}, {Label: "tickets", Count: r.Tickets}, {Label: "outside", Count: r.LeftOut()},
	}
	for i := range p.Counts {
		p.Counts[i].Label = w.tile(p.Counts[i].Label, p.Counts[i].Count)
	}
	known := map[string][]*rules.Policy{}
	for _, source := range slices.Sorted(maps.Keys(policies)) {
		for _, policy := range policies[source] {
			known[policy.Name] = append(known[policy.Name], policy)
		}
	}
	several := len(r.ByPolicy) > 1
	title := func(row *report.TallyRow) string {
		for _, policy := range known[row.Policy] {
			if words, ok := policy.Clauses[row.Name]; ok {
				return words.In(w.Tag)
			}
		}
		return ""
	}
	if several {
		t := reportTable{Caption: w.Say("report.by_policy"), By: w.Say("label.policy")}
		for _, row := range r.ByPolicy {
			t.Rows = append(t.Rows, reportRow{Name: row.Titles.In(w.Tag), Tally: row.Tally, Share: w.Share(row.Tally)})
		}
		p.Tables = append(p.Tables, t)
	}
	for n, by := range []struct {
		caption, name string
		rows          []report.TallyRow
	}{{"report.by_clause", "label.clause", r.ByClause}, {"report.by_priority", "label.priority", r.ByPriority}, {"report.by_organization", "label.organization", r.ByOrganization}} {
		t := reportTable{Caption: w.Say(by.caption), By: w.Say(by.name)}
		var drawn []drawing.Share
		for i := range by.rows {
			row := &by.rows[i]
			shown := reportRow{Name: row.Name, Tally: row.Tally, Share: w.Share(row.Tally)}
			if several {
				shown.Policy = row.Titles.In(w.Tag)
			}
			if shown.Name == "" {
				shown.Name = w.Say("web.no_priority")
			}
			if by.name == "label.clause" {
				shown.Title = title(row)
			}
			t.Rows = append(t.Rows, shown)
			if row.Parts != nil {
				drawn = append(drawn, drawing.Share{Name: strings.TrimSpace(shown.Name + " " + cmp.Or(shown.Policy, shown.Title)), Parts: row.Parts})
			}
		}
		t.Drawing = drawing.Shares(w.Language, "drawn-"+strconv.Itoa(n), t.Caption, r.Parts, drawn)
		p.Tables = append(p.Tables, t)
	}
	for i := range r.Breaches {
		p.Breaches = append(p.Breaches, p.breach(&r.Breaches[i], several, r.At))
	}
	p.Apart = p.apart(r, func(policy string) string {
		if !several || len(known[policy]) == 0 {
			return ""
		}
		return known[policy][0].Titles.In(w.Tag)
	})
	for i := range r.Flagged {
		p.Flags = append(p.Flags, p.flag(&r.Flagged[i], r.At))
	}
	p.Unjudged = r.Unjudged
}

// apart are the tables of what is counted apart; title is what a policy is called where
// there are several.
func (p *reportPage) apart(r *report.Report, title func(policy string) string) (tables []apartTable) {
	w := p.W
	of := w.Say("report.came", "n", r.Came)
	for _, t := range []struct {
		caption string
		rows    []report.ApartRow
	}{{w.Say("ticket.outside"), r.Outside}, {w.Say("report.marked"), r.Marked}} {
		table := apartTable{Caption: t.caption, Of: of}
		for _, row := range t.rows {
			table.Rows = append(table.Rows, apartRow{row.Tag, title(row.Policy), row.Clause, row.Why.In(w.Tag), row.Tickets})
		}
		if len(table.Rows) > 0 {
			tables = append(tables, table)
		}
	}
	return tables
}

func (p *reportPage) flag(f *report.Flag, now time.Time) flagView {
	w := p.W
	since := w.moment(f.Since, now)
	v := flagView{Ref: f.Ref(), Vendor: webAddress(f.URL), AtVendor: p.atVendor(f.Source, f.ID), Subject: f.Subject, Organization: f.Organization,
		Tag: f.Tag, Clause: f.Clause, Note: f.Note.In(w.Tag), Since: &since}
	if !p.OnItsOwn {
		v.Page = p.Link(ticketPath(f.Source, f.ID))
	}
	return v
}

func (p *reportPage) breach(o *report.Outcome, several bool, now time.Time) breachView {
	w := p.W
	v := breachView{
		Ref: o.Ref(), Vendor: webAddress(o.URL), AtVendor: p.atVendor(o.Source, o.ID), Subject: o.Subject, Organization: o.Organization, Team: o.Group,
		Metric: w.Metric(o.Metric), Clause: o.Clause, Priority: o.Priority, Late: w.span(o.Late(), o.Business, short(&o.Clock)),
	}
	if !p.OnItsOwn {
		v.Page = p.Link(ticketPath(o.Source, o.ID))
	}
	if several {
		v.Policy = o.Titles().In(w.Tag)
	}
	if o.Cycle > 1 {
		v.Cycle = w.Say("ticket.cycle", "n", o.Cycle)
	}
	if o.Business {
		v.Unit = w.Say("page.business_time")
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
		v.Waited = w.Say("report.waited", "span", w.span(o.ThirdParty, false, false))
	}
	if o.Drift != nil {
		v.Silence = w.Silence(o.Drift)
		for i := range o.Drift.Rows {
			v.Vendors = append(v.Vendors, p.vendor(o.Drift, &o.Drift.Rows[i], now))
		}
	}
	return v
}
