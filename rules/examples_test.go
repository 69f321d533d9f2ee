package rules

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The worked examples were computed minute by minute by a brute force that
// shares no code with this package. A key that an expected line leaves out is
// not compared; instants are compared as instants.
func TestWorkedExamples(t *testing.T) {
	dirs, _ := filepath.Glob("../../shared/examples/p*")
	if len(dirs) == 0 {
		t.Skip("the worked examples are not beside this checkout")
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(dir, "policy.toml"))
			if err != nil {
				t.Fatal(err)
			}
			p, problems := LoadPolicy("policy.toml", text, nil)
			if problems.Err() != nil {
				t.Fatal(problems)
			}
			want := jsonLines[map[string]any](t, filepath.Join(dir, "expected.jsonl"))
			for i, line := range jsonLines[ticketLine](t, filepath.Join(dir, "tickets.jsonl")) {
				v, err := Evaluate([]*Policy{p}, &line.Ticket, line.Now)
				if err != nil {
					t.Fatal(err)
				}
				b, _ := json.Marshal(v)
				var got map[string]any
				if err := json.Unmarshal(b, &got); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(instants(want[i]), instants(only(got, want[i]))); diff != "" {
					t.Errorf("ticket %s (-want +got):\n%s", line.ID, diff)
				}
			}
		})
	}
}

type ticketLine struct {
	Ticket
	Now time.Time `json:"now"`
}

func jsonLines[T any](t *testing.T, file string) []T {
	t.Helper()
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip(file, "is absent")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []T
	for s := bufio.NewScanner(f); s.Scan(); {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatal(file, err)
		}
		list = append(list, v)
	}
	return list
}

// only keeps of got the keys that want has, all the way down.
func only(got, want any) any {
	switch w := want.(type) {
	case map[string]any:
		g, _ := got.(map[string]any)
		kept := map[string]any{}
		for k := range w {
			kept[k] = only(g[k], w[k])
		}
		return kept
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return got
		}
		kept := []any{}
		for i := range w {
			kept = append(kept, only(g[i], w[i]))
		}
		return kept
	}
	return got
}

// instants turns every RFC 3339 text into one in UTC.
func instants(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for k := range v {
			m[k] = instants(v[k])
		}
		return m
	case []any:
		l := []any{}
		for i := range v {
			l = append(l, instants(v[i]))
		}
		return l
	case string:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return at.UTC().Format(time.RFC3339)
		}
	}
	return v
}
