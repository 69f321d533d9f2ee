// Package rules judges a ticket by a support policy. It is the program's pure middle:
// what it is given decides what it says, the instant included, and it does no IO and
// reads no clock. A verdict can so be had again of any instant, for a report of last
// month or the question why somebody was warned on Tuesday, and a test needs a table.
//
// # From a ticket to a warning
//
//	Ticket + []*Policy + now -> Evaluate -> Verdict -> Alerts, tags, due dates
//	                         -> Explain  -> Explanation -> words, letters
//
// A Ticket is what a connector has read: its attributes at creation and, in Events, what
// has happened to it since, in the field's own words whichever vendor has it. Reading it
// from the beginning gives the states that it has had (history). A later event never
// changes what was so before, and what lies after now isn't looked at.
//
// A Policy is a company's, as package policyfile reads it from a file; it never changes
// afterwards and may be shared. Of several, the first of the ticket's source that covers
// the ticket judges it, by the version in force when the ticket was created (InForce).
// What the policy asks about a ticket are conditions, in expr-lang over the names of Env
// (CompileCondition). They are bounded when they are compiled, since a policy may come
// from anybody, and an answer is asked for again only when something has changed that
// the condition reads.
//
// Evaluate finds the priority in force at each step: what a person chose, else what a
// rule or the ticket's text gives (package triage), else the policy's default. With it
// come the row of [[targets]] that counts, the pauses, and the cycles of each metric's
// clock, each stretch of time counted on the calendar of the team that held the ticket
// then (package calendar). The Verdict holds the clocks with their due dates, the tags
// that should be, the marks and the escalation, and in Wake the instant at which it
// changes though nothing happens: whoever keeps it looks again then, and not before.
//
// Alerts are what people should be told at an instant, each with a Key, under which it is
// told once. Latest is what has become of one: whether it still holds, and if not, why it
// is over. Both follow from the verdict alone, so that whoever sends them can ask again
// just before.
//
// Explain gives a verdict with its evidence: for each clock the stretches that counted and
// those that didn't, and why; what people changed and is left as it is (Keep); where the
// vendor's own SLA says something else, and what makes the difference (Compare). An
// Explanation is data; what is said of it is package words.
//
// When a person's words must be forgotten, Erase takes them out of the ticket and leaves
// what conditions answered while they were there, so that no verdict of the past moves.
//
// # The packages around it
//
// policyfile makes policies of files, tomlfile reads such files key by key, words says
// things in people's languages, report counts which targets of a period were met,
// policytest holds policies to their tests, policies are the built-in ones. All of them
// are as pure as this package, which a test guards.
package rules
