package rules

import (
	"cmp"
	"slices"
	"time"
)

// Alarms is every alarm that the policies would have called for a ticket up to
// and including until, in the order of time; Alert.At says when. It looks at
// the ticket as the program would that knew each event at once: at creation, at
// each event, and whenever a verdict changes by itself. Of several thresholds
// passed at one instant the last one calls; what has called once never calls
// again (section 5 of the design, Warning). The error is Evaluate's, or that of
// a verdict.
func Alarms(policies []*Policy, t *Ticket, until time.Time) ([]Alert, error) {
	instants := []int64{t.CreatedAt.Unix()}
	for _, e := range t.Events {
		instants = append(instants, e.At.Unix())
	}
	slices.Sort(instants)
	var list []Alert
	called := map[string]bool{}
	for i, now := 0, instants[0]; now <= until.Unix(); {
		v, err := Evaluate(policies, t, instant(now))
		if err = cmp.Or(err, v.Err()); err != nil {
			return list, err
		}
		for _, a := range v.Alerts(t, instant(now)) {
			for _, key := range a.Earlier {
				called[key] = true
			}
			if a.Kind.Alarm() && !called[a.Key] {
				called[a.Key] = true
				list = append(list, a)
			}
		}
		for i < len(instants) && instants[i] <= now {
			i++
		}
		switch {
		case i < len(instants) && (v.Wake.IsZero() || instants[i] <= v.Wake.Unix()):
			now = instants[i]
		case !v.Wake.IsZero():
			now = v.Wake.Unix()
		default:
			return list, nil
		}
	}
	return list, nil
}
