package web

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"vigie/bot/store"
	"vigie/rules"
	"vigie/rules/words"
)

// A Meter counts what the engine does, for /metrics.
type Meter struct {
	actions  *prometheus.CounterVec
	lateness *prometheus.HistogramVec
	rounds   *prometheus.HistogramVec
	failures *prometheus.CounterVec
}

// NewMeter is a Meter that has counted nothing yet. The alarms are there from the
// start, at 0: Prometheus sees no increase in what wasn't there before.
func NewMeter() *Meter {
	m := &Meter{
		actions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vigie_actions_total", Help: "Actions that came to an end or were put off after a failure, by kind and outcome."},
			[]string{"kind", "outcome"}),
		lateness: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vigie_alarm_lateness_seconds", Help: "How long after its threshold an alarm went out.",
			Buckets: []float64{1, 2, 5, 15, 60, 300, 900, 3600, 4 * 3600}},
			[]string{"kind"}),
		rounds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vigie_round_duration_seconds", Help: "How long a round of a loop's work took.",
			Buckets: []float64{.01, .05, .25, 1, 5, 15, 30}},
			[]string{"loop"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vigie_round_failures_total", Help: "Rounds that ended with an error, after which the loop pauses."},
			[]string{"loop"}),
	}
	for _, kind := range store.Kinds() {
		if kind.Alarm() {
			m.lateness.WithLabelValues(string(kind.Kind))
		}
	}
	return m
}

// Round notes how long a round of a loop took, and whether it failed.
func (m *Meter) Round(loop string, took time.Duration, err error) {
	m.rounds.WithLabelValues(loop).Observe(took.Seconds())
	failures := m.failures.WithLabelValues(loop) // there from the first round on
	if err != nil {
		failures.Inc()
	}
}

// Ended counts an action's end: done, dropped, skipped, parked, or failed, after
// which it is tried again.
func (m *Meter) Ended(kind, outcome string) { m.actions.WithLabelValues(kind, outcome).Inc() }

// Late notes how long after its threshold an alarm went out.
func (m *Meter) Late(kind string, by time.Duration) {
	m.lateness.WithLabelValues(kind).Observe(by.Seconds())
}

// A Build is which program this is, for people who compare it with another.
type Build struct {
	Version string // a release, or "devel"
	Commit  string // and of which day
	Zones   string // the time zones' edition, and where they are from
	Go      string // which Go made it, and for which machine
}

// clocksFor is how long the count of clocks is kept: after a change of policy it
// takes judging every open ticket, and a scrape must not cost that.
const clocksFor = time.Minute

// A gauge is what the metrics say of the present, asked for when they are.
type gauge struct {
	name, help string
	label      string // its only one, or ""
}

var (
	newsAge     = gauge{"vigie_source_news_age_seconds", "Seconds since a source was last read to its end.", "source"}
	stalled     = gauge{"vigie_stalled", "1 while a source, the deadlines or the chat pauses after an error.", "loop"}
	quotaUsed   = gauge{"vigie_source_quota_used_ratio", "How much of our share of a vendor's limit on requests is taken, from 0 to 1.", "source"}
	queueTakes  = gauge{"vigie_source_queue_seconds", "About how long it will take to read and write all that waits, within our share of a vendor's limit.", "source"}
	unread      = gauge{"vigie_tickets_unread", "Tickets that changed and haven't been read since.", "source"}
	parkedCount = gauge{"vigie_tickets_parked", "Tickets that can't be read or judged.", "source"}
	waiting     = gauge{"vigie_actions_waiting", "Actions to be carried out, by kind.", "kind"}
	stuck       = gauge{"vigie_actions_parked", "Actions that a person must look at, by kind.", "kind"}
	refused     = gauge{"vigie_actions_refused", "Messages that Slack refused, and that are tried again, by kind.", "kind"}
	webhooks    = gauge{"vigie_webhooks_total", "Webhooks since the start, by outcome.", "outcome"}
)

func (g gauge) desc() *prometheus.Desc {
	return prometheus.NewDesc(g.name, g.help, []string{g.label}, nil)
}

var (
	reachable   = prometheus.NewDesc("vigie_store_reachable", "1 if the state can be reached and takes changes; what it can't be asked is left out here.", nil, nil)
	storeErrors = prometheus.NewDesc("vigie_store_errors_total", "Transactions on the state that failed, since the start.", nil, nil)
	buildInfo   = prometheus.NewDesc("vigie_build_info", "1: which program this is, and by whose time zones it judges.", []string{"version", "commit", "zones", "go"}, nil)
	hangingDesc = prometheus.NewDesc("vigie_rounds_hanging", "Rounds of work that have not ended for minutes.", nil, nil)
)

var clockDesc = prometheus.NewDesc("vigie_clocks", "Clocks of open tickets, by metric and where they stand, at most a minute old.", []string{"metric", "standing"}, nil)

