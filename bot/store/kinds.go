package store

import (
	"slices"
	"strings"

	"vigie/rules"
)

// A Kind is what an action does. Everything that depends on it is in the table
// below, once.
type Kind string

const (
	Breach   Kind = "breach"
	Warn     Kind = "warn"
	Triage   Kind = "triage"
	Unlinked Kind = "unlinked"
	Repaired Kind = "repaired"
	Flag     Kind = "flag"
	Edit     Kind = "edit"
	Call     Kind = "call"
	Asked    Kind = "request"

	Opening Kind = "opening"
	Outage  Kind = "outage"
	Storm   Kind = "storm"
	Amend   Kind = "amend"

	Summary  Kind = "summary"
	Digest   Kind = "digest"
	Briefing Kind = "briefing"
	Handover Kind = "handover"
	Silence  Kind = "silence"

	Group Kind = "group"

	Write    Kind = "write"
	Escalate Kind = "escalate"

	Hook     Kind = "hook"
	Follow   Kind = "follow"
	Mail     Kind = "mail"
	Fallback Kind = "fallback"
)

// A Carrier is the loop that carries an action out.
type Carrier string

const (
	ByChat    Carrier = "chat"    // a message in Slack
	ByDesk    Carrier = "desk"    // the ticket's own vendor
	ByTracker Carrier = "tracker" // the vendor of the technical team
	ByPlace   Carrier = "place"   // a hook, or the mail server: the action's Channel says which
)

// A Concern is whom an action's outcome concerns.
type Concern string

const (
	OneTicket Concern = "ticket" // its page and its log show the action
	OneList   Concern = "list"   // the tickets that a message names
	OneSource Concern = "source"
	Everybody Concern = "everybody" // whoever reads a channel
)

// A Body names the fields of an Action that are its kind's alone.
type Body string

const (
	NoBody       Body = "none"
	TopicBody    Body = "topic"    // Topic; of an alarm also Cycle
	AlarmsBody   Body = "alarms"   // none of its own: each alarm that it says has its key in List
	ListBody     Body = "list"     // List
	ObstacleBody Body = "obstacle" // Obstacle and Since
	UnderwayBody Body = "underway" // Underway
	StepBody     Body = "step"     // Step, Topic and Cycle
	RequestBody  Body = "request"  // Request; of what is about a list also List
	FallbackBody Body = "fallback" // Step for whom it tells, Since, and Obstacle
)

// Traits are what the actions of a kind have in common.
type Traits struct {
	Kind      Kind
	Does      string // for whoever reads this table
	By        Carrier
	Concerns  Concern
	Body      Body
	Urgency   int             // of most of its actions: 0 goes first
	AlertKind rules.AlertKind // of an alarm: which alert it says; "" for all others
	Standing  bool            // one key for all its times: inserting it again makes it pending again
	Calls     bool            // has people called for what they must see to, so it is never given up while it holds
	Leased    bool            // carried out under a lease: while it lasts nobody else begins, whatever it is called for again for
	Lasting   bool            // never compacted: that it was done must be known for ever
}

