package zendesk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"vigie/rules"
)

// SLA asks what Zendesk's own SLA says of a ticket now: one request, for a person
// who wants to compare. There are no clocks where no policy of Zendesk's applies,
// the plan has none, or the ticket isn't shown to us.
//
// A sideload of one ticket has each clock's due instant and stage, another the
// metric events behind it (https://developer.zendesk.com/documentation/ticketing/reference-guides/ticket-metric-event-types-reference):
// where it began, the target that was applied, when it stood still. Neither says on
// which schedule it counts.
func (c *Client) SLA(ctx context.Context, id string) ([]rules.VendorClock, error) {
	if _, err := ticketNumber(id); err != nil {
		return nil, fmt.Errorf("ask for Zendesk's own SLA: %w", err)
	}
	var answer struct {
		Ticket struct {
			SLAs struct {
				Metrics []json.RawMessage `json:"policy_metrics"`
			} `json:"slas"`
			Events map[string]json.RawMessage `json:"metric_events"`
		} `json:"ticket"`
	}
	err := c.get(ctx, "/tickets/"+id+".json?include=slas,metric_events", &answer, "ticket")
	switch {
	case refused(err, http.StatusNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("ask for Zendesk's own SLA: %w", err)
	}
	var clocks []rules.VendorClock
	for _, raw := range answer.Ticket.SLAs.Metrics {
		var m slaMetric
		if decode(raw, &m) != nil || m.Metric == "" {
			continue
		}
		var events []json.RawMessage
		_ = decode(answer.Ticket.Events[m.eventsUnder()], &events) // absent or odd: nothing told
		clocks = append(clocks, m.clock(cycleOf(m.Metric, events), c.cfg.Now()))
	}
	return clocks, nil
}

// An slaMetric is one clock of the SLA that applies to a ticket.
type slaMetric struct {
	Metric text `json:"metric"`
	Stage  text `json:"stage"` // active, paused, achieved
	Breach text `json:"breach_at"`
}

// ours is the metric of ours that answers to Zendesk's. Three of its metrics end
// when a ticket is solved, and differ in what pauses them.
func (m *slaMetric) ours() rules.Metric {
	switch m.Metric {
	case "first_reply_time":
		return rules.FirstReply
	case "next_reply_time":
		return rules.NextReply
	case "periodic_update_time", "pausable_update_time":
		return rules.Update
	case "requester_wait_time", "agent_work_time", "total_resolution_time":
		return rules.Resolution
	}
	return ""
}

// eventsUnder is the name by which the metric's events go.
func (m *slaMetric) eventsUnder() string {
	switch m.Metric {
	case "first_reply_time", "next_reply_time":
		return "reply_time"
	case "total_resolution_time":
		return "resolution_time"
	}
	return string(m.Metric)
}

// A metricEvent is something that happened to a clock.
type metricEvent struct {
	Type     text `json:"type"` // activate, pause, fulfill, apply_sla, and others
	Time     text `json:"time"`
	Instance text `json:"instance_id"`
	SLA      struct {
		Minutes  int64 `json:"target"`
		Seconds  int64 `json:"target_in_seconds"` // newer answers only
		Business *bool `json:"business_hours"`
	} `json:"sla"`

	at time.Time
}

// cycleOf are the events of a metric's last cycle, in order of time. The first
// instance of the reply time is the first reply, later ones are next replies.
func cycleOf(metric text, list []json.RawMessage) (events []metricEvent) {
	first := func(e metricEvent) bool { return e.Instance == "1" }
	for _, raw := range list {
		var e metricEvent
		if decode(raw, &e) != nil {
			continue
		}
		var err error
		if e.at, err = instant(e.Time); err != nil {
			continue
		}
		if metric == "first_reply_time" && !first(e) || metric == "next_reply_time" && first(e) {
			continue
		}
		events = append(events, e)
	}
	slices.SortStableFunc(events, func(a, b metricEvent) int { return a.at.Compare(b.at) })
	if len(events) == 0 {
		return nil
	}
	last := events[len(events)-1].Instance
	return slices.DeleteFunc(events, func(e metricEvent) bool { return e.Instance != last })
}

// clock tells a metric of the SLA with the events of its cycle.
func (m *slaMetric) clock(events []metricEvent, now time.Time) rules.VendorClock {
	v := rules.VendorClock{Name: strings.ReplaceAll(string(m.Metric), "_", " "), Metric: m.ours(), State: rules.StateRunning}
	last := text("")
	var still time.Time // since when it stands still
	for i := range events {
		e := &events[i]
		switch e.Type {
		case "apply_sla":
			v.Target, v.Business = e.SLA.Seconds, e.SLA.Business
			if v.Target == 0 {
				v.Target = e.SLA.Minutes * 60
			}
			continue
		case "activate", "pause", "fulfill":
		default:
			continue
		}
		if v.StartedAt == nil {
			v.StartedAt = &e.at
		}
		if !still.IsZero() && still.Before(e.at) {
			v.Pauses = append(v.Pauses, rules.Pause{From: still, To: e.at})
		}
		if last, still = e.Type, e.at; last == "activate" {
			still = time.Time{}
		}
	}
	if last == "pause" && still.Before(now) {
		v.Pauses = append(v.Pauses, rules.Pause{From: still, To: now})
	}
	v.AllPauses = last == map[text]text{"active": "activate", "paused": "pause", "achieved": "fulfill"}[m.Stage] && last != ""
	if due, err := instant(m.Breach); err == nil {
		v.Due = &due
	}
	late := now
	switch m.Stage {
	case "paused":
		v.State, v.Paused = rules.StatePaused, true
		if v.Due != nil && v.Due.After(now) {
			v.Due = nil // it moves as long as the clock stands still
		}
	case "achieved":
		v.State, late = rules.StateMet, time.Time{}
		if v.AllPauses {
			v.StoppedAt, late = &still, still
		}
	}
	if v.Due != nil && v.Due.Before(late) {
		v.State = rules.StateBreached
	}
	return v
}
