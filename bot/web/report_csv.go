package web

import (
	"encoding/csv"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"vigie/rules"
	"vigie/rules/report"
	"vigie/rules/words"
)

// csvColumns are those of a report's CSV, in all languages the same. Instants are
// RFC 3339 in the zone of the calendar, or empty; seconds are whole.
var csvColumns = []string{
	"source", "id", "url", "subject", "organization", "group", "policy", "clause", "metric", "cycle", "priority",
	"state", "workaround", "missed_at_once_by", "decided_at", "started_at", "due", "stopped_at", "target_seconds", "elapsed_seconds", "late_seconds", "time", "calendar", "marks", "waited_third_party_seconds", "outside_because",
	"vendor_clock", "vendor_due", "vendor_says",
}

// A CSV writes outcomes for spreadsheets: UTF-8 with its mark, without
// which they take it for something else, and between its cells what those of the
// language expect: a semicolon where the comma is the decimal point.
type CSV struct {
	w        *csv.Writer
	language string
	err      error
}

// NewCSV begins one in a language.
func NewCSV(out io.Writer, language string) *CSV {
	c := &CSV{w: csv.NewWriter(out), language: language}
	_, c.err = io.WriteString(out, "\ufeff")
	c.w.UseCRLF = true
	c.w.Comma, _ = utf8.DecodeRuneInString(in(language).Say("csv.separator"))
	c.write(csvColumns)
	return c
}

func (c *CSV) write(cells []string) {
	if c.err == nil {
		c.err = c.w.Write(cells)
	}
}

// Add writes outcomes, one a line.
func (c *CSV) Add(list []report.Outcome) error {
	for i := range list {
		c.write(c.line(&list[i]))
	}
	return c.err
}

// End writes what is left.
func (c *CSV) End() error {
	c.w.Flush()
	if c.err == nil {
		c.err = c.w.Error()
	}
	return c.err
}

func (c *CSV) line(o *report.Outcome) []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	at := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.In(o.StartedAt.Location()).Format(time.RFC3339)
	}
	state, unit, by, workaround := string(o.State), "elapsed", "", ""
	if o.State == rules.StateBreached {
		state = "missed"
	}
	if o.Business {
		unit = "business"
	}
	if o.Workaround {
		workaround = "yes"
	}
	because, late := "", number(o.Late())
	if o.Outside != nil { // no target: a ticket that was created within the period
		state, unit, because, late = "outside", "", o.Outside.Reason.In(c.language), ""
	}
	if o.ByChange != nil {
		by = o.ByChange.What
	}
	line := []string{
		o.Source, o.ID, webAddress(o.URL), o.Subject, o.Organization, o.Group, o.Policy, o.Clause, string(o.Metric), number(int64(o.Cycle)), o.Priority,
		state, workaround, by, at(&o.DecidedAt), at(&o.StartedAt), at(o.Due), at(o.StoppedAt), number(o.Target), number(o.Elapsed), late, unit, o.Calendar, strings.Join(o.Marks, " "), number(o.ThirdParty), because,
	}
	var names, dues, says []string
	if o.Drift != nil {
		if silence := words.In(c.language).Silence(o.Drift); silence != "" {
			says = append(says, silence)
		}
		for i := range o.Drift.Rows {
			r := &o.Drift.Rows[i]
			names, dues, says = append(names, r.Name), append(dues, at(r.Due)), append(says, words.In(c.language).Difference(r))
		}
	}
	line = append(line, strings.Join(names, "\n"), strings.Join(dues, "\n"), strings.Join(says, "\n"))
	for i := range line {
		line[i] = inert(line[i])
	}
	return line
}

// A part of a cell is what a spreadsheet that takes another sign than ours for the end
// of one makes of it. A cell that is a number is none of the formulas that begin like one.
var (
	part   = regexp.MustCompile(`[^;,|\t\r\n]+`)
	begins = regexp.MustCompile(`^[\s\x{a0}\x{202f}\x{feff}"']*[=+\-@\x{2212}\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]`)
	number = regexp.MustCompile(`^\s*[+-]?[0-9]+(\.[0-9]+)?\s*$`)
)

// inert is a cell that no spreadsheet takes for a formula, nor a part of it where a
// French one opens the English file, or the other way about: customers choose the
// texts of tickets (https://owasp.org/www-community/attacks/CSV_Injection).
func inert(cell string) string {
	if number.MatchString(cell) {
		return cell
	}
	safe := part.ReplaceAllStringFunc(cell, func(text string) string {
		if begins.MatchString(text) {
			return "'" + text
		}
		return text
	})
	if cell != "" && strings.ContainsRune("\t\r\n", rune(cell[0])) {
		return "'" + safe
	}
	return safe
}
