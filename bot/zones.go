package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"vigie/bot/print"
	"vigie/rules/calendar"
	"vigie/rules/words"
)

// useZones has the program follow the time zones in a folder such as
// /usr/share/zoneinfo, or for "" those that are built in.
//
// Go's own idea of the machine's zone, which logs are stamped in, is taken from
// there too where TZ names it: in an image there is nothing else to take it from.
func useZones(folder string, warn io.Writer) error {
	calendar.UseZones(nil)
	if folder != "" {
		zones, err := calendar.ReadZones(folder, os.DirFS(folder))
		if err != nil {
			return usageError{fmt.Errorf("--zoneinfo: %s: %w; name a folder such as /usr/share/zoneinfo, or none for the zones that are built in", folder, err)}
		}
		if ours := calendar.BuiltInZones().Version(); zones.Version() < ours {
			fmt.Fprintf(warn, "--zoneinfo: warning: %s; what is built in is %s, so leave it out, or renew that folder\n", print.Edition(zones, words.In("en")), ours)
		}
		calendar.UseZones(zones)
	}
	if zone, err := calendar.LoadZone(os.Getenv("TZ")); err == nil {
		time.Local = zone
	}
	return nil
}
