package slack

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"vigie/rules"
)

// hostile are texts that a customer may put into a ticket.
var hostile = []string{
	"",
	"   \n\t ",
	"<!channel> <@U012AB3CD> <!subteam^S1|x> @here #general",
	"<https://evil.example|click here> https://evil.example",
	"*bold* _italics_ ~gone~ `code` ```block",
	"> quoted\n>>> all\n• list",
	":tada: 😀👩‍👩‍👧‍👦 naïve",
	"{stand} {metric} %s %d {0}",
	"&amp; &lt;!channel&gt; && <<>>",
	"مرحبا \u202eevil\u202c שלום \u2066x\u2069",
	"a\x00b\x1b[31m\xff\xfe",
	"a|b>c",
	strings.Repeat("&", 5000),
	strings.Repeat("😀", 5000),
	strings.Repeat("long word ", 2000),
}

// TestHostileTicket puts such texts everywhere, and holds the message against
// Slack's limits and against the promise that ticket text is never markup.
func TestHostileTicket(t *testing.T) {
	for _, evil := range hostile {
		for _, kind := range []rules.AlertKind{rules.Warning, rules.Triaged, rules.Triage, "unheard of"} {
			a := acme(t)
			a.Kind = kind
			a.Subject, a.Organization, a.Group, a.Assignee, a.ID, a.Source = evil, evil, evil, evil, evil, evil
			a.Policy, a.Priority, a.Proposed, a.Clause, a.Calendar, a.Reason = rules.Words{FR: evil, EN: evil}, evil, evil+"x", evil, evil, evil
			a.URL = "https://acme.zendesk.com/" + evil
			a.Taker, a.TakerUnknown, a.TakenAt, a.Snoozed = evil, true, a.At, a.Due
			a.Offers = []rules.Offer{{Name: "p" + evil, Rubric: rules.Words{FR: "r" + evil, EN: "r" + evil}}}
			if kind == rules.Triaged {
				a.Unknown = evil // it stands in the headline and in place of the priority
			}
			for _, lang := range []string{"fr", "en", ""} {
				text, blocks := Render(a, lang, "https://vigie.acme.example")
				checkMessage(t, text, blocks)
				text, blocks = renderReply(a, lang)
				checkMessage(t, text, blocks)
			}
			for _, n := range []int{1, 100} {
				text, blocks := renderList("First start: "+Escape(evil)+"\n"+Escape(evil), slices.Repeat([]rules.Alert{a}, n), "fr")
				checkMessage(t, text, blocks)
			}
		}
	}
}

