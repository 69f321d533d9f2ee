package slack

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"control characters of Slack", "a < b & c > d", "a &lt; b &amp; c &gt; d"},
		{"a mention", "<!channel>", "&lt;!channel&gt;"},
		{"entities stay what they were", "&lt;!here&gt;", "&amp;lt;!here&amp;gt;"},
		{"formatting", "*now* ~or~ `never`", "∗now∗ ∼or∼ ˋneverˋ"},
		{"underscores at the edge of words", "_now_ __x__ _", "ˍnowˍ ˍˍxˍˍ ˍ"},
		{"underscores in names", "first_reply MY_PROJ-1 éa_è", "first_reply MY_PROJ-1 éa_è"},
		{"several lines", "one\r\ntwo\u2028three\tfour", "one two three four"},
		{"turned direction", "a\u202eb", "ab"},
		{"not UTF-8", "a\xffb", "a\ufffdb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Escape(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLink(t *testing.T) {
	tests := []struct{ name, address, label, want string }{
		{"ordinary", "https://acme.example/t/42", "zendesk:42", "<https://acme.example/t/42|zendesk:42>"},
		{"query", "https://acme.example/t?a=1&b=2", "x", "<https://acme.example/t?a=1&amp;b=2|x>"},
		{"markup in the address", "https://acme.example/a|b>c<!channel>", "x", "<https://acme.example/a%7Cb%3Ec%3C%21channel%3E|x>"},
		{"markup in the query", "https://acme.example/?a|b>c", "x", "<https://acme.example/?a%7Cb&gt;c|x>"},
		{"markup in the label", "https://acme.example/", "a|b>c\nd", "<https://acme.example/|a¦b&gt;c d>"},
		{"no address", "", "zendesk:42", "zendesk:42"},
		{"no web address", "javascript:alert(1)", "x", "x"},
		{"no host", "https:///x", "x", "x"},
		{"too long", "https://acme.example/" + strings.Repeat("a", 1000), "x", "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := link(tt.address, tt.label); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestShorten(t *testing.T) {
	for _, tt := range []struct {
		in   string
		n    int
		want string
	}{
		{"short", 5, "short"},
		{"longer", 5, "long…"},
		{"été en &", 4, "été…"},
		{"😀😀😀", 2, "😀…"},
	} {
		if got := shorten(tt.in, tt.n); got != tt.want {
			t.Errorf("shorten(%q, %d): got %q, want %q", tt.in, tt.n, got, tt.want)
		}
	}
}

func TestPieces(t *testing.T) {
	line := strings.Repeat("a", 9) + "\n"
	tests := []struct {
		name, in string
		want     []string
	}{
		{"nothing", " \n\n", nil},
		{"one", "abc", []string{"abc"}},
		{"cut at the ends of lines", line + line + line, []string{"aaaaaaaaa\naaaaaaaaa", "aaaaaaaaa"}},
		{"too much", strings.Repeat(line, 9), []string{"aaaaaaaaa\naaaaaaaaa", "aaaaaaaaa\naaaaaaaaa", "…"}},
		{"a long line loses half an entity", "aaaaaaaaaaaaaaaa&amp;bbbb", []string{"aaaaaaaaaaaaaaaa…"}},
		{"a long line loses half a link", "aaaaaaa <https://acme.example/|x>", []string{"aaaaaaa …"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := pieces(tt.in, 20, 3)
			if strings.Join(got, "#") != strings.Join(tt.want, "#") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			for _, p := range got {
				if utf8.RuneCountInString(p) > 20 {
					t.Errorf("piece %q is too long", p)
				}
			}
		})
	}
}
