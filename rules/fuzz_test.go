package rules

import (
	"math"
	"strings"
	"testing"
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
		w, err := ParseThreshold(text, 8*3600)
		if err != nil || w.Fits(Duration{Seconds: target, Business: business}) != nil {
			return
		}
		if used := w.used(target); used > target || w.pct > 0 && (used <= 0 || math.Abs(float64(used)-float64(target)*w.pct/100) > 1) {
			t.Errorf("%q of %d s: %d s", text, target, used)
		}
		if again, err := ParseThreshold(w.String(), 8*3600); err != nil || again.used(target) != w.used(target) {
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
