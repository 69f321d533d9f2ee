package rules

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// costs says how long something takes and how much memory it asks for.
func costs(do func()) (time.Duration, uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	do()
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	return took, after.TotalAlloc - before.TotalAlloc
}

// What a hostile file may cost. The bounds are far above what is needed here,
// and far below what would hurt.
const (
	maxTime   = 30 * time.Second
	maxMemory = 200 << 20
)

func TestHostileConditions(t *testing.T) {
	times := strings.Repeat
	lets := func(first, next string) string {
		var b strings.Builder
		b.WriteString("let a0 = " + first + ";")
		for i := 1; i < 150; i++ {
			fmt.Fprintf(&b, "let a%d = %s;", i, strings.ReplaceAll(next, "a", fmt.Sprintf("a%d", i-1)))
		}
		return b.String()
	}
	for _, c := range []struct{ name, text, want string }{
		{"brackets", times("(", 8000) + "true" + times(")", 8000), "has more than 100 brackets open at once"},
		{"open brackets", times("[", 16000), "has more than 100 brackets open at once"},
		{"denials", times("not ", 4000) + "true", "exceeds maximum allowed nodes"},
		{"a long chain", times("true ? true : ", 1100) + "true", "exceeds maximum allowed nodes"},
		{"too long", times(" ", 20<<10) + "true", "is longer than 16 KiB"},
		{"ranges", "len([" + times("1..999999,", 600) + "1]) > 0", "a range a..b has no place"},
		{"a text that grows", lets("text", "a + a") + `a149 == ""`, "+ joins only numbers"},
		{"a list that grows", lets("[1, 1]", "[a, a]") + "a149 == a148", "a list within a list"},
		{"a map that grows", lets("{x: 1}", "{x: a, y: a}") + "a149 == a148", "{ } has no place"},
		{"repeat", `repeat(text, 1000000) == ""`, "the function repeat has no place"},
		{"reduce", `reduce(tags, #acc, text) == ""`, "the function reduce has no place"},
		{"replace", `replace(text, "", text) == ""`, "the function replace has no place"},
		{"the clock", `now().Year() > 2025`, "the function now has no place"},
		{"loops", times("all(tags, ", 3) + "true" + times(")", 3), "more than 2 loops"},
		{"a regular expression", `text matches "(((a{1,1000}){1,1000}){1,1000})"`, "invalid repeat count"},
	} {
		var err error
		took, memory := costs(func() { _, err = CompileCondition(c.text, Env{}) })
		if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 500 {
			t.Errorf("%s: got %v, want an error about %q", c.name, err, c.want)
		}
		if took > maxTime || memory > maxMemory {
			t.Errorf("%s: took %s and %d MB", c.name, took, memory>>20)
		}
	}
}

func TestConditionsThatPeopleWrite(t *testing.T) {
	for _, text := range []string{
		`kind == "problem" and not ("vip" in tags)`,
		`let hit = has(text, "down"); let calm = has(text, "no hurry"); hit and not calm`,
		`any(tags, # startsWith "contract_")`,
		`len(tags) + 1 > 3 and lower(subject) contains "urgent"`,
		`organization in ["Acme", "Nadia & Co"] and text matches "E[0-9]+"`,
		`any(["a", "b"], let p = #; any(tags, # startsWith p))`,
		`int(get(fields, "seats") ?? "0") > 100`,
	} {
		if _, err := CompileCondition(text, Env{}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestHostilePolicyFiles(t *testing.T) {
	times := strings.Repeat
	for _, c := range []struct{ name, text, want string }{
		{"10 MB", times("x", 10<<20), "h.toml: the file is larger than 1024 KiB; split it"},
		{"deep lists", "x = " + times("[", 500_000) + times("]", 500_000), "nested more than"},
		{"deep tables", "x = " + times("{a=", 200_000) + "1" + times("}", 200_000), "nested more than"},
		{"open brackets", "x = " + times("[", 1_000_000), "nested more than"},
		{"deep keys", times("a.", 500_000) + "a = 1", "h.toml:1: this key has more than 16 parts"},
		{"tables in tables", "x = " + times("{a=", 9_000) + "1" + times("}", 9_000), "h.toml:1: more than 16 tables or lists lie within one another"},
		{"deep headers", "[" + times("a.", 500_000) + "a]\n", "h.toml:1: this key has more than 16 parts"},
		{"a huge number", "triage = " + times("9", 900_000), "too large"},
		{"a huge duration", `triage = "` + times("9", 900_000) + ` minutes"`, "is no duration"},
		{"many rows", times("[[targets]]\n", 80_000), "has 80000 tables, more than 2000"},
		{"many conditions", times("[[exclude]]\nwhen='('\n", 40_000), "has 40000 tables, more than 2000"},
		{"many problems", times("[[priorities]]\nname='a b'\n", 1_999), "more than 200 problems"},
		{"costly conditions", times("[[exclude]]\ntag='x'\nwhen='"+times("(", 99)+"true"+times(")", 99)+"'\n", 2_000), "is missing"},
	} {
		var problems Problems
		took, memory := costs(func() { _, problems = LoadPolicy("h.toml", []byte(c.text), nil) })
		err := problems.Err()
		if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 64<<10 {
			t.Errorf("%s: got %.300v, want an error about %q", c.name, err, c.want)
		}
		if took > maxTime || memory > maxMemory {
			t.Errorf("%s: took %s and %d MB", c.name, took, memory>>20)
		}
		t.Logf("%-17s %8s %4d MB", c.name, took.Round(time.Millisecond), memory>>20)
	}
}
