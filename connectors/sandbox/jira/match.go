package jira

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// jqlWords are the fields that are compared by name, and what an issue has for
// them, in lower case.
var jqlWords = map[string]func(*State, *issue) []string{
	"project": func(st *State, i *issue) []string {
		p := st.findProject(i.Values["project"][0])
		keys := strings.Fields(strings.ToLower(strings.Join(p.OldKeys, " ")))
		return append(keys, strings.ToLower(p.Key), strings.ToLower(p.Name), strconv.Itoa(p.ID))
	},
	"key": func(_ *State, i *issue) []string {
		return append(strings.Fields(strings.ToLower(strings.Join(i.OldKeys, " "))), strings.ToLower(i.Key), strconv.Itoa(i.ID))
	},
	"status": func(st *State, i *issue) []string {
		name := first(i.Values["status"])
		return []string{strings.ToLower(name), st.choiceID("status", name)}
	},
	"statuscategory": func(st *State, i *issue) []string {
		key := st.Category[i.Values["status"][0]]
		return []string{key, map[string]string{"new": "to do", "indeterminate": "in progress", "done": "done"}[key]}
	},
	"labels": func(_ *State, i *issue) []string {
		return strings.Fields(strings.ToLower(strings.Join(i.Values["labels"], " ")))
	},
}

// bind checks a query's values against the site and turns it into a condition,
// or says why it is refused. Instants have minute precision and are read in
// the zone of the caller's account.
func (q jql) bind(st *State, hidden func(*project) bool, now time.Time, zone *time.Location) (match func(*issue) bool, refusal string) {
	var all []func(*issue) bool
	for _, c := range q.clauses {
		if words := jqlWords[c.field]; words != nil {
			values := make([]string, len(c.values))
			for n, value := range c.values {
				values[n] = strings.ToLower(value)
				switch {
				case c.field == "project" && (st.findProjectNamed(value) == nil || hidden(st.findProjectNamed(value))):
					return nil, fmt.Sprintf("The value '%s' does not exist for the field 'project'.", c.values[n])
				case c.field == "key" && st.issue(value) == nil:
					return nil, fmt.Sprintf("An issue with key '%s' does not exist for field 'key'.", value)
				}
			}
			all = append(all, func(i *issue) bool {
				have := words(st, i)
				among := slices.ContainsFunc(values, func(v string) bool { return slices.Contains(have, v) })
				return among == (c.op == "=")
			})
			continue
		}
		at, ok := jqlInstant(c.values[0], now, zone)
		if !ok {
			return nil, fmt.Sprintf("Date value '%s' for field '%s' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.", c.values[0], c.field)
		}
		all = append(all, func(i *issue) bool {
			t := i.Updated
			if c.field == "created" {
				t = i.Created
			}
			return t.Before(at) == (c.op == "<")
		})
	}
	return func(i *issue) bool {
		for _, m := range all {
			if !m(i) {
				return false
			}
		}
		return true
	}, ""
}

func (st *State) findProjectNamed(ref string) *project {
	if p := st.findProject(ref); p != nil {
		return p
	}
	for i := range st.Projects {
		if strings.EqualFold(st.Projects[i].Name, ref) {
			return &st.Projects[i]
		}
	}
	return nil
}

// jqlInstant reads a date, a date and a minute, or a period before now.
func jqlInstant(text string, now time.Time, zone *time.Location) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, true
		}
	}
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if len(text) < 2 || units[text[len(text)-1]] == 0 {
		return time.Time{}, false
	}
	n, err := strconv.Atoi(text[:len(text)-1])
	if err != nil {
		return time.Time{}, false
	}
	return now.Add(time.Duration(n) * units[text[len(text)-1]]).Truncate(time.Minute), true
}
