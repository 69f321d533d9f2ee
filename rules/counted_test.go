package rules

import "testing"

func TestCounted(t *testing.T) {
	type grouped int64
	for _, c := range []struct {
		language, format string
		args             []any
		want             string
	}{
		{"en", "%d ticket{s}", []any{0}, "0 tickets"},
		{"en", "%d ticket{s}", []any{1}, "1 ticket"},
		{"en", "%d ticket{s}", []any{2}, "2 tickets"},
		{"fr", "%d ticket{s} ouvert{s}", []any{0}, "0 ticket ouvert"},
		{"fr", "%d ticket{s} ouvert{s}", []any{1}, "1 ticket ouvert"},
		{"fr", "%d ticket{s} ouvert{s}", []any{2}, "2 tickets ouverts"},
		{"", "%d ticket{s}", []any{0}, "0 ticket"},
		{"en", "%d repl{y|ies}, %d {is|are} late", []any{1, 3}, "1 reply, 3 are late"},
		{"en", "%d repl{y|ies}, %d {is|are} late", []any{3, 1}, "3 replies, 1 is late"},
		{"en", "%s: %d of %d test{s} failed", []any{"acme.toml", 2, 1}, "acme.toml: 2 of 1 test failed"},
		{"en", "%v line{s}, 100%% of {it|them} in %q", []any{grouped(1), "{s}"}, `1 line, 100% of it in "{s}"`},
		{"en", "%-3d|%5.1f hour{s}", []any{2, 1.0}, "2  |  1.0 hours"},
		{"en", "no count{s}", nil, "no count"},
	} {
		if got := Counted(c.language, c.format, c.args...); got != c.want {
			t.Errorf("%s, %q of %v: got %q, want %q", c.language, c.format, c.args, got, c.want)
		}
	}
}
