package config

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/tomlfile"
)

var fieldForm = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

func kinds(t *tomlfile.Table) []desk.Kind {
	to := desk.Words(t, "kind", "feature")
	var list []desk.Kind
	for _, from := range t.KeysInOrder() {
		list = append(list, desk.Kind{From: from, To: to[from]})
	}
	return list
}

func statuses(t *tomlfile.Table) map[string]rules.Status {
	m := map[string]rules.Status{}
	for _, from := range t.Keys() {
		to, ok := text(t, from)
		if m[from] = rules.Status(to); ok && !slices.Contains(rules.Statuses, m[from]) {
			t.Add(from, "status %q is unknown; write one of %s", to, statusNames())
		}
	}
	return m
}

// dueFields reads metric -> field, or several. Each field shows one metric, or
// two would overwrite each other for ever.
func dueFields(t *tomlfile.Table) []rules.DueField {
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
				at = desk.Index(key, i)
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

func statusNames() string {
	names := make([]string, len(rules.Statuses))
	for i, s := range rules.Statuses {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}
