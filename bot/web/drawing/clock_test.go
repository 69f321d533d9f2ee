package drawing_test

import (
	"flag"
	"html/template"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/bot/web/drawing"
	"vigie/rules"
	"vigie/rules/calendar"
	"vigie/rules/policyfile"
	"vigie/rules/words"
)

var update = flag.Bool("update", false, "write the golden drawings anew")

const office = `
name             = "office"
title            = "Office policy"
effective_from   = 2026-01-01
calendar         = "office"
default_priority = "normal"
[calendars.office]
zone     = "Europe/Berlin"
hours    = { mon-fri = ["09:00-17:00"] }
holidays = ["DE"]
[[priorities]]
name = "normal"
`

var berlin = must(calendar.LoadZone("Europe/Berlin"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func at(text string) time.Time { return must(words.ParseLocal(text, berlin)) }

// timeline is that of a ticket's last cycle by one target.
func timeline(t testing.TB, target, created, now string, events ...rules.Event) *rules.Timeline {
	t.Helper()
	p, problems := policyfile.Load("office.toml", []byte(office+"[[targets]]\n"+target+"\nclause = \"A-1\"\n"), nil)
	if p == nil {
		t.Fatal(problems)
	}
	ticket := rules.Ticket{Source: "zendesk", ID: "1", Kind: "problem", Status: rules.Open, Priority: "normal", CreatedAt: at(created), Events: events}
	x, err := rules.Explain([]*rules.Policy{p}, &ticket, at(now))
	if err != nil || len(x.Timelines) == 0 {
		t.Fatal(err, x.Verdict.Error)
	}
	return &x.Timelines[len(x.Timelines)-1]
}

func status(when string, to rules.Status) rules.Event {
	return rules.Event{At: at(when), Type: rules.StatusEvent, To: string(to), By: rules.ByAgent}
}

func reply(when string) rules.Event {
	return rules.Event{At: at(when), Type: rules.ReplyEvent, By: rules.ByAgent, Public: true}
}

// scenes are readable cases, one for each kind of drawing of a clock.
func scenes(t testing.TB) map[string]struct {
	timeline *rules.Timeline
	now      time.Time
} {
	type scene = struct {
		timeline *rules.Timeline
		now      time.Time
	}
	running := timeline(t, `metric = "first_reply"
within = { normal = "8 business hours" }
warn = ["50%", "2 business hours"]`, "Mon 2026-11-30 15:00", "Tue 2026-12-01 10:30")
	missed := timeline(t, `metric = "resolution"
within = { normal = "2 business days" }
pause = ["waiting_customer"]`, "Thu 2026-11-26 11:00", "Wed 2026-12-02 16:00",
		reply("Thu 2026-11-26 14:00"), status("Thu 2026-11-26 14:00", rules.WaitingCustomer), status("Fri 2026-11-27 10:00", rules.Open))
	long := timeline(t, `metric = "resolution"
within = { normal = "30 business days" }
pause = ["waiting_customer"]
warn = ["50%", "75%", "3 business days"]`, "Mon 2026-11-30 09:40", "Fri 2026-12-11 12:00",
		status("Wed 2026-12-02 16:00", rules.WaitingCustomer), status("Mon 2026-12-07 09:00", rules.Open))
	return map[string]scene{
		"running": {running, at("Tue 2026-12-01 10:30")},
		"missed":  {missed, at("Wed 2026-12-02 16:00")},
		"long":    {long, at("Fri 2026-12-11 12:00")},
	}
}

// golden holds a drawing against the one that was looked at.
func golden(t *testing.T, name string, drawn template.HTML) {
	t.Helper()
	file := filepath.Join("testdata", name+".html")
	got := strings.ReplaceAll(string(drawn), "><", ">\n<") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || string(want) != got {
		t.Errorf("the drawing differs from %s (-update draws it anew): %v\n%s", file, err, got)
	}
}

func TestClocks(t *testing.T) {
	for name, s := range scenes(t) {
		for _, language := range []string{"en", "fr"} {
			golden(t, name+"."+language, drawing.Clock(words.In(language), name, s.timeline, s.now))
		}
	}
}
