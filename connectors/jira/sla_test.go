package jira_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vigie/connectors/jira"
	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
	"vigie/rules"
)

// An SLA of Service Management is told by its last cycle, and by the metric that its
// name stands for.
func TestSLA(t *testing.T) {
	created := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) // a Tuesday
	replied, breach, later := created.Add(30*time.Minute), created.Add(time.Hour), created.Add(8*time.Hour)
	replyMet := sandbox.JiraCycle{Start: created, Stop: replied, Breach: breach, Goal: time.Hour, Elapsed: 30 * time.Minute}
	missed := sandbox.JiraCycle{Start: created, Stop: later, Breach: breach, Goal: time.Hour, Elapsed: 8 * time.Hour, Breached: true}
	running := &sandbox.JiraCycle{Start: replied, Breach: later, Goal: 8 * time.Hour}
	clock := func(name string, m rules.Metric, s rules.State, hours int64) rules.VendorClock {
		return rules.VendorClock{Name: name, Metric: m, State: s, Target: hours * 3600}
	}
	with := func(v rules.VendorClock, start, stop, due *time.Time, paused bool) rules.VendorClock {
		v.StartedAt, v.StoppedAt, v.Due, v.Paused = start, stop, due, paused
		return v
	}
	cases := map[string]struct {
		slas []sandbox.JiraSLA
		want []rules.VendorClock
	}{
		"none": {},
		"met, and running": {
			[]sandbox.JiraSLA{{Name: "Time to first response", Completed: []sandbox.JiraCycle{replyMet}}, {Name: "Time to resolution", Ongoing: running}},
			[]rules.VendorClock{with(clock("Time to first response", rules.FirstReply, rules.StateMet, 1), &created, &replied, &breach, false),
				with(clock("Time to resolution", rules.Resolution, rules.StateRunning, 8), &replied, nil, &later, false)},
		},
		"missed; of two cycles the last": {
			[]sandbox.JiraSLA{{Name: "time to first response", Completed: []sandbox.JiraCycle{missed}}, {Name: "Time to resolution", Completed: []sandbox.JiraCycle{missed}, Ongoing: running}},
			[]rules.VendorClock{with(clock("time to first response", rules.FirstReply, rules.StateBreached, 1), &created, &later, &breach, false),
				with(clock("Time to resolution", rules.Resolution, rules.StateRunning, 8), &replied, nil, &later, false)},
		},
		"paused: no date, unless it is missed": {
			[]sandbox.JiraSLA{{Name: "Time to resolution", Ongoing: &sandbox.JiraCycle{Start: created, Goal: time.Hour, Paused: true}},
				{Name: "Time to first response", Ongoing: &sandbox.JiraCycle{Start: created, Breach: breach, Goal: time.Hour, Paused: true, Breached: true}}},
			[]rules.VendorClock{with(clock("Time to resolution", rules.Resolution, rules.StatePaused, 1), &created, nil, nil, true),
				with(clock("Time to first response", rules.FirstReply, rules.StateBreached, 1), &created, nil, &breach, true)},
		},
		"names of the site's own; one that hasn't begun": {
			[]sandbox.JiraSLA{{Name: "Délai de résolution", Ongoing: running}, {Name: "Time to close after resolution", Ongoing: running}, {Name: "Time to resolution"}},
			[]rules.VendorClock{with(clock("Délai de résolution", rules.Resolution, rules.StateRunning, 8), &replied, nil, &later, false),
				with(clock("Time to close after resolution", "", rules.StateRunning, 8), &replied, nil, &later, false)},
		},
	}
	for name, o := range map[string]sandbox.JiraOptions{"Cloud": {}, "Data Center": {DataCenter: true}} {
		for what, c := range cases {
			t.Run(name+", "+what, func(t *testing.T) {
				d := newDeskOf(t, o, func(c *jira.Config) { c.SLAs = map[string]rules.Metric{"délai de résolution": rules.Resolution} })
				key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer, RequestType: "Assistance technique"})
				d.after(t, 0, d.Jira().SetSLA(key, c.slas...))
				got, err := d.SLA(t.Context(), key)
				d.after(t, 0, err)
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if n := len(d.Calls("jira")); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
			})
		}
	}
}

func TestSLAPages(t *testing.T) {
	d := newDesk(t, sandbox.JiraOptions{})
	key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer, RequestType: "Assistance technique"})
	slas := slices.Repeat([]sandbox.JiraSLA{{Name: "Time to approve", Ongoing: &sandbox.JiraCycle{Start: d.now, Goal: time.Hour}}}, 70)
	slas[69].Name = "Time to resolution"
	d.after(t, 0, d.Jira().SetSLA(key, slas...))
	got, err := d.SLA(t.Context(), key)
	if err != nil || len(got) != 70 || got[69].Metric != rules.Resolution {
		t.Errorf("got %d clocks, %v", len(got), err)
	}
}

// What is no customer's request has no SLA; without the right to see it, or in no
// time, there is an error, which says so.
func TestSLARefused(t *testing.T) {
	d := newDesk(t, sandbox.JiraOptions{Lacks: []string{"SERVICEDESK_AGENT"}})
	key := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: customer, RequestType: "Assistance technique"})
	plain := d.Jira().Create(sandbox.NewIssue{Project: "SUP", Reporter: agent})
	for _, key := range []string{plain, "SUP-4711"} {
		if got, err := d.SLA(t.Context(), key); got != nil || err != nil {
			t.Errorf("%s: got %v, %v", key, got, err)
		}
	}
	if _, err := d.SLA(t.Context(), "SUP-1/comment"); err == nil || !strings.Contains(err.Error(), "neither a key nor an id") {
		t.Errorf("what is no key was asked for: %v", err)
	}
	var status *rest.StatusError
	if _, err := d.SLA(t.Context(), key); !errors.As(err, &status) || status.Status != http.StatusForbidden {
		t.Errorf("no right: got %v", err)
	}
	late, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	if _, err := d.SLA(late, key); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("too slow: got %v", err)
	}
}
