package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
)

// seeded is a house with a ticket of each standing at Monday 15:00, settled.
func seeded(t *testing.T) *house {
	t.Helper()
	h := build(t, monday("15:00:00"), tickets()...)
	h.settle(t)
	return h
}

func TestTicketPage(t *testing.T) {
	cases := map[string]struct {
		id, query string
		says      []string
		not       []string
	}{
		"missed": {id: "1", says: []string{"zendesk:1 Portal is down", "Northwind University", "Support Berlin", "Acme support policy", "Acme, 1 June 2026",
			"urgent chosen by a person", "First reply ● missed", "1 business hour", "A-2", "berlin", "Mon 30 Nov, 10:00 Europe/Berlin", "missed by 5 h business time",
			"Resolution ▸ running", "Tue 1 Dec, 17:00 Europe/Berlin", "10 h left", "The whole system is affected."}},
		"in French": {id: "1", query: "?lang=fr", says: []string{"Première réponse ● dépassé", "1 heure ouvrée", "lun. 30 nov., 10:00 Europe/Berlin",
			"dépassé de 5 h temps ouvré", "mar. 1er déc., 17:00", "choisie par une personne", "Tout le système est touché."}},
		"at risk":   {id: "2", says: []string{"First reply ▲ at risk", "Tue 1 Dec, 10:30", "3 h 30 left"}},
		"paused":    {id: "4", says: []string{"waiting for the customer", "paused", "No due date while the clock is paused; counted so far: 2 h"}},
		"by rule":   {id: "5", says: []string{"urgent by the rules", "Priority to be chosen by Mon 30 Nov, 15:15"}},
		"excluded":  {id: "6", says: []string{"Outside the SLA: Ideas are ranked apart. A-4"}, not: []string{"First reply"}},
		"exclu":     {id: "6", query: "?lang=fr", says: []string{"Hors SLA : Les idées sont classées à part."}},
		"no policy": {id: "7", says: []string{"No policy covers this ticket."}, not: []string{"First reply", "Acme support policy"}},
	}
	h := seeded(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			page := h.get(t, "/tickets/zendesk/"+c.id+c.query)
			expectWords(t, page, c.says...)
			for _, text := range c.not {
				if strings.Contains(words(page), text) {
					t.Errorf("%q is on the page", text)
				}
			}
		})
	}
}

var (
	clockSections = regexp.MustCompile(`(?s)<section class="clock">.*?</section>|<details class="clock">.*?</details>\s*</details>`)
	timelineLines = regexp.MustCompile(`(?s)<li class="([a-z ]+)">.*?</li>`)
	amounts       = regexp.MustCompile(`(\d+) (h|min|s)\b(?: (\d\d))?`)
)

// seconds adds up the lengths in a text: "1 h 30", "20 min 5 s".
func seconds(text string) (sum int) {
	for _, m := range amounts.FindAllStringSubmatch(text, -1) {
		var n, rest int
		fmt.Sscan(m[1], &n)
		fmt.Sscan(m[3], &rest)
		sum += n*map[string]int{"h": 3600, "min": 60, "s": 1}[m[2]] + 60*rest
	}
	return sum
}

// What counted up to the due line is what the due line says, and that is the
// target.
func TestTimelineAddsUp(t *testing.T) {
	cases := []struct {
		id   string
		want map[string]int // seconds counted up to the due line, by metric
	}{
		{"1", map[string]int{"First reply": 3600, "Resolution": 16 * 3600}},
		{"2", map[string]int{"First reply": 8 * 3600, "Resolution": 240 * 3600}},
		{"9", map[string]int{"First reply": 3600, "Resolution": 16 * 3600}},
	}
	h := seeded(t)
	for _, c := range cases {
		got := map[string]int{}
		for _, section := range clockSections.FindAllString(h.get(t, "/tickets/zendesk/"+c.id), -1) {
			metric := strings.Join(strings.Fields(words(section))[:1], " ")
			if strings.HasPrefix(words(section), "First reply") {
				metric = "First reply"
			}
			sum, due := 0, false
			for _, line := range timelineLines.FindAllStringSubmatch(section, -1) {
				text := words(line[0])
				if line[1] != "mark" {
					if _, counted, found := strings.Cut(text, "+"); found && !due {
						sum += seconds(counted)
					}
					continue
				}
				if due {
					t.Errorf("ticket %s: two due lines", c.id)
				}
				due = true
				before, _, _ := strings.Cut(strings.TrimPrefix(text, "Due, after "), ":")
				if seconds(before) != sum {
					t.Errorf("ticket %s, %s: the lines above %q sum up to %d s", c.id, metric, text, sum)
				}
			}
			if !due {
				t.Errorf("ticket %s, %s: no due line", c.id, metric)
			}
			got[metric] = sum
		}
		for metric, want := range c.want {
			if got[metric] != want {
				t.Errorf("ticket %s, %s: got %d s up to the due line, want %d", c.id, metric, got[metric], want)
			}
		}
	}
}

