package print

import (
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"testing"
)

// The last net takes the secrets that hold at present, as a log's line spells them.
func TestVeil(t *testing.T) {
	var out strings.Builder
	v := Veil{Out: &out}
	log := slog.New(slog.NewTextHandler(&v, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	log.Info("before", "err", "s3cret\"of\\old")
	secret := "s3cret\"of\\old"
	v.Over(func() []string { return []string{secret} })
	log.Info("then", "err", "is s3cret\"of\\old s3cret\"of\\new")
	secret = "s3cret\"of\\new"
	log.Info("changed", "err", errors.New(url.QueryEscape(secret)))
	const want = `level=INFO msg=before err="s3cret\"of\\old"
level=INFO msg=then err="is [secret] s3cret\"of\\new"
level=INFO msg=changed err=[secret]
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestScreenKeepsWhatIsCut(t *testing.T) {
	const text = "é漢😀 \x1b[1mbold\x1b[0m \x1b[31mred\x1b[0m line\r\nnext \x1b[5mblink"
	const want = "é漢😀 \x1b[1mbold\x1b[0m \x1b[31mred\x1b[0m line\nnext \ufffd[5mblink"
	for size := 1; size < 9; size++ {
		var out strings.Builder
		s := &Screen{Out: &out}
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if _, err := s.Write([]byte(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if out.String() != want {
			t.Errorf("in pieces of %d: got %q, want %q", size, out.String(), want)
		}
	}
}
