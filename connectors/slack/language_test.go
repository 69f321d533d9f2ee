package slack

import (
	"regexp"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"

	"vigie/rules"
	"vigie/rules/words/wordstest"
)

// What a message says in a language that was added is that language's, or the ticket's,
// or the policy's: no text stands in the code.
func TestAThirdLanguage(t *testing.T) {
	if err := wordstest.Invent(); err != nil {
		t.Fatal(err)
	}
	defer wordstest.Forget()
	a := acme(t)
	known := []string{a.Subject, a.Organization, a.Group, a.Assignee, "MoveON support policy", "METEORAGE", "Alertes foudre en retard", "zendesk", "jira:SUP", "berlin", "paris", "Europe/Berlin", "Europe/Paris",
		"Nadia", "low", "urgent", "normal", "high", "haute", "Blocker", "DEV", "QS", "MT"}
	check := func(name, text string, blocks []slackgo.Block) {
		t.Helper()
		all := address.ReplaceAllString(page(text, blocks), "$1|")
		for _, layout := range []string{"plain_text", "mrkdwn", "header ", "section ", "field ", "context ", "text ", "button ", "option ", "select ", "menu\n"} {
			all = strings.ReplaceAll(all, layout, " ")
		}
		if list := wordstest.Foreign(all, known...); len(list) > 0 {
			t.Errorf("%s: no catalogue says %q:\n%s", name, list, all)
		}
	}
	list := stories(t)
	for _, s := range list {
		for _, o := range s.alert.Offers {
			if rubric := plain(fitting(o.Rubric.In(wordstest.Tag))).Text; rubric != "" {
				known = append(known, rubric)
			}
		}
	}
	for _, kind := range []rules.AlertKind{rules.Unasked, rules.Unlinked, rules.Linked, rules.Repaired, rules.Unescalated, rules.Flagged, rules.Unflagged} {
		other := acme(t)
		other.Kind, other.Issue, other.Mark = kind, "DEV-7", "urgent"
		list = append(list, struct {
			name  string
			alert rules.Alert
		}{string(kind), other})
	}
	for _, why := range []rules.Erasure{rules.ErasedGone, rules.ErasedAsked} {
		other := acme(t)
		other.Erased, other.Subject = why, ""
		list = append(list, struct {
			name  string
			alert rules.Alert
		}{"erased: " + string(why), other})
	}
	var alerts []rules.Alert
	for _, s := range list {
		text, blocks := Render(s.alert, wordstest.Tag, "")
		check(s.name, text, blocks)
		text, blocks = renderReply(s.alert, wordstest.Tag)
		check(s.name+", in the thread", text, blocks)
		alerts = append(alerts, s.alert)
	}
	text, blocks := renderList("", alerts, wordstest.Tag)
	check("a list", text, blocks)
}

var address = regexp.MustCompile(`(<)(?:https?:|!date)[^|>]*\|`)
