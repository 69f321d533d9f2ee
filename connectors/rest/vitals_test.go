package rest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"vigie/connectors/findings"
)

func TestVitals(t *testing.T) {
	noon := time.Date(2026, 11, 30, 12, 0, 0, 700e6, time.UTC)
	at := func(off time.Duration) string { return noon.Add(off).Format(http.TimeFormat) }
	for name, tt := range map[string]struct {
		answers []http.Header
		want    []string // parts of the findings, in order
	}{
		"nothing said":             {[]http.Header{{}}, nil},
		"a clock like ours":        {[]http.Header{{"Date": {at(0)}}}, nil},
		"half a minute is borne":   {[]http.Header{{"Date": {at(-30 * time.Second)}}}, nil},
		"theirs is behind":         {[]http.Header{{"Date": {at(-31 * time.Second)}}}, []string{"31s ahead of the vendor's: warnings come as much too early"}},
		"theirs is ahead":          {[]http.Header{{"Date": {at(2 * time.Hour)}}}, []string{"2h0m0s behind the vendor's: warnings come as much too late"}},
		"one answer took its time": {[]http.Header{{"Date": {at(-40 * time.Second)}}, {"Date": {at(-time.Second)}}}, nil},
		"a date that is none":      {[]http.Header{{"Date": {"yesterday"}}}, nil},
		"Zendesk's limit":          {[]http.Header{{"X-Rate-Limit": {"700"}, "X-Rate-Limit-Remaining": {"12"}}}, []string{"700 requests a minute, of which Vigie uses 40 %"}},
		"Data Center's limit":      {[]http.Header{{"X-Ratelimit-Limit": {"60"}, "X-Ratelimit-Interval-Seconds": {"30"}}}, []string{"60 requests in 30 s"}},
		"Cloud's limit":            {[]http.Header{{"X-Ratelimit-Limit": {"350"}}}, []string{"350 requests,"}},
	} {
		t.Run(name, func(t *testing.T) {
			v := Vitals{Now: func() time.Time { return noon }}
			for _, h := range tt.answers {
				v.Observe(h)
			}
			found := v.Findings(0.4)
			if len(found) != len(tt.want) {
				t.Fatalf("got %v, want %q", found, tt.want)
			}
			for i, f := range found {
				if !strings.Contains(f.Text, tt.want[i]) || (f.Weight == findings.Wrong) != (f.Remedy != "") {
					t.Errorf("got %v, want %q in it", f, tt.want[i])
				}
			}
		})
	}
}