// checkMessage applies the limits of Slack's reference (Block Kit, chat.update)
// and looks for markup that isn't ours.
func checkMessage(t *testing.T, text string, blocks []slackgo.Block) {
	t.Helper()
	raw, err := json.Marshal(blocks)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(utf16.Encode([]rune(string(raw)))); n > 13_000 {
		t.Errorf("%d characters of blocks, want at most 13000", n)
	}
	if n := utf8.RuneCountInString(text); n == 0 || n > 4000 {
		t.Errorf("text of %d characters, want 1 to 4000", n)
	}
	if n := len(blocks); n == 0 || n > 50 {
		t.Errorf("%d blocks, want 1 to 50", n)
	}
	object := func(o *slackgo.TextBlockObject, limit int) {
		t.Helper()
		if err := o.Validate(); err != nil {
			t.Errorf("text object %.60q: %v", o.Text, err)
		}
		if n := utf8.RuneCountInString(o.Text); n > limit {
			t.Errorf("text object of %d characters, want at most %d: %.60q", n, limit, o.Text)
		}
		if o.Type == slackgo.MarkdownType && !o.Verbatim {
			t.Errorf("mrkdwn %.60q isn't verbatim", o.Text)
		}
		if o.Type == slackgo.PlainTextType && (strings.ContainsAny(o.Text, "<>\n") || o.Emoji == nil || *o.Emoji) {
			t.Errorf("plain text %.60q isn't plain", o.Text)
		}
		if o.Type == slackgo.MarkdownType {
			checkMarkup(t, o.Text)
		}
	}
	for _, block := range blocks {
		switch block := block.(type) {
		case *slackgo.HeaderBlock:
			object(block.Text, 150)
			if block.Text.Type != slackgo.PlainTextType {
				t.Error("header isn't plain text")
			}
		case *slackgo.SectionBlock:
			if block.Text != nil {
				object(block.Text, 3000)
			}
			if n := len(block.Fields); n > 10 || n == 0 && block.Text == nil {
				t.Errorf("section of %d fields and text %v", n, block.Text)
			}
			for _, f := range block.Fields {
				object(f, 2000)
			}
		case *slackgo.ContextBlock:
			if n := len(block.ContextElements.Elements); n == 0 || n > 10 {
				t.Errorf("context of %d elements, want 1 to 10", n)
			}
			for _, e := range block.ContextElements.Elements {
				object(e.(*slackgo.TextBlockObject), 3000)
			}
		case *slackgo.ActionBlock:
			if n := len(block.Elements.ElementSet); n == 0 || n > 2 {
				t.Errorf("%d elements, want 1 or 2", n)
			}
			for _, e := range block.Elements.ElementSet {
				switch e := e.(type) {
				case *slackgo.ButtonBlockElement:
					object(e.Text, 75)
				case *slackgo.SelectBlockElement:
					object(e.Placeholder, 150)
					for _, o := range e.Options {
						object(o.Text, 75)
						object(o.Description, 75)
					}
				case *slackgo.OverflowBlockElement:
					if len(e.Options) > 5 {
						t.Errorf("a menu of %d options", len(e.Options))
					}
				}
			}
		default:
			t.Errorf("block of type %T", block)
		}
	}
	checkMarkup(t, text)
}

// checkMarkup finds what only ticket text could have brought into mrkdwn.
func checkMarkup(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("%.60q isn't UTF-8", s)
	}
	for rest := s; ; {
		_, tail, found := strings.Cut(rest, "<")
		if !found {
			break
		}
		inside, after, closed := strings.Cut(tail, ">")
		ours := strings.HasPrefix(inside, "!date^") || strings.HasPrefix(inside, "https://acme.zendesk.com/") || strings.HasPrefix(inside, "https://vigie.acme.example/tickets/")
		if !closed || !ours || strings.Count(inside, "|") != 1 {
			t.Errorf("foreign link or mention %.80q", inside)
		}
		s = strings.Replace(s, inside, inside[strings.Index(inside, "|")+1:], 1)
		rest = after
	}
	if strings.ContainsAny(s, "*~`\u202e\u2066\x00\x1b") {
		t.Errorf("foreign formatting in %.80q", s)
	}
}

// TestTicketTextIsPlain: of the ticket's words, none is in a mrkdwn object.
func TestTicketTextIsPlain(t *testing.T) {
	a := acme(t)
	a.Subject, a.Organization, a.Group, a.Assignee = "SUBJECT", "ORGANIZATION", "GROUP", "ASSIGNEE"
	a.Policy, a.Priority, a.Clause, a.Calendar, a.Reason = rules.Words{FR: "POLICY", EN: "POLICY"}, "PRIORITY", "CLAUSE", "CALENDAR", "REASON"
	_, card := Render(a, "en", "")
	_, reply := renderReply(a, "en")
	for line := range strings.Lines(page("", append(card, reply...))) {
		for _, word := range []string{"SUBJECT", "ORGANIZATION", "GROUP", "ASSIGNEE", "POLICY", "PRIORITY", "CLAUSE", "CALENDAR", "REASON"} {
			if strings.Contains(line, "mrkdwn") && strings.Contains(line, word) {
				t.Errorf("%s in %q", word, line)
			}
		}
	}
}
