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