// What follows upon its like is one line, lengths are read aloud as they are
// meant, and what comes after the end of a clock isn't said to be still to come.
func TestTimelineReads(t *testing.T) {
	event := func(clock string, e rules.Event) rules.Event {
		e.At = monday(clock)
		return e
	}
	ticket := &rules.Ticket{ID: "1", Subject: "Portal is down", Kind: "problem", Status: rules.Open, Priority: "urgent", CreatedAt: monday("09:00:00"), Events: []rules.Event{
		event("09:10:00", rules.Event{Type: rules.TagEvent, Add: []string{"portal"}}),
		event("09:20:00", rules.Event{Type: rules.ReplyEvent, By: rules.ByAgent, Public: true}),
		event("09:30:05", rules.Event{Type: rules.StatusEvent, To: string(rules.WaitingCustomer)}),
		event("11:00:04", rules.Event{Type: rules.StatusEvent, To: string(rules.Open)}),
	}}
	cases := []struct{ query, metric, want string }{
		{"", "First reply", `Mon 30 Nov, 09:00 to 09:20 Europe/Berlin +20 min counts
			Mon 30 Nov, 09:20 to 10:00 +40 min counts (after its end)
			Due, after 1 h: Mon 30 Nov, 10:00 Europe/Berlin`},
		{"", "Resolution", `Mon 30 Nov, 09:00 to 09:30:05 Europe/Berlin +30 min 5 s counts
			Mon 30 Nov, 09:30:05 to 11:00:04 – paused, waiting for the customer
			Mon 30 Nov, 11:00:04 to 15:00 +3 h 59 min 56 s counts
			Mon 30 Nov, 15:00 to 17:00 +2 h counts (to come)
			Mon 30 Nov, 17:00 to Tue 1 Dec, 09:00 – outside business hours (to come)
			Tue 1 Dec, 09:00 to 17:00 +8 h counts (to come)
			Tue 1 Dec, 17:00 to Wed 2 Dec, 09:00 – outside business hours (to come)
			Wed 2 Dec, 09:00 to 10:29:59 +1 h 29 min 59 s counts (to come)
			Due, after 16 h: Wed 2 Dec, 10:29:59 Europe/Berlin`},
		{"?lang=fr", "Première réponse", `lun. 30 nov., 09:00 à 09:20 Europe/Berlin +20 min compté
			lun. 30 nov., 09:20 à 10:00 +40 min compté (après sa fin)
			Échéance, après 1 h : lun. 30 nov., 10:00 Europe/Berlin`},
	}
	h := build(t, monday("15:00:00"), ticket)
	h.settle(t)
	for _, c := range cases {
		for _, section := range clockSections.FindAllString(h.get(t, "/tickets/zendesk/1"+c.query), -1) {
			if !strings.HasPrefix(words(section), c.metric) {
				continue
			}
			var lines []string
			for _, line := range timelineLines.FindAllString(section, -1) {
				lines = append(lines, words(line))
			}
			if got, want := strings.Join(lines, "\n"), strings.ReplaceAll(c.want, "\t", ""); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", c.metric, got, want)
			}
		}
	}
}

