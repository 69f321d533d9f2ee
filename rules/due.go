package rules

import "time"

// A DueField is one field of a vendor in which a metric's due date is shown.
type DueField struct {
	Metric Metric
	ID     string
	Form   DueForm
}

// A DueForm says how a vendor's field holds an instant.
type DueForm string

const (
	TextForm     DueForm = "text"     // RFC 3339 in UTC, so that views sort it
	DateForm     DueForm = "date"     // the date in the team's calendar
	DateTimeForm DueForm = "datetime" // an instant; compared as RFC 3339 in UTC, written as the vendor wants it
)

// Text is the due instant as such a field holds it: the date in the instant's
// own zone, or the instant in UTC.
func (f DueForm) Text(due time.Time) string {
	if f == DateForm {
		return due.Format(time.DateOnly)
	}
	return due.UTC().Format(time.RFC3339)
}

// Title is the name of a due field that we make, by which it is found again.
func (f DueField) Title() string {
	title := map[Metric]string{FirstReply: "SLA first reply due", NextReply: "SLA next reply due", Update: "SLA update due", Resolution: "SLA resolution due"}[f.Metric]
	if f.Form == DateForm {
		title += " date"
	}
	return title
}
