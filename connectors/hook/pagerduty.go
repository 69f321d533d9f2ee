package hook

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"vigie/connectors/rest"
	"vigie/rules"
	"vigie/rules/words"
)

// pagerEvent is an event of PagerDuty's Events API v2
// (https://developer.pagerduty.com/docs/send-alert-event). Only a trigger has a payload.
type pagerEvent struct {
	RoutingKey string        `json:"routing_key"`
	Action     string        `json:"event_action"`
	DedupKey   string        `json:"dedup_key"`
	Client     string        `json:"client,omitempty"`
	Links      []pagerLink   `json:"links,omitempty"`
	Payload    *pagerPayload `json:"payload,omitempty"`
}

type pagerLink struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

type pagerPayload struct {
	Summary   string  `json:"summary"`
	Source    string  `json:"source"`
	Severity  string  `json:"severity"`
	Timestamp string  `json:"timestamp"`
	Component string  `json:"component,omitempty"`
	Group     string  `json:"group,omitempty"`
	Class     string  `json:"class,omitempty"`
	Details   content `json:"custom_details"`
}

// The longest texts that PagerDuty takes, in characters.
const (
	longestDedup   = 255
	longestSummary = 1024
)

// pagerActions are what PagerDuty calls the events. What the chat's absence has
// triggered its return resolves.
var pagerActions = map[rules.NewsKind]string{
	rules.Triggered: "trigger", rules.Acknowledged: "acknowledge", rules.Resolved: "resolve",
	rules.ChatAway: "trigger", rules.ChatBack: "resolve",
}

// event is the body for PagerDuty.
func event(n rules.News, routingKey string) ([]byte, error) {
	e := pagerEvent{RoutingKey: routingKey, Action: pagerActions[n.Kind], DedupKey: "vigie/" + n.Incident}
	if len([]rune(e.DedupKey)) > longestDedup {
		e.DedupKey = "vigie/" + id(n.Incident)
	}
	if e.Action != "trigger" {
		return json.Marshal(e)
	}
	a := n.Alert
	e.Client = "Vigie"
	p := pagerPayload{
		Summary: cut(words.In(n.Language).Headline(&n), longestSummary), Source: "vigie", Severity: severity(n), Timestamp: n.At.UTC().Format(time.RFC3339),
		Details: content{Key: n.Key, Incident: n.Incident, More: n.More},
	}
	for _, waiting := range n.Waiting {
		p.Details.Waiting = append(p.Details.Waiting, ticketOf(waiting))
	}
	if a.Source != "" {
		t := ticketOf(a)
		p.Source, p.Component, p.Group, p.Class, p.Details.Ticket = a.Source, t.Ref, a.Group, a.Topic(), &t
	}
	if a.URL != "" {
		e.Links = []pagerLink{{Href: a.URL, Text: a.Source + ":" + a.ID}}
	}
	e.Payload = &p
	return json.Marshal(e)
}

// severity is one of PagerDuty's: critical, error, warning, info.
func severity(n rules.News) string {
	switch {
	case n.Kind == rules.ChatAway:
		return "error"
	case n.Alert.Kind == rules.Breached:
		return "critical"
	case n.Alert.Kind == rules.Warning:
		return "warning"
	}
	return "info"
}

func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// accepted says whether an answer is PagerDuty's, and not the page of a proxy before it.
func accepted(resp *http.Response) error {
	body, err := io.ReadAll(resp.Body)
	if err == nil {
		err = rest.Expect(http.MethodPost, "", body, "status")
	}
	if err != nil {
		return &Error{Unknown: true, text: "the answer isn't PagerDuty's"}
	}
	return nil
}
