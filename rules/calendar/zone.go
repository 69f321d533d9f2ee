package calendar

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// cities are what people mean by the short names of zones. Most of those names
// are in the zone database too, but stand for a fixed offset, or for the rules
// of some other place.
var cities = map[string]string{
	"CET": "Europe/Paris or Europe/Berlin", "CEST": "Europe/Paris or Europe/Berlin", "MEZ": "Europe/Berlin",
	"MET": "Europe/Paris or Europe/Berlin", "EET": "Europe/Helsinki or Europe/Athens", "WET": "Europe/Lisbon",
	"GMT": "Europe/London, or UTC", "BST": "Europe/London", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo",
	"EST": "America/New_York", "EDT": "America/New_York", "EST5EDT": "America/New_York",
	"CST": "America/Chicago", "CDT": "America/Chicago", "CST6CDT": "America/Chicago",
	"MST": "America/Denver", "MDT": "America/Denver", "MST7MDT": "America/Denver",
	"PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "PST8PDT": "America/Los_Angeles",
	"HST": "Pacific/Honolulu", "AEST": "Australia/Sydney", "Z": "UTC", "Zulu": "UTC",
}

// LoadZone loads a zone as calendars do: by the IANA name of a city, or UTC,
// from [ZonesInUse]. A short name such as CET is refused with the cities that
// people mean by it.
func LoadZone(name string) (*time.Location, error) {
	found := &problems{all: new([]error)}
	zone := readZone(name, found)
	var p *Problem
	if errors.As(found.err(), &p) {
		return nil, errors.New(p.Text)
	}
	return zone, nil
}

// readZone loads an IANA zone by the name of a city, or UTC. Nil if there is a
// problem.
func readZone(name string, found *problems) *time.Location {
	area, place, _ := strings.Cut(name, "/")
	switch {
	case name == "UTC" || name == "Etc/UTC":
		return time.UTC
	case name == "":
		found.add("", "is missing: write a city such as Europe/Paris or Europe/Berlin, or UTC")
		return nil
	// right/… counts leap seconds, and Local is another zone on each machine.
	case place == "" || area == "Etc" || area == "SystemV" || area == "posix" || area == "right":
		city, ok := cities[name]
		if !ok {
			city = "Europe/Paris or Europe/Berlin"
		}
		found.add("", fmt.Sprintf("%q doesn't say which place's clock changes to follow: write a city such as %s", name, city))
		return nil
	}
	zone, ok := ZonesInUse().load(name)
	if !ok {
		found.add("", fmt.Sprintf("%q is no time zone: write an IANA name such as Europe/Paris or Europe/Berlin", name))
	}
	return zone
}
