package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"vigie/bot/store"
	"vigie/rules"
	"vigie/rules/report"
)

// Compile counts into a report what was decided of each ticket of the state, source
// by source, and gives each what came of it, if it isn't nil. It holds one ticket at
// a time.
func Compile(ctx context.Context, st *store.Store, policies map[string][]*rules.Policy, r *report.Report, each func([]report.Outcome) error) error {
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
		p.More = p.W.Say("report.more_missed", "n", len(p.Breaches)-maxBreaches)
		p.Breaches = p.Breaches[:maxBreaches]
	}
	p.Flags = p.Flags[:min(len(p.Flags), maxBreaches)]
	return s.render(w, http.StatusOK, "report.html", p)
}

// period is the report that a request asks for, empty yet.
func (s *Server) period(r *http.Request) (*report.Report, error) {
	q, now := r.URL.Query(), s.Now().In(s.home())
	from, to, err := report.Period(q.Get("from"), q.Get("to"), now)
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, speak(r).Say("refusal.no_period")}
	}
	return report.New(from, to, now), nil
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
	table := NewCSV(w, speak(r).Tag)
	if err = Compile(r.Context(), s.Store, s.Policies, report, table.Add); err == nil {
		err = table.End()
	}
	if err != nil { // what was sent can't be taken back, but the reader must see that it isn't all
		s.Log.Warn("report cut off", "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
