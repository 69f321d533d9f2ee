package zendesk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

func ptr[T any](v T) *T { return &v }

// What Zendesk's own SLA says of a ticket is told with what stands behind it, and
// what isn't told is left empty.
func TestSLA(t *testing.T) {
	created, replied, asked, back := at("Fri 2026-11-27 09:00:00"), at("Fri 2026-11-27 10:00:00"), at("Fri 2026-11-27 11:00:00"), at("Fri 2026-11-27 12:00:00")
	now, past, future := at("Fri 2026-11-27 16:30:00"), at("Fri 2026-11-27 09:30:00"), at("Mon 2026-11-30 09:00:00")
	began := sandbox.ZendeskMetricEvent{Type: "activate", At: created}
	waiting := []sandbox.ZendeskMetricEvent{began, {Type: "pause", At: asked}, {Type: "activate", At: back}}
	cases := map[string]struct {
		sla  []sandbox.ZendeskSLA
		want []rules.VendorClock
	}{
		"none": {},
		"running, was paused": {
			[]sandbox.ZendeskSLA{{Metric: "requester_wait_time", Stage: "active", BreachAt: future, Target: 480, BusinessHours: true, Events: waiting}},
			[]rules.VendorClock{{Name: "requester wait time", Metric: rules.Resolution, State: rules.StateRunning, Due: &future, Target: 28800, Business: ptr(true),
				StartedAt: &created, Pauses: []rules.Pause{{From: asked, To: back}}, AllPauses: true}},
		},
		"paused: a date that moves is none": {
			[]sandbox.ZendeskSLA{{Metric: "agent_work_time", Stage: "paused", BreachAt: future, Target: 60, Events: waiting[:2]}},
			[]rules.VendorClock{{Name: "agent work time", Metric: rules.Resolution, State: rules.StatePaused, Paused: true, Target: 3600, Business: ptr(false),
				StartedAt: &created, Pauses: []rules.Pause{{From: asked, To: now}}, AllPauses: true}},
		},
		"missed, and paused since": {
			[]sandbox.ZendeskSLA{{Metric: "pausable_update_time", Stage: "paused", BreachAt: past, Events: waiting[:2]}},
			[]rules.VendorClock{{Name: "pausable update time", Metric: rules.Update, State: rules.StateBreached, Paused: true, Due: &past,
				StartedAt: &created, Pauses: []rules.Pause{{From: asked, To: now}}, AllPauses: true}},
		},
		"first reply too late, next reply running": {
			[]sandbox.ZendeskSLA{
				{Metric: "first_reply_time", Stage: "achieved", BreachAt: past, Target: 30, Events: []sandbox.ZendeskMetricEvent{began, {Type: "fulfill", At: replied}}},
				{Metric: "next_reply_time", Stage: "active", BreachAt: future, Target: 60, Instance: 2, Events: []sandbox.ZendeskMetricEvent{{Type: "activate", At: asked}, {Type: "fulfill", At: back}}},
				{Metric: "next_reply_time", Stage: "active", BreachAt: future, Target: 90, Instance: 3, Events: []sandbox.ZendeskMetricEvent{{Type: "activate", At: back}}},
			},
			[]rules.VendorClock{
				{Name: "first reply time", Metric: rules.FirstReply, State: rules.StateBreached, Due: &past, Target: 1800, Business: ptr(false), StartedAt: &created, StoppedAt: &replied, AllPauses: true},
				{Name: "next reply time", Metric: rules.NextReply, State: rules.StateRunning, Due: &future, Target: 5400, Business: ptr(false), StartedAt: &back, AllPauses: true},
				{Name: "next reply time", Metric: rules.NextReply, State: rules.StateRunning, Due: &future, Target: 5400, Business: ptr(false), StartedAt: &back, AllPauses: true},
			},
		},
		"solved in time": {
			[]sandbox.ZendeskSLA{{Metric: "total_resolution_time", Stage: "achieved", BreachAt: future, Events: []sandbox.ZendeskMetricEvent{began, {Type: "fulfill", At: back}}}},
			[]rules.VendorClock{{Name: "total resolution time", Metric: rules.Resolution, State: rules.StateMet, Due: &future, StartedAt: &created, StoppedAt: &back, AllPauses: true}},
		},
		"nothing but a stage; a metric that has no like": {
			[]sandbox.ZendeskSLA{{Metric: "requester_wait_time", Stage: "achieved", BreachAt: past}, {Metric: "group_ownership_time", Stage: "active", BreachAt: past}},
			[]rules.VendorClock{{Name: "requester wait time", Metric: rules.Resolution, State: rules.StateMet, Due: &past}, {Name: "group ownership time", State: rules.StateBreached, Due: &past}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			id := d.open(t, sandbox.NewTicket{})
			must(t, d.z.SetSLA(id, c.sla...))
			got, err := d.client.SLA(t.Context(), fmt.Sprint(id))
			must(t, err)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := len(d.Calls("zendesk")); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

// A ticket that isn't shown has no SLA; without the right to see it, or in no time,
// there is an error, which says so.
func TestSLARefused(t *testing.T) {
	d := newDesk(t, nil)
	id := fmt.Sprint(d.open(t, sandbox.NewTicket{}))
	if got, err := d.client.SLA(t.Context(), "4711"); got != nil || err != nil {
		t.Errorf("no such ticket: got %v, %v", got, err)
	}
	if _, err := d.client.SLA(t.Context(), "1/audits"); err == nil {
		t.Error("what is no ticket's number was asked for")
	}
	d.Faults.FailNext("zendesk", 1, sandbox.Fault{Status: http.StatusForbidden, Body: `{"error":"Forbidden"}`})
	var status *rest.StatusError
	if _, err := d.client.SLA(t.Context(), id); !errors.As(err, &status) || !status.Denied() {
		t.Errorf("no right: got %v", err)
	}
	late, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	if _, err := d.client.SLA(late, id); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("too slow: got %v", err)
	}
}