func TestTicketsThatCannotBeShown(t *testing.T) {
	h := build(t, monday("15:00:00"), tickets()...)
	h.desk.broken["8"] = desk.ErrUnreadable
	h.settle(t)
	must(h.engine.Receive(t.Context(), "zendesk", desk.Delivery{ID: "1", Tickets: []string{"30"}}))
	h.settle(t) // nobody knows 30
	must(h.engine.Receive(t.Context(), "zendesk", desk.Delivery{ID: "2", Tickets: []string{"31"}}))
	cases := []struct {
		path   string
		status int
		says   []string
	}{
		{"/tickets/zendesk/4711", http.StatusNotFound, []string{"Vigie doesn't know this ticket.", "← Board"}},
		{"/tickets/zendesk/4711?lang=fr", http.StatusNotFound, []string{"Vigie ne connaît pas ce ticket."}},
		{"/tickets/nobody/1", http.StatusNotFound, []string{"doesn't know this ticket"}},
		{"/tickets/zendesk/", http.StatusNotFound, []string{"doesn't know this ticket"}},
		{"/tickets/zendesk/8", http.StatusOK, []string{"This ticket can't be judged", desk.ErrUnreadable.Error()}},
		{"/tickets/zendesk/30", http.StatusOK, []string{"zendesk has no ticket under this id"}},
		{"/tickets/zendesk/30?lang=fr", http.StatusOK, []string{"zendesk n'a pas de ticket sous cet identifiant"}},
		{"/tickets/zendesk/31", http.StatusOK, []string{"has not been read yet"}},
		{"/tickets/zendesk/31?lang=fr", http.StatusOK, []string{"n'a pas encore été lu"}},
	}
	for _, c := range cases {
		a := h.ask(t, "GET", c.path, nil)
		if a.status != c.status {
			t.Errorf("%s: got %d, want %d", c.path, a.status, c.status)
		}
		expectWords(t, a.body, c.says...)
	}
}

// Whatever an id is made of, the board's link leads to its page.
func TestOddIDs(t *testing.T) {
	ids := []string{"SUP-1", "a/b", "/a//b/", "a b", "é%2F", "x?y#z", "<script>", `"'&`, "a;b,c=d+e", "\u202egnp"}
	h := build(t, monday("15:00:00"))
	for _, id := range ids {
		row := store.Row{Source: "zendesk", ID: id, Open: true, Ticket: &rules.Ticket{Source: "zendesk", ID: id, Kind: "problem", Subject: "That is " + id, CreatedAt: monday("14:00:00")}}
		if err := h.Store.Save(t.Context(), row, nil, h.now); err != nil {
			t.Fatal(err)
		}
	}
	board := h.get(t, "/")
	for _, id := range ids {
		path := "/tickets/zendesk/" + url.PathEscape(id)
		if !strings.Contains(html.UnescapeString(board), `href="`+path+`"`) {
			t.Errorf("the board has no link %s", path)
		}
		expectWords(t, h.get(t, path), strings.Join(strings.Fields("That is "+id), " "))
	}
}

func TestWhatWasDone(t *testing.T) {
	h := seeded(t)
	actions := []store.Action{
		{Key: "w1", Kind: "warn", Source: "zendesk", ID: "1", Topic: string(rules.FirstReply), NotBefore: monday("09:30:00"), State: store.Done},
		{Key: "w2", Kind: "breach", Source: "zendesk", ID: "1", Topic: string(rules.FirstReply), NotBefore: monday("15:10:00")},
		{Key: "w3", Kind: "warn", Source: "zendesk", ID: "2", Topic: rules.TriageTopic, NotBefore: monday("15:20:00")},
	}
	if err := h.Store.Insert(t.Context(), actions, h.now); err != nil {
		t.Fatal(err)
	}
	if err := h.Store.RecordSent(t.Context(), actions[0], []store.Message{{Source: "zendesk", ID: "1", Metric: string(rules.FirstReply), Route: "#sla", Channel: "C42", Cycle: 1},
		{Source: "zendesk", ID: "1", Metric: string(rules.FirstReply), Route: "#sla/1795771501.000001", Channel: "C42", Thread: "1795771500.000001", Cycle: 1}}, h.now); err != nil {
		t.Fatal(err)
	}
	expectWords(t, h.get(t, "/tickets/zendesk/1"),
		"Write tags and fields", "Warn First reply", "Say that the target was missed First reply to be done Next try: Mon 30 Nov, 15:10 Europe/Berlin",
		"First reply, cycle 1, in channel #sla",
		"urgent chosen by a person First reply: ● missed , Mon 30 Nov, 10:00 Europe/Berlin") // the log's verdict
	if page := words(h.get(t, "/tickets/zendesk/1")); strings.Count(page, "in channel #sla") != 1 || strings.Contains(page, "1795771501") {
		t.Errorf("a line of the thread is another message: %s", page)
	}
	expectWords(t, h.get(t, "/tickets/zendesk/1?lang=fr"), "Écrire étiquettes et champs", "à faire Prochain essai : lun. 30 nov., 15:10",
		"Première réponse, cycle 1, dans le canal #sla")
	if err := h.Store.RecordSent(t.Context(), actions[2], []store.Message{{Source: "zendesk", ID: "3", Metric: rules.TriageTopic, Route: "#sla", Channel: "C42"}}, h.now); err != nil {
		t.Fatal(err)
	}
	expectWords(t, h.get(t, "/tickets/zendesk/3"), "Priority to choose, in channel #sla") // a priority has no cycles
	expectWords(t, h.get(t, "/tickets/zendesk/2"), "Warn Priority to choose", "Nobody has been told anything about this ticket.")
}

