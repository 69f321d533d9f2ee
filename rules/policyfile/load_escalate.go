package policyfile

import (
	"regexp"

	"vigie/rules"
	"vigie/rules/tomlfile"
)

var (
	projectKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`) // as a tracker has it; it is put into searches
	issueField = regexp.MustCompile(`^(customfield_[0-9]+|duedate)$`)
)

// escalate reads an [[escalate]] row.
func (l *loader) escalate(t *tomlfile.Table) {
	row := rules.Escalate{
		When: l.requiredCondition(t), Project: t.Require("project", `"DEV"`), Type: t.Require("type", `"Bug"`),
		TicketsField: t.String("tickets_field"), Fields: map[string]string{},
		Tag: t.String("tag"), Note: l.words(t, "note"), Clause: t.String("clause"),
	}
	if row.Project != "" && !projectKey.MatchString(row.Project) {
		t.Add("project", `%q is no project's key; write the letters before an issue's number, such as "DEV"`, tomlfile.Short(row.Project))
	}
	taken := map[string]string{} // field -> the key that has it
	take := func(t *tomlfile.Table, key, id, form string) bool {
		if !issueField.MatchString(id) {
			t.Add(key, "%q is no field; write its id, such as %s", tomlfile.Short(id), form)
			return false
		}
		if other, twice := taken[id]; twice {
			t.Add(key, "field %s already holds %s; give each a field of its own", id, other)
			return false
		}
		taken[id] = t.At(key)
		return true
	}
	due := t.Table("due_fields")
	for _, metric := range rules.Metrics {
		if !due.Has(string(metric)) {
			continue
		}
		id := due.String(string(metric))
		if id != "" && take(due, string(metric), id, `"duedate" or "customfield_10050"`) {
			row.DueFields = append(row.DueFields, rules.DueField{Metric: metric, ID: id})
		}
		if !l.promises(metric) {
			due.Warn(string(metric), "no [[targets]] row promises it: field %s stays empty", tomlfile.Short(id))
		}
	}
	due.Close()
	if row.TicketsField != "" {
		take(t, "tickets_field", row.TicketsField, `"customfield_10050"`)
	}
	fields := t.Table("fields")
	for _, id := range fields.Keys() {
		if text := fields.String(id); take(fields, id, id, `customfield_10050 = "Support"`) {
			row.Fields[id] = text
		}
	}
	if row.Tag != "" && !tagForm.MatchString(row.Tag) {
		t.Add("tag", "%q can't begin a tag; write small letters, digits and _", tomlfile.Short(row.Tag))
	}
	if d, ok := l.duration(t, "unlinked_after"); ok {
		row.UnlinkedAfter = &d
	}
	t.Close()
	l.p.Escalates = append(l.p.Escalates, row)
}

// promises says whether a row that was read has a target for a metric.
func (l *loader) promises(m rules.Metric) bool {
	for i := range l.p.Targets {
		if l.p.Targets[i].Metric == m {
			return true
		}
	}
	return false
}
