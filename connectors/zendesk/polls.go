package zendesk

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"vigie/connectors/desk"
)

// Zendesk lets an account have ten incremental exports a minute, whoever asks
// (https://developer.zendesk.com/api-reference/introduction/rate-limits/). A poll is
// one of tickets, and where it finds any that changed, one of ticket events; more
// where there are more than a thousand rows.
const (
	exportsAMinute = 10
	exportsOfAPoll = 2
)

// warnOfPolls warns of sources that together poll an account more often than its exports
// allow: each then waits for the others, and none keeps its pace.
func warnOfPolls(sources []*desk.SourceTable) {
	polls, several := map[string]int{}, map[string]int{}
	for _, s := range sources {
		polls[accountAt(s.URL)] += mostAMinute(s.Poll)
		several[accountAt(s.URL)]++
	}
	for _, s := range sources {
		at := accountAt(s.URL)
		if polls[at]*exportsOfAPoll <= exportsAMinute || mostAMinute(s.Poll) == 0 {
			continue
		}
		who := ""
		if several[at] > 1 {
			who = fmt.Sprintf(", with the other sources on %s,", at)
		}
		// Four polls a minute, so that a long one and other programs find room.
		s.Warn("poll", "%q%s is up to %d polls a minute, of up to %d exports each, and Zendesk allows an account %d exports a minute; write poll = %q or slower",
			s.Poll, who, polls[at], exportsOfAPoll, exportsAMinute, "@every "+every(several[at]))
	}
}

// every is how far apart the polls of each of n sources are for four a minute.
func every(n int) string {
	text := (time.Duration(n) * time.Minute / 4).String()
	if strings.HasSuffix(text, "m0s") {
		return strings.TrimSuffix(text, "0s")
	}
	return text
}

// accountAt is the Zendesk behind an address, however that is written.
func accountAt(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.ToLower(u.Host) + u.Path
}

// mostAMinute is how often a schedule comes up within a minute at the most, looking a
// year and some thousand times ahead.
func mostAMinute(c desk.Schedule) (most int) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var within []time.Time
	end := start.AddDate(1, 0, 0)
	for at, n := c.Next(start), 0; !at.IsZero() && at.Before(end) && n < 2000 && most < 60; at, n = c.Next(at), n+1 {
		for len(within) > 0 && at.Sub(within[0]) >= time.Minute {
			within = within[1:]
		}
		within = append(within, at)
		most = max(most, len(within))
	}
	return most
}
