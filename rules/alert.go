package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"vigie/rules/calendar"
)

// An Alert is what people are told about one promise of one ticket. It holds
// facts; a connector chooses the words. Texts that come from the ticket
// (Subject, Organization, Assignee, Group) are untrusted.
type Alert struct {
	Key     string   // names this alarm for good: "warn/zendesk:42/update/3/75%"; opaque to others, empty where Kind is no alarm
	Earlier []string // the keys of the thresholds passed before this one
	Kind    AlertKind
	Source  string
	ID      string
	URL     string

	Subject      string
	Erased       Erasure `json:",omitempty"` // why the ticket has no subject and no names any more
	Organization string
	Group        string
	Assignee     string    // an e-mail address where the vendor shows it
	Taker        string    `json:",omitempty"` // who has taken it in Vigie, by name
	TakenAt      time.Time `json:",omitzero"`
	TakerUnknown bool      `json:",omitempty"` // the vendor has no account of his
	Snoozed      time.Time `json:",omitzero"`  // until when calls are held back; zero: they aren't
	Language     string    // the requester's
	Speak        string    // the language of the message, where its route names one

	Policy       Words // its titles
	PolicyName   string
	Priority     string
	PriorityFrom string  // person, rule, examples, default
	Unknown      string  // a person's choice that the policy doesn't know; Priority counts instead
	Proposed     string  // what the policy proposes, where that isn't the priority in force
	Offers       []Offer `json:",omitempty"` // of a Triage: the priorities that can be chosen, most urgent first

	Metric    Metric
	Cycle     int
	Threshold string    // the threshold last passed: "75%", "30 business minutes"
	Since     time.Time // when an alarm began to be called for: its threshold, the due instant; zero where Kind is no alarm
	Started   time.Time `json:",omitzero"` // when the cycle began, since when somebody waits; zero where it is about no clock
	Due       time.Time // in the zone of the team's calendar; zero while there is none
	Target    time.Duration
	Used      time.Duration // counted so far
	Remaining time.Duration // negative once missed
	Business  bool          // Target, Used and Remaining are business time
	Calendar  string
	Clause    string
	Mark      string // the tag of a mark that is told, and the policy's word about it
	Note      Words
	Reason    string // a moved, withdrawn or at once broken promise: which change made it so ("priority", "kind", …)
	Issue     string // the key of the issue that those who repair have of the ticket
	IssueURL  string
	OpenNow   bool      // the team's calendar is open
	OpensAt   time.Time // when it opens next, if it isn't
	At        time.Time // of the verdict, in the zone of the team's calendar where it is about that
}

// An Offer is a priority that can be chosen, in the policy's own words.
type Offer struct {
	Name   string
	Rubric Words
}

// AlertKind is the state of a promise as a message shows it.
type AlertKind string

const (
	Warning   AlertKind = "warning"   // a threshold has passed
	Breached  AlertKind = "breached"  // the due instant has passed
	Met       AlertKind = "met"       // kept after all
	MetLate   AlertKind = "met_late"  // done, but after the due instant
	Paused    AlertKind = "paused"    // the clock stands still
	Eased     AlertKind = "eased"     // running again below its first threshold: the date moved away
	Withdrawn AlertKind = "withdrawn" // no such promise any more: excluded, deleted, another priority
	Triage    AlertKind = "triage"    // nobody has given the ticket a priority in time
	Triaged   AlertKind = "triaged"   // somebody has, after that message
	Unasked   AlertKind = "unasked"   // nobody has, and nobody needs to any more: solved, excluded, deleted

	Unlinked    AlertKind = "unlinked"    // marked for those who repair, and there is no issue
	Linked      AlertKind = "linked"      // there is one, after that message
	Repaired    AlertKind = "repaired"    // the issue is solved, the ticket isn't
	Unescalated AlertKind = "unescalated" // no longer marked, after such a message

	Flagged   AlertKind = "flagged"   // a mark that is to be told holds
	Unflagged AlertKind = "unflagged" // it no longer does, after that message
)

// Alarm says that the alert calls somebody; the other kinds only bring an
// earlier message up to date.
func (k AlertKind) Alarm() bool {
	return k == Warning || k == Breached || k == Triage || k == Unlinked || k == Repaired || k == Flagged
}

// Over says that the alert tells the end of what called somebody: nothing is left
// to do about it.
func (k AlertKind) Over() bool {
	switch k {
	case Met, MetLate, Withdrawn, Triaged, Unasked, Linked, Unescalated, Unflagged:
		return true
	}
	return false
}

