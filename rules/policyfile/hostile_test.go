package policyfile

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"vigie/rules/tomlfile"
)

// What a hostile file may cost. The bounds are far above what is needed here,
// and far below what would hurt.
const (
	maxTime   = 30 * time.Second
	maxMemory = 200 << 20
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
		var problems tomlfile.Problems
		took, memory := costs(func() { _, problems = Load("h.toml", []byte(c.text), nil) })
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