// kinds is the table. Alarms stand in the order in which a list names them.
var kinds = []Traits{
	{Kind: Breach, Does: "says that a target was missed", By: ByChat, Concerns: OneTicket, Body: TopicBody, Urgency: 0, AlertKind: rules.Breached, Calls: true},
	{Kind: Warn, Does: "says that a threshold has passed", By: ByChat, Concerns: OneTicket, Body: TopicBody, Urgency: 1, AlertKind: rules.Warning, Calls: true},
	{Kind: Triage, Does: "asks for a priority", By: ByChat, Concerns: OneTicket, Body: TopicBody, Urgency: 3, AlertKind: rules.Triage, Calls: true},
	{Kind: Unlinked, Does: "says that the technical team has no issue", By: ByChat, Concerns: OneTicket, Body: TopicBody, Urgency: 3, AlertKind: rules.Unlinked, Calls: true},
	{Kind: Repaired, Does: "says that the issue is solved and the ticket isn't", By: ByChat, Concerns: OneTicket, Body: TopicBody, Urgency: 3, AlertKind: rules.Repaired, Calls: true},
	{Kind: Flag, Does: "says that a mark holds", By: ByChat, Concerns: OneTicket, Body: TopicBody, Urgency: 3, AlertKind: rules.Flagged, Calls: true},
	{Kind: Edit, Does: "brings a ticket's messages about a topic up to date", By: ByChat, Concerns: OneTicket, Body: TopicBody, Urgency: 5, Standing: true},
	{Kind: Call, Does: "calls those whom a step names about an alarm", By: ByChat, Concerns: OneTicket, Body: StepBody, Urgency: 0, Calls: true},
	{Kind: Asked, Does: "does what somebody asked for where he was told of a ticket", By: ByChat, Concerns: OneTicket, Body: RequestBody, Urgency: 0, Calls: true},

	// A list has its first alarm's urgency. More alarms may join it while it waits.
	{Kind: Opening, Does: "says the alarms that were held until their team's calendar opened", By: ByChat, Concerns: Everybody, Body: AlarmsBody, Standing: true, Calls: true},
	{Kind: Outage, Does: "says the alarms that could not be said in time", By: ByChat, Concerns: Everybody, Body: AlarmsBody, Standing: true, Calls: true},
	{Kind: Storm, Does: "says the alarms that came up at once", By: ByChat, Concerns: Everybody, Body: AlarmsBody, Standing: true, Calls: true},
	{Kind: Amend, Does: "brings a list up to date", By: ByChat, Concerns: OneList, Body: ListBody, Urgency: 5, Standing: true},

	{Kind: Summary, Does: "says how a source's tickets stand after its first start", By: ByChat, Concerns: OneSource, Body: NoBody, Urgency: 4, Lasting: true},
	{Kind: Digest, Does: "says once a day how all tickets stand", By: ByChat, Concerns: Everybody, Body: NoBody, Urgency: 4},
	{Kind: Briefing, Does: "says what awaits a team", By: ByChat, Concerns: Everybody, Body: NoBody, Urgency: 4},
	{Kind: Handover, Does: "says what one team hands to the next", By: ByChat, Concerns: Everybody, Body: NoBody, Urgency: 4},
	{Kind: Silence, Does: "says that a source can't be seen or written, then that it can", By: ByChat, Concerns: OneSource, Body: ObstacleBody, Urgency: 0, Standing: true, Calls: true},

	{Kind: Group, Does: "keeps a user group to who is on call", By: ByChat, Concerns: Everybody, Body: NoBody, Urgency: 1, Standing: true, Calls: true},

	{Kind: Write, Does: "writes what differs into a ticket", By: ByDesk, Concerns: OneTicket, Body: UnderwayBody, Urgency: 2, Standing: true},
	{Kind: Escalate, Does: "synchronises a ticket and its issue", By: ByTracker, Concerns: OneTicket, Body: NoBody, Urgency: 2, Standing: true, Leased: true},

	{Kind: Hook, Does: "tells a hook of an alarm", By: ByPlace, Concerns: OneTicket, Body: StepBody, Urgency: 0, Calls: true},
	{Kind: Follow, Does: "tells a hook that somebody has taken what it was told of, or that it is over", By: ByPlace, Concerns: OneTicket, Body: StepBody, Urgency: 2, Standing: true},
	{Kind: Mail, Does: "tells somebody of an alarm by mail", By: ByPlace, Concerns: OneTicket, Body: StepBody, Urgency: 0, Calls: true},
	{Kind: Fallback, Does: "tells elsewhere that the chat is away, then that it is back", By: ByPlace, Concerns: Everybody, Body: FallbackBody, Urgency: 0, Calls: true},
}

// Kinds are all kinds of actions; alarms stand in the order in which a list names
// them.
func Kinds() []Traits { return slices.Clone(kinds) }

// Traits are those of a kind; all but the name are empty for one that isn't in the
// table.
func (k Kind) Traits() Traits {
	for _, t := range kinds {
		if t.Kind == k {
			return t
		}
	}
	return Traits{Kind: k}
}

// AlarmOf is the kind of the actions that say an alert; "" if none does.
func AlarmOf(a rules.AlertKind) Kind {
	for _, t := range kinds {
		if t.Alarm() && t.AlertKind == a {
			return t.Kind
		}
	}
	return ""
}

// Alarm says that an action of the kind tells of one ticket what people must see to.
func (t Traits) Alarm() bool { return t.AlertKind != "" }

// List says that an action of the kind says several alarms in one message.
func (t Traits) List() bool { return t.Body == AlarmsBody }

// quiet says that what the chat does for an action of the kind is no message.
func (t Traits) quiet() bool { return t.Kind == Group }

// notice says that an action of the kind posts something that is about no ticket's
// message: a day later nobody misses it.
func (t Traits) notice() bool { return t.Concerns == OneSource || t.Concerns == Everybody }

// among is the condition that an action is of one of the kinds for which something
// holds. Their order is the table's, so the text is always the same: SQLite uses a
// partial index only for a condition that is written as the index's is.
func among(holds func(Traits) bool) string { return `kind IN (` + named(holds) + `)` }

func named(holds func(Traits) bool) string {
	var names []string
	for _, t := range kinds {
		if holds(t) {
			names = append(names, `'`+string(t.Kind)+`'`)
		}
	}
	return strings.Join(names, ", ")
}
