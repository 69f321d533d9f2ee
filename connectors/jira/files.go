package jira

import (
	"time"

	"vigie/connectors/desk"
	"vigie/rules"
)

// together is how far apart a file and the message that it came with may be: the
// portal and the mail handler send the one after the other.
const together = time.Minute

// A file is an attachment: who sent it, and when.
type file struct {
	ID      word    `json:"id"`
	Author  *user   `json:"author"`
	Created instant `json:"created"`
}

// files are all that were sent, oldest first by kind: those that are there, and
// those that the changelog remembers.
func (r *record) files() []file {
	files := read[[]file](&r.issue, "attachment")
	here := map[word]bool{}
	for _, f := range files {
		here[f.ID] = true
	}
	for _, h := range r.histories {
		for _, it := range h.Items {
			if r.people.v.part(r.people.v.fieldID(it)) == attachmentPart && it.To != "" && !here[it.To] {
				here[it.To] = true
				files = append(files, file{it.To, h.Author, h.Created})
			}
		}
	}
	return files
}

// replies are an issue's comments, and the files that customers sent: with the
// ticket's first message, with a comment of theirs, or else as a message without
// words.
func (r *record) replies(t *rules.Ticket) []rules.Event {
	var events []rules.Event
	var authors []string
	for _, c := range r.comments {
		by := r.people.speaker(c.Author)
		if by == rules.ByVigie {
			by = rules.ByAutomation // our own notes are nobody's reply
		}
		e := rules.Event{At: c.Created.Time, Type: rules.ReplyEvent, By: by, Public: c.public()}
		if by == rules.ByCustomer && e.Public {
			e.Text = desk.OwnWords("", plainText(c.Body))
		}
		events, authors = append(events, e), append(authors, c.Author.id())
	}
	for _, f := range r.files() {
		switch by := r.people.speaker(f.Author); {
		case f.Created.IsZero():
		case f.Created.Before(t.CreatedAt.Add(together)) && (by == rules.ByCustomer || f.Author.is(r.people.creator)):
			t.Attachments++
		case by == rules.ByCustomer:
			n := 0
			for n < len(events) && !(events[n].By == rules.ByCustomer && events[n].Public && authors[n] == f.Author.id() && events[n].At.Sub(f.Created.Time).Abs() <= together) {
				n++
			}
			if n == len(events) {
				events = append(events, rules.Event{At: f.Created.Time, Type: rules.ReplyEvent, By: by, Public: true})
				authors = append(authors, f.Author.id())
			}
			events[n].Attachments++
		}
	}
	return events
}
