package desk

import (
	"os"
	"strings"
	"testing"
)

func TestLocaleLanguage(t *testing.T) {
	for locale, want := range map[string]string{
		"fr": "fr", "FR": "fr", "fr_FR": "fr", "EN-gb": "en", "fr-CA": "fr", "en_US": "en", " de ": "de", "fr_FR.UTF-8": "fr", "zh-Hant-TW": "zh", "fil-PH": "fil",
		"": "", "?": "", "und": "", "français": "", "1": "",
	} {
		if got := LocaleLanguage(locale); got != want {
			t.Errorf("%q: got %q, want %q", locale, got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	const french = "Le portail est en panne depuis hier"
	for name, tt := range map[string]struct{ locale, text, source, want string }{
		"the locale goes first":           {"en_GB", french, "de", "en"},
		"then the text":                   {"", french, "de", "fr"},
		"then the source":                 {"", "Test", "de", "de"},
		"a source's locale is a language": {"", "Test", "FR_fr", "fr"},
		"nothing tells":                   {"", "Test", "", ""},
		"a locale that isn't one":         {"?", french, "", "fr"},
	} {
		if got := Language(tt.locale, tt.text, tt.source); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

// TextLanguage is measured on testdata/sentences.txt: nearly all told, none told
// wrong.
func TestTextLanguage(t *testing.T) {
	raw, err := os.ReadFile("testdata/sentences.txt")
	if err != nil {
		t.Fatal(err)
	}
	all, told := 0, 0
	for line := range strings.Lines(string(raw)) {
		want, text, found := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !found {
			continue
		}
		text = strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(text)
		got := TextLanguage(text)
		if want == "-" {
			if got != "" {
				t.Errorf("%q: got %q, want none", text, got)
			}
			continue
		}
		switch all++; got {
		case want:
			told++
		case "":
			t.Logf("%q: not told, %s", text, want)
		default:
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	t.Logf("%d of %d told", told, all)
	if all < 180 || told*100 < all*85 {
		t.Errorf("%d of %d told", told, all)
	}
}

// Whatever the text, nothing panics, and a language is a code of two or three
// letters.
func FuzzTextLanguage(f *testing.F) {
	for _, s := range []string{"Le portail est en panne", "\xff\xfe", "İSTANBUL", "a\u0301", `say "hi`, "Η πύλη δεν λειτουργεί"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if l := TextLanguage(text); l != "" && LocaleLanguage(l) != l {
			t.Errorf("%q: got %q", text, l)
		}
	})
}
