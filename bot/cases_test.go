package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// Each folder of testdata/cases is a fault that was seen, most of them in public
// reports of other tools: tickets, what `replay` must say of them in lines such as
// "CHECK 1: resolution.state = running", and in some the messages that must come,
// as policy tests. The folder's policies judge them; tickets in a file that is named
// after a built-in policy are judged by that.
func TestCases(t *testing.T) {
	dirs, _ := filepath.Glob("testdata/cases/*/expected.txt")
	if len(dirs) == 0 {
		t.Fatal("no cases: testdata/cases is empty")
	}
	for _, file := range dirs {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			verdicts := map[string]any{}
			files, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
			for _, tickets := range files {
				args := []string{"replay"}
				policies, _ := filepath.Glob(filepath.Join(dir, "*.toml"))
				for _, p := range policies {
					if name := filepath.Base(p); name != "policy.test.toml" && name != "p0.toml" {
						args = append(args, "--policy", p)
					}
				}
				if len(args) == 1 {
					args = append(args, "--policy", strings.TrimSuffix(filepath.Base(tickets), ".jsonl"))
				}
				for _, v := range jsonLines(t, done(t, bot(t, mustRead(t, tickets), args...))) {
					verdicts[v.(map[string]any)["id"].(string)] = v
				}
			}
			checks := 0
			for line := range strings.Lines(mustRead(t, file)) {
				rest, ok := strings.CutPrefix(strings.TrimSpace(line), "CHECK ")
				if !ok {
					continue
				}
				checks++
				id, check, _ := strings.Cut(rest, ": ")
				what, want, _ := strings.Cut(check, " = ")
				if got := caseValue(verdicts[id], what); !sameValue(got, want) {
					t.Errorf("ticket %s: %s = %v, want %s", id, what, got, want)
				}
			}
			if checks == 0 {
				t.Fatal("nothing is checked")
			}
			if tests := filepath.Join(dir, "policy.test.toml"); slices.Contains(mustGlob(t, dir), tests) {
				done(t, bot(t, "", "test", tests))
			}
		})
	}
}

func mustGlob(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// caseValue is a part of a verdict: "priority", "tags.add", "marks" (their tags),
// "excluded" (its tag), a metric's clock such as "update", something of it such as
// "update.due", or of an earlier cycle, "past.update.1.state". What isn't there is nil.
func caseValue(verdict any, what string) any {
	v, _ := verdict.(map[string]any)
	path := strings.Split(what, ".")
	part := func(of any, path []string) any {
		for _, name := range path {
			m, _ := of.(map[string]any)
			of = m[name]
		}
		return of
	}
	clock := func(list any, key string, is any) any {
		clocks, _ := list.([]any)
		for _, c := range clocks {
			if c.(map[string]any)[key] == is {
				return c
			}
		}
		return nil
	}
	switch path[0] {
	case "marks":
		tags := []any{}
		marks, _ := v["marks"].([]any)
		for _, m := range marks {
			tags = append(tags, m.(map[string]any)["tag"])
		}
		return tags
	case "excluded":
		return part(v["excluded"], []string{"tag"})
	case "first_reply", "next_reply", "update", "resolution":
		return part(clock(v["clocks"], "metric", path[0]), path[1:])
	case "past":
		var cycle float64
		fmt.Sscan(path[2], &cycle)
		now := clock(v["clocks"], "metric", path[1])
		if part(now, []string{"cycle"}) == cycle {
			return part(now, path[3:])
		}
		return part(clock(part(now, []string{"past_cycles"}), "cycle", cycle), path[3:])
	}
	return part(v, path)
}

// sameValue compares a value with how a case writes it: instants as instants, lists
// as JSON, "none" and "null" for what isn't there.
func sameValue(got any, want string) bool {
	if want == "none" || want == "null" {
		return got == nil
	}
	var list []any
	if json.Unmarshal([]byte(want), &list) == nil {
		return reflect.DeepEqual(got, any(list))
	}
	text := fmt.Sprint(got)
	if at, err := time.Parse(time.RFC3339, want); err == nil {
		is, err := time.Parse(time.RFC3339, text)
		return err == nil && is.Equal(at)
	}
	return text == want
}
