package stories

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"vigie/connectors/sandbox"
)

// A story is what people do and what goes wrong, each at so many seconds from its
// beginning.
type story struct {
	seed     uint64
	begin    time.Time
	end      int
	tickets  []string // the vendor of each
	acts     []act
	faults   []fault
	replicas int
	postgres bool
	oauth    bool // Zendesk by an OAuth client
}

// An act is one that a person does to a ticket.
type act struct {
	at     int
	ticket int
	do     string
}

// A fault is something that goes wrong for a while, or once.
type fault struct {
	at, lasts int
	kind      string
	vendor    string // whose; empty: nobody's
	n         int    // every nth request, or the nth write from then on, to that vendor if one is named; for "late" the seconds, by four
	name      string // of the vendor's manner
}

func (s story) String() string {
	var b strings.Builder
	state := "SQLite"
	if s.postgres {
		state = "PostgreSQL"
	}
	if s.oauth {
		state += ", Zendesk by OAuth"
	}
	fmt.Fprintf(&b, "seed %d, from %s for %s, %d replica(s), %s\n", s.seed, s.begin.Format("Mon 2006-01-02 15:04:05"), time.Duration(s.end)*time.Second, s.replicas, state)
	clock := func(at int) string {
		return s.begin.Add(time.Duration(at) * time.Second).Format("Mon 15:04:05")
	}
	for _, a := range s.acts {
		fmt.Fprintf(&b, "  %s %s ticket %d: %s\n", clock(a.at), s.tickets[a.ticket], a.ticket, a.do)
	}
	for _, f := range s.faults {
		fmt.Fprintf(&b, "  %s to %s fault: %s %s %s", clock(f.at), clock(f.at+f.lasts), f.kind, f.vendor, f.name)
		if f.n > 0 {
			fmt.Fprintf(&b, " (%d)", f.n)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// What people do after a ticket was opened. What makes no sense when its turn comes,
// such as to delete what is deleted, is left out.
var deeds = []string{
	"reply", "reply", "reply", "note", "customer", "customer", "wait", "go on", "solve", "solve with a word", "reopen",
	"urgent", "urgent", "normal", "question", "incident", "mark", "mark", "mark", "progress", "delete", "tag",
}

var begins = []string{"Fri 2026-11-27 09:00:00", "Fri 2026-11-27 14:30:00", "Mon 2026-11-30 07:45:00", "Tue 2026-12-01 11:00:00", "Wed 2026-12-02 13:30:00"}

func instant(text string) time.Time {
	at, err := time.ParseInLocation("Mon 2006-01-02 15:04:05", text, berlin)
	if err != nil {
		panic(err)
	}
	return at
}

// draw draws a story. What a seed means changes with this function.
func draw(seed uint64) story {
	r := rand.New(rand.NewPCG(seed, 19))
	s := story{seed: seed, begin: instant(begins[r.IntN(len(begins))]), replicas: 1 + r.IntN(4)/3}
	// Seconds that are no round number, so that no act falls on the instant of a poll.
	within := func(from, to int) int { return from + r.IntN(to-from)/60*60 + 1 + r.IntN(58) }
	for n := range 1 + r.IntN(4) {
		vendor := []string{"zendesk", "zendesk", "jira"}[r.IntN(3)]
		s.tickets = append(s.tickets, vendor)
		opened := within(60, 2*hour)
		s.acts = append(s.acts, act{opened, n, []string{"open", "open", "open urgent", "open urgent", "open question"}[r.IntN(5)]})
		at := opened
		for range r.IntN(6) {
			if next := at + 2 + r.IntN(40); at > opened && r.IntN(4) == 0 { // while the last is still worked on
				at = next
			} else {
				at = within(opened+60, opened+4*hour)
			}
			s.acts = append(s.acts, act{at, n, deeds[r.IntN(len(deeds))]})
		}
	}
	for range 1 + r.IntN(4) {
		f := drawFault(r, within)
		if a := s.acts[r.IntN(len(s.acts))]; r.IntN(2) == 0 { // just before something is done
			f.at = max(30, a.at-r.IntN(90))
		}
		s.faults = append(s.faults, f)
	}
	night := s.unseen(r)
	s.interrupted(r)
	s.overlapping(r)
	s.arrange()
	last := 0
	for _, a := range s.acts {
		last = max(last, a.at)
	}
	for _, f := range s.faults {
		last = max(last, f.at+f.lasts)
	}
	s.end = last + settling + r.IntN(2*hour)
	if r.IntN(8) == 0 || night { // into the next working day
		s.end += 20 * hour
	}
	s.oauth = r.IntN(2) == 0
	s.postgres = r.IntN(12) == 0 || *onPostgres
	return s
}

// unseen has an issue deleted now and then while webhooks are lost, which no list of
// Jira's tells of; and says whether it has.
func (s *story) unseen(r *rand.Rand) bool {
	n := slices.Index(s.tickets, "jira")
	if n < 0 || r.IntN(8) > 0 {
		return false
	}
	last := 0
	for _, a := range s.acts {
		if a.ticket == n {
			last = max(last, a.at)
		}
	}
	at := last + 60 + r.IntN(hour)
	s.acts = append(s.acts, act{at, n, "delete"})
	s.faults = append(s.faults, fault{at: at - 5, lasts: 60, kind: "webhooks lost"})
	return true
}

// interrupted has something go wrong now and then between the steps of an escalation:
// an issue is made, linked, and told of in the ticket.
func (s *story) interrupted(r *rand.Rand) {
	n := slices.Index(s.tickets, "zendesk")
	if n < 0 || r.IntN(8) > 0 {
		return
	}
	opened := s.acts[slices.IndexFunc(s.acts, func(a act) bool { return a.ticket == n })].at
	at := opened + 60 + r.IntN(hour)
	s.acts = append(s.acts, act{at, n, "mark"})
	f := fault{at: at - 1, lasts: []int{60, 300, 900}[r.IntN(3)], n: 1 + r.IntN(2), vendor: []string{"jira", "jira", "zendesk"}[r.IntN(3)]}
	f.kind = []string{"goes down before", "goes down after", "killed after", "writes cut after", "500 after", "hangs after"}[r.IntN(6)]
	s.faults = append(s.faults, f)
}

// overlapping has something that matters done now and then while a ticket is read, for
// the sake of something that doesn't, as nothing is written that would have it read again.
func (s *story) overlapping(r *rand.Rand) {
	n := r.IntN(len(s.tickets))
	if r.IntN(8) > 0 {
		return
	}
	opened := s.acts[slices.IndexFunc(s.acts, func(a act) bool { return a.ticket == n })].at
	at := opened + 60 + r.IntN(hour)
	s.acts = append(s.acts, act{at, n, "note"}, act{at + 2 + r.IntN(10), n, []string{"reply", "wait", "solve with a word", "urgent"}[r.IntN(4)]})
	s.faults = append(s.faults, fault{at: at - 1, lasts: 60, kind: "late", vendor: s.tickets[n], n: 1 + r.IntN(2)})
}

// arrange puts acts and faults in the order of time, no two acts in one second: what is
// done to a ticket within a second is one step to the policy.
func (s *story) arrange() {
	slices.SortStableFunc(s.acts, func(a, b act) int { return a.at - b.at })
	for i := 1; i < len(s.acts); i++ {
		s.acts[i].at = max(s.acts[i].at, s.acts[i-1].at+1)
	}
	slices.SortStableFunc(s.faults, func(a, b fault) int { return a.at - b.at })
}

// settling is within how many seconds after the last fault all must be as it should.
const settling = 65 * 60

func drawFault(r *rand.Rand, within func(from, to int) int) fault {
	f := fault{at: within(30, 5*hour), lasts: []int{60, 300, 900, 2700, 5400, 9000}[r.IntN(6)], kind: kinds[r.IntN(len(kinds))]}
	f.vendor = []string{"zendesk", "zendesk", "jira", "slack"}[r.IntN(4)]
	switch f.kind {
	case "webhooks lost", "webhooks doubled", "webhooks reversed", "webhooks late", "asleep", "the clock is behind":
		f.vendor = ""
	case "goes down before", "goes down after":
		f.n = 1 + r.IntN(4)
	case "killed before", "killed after":
		f.lasts, f.n = []int{1, 30, 600}[r.IntN(3)], 1+r.IntN(6)
		if r.IntN(2) == 0 {
			f.vendor = ""
		} else {
			f.n = 1 + r.IntN(2)
		}
	case "state locked":
		f.vendor, f.lasts = "", []int{5, 60, 300}[r.IntN(3)]
	case "meanwhile":
		f.n = 1 + r.IntN(3)
	case "401":
		f.n = 1
	case "slow", "late", "429", "500", "500 after", "cut", "cut after", "hangs", "hangs after", "writes 503", "writes cut after":
		f.n = 1 + r.IntN(4)
	case "manner":
		names := playable(f.vendor)
		f.name = names[r.IntN(len(names))]
	}
	return f
}

// The kinds of faults, those that tell most more often.
var kinds = []string{
	"webhooks lost", "webhooks lost", "webhooks doubled", "webhooks reversed", "webhooks late",
	"429", "401", "slow", "late", "500", "500 after", "500 after", "cut", "cut after", "cut after", "hangs", "hangs after",
	"writes 503", "writes 503", "writes 503", "writes cut after", "writes cut after", "down", "down", "goes down before", "goes down after", "manner", "manner", "manner",
	"killed before", "killed before", "killed after", "killed after",
	"asleep", "the clock is behind", "state locked", "meanwhile", "meanwhile",
}

// unplayable are the manners that no story has, with the reason.
var unplayable = map[string]string{
	"zendesk/hidden":        "a ticket that is hidden can't be told from one that is gone: what is shown again later is found when somebody touches it",
	"slack/refuses-replies": ownMessage, "slack/refuses-reply-message": ownMessage, "slack/has-no-threads": ownMessage, "slack/loses-threads": ownMessage,
	"zendesk/audits-404": "says of the ticket itself that it is gone",
}

const ownMessage = "a thread that takes no line has it as a message of its own, which the model takes for a second card"

// playable are the names of a vendor's manners that stories have.
func playable(vendor string) (names []string) {
	for _, name := range sandbox.Manners(vendor) {
		if unplayable[vendor+"/"+name] == "" {
			names = append(names, name)
		}
	}
	return names
}
