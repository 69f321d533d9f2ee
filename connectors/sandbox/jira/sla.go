package jira

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// A SLA is one of Service Management's own SLAs on a request. It is shown as it
// is set: the sandbox counts nothing, and gives a request none by itself.
type SLA struct {
	Name      string
	Completed []Cycle
	Ongoing   *Cycle
}

// A Cycle is one run of an SLA.
type Cycle struct {
	Start, Stop, Breach time.Time // Stop of completed ones only; no Breach if zero
	Goal, Elapsed       time.Duration
	Breached, Paused    bool
}

// SetSLA says which SLAs a request has; none takes them off.
func (s *Site) SetSLA(key string, slas ...SLA) error {
	var err error
	s.Do(func() {
		i := s.state.issue(key)
		if i == nil {
			err = fmt.Errorf("there is no issue %s", key)
			return
		}
		i.SLAs = slas
		s.Changed()
	})
	return err
}

// readSLAs is for agents, and for customers' requests.
func readSLAs(c *call) (int, any) {
	i := c.issue(c.PathValue("key"))
	if i == nil || len(i.Values[requestType]) == 0 {
		return refuseRequest(http.StatusNotFound, "sd.request.not.found", "The Issue you are trying to access doesn't exist or you don't have permission.")
	}
	if c.me.Customer || !c.may("SERVICEDESK_AGENT") {
		return refuseRequest(http.StatusForbidden, "sd.agent.only", "Only agents of the service desk can see its SLAs.")
	}
	limit := min(max(1, c.number("limit", 50)), 50)
	start := min(max(0, c.number("start", 0)), len(i.SLAs))
	end := min(start+limit, len(i.SLAs))
	values := []object{}
	self := "/rest/servicedeskapi/request/" + strconv.Itoa(i.ID) + "/sla"
	for n, sla := range i.SLAs[start:end] {
		id := strconv.Itoa(start + n + 1)
		completed := []object{}
		for _, cycle := range sla.Completed {
			completed = append(completed, c.view.cycle(cycle, false))
		}
		o := object{"id": id, "name": sla.Name, "slaDisplayFormat": "NEW_SLA_FORMAT", "completedCycles": completed, "_links": object{"self": c.view.site("%s/%s", self, id)}}
		if sla.Ongoing != nil {
			o["ongoingCycle"] = c.view.cycle(*sla.Ongoing, true)
		}
		values = append(values, o)
	}
	return http.StatusOK, object{"_expands": []string{}, "size": len(values), "start": start, "limit": limit, "isLastPage": end == len(i.SLAs),
		"_links": object{"self": c.view.site("%s", self), "base": c.view.site(""), "context": ""}, "values": values}
}

// cycle is a cycle as Service Management shows it.
func (v view) cycle(c Cycle, ongoing bool) object {
	o := object{"startTime": v.date(c.Start), "breached": c.Breached, "goalDuration": duration(c.Goal), "elapsedTime": duration(c.Elapsed), "remainingTime": duration(c.Goal - c.Elapsed)}
	if !c.Breach.IsZero() {
		o["breachTime"] = v.date(c.Breach)
	}
	if ongoing {
		o["paused"], o["withinCalendarHours"] = c.Paused, true
	} else {
		o["stopTime"] = v.date(c.Stop)
	}
	return o
}

func duration(d time.Duration) object {
	return object{"millis": d.Milliseconds(), "friendly": fmt.Sprintf("%dh %dm", int(d.Hours()), int(d.Minutes())%60)}
}
