package words_test

import (
	"testing"
	"time"

	"vigie/rules/calendar"
	"vigie/rules/words"
)

func TestParseLocal(t *testing.T) {
	paris, err := calendar.LoadZone("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"2026-11-27 16:30", "2026-11-27T16:30:00+01:00"},
		{"2026-11-27 16:30:05", "2026-11-27T16:30:05+01:00"},
		{"2026-11-27T16:30", "2026-11-27T16:30:00+01:00"},
		{"2026-11-27", "2026-11-27T00:00:00+01:00"},
		{"2026-06-26 16:30", "2026-06-26T16:30:00+02:00"},
		{"2026-11-27T16:30:00Z", "2026-11-27T17:30:00+01:00"},
		{"2026-11-27 16:30 +05:30", "2026-11-27T12:00:00+01:00"},
		{"2026-11-27 16:30+05:30", "2026-11-27T12:00:00+01:00"},
		{"2026-11-27 16:30 +02", "2026-11-27T15:30:00+01:00"},
		{"Fri 2026-11-27 16:30", "2026-11-27T16:30:00+01:00"},
		{"fri. 2026-11-27 16:30", "2026-11-27T16:30:00+01:00"},
		{"ven 2026-11-27 16:30", "2026-11-27T16:30:00+01:00"},
		{"Sun 2026-10-25 02:30 +02:00", "2026-10-25T02:30:00+02:00"},
		{"Sun 2026-10-25 02:30 +01:00", "2026-10-25T02:30:00+01:00"},
		{"Sun 2026-10-25 03:00", "2026-10-25T03:00:00+01:00"},
		{"Sun 2026-03-29 03:00", "2026-03-29T03:00:00+02:00"},

		{"2026-10-25 02:30", `"2026-10-25 02:30" comes twice in Europe/Paris; write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00`},
		{"Sun 2026-03-29 02:30", `"Sun 2026-03-29 02:30" doesn't exist in Europe/Paris: clocks skip it; write it with its offset`},
		{"Thu 2026-11-27 16:30", `"Thu 2026-11-27 16:30" is a Friday; write Fri 2026-11-27, or another date`},
		{"Friday 2026-11-27 16:30", `"Friday 2026-11-27 16:30" is no instant; write one such as 2026-11-27T16:30:00+01:00 or "2026-11-27 16:30"`},
		{"2026-02-30 10:00", `"2026-02-30 10:00" is no instant; write one such as 2026-11-27T16:30:00+01:00 or "2026-11-27 16:30"`},
		{"", `"" is no instant; write one such as 2026-11-27T16:30:00+01:00 or "2026-11-27 16:30"`},
		{"Fri", `"Fri" is no instant; write one such as 2026-11-27T16:30:00+01:00 or "2026-11-27 16:30"`},
	} {
		got := ""
		if at, err := words.ParseLocal(c.text, paris); err != nil {
			got = err.Error()
		} else {
			got = at.Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%q: got %s, want %s", c.text, got, c.want)
		}
	}
}

// A day may be called as in any language that there is, also where two of them mean
// different days by a name.
func TestParseLocalInEachLanguage(t *testing.T) {
	if _, err := words.Read("eo.toml", []byte("[time]\nwds = \"Dim Lun Mar Mer Ĵaŭ Fri Sab\"\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := words.Read("nn.toml", []byte("[time]\nwds = \"Fri x x x x x x\"\n")); err != nil {
		t.Fatal(err)
	}
	defer words.Forget("eo")
	defer words.Forget("nn")
	for text, right := range map[string]bool{"ĴAŬ 2026-11-26": true, "ĵaŭ 2026-11-27": false, "Fri 2026-11-27": true, "fri 2026-11-29": true, "Fri 2026-11-26": false} {
		if _, err := words.ParseLocal(text, time.UTC); (err == nil) != right {
			t.Errorf("%s: %v", text, err)
		}
	}
}