// metrics is what Prometheus is shown.
func (s *Server) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), present{s})
	if s.Meter != nil {
		registry.MustRegister(s.Meter.actions, s.Meter.lateness, s.Meter.rounds, s.Meter.failures)
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// present collects what is so at this instant.
type present struct{ *Server }

// Describe is empty: what there is depends on the configuration.
func (present) Describe(chan<- *prometheus.Desc) {}

// Collect says what is known here, and then asks the store. What can't be asked is
// left out, loudly: a gauge that stands still would be believed. The rest is said
// all the same, since it is wanted most then.
func (s present) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	err := s.reach(ctx)
	up := 0.0
	if err == nil {
		up = 1
	}
	out <- prometheus.MustNewConstMetric(reachable, prometheus.GaugeValue, up)
	s.collectOwn(ctx, out)
	if left := s.collectStored(ctx, out); left != nil {
		s.Log.Error("metrics left out", "err", left)
	}
}

// scrapeTime is less than Prometheus waits for an answer, 10 s unless it is told
// otherwise.
const scrapeTime = 8 * time.Second

func send(out chan<- prometheus.Metric, g gauge, kind prometheus.ValueType, label string, v float64) {
	out <- prometheus.MustNewConstMetric(g.desc(), kind, v, label)
}

// collectOwn is what this program knows by itself.
func (s present) collectOwn(ctx context.Context, out chan<- prometheus.Metric) {
	out <- prometheus.MustNewConstMetric(storeErrors, prometheus.CounterValue, float64(s.Store.Failures()))
	if b := s.Build; b.Version != "" {
		out <- prometheus.MustNewConstMetric(buildInfo, prometheus.GaugeValue, 1, b.Version, b.Commit, b.Zones, b.Go)
	}
	if s.Hung != nil {
		out <- prometheus.MustNewConstMetric(hangingDesc, prometheus.GaugeValue, float64(s.Hung(s.clock())))
	}
	for name, used := range s.QuotaUsed {
		send(out, quotaUsed, prometheus.GaugeValue, name, used())
	}
	waits := s.stalled(ctx)
	for name := range s.Policies {
		if _, waits := waits[name]; !waits {
			send(out, stalled, prometheus.GaugeValue, name, 0)
		}
	}
	for name := range waits {
		send(out, stalled, prometheus.GaugeValue, name, 1)
	}
	for outcome, n := range map[string]int64{
		"fresh": s.tally.fresh.Load(), "repeated": s.tally.repeated.Load(), "forged": s.tally.forged.Load(),
		"unreadable": s.tally.unreadable.Load(), "failed": s.tally.failed.Load(), "limited": s.tally.limited.Load(),
	} {
		send(out, webhooks, prometheus.CounterValue, outcome, float64(n))
	}
}

// collectStored is what the store knows, as far as it answers.
func (s present) collectStored(ctx context.Context, out chan<- prometheus.Metric) error {
	for _, name := range slices.Sorted(maps.Keys(s.Policies)) {
		_, read, err := s.Store.Cursor(ctx, name)
		if err != nil {
			return err
		}
		if !read.IsZero() {
			send(out, newsAge, prometheus.GaugeValue, name, s.Now().Sub(read).Seconds())
		}
	}
	t, err := s.Store.Tallies(ctx)
	if err != nil {
		return err
	}
	for name := range s.Policies { // a source that has none shows so
		t.Unread[name] += 0
		t.Parked[name] += 0
	}
	for name, takes := range s.Takes {
		send(out, queueTakes, prometheus.GaugeValue, name, takes(t.Unread[name], t.Writes[name]).Seconds())
	}
	for g, counts := range map[gauge]map[string]int{unread: t.Unread, parkedCount: t.Parked, waiting: t.Waiting, stuck: t.Stuck, refused: t.Refused} {
		for label, n := range counts {
			send(out, g, prometheus.GaugeValue, label, float64(n))
		}
	}
	clocks, err := s.clocks(ctx)
	if err != nil {
		return err
	}
	for of, n := range clocks {
		out <- prometheus.MustNewConstMetric(clockDesc, prometheus.GaugeValue, float64(n), string(of.metric), string(of.standing))
	}
	return nil
}

type clockCount struct {
	metric   rules.Metric
	standing standing
}

// census remembers the clocks of open tickets for a while.
type census struct {
	until  time.Time
	clocks map[clockCount]int
}

// clocks counts the clocks of open tickets, at most clocksFor ago.
func (s *Server) clocks(ctx context.Context) (map[clockCount]int, error) {
	s.counting.Lock()
	defer s.counting.Unlock()
	if now := s.clock(); now.Before(s.counted.until) {
		return s.counted.clocks, nil
	}
	v := newSurvey(filter{})
	if err := s.look(ctx, v, nil, in(words.Fallback)); err != nil {
		return nil, err
	}
	s.counted = census{until: s.clock().Add(clocksFor), clocks: v.clocks}
	return v.clocks, nil
}
