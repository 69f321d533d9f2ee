package rules

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"vigie/rules/policies"
)

func FuzzDuration(f *testing.F) {
	for _, seed := range []string{"1 business hour", "30 minutes", "2 business days", "9223372036854775807 days", "-1 hours", "1  business\tsecond", "+3 hours", "0 days", "1 business"} {
		f.Add(seed, int64(8*3600))
	}
	f.Fuzz(func(t *testing.T, text string, businessDay int64) {
		if businessDay <= 0 || businessDay > 86400 {
			return
		}
		d, err := ParseDuration(text, businessDay)
		if err != nil {
			if len(err.Error()) > 1000 {
				t.Errorf("%q: an error of %d bytes", text, len(err.Error()))
			}
			return
		}
		if d.Seconds <= 0 || d.Seconds > longest {
			t.Errorf("%q is %d s", text, d.Seconds)
		}
		if again, err := ParseDuration(d.String(), businessDay); err != nil || again != d {
			t.Errorf("%q reads as %v, which reads as %v (%v)", text, d, again, err)
		}
	})
}

func FuzzThreshold(f *testing.F) {
	for _, seed := range []string{"75%", "12.5 %", "1e1%", "NaN%", "0x1p3%", "100%", "30 business minutes", "2 hours", "-5%"} {
		f.Add(seed, int64(3600), true)
	}
	f.Fuzz(func(t *testing.T, text string, target int64, business bool) {
		if target <= 0 || target > longest {
			return
		}
		w, err := parseThreshold(text, 8*3600)
		if err != nil || w.fits(Duration{Seconds: target, Business: business}) != nil {
			return
		}
		if used := w.used(target); used > target || w.pct > 0 && (used <= 0 || math.Abs(float64(used)-float64(target)*w.pct/100) > 1) {
			t.Errorf("%q of %d s: %d s", text, target, used)
		}
		if again, err := parseThreshold(w.String(), 8*3600); err != nil || again.used(target) != w.used(target) {
			t.Errorf("%q reads as %v, which reads as %v (%v)", text, w, again, err)
		}
	})
}

func FuzzCondition(f *testing.F) {
	for _, seed := range []string{
		`kind == "problem" and not ("vip" in tags)`, `any(tags, # startsWith "a")`, `let a = text; a matches "x+"`, `fields["a"] ?? "b" == "c"`,
		`has(text, "a … b", "c*")`, `affirms(text, "down")`, `((((true))))`, `len(tags) + 1 > 3 ? true : false`, `1..9`, `text | lower() contains "x"`, `1 / 0 > 2`, `tags[7] == ""`, `first(tags)[0:100] == "x"`,
	} {
		f.Add(seed)
	}
	e := &evaluation{}
	env := Env{Kind: "bug", Text: "The system is down, since 9:00. Not urgent!", Tags: []string{"vip", "workaround"}, Fields: Fields{"a": "1"}, Has: e.has, Affirms: e.affirms}
	f.Fuzz(func(t *testing.T, text string) {
		var c *Condition
		var err error
		took, memory := costs(func() {
			if c, err = CompileCondition(text, Env{}); err == nil {
				_, _ = c.Holds(&e.machine, &env)
			}
		})
		if took > maxTime || memory > maxMemory {
			t.Errorf("%q took %s and %d MB", text, took, memory>>20)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: an error of several lines: %q", text, err)
		}
	})
}

func FuzzPolicyFile(f *testing.F) {
	for _, name := range policies.Names() {
		text, _ := policies.Read(name)
		f.Add(string(text))
	}
	f.Add("name = \"a\"\ncalendar = 1\n[calendars.a]\nzone = \"CET\"\nhours = { mon-fri = [\"9-17\"], fri = [] }\n[[targets]]\nwithin = { a = \"1\" }\nwarn = [\"\"]\n")
	ticket := Ticket{Source: "zendesk", ID: "42", Kind: "problem", Text: "down", CreatedAt: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)}
	f.Fuzz(func(t *testing.T, text string) {
		p, problems := LoadPolicy("p.toml", []byte(text), policies.ReadFile)
		if (p == nil) == (problems.Err() == nil) {
			t.Fatalf("policy %v, problems %v", p, problems)
		}
		for _, problem := range problems {
			if problem.Text == "" || problem.Line < 0 || problem.Line > strings.Count(text, "\n")+1 {
				t.Errorf("no good problem: %+v", problem)
			}
		}
		if p != nil {
			if _, err := Evaluate([]*Policy{p}, &ticket, ticket.CreatedAt.Add(time.Hour)); err != nil {
				t.Error(err)
			}
		}
	})
}

func FuzzTicketLine(f *testing.F) {
	f.Add(`{"source":"zendesk","id":"42","kind":"problem","status":"open","created_at":"2026-11-27T16:30:00+01:00","fields":{"a":1,"b":[1,"x",null]},"events":[{"at":"2026-11-27T16:40:00Z","type":"reply","by":"agent","public":true},{"at":"2026-11-27T16:40:00Z","type":"tag","add":["workaround"]},{"at":"2026-11-28T16:40:00Z","type":"status","to":"solved"}],"now":"2026-11-30T12:00:00Z"}`)
	f.Add(`{"created_at":"0001-01-01T00:00:00Z","now":"9999-12-31T23:59:59Z"}`)
	f.Add(`{"created_at":"2026-11-27T16:30:00Z","priority":"urgent","now":"2299-01-01T00:00:00Z","events":[{"at":"2250-01-01T00:00:00Z","type":"reply"}]}`)
	var all []*Policy
	for _, name := range policies.Names() {
		text, _ := policies.Read(name)
		p, problems := LoadPolicy(name, text, policies.ReadFile)
		if problems.Err() != nil {
			f.Fatal(problems)
		}
		all = append(all, p)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var line struct {
			Ticket
			Now time.Time `json:"now"`
		}
		if json.Unmarshal([]byte(text), &line) != nil {
			return
		}
		v, err := Evaluate(all, &line.Ticket, line.Now)
		if err != nil {
			return
		}
		if _, err := json.Marshal(&v); err != nil {
			t.Error(err)
		}
		for _, c := range v.Clocks {
			if c.Elapsed < 0 || c.Target <= 0 || c.Due != nil && c.Due.Before(c.StartedAt) {
				t.Errorf("%+v", c)
			}
		}
		v.Alerts(&line.Ticket, line.Now)
		if x, err := Explain(all, &line.Ticket, line.Now); err == nil {
			x.Print("fr")
		}
	})
}

func FuzzPhrase(f *testing.F) {
	f.Add("portail|site … inaccessib*", "Le portail n'est plus inaccessible. Le site, lui, est INACCESSIBLE !")
	f.Add("ne fonctionne plus", "ça ne fonctionne plus du tout")
	f.Add("…", "a…b")
	f.Add("a|b|*", "\u0301\xff")
	f.Fuzz(func(t *testing.T, phrase, text string) {
		p, err := ParsePhrase(phrase)
		if err != nil {
			return
		}
		prepared := Prepare(text)
		has, affirmed := Phrases{p}.In(prepared), Phrases{p}.AffirmedIn(prepared)
		if affirmed && !has {
			t.Errorf("%q affirms %q but doesn't have it", text, phrase)
		}
		if twice := Prepare(text + "\n\n" + text); has && !(Phrases{p}).In(twice) {
			t.Errorf("%q has %q, but not twice", text, phrase)
		}
	})
}
