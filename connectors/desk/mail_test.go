package desk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// A sample is a mail and what is its writer's own of it.
type sample struct{ name, subject, in, want string }

// samples reads testdata/mails.*.txtar; mails.en.txtar says how to read them.
func samples(t testing.TB) (list []sample) {
	t.Helper()
	files, _ := filepath.Glob("testdata/mails.*.txtar")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		begun := false
		for line := range strings.Lines(string(raw)) {
			line = strings.TrimSuffix(line, "\n")
			if name, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(name, " --") {
				begun = true
				list = append(list, sample{name: strings.TrimSuffix(filepath.Base(file), ".txtar") + ": " + strings.TrimSuffix(name, " --")})
				continue
			}
			if !begun {
				continue // what the file says of itself
			}
			s := &list[len(list)-1]
			switch mark, rest := line[:min(1, len(line))], line[min(1, len(line)):]; mark {
			case "#":
				s.subject = strings.TrimSpace(rest)
			case "-":
				s.in += rest + "\n"
			case "+":
				s.want += rest + "\n"
			case " ", "":
				s.in += rest + "\n"
				s.want += rest + "\n"
			default:
				t.Fatalf("%s: a line begins with %q", s.name, mark)
			}
		}
	}
	return list
}

// paragraphs is a text with at most one empty line in a row, and none at its ends.
func paragraphs(s string) string {
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return strings.TrimSpace(s)
}

func TestOwnWords(t *testing.T) {
	list := samples(t)
	if len(list) < 60 {
		t.Fatalf("only %d mails", len(list))
	}
	for _, s := range list {
		t.Run(s.name, func(t *testing.T) {
			want := paragraphs(s.want)
			for form, in := range map[string]string{
				"as it is":        s.in,
				"CRLF":            strings.ReplaceAll(s.in, "\n", "\r\n"),
				"accents apart":   norm.NFD.String(s.in),
				"narrow spaces":   strings.ReplaceAll(s.in, " :", "\u202f:"),
				"no-break spaces": strings.ReplaceAll(s.in, " :", "\u00a0:"),
				"indented":        "  " + strings.ReplaceAll(s.in, "\n", "\n  "),
			} {
				got := norm.NFC.String(strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(OwnWords(s.subject, in)))
				if form == "indented" {
					got = strings.TrimSpace(strings.ReplaceAll("\n"+got, "\n  ", "\n"))
				}
				if got != want {
					t.Errorf("%s: got\n%s\nwant\n%s", form, got, want)
				}
			}
		})
	}
}

// Hostile texts take time that grows with their length only, and lose nothing.
func TestOwnWordsOfHostileTexts(t *testing.T) {
	for name, part := range map[string]string{
		"marks in one line": ">", "marks in lines": ">\n", "marks with spaces": "> ", "deep quotations": strings.Repeat("> ", 500) + "x\n",
		"senders": "From: a@b\n", "senders in French": "De :\n", "empty lines": "\n", "a head on each line": "On 27 Nov 2026 at 16:30, Lena\n",
		"rules": strings.Repeat("_", 40) + "\n", "dashes": "-", "signatures": "-- \n", "heads and emptiness": "On 27 Nov 2026 at 16:30, Lena wrote:\n\n\n\n\n\n",
		"accents": "e\u0301", "invalid": "\xff", "notices": "This e-mail is for the recipient. Delete it.\n\n", "letters": "a", "colons": ":",
	} {
		t.Run(name, func(t *testing.T) {
			size := 1 << 18
			if strings.HasPrefix(name, "marks") {
				size = 5 << 20
			}
			text := strings.Repeat(part, size/len(part))
			start := time.Now()
			if got := OwnWords("TR: x", text); got == "" && strings.TrimSpace(text) != "" {
				t.Error("nothing is left")
			}
			if took := time.Since(start); took > time.Minute { // a second, on a machine that has time; quadratic time would be hours
				t.Errorf("took %v", took)
			}
		})
	}
}

// Whatever is put together of heads, quotations and prose: something is left,
// each line of it stood in the mail, and cleaning it again loses nothing of a
// text without heads.
func TestOwnWordsLosesNotAll(t *testing.T) {
	var lines []string
	for _, s := range samples(t) {
		lines = append(lines, strings.Split(s.in, "\n")...)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(lines), 0, 20).Draw(t, "lines"), "\n")
		subject := rapid.SampledFrom([]string{"", "TR: x", "RE: TR: x", "Fwd: x", "AW: x"}).Draw(t, "subject")
		checkOwnWords(t, subject, text)
	})
}

func FuzzOwnWords(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.subject, s.in)
	}
	f.Fuzz(func(t *testing.T, subject, text string) { checkOwnWords(t, subject, text) })
}

func checkOwnWords(t interface{ Errorf(string, ...any) }, subject, text string) {
	got := OwnWords(subject, text)
	if got == "" && strings.TrimSpace(text) != "" {
		t.Errorf("nothing is left of %q", text)
	}
	stood := map[string]bool{"": true}
	for line := range strings.SplitSeq(newlines.Replace(text), "\n") {
		stood[strings.TrimSpace(line)] = true
		stood[strings.TrimSpace(unquote(line))] = true
	}
	for line := range strings.SplitSeq(newlines.Replace(got), "\n") {
		if !stood[strings.TrimSpace(line)] {
			t.Errorf("%q stood nowhere in %q", line, text)
		}
	}
}
