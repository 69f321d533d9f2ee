package zendesk

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A SLA is one clock of Zendesk's own SLA on a ticket. It is shown as it is
// set: the sandbox counts nothing, and gives a ticket none by itself.
type SLA struct {
	Metric        string    // first_reply_time, next_reply_time, requester_wait_time and so on
	Stage         string    // active, paused or achieved
	BreachAt      time.Time // none if zero
	Target        int       // minutes; no policy is said to have been applied if zero
	BusinessHours bool
	Instance      int // of the metric; 1 if zero
	Events        []MetricEvent
}

// A MetricEvent is something that happened to a clock.
type MetricEvent struct {
	Type string // activate, pause, fulfill
	At   time.Time
}

// SetSLA says which clocks Zendesk's own SLA has on a ticket; none takes them off.
func (d *Desk) SetSLA(id int64, clocks ...SLA) error {
	var err error
	d.Do(func() {
		rec := d.state.live(id)
		if rec == nil {
			err = fmt.Errorf("there is no ticket %d", id)
			return
		}
		rec.SLA = clocks
		d.Changed()
	})
	return err
}

// clocked is a ticket with the sideloads of one ticket.
type clocked struct {
	Ticket
	SLAs   *policies                   `json:"slas,omitempty"`
	Events map[string][]map[string]any `json:"metric_events,omitempty"`
}

type policies struct {
	Metrics []map[string]any `json:"policy_metrics"`
}

// clocked adds a ticket's own SLA and its metric events, if the request asks for
// them.
func (d *Desk) clocked(c *call, rec *record, t Ticket) clocked {
	shown := clocked{Ticket: t}
	include := strings.Split(c.URL.Query().Get("include"), ",")
	if slices.Contains(include, "slas") {
		shown.SLAs = &policies{Metrics: []map[string]any{}}
		for _, sla := range rec.SLA {
			shown.SLAs.Metrics = append(shown.SLAs.Metrics, sla.shown(d.Now()))
		}
	}
	if slices.Contains(include, "metric_events") {
		shown.Events = map[string][]map[string]any{}
		for _, metric := range []string{"agent_work_time", "pausable_update_time", "periodic_update_time", "reply_time", "requester_wait_time", "resolution_time"} {
			shown.Events[metric] = []map[string]any{}
		}
		for _, sla := range rec.SLA {
			key := sla.key()
			shown.Events[key] = append(shown.Events[key], sla.events(t.ID, int64(len(shown.Events[key])+1))...)
		}
	}
	return shown
}

// shown is the clock as the sideload has it: what is left in days, hours or
// minutes, the largest that there is one of.
func (a SLA) shown(now time.Time) map[string]any {
	m := map[string]any{"breach_at": nil, "stage": a.Stage, "metric": a.Metric}
	if a.BreachAt.IsZero() {
		return m
	}
	m["breach_at"] = a.BreachAt.UTC().Truncate(time.Second)
	switch left := a.BreachAt.Sub(now); {
	case left.Abs() >= 24*time.Hour:
		m["days"] = int(left.Hours() / 24)
	case left.Abs() >= time.Hour:
		m["hours"] = int(left.Hours())
	default:
		m["minutes"] = int(left.Minutes())
	}
	return m
}

// key is what metric events call the metric.
func (a SLA) key() string {
	switch a.Metric {
	case "first_reply_time", "next_reply_time":
		return "reply_time"
	case "total_resolution_time":
		return "resolution_time"
	}
	return a.Metric
}

func (a SLA) events(ticket, first int64) []map[string]any {
	var list []map[string]any
	add := func(kind string, at time.Time) map[string]any {
		e := map[string]any{"id": ticket*1000 + first + int64(len(list)), "ticket_id": ticket, "metric": a.key(), "instance_id": max(1, a.Instance), "type": kind, "time": at.UTC().Truncate(time.Second)}
		list = append(list, e)
		return e
	}
	for i, e := range a.Events {
		add(e.Type, e.At)
		if i == 0 && a.Target > 0 {
			add("apply_sla", e.At)["sla"] = map[string]any{"target": a.Target, "business_hours": a.BusinessHours,
				"policy": map[string]any{"id": 25, "title": "Standard", "description": nil}}
			add("measure", e.At)
		}
	}
	return list
}