// The log keeps what was said then, in the zone that it was counted in.
func TestLogOfVerdicts(t *testing.T) {
	h := build(t, monday("15:00:00"), tickets()...)
	h.settle(t)
	h.now = monday("16:00:00") // 5 was due at 15:45
	h.settle(t)
	page := words(h.get(t, "/tickets/zendesk/5"))
	_, log, _ := strings.Cut(page, "Each verdict that differed from the one before")
	first, second := strings.Index(log, "First reply: ▸ running"), strings.Index(log, "First reply: ● missed , Mon 30 Nov, 15:45 Europe/Berlin")
	if first < 0 || second < first {
		t.Errorf("the log says %s", log)
	}
}

// What a person has changed, and is left as it is, stands on the page: a tag, and a
// due field.
func TestTicketPageShowsWhatPeopleChanged(t *testing.T) {
	ticket := tickets()[1]
	ticket.Events = append(ticket.Events,
		rules.Event{At: monday("11:00:00"), Type: rules.TagEvent, Add: []string{"priority_urgent"}, By: rules.ByAgent},
		rules.Event{At: monday("11:00:00"), Type: rules.FieldEvent, Name: "360002", To: "2027-01-13T09:30:00Z", By: rules.ByVigie},
		rules.Event{At: monday("12:00:00"), Type: rules.FieldEvent, Name: "360002", To: "soon", By: rules.ByAgent})
	h := build(t, monday("15:00:00"), ticket)
	h.settle(t)
	h.Due = func(string) []rules.DueField { return []rules.DueField{{Metric: rules.Resolution, ID: "360002"}} }
	expectWords(t, h.get(t, "/tickets/zendesk/2"), "A person's choice, left as it is: the tag priority_urgent, put on Mon 2026-11-30 11:00 CET",
		"field 360002 (Resolution) is “soon” since Mon 2026-11-30 12:00 CET; by the policy it would be “2027-01-13T09:30:00Z”")
	expectWords(t, h.get(t, "/tickets/zendesk/2?lang=fr"), "Choix d'une personne, laissé tel quel : l'étiquette priority_urgent, mise le lun 2026-11-30 11:00 CET")
}

// Each clock is drawn, with the same in words, on a page of a bounded size.
func TestTicketDrawsItsClocks(t *testing.T) {
	h := seeded(t)
	for id, texts := range map[string][]string{
		"1": {"First reply, drawn to scale", "Due Mon 30 Nov, 10:00, and missed. Now it is Mon 30 Nov, 15:00.", "Missed 10:00", "counts, after the due date"},
		"4": {"Resolution, drawn to scale", "No due date while it is paused.", "Paused, waiting for the customer: Fri 27 Nov, 12:00 to Mon 30 Nov, 15:00."},
		"9": {"Done 15:30", "after its end"},
	} {
		page := h.get(t, "/tickets/zendesk/"+id)
		expectWords(t, page, texts...)
		if n := strings.Count(page, `<svg xmlns="http://www.w3.org/2000/svg" width="100%"`); n != 2 || len(page) > 100_000 {
			t.Errorf("ticket %s: %d clocks are drawn, on a page of %d bytes", id, n, len(page))
		}
	}
	expectWords(t, h.get(t, "/tickets/zendesk/1?lang=fr"), "Première réponse, à l'échelle", "Dépassé 10h00", "compté, après l'échéance")
}
