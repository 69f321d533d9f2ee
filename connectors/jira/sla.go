package jira

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/rules"
)

// slaNames are the SLAs that Service Management sets up by itself, in small
// letters; the others are the administrator's.
var slaNames = map[string]rules.Metric{
	"time to first response": rules.FirstReply,
	"time to resolution":     rules.Resolution,
}

// slaPages bounds how many pages of SLAs one request of a person reads.
const slaPages = 10

// SLA asks what Service Management's own SLA says of an issue now, for a person
// who wants to compare: one request, or more for an issue with more than fifty
// SLAs. There are no clocks for an issue that is no customer's request, and on a
// site without Service Management. The account must be an agent of the service desk
// (https://developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request/#api-rest-servicedeskapi-request-issueidorkey-sla-get).
//
// Neither the calendar of an SLA is told, nor when it stood still.
func (c *Client) SLA(ctx context.Context, key string) ([]rules.VendorClock, error) {
	if !issueID.MatchString(key) {
		return nil, fmt.Errorf("ask for Jira's own SLA: %.40q is neither a key nor an id of an issue", key)
	}
	var clocks []rules.VendorClock
	for start := 0; start < slaPages*50; {
		var page struct {
			Last   bool      `json:"isLastPage"`
			Values []wireSLA `json:"values"`
		}
		err := c.call(ctx, "GET", "rest/servicedeskapi/request/"+url.PathEscape(key)+"/sla?limit=50&start="+strconv.Itoa(start), nil, &page, "values")
		switch {
		case status(err) == http.StatusNotFound && !denied(err):
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("ask for Jira's own SLA: %w", err)
		}
		for i := range page.Values {
			if v, ok := page.Values[i].clock(c.cfg.SLAs); ok {
				clocks = append(clocks, v)
			}
		}
		start += len(page.Values)
		if page.Last || len(page.Values) == 0 {
			break
		}
	}
	return clocks, nil
}

// A wireSLA is one SLA of a request with its cycles.
type wireSLA struct {
	Name      string      `json:"name"`
	Completed []wireCycle `json:"completedCycles"`
	Ongoing   *wireCycle  `json:"ongoingCycle"`
}

type wireCycle struct {
	Start    *wireDate `json:"startTime"`
	Stop     *wireDate `json:"stopTime"`
	Breach   *wireDate `json:"breachTime"` // also of a cycle that wasn't breached
	Breached bool      `json:"breached"`
	Paused   bool      `json:"paused"`
	Goal     struct {
		Millis int64 `json:"millis"`
	} `json:"goalDuration"`
}

type wireDate struct {
	Millis instant `json:"epochMillis"`
}

// at is the instant to the second; nil for none.
func (d *wireDate) at() *time.Time {
	if d == nil || d.Millis.IsZero() {
		return nil
	}
	t := d.Millis.Truncate(time.Second)
	return &t
}

// clock tells the SLA's last cycle; false if there has been none.
func (s *wireSLA) clock(names map[string]rules.Metric) (rules.VendorClock, bool) {
	cycle := s.Ongoing
	if cycle == nil && len(s.Completed) > 0 {
		cycle = new(slices.MaxFunc(s.Completed, func(a, b wireCycle) int { return a.began().Compare(b.began()) }))
	}
	if cycle == nil {
		return rules.VendorClock{}, false
	}
	v := rules.VendorClock{Name: s.Name, Metric: metricOf(s.Name, names), State: rules.StateRunning, Target: cycle.Goal.Millis / 1000,
		Due: cycle.Breach.at(), StartedAt: cycle.Start.at(), StoppedAt: cycle.Stop.at()}
	switch {
	case s.Ongoing == nil:
		v.State = rules.StateMet
	case cycle.Paused:
		v.State, v.Paused = rules.StatePaused, true
		if !cycle.Breached {
			v.Due = nil // it moves as long as the clock stands still
		}
	}
	if cycle.Breached {
		v.State = rules.StateBreached
	}
	return v, true
}

func (c *wireCycle) began() time.Time {
	if at := c.Start.at(); at != nil {
		return *at
	}
	return time.Time{}
}

// metricOf is the metric of ours that an SLA answers to, by the configuration or by
// Service Management's own names; "" for any other.
func metricOf(name string, names map[string]rules.Metric) rules.Metric {
	for n, m := range names {
		if strings.EqualFold(n, name) {
			return m
		}
	}
	return slaNames[strings.ToLower(name)]
}
