package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// An icalEvent is a VEVENT as it is written: the values of its properties by
// their names in capitals, and the parameters of each value ("TZID=Europe/Paris").
type icalEvent struct {
	line   int // of its BEGIN
	values map[string][]string
	params map[string][]string
}

func (e icalEvent) all(name string) []string { return e.values[name] }

// first is the value of a property, empty if there is none.
func (e icalEvent) first(name string) string {
	if list := e.values[name]; len(list) > 0 {
		return list[0]
	}
	return ""
}

// summary is what the event is called, on one line and without the escapes of iCal.
func (e icalEvent) summary() string {
	return strings.NewReplacer(`\n`, " ", `\N`, " ", `\`, "").Replace(e.first("SUMMARY"))
}

// icalEvents reads the events of every calendar in a file, and nothing of what
// stands within them (alarms) or beside them (zones, tasks).
func icalEvents(content []byte) ([]icalEvent, error) {
	var events []icalEvent
	var event *icalEvent
	calendars, inside := 0, 0 // parts of the event that are open
	for number, line := range icalLines(content) {
		name, params, value := property(line)
		part := strings.ToUpper(strings.TrimSpace(value))
		switch {
		case name == "BEGIN" && part == "VCALENDAR" && event == nil:
			calendars++
		case name == "BEGIN" && part == "VEVENT" && event == nil && calendars > 0:
			event = &icalEvent{number, map[string][]string{}, map[string][]string{}}
		case event == nil:
		case name == "END" && inside == 0 && part == "VEVENT":
			events, event = append(events, *event), nil
		case name == "END" && inside == 0:
			return nil, fmt.Errorf("line %d: END:%s where event %q of line %d isn't ended", number, short(part), short(event.first("SUMMARY")), event.line)
		case name == "BEGIN":
			inside++
		case name == "END":
			inside--
		case inside == 0:
			event.values[name] = append(event.values[name], strings.TrimSpace(value))
			event.params[name] = append(event.params[name], params)
		}
	}
	switch {
	case calendars == 0:
		return nil, errors.New("it is no iCal file: BEGIN:VCALENDAR is missing")
	case event != nil:
		return nil, fmt.Errorf("line %d: event %q doesn't end: the file is cut off", event.line, short(event.first("SUMMARY")))
	}
	return events, nil
}

// property cuts a line into its name in capitals, its parameters and its value. A
// colon in quotation marks belongs to a parameter.
func property(line string) (name, params, value string) {
	quoted := false
	for i := range len(line) {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == ':' && !quoted:
			name, params, _ = strings.Cut(line[:i], ";")
			return strings.ToUpper(strings.TrimSpace(name)), params, line[i+1:]
		}
	}
	return strings.ToUpper(line), "", ""
}

// param is a parameter's value, without the quotation marks that may stand around it;
// empty if there is none. A semicolon within them doesn't end it.
func param(params, name string) string {
	quoted := false
	for part := range strings.FieldsFuncSeq(params, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ';' && !quoted
	}) {
		if key, value, _ := strings.Cut(part, "="); strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}

// icalLines gives the lines with the number of each in the file. One that
// begins with white space continues the one before, even within a letter.
func icalLines(content []byte) iter.Seq2[int, string] {
	text := utf8From16(content)
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	return func(yield func(int, string) bool) {
		var line []byte
		begun, number := 0, 0
		for raw := range bytes.SplitSeq(text, []byte("\n")) {
			number++
			if len(raw) > 0 && (raw[0] == ' ' || raw[0] == '\t') && begun > 0 {
				line = append(line, raw[1:]...)
				continue
			}
			if begun > 0 && !yield(begun, letters(line)) {
				return
			}
			line, begun = append(line[:0], raw...), number
		}
		yield(begun, letters(line))
	}
}

// utf8From16 takes the mark at the beginning away, and what Windows calls
// Unicode with it.
func utf8From16(content []byte) []byte {
	if rest, ok := bytes.CutPrefix(content, []byte("\xef\xbb\xbf")); ok {
		return rest
	}
	var at func(i int) uint16
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xfe")):
		at = func(i int) uint16 { return uint16(content[i]) | uint16(content[i+1])<<8 }
	case bytes.HasPrefix(content, []byte("\xfe\xff")):
		at = func(i int) uint16 { return uint16(content[i])<<8 | uint16(content[i+1]) }
	default:
		return content
	}
	var units []uint16
	for i := 2; i+1 < len(content); i += 2 {
		units = append(units, at(i))
	}
	return []byte(string(utf16.Decode(units)))
}

// letters reads a line that isn't UTF-8 as Latin 1.
func letters(line []byte) string {
	if utf8.Valid(line) {
		return string(line)
	}
	runes := make([]rune, len(line))
	for i, b := range line {
		runes[i] = rune(b)
	}
	return string(runes)
}

// wholeDays reads a duration such as P2D or P1W.
func wholeDays(text string) (Date, bool) {
	text, ok := strings.CutPrefix(strings.ToUpper(text), "P")
	if !ok || text == "" {
		return 0, false
	}
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 16)
	switch text[len(text)-1] {
	case 'D':
		return Date(n), err == nil
	case 'W':
		return Date(7 * n), err == nil
	}
	return 0, false
}
