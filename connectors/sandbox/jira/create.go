package jira

import (
	"encoding/json"
	"slices"
	"time"

	"cmp"

	"vigie/connectors/sandbox/stage"
)

// A NewIssue is what somebody reports. All but the project may be empty.
type NewIssue struct {
	Project      string // key; made if there is none
	Type         string // Task if empty
	RequestType  string
	Summary      string
	Description  string
	Status       string   // the workflow's first, if empty: Open
	Priority     string   // Medium if empty, as Jira does
	Reporter     string   // e-mail address; a stranger becomes a customer
	Creator      string   // e-mail address of who reports for somebody else; the reporter if empty
	Attachments  []string // file names, sent along by the creator
	Participants []string // e-mail addresses; strangers become customers
	Organization string
	Team         string
	Channel      string // portal, email, api, jira: how Service Management says it came
	Labels       []string
	Fields       map[string]string // other fields by id, as in Update
	CreatedAt    time.Time         // now if zero
}

// Create reports an issue and returns its key.
func (s *Site) Create(n NewIssue) (key string) {
	s.Do(func() {
		st := &s.state
		st.setUp()
		values := map[string][]string{}
		s.fill(values, map[string]string{"issuetype": n.Type, "status": n.Status, "priority": n.Priority, requestType: n.RequestType,
			organizations: n.Organization, team: n.Team, "summary": cmp.Or(n.Summary, "No summary"), "description": n.Description})
		s.fill(values, n.Fields)
		values["labels"] = slices.Compact(slices.Sorted(slices.Values(n.Labels)))
		for _, email := range n.Participants {
			values[participants] = append(values[participants], st.person(email, true).AccountID)
		}
		var properties map[string]json.RawMessage
		if n.Channel != "" {
			properties = map[string]json.RawMessage{"request.channel.type": stage.JSON(object{"value": n.Channel})}
		}
		at := s.now()
		if !n.CreatedAt.IsZero() {
			at = n.CreatedAt.UTC().Truncate(time.Millisecond)
		}
		reporter := st.person(cmp.Or(n.Reporter, "customer@globex.example"), true).AccountID
		creator := reporter
		if n.Creator != "" {
			creator = st.person(n.Creator, false).AccountID
		}
		values["reporter"] = []string{reporter}
		i := s.createIssue(n.Project, creator, values, properties, at)
		for _, name := range n.Attachments { // the changelog doesn't tell of these
			i.Files = append(i.Files, file{st.nextID(), creator, at, name})
		}
		key = i.Key
	})
	return key
}

// fill puts texts into values, leaving out empty ones and adding choices that
// the site doesn't have yet.
func (s *Site) fill(values map[string][]string, texts map[string]string) {
	for id, text := range texts {
		if text != "" {
			values[id] = s.value(id, text)
		}
	}
}

// value is a person's text as a field's value.
func (s *Site) value(id, text string) []string {
	f := s.state.findField(id)
	if f == nil || text == "" {
		return nil
	}
	st := &s.state
	switch f.kind() {
	case "string", "date", "number":
	case "datetime":
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			text = at.UTC().Format(kept)
		}
	case "user":
		text = st.person(text, false).AccountID
	case "status":
		st.choose(id, text)
		st.Category[text] = cmp.Or(st.Category[text], "indeterminate")
	default:
		st.choose(id, text)
	}
	return []string{text}
}
