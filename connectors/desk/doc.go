// Package desk is what a ticketing tool is to Vigie, and what the readings of all such
// tools share. It knows no vendor and keeps nothing.
//
// # Vendors
//
// A Vendor is one kind of tool: its table in config.toml, its own keys there, and how
// to connect to a source that such a table describes. The program has a list of them,
// its registry; configuration, wiring, check and setup go through that list, so that a
// new tool is a package and a line there.
//
// A Source is one table of the file, checked: what all tools have. What one alone has
// are its Settings, which the vendor reads from the same table (SourceTable) and tells people
// about (About). Settings connect to a Desk, the source as the rest of Vigie deals with
// it: what changed, tickets with their histories, edits, webhooks; and for who sets
// Vigie up, what is so and what is missing. Some desks can hold the issues of another
// source's tickets: those are a Tracker.
//
// What passes between a desk and the rest are values of this package: Changes and Pages of
// them, Readings, Edits, Notes, verified Deliveries of webhooks (exchange.go), and the
// Steps that setting a source up takes (setup.go).
//
// # Mails
//
// A mail is a mail whichever tool took it in, so a connector turns its vendor's markup
// into plain text and leaves the rest to this package: the words that a customer wrote
// himself, and the language in which he is answered.
//
// A mail's text decides what a policy's conditions see, so the words of somebody
// else (the answer that it quotes, a signature, a lawyer's notice) must go, and
// the customer's own must stay. Both can't always be had. Then the text stays: a
// condition that sees too much is noticed, a problem that nobody sees isn't.
//
//   - What begins like a quoted mail is cut to its end. Quoted lines (">") go, and
//     what stands between them and below is an answer.
//   - A forwarded mail is the customer's matter: its text stays, only its head goes.
//   - Where all would be cut, or all but "Hello" and "see below", all stays.
//
// The text is looked at line by line, in one pass or two, with expressions that
// can't backtrack: time grows with the length, whatever comes in.
//
// # Languages
//
// See Language and TextLanguage.
package desk
