package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vigie/rules"
)

// A Kind maps what a vendor says of a ticket (a tag or label, a form or request
// type, a type) to a ticket's kind. Kinds are looked for in the order of the
// file: a ticket with two of them has the first.
type Kind struct{ From, To string }

var (
	wordForm  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	fieldForm = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
)

func kinds(t *rules.Table) []Kind {
	to := words(t, "kind", "feature")
	var list []Kind
	for _, from := range t.KeysInOrder() {
		list = append(list, Kind{from, to[from]})
	}
	return list
}

// words reads a table of the vendor's words to ours; what is what ours are.
func words(t *rules.Table, what, example string) map[string]string {
	m := map[string]string{}
	for _, from := range t.Keys() {
		to, ok := text(t, from)
		if m[from] = to; ok && !wordForm.MatchString(to) {
			t.Add(from, "%q is no %s; write small letters, digits and _, such as %q", to, what, example)
		}
	}
	return m
}

func statuses(t *rules.Table) map[string]rules.Status {
	m := map[string]rules.Status{}
	for _, from := range t.Keys() {
		to, ok := text(t, from)
		if m[from] = rules.Status(to); ok && !slices.Contains(rules.Statuses, m[from]) {
			t.Add(from, "status %q is unknown; write one of %s", to, statusNames())
		}
	}
	return m
}

func metrics(t *rules.Table) map[string]rules.Metric {
	m := map[string]rules.Metric{}
	for _, from := range t.Keys() {
		to, ok := text(t, from)
		if m[from] = rules.Metric(to); ok && !slices.Contains(rules.Metrics, m[from]) {
			t.Add(from, "%q is no metric; write one of first_reply, next_reply, update, resolution", to)
		}
	}
	return m
}

// dueFields reads metric -> field, or several. Each field shows one metric, or
// two would overwrite each other for ever.
func dueFields(t *rules.Table) []rules.DueField {
	defer t.Close()
	var fields []rules.DueField
	taken := map[string]rules.Metric{}
	for _, metric := range rules.Metrics {
		key := string(metric)
		if !t.Has(key) {
			t.Any(key) // known, for Close
			continue
		}
		ids, several := t.Any(key).([]any)
		if !several {
			ids = []any{t.Any(key)}
		}
		for i, raw := range ids {
			at := key
			if several {
				at = index(key, i)
			}
			id, ok := fieldID(raw)
			switch other, twice := taken[id]; {
			case !ok:
				t.Add(at, `is no field; write its id, such as 360001 or "customfield_10050"`)
			case twice:
				t.Add(at, "field %s already shows %s; give each metric a field of its own", id, other)
			default:
				taken[id] = metric
				fields = append(fields, rules.DueField{Metric: metric, ID: id})
			}
		}
	}
	return fields
}

func fieldID(raw any) (string, bool) {
	switch id := raw.(type) {
	case int64:
		return strconv.FormatInt(id, 10), id > 0
	case string:
		return id, fieldForm.MatchString(id)
	}
	return "", false
}

func index(key string, i int) string { return fmt.Sprintf("%s[%d]", key, i) }

func statusNames() string {
	names := make([]string, len(rules.Statuses))
	for i, s := range rules.Statuses {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}
