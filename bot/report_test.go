package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"vigie/bot/print"
	"vigie/bot/store"
	"vigie/rules/report"
)

// loopback is an address of the test's vendors.
var loopback = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// The report on the story, in each format and language, with the vendors' own SLAs
// beside what was missed; all formats say the same.
func reportOnTheStory(t *testing.T, d *toldDemo, state string) {
	vendors := httptest.NewServer(d.Sandbox.Handler())
	defer vendors.Close()
	file := exportConfig(t, d.Sandbox, vendors.URL, state)
	cfg, err := loadConfig(&program{ctx: t.Context(), stderr: &print.Veil{Out: t.Output()}}, file)
	must(t, err)
	st, err := store.OpenToRead(t.Context(), state)
	must(t, err)
	defer st.Close()
	say := func(c reportCommand) string {
		t.Helper()
		var out bytes.Buffer
		p := &program{ctx: t.Context(), stdout: &out, stderr: &print.Veil{Out: t.Output()}, log: slog.New(slog.NewTextHandler(t.Output(), nil))}
		must(t, c.write(p, cfg, st, d.End()))
		return loopback.ReplaceAllString(out.String(), "http://vendors.example")
	}
	for _, language := range []string{"en", "fr"} {
		text := say(reportCommand{Format: "text", Lang: language, VendorSLA: true})
		golden(t, "report."+language+".txt", text)
		page := say(reportCommand{Format: "html", Lang: language, VendorSLA: true})
		golden(t, "report."+language+".html", page[strings.Index(page, "</style>"):])
		for _, outside := range []string{"<script", "<link", "<img", "/static/"} {
			if strings.Contains(page, outside) {
				t.Errorf("the page needs %s", outside)
			}
		}
	}
	var r report.Report
	must(t, json.Unmarshal([]byte(say(reportCommand{Format: "json", Lang: "en"})), &r))
	if r.Met == 0 || r.Missed == 0 || len(r.Breaches) != r.Missed {
		t.Errorf("%d met, %d missed, %d listed", r.Met, r.Missed, len(r.Breaches))
	}
	for language, comma := range map[string]rune{"en": ',', "fr": ';'} {
		for _, asked := range []bool{false, true} {
			text := say(reportCommand{Format: "csv", Lang: language, VendorSLA: asked})
			in := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
			in.Comma = comma
			rows, err := in.ReadAll()
			must(t, err)
			states, drifts := map[string]int{}, 0
			for _, row := range rows[1:] {
				states[row[11]]++
				if row[len(row)-1] != "" {
					drifts++
				}
			}
			if states["met"] != r.Met || states["missed"] != r.Missed || states["void"] != r.Void || drifts > 0 != asked {
				t.Errorf("%s, asked %v: got %v with %d of the vendors', want %+v", language, asked, states, drifts, r.Tally)
			}
		}
	}
	november := reportCommand{Lang: "en", From: "2026-11-01", To: "2026-11-30"}
	november.Format = "json"
	must(t, json.Unmarshal([]byte(say(november)), &r))
	november.Format = "text"
	text := strings.Join(strings.Fields(say(november)), " ")
	for _, row := range r.Outside {
		if row.Tickets == 0 || !strings.Contains(text, row.Tag) || !strings.Contains(text, row.Clause) || !strings.Contains(text, row.Why.EN) {
			t.Errorf("the text lacks %+v:\n%s", row, text)
		}
	}
	november.Format = "csv"
	if got := strings.Count(say(november), ",outside,"); len(r.Outside) < 3 || got != r.LeftOut() || r.Came <= got {
		t.Errorf("%d lines of tickets outside the SLA, %d of %d are, by %d rows", got, r.LeftOut(), r.Came, len(r.Outside))
	}
	if none := say(reportCommand{Format: "text", Lang: "en", From: "2020-01-01"}); !strings.Contains(none, "0 met, 0 missed") || strings.Contains(none, "clause") {
		t.Errorf("of years ago:\n%s", none)
	}
	for line, hint := range map[string]string{
		"--from soon":                       `vigie: --from, --to: "soon" is no date: write one such as 2026-05-25`,
		"--from 2026-11-30 --to 2026-11-29": "vigie: --from, --to: 2026-11-29 is before 2026-11-30",
		"--from 2999-01-01":                 "vigie: --from, --to: 2999-01-01 is yet to come",
	} {
		if r := bot(t, "", append([]string{"report", "--config", file}, strings.Fields(line)...)...); r.code != 2 || r.stdout != "" || !strings.Contains(r.stderr, hint) {
			t.Errorf("%s: got exit %d, %s", line, r.code, r.stderr)
		}
	}
}
