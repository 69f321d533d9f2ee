package calendar

import (
	"fmt"
	"time"
)

const daySeconds = 24 * 60 * 60

// A Date is a day without a zone, as days since 1970-01-01: dates compare with
// <, and d+1 is the day after d.
type Date int

// NewDate returns the date of a year, month and day. A day that the month
// doesn't have runs on into the next month, as with [time.Date].
func NewDate(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / daySeconds)
}

// DateOf returns the local date of t in its own zone.
func DateOf(t time.Time) Date { return NewDate(t.Date()) }

// ParseDate reads a date such as "2026-05-25".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("%q is no date: write one such as 2026-05-25", s)
	}
	return DateOf(t), nil
}

func (d Date) String() string        { return d.utc().Format(time.DateOnly) }
func (d Date) Year() int             { return d.utc().Year() }
func (d Date) Weekday() time.Weekday { return time.Weekday(((int(d)+int(time.Thursday))%7 + 7) % 7) }

// midnight is the date's beginning on a wall clock that counts seconds since
// 1970-01-01 00:00 local time: an instant only once an offset is taken off.
func (d Date) midnight() int64 { return int64(d) * daySeconds }

func (d Date) utc() time.Time { return time.Unix(d.midnight(), 0).UTC() }