// TriageTopic is the topic of alerts that ask for a priority, MarkTopic what the
// topics of marks begin with, before the tag.
const (
	TriageTopic = "triage"
	MarkTopic   = "mark/"
)

// flagAlarm is what the keys of alarms about marks begin with.
const flagAlarm = "flag/"

// Topic is what a ticket has one message about: the metric, triage, its issue, or a
// mark.
func (a *Alert) Topic() string {
	switch a.Kind {
	case Unlinked, Linked, Repaired, Unescalated:
		return EscalationTopic
	case Flagged, Unflagged:
		return MarkTopic + a.Mark
	}
	if a.Metric == "" {
		return TriageTopic
	}
	return string(a.Metric)
}

// Digest changes when the alert's message should be edited: with what it
// promises, not with every second that passes.
func (a Alert) Digest() string {
	a.Used, a.Remaining, a.At, a.Since, a.Started, a.OpenNow, a.OpensAt, a.Key, a.Earlier = 0, 0, time.Time{}, time.Time{}, time.Time{}, false, time.Time{}, "", nil
	if a.Kind != Warning {
		a.Threshold = ""
	}
	b, err := json.Marshal(a)
	if err != nil {
		panic(err) // a struct of texts and numbers
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// Alerts is what people should see of the ticket's promises, one for each clock
// and, where they call somebody, one for a missing priority, one for the ticket's
// issue and one for each mark that is told. The verdict must come from
// Evaluate at now, for t.
func (v *Verdict) Alerts(t *Ticket, now time.Time) []Alert {
	var list []Alert
	for i := range v.Clocks {
		list = append(list, v.alert(t, &v.Clocks[i], now))
	}
	if v.Triage != nil && v.Triage.Late {
		a := v.about(t, v.policy.TeamCalendar(v.state.group), now)
		a.Kind, a.Due, a.Since, a.Key = Triage, v.Triage.At, v.Triage.At, "triage/"+t.Ref()
		for _, p := range v.policy.Priorities {
			a.Offers = append(a.Offers, Offer{p.Name, p.Rubric})
		}
		list = append(list, a)
	}
	if v.Escalation != nil {
		if a := v.escalationAlert(t, now); a.Key != "" {
			list = append(list, a)
		}
	}
	for i := range v.Marks {
		if m := &v.Marks[i]; m.Since != nil {
			a := v.about(t, v.policy.TeamCalendar(v.state.group), now)
			a.Kind, a.Mark, a.Note, a.Clause, a.Since, a.Key = Flagged, m.Tag, m.Note, m.Clause, *m.Since, flagAlarm+t.Ref()+"/"+m.Tag
			list = append(list, a)
		}
	}
	return list
}

// Latest is what a message about a topic, last about some cycle, should say
// now. A message about an earlier cycle tells that one's end until the present
// one calls somebody.
func (v *Verdict) Latest(t *Ticket, topic string, cycle int, now time.Time) Alert {
	for _, a := range v.Alerts(t, now) {
		if a.Topic() != topic {
			continue
		}
		if a.Cycle > cycle && !a.Kind.Alarm() {
			for i := range v.Clock(a.Metric).Past {
				if past := &v.Clock(a.Metric).Past[i]; past.Cycle == cycle {
					return v.alert(t, past, now)
				}
			}
		}
		return a
	}
	if topic == EscalationTopic {
		return v.escalationAlert(t, now)
	}
	a := v.about(t, nil, now)
	if topic == TriageTopic {
		if a.Kind = Unasked; v.PriorityFrom == FromPerson || v.Unknown != "" {
			a.Kind = Triaged
		}
		return a
	}
	if tag, ok := strings.CutPrefix(topic, MarkTopic); ok {
		a.Kind, a.Mark = Unflagged, tag
		return a
	}
	a.Kind, a.Metric, a.Cycle = Withdrawn, Metric(topic), cycle
	switch {
	case v.Status == Deleted:
		a.Reason = "deleted"
	case v.Excluded != nil:
		a.Reason, a.Clause = "excluded", v.Excluded.Clause
	default:
		a.Reason = "not covered"
	}
	return a
}

// LatestOf is Latest for what told of that cycle alone: it tells that one's end
// also once a later one calls somebody.
func (v *Verdict) LatestOf(t *Ticket, topic string, cycle int, now time.Time) Alert {
	if c := v.Clock(Metric(topic)); c != nil && c.Cycle > cycle {
		for i := range c.Past {
			if c.Past[i].Cycle == cycle {
				return v.alert(t, &c.Past[i], now)
			}
		}
	}
	return v.Latest(t, topic, cycle, now)
}

// about is an alert with what is known of the ticket.
func (v *Verdict) about(t *Ticket, c *calendar.Calendar, now time.Time) Alert {
	a := Alert{
		Source: t.Source, ID: t.ID, URL: t.URL, Subject: t.Subject, Language: t.Language,
		Priority: v.Priority, PriorityFrom: string(v.PriorityFrom), Unknown: v.Unknown, At: now,
	}
	if t.Erased != nil {
		a.Erased = t.Erased.Why
	}
	if who, since, taken := t.Holder(); taken {
		a.Taker, a.TakenAt = cmp.Or(who.Name, who.Email, who.ID), since
		a.TakerUnknown = who == t.Handling.Taken.By && t.Handling.Taken.Assignee == ""
	}
	a.Snoozed = t.SnoozedUntil(now)
	if v.state != nil {
		a.Organization, a.Group, a.Assignee = v.state.organization, v.state.group, v.state.assignee
	}
	if v.policy != nil {
		a.Policy, a.PolicyName = v.policy.Titles, v.policy.Name
	}
	if v.Proposed != nil && *v.Proposed != v.Priority {
		a.Proposed = *v.Proposed
	}
	if c != nil {
		a.Calendar, a.At = c.Name(), now.In(c.Zone())
		if opens, err := c.NextOpen(now); err == nil && opens.After(now) {
			a.OpensAt = opens.In(c.Zone())
		} else {
			a.OpenNow = err == nil
		}
	}
	return a
}

func (v *Verdict) alert(t *Ticket, c *Clock, now time.Time) Alert {
	a := v.about(t, v.policy.Calendars[c.Calendar], now)
	a.Metric, a.Cycle, a.Clause, a.Business, a.Priority = c.Metric, c.Cycle, c.Clause, c.Business, c.Priority
	a.Target, a.Used, a.Remaining, a.Started = seconds(c.Target), seconds(c.Elapsed), seconds(c.Remaining), c.StartedAt
	if c.Due != nil {
		a.Due = *c.Due
	}
	if c.ByChange != nil {
		a.Reason = c.ByChange.What
	}
	switch c.State {
	case StateMet:
		a.Kind = Met
	case StateVoid:
		a.Kind, a.Reason = Withdrawn, "solved"
	case StatePaused:
		a.Kind = Paused
	case StateBreached:
		a.Kind = MetLate
		if !c.Stopped() {
			a.Kind, a.Key, a.Since = Breached, alarmKey(t, c.Metric, c.Cycle, ""), a.Due
			for _, r := range v.read {
				for _, w := range r.warn {
					if r.metric == c.Metric && r.cycle == c.Cycle {
						a.Earlier = append(a.Earlier, alarmKey(t, c.Metric, c.Cycle, w.text))
					}
				}
			}
		}
	default:
		a.Kind = Eased
		for _, w := range c.Warnings {
			if w.At.After(now) {
				break
			}
			if a.Key != "" {
				a.Earlier = append(a.Earlier, a.Key)
			}
			a.Kind, a.Threshold, a.Since, a.Key = Warning, w.Threshold, w.At, alarmKey(t, c.Metric, c.Cycle, w.Threshold)
		}
	}
	return a
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }

// AlertEnv is what the condition of a Slack route can ask about.
type AlertEnv struct {
	Policy       string `expr:"policy"` // its name
	Priority     string `expr:"priority"`
	Metric       string `expr:"metric"` // "triage" where a priority is missing, "escalation" where it is about the ticket's issue, "mark/<tag>" where it is about a mark
	Alert        string `expr:"alert"`  // warning, breached, triage, unlinked, repaired, flagged
	Source       string `expr:"source"`
	ID           string `expr:"id"`
	Organization string `expr:"organization"`
	Group        string `expr:"group"`
	Assignee     string `expr:"assignee"`
	Language     string `expr:"language"`
	Clause       string `expr:"clause"`
	Threshold    string `expr:"threshold"`
	ByChange     bool   `expr:"by_change"` // missed at once because of a change
	OpenNow      bool   `expr:"open_now"`  // the team's calendar is open
}

// Env is the alert as a route's condition sees it.
func (a *Alert) Env() AlertEnv {
	return AlertEnv{
		Policy: a.PolicyName, Priority: a.Priority, Metric: a.Topic(), Alert: string(a.Kind), Source: a.Source, ID: a.ID,
		Organization: a.Organization, Group: a.Group, Assignee: a.Assignee, Language: a.Language, Clause: a.Clause,
		Threshold: a.Threshold, ByChange: a.Kind == Breached && a.Reason != "", OpenNow: a.OpenNow,
	}
}
